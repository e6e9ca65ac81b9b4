"""Numbers of documents: what is well formed passes, what was mistyped does not."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.identity.documents import (
    Document,
    DocumentKind,
    DocumentNotValid,
    check_character,
    checked_document,
    masked_name,
    masked_number,
    mrz_check_digit,
    read_mrz,
)

TODAY = date(2026, 3, 2)
KNOWN = ["11010519491231002X", "440524188001010014"]
"""DOMAIN.md §5."""
MRZ = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
"""The specimen of ICAO Doc 9303 part 4."""
WHEN_VALID = date(2011, 1, 1)


def checked(number: str, kind: DocumentKind = DocumentKind.RESIDENT, **more: object) -> Document:
    return checked_document(kind, number, today=TODAY, **more)  # type: ignore[arg-type]


def refusal(number: str, kind: DocumentKind = DocumentKind.RESIDENT, **more: object) -> str:
    with pytest.raises(DocumentNotValid) as caught:
        checked(number, kind, **more)
    assert number not in str(caught.value.fields) + str(caught.value) + caught.value.zh
    return str(caught.value.fields)


@st.composite
def residents(draw: st.DrawFn) -> str:
    region = draw(st.sampled_from(["110105", "440524", "310000", "650103", "820101"]))
    born = draw(st.dates(date(1850, 1, 1), TODAY))
    seventeen = f"{region}{born:%Y%m%d}{draw(st.integers(0, 999)):03d}"
    return seventeen + check_character(seventeen)


@pytest.mark.parametrize("number", KNOWN)
def test_known_numbers_pass(number: str) -> None:
    assert checked(number).number == number


@given(residents(), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_any_changed_character_is_caught(number: str, place: int, other: str) -> None:
    changed = number[:place] + other + number[place + 1 :]
    assert checked(number).number == number
    if changed != number:
        refusal(changed)


@given(residents(), st.integers(0, 16))
def test_any_two_neighbours_changed_about_are_caught(number: str, place: int) -> None:
    turned = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if turned != number:
        refusal(turned)


@given(residents(), st.sampled_from([" ", "-", "\u3000", ""]))
def test_however_it_is_typed_it_is_one_number(number: str, between: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) for c in number.lower())
    typed = between.join((number[:6], number[6:14], number[14:].lower()))
    assert checked(typed) == checked(wide) == checked(number)
    assert checked(typed).indexed == checked(number).indexed


def whole(seventeen: str) -> str:
    return seventeen + check_character(seventeen)


@pytest.mark.parametrize(
    ("number", "what"),
    [
        (whole("11010519490231002"), "出生日期"),
        (whole("11010520270101002"), "出生日期"),
        (whole("11010518490101002"), "出生日期"),
        (whole("99010519491231002"), "前几位"),
        (whole("17010519491231002"), "前几位"),
        (whole("81000019491231002"), "前几位"),
        ("110105491231002", "18 位"),
        ("1101051949123100２Ｘ9", "18 位"),
        ("", "18 位"),
        ("𝟙" * 17 + "X", "出生日期"),
        ("١" * 18, "18 位"),
    ],
    ids=[
        "31 February",
        "born tomorrow",
        "born too long ago",
        "a foreigner's",
        "no such province",
        "a permit's",
        "fifteen, as before 1999",
        "nineteen",
        "nothing",
        "mathematical digits are digits, and make no number",
        "Arabic digits are none",
    ],
)
def test_what_cannot_be_is_told_by_field_and_never_repeated(number: str, what: str) -> None:
    if number:
        assert what in refusal(number)
    else:
        with pytest.raises(DocumentNotValid):
            checked(number)


@pytest.mark.parametrize(
    ("kind", "region"),
    [
        (DocumentKind.HONG_KONG_MACAO, "810000"),
        (DocumentKind.HONG_KONG_MACAO, "820000"),
        (DocumentKind.TAIWAN, "830000"),
        (DocumentKind.FOREIGN_PERMANENT, "911156"),
    ],
)
def test_permits_take_the_same_scheme_with_first_digits_of_their_own(
    kind: DocumentKind, region: str
) -> None:
    number = whole(f"{region}19800229123")
    assert checked(number, kind).number == number
    for other in set(DocumentKind) - {kind, DocumentKind.PASSPORT}:
        refusal(number, other)
    refusal(number[:-1] + ("1" if number[-1] != "1" else "2"), kind)


def test_the_old_permanent_residence_card_has_three_letters_and_a_date() -> None:
    kind = DocumentKind.FOREIGN_PERMANENT
    assert checked("usa 1100 800229 1 2", kind).number == "USA110080022912"
    assert "出生日期" in refusal("USA110081022912", kind)  # 1981 and 2081 have no 29 February
    refusal("US11100800229123", kind)


def test_a_passport_is_its_number_and_who_issued_it() -> None:
    passport = checked("e12345678", DocumentKind.PASSPORT, country="chn")
    assert (passport.number, passport.country) == ("E12345678", "CHN")
    other = checked("E12345678", DocumentKind.PASSPORT, country="SGP")
    assert passport.indexed != other.indexed
    assert "CHN" in refusal("E12345678", DocumentKind.PASSPORT)
    refusal("E1234567890", DocumentKind.PASSPORT, country="CHN")


def test_the_machine_readable_zone_of_the_specimen_is_read() -> None:
    read = read_mrz(MRZ, today=WHEN_VALID)
    assert (read.number, read.country, read.expires_on) == (
        *("L898902C3", "UTO", date(2012, 4, 15)),
    )
    given = checked_document(
        DocumentKind.PASSPORT, "L898902C3", country="UTO", mrz=MRZ, today=WHEN_VALID
    )
    assert given == read
    assert "有效期" in refusal("L898902C3", DocumentKind.PASSPORT, mrz=MRZ)
    with pytest.raises(DocumentNotValid):
        checked_document(DocumentKind.PASSPORT, "L898902C4", mrz=MRZ, today=WHEN_VALID)


DIGITS_OF_LINE_TWO = [i for i, c in enumerate(MRZ.splitlines()[1]) if c.isdigit()]


@given(st.sampled_from(DIGITS_OF_LINE_TWO), st.sampled_from("0123456789"))
def test_any_changed_digit_of_the_second_line_is_caught(place: int, digit: str) -> None:
    first, second = MRZ.splitlines()
    changed = second[:place] + digit + second[place + 1 :]
    if changed != second:
        with pytest.raises(DocumentNotValid):
            read_mrz(f"{first}\n{changed}", today=WHEN_VALID)


@given(st.text(max_size=100))
def test_whatever_is_typed_as_a_zone_is_read_or_refused(text: str) -> None:
    with pytest.raises(DocumentNotValid):
        read_mrz(text, today=TODAY)


@given(st.text(max_size=40), st.sampled_from(DocumentKind))
def test_whatever_is_typed_as_a_number_is_taken_or_refused(text: str, kind: DocumentKind) -> None:
    try:
        document = checked(text, kind, country="CHN")
    except DocumentNotValid:
        return
    assert document.number.isascii()


@given(
    st.text("0123456789", min_size=1, max_size=9), st.integers(0, 8), st.sampled_from("0123456789")
)
def test_icao_s_check_digit_notices_any_changed_digit(field: str, place: int, digit: str) -> None:
    changed = field[: place % len(field)] + digit + field[place % len(field) + 1 :]
    assert (mrz_check_digit(changed) == mrz_check_digit(field)) == (changed == field)


def test_a_document_that_expired_is_refused() -> None:
    assert checked(KNOWN[0], expires_on=TODAY).expires_on == TODAY
    assert "expired" in refusal(KNOWN[0], expires_on=TODAY - timedelta(days=1))


def test_masks_leave_enough_to_know_one_s_own_and_no_more() -> None:
    assert masked_number(KNOWN[0]) == "1101**********002X"
    assert masked_number("E12345678") == "E******78"
    assert [masked_name(n) for n in ("王小明", "张三", "欧阳小明", "李", "Maria Lopez", "")] == [
        *("王*明", "张*", "欧**明", "*", "M*** L***", "*")
    ]
