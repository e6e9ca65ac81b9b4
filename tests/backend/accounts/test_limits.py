from datetime import UTC, datetime, timedelta

import pytest

from backend.accounts.limits import PER_MINUTE, AddressLimit, TooManyFromHere, network_of

NOW = datetime(2026, 3, 2, 1, 0, 20, tzinfo=UTC)


def exhausted(address: str) -> AddressLimit:
    limit = AddressLimit()
    for _ in range(PER_MINUTE):
        limit.take(address, now=NOW)
    return limit


def test_a_network_beyond_its_limit_is_told_when_to_come_back() -> None:
    with pytest.raises(TooManyFromHere) as refused:
        exhausted("192.0.2.1").take("192.0.2.1", now=NOW)
    assert refused.value.headers["Retry-After"] == "40"


def test_the_next_minute_and_other_networks_are_free() -> None:
    limit = exhausted("192.0.2.1")
    limit.take("192.0.2.2", now=NOW)
    limit.take("192.0.2.1", now=NOW + timedelta(seconds=40))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("2001:db8::1", "2001:db8::ffff", True, id="one subscriber's /64"),
        pytest.param("2001:db8::1", "2001:db8:0:1::1", False, id="two subscribers"),
        pytest.param("::ffff:192.0.2.1", "192.0.2.1", True, id="IPv4 written as IPv6"),
        pytest.param("192.0.2.1", "192.0.2.2", False, id="two IPv4 addresses"),
        pytest.param("", "", True, id="no address, as over a Unix socket"),
    ],
)
def test_what_counts_as_one_network(one: str, other: str, same: bool) -> None:
    assert (network_of(one) == network_of(other)) is same
