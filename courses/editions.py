"""Where the editions that ship with this installation are."""

from pathlib import Path

CONTENT = Path(__file__).parent / "content"
CURRENT = CONTENT / "2026.1"
