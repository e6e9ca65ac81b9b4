"""How often one network address may try to sign in.

Counted in this process alone: it blunts a flood; guessing is slowed by `domain.Failures`, which the
database keeps. A training room behind one address signs up and in within a minute: hence so wide.
"""

from datetime import datetime
from ipaddress import IPv6Address, ip_address

from infra.errors import TooManyRequests

PER_MINUTE = 240
_REMEMBERED = 10_000


class TooManyFromHere(TooManyRequests):
    """Too many attempts from your network in this minute; wait the seconds in Retry-After."""

    zh = "您所在网络在这一分钟内尝试次数过多，请按 Retry-After 所示秒数稍后再试。"

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.headers["Retry-After"] = str(seconds)
        self.headers["RateLimit-Policy"] = f'"sign-in";q={PER_MINUTE};w=60'
        self.headers["RateLimit"] = f'"sign-in";r=0;t={seconds}'


class AddressLimit:
    """At most `PER_MINUTE` in a calendar minute for each network."""

    def __init__(self) -> None:
        self._minute = -1
        self._counts: dict[str, int] = {}

    def take(self, address: str, *, now: datetime) -> None:
        seconds = int(now.timestamp())
        if seconds // 60 != self._minute or len(self._counts) >= _REMEMBERED:
            self._minute, self._counts = seconds // 60, {}
        network = network_of(address)
        self._counts[network] = self._counts.get(network, 0) + 1
        if self._counts[network] > PER_MINUTE:
            raise TooManyFromHere(60 - seconds % 60)


def network_of(address: str) -> str:
    """An IPv6 subscriber has a whole /64, so that is what counts as one address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    return str(parsed.ipv4_mapped or IPv6Address(int(parsed) >> 64 << 64))
