"""Rules of printing for an organisation: one file at a time, kept for a day. Pure."""

from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from infra.errors import Conflict, NotFound

KEPT = timedelta(days=1)
"""It holds the names of all of them: as long as it takes to fetch it, no longer."""
MOST_STARTS = 3
SHOWN = 20


class State(StrEnum):
    WAITING = "waiting"
    PRINTING = "printing"
    READY = "ready"
    FAILED = "failed"


class PrintsUnderWay(Conflict):
    """Your organisation's records are being printed already; wait until that file is ready."""

    zh = "贵单位的证明正在打印，请等待该文件完成。"


class NoSuchPrints(NotFound):
    """Your organisation has no such file, or it is older than a day; ask for a new one."""

    zh = "贵单位没有该文件，或其已超过一天，请重新生成。"


class PrintsNotReady(Conflict):
    """This file is not ready; look at its state again."""

    zh = "该文件尚未完成，请稍后查看。"


def folder_of(batch_id: UUID) -> str:
    return f"prints/{batch_id}/"


def object_name(batch_id: UUID, attempt_id: UUID) -> str:
    return f"{folder_of(batch_id)}{attempt_id}"
