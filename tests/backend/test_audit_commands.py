"""`guanbiao audit` and `guanbiao privacy` as an operator types them, against real rows."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from subprocess import CompletedProcess

import msgspec
import pytest

from infra import audit_chain
from infra.audit import record_act
from infra.clock import system_clock
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.settings import Settings
from tests.infra.up import environment, guanbiao, help_of

Operator = Callable[..., Awaitable["CompletedProcess[str]"]]


@pytest.fixture
def operator(settings: Settings, tmp_path: Path) -> Operator:
    env = environment(
        DATABASE_URL=settings.database_url,
        OBJECTS_URL=settings.objects_url,
        GUANBIAO_DATA_DIR=str(tmp_path / "none"),
    )
    return lambda *words: asyncio.to_thread(guanbiao, *words, env=env)


async def test_the_trail_is_shown_verified_and_ended(database: None, operator: Operator) -> None:
    subject = f"person:{uuid7()}"
    async with UnitOfWork(DB):
        await record_act(
            "role-granted", actor=None, subject=subject, now=system_clock(), details={"role": "x"}
        )
    shown, verified, head = await asyncio.gather(
        operator("audit", "show", "--subject", subject, "--since", "2026-01-01", "--json"),
        operator("audit", "verify"),
        operator("audit", "head", "--json"),
    )
    (entry,) = msgspec.json.decode(shown.stdout)
    assert (entry["act"], entry["subject"]) == ("role-granted", subject)
    assert (verified.returncode, "✓" in verified.stdout) == (0, True), verified.stdout
    end = await audit_chain.head()
    assert msgspec.json.decode(head.stdout) == msgspec.to_builtins(end)


async def test_what_would_go_is_said_before_it_goes(database: None, operator: Operator) -> None:
    done = await operator("privacy", "retention", "--dry-run", "--json")
    said = msgspec.json.decode(done.stdout)
    assert said["dryRun"]
    assert {kind["kind"] for kind in said["kinds"]} >= {"access-log", "ended-sessions"}


@pytest.mark.parametrize("words", [("audit", "show"), ("privacy", "retention")])
def test_the_commands_teach_by_example(words: tuple[str, str]) -> None:
    assert f"guanbiao {' '.join(words)}" in help_of(*words)
