"""`guanbiao demo` at a terminal of its own."""

import json
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from tests.forks import Forked

_PATIENCE_SECONDS = 300


class Ended(msgspec.Struct, frozen=True):
    exit_code: int
    outcome: dict[str, Any]
    said: str


class Demo:
    """A journey under way in another process."""

    def __init__(self, *arguments: str) -> None:
        self._said = tempfile.TemporaryDirectory(prefix="guanbiao-demo-")
        self._printed, self._told = (Path(self._said.name) / name for name in ("out", "err"))
        self._process = Forked(
            *("backend.cli", "demo", "--json", *arguments),
            output=self._printed,
            errors=self._told,
        )

    def end(self) -> Ended:
        """Wait for its last line and its exit code."""
        code = self._process.wait(_PATIENCE_SECONDS)
        lines, said = self._printed.read_text().strip().splitlines(), self._told.read_text()
        self._said.cleanup()
        assert lines, said
        return Ended(code, json.loads(lines[-1]), said)


def video(clip: Path | None) -> tuple[str, ...]:
    return ("--video", str(clip)) if clip else ()
