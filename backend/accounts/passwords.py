"""argon2id, off the event loop, a bounded number at a time."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from infra.errors import Unavailable

T = TypeVar("T")
_WAITING_PER_CORE = 100  # about three seconds of hashing: longer, and the phone has given up
OWASP_2023 = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class SignInBusy(Unavailable):
    """Very many people are signing in; try again in a few seconds."""

    zh = "当前登录人数较多，请几秒后重试。"

    def __init__(self) -> None:
        super().__init__()
        self.headers["Retry-After"] = "3"


class Passwords:
    """One thread a core: hashing is all processor, and more at once would only add memory."""

    def __init__(self, cores: int | None = None, hasher: PasswordHasher = OWASP_2023) -> None:
        self._hasher = hasher
        cores = cores or os.cpu_count() or 1
        self._threads = ThreadPoolExecutor(cores, thread_name_prefix="argon2")
        self._room = cores * (1 + _WAITING_PER_CORE)
        self._nobodys_hash = _nobodys_hash(hasher)

    async def hash(self, password: str) -> str:
        return await self._run(self._hasher.hash, password)

    async def verify(self, hashed: str | None, password: str) -> bool:
        """With no hash (an unknown login) the same work is done, and the answer is no."""
        matches = await self._run(self._matches, hashed or self._nobodys_hash, password)
        return matches and hashed is not None

    def needs_new_hash(self, hashed: str) -> bool:
        """The cost was raised since this password was hashed."""
        return self._hasher.check_needs_rehash(hashed)

    def _matches(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[..., T], *arguments: str) -> T:
        if self._room <= 0:
            raise SignInBusy
        self._room -= 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, work, *arguments)
        finally:
            self._room += 1


@cache
def _nobodys_hash(hasher: PasswordHasher) -> str:
    """Of a password that nobody knows. Once a process: it is as much work as any."""
    return hasher.hash(os.urandom(16).hex())


def hash_password(password: str) -> str:
    return OWASP_2023.hash(password)
