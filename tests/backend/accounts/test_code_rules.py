"""Rules of one-time codes, without a clock or a database."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.accounts.codes.domain import (
    A_DAY_ANYWHERE,
    A_DAY_HERE,
    DAY,
    LIFETIME,
    PROVED_FOR,
    RESEND_AFTER,
    TRIES,
    UNUSED_FOR,
    CodeState,
    Count,
    Known,
    Message,
    Purpose,
    digits_of,
    message_for,
    typed_code,
    wait,
)
from backend.accounts.codes.texts import code_text, notice_text
from backend.accounts.devices import device_label

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
NONE = Count(NOW, 0)
moments = st.timedeltas(timedelta(0), timedelta(days=400)).map(lambda since: NOW - since)
counts = st.builds(
    Count,
    since=moments,
    sent=st.integers(0, 5000),
    last_at=st.none() | moments,
    proved_at=st.none() | moments,
)


@given(st.binary(min_size=16, max_size=32))
def test_a_code_is_always_six_digits_and_reads_as_itself(chance: bytes) -> None:
    assert typed_code(digits_of(chance)) == digits_of(chance)


@given(st.text(max_size=20))
def test_whatever_is_typed_is_six_digits_or_nothing(text: str) -> None:
    assert typed_code(text) == "" or (len(typed_code(text)) == 6 and typed_code(text).isascii())


@pytest.mark.parametrize("typed", ["１２３４５６", "123 456", " 123456\n", "123\u3000456"])
def test_a_code_is_the_same_from_a_chinese_keyboard_or_with_a_space(typed: str) -> None:
    assert typed_code(typed) == "123456"


@given(st.integers(0, 20), st.timedeltas(timedelta(0), 2 * LIFETIME), st.booleans())
def test_a_code_opens_once_within_its_time_and_tries(
    tries: int, age: timedelta, used: bool
) -> None:
    state = CodeState(NOW + LIFETIME, tries, used)
    assert state.open(now=NOW + age) is (not used and tries < TRIES and age < LIFETIME)


@given(counts, counts, counts, counts)
def test_nobody_waits_longer_than_a_day(
    same: Count, here: Count, anywhere: Count, network: Count
) -> None:
    assert 0 <= wait(same, here, anywhere, network, now=NOW) <= DAY.total_seconds()


@given(counts, counts, counts, counts)
def test_whoever_waits_as_told_is_heard(
    same: Count, here: Count, anywhere: Count, network: Count
) -> None:
    told = timedelta(seconds=wait(same, here, anywhere, network, now=NOW))
    assert wait(same, here, anywhere, network, now=NOW + told) == 0


def test_the_next_code_comes_after_a_minute() -> None:
    just_now = Count(NOW, 1, last_at=NOW)
    assert wait(just_now, NONE, NONE, NONE, now=NOW) == RESEND_AFTER.total_seconds()


def test_strangers_who_use_up_a_login_do_not_bind_the_network_of_its_owner() -> None:
    flooded = Count(NOW, A_DAY_ANYWHERE)
    owners = Count(NOW - timedelta(days=3), 1, proved_at=NOW - PROVED_FOR / 2)
    assert wait(NONE, NONE, flooded, NONE, now=NOW) == DAY.total_seconds()
    assert wait(NONE, owners, flooded, NONE, now=NOW) == 0
    assert wait(NONE, Count(NOW, A_DAY_HERE, None, NOW), flooded, NONE, now=NOW) > 0


def known(*, phone: bool = True, verified: bool = True, unused: timedelta = DAY) -> Known:
    return Known(by_phone=phone, verified=verified, last_used_at=NOW - unused)


LONG = UNUSED_FOR + DAY


@pytest.mark.parametrize(
    ("purpose", "account", "sent"),
    [
        pytest.param(Purpose.SIGN_UP, None, Message.CODE, id="a newcomer"),
        pytest.param(Purpose.SIGN_UP, known(), Message.HAS_ACCOUNT, id="signing up twice"),
        pytest.param(Purpose.LINK, known(), Message.HAS_ACCOUNT, id="linking another's login"),
        pytest.param(Purpose.SIGN_IN, known(), Message.CODE, id="an owner"),
        pytest.param(Purpose.SIGN_IN, None, Message.NO_ACCOUNT, id="nobody's login"),
        pytest.param(Purpose.RECOVERY, None, Message.NO_ACCOUNT, id="nobody's login to recover"),
        pytest.param(
            Purpose.SIGN_IN, known(unused=LONG), Message.LONG_UNUSED, id="a number handed on"
        ),
        pytest.param(
            Purpose.RECOVERY, known(unused=LONG), Message.LONG_UNUSED, id="its account recovered"
        ),
        pytest.param(
            Purpose.SIGN_UP, known(unused=LONG), Message.HAS_ACCOUNT, id="its account signed up"
        ),
        pytest.param(
            Purpose.SIGN_IN, known(unused=LONG, phone=False), Message.CODE, id="an address"
        ),
        pytest.param(
            Purpose.SIGN_IN, known(unused=LONG, verified=False), Message.CODE, id="not verified"
        ),
        pytest.param(Purpose.SIGN_IN, known(unused=UNUSED_FOR), Message.CODE, id="just a year"),
    ],
)
def test_what_goes_to_a_login(purpose: Purpose, account: Known | None, sent: Message) -> None:
    assert message_for(purpose, account, now=NOW) is sent


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("message", Message)
def test_only_the_message_of_a_code_holds_one_and_all_are_bilingual(
    purpose: Purpose, message: Message
) -> None:
    text = code_text(purpose, message, "123456")
    assert ("123456" in text.zh, "123456" in text.en) == ((message is Message.CODE),) * 2
    assert (text.code == "123456") is (message is Message.CODE)
    assert text.zh.startswith("【贯标】")
    assert text.en.startswith("Guanbiao:")


@pytest.mark.parametrize("what", ["recovered", "password-changed", "login-added", "login-removed"])
def test_a_notice_says_what_to_do_if_it_was_not_you(what: str) -> None:
    assert "若非本人操作" in notice_text(what).zh
    assert "If it was not you" in notice_text(what).en


CHROME = "Mozilla/5.0 (Linux; Android 14; HUAWEI) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537"


@pytest.mark.parametrize(
    ("user_agent", "label"),
    [
        (CHROME, "Chrome · Android"),
        (CHROME + " MicroMessenger/8.0", "微信 WeChat · Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5) Version/17.5 Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge · Windows"),
        ("guanbiao-app/2.1 (build 7)", "guanbiao-app"),
        ("", ""),
        ("\u202e王", ""),
    ],
)
def test_a_device_is_known_by_a_short_name(user_agent: str, label: str) -> None:
    assert device_label(user_agent) == label


@given(st.text(max_size=500))
def test_no_user_agent_makes_a_label_too_long_for_its_column(user_agent: str) -> None:
    assert len(device_label(user_agent)) <= 80
