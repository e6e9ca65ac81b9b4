"""A speech recogniser that stands in for one: no model fits into a test. It reads the sound it is
given, and writes down how long that is."""

import shlex
import sys
from pathlib import Path

_SCRIPT = """
import sys, wave
with wave.open(sys.argv[1]) as heard:
    seconds = heard.getnframes() / heard.getframerate()
print(f"1\\n00:00:00,500 --> 00:00:01,500\\n听到 {round(seconds)} 秒\\n")
"""


def a_recogniser(folder: Path) -> str:
    """A command for GUANBIAO_TRANSCRIBER."""
    script = folder / "recogniser.py"
    script.write_text(_SCRIPT)
    return f"{shlex.quote(sys.executable)} {shlex.quote(str(script))} {{sound}}"
