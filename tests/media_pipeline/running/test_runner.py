"""The runner against a real shell and the real ffmpeg: it never hangs and leaves nothing."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import psutil
import pytest

from media_pipeline.errors import DiskFull, MachineFault, TimedOut
from media_pipeline.running.launch import Command, Host, Limits, arguments, host
from media_pipeline.running.runner import GRACE_SECONDS, Finished, progress_parser, run
from media_pipeline.running.tools import Tools
from media_pipeline.running.watching import OutOfMemory, Stalled

BARE = Host(bwrap=None, prlimit=None, nice=None, taskset=None)
UNBOXED = msgspec.structs.replace(host(), bwrap=None)
HOSTS = pytest.mark.parametrize(
    "on", [host(), UNBOXED, BARE], ids=["sandboxed", "unboxed", "without util-linux"]
)
AMPLE = Limits(timeout=30)


def shell(script: str, *writes: Path) -> Command:
    return Command(args=("/bin/sh", "-c", script), writes=writes)


def alive(marker: str) -> list[int]:
    """Processes with this word on their command line; ours to look for, nobody else's."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        line = process.info["cmdline"] or []
        if any(marker in part for part in line) and process.info["status"] != "zombie":
            found.append(process.pid)
    return found


def asleep(marker: str) -> list[int]:
    """The tool itself, past all its launchers."""
    return [pid for pid in alive(marker) if psutil.Process(pid).name() == "sleep"]


def wait_until(condition: Callable[[], bool], within: float = 20) -> None:
    """The kernel starts and reaps in its own time; there is no event to wait for."""
    latest = time.monotonic() + within
    while not condition():
        assert time.monotonic() < latest, "it did not come about"
        time.sleep(0.01)


async def gone(marker: str) -> bool:
    await asyncio.to_thread(wait_until, lambda: not alive(marker))
    return True


@HOSTS
async def test_output_complaints_and_exit_code_come_back(on: Host) -> None:
    finished = await run(shell("echo out; echo oops >&2; exit 7"), AMPLE, on=on)
    assert (finished.output, finished.complaints, finished.returncode) == ("out", ("oops",), 7)


@HOSTS
async def test_a_tool_runs_on_no_other_cores_than_it_may(on: Host) -> None:
    one = min(os.sched_getaffinity(0))
    limits = msgspec.structs.replace(AMPLE, cores=frozenset({one}))
    finished = await run(shell("grep Cpus_allowed_list /proc/self/status"), limits, on=on)
    assert finished.output.split() == ["Cpus_allowed_list:", str(one)]


@HOSTS
async def test_a_hanging_tool_is_stopped_with_its_children(on: Host) -> None:
    marker = f"3131{os.getpid()}.{id(on) % 1000}"
    with pytest.raises(TimedOut):
        await run(shell(f"sleep {marker} & sleep {marker}"), Limits(timeout=0.4), on=on)
    assert await gone(marker)


async def test_a_tool_that_ignores_the_polite_signal_is_killed() -> None:
    marker = f"3232{os.getpid()}"
    started = time.monotonic()
    script = f"trap '' TERM; sleep {marker}; sleep {marker}"
    with pytest.raises(TimedOut):
        await run(shell(script), Limits(timeout=0.3), on=UNBOXED)
    assert await gone(marker)
    assert time.monotonic() - started < GRACE_SECONDS + 4


@pytest.mark.parametrize("turns", range(6))
async def test_cancelling_while_a_tool_starts_neither_hangs_nor_leaves_it(turns: int) -> None:
    marker = f"3535{os.getpid()}.{turns}"
    task = asyncio.create_task(run(shell(f"sleep {marker}; true"), AMPLE))
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    async with asyncio.timeout(GRACE_SECONDS * 3):
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await gone(marker)


@HOSTS
async def test_cancelling_stops_the_tool(on: Host) -> None:
    marker = f"3333{os.getpid()}.{id(on) % 1000}"
    task = asyncio.create_task(run(shell(f"echo up; sleep {marker}; true"), AMPLE, on=on))
    await asyncio.to_thread(wait_until, lambda: bool(alive(marker)))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await gone(marker)


@HOSTS
def test_a_tool_and_its_children_die_with_a_worker_that_is_killed(on: Host) -> None:
    """kill -9 leaves the worker no chance to clean up."""
    marker = f"3434{os.getpid()}.{id(on) % 1000}"
    program = (
        "import asyncio\n"
        "from media_pipeline.running.launch import Command, Host, Limits\n"
        "from media_pipeline.running.runner import run\n"
        f"command = Command(args=('/bin/sh', '-c', 'sleep {marker} & sleep {marker}; true'))\n"
        f"asyncio.run(run(command, Limits(timeout=60), on={on!r}))\n"
    )
    worker = subprocess.Popen([sys.executable, "-c", program])
    try:
        wait_until(lambda: bool(asleep(marker)))
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    wait_until(lambda: not alive(marker))


async def test_the_event_loop_goes_on_while_a_tool_floods_both_pipes() -> None:
    longest, last = 0.0, (began := time.monotonic())
    lines: list[str] = []
    flood = "i=0; while [ $i -lt 20000 ]; do echo line; echo complaint >&2; i=$((i+1)); done"
    task = asyncio.create_task(run(shell(flood), AMPLE, on_line=lines.append))
    while not task.done():
        await asyncio.sleep(0.005)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    finished = task.result()
    assert (len(lines), len(finished.complaints)) == (20_000, 200)
    assert longest < max(1, (last - began) / 2)  # held up, it would stand still throughout


async def test_a_tool_that_prints_without_end_is_stopped() -> None:
    with pytest.raises(MachineFault, match="more than was expected"):
        await run(shell("yes aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), AMPLE)


@pytest.mark.parametrize("on", [UNBOXED, BARE], ids=["prlimit", "setrlimit"])
async def test_a_file_cannot_grow_past_its_limit(on: Host, tmp_path: Path) -> None:
    limits = Limits(timeout=30, file_bytes=100_000)
    script = f"head -c 500000 /dev/zero > '{tmp_path}/big'"
    finished = await run(shell(script, tmp_path), limits, on=on)
    assert not finished.ok
    assert (tmp_path / "big").stat().st_size == 100_000


async def test_a_tool_sees_nothing_of_the_worker_s_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GUANBIAO_SECRET", "swordfish")
    for on in (host(), BARE):
        finished = await run(Command(args=("/usr/bin/env",)), AMPLE, on=on)
        assert "swordfish" not in finished.output


@pytest.mark.skipif(host().bwrap is None, reason="bubblewrap does not work here")
async def test_a_sandboxed_tool_reads_only_what_it_was_given(tmp_path: Path) -> None:
    (tmp_path / "given").write_text("given")
    (tmp_path / "other").write_text("other")
    script = f"cat '{tmp_path}/given' '{tmp_path}/other' /etc/passwd; echo x > '{tmp_path}/given'"
    command = Command(args=("/bin/sh", "-c", script), reads=(tmp_path / "given",))
    finished = await run(command, AMPLE)
    assert finished.output == "given"
    assert (tmp_path / "given").read_text() == "given"


@pytest.mark.skipif(host().bwrap is None, reason="bubblewrap does not work here")
async def test_a_sandboxed_tool_has_no_network() -> None:
    finished = await run(shell("cat /proc/net/dev"), AMPLE)
    devices = [line.split(":")[0].strip() for line in finished.output.splitlines() if ":" in line]
    assert devices == ["lo"]


@pytest.mark.parametrize("on", [host(), UNBOXED], ids=["sandboxed", "unboxed"])
async def test_a_tool_that_cannot_be_started_is_the_machine_s_fault(
    on: Host, tmp_path: Path
) -> None:
    absent = Command(args=(str(tmp_path / "absent"),))
    with pytest.raises(MachineFault):
        await run(absent, AMPLE, on=on)


async def test_progress_of_a_real_encode_rises_to_one(tools: Tools) -> None:
    fractions: list[float] = []
    picture = ("-f", "lavfi", "-i", "testsrc2=size=160x120:duration=4")
    args = (str(tools.ffmpeg), "-v", "error", "-nostats", "-progress", "pipe:1", *picture)
    command = Command(args=(*args, "-f", "null", "-"))
    finished = await run(command, AMPLE, on_line=progress_parser(4, fractions.append))
    assert finished.ok
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1


def test_odd_progress_lines_are_passed_over() -> None:
    fractions: list[float] = []
    take = progress_parser(10, fractions.append)
    for line in ["", "frame=3", "out_time_us=N/A", "out_time_us=-40", "out_time_us=5000000"]:
        take(line)
    take("out_time_us=4000000")
    take("out_time_us=90000000")
    take("progress=end")
    assert fractions == [0.5, 1.0]


@HOSTS
async def test_a_tool_that_stops_getting_on_is_ended_long_before_its_time(on: Host) -> None:
    marker = f"3636{os.getpid()}.{id(on) % 1000}"
    script = f"echo frame=1; while :; do echo frame=7; echo speed=$$; sleep 0.1; done; : {marker}"
    with pytest.raises(Stalled):
        await run(shell(script), Limits(timeout=60, stall_seconds=0.8), on=on)
    assert await gone(marker)


async def test_a_tool_that_gets_on_slowly_is_left_alone() -> None:
    script = "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo frame=$i; sleep 0.3; done"
    assert (await run(shell(script), Limits(timeout=60, stall_seconds=3))).ok


@HOSTS
async def test_a_tool_that_takes_more_memory_than_allowed_is_ended(on: Host) -> None:
    hungry = shell("head -c 300M /dev/zero | tail -c 300M | sleep 20; true")
    with pytest.raises(OutOfMemory, match="GUANBIAO_ENCODE_MEMORY_MB"):
        await run(hungry, Limits(timeout=60, memory_mb=100), on=on)


async def test_a_disk_with_no_room_is_known_whatever_a_tool_says_of_it(tmp_path: Path) -> None:
    """As the packager, which only says that it could not write."""
    failed = await run(shell("echo could not >&2; exit 1", tmp_path), AMPLE)
    assert not isinstance(failed.fault("Packaging"), DiskFull)
    full = msgspec.structs.replace(failed, no_room=True)
    assert isinstance(full.fault("Packaging"), DiskFull)


@pytest.mark.skipif(host().bwrap is None, reason="a small disk needs bubblewrap")
@pytest.mark.parametrize("tool", ["ffmpeg", "packager"])
async def test_every_tool_s_words_for_a_full_disk_are_known(
    tools: Tools, bunny: Path, tool: str
) -> None:
    small = (*("--ro-bind", "/", "/", "--dev", "/dev"), *("--size", "65536", "--tmpfs", "/media"))
    pieces = "init_segment=/media/i.mp4,segment_template=/media/$Number$.m4s,playlist_name=a.m3u8"
    streams = f"in={bunny},stream=video,{pieces}"
    taken = {
        "ffmpeg": (str(tools.ffmpeg), "-i", str(bunny), "-c", "copy", "/media/copy.mp4"),
        "packager": (str(tools.packager), streams, "--hls_master_playlist_output=/media/m.m3u8"),
    }
    assert host().bwrap is not None
    command = Command(args=(str(host().bwrap), *small, "--", *taken[tool]))
    finished = await run(command, AMPLE, on=BARE)
    assert not finished.ok
    assert isinstance(finished.fault("Writing"), DiskFull)


def test_a_full_disk_is_told_from_other_faults() -> None:
    def failed(*complaints: str) -> MachineFault:
        return Finished(returncode=1, output="", complaints=complaints, seconds=1).fault("Encoding")

    assert isinstance(failed("av_write: No space left on device"), DiskFull)
    assert "exit 1" in str(failed("something else"))


def test_the_command_line_ends_with_the_tool_and_its_arguments_unchanged() -> None:
    command = Command(args=("/bin/echo", "a b", "$HOME", "课程;rm"))
    for on in (host(), UNBOXED, BARE):
        assert tuple(arguments(command, AMPLE, on)[-4:]) == command.args
