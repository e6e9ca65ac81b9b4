"""Several processes, one database: what they let through together."""

import asyncio
import subprocess
import sys
from collections import Counter as Tally
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as judging
from hypothesis import strategies as st
from structlog.testing import capture_logs

from backend.limits import repository
from backend.limits import service as limits_service
from backend.limits.domain import MOST_PROCESSES, By, Counter, Policy, TooOften
from backend.limits.policies import RouteClass
from backend.limits.service import Limits, forget_ended
from backend.limits.tables import RateLimitCount
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.local.postgres import LocalPostgres
from infra.settings import Settings
from infra.vault import Vault
from tests.conftest import START

AT = int(START.timestamp())
HOME = "192.0.2.1"
READ = RouteClass.READ


def limits(vault: Vault, *policies: Policy, of: UUID | None = None) -> Limits:
    async def organisations_of(_: UUID) -> list[UUID]:
        return [of] if of else []

    return Limits(
        vault, policies={READ: policies}, organisations_of=organisations_of, patience_seconds=60
    )


def by_address(quota: int, *, shares: bool = False) -> Policy:
    return Policy(f"t-{uuid7()}", By.ADDRESS, quota, shares=shares)


async def passed(asker: Limits, times: int, *, at: int = AT, person: UUID | None = None) -> int:
    count = 0
    for _ in range(times):
        with suppress(TooOften):
            await asker.take(READ, HOME, person, at=at)
            count += 1
    return count


Steps = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40), st.integers(-3, 9)), max_size=30)


@pytest.mark.parametrize("shares", [False, True])
async def test_processes_together_never_exceed_a_limit(
    database: None, vault: Vault, shares: bool
) -> None:
    """Whoever asks, in whatever order, under clocks that differ by seconds."""
    loop = asyncio.get_running_loop()

    @judging(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.integers(1, 700), Steps)
    def judged(quota: int, steps: list[tuple[int, int, int]]) -> None:
        policy = by_address(quota, shares=shares)
        asyncio.run_coroutine_threadsafe(_walk(vault, policy, steps), loop).result()

    await asyncio.to_thread(judged)


async def _walk(vault: Vault, policy: Policy, steps: list[tuple[int, int, int]]) -> None:
    processes = [limits(vault, policy) for _ in range(4)]
    admitted: Tally[int] = Tally()
    at = AT
    async with UnitOfWork(DB):
        for process, requests, seconds in steps:
            at += seconds  # also backwards
            for _ in range(requests):
                with suppress(TooOften):
                    counters = await processes[process].take(READ, HOME, None, at=at)
                    admitted[counters[0].window] += 1
    assert all(count <= policy.quota for count in admitted.values())


async def test_one_process_alone_can_use_up_what_is_leased(unit: None, vault: Vault) -> None:
    assert await passed(limits(vault, by_address(100)), 130) == 100


async def test_few_requests_of_many_people_ask_no_database(database: None, vault: Vault) -> None:
    """No transaction is open and none of its connections is used: shares cover them."""
    policy = Policy(f"t-{uuid7()}", By.PERSON, 6000, shares=True)
    asker = limits(vault, policy)
    people = [uuid7() for _ in range(50)]
    for person in people:
        await asker.take(READ, HOME, person, at=AT)
    assert not await _rows(asker)


async def test_a_thousand_requests_cost_few_leases(
    unit: None, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0
    lease = repository.lease

    async def counted(counters: list[Counter]) -> dict[bytes, repository.Lease]:
        nonlocal asked
        asked += 1
        return await lease(counters)

    monkeypatch.setattr(repository, "lease", counted)
    assert await passed(limits(vault, by_address(6000, shares=True)), 1000) == 1000
    assert asked <= 3


async def test_who_is_over_the_limit_costs_no_query(unit: None, vault: Vault) -> None:
    asker = limits(vault, by_address(3))
    await passed(asker, 4)
    before = await _rows(asker)
    assert await passed(asker, 50) == 0
    assert await _rows(asker) == before


async def test_the_next_window_is_free_again_and_says_when_it_begins(
    unit: None, vault: Vault
) -> None:
    asker = limits(vault, by_address(3))
    await passed(asker, 3)
    with pytest.raises(TooOften) as refused:
        await asker.take(READ, HOME, None, at=AT)
    wait = int(refused.value.headers["Retry-After"])
    assert 1 <= wait <= 60
    assert f";r=0;t={wait}" in refused.value.headers["RateLimit"]
    assert await passed(asker, 1, at=AT + wait - 1) == 0
    assert await passed(asker, 9, at=AT + wait) == 3


async def test_other_networks_people_and_organisations_have_limits_of_their_own(
    unit: None, vault: Vault
) -> None:
    asker = limits(vault, by_address(2))
    await passed(asker, 2)
    assert await asker.take(READ, "192.0.2.2", None, at=AT)
    own = limits(vault, Policy(f"t-{uuid7()}", By.PERSON, 2))
    assert [await passed(own, 3, person=p) for p in (uuid7(), uuid7())] == [2, 2]


async def test_people_of_one_organisation_share_its_limit(unit: None, vault: Vault) -> None:
    asker = limits(vault, Policy(f"t-{uuid7()}", By.ORGANISATION, 3), of=uuid7())
    assert [await passed(asker, 2, person=p) for p in (uuid7(), uuid7())] == [2, 1]


async def test_a_request_that_one_limit_refuses_takes_nothing_from_another(
    unit: None, vault: Vault
) -> None:
    narrow, wide = by_address(1), Policy(f"t-{uuid7()}", By.PERSON, 100)
    asker, person = limits(vault, narrow, wide), uuid7()
    (first, second) = await asker.take(READ, HOME, person, at=AT)
    left = second.left
    assert await passed(asker, 5, person=person) == 0
    assert (first.left, second.left) == (0, left)


async def test_without_the_database_each_process_counts_alone(
    database: None, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything worth a limit needs the database too: refusing would only add to an outage."""

    async def away(_: object) -> dict[bytes, repository.Lease]:
        raise ConnectionRefusedError

    monkeypatch.setattr(repository, "lease", away)
    with capture_logs() as logs:
        assert await passed(limits(vault, by_address(40)), 60) == 40
    assert [entry["event"] for entry in logs] == ["rate_limits_alone"]


async def test_an_organisation_that_cannot_be_found_out_is_not_counted(
    unit: None, vault: Vault
) -> None:
    async def broken(_: UUID) -> list[UUID]:
        raise LookupError

    policy = Policy(f"t-{uuid7()}", By.ORGANISATION, 1)
    asker = Limits(vault, policies={READ: (policy,)}, organisations_of=broken)
    assert await passed(asker, 3, person=uuid7()) == 3


async def test_a_flood_of_addresses_keeps_memory_and_sums_bounded(
    unit: None, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits_service, "_REMEMBERED", 10)
    policy = by_address(4 * MOST_PROCESSES, shares=True)  # a share of one
    asker = limits(vault, policy)
    for number in range(60):
        await asker.take(READ, f"10.0.0.{number}", None, at=AT)
    assert len(asker._counters) <= 10
    assert await passed(asker, 200) <= policy.shared  # no second share for the forgotten


async def test_rows_name_nobody_and_go_when_their_window_is_long_over(
    unit: None, vault: Vault
) -> None:
    asker, person = limits(vault, Policy("t", By.PERSON, 5)), uuid7()
    await asker.take(READ, HOME, person, at=AT)
    (row,) = await _rows(asker)
    assert person.bytes not in bytes(row["key"])
    await forget_ended(START + timedelta(minutes=30))
    assert await _rows(asker)
    await forget_ended(START + timedelta(hours=2))
    assert not await _rows(asker)


async def _rows(asker: Limits) -> list[dict[str, Any]]:
    keys = [counter.key for counter in asker._counters.values()]
    return await RateLimitCount.select().where(RateLimitCount.key.is_in(keys))


_PROCESS = """
import asyncio, sys
from pathlib import Path
from backend.limits.domain import By, Policy, TooOften
from backend.limits.policies import RouteClass
from backend.limits.service import Limits
from infra.engine import DB, configure
from infra.settings import Settings
from infra.vault import Vault

async def main():
    dsn, keys, name, at = sys.argv[1:]
    configure(dsn)
    await DB.start_connection_pool(min_size=1, max_size=4)
    policies = {RouteClass.READ: (Policy(name, By.ADDRESS, 500, shares=True),)}
    limits = Limits(Vault.of(Path(keys)), policies=policies, patience_seconds=60)
    async def one():
        try:
            await limits.take(RouteClass.READ, "192.0.2.1", None, at=int(at))
            return 1
        except TooOften:
            return 0
    print(sum(await asyncio.gather(*(one() for _ in range(600)))))

asyncio.run(main())
"""


async def test_two_real_processes_at_once_keep_to_one_limit(
    database: None, local_postgres: LocalPostgres, vault: Vault, settings: Settings
) -> None:
    arguments = [local_postgres.dsn(), str(settings.keys), f"t-{uuid7()}", str(AT)]
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", _PROCESS, *arguments, stdout=subprocess.PIPE
        )
        for _ in range(2)
    ]
    said = [(await process.communicate())[0].decode() for process in started]
    assert 300 < sum(map(int, said)) <= 500
