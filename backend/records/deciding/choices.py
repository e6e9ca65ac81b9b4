"""What is open to somebody who looks at a record, and why the rest is not: told before a word is
typed, and tried as the act itself will try it."""

from datetime import datetime
from uuid import UUID

from backend.records.deciding.correcting import SamePerson, check_correctable
from backend.records.deciding.domain import DECIDABLE, check_not_own
from backend.records.deciding.schemas import ChoiceView, RefusalView
from backend.records.deciding.service import check_may_propose
from backend.records.domain import State, Title
from backend.records.tables import CompletionRecord
from infra.errors import DomainError
from infra.vault import Vault

_BECOMES = {
    "suspend": "suspended",
    "reinstate": "reinstated",
    "revoke": "revoked",
    "correct": "superseded",
}


async def choices_of(
    vault: Vault,
    record: CompletionRecord,
    state: State,
    caller: UUID,
    *,
    now: datetime,
    same_person: SamePerson,
) -> list[ChoiceView]:
    """In the caller's unit of work. What the record's state does not allow to anybody is left
    out."""

    async def refused(act: str) -> RefusalView | None:
        try:
            check_not_own(record.learner_id, [caller])
            if act == "revoke":
                await check_may_propose(record, caller, now)
            elif act == "correct":
                await check_correctable(vault, record, caller, now, same_person)
        except DomainError as error:
            return refusal_of(error)
        return None

    acts = [act for act, kind in _BECOMES.items() if state in DECIDABLE[kind]]
    return [ChoiceView(act=act, refused=await refused(act)) for act in acts]


def refusal_of(error: DomainError) -> RefusalView:
    words = Title(zh=error.message("zh"), en=error.message("en"))
    return RefusalView(code=error.code, words=words)
