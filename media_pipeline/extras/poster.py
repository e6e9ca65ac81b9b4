"""The still that stands for a lecture before it plays."""

from pathlib import Path

from media_pipeline.packaging.manifest import POSTER
from media_pipeline.plan import CARD_SIZE, Plan, Rung
from media_pipeline.running.launch import Command, Limits
from media_pipeline.running.runner import run
from media_pipeline.running.tools import Tools

LIMITS = Limits(timeout=120)
PICTURES_COMPARED = 15
CARD_COLOUR = "0x16324f"
STILL = ("-frames:v", "1", "-q:v", "4", "-f", "image2", "-update", "1", "-y")


def command(tools: Tools, plan: Plan, rung: Rung, encoded: Path, folder: Path) -> Command:
    """From the top rung, which is ours and small, not from the upload. `thumbnail` picks the
    most typical of some pictures, so a fade or a blank slide is not the poster."""
    top = encoded / f"{rung.name}.mp4"
    args = (
        *(str(tools.ffmpeg), "-v", "error", "-nostdin", "-protocol_whitelist", "file"),
        *("-ss", f"{plan.poster_at:.3f}", "-i", f"file:{top}"),
        *("-vf", f"thumbnail={PICTURES_COMPARED},format=yuvj420p"),
        *(*STILL, f"file:{folder / POSTER}"),
    )
    return Command(args=args, reads=(encoded,), writes=(folder,))


def card_command(tools: Tools, folder: Path) -> Command:
    card = f"color=c={CARD_COLOUR}:s={CARD_SIZE[0]}x{CARD_SIZE[1]}"
    args = (str(tools.ffmpeg), "-v", "error", "-nostdin", "-f", "lavfi", "-i", card)
    return Command(
        args=(*args, "-vf", "format=yuvj420p", *STILL, f"file:{folder / POSTER}"), writes=(folder,)
    )


async def _take(making: Command, folder: Path) -> None:
    finished = await run(making, LIMITS)
    if not finished.ok or not (folder / POSTER).is_file():
        raise finished.fault("Taking the poster")


async def take_poster(tools: Tools, plan: Plan, rung: Rung, encoded: Path, folder: Path) -> None:
    await _take(command(tools, plan, rung, encoded, folder), folder)


async def plain_card(tools: Tools, folder: Path) -> None:
    """For a lecture whose poster failed: pages expect one."""
    await _take(card_command(tools, folder), folder)
