"""Whose cosignatures count here, and which are believed. No I/O."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from backend.records.verdict.cosignatures import witness_key
from backend.records.verdict.notes import MAX_NOTE, NoteKey
from backend.records.verdict.refusal import Refused
from infra.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge

MOST_BYTES = MAX_NOTE * 4
"""Of a note handed over: so many bytes its longest text can have."""
CLOCK_SKEW = timedelta(minutes=2)
LONGEST_NAME = 120


class NotACheckpoint(Invalid):
    """This is no checkpoint signed by this log's key; hand over the note as it was fetched, with
    your line added."""

    zh = "这不是由本站日志密钥签名的检查点；请原样提交所取得的检查点并附上您的签名行。"


class AnotherHistory(Conflict):
    """This log's key signed that checkpoint, but it is not what this log is: keep it and what you
    saw before, they prove a fork, and tell everybody who relies on the log."""

    zh = (
        "该检查点虽由本站日志密钥签名，却与本站日志不符："
        "请保留两份检查点作为分叉的证据，并告知所有依赖该日志的人。"
    )


class UnknownWitness(Forbidden):
    """No line of the note is by a witness that is registered here, or none holds; whoever runs the
    platform registers a witness with `guanbiao witness-keys add`."""

    zh = "其中没有在本站登记的见证方的有效签名；请联系平台运营方用 guanbiao witness-keys add 登记。"


class ImplausibleTime(Invalid):
    """The cosignature is dated before its checkpoint or in the future; set that machine's clock."""

    zh = "签名时间早于检查点或晚于当前时间；请校准见证方机器的时钟。"


class NoteTooLarge(TooLarge):
    """A note with one cosignature has less than a kilobyte; that was too much."""

    zh = "提交内容过大：附一行签名的检查点不足 1 KB。"


class NotAWitnessKey(Invalid):
    """A witness's key looks like `name+hash+key`, as `guanbiao witness init` prints it."""

    zh = "见证方公钥形如 name+hash+key，即 guanbiao witness init 所显示的那一行。"


class WitnessKnown(Conflict):
    """A witness of that name or key is registered already; see `guanbiao witness-keys list`."""

    zh = "该名称或公钥的见证方已经登记；请用 guanbiao witness-keys list 查看。"


class TooManyWitnesses(Conflict):
    """Fifteen witnesses are registered: a checkpoint has room for no more; remove one first."""

    zh = "已登记 15 个见证方，检查点容不下更多签名；请先移除一个。"


class NoSuchWitness(NotFound):
    """No witness of that name is registered; see `guanbiao witness-keys list`."""

    zh = "没有登记该名称的见证方；请用 guanbiao witness-keys list 查看。"


class Witness(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    vkey: str
    added_at: datetime
    removed_at: datetime | None = None

    @property
    def key(self) -> NoteKey:
        return witness_key(self.vkey)


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A registered witness, and what it signed last."""

    name: str
    vkey: str
    size: int | None
    at: datetime | None


class CosignedNote(msgspec.Struct, frozen=True):
    """A checkpoint with all lines that witnesses added to it."""

    size: int
    note: str
    count: int


def named_key(vkey: str) -> NoteKey:
    try:
        key = witness_key(vkey.strip())
    except Refused:
        raise NotAWitnessKey from None
    if len(key.name) > LONGEST_NAME or not key.name.isprintable():
        raise NotAWitnessKey
    return key


def plausible(at: int, *, signed_at: datetime, now: datetime) -> datetime | None:
    """The moment, where it lies between the checkpoint and now; clocks may differ a little."""
    earliest, latest = signed_at - CLOCK_SKEW, now + CLOCK_SKEW
    if not earliest.timestamp() <= at <= latest.timestamp():
        return None
    return datetime.fromtimestamp(at, UTC)


def best(notes: list[CosignedNote]) -> CosignedNote | None:
    """The one that most witnesses signed; of those the newest."""
    return max(notes, key=lambda note: (note.count, note.size), default=None)
