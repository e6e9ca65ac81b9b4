"""Attributes of interactions and their options. One that says what is so here anyway came whole;
any other that no reader acts on is told, once an item."""

from collections.abc import Mapping, Set

from courses.exchange.qti.texts import Texts
from courses.exchange.xml_reading import Element

_READ = frozenset(
    (
        *("identifier", "response-identifier", "outcome-identifier", "show-hide", "id", "class"),
        *("lang", "dir", "label", "base", "role", "shuffle", "fixed", "max-choices", "view", "use"),
        *("pattern-mask", "placeholder-text", "format", "template-identifier", "title"),
    )
)
"""Read elsewhere, or of no meaning for what is asked."""
_AS_HERE: Mapping[str, Set[str]] = {
    "min-choices": {"0", "1"},
    "match-max": {"0"},
    "match-min": {"0"},
    "min-associations": {"0"},
    "max-associations": {"0"},
    "orientation": {"vertical"},
    "required": {"false", "0"},
    "show-number": {"false"},
}


def tell_settings(root: Element, texts: Texts) -> None:
    found: dict[tuple[str, str], str] = {}
    for element in root.iter():
        name = str(element.tag)
        within = name.startswith("qti-") and _asks(name)
        for key, value in element.attrib.items() if within else ():
            as_here = _AS_HERE.get(key, set()) | ({"1"} if _is_left(element) else set())
            if not _is_read(name, key) and value.strip() not in as_here:
                found.setdefault((name, key), value.strip())
    for (name, key), value in found.items():
        zh, en = f"设置未保留：{value[:100]}", f"left out, there is no place for it: {value[:100]}"
        texts.tell(f"<{name}>@{key}", zh, en)


def _asks(name: str) -> bool:
    return name.endswith("-interaction") or name in {
        *("qti-simple-choice", "qti-simple-associable-choice", "qti-inline-choice", "qti-hottext"),
        *("qti-gap", "qti-gap-text", "qti-gap-img", "qti-simple-match-set"),
    }


def _is_read(name: str, key: str) -> bool:
    """How wide a field is drawn means nothing; an essay's is read as its limit."""
    drawn = key in {"expected-length", "expected-lines"} and "text" in name
    return key in _READ or key.startswith("data-guanbiao") or drawn


def _is_left(element: Element) -> bool:
    """Of a pair: it has one right side here, too."""
    within = element.getparent()
    return within is not None and within.tag == "qti-simple-match-set" and not _before(within)


def _before(element: Element) -> bool:
    return any(one.tag == element.tag for one in element.itersiblings(preceding=True))
