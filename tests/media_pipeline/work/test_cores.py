"""Workers beside each other do not share a core."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from media_pipeline.encoding.means import Means, cores_of_this_process
from media_pipeline.work.cores import OwnCores

HOLDER = """
import sys
from media_pipeline.work.cores import OwnCores
own = OwnCores(1, sys.argv[1])
print(*(own.numbers or []), flush=True)
sys.stdin.read()
"""
ALL = cores_of_this_process()


@pytest.fixture
def name() -> str:
    """Other workers of this machine are at work during this test."""
    return f"guanbiao-test-{os.getpid()}"


@contextmanager
def another_process(name: str) -> Iterator[set[int]]:
    """Killed at the end; what it held."""
    command = [sys.executable, "-c", HOLDER, name]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        yield set(map(int, holder.stdout.readline().split()))
        holder.kill()


def test_each_worker_has_a_core_until_none_is_left(name: str) -> None:
    crew = [OwnCores(1, name) for _ in ALL]
    taken = [one.numbers for one in crew]
    assert sorted(core for numbers in taken for core in numbers or ()) == sorted(ALL)
    late = OwnCores(1, name)
    assert late.numbers is None
    crew[0].give_back()
    next_one = OwnCores(1, name)
    assert next_one.numbers == taken[0]
    for one in (*crew, next_one):
        one.give_back()


def test_who_wants_more_cores_than_are_left_takes_none_from_others(name: str) -> None:
    greedy = OwnCores(len(ALL) + 1, name)
    assert greedy.numbers is None
    everything = OwnCores(len(ALL), name)
    assert everything.numbers == ALL
    everything.give_back()


def test_a_killed_worker_s_core_is_free_at_once(name: str) -> None:
    with another_process(name) as theirs:
        ours = OwnCores(len(ALL), name)
        assert (len(theirs), ours.numbers) == (1, None)
    after = OwnCores(len(ALL), name)
    assert after.numbers == ALL
    after.give_back()


def test_nobody_has_to_have_cores_of_its_own(name: str) -> None:
    assert OwnCores(0, name).numbers is None


def test_an_encoder_has_a_thread_for_each_core_it_is_bound_to() -> None:
    assert Means(bound_to=frozenset({0})).cores == 1
    assert Means().cores == min(16, len(ALL))
