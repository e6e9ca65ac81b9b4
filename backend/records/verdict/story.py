"""What an audit remembers of the entries that pass by: little of each, however many they are."""

from contextlib import suppress

import msgspec

from backend.records.verdict.clock import Times
from backend.records.verdict.key_story import KeyStory
from backend.records.verdict.leaf import Kind, Leaf, RecordRef, parse_record_ref
from backend.records.verdict.refusal import Refused
from backend.records.verdict.replay import DECISIONS, Replay

_MOST_PROBLEMS = 100


class Published(msgspec.Struct, frozen=True):
    """Where in the log a list stands last, and the hash of what was signed then."""

    index: int
    sha256: str


class Decision(msgspec.Struct, frozen=True):
    """Its place in the log, what was decided, and of which record."""

    index: int
    kind: Kind
    ref: RecordRef


class Story:
    def __init__(self) -> None:
        self.size = 0
        self.keys = KeyStory()
        self.lists: dict[str, Published] = {}
        self.decisions: list[Decision] = []
        self._replay = Replay()
        self._problems: list[str] = []

    def read(self, leaf: Leaf) -> None:
        index, self.size = self.size, self.size + 1
        self.keys.read(index, leaf)
        if leaf.type is Kind.STATUS:
            self.lists[leaf.ref] = Published(index, leaf.sha256)
        elif leaf.type in DECISIONS:
            with suppress(Refused):  # what names no record, the replay finds
                self.decisions.append(Decision(index, leaf.type, parse_record_ref(leaf.ref)))
        try:
            self._replay.read(leaf)
        except Refused as error:
            if len(self._problems) < _MOST_PROBLEMS:
                self._problems.append(f"entry {index} ({leaf.type}): {error}")

    @property
    def times(self) -> Times:
        return self._replay.times

    @property
    def problems(self) -> list[str]:
        """What cannot have happened so, entry by entry."""
        return [*self._problems, *self.times.problems]
