"""Is what the trust files say of keys what the log says of them?"""

from collections.abc import Iterator

import msgspec

from backend.records.verdict.canonical import digest
from backend.records.verdict.jws import members
from backend.records.verdict.leaf import Kind, Leaf
from backend.records.verdict.replay import SIGNED
from backend.records.verdict.trust import Trust, TrustedKey

_OF_KEYS = frozenset({Kind.KEY_ADDED, Kind.KEY_RETIRED, Kind.KEY_COMPROMISED})


class KeyStory:
    """When each key was announced, and from where on it counts no more."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, Kind], tuple[int, Leaf]] = {}
        self._used: set[str] = set()

    def read(self, index: int, leaf: Leaf) -> None:
        if leaf.type in _OF_KEYS:
            self._first.setdefault((leaf.kid, leaf.type), (index, leaf))
        elif leaf.type in SIGNED:
            self._used.add(leaf.kid)

    def differing(self, pins: list[Trust], *, may_be_older: bool) -> Iterator[str]:
        """Keys announced, retired or compromised in one of the two alone, or otherwise; of a trust
        file that may be older than the log, whatever time does not explain."""
        since = self.ended_since(pins) if may_be_older else []
        for purpose, key in _keys(pins):
            why = self._announced_otherwise(purpose, key)
            if key.kid not in since:
                why = why or self._ended_otherwise(key)
            if why:
                yield f"{key.kid}: {why}"

    def unpinned(self, pins: list[Trust]) -> list[str]:
        """Keys that signed what is in the log, but stand in none of the trust files at hand."""
        return sorted(self._used - {key.kid for _, key in _keys(pins)})

    def ended_since(self, pins: list[Trust]) -> list[str]:
        """Keys that the log ends, and trust files that were made earlier do not."""
        return [
            key.kid
            for _, key in _keys(pins)
            if (self._retired(key) and key.retired_at is None)
            or (self._stolen_from(key.kid) is not None and key.compromised_at_index is None)
        ]

    def _announced_otherwise(self, purpose: str, key: TrustedKey) -> str | None:
        if (key.kid, Kind.KEY_ADDED) not in self._first:
            return "in the trust file, but never announced in the log"
        index, leaf = self._first[key.kid, Kind.KEY_ADDED]
        if (index, leaf.ref) != (key.from_index, f"{purpose}:{key.jwk.thumbprint}"):
            return "announced at another place, or for something else, than the trust file says"
        if leaf.sha256 != digest(msgspec.json.encode(members(key.jwk))):
            return "the trust file has another key than the log"
        return None

    def _ended_otherwise(self, key: TrustedKey) -> str | None:
        if self._retired(key) != (key.retired_at is not None):
            return "retired by the log or by the trust file alone"
        if self._stolen_from(key.kid) != key.compromised_at_index:
            return "compromised by the log or by the trust file alone, or from another place on"
        return None

    def _retired(self, key: TrustedKey) -> bool:
        return (key.kid, Kind.KEY_RETIRED) in self._first

    def _stolen_from(self, kid: str) -> int | None:
        if (kid, Kind.KEY_COMPROMISED) not in self._first:
            return None
        index, leaf = self._first[kid, Kind.KEY_COMPROMISED]
        _, at, earlier = leaf.ref.rpartition("@")
        return int(earlier) if at and earlier.isdecimal() else index


def _keys(pins: list[Trust]) -> Iterator[tuple[str, TrustedKey]]:
    for trust in pins:
        for issuer in trust.issuers:
            yield from (("record", key) for key in issuer.record_keys)
            yield from (("status", key) for key in issuer.status_keys)
