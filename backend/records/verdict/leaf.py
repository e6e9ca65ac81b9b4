"""What a leaf of the log says: canonical JSON of hashes and random ids, nothing else."""

import re
from datetime import UTC, datetime
from enum import StrEnum

import msgspec

from backend.records.verdict.canonical import parse_canonical
from backend.records.verdict.refusal import Refused

MAX_ENTRY_BYTES = 65_535
_VERSION = 1
_SHA256 = re.compile(r"[0-9a-f]{64}")
_RECORD_REF = re.compile(
    r"(urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})#([0-9]{1,9})/([0-9]{1,9})"
)
_LIST_REF = re.compile(r"status/([a-z]+)/([0-9]{1,9})")
_CLOCK_REF = re.compile(r"clock/(0|[1-9][0-9]{0,14})")


class Kind(StrEnum):
    ISSUED = "record.issued"
    SUSPENDED = "record.suspended"
    REINSTATED = "record.reinstated"
    REVOKED = "record.revoked"
    SUPERSEDED = "record.superseded"
    KEY_ADDED = "key.added"
    KEY_RETIRED = "key.retired"
    KEY_COMPROMISED = "key.compromised"
    STATUS = "status.published"
    EDITION = "edition.published"
    ADDRESS = "address.changed"
    AUDIT = "audit.head"
    CLOCK = "clock.corrected"


class Leaf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    v: int = _VERSION
    type: Kind
    ts: str
    """RFC 3339 in UTC, whole seconds."""
    kid: str
    """The key that signed the hashed bytes, or, for what is said of a key, the key itself."""
    sha256: str
    ref: str

    @property
    def entry(self) -> bytes:
        """Canonical JSON: sorted members and plain text are all that RFC 8785 asks of strings."""
        return msgspec.json.encode(self, order="sorted")


def parse_leaf(entry: bytes) -> Leaf:
    if len(entry) > MAX_ENTRY_BYTES:
        raise Refused("entry too long")
    leaf = _as_we_write(entry) or _read(entry)
    if leaf.v != _VERSION or not _SHA256.fullmatch(leaf.sha256):
        raise Refused("entry of an unknown version")
    return leaf


def _as_we_write(entry: bytes) -> Leaf | None:
    """The same as `_read` at a tenth of its time; None where that has to look. What is written
    back to the very bytes, with nothing in them that could be spelled otherwise, is canonical; of
    numbers that holds for small ones alone."""
    if b"\\" in entry:
        return None
    try:
        leaf = msgspec.json.decode(entry, type=Leaf)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return leaf if leaf.v == _VERSION and leaf.entry == entry else None


def _read(entry: bytes) -> Leaf:
    try:
        return msgspec.convert(parse_canonical(entry), Leaf)
    except msgspec.ValidationError as error:
        raise Refused("not an entry of this log") from error


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC, whole seconds, whatever zone the moment is told in."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class RecordRef(msgspec.Struct, frozen=True):
    """Which record, and where its status bits are: what a replay of the log needs."""

    record: str
    list_number: int
    index: int

    @property
    def text(self) -> str:
        return f"{self.record}#{self.list_number}/{self.index}"

    @property
    def record_bytes(self) -> bytes:
        return bytes.fromhex(self.record[9:].replace("-", ""))


def parse_record_ref(ref: str) -> RecordRef:
    match = _RECORD_REF.fullmatch(ref)
    if not match:
        raise Refused("not a record reference")
    return RecordRef(match[1], int(match[2]), int(match[3]))


def edition_ref(code: str) -> str:
    return f"edition/{code}"


def key_ref(kind: Kind, thumbprint: str, at_index: int | None = None) -> str:
    """`at_index`: of a compromise that is older than its leaf."""
    what = kind.value.removeprefix("key.")
    return f"{what}:{thumbprint}" if at_index is None else f"{what}:{thumbprint}@{at_index}"


def audit_ref(number: int) -> str:
    """`sha256` of such a leaf is the hash of that entry in the trail of privileged acts."""
    return f"audit/{number}"


def clock_ref(first: int) -> str:
    """`first`: the first entry whose time is in doubt."""
    return f"clock/{first}"


def parse_clock_ref(ref: str) -> int:
    match = _CLOCK_REF.fullmatch(ref)
    if not match:
        raise Refused("not a reference of a clock correction")
    return int(match[1])


def status_ref(purpose: str, list_number: int) -> str:
    return f"status/{purpose}/{list_number}"


def parse_status_ref(ref: str) -> tuple[str, int]:
    match = _LIST_REF.fullmatch(ref)
    if not match:
        raise Refused("not a status list reference")
    return match[1], int(match[2])
