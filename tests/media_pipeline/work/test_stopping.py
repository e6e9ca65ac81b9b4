"""A worker told to stop in the moment in which it begins."""

import asyncio

import pytest

from media_pipeline.work.lecture import heard_out


async def stopped_while_it_begins(answer: str | None) -> list[str | None]:
    """What was handed back."""
    asked, heard = asyncio.Event(), asyncio.Event()
    back: list[str | None] = []

    async def begin() -> str | None:
        asked.set()
        await heard.wait()
        return answer

    async def put_back(begun: str | None) -> bool:
        back.append(begun)
        return True

    job = asyncio.create_task(heard_out(begin, put_back))
    await asked.wait()
    job.cancel()
    await asyncio.sleep(0)
    heard.set()
    with pytest.raises(asyncio.CancelledError):
        await job
    return back


async def test_what_the_database_had_heard_is_handed_back() -> None:
    assert await stopped_while_it_begins("a run") == ["a run"]


async def test_what_was_another_s_is_left_alone() -> None:
    assert await stopped_while_it_begins(None) == []


async def test_a_beginning_that_fails_says_so() -> None:
    async def begin() -> str | None:
        raise ZeroDivisionError

    async def put_back(begun: str) -> bool:
        raise AssertionError(begun)

    with pytest.raises(ZeroDivisionError):
        await heard_out(begin, put_back)
