import sys
import time
from pathlib import Path

import pytest

from infra.local.supervisor import FALLS_ALLOWED, STEADY_SECONDS, Child, GaveUp, Supervisor

LONGER_THAN_ANY_DELAY = 20.0


def child(tmp_path: Path, program: str) -> Child:
    return Child("part", [sys.executable, "-c", program], {}, tmp_path)


def wait_until_dead(part: Child) -> None:
    deadline = time.monotonic() + 10
    while part.alive() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not part.alive()


def test_a_part_that_fell_comes_back_after_a_pause(tmp_path: Path) -> None:
    part, news = child(tmp_path, "import time; time.sleep(60)"), list[str]()
    supervisor = Supervisor([part], news.append, lambda: news.append("restarted"))
    part.launch()
    first = part.pid
    part.ask_to_stop()
    wait_until_dead(part)
    supervisor.look(100.0)
    assert not part.alive(), "not at once: it may be the port or the disk"
    supervisor.look(101.0)
    assert part.alive()
    assert part.pid != first
    assert news[-1] == "restarted"
    part.stop(deadline=0)


def fall(supervisor: Supervisor, part: Child, times: int, apart: float) -> None:
    for number in range(times):
        wait_until_dead(part)
        supervisor.look(number * apart)
        supervisor.look(number * apart + min(apart, LONGER_THAN_ANY_DELAY))


def test_a_part_that_will_not_stay_is_given_up_with_its_last_words(tmp_path: Path) -> None:
    part = child(tmp_path, "raise SystemExit('the disk is full')")
    supervisor = Supervisor([part], lambda _: None, lambda: None)
    part.launch()
    with pytest.raises(GaveUp, match="the disk is full"):
        fall(supervisor, part, FALLS_ALLOWED + 1, apart=8.0)


def test_falls_of_long_ago_are_forgiven(tmp_path: Path) -> None:
    part = child(tmp_path, "pass")
    supervisor = Supervisor([part], lambda _: None, lambda: None)
    part.launch()
    fall(supervisor, part, FALLS_ALLOWED + 2, apart=STEADY_SECONDS + 1)
    part.stop(time.monotonic() + 10)


def test_a_part_that_ignores_a_polite_request_is_killed_with_its_group(tmp_path: Path) -> None:
    part = child(tmp_path, "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)")
    part.launch()
    part.ask_to_stop()
    part.stop(time.monotonic() + 0.2)
    assert not part.alive()
    assert not (tmp_path / "part.pid").exists()
