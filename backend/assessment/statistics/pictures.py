"""What an author looks at: figures as SVG or PNG, in Chinese or English, with words for who cannot
see them.

matplotlib is imported where a picture is drawn, as few processes draw any. Its look is a setting of
the whole process, so one picture is drawn at a time. Text is drawn as outlines of the font that
comes with the project: the same everywhere, also where no Chinese font is installed.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from importlib.util import find_spec
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Language = Literal["zh", "en"]

WIDTH, HEIGHT = 5.2, 3.7
"""Inches; text of nine points can be read on a phone of 390 pixels."""
BLUE, RED, GREY, GREEN, ORANGE, PURPLE = (
    *("#0072b2", "#d55e00", "#6b7280", "#009e73", "#b07800", "#aa4499"),
)
"""Told apart by nearly everybody (Okabe & Ito), and dark enough on white; no line is told by its
colour alone."""
_FACE = "Noto Sans CJK SC"
_DOTS_AN_INCH = 150
_DRAWING = RLock()


class Picture(msgspec.Struct, frozen=True, eq=False):
    figure: "Figure"
    alternative: str
    """For who cannot see it: what it shows, with its main figures."""

    def svg(self) -> bytes:
        text = self._saved("svg", metadata={"Date": None, "Creator": None}).decode()
        start = text.index("<svg ")
        end = text.index(">", start)
        named = f'{text[start:end]} role="img"><title>{escape(self.alternative)}</title>'
        return (named + text[end + 1 :]).encode()

    def png(self) -> bytes:
        return self._saved("png", dpi=_DOTS_AN_INCH)

    def _saved(self, kind: str, **options: object) -> bytes:
        out = io.BytesIO()
        with look():
            self.figure.savefig(out, format=kind, **options)  # type: ignore[arg-type]
        return out.getvalue()


@contextmanager
def look() -> Iterator[None]:
    """Also as a decorator, of whatever makes words: they take their font when they are made."""
    from matplotlib import font_manager, rc_context

    if _FACE not in {font.name for font in font_manager.fontManager.ttflist}:
        font_manager.fontManager.addfont(_font())
    with (
        _DRAWING,
        rc_context(
            {
                "font.family": _FACE,
                "font.size": 9,
                "axes.titlesize": 10.5,
                "axes.titlelocation": "left",
                "axes.spines.top": False,
                "axes.spines.right": False,
                "axes.grid": True,
                "axes.axisbelow": True,
                "axes.unicode_minus": False,
                "grid.color": "#e5e7eb",
                "svg.hashsalt": "guanbiao",
                "svg.fonttype": "path",
            }
        ),
    ):
        yield


def _font() -> Path:
    spec = find_spec("noto_cjk_sans_otc")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package noto-cjk-sans-otc is missing: run `make install`")
    return next(Path(spec.origin).parent.glob("*.ttc"))


def sheet(title: str, across: str, up: str) -> tuple["Figure", "Axes"]:
    """An empty figure with its words."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    axes = figure.subplots()
    axes.set_title(title)
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    return figure, axes


def in_percent(axes: "Axes", which: Literal["x", "y"]) -> None:
    from matplotlib.ticker import PercentFormatter

    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_formatter(PercentFormatter(1.0, decimals=0))


def note(axes: "Axes", at: tuple[float, float], text: str, **options: object) -> None:
    """A word beside a point."""
    axes.annotate(text, at, textcoords="offset points", **options)  # type: ignore[arg-type]
