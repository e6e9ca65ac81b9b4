"""Public test material that lies beside the repository; absent, its tests skip and say so."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[4] / "shared"


def shared(part: str) -> Path:
    """`../shared/<part>`, beside the repository."""
    path = SHARED / part
    if not path.exists():
        pytest.skip(f"no ../shared/{part} beside the repository")
    return path
