import asyncio

import pytest

from infra.committer import (
    GATHERED_LIMIT,
    Committer,
    Stopping,
    TooManyWaiting,
)


class Ledger:
    """Stands where the database does: holds each transaction until told to go on."""

    def __init__(self) -> None:
        self.transactions: list[list[int]] = []
        self.gate = asyncio.Event()

    async def commit(self, requests: list[int]) -> list[int]:
        self.transactions.append(requests)
        await self.gate.wait()
        if 13 in requests:
            raise ValueError("13")
        return [request * 10 for request in requests]


async def started(committer: Committer[int, int], *requests: int) -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(committer.submit(request)) for request in requests]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


async def test_requests_gather_while_the_previous_transaction_commits() -> None:
    ledger = Ledger()
    committer = Committer(ledger.commit)
    tasks = await started(committer, 1)
    tasks += await started(committer, 2, 3, 4)
    ledger.gate.set()
    assert await asyncio.gather(*tasks) == [10, 20, 30, 40]
    assert ledger.transactions == [[1], [2, 3, 4]]


async def test_no_answer_before_the_commit_returned() -> None:
    ledger = Ledger()
    (task,) = await started(Committer(ledger.commit), 1)
    assert not task.done()
    ledger.gate.set()
    assert await task == 10


async def test_beyond_the_limit_requests_are_told_to_come_back() -> None:
    ledger = Ledger()
    committer = Committer(ledger.commit, waiting_limit=2)
    tasks = await started(committer, 1)  # on its way to the database; these two wait
    tasks += await started(committer, 2, 3)
    with pytest.raises(TooManyWaiting) as refused:
        await committer.submit(4)
    assert refused.value.headers == {"Retry-After": "2"}
    ledger.gate.set()
    assert await asyncio.gather(*tasks) == [10, 20, 30]


async def test_a_failed_transaction_fails_its_own_requests_and_the_next_goes_on() -> None:
    ledger = Ledger()
    committer = Committer(ledger.commit)
    ledger.gate.set()
    with pytest.raises(ValueError, match="13"):
        await committer.submit(13)
    assert await committer.submit(1) == 10


async def test_a_client_that_left_keeps_nobody_waiting() -> None:
    ledger = Ledger()
    first, second = await started(Committer(ledger.commit), 1, 2)
    first.cancel()
    ledger.gate.set()
    assert await second == 20


async def test_a_transaction_gathers_no_more_than_its_limit() -> None:
    ledger = Ledger()
    ledger.gate.set()
    tasks = await started(Committer(ledger.commit), *range(1000, 1000 + GATHERED_LIMIT + 1))
    await asyncio.gather(*tasks)
    assert [len(gathered) for gathered in ledger.transactions] == [GATHERED_LIMIT, 1]


async def test_a_heavy_request_goes_alone_and_is_never_left_behind() -> None:
    ledger = Ledger()
    ledger.gate.set()
    committer = Committer(ledger.commit, weight=lambda request: request)
    tasks = await started(committer, GATHERED_LIMIT + 1, GATHERED_LIMIT - 1, 1, 1)
    await asyncio.gather(*tasks)
    assert ledger.transactions == [[GATHERED_LIMIT + 1], [GATHERED_LIMIT - 1, 1], [1]]


async def test_a_stopping_server_commits_what_waits_and_takes_no_more() -> None:
    ledger = Ledger()
    committer = Committer(ledger.commit)
    tasks = await started(committer, 1, 2)
    tasks += await started(committer, 3)
    closing = asyncio.create_task(committer.close(grace_seconds=60))
    await asyncio.sleep(0)
    with pytest.raises(Stopping) as refused:
        await committer.submit(4)
    assert refused.value.headers == {"Retry-After": "2"}
    ledger.gate.set()
    await closing
    assert await asyncio.gather(*tasks) == [10, 20, 30]


async def test_what_a_stopping_server_cannot_commit_in_time_is_not_acknowledged() -> None:
    committer = Committer(Ledger().commit)
    tasks = await started(committer, 1)
    tasks += await started(committer, 2)
    await committer.close(grace_seconds=0)
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(answer) for answer in answers] == [Stopping, Stopping]
