"""`guanbiao demo` at a terminal of its own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

_PATIENCE_SECONDS = 300


class Ended(msgspec.Struct, frozen=True):
    exit_code: int
    outcome: dict[str, Any]
    said: str


class Demo:
    """A journey under way in another process."""

    def __init__(self, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "backend.cli", "demo", "--json", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def end(self) -> Ended:
        """Wait for its last line and its exit code."""
        printed, said = self._process.communicate(timeout=_PATIENCE_SECONDS)
        lines = printed.strip().splitlines()
        assert lines, said
        return Ended(self._process.returncode, json.loads(lines[-1]), said)


def video(clip: Path | None) -> tuple[str, ...]:
    return ("--video", str(clip)) if clip else ()
