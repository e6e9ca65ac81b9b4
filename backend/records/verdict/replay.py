"""Do the entries of the log tell a possible story? Records once, decisions about known records."""

from backend.records.verdict.clock import Times
from backend.records.verdict.leaf import (
    Kind,
    Leaf,
    RecordRef,
    parse_clock_ref,
    parse_record_ref,
    parse_status_ref,
)
from backend.records.verdict.places import Places
from backend.records.verdict.refusal import Refused

DECISIONS = frozenset({Kind.SUSPENDED, Kind.REINSTATED, Kind.REVOKED, Kind.SUPERSEDED})
SIGNED = frozenset({Kind.ISSUED, Kind.STATUS, *DECISIONS})
_ENDS = frozenset({Kind.KEY_RETIRED, Kind.KEY_COMPROMISED})
_PAUSES = frozenset({Kind.SUSPENDED, Kind.REINSTATED})


class Replay:
    def __init__(self) -> None:
        self.times = Times()
        self._keys: dict[str, str] = {}
        """What each announced key is for."""
        self._over: dict[str, Kind] = {}
        self._places = Places()
        self._ended: set[bytes] = set()
        self._held: set[bytes] = set()
        self._editions: set[str] = set()

    def read(self, leaf: Leaf) -> None:
        """Refused where this cannot follow what was read before; what is wrong with its time alone
        is told by `times`, once it is known whether a correction explains it."""
        if leaf.type is Kind.CLOCK:
            self.times.correct(parse_clock_ref(leaf.ref), leaf.ts)
            return
        self.times.read(leaf.type, leaf.ts if leaf.type in SIGNED else None)
        if leaf.type is Kind.KEY_ADDED:
            self._keys[leaf.kid] = leaf.ref.partition(":")[0]
        elif leaf.type in _ENDS:
            self._over[leaf.kid] = leaf.type
        elif leaf.type is Kind.EDITION:
            self._published(leaf.ref)
        elif leaf.type in SIGNED:
            self._made_with(leaf)
            if leaf.type is Kind.ISSUED:
                self._places.take(parse_record_ref(leaf.ref))
            elif leaf.type is Kind.STATUS:
                parse_status_ref(leaf.ref)
            else:
                self._decided(leaf.type, parse_record_ref(leaf.ref))

    def _made_with(self, leaf: Leaf) -> None:
        if leaf.kid not in self._keys:
            raise Refused(f"made with a key that was not announced before: {leaf.kid}")
        if self._keys[leaf.kid] != ("record" if leaf.type is Kind.ISSUED else "status"):
            raise Refused(f"made with a key that is for something else: {leaf.kid}")
        if leaf.kid in self._over:
            raise Refused(f"made after {self._over[leaf.kid]} with that key: {leaf.kid}")

    def _published(self, ref: str) -> None:
        """An edition never changes: another hash under its name would be another curriculum."""
        if ref in self._editions:
            raise Refused(f"{ref} is published twice")
        self._editions.add(ref)

    def _decided(self, kind: Kind, ref: RecordRef) -> None:
        if not self._places.is_of(ref):
            raise Refused(f"a decision about a record not issued here: {ref.text}")
        record = ref.record_bytes
        if record in self._ended:
            raise Refused(f"{ref.record} was revoked or superseded before")
        if (kind is Kind.REINSTATED) != (record in self._held) and kind in _PAUSES:
            raise Refused(f"{ref.record} was {'not ' * (kind is Kind.REINSTATED)}suspended before")
        if kind in _PAUSES:
            self._held ^= {record}
        else:
            self._ended.add(record)
