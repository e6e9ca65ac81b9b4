import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from infra.local.ports import free_port, is_free
from infra.local.processes import (
    Lifeline,
    Mark,
    end_leftover,
    hang_on,
    last_lines,
    recall,
    remember,
)
from tests.infra.up import wait_for

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(SLEEP) as process:
        yield process
        process.kill()


def test_a_leftover_is_ended_and_forgotten(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    remember(tmp_path / "x.pid", sleeper.pid)
    assert end_leftover(tmp_path / "x.pid") == sleeper.pid
    assert sleeper.poll() is not None
    assert recall(tmp_path / "x.pid") is None


def test_a_stranger_who_got_the_same_pid_is_left_alone(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    (tmp_path / "x.pid").write_text(f'{{"pid": {sleeper.pid}, "started": 1.0}}')
    assert end_leftover(tmp_path / "x.pid") is None
    assert sleeper.poll() is None


@pytest.mark.parametrize("content", [b"", b"{", b'{"pid": "x"}'], ids=["empty", "cut", "wrong"])
def test_half_a_pid_file_names_nobody(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.pid").write_bytes(content)
    assert end_leftover(tmp_path / "x.pid") is None


def test_a_process_that_ended_is_not_found(sleeper: subprocess.Popen[bytes]) -> None:
    mark = Mark.of(sleeper.pid)
    assert mark.process() is not None
    sleeper.kill()
    sleeper.wait()
    assert mark.process() is None


@pytest.mark.parametrize("begun", [True, False], ids=["at work", "not yet itself"])
def test_a_child_dies_with_a_parent_that_is_killed(begun: bool) -> None:
    parent = subprocess.Popen(
        [
            *(sys.executable, "-c"),
            "import subprocess, time\n"
            "from infra.local.processes import dying_with_us\n"
            f"child = subprocess.Popen(dying_with_us({SLEEP!r}))\n"
            "print(child.pid, flush=True); time.sleep(60)",
        ],
        stdout=subprocess.PIPE,
    )
    assert parent.stdout is not None
    with parent.stdout:
        child = psutil.Process(int(parent.stdout.readline()))
    wait_for(lambda: not begun or child.cmdline() == SLEEP)
    parent.kill()
    parent.wait()
    psutil.wait_procs([child], timeout=5)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_who_hangs_on_a_lifeline_that_has_ended_ends() -> None:
    lifeline = Lifeline()
    far_end = os.dup(lifeline.far_end)
    del lifeline
    if not (late := os.fork()):
        hang_on(far_end)
        os._exit(0)
    os.close(far_end)
    assert os.waitstatus_to_exitcode(os.waitpid(late, 0)[1]) == -signal.SIGKILL


def test_the_end_of_a_log_is_what_is_shown(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("\n".join(map(str, range(100))))
    assert last_lines(tmp_path / "log", 2) == "98\n99"
    assert last_lines(tmp_path / "none") == ""


def test_a_port_somebody_listens_on_is_not_free() -> None:
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "http.server", "--bind", "127.0.0.1", "0"],
        stdout=subprocess.PIPE,
    ) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline().split(b"port ")[1].split()[0])
        assert not is_free(port)
        assert free_port(port) != port
        server.kill()
    assert is_free(port)
    assert free_port(port) == port
