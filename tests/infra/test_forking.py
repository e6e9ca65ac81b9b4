"""Parts of an instance as forks of one process that has loaded what they need."""

import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from infra.local import forking
from infra.local.forking import ForkedChild, Order, Parent
from infra.local.processes import recall
from tests.forks import FORKS
from tests.infra.up import ROOT, processes_of, wait_for

LOADED = """
import socket, sys
from infra.local.forking import forked
channel, *inherited = map(int, sys.argv[1:])
forked(socket.socket(fileno=channel), inherited)
"""
BE = """
import os, random, signal, sys, time
from infra.ids import uuid7
def there(number):
    try:
        return bool(os.fstat(number))
    except OSError:
        return False
print(uuid7(), random.random(), os.environ.get("SAID"), os.getppid(), sep="|", end="|")
print(*[there(int(number)) for number in sys.argv[1:] if number.isdigit()], flush=True)
print("不好", file=sys.stderr, flush=True)
if "wait" in sys.argv:
    signal.signal(signal.SIGUSR1, lambda *_: print("still here", flush=True))
    time.sleep(60)
"""
COMMAND, ALONE = [sys.executable, "-c", LOADED + BE], [sys.executable, "-c", BE]


@pytest.fixture
def inherited() -> Iterator[int]:
    number = os.open(os.devnull, os.O_RDONLY)
    yield number
    os.close(number)


@pytest.fixture
def parent(tmp_path: Path, inherited: int) -> Iterator[Parent]:
    made = Parent(
        COMMAND, ALONE, {"PYTHONPATH": str(ROOT), "SAID": "to all"}, tmp_path, [inherited]
    )
    made.launch()
    yield made
    made.stop(deadline=0)


def told(parent: Parent, order: Order) -> list[str]:
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        assert parent.start(order, output.fileno(), errors.fileno()).wait(30) == 0
        output.seek(0), errors.seek(0)
        assert errors.read().decode() == "不好\n"
        return output.read().decode().strip().split("|")


def test_a_fork_has_its_own_words_environment_and_chance(parent: Parent) -> None:
    one, other = told(parent, Order([], {})), told(parent, Order([], {"SAID": "to you"}))
    assert [one[2], other[2]] == ["to all", "to you"]
    assert set(one[:2]).isdisjoint(other[:2])
    assert one[3] == other[3] == str(parent.pid)


def test_a_fork_keeps_what_it_is_given_alone(parent: Parent, inherited: int) -> None:
    keeps, leaves = Order([str(inherited)], {}, [inherited]), Order([str(inherited)], {})
    assert [told(parent, keeps)[-1], told(parent, leaves)[-1]] == ["True", "False"]


@pytest.fixture
def part(parent: Parent, tmp_path: Path) -> Iterator[ForkedChild]:
    made = ForkedChild("part", parent, Order(["wait"], {}), tmp_path)
    made.launch()
    wait_for(lambda: "不好" in made.log.read_text())
    yield made
    made.stop(deadline=0)


def test_a_part_is_asked_to_stop_and_stops(part: ForkedChild, tmp_path: Path) -> None:
    assert part.alive()
    part.ask_to_stop()
    wait_for(lambda: not part.alive())
    part.stop(deadline=0)
    assert not (tmp_path / "part.pid").exists()


def test_a_fork_outlives_its_parent_and_the_next_starts_by_itself(
    parent: Parent, part: ForkedChild
) -> None:
    end(parent)
    fork = psutil.Process(part.pid)
    assert fork.ppid() not in {parent.pid, os.getpid()}
    fork.send_signal(signal.SIGUSR1)
    wait_for(lambda: "still here" in part.log.read_text())
    fork.kill()
    wait_for(lambda: not part.alive())
    part.launch()
    assert part.alive()
    assert psutil.Process(part.pid).ppid() == os.getpid()


def end(parent: Parent) -> None:
    psutil.Process(parent.pid).kill()
    wait_for(lambda: not parent.alive())


def hold(make: Callable[[], Parent], logs: Path, *, orphan: bool) -> None:
    """Orders a fork, then waits to be killed."""
    parent = make()
    parent.launch()
    part = ForkedChild("part", parent, Order(["wait"], {}), logs)
    part.launch()
    wait_for(lambda: "不好" in part.log.read_text())
    if orphan:
        end(parent)
    threading.Thread(target=time.sleep, args=[60]).start()
    (logs / "ready").touch()
    time.sleep(60)


@pytest.mark.parametrize("orphan", [False, True], ids=["the parent lives", "the parent is dead"])
def test_a_fork_ends_with_whoever_ordered_it(tmp_path: Path, orphan: bool) -> None:
    make = partial(Parent, COMMAND, ALONE, {"PYTHONPATH": str(ROOT)}, tmp_path)
    holder = FORKS.Process(target=hold, args=(make, tmp_path), kwargs={"orphan": orphan})
    holder.start()
    wait_for((tmp_path / "ready").exists)
    marks = [recall(tmp_path / name) for name in ("part.pid", "parent.pid")]
    assert [bool(mark and mark.process()) for mark in marks] == [True, not orphan]
    holder.kill()
    wait_for(lambda: not any(mark and mark.process() for mark in marks))
    holder.join()


def test_a_fork_that_comes_too_late_ends_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was ordered has been started by itself meanwhile."""
    monkeypatch.setattr(forking, "_LOADED_SECONDS", 0.1)
    loads_long = "import os, time\nwhile not os.path.exists('loaded'): time.sleep(0.01)\n"
    environment = {"PYTHONPATH": str(ROOT), "HERE": str(tmp_path)}
    monkeypatch.chdir(tmp_path)
    parent = Parent([sys.executable, "-c", loads_long + LOADED + BE], ALONE, environment, tmp_path)
    parent.launch()
    part = ForkedChild("part", parent, Order(["wait"], {}), tmp_path)
    part.launch()
    (tmp_path / "loaded").touch()
    wait_for(lambda: not parent.alive())
    wait_for(lambda: len(processes_of(tmp_path)) == 1)
    assert part.alive()
    part.stop(deadline=0)


@pytest.mark.parametrize(
    "lose", [Parent.ask_to_stop, lambda parent: parent.stop(0)], ids=["ended", "stopped"]
)
def test_where_no_parent_is_an_order_is_a_process_of_its_own(
    parent: Parent, lose: Callable[[Parent], None]
) -> None:
    lose(parent)
    wait_for(lambda: not parent.alive())
    assert told(parent, Order([], {"SAID": "alone"}))[2:4] == ["alone", str(os.getpid())]
