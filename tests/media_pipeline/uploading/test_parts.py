"""Parts go to the store side by side, are heard of in order, and leave no memory behind."""

import asyncio
import gc
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.uploading.domain import PART_BYTES
from media_pipeline.uploading.parts import IN_FLIGHT, PartBuffer, Parts


class Store:
    """Stores a part when it is told to, as a store across a slow network does."""

    def __init__(self) -> None:
        self.begun: dict[int, asyncio.Future[None]] = {}
        self.heard: list[str] = []

    async def put(self, number: int, content: memoryview) -> str:
        self.begun[number] = asyncio.get_running_loop().create_future()
        await self.begun[number]
        return f"{number}:{bytes(content[:1]).hex()}"

    async def stored(self, etag: str) -> None:
        self.heard.append(etag)


def a_part(letter: bytes) -> PartBuffer:
    buffer = PartBuffer()
    buffer.take(memoryview(letter * PART_BYTES))
    return buffer


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@given(st.lists(st.binary(max_size=3000), max_size=20), st.integers(1, 5000))
def test_a_buffer_takes_what_fits(chunks: list[bytes], room: int) -> None:
    buffer = PartBuffer()
    buffer.take(memoryview(bytes(PART_BYTES - room)))
    sent, left = b"".join(chunks), b""
    for chunk in chunks:
        left += bytes(buffer.take(memoryview(chunk)))
    assert bytes(buffer.content[PART_BYTES - room :]) + left == sent
    assert buffer.full == (len(sent) >= room)
    buffer.free()


async def test_parts_that_arrive_out_of_order_are_heard_of_in_order() -> None:
    store = Store()
    way = Parts(store.put, store.stored)
    for number, letter in enumerate((b"a", b"b")[:IN_FLIGHT], start=1):
        await way.send(number, a_part(letter))
    await turns()
    for number in sorted(store.begun, reverse=True):
        store.begun[number].set_result(None)
        await turns()
        assert store.heard == ([] if number > 1 else ["1:61", "2:62"][:IN_FLIGHT])
    await way.arrived()


async def test_who_sends_waits_while_enough_is_under_way() -> None:
    store = Store()
    way = Parts(store.put, store.stored)
    for number in range(1, IN_FLIGHT + 1):
        await way.send(number, a_part(b"a"))
    one_more = asyncio.create_task(way.send(IN_FLIGHT + 1, a_part(b"b")))
    await turns()
    assert not one_more.done()
    store.begun[1].set_result(None)
    await turns()
    assert one_more.done()
    await way.end()


async def test_what_goes_wrong_with_a_part_reaches_who_sends_and_later_parts_do_not_count() -> None:
    store = Store()
    way = Parts(store.put, store.stored)
    for number in range(1, IN_FLIGHT + 1):
        await way.send(number, a_part(b"a"))
    await turns()
    store.begun[1].set_exception(ConnectionError("away"))
    for number in range(2, IN_FLIGHT + 1):
        store.begun[number].set_result(None)
    with pytest.raises(ConnectionError):
        await way.arrived()
    await way.end()
    assert store.heard == []


async def test_memory_is_given_back_at_once() -> None:
    """Waiting for the collector, a busy server would hold that of many uploads."""
    store, first = Store(), a_part(b"a")
    memory = weakref.ref(first.content.obj)
    way = Parts(store.put, store.stored)
    gc.disable()
    try:
        second = await way.send(1, first)
        await turns()
        store.begun[1].set_result(None)
        await way.arrived()
        assert memory() is not None, "for the next part"
        await way.end()
        assert memory() is None
        second.free()
    finally:
        gc.enable()
