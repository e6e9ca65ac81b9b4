"""Waiting for a condition of another process, never for a time."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable


async def condition(
    holds: Callable[[], bool | Awaitable[bool]], *, seconds: float = 30, pause: float = 0.02
) -> None:
    """TimeoutError when `holds` is not true within `seconds`."""
    async with asyncio.timeout(seconds):
        while True:
            found = holds()
            if await found if inspect.isawaitable(found) else found:
                return
            await asyncio.sleep(pause)
