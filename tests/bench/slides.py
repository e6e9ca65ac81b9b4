"""A lecture of text slides by our ladder, beside the one that video sites use for everything.

The usual ladder: 1080p, 720p and 480p, 30 pictures a second, x264 veryfast, CRF 23, a key picture
every 2 s, in one ffmpeg. Both are held against the same source by VMAF, at 30 pictures a second.
"""

import asyncio
import resource
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

import msgspec

from backend.demo.lecture import SLIDES, Slide
from media_pipeline.encoding import graph
from media_pipeline.encoding.means import USUAL, within
from media_pipeline.judging.probe import probe
from media_pipeline.plan import Ladder, plan
from media_pipeline.running.tools import find, find_all
from tests.bench.rows import Row, row

SECONDS = 12  # each slide
RATE = 30
SIDES = (1080, 720, 480)
LINES = 9
POINTER = 24
_FONT = "fontcolor=white:fontfile=font.ttc"


class Made(msgspec.Struct, frozen=True):
    """Bytes of all rungs, CPU seconds of encoding them, VMAF of the top one."""

    size: int
    cpu: float
    quality: float


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="guanbiao-bench-") as name:
        folder = Path(name)
        source = _drawn(folder)
        usual, ours = _usual(source, folder / "usual"), _ours(source, folder / "ours")
    name = "slide lecture / usual ladder:"
    quality = ours.quality - usual.quality
    return [
        row(f"{name} bits", value=ours.size, unit="B", floor=usual.size, target="ratio <= 0.5"),
        row(f"{name} CPU", value=ours.cpu, unit="CPU-s", floor=usual.cpu, target="ratio <= 0.35"),
        row(
            f"{name} VMAF ({quality:+.2f})",
            value=ours.quality,
            unit="VMAF",
            floor=usual.quality - 1,
            target="ratio >= 1",
        ),
    ]


def _drawn(folder: Path) -> Path:
    """Text slides as a screen recorder takes them: sharp, still, with a pointer now and then."""
    spec = find_spec("noto_cjk_sans_otc")
    assert spec is not None
    assert spec.origin is not None
    (folder / "font.ttc").symlink_to(next(Path(spec.origin).parent.rglob("*.ttc")))
    for number, slide in enumerate(SLIDES):
        _draw(folder, number, slide)
    listing = "".join(f"file 'slide-{number}.mp4'\n" for number in range(len(SLIDES)))
    (folder / "slides.txt").write_text(listing)
    source = folder / "source.mp4"
    _ffmpeg(folder, "-f", "concat", "-i", "slides.txt", "-c", "copy", source.name)
    return source


def _draw(folder: Path, number: int, slide: Slide) -> None:
    texts = [slide.title, *(f"{n}. {slide.said}" for n in range(1, LINES))]
    drawn = []
    for line, text in enumerate(texts):
        (folder / f"{number}-{line}.txt").write_text(text)
        size, y = (72, 80) if not line else (40, 160 + 90 * line)
        drawn.append(f"drawtext={_FONT}:textfile={number}-{line}.txt:x=120:y={y}:fontsize={size}")
    moves = f"overlay=x='300+200*min(t,3)':y='300+{number}*40+90*min(t,3)'"
    graph = f"[0]{','.join(drawn)}[page];[page][1]{moves},format=yuv420p"
    slate = f"color=c=0x10304f:s=1920x1080:r={RATE}:d={SECONDS}"
    pointer = f"color=c=white:s={POINTER}x{POINTER}:r={RATE}:d={SECONDS}"
    drawing = ("-f", "lavfi", "-i", slate, "-f", "lavfi", "-i", pointer, "-filter_complex", graph)
    coding = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "8")
    _ffmpeg(folder, *drawing, *coding, f"slide-{number}.mp4")


def _ffmpeg(folder: Path, *args: str) -> str:
    command = [str(find("ffmpeg")), "-hide_banner", "-nostats", "-nostdin", "-y", *args]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return done.stderr


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _made(source: Path, folder: Path, args: tuple[str, ...], top: str) -> Made:
    before = _cpu()
    subprocess.run(args, cwd=folder, capture_output=True, check=True, stdin=subprocess.DEVNULL)
    cpu = _cpu() - before
    size = sum(path.stat().st_size for path in folder.glob("*.mp4"))
    return Made(size, cpu, _vmaf(source, folder / top))


def _usual(source: Path, folder: Path) -> Made:
    folder.mkdir()
    split = "".join(f"[s{side}]" for side in SIDES)
    scaled = ";".join(f"[s{side}]scale=-2:{side}[v{side}]" for side in SIDES)
    coding = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-g", "60", "-r", str(RATE))
    outputs = [part for side in SIDES for part in ("-map", f"[v{side}]", *coding, f"{side}.mp4")]
    opened = (str(find("ffmpeg")), "-y", "-i", str(source))
    args = (*opened, "-filter_complex", f"[0:v]split={len(SIDES)}{split};{scaled}", *outputs)
    return _made(source, folder, args, f"{SIDES[0]}.mp4")


def _ours(source: Path, folder: Path) -> Made:
    folder.mkdir()
    facts = asyncio.run(probe(find_all(), source))
    chosen = plan(facts)
    assert chosen.ladder is Ladder.SLIDES
    order = graph.PictureOrder(
        plan=chosen,
        chunk=chosen.chunks[0],
        rungs=chosen.rungs,
        folder=folder,
        thrift=within(USUAL, facts, chosen, chosen.rungs),
    )
    args = graph.picture_arguments(find("ffmpeg"), source, facts, order)
    return _made(source, folder, args, f"{chosen.rungs[0].name}.mp4")


def _vmaf(source: Path, made: Path) -> float:
    """Every picture that a learner sees against the one that was recorded at that moment."""
    compared = f"[0:v]fps={RATE}[a];[1:v]fps={RATE}[b];[a][b]libvmaf=n_threads=2:n_subsample=5"
    said = _ffmpeg(
        made.parent,
        *("-i", str(made), "-i", str(source), "-filter_complex", compared, "-f", "null", "-"),
    )
    return float(said.rpartition("VMAF score:")[2].split()[0])
