"""What a learner takes along: packets copied into one file, its index first."""

import asyncio
from pathlib import Path

from media_pipeline.plan import Plan
from media_pipeline.running.launch import Command, Limits
from media_pipeline.running.runner import run
from media_pipeline.running.tools import Tools

FOLDER = "offline"
LECTURE, SOUND = "lecture.mp4", "sound.m4a"


def _command(tools: Tools, encoded: Path, names: tuple[str, ...], goal: Path) -> Command:
    opened = [
        part
        for name in names
        for part in ("-protocol_whitelist", "file", "-i", f"file:{encoded / name}.mp4")
    ]
    maps = [part for number in range(len(names)) for part in ("-map", f"{number}:0")]
    args = (
        *(str(tools.ffmpeg), "-v", "error", "-nostdin", *opened, *maps, "-c", "copy"),
        *("-movflags", "+faststart", "-f", "mp4", "-y", f"file:{goal}"),
    )
    return Command(args=args, reads=(encoded,), writes=(goal.parent,))


def commands(tools: Tools, plan: Plan, encoded: Path, folder: Path) -> list[Command]:
    assert plan.offline is not None
    sound = (plan.sound.name,) if plan.sound and plan.offline.sound else ()
    made = [_command(tools, encoded, (plan.offline.rung, *sound), folder / LECTURE)]
    if sound:
        made.append(_command(tools, encoded, sound, folder / SOUND))
    return made


async def copy_offline(tools: Tools, plan: Plan, encoded: Path, package: Path) -> None:
    """`package/offline`."""
    folder = package / FOLDER
    await asyncio.to_thread(folder.mkdir)
    for command in commands(tools, plan, encoded, folder):
        finished = await run(command, Limits(timeout=plan.package_timeout))
        if not finished.ok:
            raise finished.fault("Copying the file to take along")
