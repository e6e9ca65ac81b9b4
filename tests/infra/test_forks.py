"""What tests start as forks is told nothing of the process that they were forked from."""

import signal
import subprocess
from pathlib import Path

import pytest

from tests import forks

PROGRAM = """
import os, random, sys, time
from infra.ids import uuid7
print(uuid7(), random.random(), os.environ.get("SAID"), sys.argv[1:], __name__)
print("不好", file=sys.stderr)
if "wait" in sys.argv:
    time.sleep(60)
sys.exit(int(sys.argv[1]))
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """One that only our path knows."""
    (tmp_path / "a_module_for_forks.py").write_text(PROGRAM)
    monkeypatch.syspath_prepend(tmp_path)
    return "a_module_for_forks"


def test_a_fork_has_its_own_words_environment_chance_and_exit_code(module: str) -> None:
    one, other = (forks.run(module, "7", env={"SAID": said}) for said in ("a", "b"))
    assert (one.returncode, one.stderr) == (7, "不好\n")
    assert one.stdout.split()[2:] == ["a", "['7']", "__main__"]
    assert other.stdout.split()[2] == "b"
    assert set(one.stdout.split()[:2]).isdisjoint(other.stdout.split()[:2])


def test_a_fork_speaks_where_the_test_does_that_began_it(
    module: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert forks.Forked(module, "0").wait(30) == 0
    said = capfd.readouterr()
    assert (said.out.split()[-1], said.err) == ("__main__", "不好\n")


def test_a_fork_is_waited_for_and_killed(module: str, tmp_path: Path) -> None:
    fork = forks.Forked(module, "0", "wait", output=tmp_path / "out", errors=tmp_path / "err")
    with pytest.raises(subprocess.TimeoutExpired):
        fork.wait(0.01)
    assert fork.poll() is None
    fork.kill()
    assert fork.wait(10) == -signal.SIGKILL
