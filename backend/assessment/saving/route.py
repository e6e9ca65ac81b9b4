"""How `PUT /v1/attempts/{id}/answers` gets to the committer, by either way.

Most saves are answered by their lane (`backend.express`); `controllers.py` is the usual way, and
says what is wrong.
"""

from datetime import datetime
from uuid import UUID

import msgspec
from litestar.datastructures import State

from backend.accounts.domain import Caller, Role
from backend.assessment.saving.service import Batch, Outcome, commit
from backend.assessment.schemas import AnswersRequest, SubmissionRequest
from backend.express import Asked, Lane
from infra.committer import Committer
from infra.errors import DomainError, Unavailable
from infra.outage import AWAY

ROLE = Role.LEARNER

_decode = msgspec.json.Decoder(AnswersRequest).decode
_encode = msgspec.json.Encoder().encode


def batch_of(
    attempt_id: UUID, caller: Caller, data: AnswersRequest | SubmissionRequest, now: datetime
) -> Batch:
    return Batch(
        learner_id=caller.person_id,
        attempt_id=attempt_id,
        sitting=data.sitting,
        received_at=now,
        answers=data.answers,
    )


async def save(state: State, batch: Batch) -> Outcome:
    """Durable when it returns. Unavailable."""
    committer: Committer[Batch, Outcome] | None = state.get("answer_committer")
    if committer is None:
        committer = Committer(commit, weight=lambda one: len(one.answers))
        state["answer_committer"] = committer
    try:
        return await committer.submit(batch)
    except AWAY as error:
        raise Unavailable from error


async def _at_once(state: State, asked: Asked) -> bytes:
    data = _decode(asked.body)
    outcome = await save(state, batch_of(UUID(asked.ids[0]), asked.caller, data, asked.at))
    if isinstance(outcome, DomainError):
        raise outcome
    return _encode(outcome)


LANE = Lane("PUT", "/v1/attempts/{attempt_id}/answers", ROLE, _at_once)
