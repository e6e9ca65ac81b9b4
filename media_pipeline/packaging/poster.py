"""The still that stands for a lecture before it plays."""

from pathlib import Path

from media_pipeline.packaging.manifest import POSTER
from media_pipeline.plan import Plan
from media_pipeline.running.launch import Command, Limits
from media_pipeline.running.runner import run
from media_pipeline.running.tools import Tools

LIMITS = Limits(timeout=120)
PICTURES_COMPARED = 15


def command(tools: Tools, plan: Plan, encoded: Path, folder: Path) -> Command:
    """From the top rung, which is ours and small, not from the upload. `thumbnail` picks the
    most typical of some pictures, so a fade or a blank slide is not the poster."""
    top = encoded / f"{plan.rungs[0].name}.mp4"
    args = (
        *(str(tools.ffmpeg), "-v", "error", "-nostdin", "-protocol_whitelist", "file"),
        *("-ss", f"{plan.poster_at:.3f}", "-i", f"file:{top}"),
        *("-vf", f"thumbnail={PICTURES_COMPARED},format=yuvj420p", "-frames:v", "1"),
        *("-q:v", "4", "-f", "image2", "-update", "1", "-y", f"file:{folder / POSTER}"),
    )
    return Command(args=args, reads=(encoded,), writes=(folder,))


async def take_poster(tools: Tools, plan: Plan, encoded: Path, folder: Path) -> None:
    finished = await run(command(tools, plan, encoded, folder), LIMITS)
    if not finished.ok or not (folder / POSTER).is_file():
        raise finished.fault("Taking the poster")
