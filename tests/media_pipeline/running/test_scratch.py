import errno
import subprocess
import sys
from pathlib import Path

import pytest

from media_pipeline.errors import DiskFull
from media_pipeline.running.scratch import scratch, telling_full_disk

HOLD = """
import sys
from pathlib import Path
from media_pipeline.running.scratch import scratch
with scratch(Path(sys.argv[1])) as folder:
    (folder / "source").write_bytes(b"x")
    print(folder, flush=True)
    sys.stdin.read()
"""


def test_a_folder_is_empty_and_ours_and_gone_afterwards(tmp_path: Path) -> None:
    with scratch(tmp_path / "scratch") as folder:
        assert list(folder.iterdir()) == []
        (folder / "source").write_bytes(b"x")
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_neighbours_folder_stays_until_its_owner_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as neighbour:
        assert neighbour.stdout is not None
        theirs = Path(neighbour.stdout.readline().strip())
        with scratch(tmp_path):
            assert (theirs / "source").exists()
        neighbour.kill()
    with scratch(tmp_path) as ours:
        assert list(tmp_path.iterdir()) == [ours.parent]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told_whoever_meets_it(number: int) -> None:
    with pytest.raises(DiskFull), telling_full_disk():
        raise OSError(number, "no")
    with pytest.raises(PermissionError), telling_full_disk():
        raise PermissionError
