"""`guanbiao up` as people live with it: real processes, told in the order of their life."""

import asyncio
import os
import pwd
import shutil
import socket
import subprocess
import sysconfig
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import msgspec
import psutil
import pytest

from infra.local.folder import Running
from infra.local.processes import recall
from infra.objects import ObjectStore
from tests import prepared_cluster
from tests.infra.up import (
    ROOT,
    Up,
    environment,
    guanbiao,
    open_folder,
    processes_of,
    quiet_port,
    wait_for,
)

ORDINARY = pwd.getpwnam("daemon").pw_uid  # unprivileged; initdb wants a user with a name
PYTHON = "/usr/bin/python3"


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder / "贯标 实例" / "数据"


@pytest.fixture(scope="module")
def up(data: Path) -> Iterator[Up]:
    data.parent.mkdir(mode=0o755)
    two = environment(GUANBIAO_API_PROCESSES="2", GUANBIAO_WORKERS="2")
    started = Up(data, "--port", str(quiet_port()), env=two)
    started.ready()
    yield started
    if started.process.poll() is None:
        started.stop()


@pytest.fixture
def running(up: Up) -> Running:
    found = up.data.running()
    assert found is not None
    return found


def store_of(running: Running) -> ObjectStore:
    return ObjectStore.from_url(running.environment["OBJECTS_URL"])


def test_a_second_start_on_the_same_data_says_where_the_first_one_is(
    up: Up, running: Running, data: Path
) -> None:
    second = guanbiao("up", "--data", str(data))
    assert second.returncode == 2
    assert running.url in second.stderr
    assert "Traceback" not in second.stderr


def test_the_running_instance_is_announced_to_its_owner_alone(data: Path, running: Running) -> None:
    assert (data / "run.json").stat().st_mode & 0o777 == 0o600
    assert set(running.pids) == {"postgres", "objects", "api", "api-2", "worker", "worker-2"}


def test_the_doctor_finds_the_instance_well(data: Path, running: Running) -> None:
    report = msgspec.json.decode(guanbiao("doctor", "--json", "--data", str(data)).stdout)
    states = {finding["name"]: finding["state"] for finding in report["findings"]}
    assert {states[name] for name in ("instance", "database", "schema", "objects")} == {"ok"}


@pytest.mark.parametrize("name", ["api", "api-2"])
def test_an_api_that_is_killed_comes_back_and_callers_are_answered_meanwhile(
    up: Up, name: str
) -> None:
    before = up.data.running()
    assert before is not None
    wait_for(lambda: listening(before.pids[name], before.url))
    killed = psutil.Process(before.pids[name])
    killed.kill()
    killed.wait(10)
    ask = partial(httpx.get, f"{before.url}/healthz", timeout=60, verify=False)
    answers = [ask().status_code for _ in range(20)]
    assert answers == [200] * 20
    wait_for(lambda: (now := up.data.running()) and now.pids[name] != before.pids[name])


def test_the_parent_of_the_parts_is_killed_and_callers_are_answered_by_the_same_parts(
    up: Up, data: Path
) -> None:
    before, parent = up.data.running(), recall(data / "logs" / "parent.pid")
    assert before
    assert parent
    psutil.Process(parent.pid).kill()
    wait_for(lambda: not parent.process())
    answers = [httpx.get(f"{before.url}/readyz", timeout=60).status_code for _ in range(20)]
    assert answers == [200] * 20
    assert all(psutil.pid_exists(pid) for pid in before.pids.values())
    assert before == up.data.running()


def listening(pid: int, url: str) -> bool:
    port = httpx.URL(url).port
    return any(
        one.status == psutil.CONN_LISTEN and one.laddr.port == port
        for one in psutil.Process(pid).net_connections()
    )


def test_after_kill_9_the_next_start_takes_everything_over(
    up: Up, running: Running, data: Path
) -> None:
    asyncio.run(store_of(running).put_bytes("kept/文件", b"still here", "text/plain"))
    up.kill()
    wait_for(lambda: not processes_of(data))
    next_start = Up(data)
    again = next_start.ready()
    assert again.url == again.public_url == running.url
    assert asyncio.run(store_of(again).get_bytes("kept/文件")) == b"still here"
    assert next_start.stop() == 0
    assert processes_of(data) == []
    assert not (data / "run.json").exists()


def test_a_taken_port_is_told_and_the_public_address_stays(up: Up, data: Path) -> None:
    first = up.data.ports().api
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", first))
        other.listen()
        elsewhere = Up(data)
        running = elsewhere.ready()
        refused = guanbiao("up", "--data", f"{data}-2", "--port", str(first))
        changed = guanbiao("public-address", running.url, "--data", str(data))
        assert elsewhere.stop() == 0
    assert running.url != running.public_url == f"http://127.0.0.1:{first}"
    assert "guanbiao public-address" in elsewhere.said
    assert (changed.returncode, running.url in changed.stdout) == (0, True), changed.stderr
    assert refused.returncode == 2
    assert "--port" in refused.stderr
    assert up.data.ports().api == first, "the next start tries the old address again"


@pytest.fixture(scope="module")
def together() -> Iterator[list[Up]]:
    """Two instances that start at once; where we are root, the second is an ordinary user's."""
    with open_folder() as folder:
        theirs = folder / "theirs"
        theirs.mkdir()
        prepared_cluster.copy_to(folder / "ours" / "postgres")
        second = _ordinary(theirs) if os.getuid() == 0 and _can_run(PYTHON) else Up(theirs / "data")
        both = [Up(folder / "ours"), second]
        yield both
        for started in both:
            if started.process.poll() is None:
                started.stop()


def test_two_instances_that_start_together_each_have_a_port_of_their_own(
    together: list[Up],
) -> None:
    urls = [start.ready().url for start in together]
    assert [httpx.get(f"{url}/readyz").status_code for url in urls] == [200, 200]
    assert len(set(urls)) == len(together)


@pytest.mark.skipif(os.getuid() != 0, reason="this run is an ordinary user's already")
def test_an_ordinary_user_s_instance_keeps_to_its_folder(together: list[Up]) -> None:
    _, theirs = together
    if not _can_run(PYTHON):
        pytest.skip("an ordinary user reaches no Python with our packages here")
    folder = theirs.data.path
    assert {path.stat().st_uid for path in folder.rglob("*")} == {ORDINARY}
    assert theirs.stop() == 0
    assert processes_of(folder) == []


def _ordinary(folder: Path) -> Up:
    shutil.chown(folder, ORDINARY, ORDINARY)
    return Up(
        folder / "data",
        command=[PYTHON, "-P", "-m", "backend.cli"],
        env=environment(**_borrowed(folder)),
        cwd=folder,
        user=ORDINARY,
        group=ORDINARY,
        extra_groups=[],
    )


def _borrowed(folder: Path) -> dict[str, str]:
    """This environment's packages for another Python of the same version."""
    packages, scripts = sysconfig.get_path("purelib"), sysconfig.get_path("scripts")
    return {
        "PYTHONPATH": os.pathsep.join([str(ROOT), packages]),
        "PATH": os.pathsep.join([scripts, os.environ["PATH"]]),
        "HOME": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _can_run(python: str) -> bool:
    probe = "import sys, asyncpg, msgspec; assert sys.version_info >= (3, 11)"
    try:
        done = subprocess.run(
            [python, "-c", probe],
            env=environment(**_borrowed(Path("/"))),
            cwd="/",
            user=ORDINARY,
            group=ORDINARY,
            extra_groups=[],
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0


def test_a_folder_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    refused = guanbiao("up", "--data", str(tmp_path / "file" / "data"))
    assert refused.returncode == 3
    assert "--data" in refused.stderr
    assert "Traceback" not in refused.stderr
