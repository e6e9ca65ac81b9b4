"""Do the entries of the log tell a possible story? Records once, decisions about known records."""

from collections.abc import Iterator

from backend.records.verdict.credential import seconds
from backend.records.verdict.leaf import (
    Kind,
    Leaf,
    RecordRef,
    parse_record_ref,
    parse_status_ref,
)
from backend.records.verdict.refusal import Refused

DECISIONS = frozenset({Kind.SUSPENDED, Kind.REINSTATED, Kind.REVOKED, Kind.SUPERSEDED})
SIGNED = frozenset({Kind.ISSUED, Kind.STATUS, *DECISIONS})
_ENDS = frozenset({Kind.KEY_RETIRED, Kind.KEY_COMPROMISED})
CLOCKS_DIFFER = 3_600  # seconds
_PAUSES = frozenset({Kind.SUSPENDED, Kind.REINSTATED})


def replayed(leaves: list[Leaf]) -> Iterator[str]:
    """What cannot have happened so, entry by entry."""
    story = _Replay()
    for index, leaf in enumerate(leaves):
        try:
            story.read(leaf)
        except Refused as error:
            yield f"entry {index} ({leaf.type}): {error}"


class _Replay:
    def __init__(self) -> None:
        self._keys: dict[str, str] = {}
        """What each announced key is for."""
        self._over: dict[str, Kind] = {}
        self._places: dict[str, RecordRef] = {}
        self._taken: set[tuple[int, int]] = set()
        self._ended: set[str] = set()
        self._held: set[str] = set()
        self._editions: set[str] = set()
        self._latest = 0

    def read(self, leaf: Leaf) -> None:
        """Refused where this cannot follow what was read before."""
        if leaf.type is Kind.KEY_ADDED:
            self._keys[leaf.kid] = leaf.ref.partition(":")[0]
        elif leaf.type in _ENDS:
            self._over[leaf.kid] = leaf.type
        elif leaf.type is Kind.EDITION:
            self._published(leaf.ref)
        elif leaf.type in SIGNED:
            if leaf.kid not in self._keys:
                raise Refused(f"made with a key that was not announced before: {leaf.kid}")
            if self._keys[leaf.kid] != ("record" if leaf.type is Kind.ISSUED else "status"):
                raise Refused(f"made with a key that is for something else: {leaf.kid}")
            if leaf.kid in self._over:
                raise Refused(f"made after {self._over[leaf.kid]} with that key: {leaf.kid}")
            self._dated(leaf)
            if leaf.type is Kind.ISSUED:
                self._issued(parse_record_ref(leaf.ref))
            elif leaf.type is Kind.STATUS:
                parse_status_ref(leaf.ref)
            else:
                self._decided(leaf.type, parse_record_ref(leaf.ref))

    def _dated(self, leaf: Leaf) -> None:
        """A leaf is written as it is dated: one that says otherwise was slipped in later."""
        at = seconds(leaf.ts)
        if at + CLOCKS_DIFFER < self._latest:
            raise Refused(f"back-dated to {leaf.ts}: entries before it are younger")
        self._latest = max(self._latest, at)

    def _published(self, ref: str) -> None:
        """An edition never changes: another hash under its name would be another curriculum."""
        if ref in self._editions:
            raise Refused(f"{ref} is published twice")
        self._editions.add(ref)

    def _issued(self, ref: RecordRef) -> None:
        place = (ref.list_number, ref.index)
        if ref.record in self._places:
            raise Refused(f"{ref.record} is issued twice")
        if place in self._taken:
            raise Refused(f"two records share the status bit {place}")
        self._places[ref.record] = ref
        self._taken.add(place)

    def _decided(self, kind: Kind, ref: RecordRef) -> None:
        if self._places.get(ref.record) != ref:
            raise Refused(f"a decision about a record not issued here: {ref.text}")
        if ref.record in self._ended:
            raise Refused(f"{ref.record} was revoked or superseded before")
        if (kind is Kind.REINSTATED) != (ref.record in self._held) and kind in _PAUSES:
            raise Refused(f"{ref.record} was {'not ' * (kind is Kind.REINSTATED)}suspended before")
        if kind in _PAUSES:
            self._held ^= {ref.record}
        else:
            self._ended.add(ref.record)
