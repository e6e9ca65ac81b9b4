"""Complaints over HTTP: three public routes by tracking code, the others for those who oversee."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, HeaderParameter, JSONBody, PathParameter

from backend.accounts.domain import Caller
from backend.oversight import complaints
from backend.oversight.guards import OVERSEERS, Limit, page_of, view_of
from backend.oversight.schemas import (
    Attached,
    ComplaintLine,
    ComplaintPage,
    ComplaintProgress,
    ComplaintReceived,
    ComplaintStep,
    ComplaintView,
    Decision,
    Investigation,
    NewComplaint,
    Proposal,
)
from backend.sent_file import sent_file
from infra.objects import ObjectStore
from infra.vault import Vault

TrackingCode = Annotated[str, HeaderParameter(name="Tracking-Code", min_length=20, max_length=64)]
Sha256 = Annotated[str, PathParameter(pattern=r"^[0-9a-f]{64}$")]


class ComplaintController(Controller):
    path = "/v1/complaints"
    tags = ("oversight",)

    @post("/", operation_id="Complain", summary="Complain, without an account")
    async def receive(
        self,
        data: JSONBody[NewComplaint],
        vault: NamedDependency[Vault],
        now: NamedDependency[datetime],
    ) -> ComplaintReceived:
        received = await complaints.receive(
            vault, data.about_kind, data.about, data.text, data.contact, now=now
        )
        return ComplaintReceived(tracking_code=received.tracking_code)

    @post(
        "/attachments",
        operation_id="AttachToComplaint",
        summary="Add a file to my complaint",
        request_max_body_size=None,
    )
    async def attach(
        self,
        request: Request[Any, Any, Any],
        code: TrackingCode,
        vault: NamedDependency[Vault],
        objects: NamedDependency[ObjectStore],
        now: NamedDependency[datetime],
    ) -> Attached:
        """The body is a PDF, PNG or JPEG of at most 8 MiB; a complaint takes ten."""
        await complaints.check_open(vault, code)  # a stranger must not fill our memory
        content = await sent_file(request)
        fit = await complaints.attach(vault, objects, code, content, now=now)
        return Attached(media_type=fit.media_type, size=len(content), sha256=fit.sha256)

    @get("/progress", operation_id="FollowComplaint", summary="How my complaint stands")
    async def follow(
        self, code: TrackingCode, vault: NamedDependency[Vault]
    ) -> Response[ComplaintProgress]:
        complaint, events, files = await complaints.progress(vault, code)
        body = ComplaintProgress(
            state=complaint["state"],
            outcome=complaint["outcome"] if complaint["state"] == "decided" else None,
            received_at=complaint["received_at"],
            steps=[ComplaintStep(step=e["step"], at=e["at"], said=e["said"]) for e in events],
            attachments=_files(files),
        )
        return Response(body, headers={"Cache-Control": "no-store"})

    @get(
        "/",
        operation_id="ListComplaints",
        summary="Complaints that I oversee, newest first",
        guards=[OVERSEERS],
    )
    async def many(
        self,
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
        cursor: FromQuery[UUID | None] = None,
        limit: Limit = 50,
    ) -> ComplaintPage:
        found = await complaints.seen_complaints(caller, before=cursor, limit=limit + 1, now=now)
        shown, more = page_of(found, limit)
        return ComplaintPage(
            items=[view_of(ComplaintLine, row) for row in shown],
            next_cursor=more,
        )

    @get(
        "/{complaint_id:uuid}",
        operation_id="GetComplaint",
        summary="A complaint as it was written",
        guards=[OVERSEERS],
    )
    async def one(
        self,
        complaint_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        now: NamedDependency[datetime],
    ) -> Response[ComplaintView]:
        """Reading it is kept in the audit trail."""
        found = await complaints.opened(vault, caller, complaint_id, now=now)
        return Response(_view(found), headers={"Cache-Control": "no-store"})

    @get(
        "/{complaint_id:uuid}/attachments/{sha256:str}",
        operation_id="GetComplaintAttachment",
        summary="A file of a complaint",
        media_type="application/octet-stream",
        guards=[OVERSEERS],
    )
    async def file(
        self,
        complaint_id: FromPath[UUID],
        sha256: Sha256,
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        objects: NamedDependency[ObjectStore],
        now: NamedDependency[datetime],
    ) -> Response[bytes]:
        """Always as a download: what strangers send never runs as a page of ours."""
        media_type, content = await complaints.attachment(
            vault, objects, caller, complaint_id, sha256, now=now
        )
        headers = {
            "Content-Disposition": "attachment",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "no-store",
        }
        return Response(content, media_type=media_type, headers=headers)

    @post(
        "/{complaint_id:uuid}/investigations",
        operation_id="InvestigateComplaint",
        summary="Note what was found out",
        guards=[OVERSEERS],
        status_code=204,
    )
    async def investigate(
        self,
        complaint_id: FromPath[UUID],
        data: JSONBody[Investigation],
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        now: NamedDependency[datetime],
    ) -> None:
        await complaints.investigate(vault, caller, complaint_id, data.note, data.said, now=now)

    @post(
        "/{complaint_id:uuid}/proposal",
        operation_id="ProposeOutcome",
        summary="Propose how to decide",
        guards=[OVERSEERS],
        status_code=204,
    )
    async def propose(
        self,
        complaint_id: FromPath[UUID],
        data: JSONBody[Proposal],
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        now: NamedDependency[datetime],
    ) -> None:
        await complaints.propose(vault, caller, complaint_id, data.outcome, data.reason, now=now)

    @post(
        "/{complaint_id:uuid}/decision",
        operation_id="DecideComplaint",
        summary="Decide what another person proposed",
        guards=[OVERSEERS],
        status_code=204,
    )
    async def decide(
        self,
        complaint_id: FromPath[UUID],
        data: JSONBody[Decision],
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        now: NamedDependency[datetime],
    ) -> None:
        await complaints.decide(
            vault, caller, complaint_id, data.reason, data.said, approved=data.approved, now=now
        )


def _view(found: complaints.Opened) -> ComplaintView:
    row = found.row
    return ComplaintView(
        id=row["id"],
        about_kind=row["about_kind"],
        about=row["about"],
        reporting_unit=row["reporting_unit"],
        state=row["state"],
        outcome=row["outcome"],
        text=found.text,
        contact=found.contact,
        received_at=row["received_at"],
        steps=[
            ComplaintStep(step=e["step"], at=e["at"], said=e["said"], note=e["note"])
            for e in found.events
        ],
        attachments=_files(found.attachments),
    )


def _files(rows: list[dict[str, Any]]) -> list[Attached]:
    return [
        Attached(media_type=row["media_type"], size=row["size"], sha256=row["sha256"])
        for row in rows
    ]


ROUTES: list[Any] = [ComplaintController]
