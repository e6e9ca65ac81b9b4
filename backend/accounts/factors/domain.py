"""The rules of second factors. No I/O: time and rows are passed in."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum

import msgspec

FRESH = timedelta(minutes=10)
"""How long a proof lets its session change keys and ways in."""
PENDING_FOR = timedelta(minutes=15)
CHALLENGE_FOR = timedelta(minutes=5)
RECOVERY_CODES = 10
MOST_PASSKEYS = 20
STEP_SECONDS = 30
DRIFT_STEPS = 1
_CODE = re.compile(r"\d{6}", re.ASCII)
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
_LOOK_ALIKE = str.maketrans("ILO", "110")
_RECOVERY = re.compile(rf"[{_ALPHABET}]{{10}}")


class Standing(msgspec.Struct, frozen=True):
    """What a session has shown, and what its person has set up."""

    started_at: datetime
    second_factor_at: datetime | None
    enrolled: bool


class Missing(Enum):
    NOTHING = "go on"
    SECOND_FACTOR = "show the second factor again"
    SIGN_IN = "sign in again"


def missing(standing: Standing, *, now: datetime) -> Missing:
    """Whoever has a second factor shows it; who has none yet has just signed in."""
    if standing.enrolled:
        shown = standing.second_factor_at
        return Missing.NOTHING if shown and now - shown < FRESH else Missing.SECOND_FACTOR
    return Missing.NOTHING if now - standing.started_at < FRESH else Missing.SIGN_IN


# --- codes ------------------------------------------------------------------------------------


def typed_code(text: str) -> str:
    """Full-width digits, spaces and hyphens of all kinds are how people copy a code."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return re.sub(r"[\s\-‐-―]", "", folded)


def is_totp(code: str) -> bool:
    return _CODE.fullmatch(code) is not None


def recovery_code(code: str) -> str | None:
    """`code` as it was issued, or None when it cannot be one."""
    plain = code.translate(_LOOK_ALIKE)
    return plain if _RECOVERY.fullmatch(plain) else None


def shown_recovery_code(random: bytes) -> str:
    """50 bits as XXXXX-XXXXX. `random`: ten bytes, of which five bits each are used."""
    letters = "".join(_ALPHABET[byte & 31] for byte in random)
    return f"{letters[:5]}-{letters[5:10]}"


def steps_about(now: datetime) -> Sequence[int]:
    """Time steps whose code is right now: the present one first, then a phone's slow clock."""
    step = int(now.timestamp()) // STEP_SECONDS
    return [step, *(step + sign * n for n in range(1, DRIFT_STEPS + 1) for sign in (-1, 1))]


def counter_went_back(kept: int, signed: int) -> bool:
    """WebAuthn §6.1.1: a counter only grows, unless it is not kept at all (0, as synced passkeys
    say). One that does not was perhaps copied."""
    return (kept > 0 or signed > 0) and signed <= kept


# --- wrong codes ------------------------------------------------------------------------------

FREE_WRONG_CODES = 5
"""Of one person from one network."""
FREE_WRONG_CODES_ANYWHERE = 10
LONGEST_WAIT = timedelta(minutes=15)
WRONG_FORGOTTEN_AFTER = timedelta(days=1)


class WrongCodes(msgspec.Struct, frozen=True):
    """Attempts in a row without a right one. Only who knows the password can make any: three
    steps of a million codes, 96 guesses a day at the longest wait, make 1 in 3,500 a day."""

    in_a_row: int
    last_at: datetime

    def counted(self, *, now: datetime) -> int:
        return self.in_a_row if now - self.last_at < WRONG_FORGOTTEN_AFTER else 0

    def wait(self, free: int, *, now: datetime) -> int:
        """Whole seconds until the next attempt is heard, 0 when it is now."""
        over = self.counted(now=now) - free
        if over < 0:
            return 0
        delay = min(timedelta(seconds=2 ** min(over, 12)), LONGEST_WAIT)
        return max(0, -(-(self.last_at + delay - now) // timedelta(seconds=1)))
