"""Passwords that whoever guesses tries first, from the lists of the package zxcvbn.

Its 30,000 passwords of old breaches, names and words, and what people make of them: years, digits
and signs behind, letters turned to figures, runs of the keyboard (docs/decisions/0009).
"""

import asyncio

from backend.accounts.domain import Login, PasswordTooWeak, checked_password

LEAST_GUESSES = 10**6
_READ = 72  # the package reads no more; longer passwords are judged by their beginning
_OURS = ["guanbiao", "zhishichanquan", "zhishi", "chanquan", "woaini", "zhongguo", "peixun"]


async def acceptable_password(password: str, login: Login) -> str:
    """The form that is hashed. Judged off the event loop: up to 0.1 s of work."""
    folded = checked_password(password, login)
    if await asyncio.to_thread(guesses, folded, login) < LEAST_GUESSES:
        raise PasswordTooWeak(
            fields={"password": "太常见，容易被猜中 / too common, easily guessed"}
        )
    return folded


def guesses(password: str, login: Login) -> float:
    """How many a guesser needs who knows the lists and this login."""
    from zxcvbn import zxcvbn  # type: ignore[import-untyped]  # 0.2 s, at first use only

    known = [*_OURS, login.value, *login.value.replace("@", ".").split(".")]
    return float(zxcvbn(password[:_READ], known)["guesses"])
