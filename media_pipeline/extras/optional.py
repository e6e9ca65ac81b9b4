"""Parts that a lecture can do without: one that fails is told, and the lecture still appears."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from media_pipeline.encoding.levels import HIGHEST_PEAK, SoundReport
from media_pipeline.errors import DiskFull, MachineFault
from media_pipeline.extras.offline import FOLDER as OFFLINE
from media_pipeline.extras.offline import copy_offline
from media_pipeline.extras.poster import plain_card, take_poster
from media_pipeline.extras.storyboard import draw_storyboard
from media_pipeline.judging.loudness import TARGET_LUFS
from media_pipeline.packaging.manifest import Degraded
from media_pipeline.packaging.package import encoded as encoded_rungs
from media_pipeline.plan import Plan, Rung
from media_pipeline.running.tools import Tools

POSTER, STORYBOARD = "poster", "storyboard"
MOST_PLACES = 5
Making = Callable[[], Awaitable[None]]
NAMES = {
    POSTER: ("The poster", "封面图"),
    STORYBOARD: ("The pictures for scrubbing", "进度预览图"),
    OFFLINE: ("The files to take along", "离线文件"),
}


def missing_rung(rung: Rung) -> Degraded:
    return Degraded(
        rung.name,
        "rung-failed",
        zh=f"可选画质 {rung.name}（{rung.codec.upper()}）未能生成，其余画质可正常播放。",
        en=f"The optional quality {rung.name} ({rung.codec.upper()}) could not be made;"
        " all others play.",
    )


def wrong_sound(report: SoundReport) -> Degraded:
    """What was promised of the sound and what came of it."""
    integrated, peak = report.heard.integrated, report.heard.true_peak
    return Degraded(
        "sound",
        "sound-off-target",
        zh=f"声音未能调到标准响度：实测 {integrated:.1f} LUFS、真峰值 {peak:.1f} dBTP"
        f"（目标 {TARGET_LUFS:.0f} LUFS、不高于 {HIGHEST_PEAK:.0f} dBTP）；"
        "请检查录音中的爆音或过长的静音。",
        en=f"The sound could not be brought to standard loudness: {integrated:.1f} LUFS,"
        f" true peak {peak:.1f} dBTP (wanted {TARGET_LUFS:.0f} LUFS, at most"
        f" {HIGHEST_PEAK:.0f} dBTP); look for bangs or long silences in the recording.",
    )


def damaged_places(seconds: Sequence[float]) -> Degraded:
    """Seconds of the source whose pictures are broken: shown as far as they decode."""
    said = "、".join(_clock(second) for second in seconds[:MOST_PLACES])
    more_zh, more_en = (" 等", " and more") if len(seconds) > MOST_PLACES else ("", "")
    return Degraded(
        "picture",
        "source-damaged",
        zh=f"源文件在 {said}{more_zh}附近有损坏的画面，已按能解码的部分播出；"
        "如有完好的文件，请重新上传。",
        en=f"The source has broken pictures near {said.replace('、', ', ')}{more_en};"
        " what decodes is shown. Upload it again if you have a sound copy.",
    )


def _clock(second: float) -> str:
    minutes, seconds = divmod(int(second), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def _without(part: str, fault: Exception) -> Degraded:
    en, zh = NAMES[part]
    why = fault if isinstance(fault, MachineFault) else MachineFault()
    return Degraded(
        part,
        why.code,
        zh=f"{zh}未能生成：{why.zh}课程可正常播放。",
        en=f"{en} could not be made: {why.en} The lecture plays without.",
    )


async def _optional(part: str, make: Making, leaves: Path) -> Degraded | None:
    """A full disk is no matter of one part: it stops the lecture, which waits for room."""
    try:
        await make()
    except DiskFull:
        raise
    except (MachineFault, OSError) as fault:
        await asyncio.to_thread(shutil.rmtree, leaves, ignore_errors=True)
        return _without(part, fault)
    return None


async def make_extras(tools: Tools, plan: Plan, work: Path, package: Path) -> tuple[Degraded, ...]:
    """Poster, storyboard, files to take along into `package`; what failed."""
    encoded = work / "encoded"
    made = encoded_rungs(plan, work)
    base = [rung for rung in made if not rung.optional]
    parts: dict[str, Making] = {POSTER: lambda: take_poster(tools, plan, base[0], encoded, package)}
    if plan.storyboard is not None:
        parts[STORYBOARD] = lambda: draw_storyboard(tools, plan, base[-1], work, package)
    if plan.offline is not None:
        parts[OFFLINE] = lambda: copy_offline(tools, plan, encoded, package)
    failed = [await _optional(part, make, package / part) for part, make in parts.items()]
    if failed[0]:
        await plain_card(tools, package)
    missing = (missing_rung(rung) for rung in plan.rungs if rung not in made)
    return (*missing, *filter(None, failed))
