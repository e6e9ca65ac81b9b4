"""Text of a cue: authors' markup -> runs of bold, italic, underlined text -> safe WebVTT.

Nothing of the author's markup is passed on: it is read into runs, and those are written anew, so
tags are always ours and balanced, and `<`, `>`, `&` in text are always entities.
"""

import html
import re
from collections import Counter
from collections.abc import Iterator

import msgspec

STYLES = frozenset("biu")
_LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_TAG = re.compile(r"<([^<>]*)>")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_OVERRIDES = re.compile(r"\{([^{}]*)\}")
_OVERRIDE = re.compile(r"\\(b|i|u|p)(\d+)(?![A-Za-z0-9.])")
# SRT has no rule against a bare `<`, so only names that HTML or captions know are tags there.
_KNOWN = {
    *("b", "i", "u", "s", "strike", "font", "span", "div", "p", "br", "em", "strong", "a", "img"),
    *("c", "v", "lang", "ruby", "rt", "rb", "rp", "script", "style", "iframe", "svg", "sub", "sup"),
}
_ALIASES = {"strong": "b", "em": "i"}


class Run(msgspec.Struct, frozen=True):
    """Text in one style; `styles` is sorted letters of STYLES."""

    text: str
    styles: str = ""


class Dropped(Counter[str]):
    """What markup was left out, by kind (`<font>`, `drawing`), and how often."""


def from_srt(text: str, dropped: Dropped) -> list[Run]:
    plain = _OVERRIDES.sub(lambda found: _dropped_override(found, dropped), text)
    return list(_tagged(plain, dropped, strict=False))


def from_vtt(text: str, dropped: Dropped) -> list[Run]:
    return [Run(html.unescape(run.text), run.styles) for run in _tagged(text, dropped, strict=True)]


def _dropped_override(found: re.Match[str], dropped: Dropped) -> str:
    """SRT files carry positions as ASS does, `{\\an8}`; other braces are text."""
    if not found[1].startswith("\\"):
        return found[0]
    dropped["{position}"] += 1
    return ""


def _tagged(text: str, dropped: Dropped, *, strict: bool) -> Iterator[Run]:
    open_styles: set[str] = set()
    at = 0
    for found in _TAG.finditer(text):
        inside = found[1].strip()
        named = _NAME.match(inside.removeprefix("/").lstrip())
        name = named[0].lower() if named else ""
        if not strict and name not in _KNOWN:
            continue
        yield Run(text[at : found.start()], _sorted(open_styles))
        at = found.end()
        style = _ALIASES.get(name, name)
        if name == "br":
            yield Run("\n")
        elif style not in STYLES:
            dropped[f"<{name}>" if name else "<time>"] += not inside.startswith("/")
        elif inside.startswith("/"):
            open_styles.discard(style)
        else:
            open_styles.add(style)
    yield Run(text[at:], _sorted(open_styles))


def from_ass(text: str, dropped: Dropped) -> list[Run]:
    """Override blocks `{\\b1\\pos(3,4)}`; what follows `\\p1` is a drawing, not text."""
    runs, open_styles, drawing, at = [], set[str](), False, 0
    for found in [*_OVERRIDES.finditer(text), None]:
        piece = text[at : found.start() if found else len(text)]
        if drawing:
            dropped["drawing"] += bool(piece.strip())
        else:
            runs.append(Run(_ass_text(piece), _sorted(open_styles)))
        if found is None:
            break
        at = found.end()
        drawing = _override(found[1], open_styles, drawing, dropped)
    return runs


def _override(block: str, open_styles: set[str], drawing: bool, dropped: Dropped) -> bool:
    if not block.startswith("\\"):
        dropped["{comment}"] += 1
        return drawing
    rest = _OVERRIDE.sub("", block)
    for name, value in _OVERRIDE.findall(block):
        if name == "p":
            drawing = int(value) > 0
        elif int(value):
            open_styles.add(name)
        else:
            open_styles.discard(name)
    dropped["{effect}"] += bool(rest.strip())
    return drawing


def _ass_text(text: str) -> str:
    return text.replace("\\N", "\n").replace("\\n", "\n").replace("\\h", "\u00a0")


def _sorted(styles: set[str]) -> str:
    return "".join(sorted(styles))


def tidy(runs: list[Run]) -> list[Run]:
    """Neighbours of one style joined; no empty lines, no space at ends of lines, no controls."""
    lines: list[list[Run]] = [[]]
    for run in runs:
        for number, piece in enumerate(_LINE_ENDS.sub("\n", run.text).split("\n")):
            if number:
                lines.append([])
            lines[-1].append(Run(_printable(piece), run.styles))
    tidied: list[Run] = []
    for line in filter(None, map(_stripped, lines)):
        if tidied:
            _join(tidied, Run("\n", line[0].styles))
        for run in line:
            _join(tidied, run)
    return tidied


def _stripped(line: list[Run]) -> list[Run]:
    """Without space at either end; empty where nothing else is left."""
    joined: list[Run] = []
    for run in line:
        if run.text:
            _join(joined, run)
    while joined and not joined[0].text.strip():
        joined.pop(0)
    while joined and not joined[-1].text.strip():
        joined.pop()
    if joined:
        joined[0] = Run(joined[0].text.lstrip(), joined[0].styles)
        joined[-1] = Run(joined[-1].text.rstrip(), joined[-1].styles)
    return joined


def _join(runs: list[Run], run: Run) -> None:
    if runs and runs[-1].styles == run.styles:
        runs[-1] = Run(runs[-1].text + run.text, run.styles)
    else:
        runs.append(run)


def _printable(text: str) -> str:
    """Without C0 and C1 controls; a tab is a space. Joiners and direction marks stay: scripts
    need them."""
    return "".join(
        char for char in text.replace("\t", " ") if char >= " " and not "\x7f" <= char <= "\x9f"
    )


def written(runs: list[Run]) -> str:
    """WebVTT cue text."""
    return "".join(_wrapped(html.escape(run.text, quote=False), run.styles) for run in runs)


def _wrapped(text: str, styles: str) -> str:
    if not text.strip():
        return text
    opening = "".join(f"<{style}>" for style in styles)
    closing = "".join(f"</{style}>" for style in reversed(styles))
    return f"{opening}{text}{closing}"


def plain(text: str) -> str:
    """What a `Cue.text` says, without its markup."""
    return html.unescape(re.sub(r"</?[biu]>", "", text))
