"""`guanbiao transcode FILE OUT_DIR`: the pipeline on its own, with no server."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from media_pipeline.errors import MachineFault, NotAVideo, Refused
from media_pipeline.packaging import check
from media_pipeline.packaging.manifest import MANIFEST, Package
from media_pipeline.plan import Wishes
from media_pipeline.transcode import OnProgress, Step, transcode

OK, REFUSED, FAULT, INTERRUPTED = 0, 2, 3, 130


class OutputNotEmpty(Refused):
    """The output folder is not empty; name a new one."""

    zh = "输出文件夹不为空；请指定一个新的文件夹。"


class NoSuchFile(NotAVideo):
    """There is no file of that name; check the path."""

    zh = "没有这个文件；请核对路径。"


def _summary(package: Package, as_json: bool) -> str:
    described = package.manifest
    if as_json:
        summary = {
            "ok": True,
            "folder": str(package.folder),
            "manifest": str(package.folder / MANIFEST),
            "duration": described.duration,
            "ladder": described.ladder,
            "bytes": described.total_bytes,
            "renditions": described.renditions,
            "sound": described.sound,
            "degraded": described.degraded,
        }
        return msgspec.json.encode(summary).decode()
    rows = (
        f"  {found.name:>6}  {found.width or '-'}×{found.height or '-'}"
        f"  {found.bandwidth / 1000:.0f} kb/s"
        for found in described.renditions
    )
    size = described.total_bytes / 1e6
    first = f"{package.folder}: {described.duration:.1f} s, {described.ladder}, {size:.1f} MB"
    missing = (f"  ! {part.part}: {part.zh}\n    {part.en}" for part in described.degraded)
    return "\n".join([first, *rows, *missing])


def _failure(error: Refused | MachineFault, as_json: bool) -> str:
    if as_json:
        said = {"ok": False, "code": error.code, "en": error.en, "zh": error.zh}
        return msgspec.json.encode(said).decode()
    return f"{error.code}\n{error.zh}\n{error.en}"


@contextlib.contextmanager
def _bar() -> Iterator[OnProgress]:
    columns = (
        TextColumn("{task.description:>8}"),
        BarColumn(),
        TextColumn("{task.percentage:3.0f}%"),
    )
    times = (TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, *times, console=Console(stderr=True)) as progress:
        task = progress.add_task(Step.PROBE.value, total=100)

        def report(step: Step, percent: float) -> None:
            progress.update(task, description=step.value, completed=percent)

        yield report


async def _cancellable(file: Path, out_dir: Path, wishes: Wishes, report: OnProgress) -> Package:
    """SIGTERM cancels like Ctrl-C, so that tools are stopped and scratch folders removed."""
    current = asyncio.current_task()
    assert current is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, current.cancel)
    return await transcode(file, out_dir, on_progress=report, wishes=wishes)


def _checked_paths(file: Path, out_dir: Path) -> None:
    if not file.is_file():
        raise NoSuchFile
    if out_dir.exists() and (not out_dir.is_dir() or any(out_dir.iterdir())):
        raise OutputNotEmpty


def transcode_command(file: Path, out_dir: Path, as_json: bool, *, av1: bool = False) -> int:
    """Exit code: 0 done, 2 the file is refused, 3 the machine failed, 130 interrupted."""
    try:
        _checked_paths(file, out_dir)
        with _bar() as report:
            package = asyncio.run(_cancellable(file, out_dir, Wishes(av1=av1), report))
    except (Refused, MachineFault) as error:
        print(_failure(error, as_json), file=sys.stdout if as_json else sys.stderr)
        return REFUSED if isinstance(error, Refused) else FAULT
    except OSError as error:
        print(f"{error}", file=sys.stderr)
        return FAULT
    except (KeyboardInterrupt, asyncio.CancelledError):
        return INTERRUPTED
    print(_summary(package, as_json))
    return OK


def check_command(folder: Path, as_json: bool) -> int:
    """Exit code: 0 may be published, 2 not a package or with a grave fault."""
    try:
        findings = check.of_folder(folder)
    except (OSError, msgspec.MsgspecError) as error:
        print(
            f"{folder}: no readable {MANIFEST} · 没有可读取的 {MANIFEST}: {error}", file=sys.stderr
        )
        return REFUSED
    grave = any(finding.severity is check.Severity.MUST for finding in findings)
    if as_json:
        print(msgspec.json.encode({"ok": not grave, "findings": findings}).decode())
    else:
        print(check.describe(findings))
    return REFUSED if grave else OK
