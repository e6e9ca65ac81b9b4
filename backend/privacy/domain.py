"""Rules of consent, export and erasure. No I/O: time and rows are passed in."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from infra.errors import Conflict, Forbidden, Invalid, NotFound

EXPORT_KEPT = timedelta(days=7)
LINK_LIFETIME = timedelta(minutes=5)
EXPORT_STARTS = 3


class NeededForTheAccount(Conflict):
    """Your account rests on this purpose: to withdraw it, ask for erasure (POST /v1/me/erasure)."""

    zh = "该用途是账号存在的前提；如不再同意，请申请注销并删除个人信息。"


class ExportUnderWay(Conflict):
    """An export of yours is being made; wait for it, one is made at a time."""

    zh = "您的上一次导出仍在生成，请等待其完成；每次只生成一份。"


class NoSuchExport(NotFound):
    """No such export of yours, or its file has been deleted; ask for a new one."""

    zh = "没有该导出文件，或文件已过期删除；请重新申请导出。"


class ExportNotReady(Conflict):
    """This export is not ready yet; look again in a minute."""

    zh = "导出文件尚未生成，请稍后再看。"


class ExportLinkNotValid(Forbidden):
    """This link is damaged or past its five minutes; ask for a new one on your privacy page."""

    zh = "该下载链接无效或已超过五分钟，请在隐私页面重新获取。"


class GiveUpRolesFirst(Conflict):
    """You still hold roles; ask an administrator to take them from you, then ask again."""

    zh = "您仍担任平台角色；请先联系管理员撤销这些角色，再申请注销。"

    def __init__(self, roles: list[str]) -> None:
        super().__init__(fields={"roles": ", ".join(roles)})


class NoErasureToCancel(NotFound):
    """You have not asked for erasure, or it has begun already."""

    zh = "没有可以撤回的注销申请，或删除已经开始。"


class NameIsVerified(Conflict):
    """Your name was verified; to change it, verify your identity again under the new name."""

    zh = "您的姓名已经实名认证；如需更改，请以新姓名重新进行实名认证。"


class SubjectNotValid(Invalid):
    """A subject is a kind and an id, like person:0199c0de-0000-7000-8000-000000000000."""

    zh = "subject 应为类别加编号，例如 person:0199c0de-0000-7000-8000-000000000000。"


class ErasureState(StrEnum):
    WAITING = "waiting"
    CANCELLED = "cancelled"
    RUNNING = "running"
    DONE = "done"


class ExportState(StrEnum):
    WAITING = "waiting"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"
    REMOVED = "removed"


class ExportFacts(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    person_id: UUID
    state: ExportState
    requested_at: datetime
    ready_at: datetime | None
    expires_at: datetime | None
    size: int | None

    def shown_state(self, *, now: datetime) -> ExportState:
        """A file past its time is gone for its owner, whenever the sweep comes round."""
        over = self.expires_at is not None and self.expires_at <= now
        return ExportState.REMOVED if over else self.state


def folder_of(export_id: UUID) -> str:
    return f"exports/{export_id}/"


def file_name(export_id: UUID, attempt_id: UUID) -> str:
    return f"{folder_of(export_id)}{attempt_id}.zip.sealed"


class ConsentState(StrEnum):
    NOT_ASKED = "not-asked"
    GIVEN = "given"
    WITHDRAWN = "withdrawn"
    OUTDATED = "outdated"
    """Given, but to an older version of the notice: to be asked anew."""


def consent_state(given: bool | None, version: str | None, current: str) -> ConsentState:
    if given is None:
        return ConsentState.NOT_ASKED
    if not given:
        return ConsentState.WITHDRAWN
    return ConsentState.GIVEN if version == current else ConsentState.OUTDATED
