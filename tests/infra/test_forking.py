"""Parts of an instance as forks of one process that has loaded what they need."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from infra.local.forking import ForkedChild, Order, Parent
from tests.infra.up import ROOT, wait_for

LOADED = """
import socket, sys
from infra.local.forking import forked
channel, *inherited = map(int, sys.argv[1:])
forked(socket.socket(fileno=channel), inherited)
"""
BE = """
import os, random, sys, time
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
    time.sleep(60)
"""


@pytest.fixture
def inherited() -> Iterator[int]:
    number = os.open(os.devnull, os.O_RDONLY)
    yield number
    os.close(number)


@pytest.fixture
def parent(tmp_path: Path, inherited: int) -> Iterator[Parent]:
    made = Parent(
        [sys.executable, "-c", LOADED + BE],
        [sys.executable, "-c", BE],
        {"PYTHONPATH": str(ROOT), "SAID": "to all"},
        tmp_path,
        [inherited],
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


def test_a_fork_ends_with_its_parent_and_the_next_starts_by_itself(
    parent: Parent, part: ForkedChild
) -> None:
    psutil.Process(parent.pid).kill()
    wait_for(lambda: not part.alive())
    part.launch()
    assert part.alive()
    assert psutil.Process(part.pid).ppid() == os.getpid()


@pytest.mark.parametrize(
    "lose", [Parent.ask_to_stop, lambda parent: parent.stop(0)], ids=["ended", "stopped"]
)
def test_where_no_parent_is_an_order_is_a_process_of_its_own(
    parent: Parent, lose: Callable[[Parent], None]
) -> None:
    lose(parent)
    wait_for(lambda: not parent.alive())
    assert told(parent, Order([], {"SAID": "alone"}))[2:4] == ["alone", str(os.getpid())]
