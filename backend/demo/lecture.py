"""The demonstration lecture: a few spoken slides, drawn at set-up from the text below.

No video is kept in the repository and none is downloaded. It is marked as machine-made on every
slide (DOMAIN.md §4.1 allows a marked machine-made lecture) and lasts less than a minute.
"""

import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

import msgspec

from backend.demo.speech import speak
from media_pipeline.running.tools import find

SIZE = "1280x720"
FRAMES_PER_SECOND = 2
PAUSE_SECONDS = 0.8
MARK = "演示课件 · 机器合成语音    Demonstration · machine-made voice"
_BACKGROUND, _INK, _ACCENT, _FAINT = "0x10304f", "white", "0xf2c14e", "0x9fb8d0"


class Slide(msgspec.Struct, frozen=True):
    title: str
    lines: tuple[str, ...]
    said: str


SLIDES = (
    Slide(
        "认证制度与诚信",
        ("第一节　认证是什么", "Module M02 · Certification and integrity"),
        "大家好。本节讲：认证是什么，它为什么必须讲诚信。",
    ),
    Slide(
        "一、认证证明了什么",
        ("有一套真实运行的管理体系", "有能证明它运行的记录", "不是：有一本写好的手册"),
        "认证证明的，是一套真实运行的管理体系，而不是一本写好的手册。",
    ),
    Slide(
        "二、“两张皮”从哪里来",
        ("咨询机构编本子", "认证机构盖章子", "企业照旧，体系落空"),
        "咨询只管编本子，认证只管盖章子，体系与工作就成了两张皮。",
    ),
    Slide(
        "三、三条不能碰的线",
        ("不编造记录", "不买卖证书、不代替学习", "不隐瞒、不回避问题"),
        "三条线不能碰：不编造记录，不买卖证书，不隐瞒问题。",
    ),
    Slide(
        "四、发现问题怎么办",
        ("保留证据", "如实报告", "通过投诉渠道反映"),
        "发现问题，请保留证据，如实报告。接下来请完成本节检查题。",
    ),
)


def make(out: Path) -> Path:
    """Write the lecture as an MP4 file, about 40 seconds of 720p slides with a voice."""
    with tempfile.TemporaryDirectory(prefix="guanbiao-lecture-") as name:
        scratch = Path(name)
        (scratch / "font.ttc").symlink_to(_font())
        seconds = [_prepare(scratch, number, slide) for number, slide in enumerate(SLIDES)]
        _run(scratch, _arguments(seconds, out.resolve()))
    return out


def _font() -> Path:
    spec = find_spec("noto_cjk_sans_otc")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package noto-cjk-sans-otc is missing: run `make install`")
    return next(Path(spec.origin).parent.rglob("*.ttc"))


def _prepare(scratch: Path, number: int, slide: Slide) -> float:
    """Texts go through files, so that no character of theirs is ffmpeg's syntax."""
    (scratch / f"{number}-title.txt").write_text(slide.title)
    for row, line in enumerate(slide.lines):
        (scratch / f"{number}-{row}.txt").write_text(line)
    (scratch / "mark.txt").write_text(MARK)
    return speak(slide.said, scratch / f"{number}.wav") + PAUSE_SECONDS


def _arguments(seconds: list[float], out: Path) -> list[str]:
    sounds = [part for number in range(len(seconds)) for part in ("-i", f"{number}.wav")]
    chains = [chain for number, length in enumerate(seconds) for chain in _slide(number, length)]
    pairs = "".join(f"[v{number}][a{number}]" for number in range(len(seconds)))
    graph = ";".join([*chains, f"{pairs}concat=n={len(seconds)}:v=1:a=1[v][a]"])
    return [
        *("-hide_banner", "-loglevel", "error", "-nostdin", "-y", *sounds),
        *("-filter_complex", graph, "-map", "[v]", "-map", "[a]"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-pix_fmt", "yuv420p"),
        *("-c:a", "aac", "-aac_coder", "fast", "-b:a", "96k"),
        *("-movflags", "+faststart", f"file:{out}"),
    ]


def _slide(number: int, seconds: float) -> list[str]:
    rows = len(SLIDES[number].lines)
    texts = [
        _text(f"{number}-title.txt", size=64, colour=_ACCENT, x="90", y="110"),
        *(
            _text(f"{number}-{row}.txt", size=44, colour=_INK, x="110", y=str(270 + 96 * row))
            for row in range(rows)
        ),
        _text("mark.txt", size=24, colour=_FAINT, x="90", y="h-70"),
    ]
    # Written on once, then held: writing is what takes long.
    first = 1 / FRAMES_PER_SECOND
    colour = f"color=c={_BACKGROUND}:s={SIZE}:r={FRAMES_PER_SECOND}:d={first}"
    held = f"tpad=stop_mode=clone:stop_duration={seconds - first:.3f}"
    sound = f"[{number}:a]aresample=48000,apad=whole_dur={seconds:.3f}[a{number}]"
    return [f"{colour},{','.join(texts)},{held}[v{number}]", sound]


def _text(file: str, *, size: int, colour: str, x: str, y: str) -> str:
    return (
        f"drawtext=fontfile=font.ttc:textfile={file}:expansion=none:"
        f"fontsize={size}:fontcolor={colour}:x={x}:y={y}"
    )


def _run(scratch: Path, arguments: list[str]) -> None:
    done = subprocess.run(
        [str(find("ffmpeg")), *arguments],
        cwd=scratch,
        capture_output=True,
        timeout=120,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the demonstration lecture failed: {done.stderr.decode()[-400:]}")
