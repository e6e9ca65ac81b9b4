"""What whoever makes an account agrees to: the notices that an account cannot do without.

The notices are kept elsewhere (backend.privacy); here they come with the application's state.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from infra import consents
from infra.consents import Agreement, Purpose
from infra.errors import Invalid

_Version = Annotated[str, msgspec.Meta(min_length=1, max_length=16, pattern=r"^[0-9.-]+$")]


class AgreedNotice(msgspec.Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    purpose: Purpose
    version: _Version


Agreed = Annotated[list[AgreedNotice], msgspec.Meta(max_length=10)]


class ConsentNeeded(Invalid):
    """Agree to the notices that an account needs, in their present versions: GET
    /v1/privacy-notices has them, each with `neededForAccount`."""

    zh = "请先阅读并同意账号所需的个人信息告知（现行版本见 /v1/privacy-notices）。"

    def __init__(self) -> None:
        super().__init__(fields={"agreed": "请阅读并勾选同意 / read it and tick the box"})


def must_agree(needed: Sequence[Agreement], given: Sequence[AgreedNotice]) -> None:
    """Before anything is made. Nobody agrees to what they were not shown, nor to an old version."""
    said = {(notice.purpose, notice.version) for notice in given}
    if not {(notice.purpose, notice.version) for notice in needed} <= said:
        raise ConsentNeeded


async def record_agreements(person_id: UUID, needed: Sequence[Agreement], *, now: datetime) -> None:
    """In the transaction that makes the account."""
    for notice in needed:
        await consents.say(
            person_id,
            notice.purpose,
            notice.version,
            notice_sha256=notice.notice_sha256,
            given=True,
            at=now,
        )
