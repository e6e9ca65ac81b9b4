"""Documents people prove themselves by, and what their numbers say about themselves (pure).

A number that passes is well formed, no more: that it is this person's, only a check of the
document itself says. Messages name what is wrong and never repeat what was typed.

Sources: GB 11643-1999 (number, weights, check character; GB/T 2260 for its provinces); the
residence permits of 2018 for Hong Kong, Macao (810000, 820000) and Taiwan (830000) residents take
the same scheme; the foreigners' permanent residence card since 2023-12-01 too, with a 9 first,
before it three letters and twelve digits; ICAO Doc 9303 part 4 (TD3) for passports.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from enum import StrEnum

import msgspec

from infra.errors import Invalid

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_EIGHTEEN = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)
_OLD_FOREIGN = re.compile(r"[A-Z]{3}\d{12}", re.ASCII)
_PASSPORT = re.compile(r"[A-Z0-9]{5,9}", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{3}", re.ASCII)
_MRZ_LINE = re.compile(r"[A-Z0-9<]{44}", re.ASCII)
_SEPARATORS = re.compile(r"[\s\-‐-―·•.]")
_PROVINCES = frozenset(
    [
        *(*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55)),
        *(*range(61, 66), 71, 81, 82),
    ]
)
_EARLIEST_BIRTH = 1850
_MRZ_WEIGHTS = (7, 3, 1)


class DocumentKind(StrEnum):
    RESIDENT = "resident-id"
    """公民身份号码"""
    HONG_KONG_MACAO = "hong-kong-macao-residence-permit"
    """港澳居民居住证"""
    TAIWAN = "taiwan-residence-permit"
    """台湾居民居住证"""
    FOREIGN_PERMANENT = "foreign-permanent-residence"
    """外国人永久居留身份证"""
    PASSPORT = "passport"
    """护照"""


_PERMITS: Mapping[DocumentKind, tuple[str, ...]] = {
    DocumentKind.HONG_KONG_MACAO: ("810000", "820000"),
    DocumentKind.TAIWAN: ("830000",),
}


class DocumentNotValid(Invalid):
    """The document's details are not right; correct the fields that are marked."""

    zh = "证件信息有误，请按各栏下的提示更正。"


class Document(msgspec.Struct, frozen=True):
    """As canonical as its number can be written."""

    kind: DocumentKind
    number: str
    country: str | None = None
    """Of a passport: who issued it, three letters as ICAO Doc 9303 writes them (CHN, D<< is D)."""
    expires_on: date | None = None

    @property
    def indexed(self) -> str:
        """The text under which `Vault.index` finds it. Eighteen digits are one scheme: a permit's
        number typed as an ID number's kind is refused, so no number can come under two kinds."""
        scheme = f"passport\0{self.country}" if self.kind is DocumentKind.PASSPORT else "number"
        return f"identity\0{scheme}\0{self.number}"


def checked_document(
    kind: DocumentKind,
    number: str,
    *,
    country: str | None = None,
    mrz: str | None = None,
    expires_on: date | None = None,
    today: date,
) -> Document:
    """DocumentNotValid."""
    typed = plain(number)
    if kind is DocumentKind.PASSPORT:
        found = _passport(typed, plain(country or ""), mrz, expires_on, today)
    else:
        _check_number(kind, typed, today)
        found = Document(kind, typed, None, expires_on)
    if found.expires_on is not None and found.expires_on < today:
        raise _wrong("expiresOn", "证件已过有效期", "this document has expired")
    return found


def plain(text: str) -> str:
    """Full-width digits and letters as their twins, no separators, capital letters."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()


# --- numbers of eighteen ----------------------------------------------------------------------


def check_character(seventeen: str) -> str:
    """GB 11643 (ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(seventeen, _WEIGHTS, strict=True))
    return _CHECKS[total % 11]


def _check_number(kind: DocumentKind, number: str, today: date) -> None:
    if kind is DocumentKind.FOREIGN_PERMANENT and _OLD_FOREIGN.fullmatch(number):
        _check_old_foreign(number)
        return
    if not _EIGHTEEN.fullmatch(number):
        raise _wrong(
            "number",
            "应为 18 位：17 位数字，末位数字或 X",
            "18 characters: 17 digits, then a digit or X",
        )
    if not _issued_by_its_kind(kind, number):
        raise _wrong(
            "number", "前几位与证件类型不符", "its first digits do not fit this kind of document"
        )
    born = _date(number[6:10], number[10:12], number[12:14])
    if born is None or not (born.year >= _EARLIEST_BIRTH and born <= today):
        raise _wrong("number", "其中的出生日期不存在或不合理", "the date of birth in it cannot be")
    if check_character(number[:17]) != number[17]:
        raise _wrong(
            "number",
            "校验位不符，请逐位核对",
            "its check character differs: compare digit by digit",
        )


def _issued_by_its_kind(kind: DocumentKind, number: str) -> bool:
    region = number[:6]
    if kind is DocumentKind.FOREIGN_PERMANENT:
        return number[0] == "9"
    if kind in _PERMITS:
        return region in _PERMITS[kind]
    permits = {prefix for prefixes in _PERMITS.values() for prefix in prefixes}
    return int(region[:2]) in _PROVINCES and region not in permits


def _check_old_foreign(number: str) -> None:
    """Of its last digit no public rule is known to us, so shape and date are all there is."""
    if all(_date(f"{c}{number[7:9]}", number[9:11], number[11:13]) is None for c in (19, 20)):
        raise _wrong("number", "其中的出生日期不存在", "the date of birth in it cannot be")


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


# --- passports --------------------------------------------------------------------------------


def _passport(
    number: str, country: str, mrz: str | None, expires_on: date | None, today: date
) -> Document:
    if not _PASSPORT.fullmatch(number):
        raise _wrong("number", "应为 5 至 9 位字母或数字", "5 to 9 letters or digits")
    if mrz is not None:
        read = read_mrz(mrz, today=today)
        if (read.number, read.country) != (number, country or read.country):
            raise _wrong(
                "mrz", "与填写的号码或签发国不符", "differs from the number or country given"
            )
        return read
    if not _COUNTRY.fullmatch(country):
        raise _wrong(
            "country", "签发国三字母代码，如 CHN", "three letters of who issued it, such as CHN"
        )
    return Document(DocumentKind.PASSPORT, number, country, expires_on)


def mrz_check_digit(field: str) -> str:
    """ICAO Doc 9303 part 3: weights 7 3 1, A is 10 to Z 35, < is 0, modulo 10."""
    values = (0 if c == "<" else int(c, 36) for c in field)
    return str(sum(v * _MRZ_WEIGHTS[i % 3] for i, v in enumerate(values)) % 10)


def read_mrz(text: str, *, today: date) -> Document:
    """Both lines of a passport's machine-readable zone, 88 characters. DocumentNotValid."""
    typed = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()
    first, second = typed[:44], typed[44:]
    if not (_MRZ_LINE.fullmatch(first) and _MRZ_LINE.fullmatch(second) and first[0] == "P"):
        raise _wrong("mrz", "应为两行，每行 44 个字符，以 P 开头", "two lines of 44, P first")
    composite = second[:10] + second[13:20] + second[21:43]
    fields = [
        *((second[:9], second[9]), (second[13:19], second[19]), (second[21:27], second[27])),
        *((second[28:42], second[42].replace("<", "0")), (composite, second[43])),
    ]
    if any(mrz_check_digit(field) != check for field, check in fields):
        raise _wrong("mrz", "校验位不符，请逐位核对", "a check digit differs: compare it")
    expires_on = _date(f"{today.year // 100}{second[21:23]}", second[23:25], second[25:27])
    if expires_on is None:
        raise _wrong("mrz", "其中的有效期不存在", "its date of expiry cannot be")
    number, country = second[:9].rstrip("<"), first[2:5].rstrip("<")
    if not (_PASSPORT.fullmatch(number) and country.isalpha()):
        raise _wrong("mrz", "号码或签发国有误", "its number or country cannot be")
    return Document(DocumentKind.PASSPORT, number, country, expires_on)


def _wrong(field: str, zh: str, en: str) -> DocumentNotValid:
    return DocumentNotValid(fields={field: f"{zh} / {en}"})


# --- showing ----------------------------------------------------------------------------------


def masked_number(number: str) -> str:
    """110105********002X; of shorter ones the first and the last two stay."""
    ahead, behind = (4, 4) if len(number) == len("110105194912310021") else (1, 2)
    return number[:ahead] + "*" * (len(number) - ahead - behind) + number[-behind:]


def masked_name(name: str) -> str:
    """王小明 is 王*明, 张三 is 张*, Maria Lopez is M*** L***; never more than that."""
    words = name.split()
    if any("\u3400" <= c <= "\u9fff" or "\U00020000" <= c <= "\U0003ffff" for c in name):
        joined = "".join(words)
        tail = joined[-1] if len(joined) > 2 else ""
        return f"{joined[0]}{'*' * max(1, len(joined) - 2)}{tail}" if len(joined) > 1 else "*"
    return " ".join(f"{word[0]}***" if len(word) > 1 else "*" for word in words) or "*"
