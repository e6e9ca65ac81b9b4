from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.accounts.domain import (
    FORGOTTEN_AFTER,
    GRACE,
    LONGEST_DELAY,
    PRIVILEGED_SESSION_LENGTH,
    SESSION_LENGTH,
    Failures,
    Login,
    LoginNotValid,
    PasswordTooWeak,
    Refresh,
    RefreshState,
    Role,
    checked_password,
    judge_refresh,
    new_login,
    session_length,
    typed_login,
)

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
LOGIN = Login("email", "wang@example.org")
seconds = st.floats(min_value=0, max_value=10_000_000)


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_every_mainland_mobile_number_is_a_login(number: str) -> None:
    assert new_login(email=None, phone=number) == Login("phone", number)
    assert typed_login(f"+86 {number}") == typed_login(number)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_only_looked_up(text: str) -> None:
    assert typed_login(text).kind in {"email", "phone"}


@given(st.emails())
def test_an_address_keeps_its_meaning_in_any_case(address: str) -> None:
    assert typed_login(address.upper()) == typed_login(address.lower())


@pytest.mark.parametrize(
    ("email", "phone"),
    [
        pytest.param(None, None, id="neither"),
        pytest.param("a@example.org", "13812345678", id="both"),
        pytest.param("not an address", None, id="no address"),
        pytest.param("a@b", None, id="an address without a domain"),
        pytest.param("a" * 65 + "@example.org", None, id="a local part beyond 64"),
        pytest.param("13812345678", None, id="a number in the place of an address"),
        pytest.param(None, "12812345678", id="a number that is no mobile's"),
        pytest.param(None, "1381234567", id="ten digits"),
        pytest.param(None, "a@example.org", id="an address in the place of a number"),
    ],
)
def test_contact_data_that_is_not_right(email: str | None, phone: str | None) -> None:
    with pytest.raises(LoginNotValid):
        new_login(email=email, phone=phone)


@pytest.mark.parametrize("password", ["aaaaaaaaaaaa", "abababababab", "my wang@example.org!"])
def test_a_password_that_anyone_would_try(password: str) -> None:
    with pytest.raises(PasswordTooWeak):
        checked_password(password, LOGIN)


def test_full_width_letters_of_a_chinese_keyboard_are_the_same_password() -> None:
    assert checked_password("ｇｕａｎｂｉａｏ２０２６", LOGIN) == "guanbiao2026"


@given(st.integers(0, 100_000), seconds, st.sampled_from([5, 30]))
def test_nobody_waits_longer_than_a_minute(in_a_row: int, since: float, free: int) -> None:
    failures = Failures(in_a_row, NOW - timedelta(seconds=since))
    assert 0 <= failures.wait(free, now=NOW) <= LONGEST_DELAY.total_seconds()


@given(st.integers(0, 1000), st.sampled_from([5, 30]))
def test_whoever_waits_as_told_is_heard(in_a_row: int, free: int) -> None:
    failures = Failures(in_a_row, NOW)
    told = failures.wait(free, now=NOW)
    assert failures.wait(free, now=NOW + timedelta(seconds=told)) == 0


@given(st.integers(5, 999))
def test_more_failures_never_wait_less(in_a_row: int) -> None:
    assert Failures(in_a_row + 1, NOW).wait(5, now=NOW) >= Failures(in_a_row, NOW).wait(5, now=NOW)


def test_failures_are_forgotten() -> None:
    assert Failures(500, NOW).wait(5, now=NOW + FORGOTTEN_AFTER) == 0
    assert Failures(500, NOW).counted(now=NOW + FORGOTTEN_AFTER) == 0


def state(
    *, used: timedelta | None = None, successor_used: bool = False, revoked: bool = False
) -> RefreshState:
    return RefreshState(
        session_expires_at=NOW + timedelta(days=1),
        session_revoked_at=NOW if revoked else None,
        used_at=None if used is None else NOW - used,
        successor_used=successor_used,
    )


@pytest.mark.parametrize(
    ("token", "verdict"),
    [
        pytest.param(state(), Refresh.ROTATE, id="first use"),
        pytest.param(state(used=GRACE), Refresh.REPEAT, id="asked again: the answer was lost"),
        pytest.param(
            state(used=GRACE, successor_used=True),
            Refresh.SUPERSEDED,
            id="a late twin of a request whose answer arrived",
        ),
        pytest.param(
            state(used=GRACE + timedelta(seconds=1)), Refresh.REUSED, id="used long after"
        ),
        pytest.param(
            state(used=GRACE + timedelta(seconds=1), successor_used=True),
            Refresh.REUSED,
            id="stolen: used long after its successor was",
        ),
        pytest.param(state(revoked=True), Refresh.ENDED, id="the session was ended"),
        pytest.param(state(used=GRACE, revoked=True), Refresh.ENDED, id="ended within grace"),
    ],
)
def test_a_refresh_token_is_judged(token: RefreshState, verdict: Refresh) -> None:
    assert judge_refresh(token, now=NOW) is verdict


@given(seconds, st.booleans(), st.booleans())
def test_an_expired_session_never_gives_a_token(
    used: float, successor_used: bool, revoked: bool
) -> None:
    token = state(used=timedelta(seconds=used), successor_used=successor_used, revoked=revoked)
    assert judge_refresh(token, now=token.session_expires_at) is Refresh.ENDED


@given(st.sets(st.sampled_from(Role)))
def test_only_learners_and_authors_stay_signed_in_for_long(roles: set[Role]) -> None:
    long = roles <= {Role.LEARNER, Role.AUTHOR}
    expected = SESSION_LENGTH if long else PRIVILEGED_SESSION_LENGTH
    assert session_length(frozenset(roles)) == expected
