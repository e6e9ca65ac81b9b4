"""What a device draws letters with: these fonts and no others, whatever this machine has.

A phone has a Chinese font. On a machine that has none every page would fetch a dozen slices of the
pages' own: a fifth of all that a page costs. Elsewhere than on Linux a browser asks its system.
"""

import os
from importlib.util import find_spec
from pathlib import Path

_LATIN = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansMono.ttf")
_CONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{folder}</dir>
  <cachedir>{folder}/cache</cachedir>
  <alias><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
</fontconfig>
"""


def device_fonts(folder: Path, *, chinese: bool) -> dict[str, str | float | bool]:
    """The environment of a browser that has them."""
    for name in _LATIN:
        (folder / name).symlink_to(_packaged("matplotlib", f"mpl-data/fonts/ttf/{name}"))
    if chinese:
        name = "NotoSansCJK-Regular.ttc"
        (folder / name).symlink_to(_packaged("noto_cjk_sans_otc", name))
    (folder / "fonts.conf").write_text(_CONFIG.format(folder=folder))
    return {**os.environ, "FONTCONFIG_FILE": str(folder / "fonts.conf")}


def _packaged(package: str, name: str) -> Path:
    spec = find_spec(package)
    assert spec
    assert spec.origin
    return Path(spec.origin).parent / name
