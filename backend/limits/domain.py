"""What counts as one asker, and the sums of a limit. Times are whole seconds since 1970."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import msgspec

from infra.errors import TooManyRequests

MOST_PROCESSES = 32
"""API processes of one installation for which the sums below hold."""
_LEASED_PART = 8

Network = IPv4Network | IPv6Network


class TooOften(TooManyRequests):
    """Too many requests of this kind in this time; wait the seconds named in Retry-After."""

    zh = "这类请求在此时段内过于频繁，请按 Retry-After 所示秒数稍后再试。"


class KeySpent(TooOften):
    """This key has used up its requests; come again after the seconds in Retry-After. Many records
    are better checked in one file."""

    zh = "该密钥的请求次数已用完，请在 Retry-After 所示秒数后再试；大量核验请改用文件批量核验。"


class By(StrEnum):
    """Whose requests are added up."""

    ADDRESS = "address"
    STRANGER = "stranger"
    """The address too, but only of requests without a valid access token."""
    PERSON = "person"
    ORGANISATION = "organisation"
    KEY = "key"
    """A certification body's key: counted by its guard, once it is known to be good."""


class Policy(msgspec.Struct, frozen=True):
    """At most `quota` requests in a window of `seconds`, over all processes together."""

    name: str
    by: By
    quota: int
    seconds: int = 60
    shares: bool = False
    """A quarter is dealt out to the processes beforehand: few requests then ask no database."""

    @property
    def share(self) -> int:
        return self.quota // (4 * MOST_PROCESSES) if self.shares else 0

    @property
    def shared(self) -> int:
        """What is leased from the database's row."""
        return self.quota - self.share * MOST_PROCESSES

    @property
    def first_lease(self) -> int:
        return lease_of(self.shared)

    def times(self, factor: int) -> "Policy":
        return msgspec.structs.replace(self, quota=self.quota * factor)


def lease_of(left: int) -> int:
    """Shrinks with what is left, so that little lies idle in a process when the end is near."""
    return min(left, max(1, left // _LEASED_PART))


@dataclass(slots=True)
class Counter:
    """What this process holds for one key in the present window.

    Windows of different keys begin at different seconds (`phase`), so that not all ask at once.
    """

    policy: Policy
    key: bytes
    phase: int
    window: int = -1
    free: int = 0
    leased: int = 0
    shared_left: int = 0
    exhausted: bool = False

    def number_at(self, at: int) -> int:
        return (at + self.phase) // self.policy.seconds

    def ready(self, at: int, *, free: bool = True) -> bool:
        """Whether a request may pass without a lease. `free=False`: no share in a new window."""
        if (number := self.number_at(at)) > self.window:
            self._begin(number, self.policy.share if free else 0)
        return self.free + self.leased > 0

    def spend(self) -> None:
        if self.free:
            self.free -= 1
        else:
            self.leased -= 1

    def receive(self, window: int, granted: int, shared_left: int) -> None:
        """A lease. A later window than ours means that another machine's clock is ahead: we go
        along with it, without a share that may be spent already."""
        if window < self.window:
            return  # our own window has ended while we asked
        if window > self.window:
            self._begin(window, 0)
        self.leased += granted
        self.shared_left = shared_left
        self.exhausted = granted == 0

    def count_alone(self) -> None:
        """Nobody can be asked: this process allows the whole quota by itself."""
        self.receive(self.window, self.shared_left, 0)

    def resets_in(self, at: int) -> int:
        return max(1, (self.window + 1) * self.policy.seconds - self.phase - at)

    @property
    def left(self) -> int:
        return self.free + self.leased + self.shared_left

    def _begin(self, window: int, share: int) -> None:
        self.window, self.free, self.leased = window, share, 0
        self.shared_left, self.exhausted = self.policy.shared, False


# --- headers (draft-ietf-httpapi-ratelimit-headers) -------------------------------------------


@lru_cache(maxsize=256)
def policy_header(policies: tuple[Policy, ...]) -> str:
    return ", ".join(f'"{p.name}";q={p.quota};w={p.seconds}' for p in policies)


def limit_header(counters: Iterable[Counter], at: int) -> str:
    return ", ".join(f'"{c.policy.name}";r={c.left};t={c.resets_in(at)}' for c in counters)


def limit_headers(counters: Sequence[Counter], at: int) -> list[tuple[bytes, bytes]]:
    policies = policy_header(tuple(c.policy for c in counters))
    return [
        (b"ratelimit-policy", policies.encode()),
        (b"ratelimit", limit_header(counters, at).encode()),
    ]


def refusal(counters: Sequence[Counter], spent: Sequence[Counter], at: int) -> TooOften:
    """The answer for a request for which `spent` of its `counters` have nothing left."""
    error = TooOften()
    error.headers["Retry-After"] = str(max(c.resets_in(at) for c in spent))
    error.headers["RateLimit-Policy"] = policy_header(tuple(c.policy for c in counters))
    error.headers["RateLimit"] = limit_header(counters, at)
    return error


# --- addresses --------------------------------------------------------------------------------


def network_of(address: str) -> str:
    """An IPv6 subscriber has a whole /64, so that is what counts as one address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    return str(parsed.ipv4_mapped or IPv6Address(int(parsed) >> 64 << 64))


def networks(text: str) -> tuple[Network, ...]:
    """ "10.0.0.0/8, ::1" -> networks. ValueError for what is none."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def address_behind(peer: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """Who asked, if `peer` is a proxy of ours: the last of X-Forwarded-For that is no proxy.

    Whatever stands before that entry was written by whoever asked, and so says nothing.
    """
    found = peer
    for hop in reversed(forwarded.split(",")):
        if not _among(found, trusted):
            return found
        try:
            found = str(ip_address(hop.strip()))
        except ValueError:
            return found
    return found


def _among(address: str, trusted: Sequence[Network]) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return any(parsed in network for network in trusted)
