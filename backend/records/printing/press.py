"""The typesetter: one compiler for the life of a process, in a thread of its own.

It holds the fonts (36 MB) and what it has worked out of the template, so that a page costs some
milliseconds instead of half a second. One page at a time: the compiler is not for two threads.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from backend.records.printing.domain import PressBusy, Sheet

if TYPE_CHECKING:
    from typst import Compiler

MOST_WAITING = 200
"""Some seconds' work; who comes later is told to come again."""
_TEMPLATE = Path(__file__).with_name("certificate.typ")
_SIMPLIFIED = 2  # the face for mainland China in the collection


class Press:
    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "press")
        self._compiler: Compiler | None = None
        self._waiting = 0

    async def set(self, sheet: Sheet) -> bytes:
        """A PDF/A-3b, and PDF/UA-1: read out well. PressBusy."""
        if self._waiting >= MOST_WAITING:
            raise PressBusy
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, self.set_now, sheet)
        finally:
            self._waiting -= 1

    def set_now(self, sheet: Sheet) -> bytes:
        """In the caller's thread, which has to be always the same."""
        if self._compiler is None:
            self._compiler = _compiler()
        made: Any = self._compiler.compile(
            format="pdf",
            sys_inputs={"sheet": msgspec.json.encode(sheet).decode()},
            pdf_standards=["a-3b", "ua-1"],
            timestamp=datetime(*sheet.issued, tzinfo=UTC),  # type: ignore[misc,arg-type]
        )
        return bytes(made)


@cache
def press() -> Press:
    return Press()


def _compiler() -> "Compiler":
    import typst  # costs a moment and some memory, which a process that never prints need not pay

    folders = [str(_font().parent), str(_bold().parent)]
    fonts = typst.Fonts(include_system_fonts=False, font_paths=folders)
    return typst.Compiler(str(_TEMPLATE), font_paths=fonts, ignore_system_fonts=True)


def has_type(sign: str) -> bool:
    """Chinese and its neighbours as the font's own table says; letters of Europe's scripts lie in
    the face that comes inside the typesetter (a test sets all of them)."""
    return ord(sign) in _known() or (sign.isalpha() and _is_european(ord(sign)))


def _is_european(point: int) -> bool:
    return point < 0x180 or 0x391 <= point < 0x3CA or 0x400 <= point < 0x460


@cache
def _known() -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(_font(), fontNumber=_SIMPLIFIED, lazy=True) as font:
        return frozenset(font["cmap"].getBestCmap())


@cache
def _font() -> Path:
    return _packaged("noto-cjk-sans-otc", "NotoSansCJK-Regular.ttc")


def _bold() -> Path:
    """For titles. The one bold face in a package; it has the same signs in all regions' forms."""
    return _packaged("noto-cjk-sans-jp-bold", "NotoSansCJKjp-Bold.otf")


def _packaged(package: str, name: str) -> Path:
    spec = find_spec(package.replace("-", "_"))
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"the package {package} is missing: run `make install`")
    return Path(spec.origin).with_name(name)
