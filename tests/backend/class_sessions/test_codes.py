"""The rotating code: ours alone, for its class, its purpose and its half minute."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.class_sessions import codes
from backend.class_sessions.codes import Purpose, Shown
from infra.ids import uuid7
from infra.sealkeys import SealKeys
from infra.vault import Vault

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
_SEALS = SealKeys(None, {1: b"s" * 32})
VAULT, OTHER = Vault(_SEALS, b"i" * 32), Vault(_SEALS, b"o" * 32)
SESSION = uuid7()


def shown_at(now: datetime, purpose: Purpose = Purpose.IN) -> str:
    return codes.written(VAULT, Shown(SESSION, purpose, codes.step_of(now)))


@given(st.floats(-600, 600), st.sampled_from(Purpose))
def test_a_code_is_taken_in_its_step_and_the_one_on_each_side(
    late: float, purpose: Purpose
) -> None:
    scanned = NOW + timedelta(seconds=late)
    text = shown_at(NOW, purpose)
    if -30 <= late < 60:
        assert codes.read(VAULT, text, now=scanned) == Shown(SESSION, purpose, codes.step_of(NOW))
    else:
        with pytest.raises(codes.CodeTooOld):
            codes.read(VAULT, text, now=scanned)


def test_every_half_minute_has_a_code_of_its_own_and_so_has_each_purpose() -> None:
    moments = [NOW + timedelta(seconds=30 * n) for n in range(20)]
    assert len({shown_at(m, p) for m in moments for p in Purpose}) == 40
    assert codes.ends_at(codes.step_of(NOW)) == NOW + timedelta(seconds=30)


@given(st.integers(0, 49), st.sampled_from("Aa0_-z"))
def test_a_changed_sign_makes_it_nobody_s(place: int, sign: str) -> None:
    text = shown_at(NOW)
    changed = text[:place] + sign + text[place + 1 :]
    if changed == text:
        return
    with pytest.raises(codes.CodeNotOurs):
        codes.read(VAULT, changed, now=NOW)


def test_the_last_sign_s_spare_bits_must_be_as_we_wrote_them() -> None:
    text = shown_at(NOW)
    others = [text[:-1] + sign for sign in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if sign != text[-1]]
    for other in others:
        with pytest.raises(codes.CodeNotOurs):
            codes.read(VAULT, other, now=NOW)


@pytest.mark.parametrize("text", ["", "x", "A" * 50, "A" * 80, "张三", "=" * 8, "A" * 49])
def test_what_we_never_wrote_is_no_code(text: str) -> None:
    with pytest.raises(codes.CodeNotOurs):
        codes.read(VAULT, text, now=NOW)


def test_another_instance_s_code_is_not_ours() -> None:
    theirs = codes.written(OTHER, Shown(SESSION, Purpose.IN, codes.step_of(NOW)))
    with pytest.raises(codes.CodeNotOurs):
        codes.read(VAULT, theirs, now=NOW)
