"""One-time codes over HTTP."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from backend.accounts.codes import service
from backend.accounts.codes.domain import Purpose
from backend.accounts.codes.service import CodeAsked
from backend.accounts.desk import Desk, Visit
from backend.accounts.domain import checked_login
from backend.accounts.guards import caller_of
from backend.accounts.schemas import CodeRequest, CodeSent, Shown


@post(
    "/v1/codes",
    operation_id="AskForCode",
    summary="Have a one-time code sent to an e-mail address or a mobile number",
    tags=["accounts"],
    status_code=202,
)
async def ask_code(
    data: JSONBody[CodeRequest],
    request: Request[Any, Any, Any],
    desk: NamedDependency[Desk],
    visit: NamedDependency[Visit],
    now: NamedDependency[datetime],
) -> CodeSent:
    """Answers alike whether the login has an account or not: only its owner is told."""
    asked_by: UUID | None = None
    if data.purpose is Purpose.LINK:
        asked_by = (await caller_of(request)).person_id
    asked = await service.ask_code(
        desk.vault,
        desk.messages,
        checked_login(data.login),
        data.purpose,
        asked_by=asked_by,
        address=visit.address,
        demo=desk.demo,
        now=now,
    )
    return _sent(asked)


def _sent(asked: CodeAsked) -> CodeSent:
    sent = CodeSent(code_id=asked.code_id, expires_in=asked.expires_in, resend_in=asked.resend_in)
    if asked.shown is not None:
        sent.demonstration_code = asked.shown.code or msgspec.UNSET
        sent.demonstration_message = Shown(zh=asked.shown.zh, en=asked.shown.en)
    return sent


ROUTES: list[Any] = [ask_code]
