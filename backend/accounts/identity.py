"""Identity verification (实名认证): is this really the person of that name?"""

from typing import Protocol

import msgspec
import structlog

from infra.errors import Conflict

_log = structlog.get_logger(__name__)
_NOTHING_CHECKED = {
    "zh": "演示：未核验任何证件，任何姓名都会通过。仅限演示系统。",
    "en": "DEMONSTRATION: nothing was checked, any name passes. Demonstration systems only.",
}


class NoIdentityCheck(Conflict):
    """No identity verification is connected to this installation yet; ask its operator."""

    zh = "本系统尚未接入实名认证，请联系运营方。"


class IdentityResult(msgspec.Struct, frozen=True):
    verified: bool
    method: str
    notice: dict[str, str] | None = None
    """In `zh` and `en`: what the check is worth, when that is less than it seems."""


class IdentityCheck(Protocol):
    async def confirms(self, name: str) -> IdentityResult: ...


class NullIdentityCheck:
    """Believes everyone. It exists so that a demonstration can be walked through to its end."""

    async def confirms(self, name: str) -> IdentityResult:
        del name
        return IdentityResult(verified=True, method="null", notice=_NOTHING_CHECKED)


def identity_check(*, demo: bool) -> IdentityCheck | None:
    if not demo:
        return None
    _log.warning("NULL IDENTITY CHECK IS ON: any name passes as verified. Demonstration only!")
    return NullIdentityCheck()
