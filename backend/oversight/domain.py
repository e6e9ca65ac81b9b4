"""Signals, complaints and spot checks: their states and sums. No I/O."""

import hashlib
from collections.abc import Collection, Sequence
from enum import StrEnum
from uuid import UUID

from infra.errors import Conflict, Forbidden, Invalid, NotFound

# --- integrity signals --------------------------------------------------------------------------


class SignalSource(StrEnum):
    SHARED_DEVICE = "shared-device"
    IMPOSSIBLE_PACE = "impossible-pace"
    WATCHING = "watching"
    TWIN_ANSWERS = "twin-answers"
    ANSWER_TIMES = "answer-times"
    FOREKNOWLEDGE = "foreknowledge"
    EXPOSED_ITEM = "exposed-item"
    ATTENDANCE = "attendance"
    COMPLAINT = "complaint"
    SPOT_CHECK = "spot-check"
    OBSERVATION = "observation"


class SubjectKind(StrEnum):
    PERSON = "person"
    RECORD = "record"
    ATTEMPT = "attempt"
    CLASS_SESSION = "class-session"
    ORGANISATION = "organisation"
    ITEM = "item"


class SignalVerdict(StrEnum):
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


class NoSuchSignal(NotFound):
    """No such integrity signal, or none that you oversee."""

    zh = "没有这条诚信线索，或不在您的监督范围内。"


# --- complaints ---------------------------------------------------------------------------------

TRACKING_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that is mistaken for another
TRACKING_LENGTH = 20
"""Five bits each: 100 bits, which nobody guesses."""
MOST_ATTACHMENTS = 10


class ComplaintState(StrEnum):
    RECEIVED = "received"
    INVESTIGATING = "investigating"
    PROPOSED = "proposed"
    DECIDED = "decided"


class Step(StrEnum):
    RECEIVED = "received"
    ATTACHED = "attached"
    INVESTIGATED = "investigated"
    PROPOSED = "proposed"
    REJECTED = "rejected"
    DECIDED = "decided"


class Outcome(StrEnum):
    UPHELD = "upheld"
    UNFOUNDED = "unfounded"
    NOT_OURS = "not-ours"


FOLLOWS: dict[Step, tuple[frozenset[ComplaintState], ComplaintState]] = {
    Step.INVESTIGATED: (
        frozenset({ComplaintState.RECEIVED, ComplaintState.INVESTIGATING}),
        ComplaintState.INVESTIGATING,
    ),
    Step.PROPOSED: (
        frozenset({ComplaintState.RECEIVED, ComplaintState.INVESTIGATING}),
        ComplaintState.PROPOSED,
    ),
    Step.REJECTED: (frozenset({ComplaintState.PROPOSED}), ComplaintState.INVESTIGATING),
    Step.DECIDED: (frozenset({ComplaintState.PROPOSED}), ComplaintState.DECIDED),
}
"""What a step needs, and where it leads."""


class NoSuchComplaint(NotFound):
    """No complaint with this tracking code or id that you may see; check every character."""

    zh = "没有您可以查看的这件投诉，请逐字核对查询码。"


class OutOfTurn(Conflict):
    """The complaint is not in the state for this step; fetch it again."""

    zh = "投诉当前状态不能进行此步骤，请刷新后再看。"


class SecondPersonNeeded(Forbidden):
    """A decision needs two people: somebody else must look at what you proposed."""

    zh = "处理决定须由两人作出：请由另一位工作人员复核您提出的意见。"


class TooManyAttachments(Conflict):
    """A complaint takes at most ten files; describe the rest in words."""

    zh = "每件投诉最多附 10 个文件，其余请用文字说明。"


class ComplaintClosed(Conflict):
    """This complaint is decided and takes no more files; complain anew and name this one."""

    zh = "该投诉已作出处理决定，不能再添加文件；如有新情况，请另行投诉并说明。"


def check_takes_files(state: ComplaintState, known: Collection[str], sha256: str) -> None:
    """The same file again is no new one."""
    if state is ComplaintState.DECIDED:
        raise ComplaintClosed
    if sha256 not in known and len(known) >= MOST_ATTACHMENTS:
        raise TooManyAttachments


def after(step: Step, state: ComplaintState) -> ComplaintState:
    """Raises OutOfTurn."""
    allowed, then = FOLLOWS[step]
    if state not in allowed:
        raise OutOfTurn
    return then


def check_second(proposed_by: UUID | None, by: UUID) -> None:
    if proposed_by == by:
        raise SecondPersonNeeded


def tracking_code(noise: bytes) -> str:
    """20 characters of at least 13 random bytes."""
    number = int.from_bytes(noise)
    digits = [TRACKING_ALPHABET[number >> 5 * place & 31] for place in range(TRACKING_LENGTH)]
    return "".join(digits)


def typed_code(text: str) -> str:
    """As it was meant: blanks, hyphens and small letters do not count."""
    return "".join(text.upper().replace("-", " ").split())


# --- spot checks --------------------------------------------------------------------------------


class Finding(StrEnum):
    IN_ORDER = "in-order"
    DOUBTFUL = "doubtful"
    VIOLATION = "violation"


class NotYourRegion(Forbidden):
    """You are no inspector of this reporting unit today; an administrator appoints inspectors."""

    zh = "您目前不是该单位辖区的检查员；检查员由管理员任命。"


class NothingToCheck(Invalid):
    """No record was issued there in that time; choose another unit or a longer time."""

    zh = "该范围、时段内没有签发的证明，请更换单位或延长时段。"


class NoSuchSpotCheck(NotFound):
    """No such spot check, or none in a region of yours."""

    zh = "没有这次抽查，或不在您的辖区内。"


class FoundAlready(Conflict):
    """You, or for a spot check anybody, have said this already, and it is never changed."""

    zh = "相应结论已提交，不可更改。"


def drawn(seed: bytes, numbers: Collection[str], size: int) -> list[str]:
    """The `size` record numbers whose SHA-256(seed || number) is smallest, smallest first.

    Whoever has the seed and the list draws the same; nobody who sets the size or the order of the
    list can steer it.
    """
    return sorted(numbers, key=lambda number: _lot(seed, number))[:size]


def _lot(seed: bytes, number: str) -> bytes:
    return hashlib.sha256(seed + number.encode()).digest()


def population_text(numbers: Collection[str]) -> bytes:
    """What is hashed and kept: each number once, sorted, one a line."""
    return "".join(f"{number}\n" for number in sorted(set(numbers))).encode()


def oversees(units: Sequence[str], unit: str | None, *, administrator: bool) -> bool:
    """Administrators see all; inspectors what lies in a unit of theirs."""
    return administrator or (unit is not None and unit in units)
