"""Ways to find out whether somebody is who he says: adapters behind one port.

`DocumentCheck` looks at the number alone, so what it passes stays declared. `TwoPersonCheck` is
how this platform verifies. `NullIdentityCheck` believes everyone, for demonstrations. A service
that asks an authority would be a fourth.
"""

from typing import Protocol
from uuid import UUID

import msgspec
import structlog

from backend.identity.documents import Document
from backend.identity.domain import NOTHING_CHECKED, TWO_PERSON, check_other_person
from infra.errors import Conflict

_log = structlog.get_logger(__name__)
_NOTICE = {
    "zh": "演示：未核验任何证件，任何姓名都会通过。仅限演示系统。",
    "en": "DEMONSTRATION: nothing was checked, any name passes. Demonstration systems only.",
}


class NoIdentityCheck(Conflict):
    """Nobody is verified by a name alone here; declare your document instead (GET /v1/me/identity
    says how)."""

    zh = "本系统不能仅凭姓名认证，请在“实名认证”中申报证件，由所在组织与平台两级核验。"


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be checked, and who has looked at the document already."""

    person_id: UUID
    name: str
    document: Document | None = None
    attested_by: UUID | None = None
    confirmed_by: UUID | None = None


class IdentityResult(msgspec.Struct, frozen=True):
    verified: bool
    method: str
    notice: dict[str, str] | None = None
    """In `zh` and `en`: what the check is worth, when that is less than it seems."""


class IdentityCheck(Protocol):
    async def confirms(self, claim: Claim) -> IdentityResult: ...


class NullIdentityCheck:
    """Believes everyone. It exists so that a demonstration can be walked through to its end."""

    async def confirms(self, claim: Claim) -> IdentityResult:
        del claim
        return IdentityResult(verified=True, method=NOTHING_CHECKED, notice=_NOTICE)


class DocumentCheck:
    """A `Document` exists only where its number is well formed: good to declare, no more."""

    async def confirms(self, claim: Claim) -> IdentityResult:
        assert claim.document is not None
        return IdentityResult(verified=False, method="document")


class TwoPersonCheck:
    """One person has seen the document, another one confirms; neither is the one concerned."""

    async def confirms(self, claim: Claim) -> IdentityResult:
        """TwoPeopleNeeded."""
        both = claim.attested_by is not None and claim.confirmed_by is not None
        if claim.confirmed_by is not None:
            check_other_person(claim.confirmed_by, claim.attested_by, claim.person_id)
        return IdentityResult(verified=both, method=TWO_PERSON)


def identity_check(*, demo: bool) -> IdentityCheck | None:
    """That of POST /v1/me/identity-verification, which knows a name and nothing else."""
    if not demo:
        return None
    _log.warning("NULL IDENTITY CHECK IS ON: any name passes as verified. Demonstration only!")
    return NullIdentityCheck()
