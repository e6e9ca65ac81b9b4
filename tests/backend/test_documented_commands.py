"""Whoever types a command as the documents have it is not told that there is no such option."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from backend.cli import app

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("docs/*.md"), ROOT / "README.md", ROOT / "README.zh.md", ROOT / "CHANGELOG.md"]
_QUOTED = re.compile(r"`(guanbiao [^`]+)`|^(?:\$ )?(guanbiao .+)$", re.MULTILINE)
_ENDS = re.compile(r" #|[|…;>&（(]")


def documented() -> Iterator[tuple[str, list[str]]]:
    """Page, and the words of a command on it."""
    for page in PAGES:
        for match in _QUOTED.finditer(page.read_text(encoding="utf-8")):
            line = _ENDS.split(match[1] or match[2])[0]
            yield page.name, line.replace("'", "").replace('"', "").split()[1:]


def unknown(words: list[str]) -> str | None:
    """The first word that names no command, or no option of one."""
    command: Any = typer.main.get_command(app)
    options: set[str] = set()
    for word in words:
        known = getattr(command, "commands", {})
        options |= {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
        if word.startswith("--"):
            if word.partition("=")[0] not in options | {"--help"}:
                return word
        elif known and not set(word.split("/")) <= set(known):
            return word
        elif known:
            command = known[word.split("/")[0]]
    return None


def test_commands_and_options_in_the_documents_are_there() -> None:
    found = list(documented())
    assert len(found) > 60
    wrong = [(page, " ".join(words), it) for page, words in found if (it := unknown(words))]
    assert wrong == []
