"""Runs one media tool: never blocks the event loop, never outlives its caller, never hangs."""

import asyncio
import os
import shutil
import signal
import time
from collections import deque
from collections.abc import Callable

import msgspec

from infra.local.processes import Lifeline
from media_pipeline.errors import DiskFull, MachineFault, TimedOut
from media_pipeline.running.launch import Command, Host, Limits, arguments, before_exec, host
from media_pipeline.running.watching import Pulse, look_after

GRACE_SECONDS = 3.0
STDERR_LINES = 200
LINE_BYTES = 16_384
OUTPUT_BYTES = 4 << 20
# The last is shaka-packager's, of folders that are ours to write.
NO_ROOM = (
    *("No space left on device", "ENOSPC", "Disk quota exceeded"),
    "running out of disk space",
)
LEAST_ROOM = 1 << 20  # bytes; some tools take back what they could not end
KILLED = {-signal.SIGKILL, 128 + signal.SIGKILL}  # a shell reports its child's signal so
NEVER_STARTED = {126, 127}  # a shell's words for it


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """`output` is empty when lines were handed to `on_line`; `complaints` is stderr's tail."""

    returncode: int
    output: str
    complaints: tuple[str, ...]
    seconds: float
    no_room: bool = False
    """A folder it was to write had no room left when it failed."""

    @property
    def ok(self) -> bool:
        return self.returncode == 0

    def said(self, *phrases: str) -> bool:
        return any(phrase in line for line in self.complaints for phrase in phrases)

    @property
    def spoilt_by_machine(self) -> bool:
        """The tool never started, or was killed from outside (memory): says nothing of the file."""
        launchers = {"bwrap", "prlimit", "nice", "taskset"}
        return self.returncode in KILLED | NEVER_STARTED or any(
            _speaker(line) in launchers for line in self.complaints
        )

    def fault(self, doing: str) -> MachineFault:
        """The error for a tool that failed at what it should be able to do."""
        if self.no_room or self.said(*NO_ROOM):
            return DiskFull()
        last = self.complaints[-1] if self.complaints else "it said nothing"
        return MachineFault(
            f"{doing} failed (exit {self.returncode}): {last}",
            zh=f"{doing} 失败（退出码 {self.returncode}）：{last}",
        )


async def _lines(stream: asyncio.StreamReader, take: Callable[[str], None]) -> None:
    """Hands over each line; an endless line is cut, so memory stays bounded."""
    rest = b""
    while chunk := await stream.read(65_536):
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            take(line[:LINE_BYTES].decode("utf-8", "replace").rstrip("\r"))
        rest = rest[:LINE_BYTES]
    if rest:
        take(rest.decode("utf-8", "replace"))


def _signal_group(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


async def _drained(process: asyncio.subprocess.Process) -> None:
    """Waits for the end and throws away what is still said: an unread pipe would stay open, and
    asyncio counts a process as ended only when its pipes are."""
    pipes = [pipe for pipe in (process.stdout, process.stderr) if pipe]
    await asyncio.gather(*(_lines(pipe, lambda _: None) for pipe in pipes), process.wait())


async def _end(process: asyncio.subprocess.Process) -> None:
    """Asks the group to stop, then kills it; the kill comes even if this wait is cancelled."""
    _signal_group(process, signal.SIGTERM)
    try:
        async with asyncio.timeout(GRACE_SECONDS):
            await _drained(process)
    except TimeoutError:
        pass
    finally:
        _signal_group(process, signal.SIGKILL)
    await _drained(process)


def _speaker(line: str) -> str:
    """Who says it: some programs put their name before it, some the path they were called by."""
    return line.partition(": ")[0].rpartition("/")[2]


class _Kept:
    """Standard output kept for a caller who wants it whole, up to OUTPUT_BYTES."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._size = 0

    def take(self, line: str) -> None:
        self._size += len(line) + 1
        if self._size > OUTPUT_BYTES:
            raise MachineFault("A media tool wrote more than was expected of it.")
        self.lines.append(line)


async def _start(
    command: Command, limits: Limits, on: Host, lifeline: Lifeline
) -> asyncio.subprocess.Process:
    """Starting is not cancelled half-way: asyncio would wait for ever for a process whose pipes
    it has not yet connected. A cancelled caller's process is ended once it has begun."""
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *arguments(command, limits, on),
            stdin=lifeline.far_end,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            # The worker's environment holds passwords; a tool needs none of it.
            env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"},
            preexec_fn=before_exec(limits, on),
            cwd=command.cwd,
        )
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        await _end(await starting)
        raise


async def _watched(
    process: asyncio.subprocess.Process,
    limits: Limits,
    on_line: Callable[[str], None],
    on_complaint: Callable[[str], None],
) -> None:
    assert process.stdout is not None
    assert process.stderr is not None
    pulse = Pulse()

    def take(line: str) -> None:
        pulse.take(line)
        on_line(line)

    async with asyncio.TaskGroup() as group:
        watch = group.create_task(look_after(process.pid, limits, pulse))
        said = [_lines(process.stdout, take), _lines(process.stderr, on_complaint)]
        group.create_task(_done(process, [group.create_task(one) for one in said], watch))


async def _done(
    process: asyncio.subprocess.Process,
    said: list[asyncio.Task[None]],
    watch: asyncio.Task[None],
) -> None:
    await asyncio.gather(process.wait(), *said)
    watch.cancel()


def _no_room(command: Command) -> bool:
    folders = [folder for folder in command.writes if folder.is_dir()]
    return any(shutil.disk_usage(folder).free < LEAST_ROOM for folder in folders)


async def run(
    command: Command,
    limits: Limits,
    *,
    on_line: Callable[[str], None] | None = None,
    on: Host | None = None,
) -> Finished:
    """Raises TimedOut, or MachineFault where the machine stopped the tool; any exit code is
    returned, for the caller knows what it means."""
    on = on or host()
    kept, complaints = _Kept(), deque[str](maxlen=STDERR_LINES)
    started = time.monotonic()
    lifeline = Lifeline()
    process = await _start(command, limits, on, lifeline)
    try:
        async with asyncio.timeout(limits.timeout):
            await _watched(process, limits, on_line or kept.take, complaints.append)
    except TimeoutError as error:
        raise TimedOut from error
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    finally:
        if process.returncode is None:
            await _end(process)
    finished = Finished(
        returncode=process.returncode or 0,
        output="\n".join(kept.lines),
        complaints=tuple(complaints),
        seconds=time.monotonic() - started,
        no_room=bool(process.returncode) and _no_room(command),
    )
    if finished.spoilt_by_machine:
        raise finished.fault("A media tool")
    return finished


def progress_parser(duration: float, on_fraction: Callable[[float], None]) -> Callable[[str], None]:
    """Reads ffmpeg's `-progress pipe:1`; fractions never fall and end at 1."""
    reached = 0.0

    def take(line: str) -> None:
        nonlocal reached
        key, _, value = line.partition("=")
        if key == "progress" and value == "end":
            fraction = 1.0
        elif key == "out_time_us" and value.isdigit() and duration > 0:
            fraction = min(1.0, int(value) / 1e6 / duration)
        else:
            return
        if fraction > reached:
            reached = fraction
            on_fraction(fraction)

    return take
