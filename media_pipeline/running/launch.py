"""How a media tool is started: bounded, dying with its parent, and shut away from the machine.

Uploads are hostile until shown otherwise, and ffmpeg is a large parser written in C. Where
bubblewrap works, a tool sees only system libraries, the files named for it, and no network.
Elsewhere the limits below and the format and protocol whitelists have to do.
"""

import os
import resource
import shutil
import subprocess
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import msgspec

SYSTEM_FOLDERS = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache")
KEEPER = """
exec 3<&0 </dev/null
(trap '' TERM; read -r _ <&3; kill -KILL 0) >/dev/null 2>&1 &
"$@" 3<&-
ended=$?
exec 2>/dev/null
kill -KILL $!
wait $!
exit $ended
"""
"""Runs the tool, and kills its whole group once standard input, which is never written to, ends:
with our process. The kernel's death signal would not do: it goes to bubblewrap alone, which, still
making its sandbox, leaves it behind, at work (github.com/containers/bubblewrap/issues/633)."""


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """Arguments, first the tool; files it may read; folders it may write."""

    args: tuple[str, ...]
    reads: tuple[Path, ...] = ()
    writes: tuple[Path, ...] = ()
    cwd: Path | None = None


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """`memory_mb`: resident, of the tool and all it starts. `stall_seconds`: without news from a
    tool that reports its progress."""

    timeout: float
    memory_mb: float | None = None
    stall_seconds: float | None = None
    file_bytes: int = 64 << 30
    nice: int = 10
    cores: frozenset[int] | None = None
    """Those it may run on; None: all that its parent may."""

    @property
    def cpu_seconds(self) -> int:
        """CPU that the wall-clock limit allows when every core is busy."""
        return int(self.timeout * (os.cpu_count() or 1)) + 10


class Host(msgspec.Struct, frozen=True, kw_only=True):
    """Programs of this machine that bound a tool; None where absent."""

    bwrap: str | None
    prlimit: str | None
    nice: str | None
    taskset: str | None


def _works(*args: str) -> bool:
    try:
        done = subprocess.run(args, capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


@lru_cache
def host() -> Host:
    """Tried once: bwrap may be installed and yet forbidden (containers, hardened kernels)."""
    bwrap = shutil.which("bwrap")
    if bwrap and not _works(bwrap, "--unshare-all", "--ro-bind", "/", "/", "true"):
        bwrap = None
    return Host(
        bwrap=bwrap,
        prlimit=shutil.which("prlimit"),
        nice=shutil.which("nice"),
        taskset=shutil.which("taskset"),
    )


def _sandbox(bwrap: str, command: Command) -> list[str]:
    tool = command.args[0]
    args = [bwrap, "--unshare-all", "--die-with-parent", "--clearenv"]
    args += ["--setenv", "LANG", "C.UTF-8"]
    for folder in SYSTEM_FOLDERS:
        args += ["--ro-bind-try", folder, folder]
    args += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--ro-bind", tool, tool]
    for path in command.reads:
        args += ["--ro-bind", str(path), str(path)]
    for path in command.writes:
        args += ["--bind", str(path), str(path)]
    return [*args, "--chdir", str(command.cwd or "/"), "--"]


def arguments(command: Command, limits: Limits, on: Host) -> list[str]:
    """The whole command line, for a process that leads a group of its own."""
    args = ["/bin/sh", "-c", KEEPER, "keeper"]
    if on.prlimit:
        bounds = (f"--cpu={limits.cpu_seconds}", f"--fsize={limits.file_bytes}", "--core=0")
        args += [on.prlimit, *bounds]
    if on.taskset and limits.cores:
        args += [on.taskset, "-c", ",".join(map(str, sorted(limits.cores)))]
    if on.nice:
        args += [on.nice, "-n", str(limits.nice)]
    if on.bwrap:
        args += _sandbox(on.bwrap, command)
    return [*args, *command.args]


def before_exec(limits: Limits, on: Host) -> Callable[[], None] | None:
    """What util-linux would have done, for machines without it; None where nothing is left.

    Kept to system calls: this runs in the forked child of a process with threads.
    """
    if on.prlimit and (on.taskset or not limits.cores):
        return None

    def bound() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds))
        resource.setrlimit(resource.RLIMIT_FSIZE, (limits.file_bytes, limits.file_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if limits.cores:
            os.sched_setaffinity(0, limits.cores)

    return bound
