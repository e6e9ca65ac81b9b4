"""What counts as one asker, and the sums."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.limits.domain import (
    MOST_PROCESSES,
    By,
    Counter,
    Policy,
    address_behind,
    lease_of,
    network_of,
    networks,
)
from backend.limits.policies import POLICIES, RouteClass, class_of

PROXIES = networks("10.0.0.0/8, ::1")


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


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        pytest.param("192.0.2.1", "198.51.100.1", "192.0.2.1", id="a stranger's header is a lie"),
        pytest.param("10.0.0.1", "198.51.100.1", "198.51.100.1", id="our proxy's is believed"),
        pytest.param("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1", id="its last entry only"),
        pytest.param("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1", id="two proxies"),
        pytest.param("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3", id="proxies all the way"),
        pytest.param("10.0.0.1", "unknown", "10.0.0.1", id="no address at all"),
        pytest.param("::1", "2001:db8::7", "2001:db8::7", id="IPv6"),
        pytest.param("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1", id="IPv4 as IPv6"),
        pytest.param("", "198.51.100.1", "", id="a Unix socket"),
    ],
)
def test_whose_address_counts(peer: str, forwarded: str, found: str) -> None:
    assert address_behind(peer, forwarded, PROXIES) == found


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("POST", "/v1/codes", RouteClass.CODE),
        ("POST", "/v1/sessions", RouteClass.SIGN_IN),
        ("POST", "/v1/people", RouteClass.SIGN_IN),
        ("POST", "/v1/sessions/refresh", RouteClass.WRITE),
        ("POST", "/v1/sessions/current/second-factor", RouteClass.SECOND_FACTOR),
        ("GET", "/v1/federation/{provider}/callback", RouteClass.SIGN_IN),
        ("POST", "/v1/heartbeats", RouteClass.HEARTBEAT),
        ("POST", "/v1/sync", RouteClass.SYNC),
        ("GET", "/v1/playback/{token}/{name}", RouteClass.PLAYBACK),
        ("PATCH", "/v1/uploads/{upload_id}", RouteClass.UPLOAD),
        ("PUT", "/v1/attempts/{attempt_id}/answers", RouteClass.ANSWERS),
        ("GET", "/v1/programmes", RouteClass.READ),
        ("GET", "/v/{code}", RouteClass.LOOKUP),
        ("GET", "/v/{code}/qr.svg", RouteClass.LOOKUP),
        ("GET", "/v1/verifications/{code}/bundle", RouteClass.LOOKUP),
        ("GET", "/v1/certifier/verifications/{code}", RouteClass.CERTIFIER),
        ("POST", "/v1/certifier/bulk-checks", RouteClass.CERTIFIER_BULK),
        ("GET", "/trust.json", RouteClass.READ),
        ("GET", "/.well-known/jwks.json", RouteClass.READ),
        ("GET", "/keys/{thumbprint}", RouteClass.READ),
        ("GET", "/achievements/{edition}/{programme}", RouteClass.READ),
        ("GET", "/healthz", None),
        ("GET", "/sign-in", None),
        ("GET", "/static/{name}", None),
        ("OPTIONS", "/v1/uploads", None),
    ],
)
def test_which_limits_a_route_has(method: str, path: str, kind: RouteClass | None) -> None:
    assert class_of(method, path) == kind


def test_a_policy_is_named_once_and_every_class_has_some() -> None:
    names = [policy.name for policies in POLICIES.values() for policy in policies]
    assert len(names) == len(set(names))
    assert set(POLICIES) == set(RouteClass)


@given(st.integers(1, 10**6), st.booleans())
def test_shares_and_leases_never_add_up_to_more_than_the_quota(quota: int, shares: bool) -> None:
    policy = Policy("any", By.PERSON, quota, shares=shares)
    assert policy.share * MOST_PROCESSES + policy.shared == quota
    assert policy.share * MOST_PROCESSES <= quota / 4
    assert 1 <= policy.first_lease <= policy.shared


@given(st.integers(1, 10**4))
def test_leases_use_up_the_last_one_and_no_more(left: int) -> None:
    while left:
        taken = lease_of(left)
        assert 1 <= taken <= left
        left -= taken


def test_a_window_ends_when_it_says() -> None:
    counter = Counter(Policy("any", By.PERSON, 10), b"k", phase=7)
    counter.ready(100)
    wait = counter.resets_in(100)
    assert counter.number_at(100 + wait - 1) == counter.window
    assert counter.number_at(100 + wait) == counter.window + 1


def test_a_lease_that_comes_after_its_window_is_void() -> None:
    counter = Counter(Policy("any", By.PERSON, 10), b"k", phase=0)
    counter.ready(100)
    asked_in = counter.window
    counter.ready(160)
    counter.receive(asked_in, 5, 5)
    assert not counter.ready(160)
