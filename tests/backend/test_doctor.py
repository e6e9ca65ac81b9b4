import asyncio
from pathlib import Path

import pytest

from backend import doctor
from infra.local.folder import DataFolder, Running
from infra.local.ports import free_port
from infra.local.postgres import LocalPostgres
from infra.local.processes import Mark


def running(**changes: object) -> Running:
    url = f"http://127.0.0.1:{free_port()}"
    fields = {"url": url, "public_url": url, "demo": False, "up": Mark(1, 0.0), "pids": {}}
    return Running(**{**fields, "environment": {}, **changes})  # type: ignore[arg-type]


def test_an_installation_from_make_has_its_packages_and_tools() -> None:
    found = [doctor.python(), doctor.packages(), doctor.media_tools(), doctor.clock()]
    assert [finding.state for finding in found] == ["ok"] * 4, found


def test_whatever_is_wrong_comes_with_a_cure(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir(mode=0o755)
    nowhere = f"postgresql://u:p@127.0.0.1:{free_port()}/x"
    findings = [
        doctor.data_folder(tmp_path),
        doctor.instance(running(pids={"api": 2**22 + 1})),
        doctor.instance(running()),
        doctor.database(nowhere),
        doctor.object_store(f"http://k:s@127.0.0.1:{free_port()}/b"),
    ]
    assert [f.name for f in findings if f.state == "wrong" and f.cure] == [
        *("data folder", "instance", "instance", "database", "objects")
    ]


def test_a_database_behind_this_version_is_told_what_it_lacks(
    local_postgres: LocalPostgres, database: None
) -> None:
    empty = local_postgres.dsn(role="postgres", database="template1")
    finding = asyncio.run(_in_thread(empty))
    assert finding.state == "wrong"
    assert "accounts: " in finding.found
    assert finding.cure == "guanbiao migrate"


async def _in_thread(url: str) -> doctor.Finding:
    return await asyncio.to_thread(doctor.migrations, url)


def test_a_check_that_fails_to_run_is_a_finding_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "disk", lambda _: 1 / 0)
    findings = list(doctor.examine(DataFolder(tmp_path)))
    assert any("could not be examined" in finding.found for finding in findings)
