"""Is what the trust files say of keys what the log says of them?"""

from collections.abc import Iterator

import msgspec

from backend.records.verdict.canonical import digest
from backend.records.verdict.jws import members
from backend.records.verdict.leaf import Kind, Leaf
from backend.records.verdict.replay import SIGNED
from backend.records.verdict.trust import Trust, TrustedKey


def differing_keys(leaves: list[Leaf], pins: list[Trust]) -> Iterator[str]:
    """Keys announced, retired or compromised in one of the two alone, or otherwise."""
    story = _KeyStory(leaves)
    for purpose, key in _keys(pins):
        if why := story.differs(purpose, key):
            yield f"{key.kid}: {why}"


def unpinned_keys(leaves: list[Leaf], pins: list[Trust]) -> list[str]:
    """Keys that signed what is in the log, but stand in none of the trust files at hand."""
    signed_with = {leaf.kid for leaf in leaves if leaf.type in SIGNED}
    return sorted(signed_with - {key.kid for _, key in _keys(pins)})


def _keys(pins: list[Trust]) -> Iterator[tuple[str, TrustedKey]]:
    for trust in pins:
        for issuer in trust.issuers:
            yield from (("record", key) for key in issuer.record_keys)
            yield from (("status", key) for key in issuer.status_keys)


class _KeyStory:
    """When each key was announced, and from where on it counts no more."""

    def __init__(self, leaves: list[Leaf]) -> None:
        self._first: dict[tuple[str, Kind], tuple[int, Leaf]] = {}
        for index, leaf in enumerate(leaves):
            self._first.setdefault((leaf.kid, leaf.type), (index, leaf))

    def differs(self, purpose: str, key: TrustedKey) -> str | None:
        if (key.kid, Kind.KEY_ADDED) not in self._first:
            return "in the trust file, but never announced in the log"
        index, leaf = self._first[key.kid, Kind.KEY_ADDED]
        if (index, leaf.ref) != (key.from_index, f"{purpose}:{key.jwk.thumbprint}"):
            return "announced at another place, or for something else, than the trust file says"
        if leaf.sha256 != digest(msgspec.json.encode(members(key.jwk))):
            return "the trust file has another key than the log"
        if ((key.kid, Kind.KEY_RETIRED) in self._first) != (key.retired_at is not None):
            return "retired by the log or by the trust file alone"
        if self._stolen_from(key.kid) != key.compromised_at_index:
            return "compromised by the log or by the trust file alone, or from another place on"
        return None

    def _stolen_from(self, kid: str) -> int | None:
        if (kid, Kind.KEY_COMPROMISED) not in self._first:
            return None
        index, leaf = self._first[kid, Kind.KEY_COMPROMISED]
        _, at, earlier = leaf.ref.rpartition("@")
        return int(earlier) if at and earlier.isdecimal() else index
