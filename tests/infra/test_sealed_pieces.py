"""A sealed file opens whole or not at all."""

import os
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra import sealed_pieces
from infra.sealed_pieces import KEY_BYTES, NotWhole, Sealer, opened, sealed_size

KEY = bytes(KEY_BYTES)
PIECE = 64


@pytest.fixture(autouse=True, scope="module")
def small_pieces() -> Iterator[None]:
    """So that a test's file has many pieces."""
    before, sealed_pieces.PIECE = sealed_pieces.PIECE, PIECE
    yield
    sealed_pieces.PIECE = before


def sealed(plain: bytes, step: int = 50) -> bytes:
    sealer = Sealer(KEY)
    parts = [sealer.add(plain[i : i + step]) for i in range(0, len(plain), step)]
    return b"".join(parts) + sealer.end()


async def read(content: bytes, size: int, step: int = 33, key: bytes = KEY) -> bytes:
    async def pieces() -> AsyncIterator[bytes]:
        for i in range(0, len(content), step):
            yield content[i : i + step]

    return b"".join([piece async for piece in opened(key, size, pieces())])


@given(size=st.integers(0, 5 * PIECE + 1), written=st.integers(1, 200), read_=st.integers(1, 200))
@settings(max_examples=60, deadline=None)
async def test_what_goes_in_comes_out_however_it_is_cut(
    size: int, written: int, read_: int
) -> None:
    plain = os.urandom(size)
    content = sealed(plain, written)
    assert len(content) == sealed_size(size)
    assert await read(content, size, read_) == plain


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "a bit changed": lambda c: bytes([c[0] ^ 1]) + c[1:],
    "the end cut off": lambda c: c[: -PIECE - 16],
    "a byte missing": lambda c: c[:-1],
    "two pieces that changed places": lambda c: c[80:160] + c[:80] + c[160:],
    "nothing there": lambda c: c[:0],
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_a_file_that_is_not_whole_is_refused(change: Callable[[bytes], bytes]) -> None:
    content = sealed(os.urandom(5 * PIECE))
    with pytest.raises(NotWhole):
        await read(change(content), 5 * PIECE)


async def test_another_key_opens_nothing() -> None:
    with pytest.raises(NotWhole):
        await read(sealed(b"secret"), 6, key=b"1" * KEY_BYTES)
