import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from backend import doctor
from backend.records.tables import DueRecord, LogPending
from infra.ids import uuid7
from infra.local.folder import DataFolder, Running
from infra.local.ports import free_port
from infra.local.postgres import LocalPostgres
from infra.local.processes import Mark
from infra.settings import Settings
from media_pipeline.domain import Lack, State
from media_pipeline.tables import Lecture
from tests.backend.progress.own_database import own_database
from tests.media_pipeline.care import rows


def running(**changes: object) -> Running:
    url = f"http://127.0.0.1:{free_port()}"
    fields = {"url": url, "public_url": url, "demo": False, "up": Mark(1, 0.0), "pids": {}}
    return Running(**{**fields, "environment": {}, **changes})  # type: ignore[arg-type]


def test_an_installation_from_make_has_its_packages_and_tools() -> None:
    found = [doctor.python(), doctor.packages(), doctor.media_tools(), doctor.clock(), doctor.av1()]
    assert [finding.state for finding in found] == ["ok"] * 5, found


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


async def test_lectures_that_stand_still_are_told_with_the_cure(
    settings: Settings, database: None
) -> None:
    lack = msgspec.json.encode(Lack("disk-full", "磁盘已满", "Disk full")).decode()
    lecture_id = await rows.lecture(State.QUEUED, rows.an_id(), waiting_for=lack)
    finding = await asyncio.to_thread(doctor.waiting_lectures, settings.database_url)
    assert (finding.state, finding.found) == ("wrong", "1 wait: disk-full")
    assert "GUANBIAO_DATA_DIR" in finding.cure
    await Lecture.delete().where(Lecture.id == lecture_id)
    finding = await asyncio.to_thread(doctor.waiting_lectures, settings.database_url)
    assert finding.state == "ok"


async def test_records_that_cannot_be_signed_are_told(settings: Settings, database: None) -> None:
    """Others may have left some: one more is one more."""

    async def found() -> doctor.Finding:
        return await asyncio.to_thread(doctor.records_aside, settings.database_url)

    before = await found()
    row = DueRecord(
        id=uuid7(),
        learner_id=uuid7(),
        programme="IA-E",
        edition="2026.1",
        revision=1,
        facts=b"{}",
        demonstration=False,
        state="quarantined",
        requested_at=datetime.now(UTC),
    )
    await DueRecord.insert(row)
    finding = await found()
    count = 1 + (int(before.found.split()[0]) if before.state == "wrong" else 0)
    assert (finding.state, finding.cure) == ("wrong", "guanbiao records aside")
    assert finding.found.startswith(f"{count} ")
    await DueRecord.delete().where(DueRecord.id == row.id)
    assert await found() == before


def test_room_is_looked_for_where_a_worker_encodes(tmp_path: Path) -> None:
    finding = doctor.scratch_room("", tmp_path / "not" / "yet" / "there")
    assert str(tmp_path) in finding.found


async def test_entries_that_wait_for_their_place_in_the_log_are_told(
    local_postgres: LocalPostgres, database: None
) -> None:
    async def found() -> doctor.Finding:
        return await asyncio.to_thread(doctor.public_log, local_postgres.dsn(database="waiting"))

    async with own_database(local_postgres, "waiting"):
        assert (await found()).state == "ok"
        await waiting(datetime.now(UTC) + timedelta(hours=2))
        ahead = await found()
        assert (ahead.state, ahead.cure) == (
            "wrong",
            "the clock of a server is ahead: set it right",
        )
        await waiting(datetime.now(UTC) - timedelta(hours=1))
        assert (await found()).found.startswith("it stands still: 2 entries")


async def waiting(at: datetime) -> None:
    entry = LogPending(entry_id=uuid7(), kind="clock.corrected", entry=b"{}", dated_at=at)
    await LogPending.insert(entry)
