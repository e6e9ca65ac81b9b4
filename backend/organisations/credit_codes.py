"""统一社会信用代码 (GB 32100-2015): the one key of every kind of organisation. Pure."""

import unicodedata

from infra.errors import Invalid

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18
LONGEST_TYPED = 64
_WEIGHTS = tuple(pow(3, place, 31) for place in range(LENGTH - 1))
_MISREAD = {"I": "1", "O": "0", "S": "5", "Z": "2", "V": "U / Y"}
_BETWEEN = str.maketrans("", "", " -\t\u200b")


class CreditCodeNotValid(Invalid):
    """This is no unified social credit code; copy its 18 characters from the business licence."""

    zh = "统一社会信用代码不正确，请照营业执照或法人证书抄写 18 位代码。"


def typed_credit_code(text: str) -> str:
    """Full-width and lower-case letters count as their twins; spaces and hyphens as nothing."""
    code = unicodedata.normalize("NFKC", text).translate(_BETWEEN).upper()
    if found := sorted(set(code) & set(_MISREAD)):
        hints = ", ".join(f"{letter} → {_MISREAD[letter]}" for letter in found)
        raise _not_valid(
            f"代码中没有字母 I、O、S、V、Z，是否看错：{hints}",
            f"the letters I, O, S, V, Z are never used; perhaps {hints}",
        )
    if len(code) != LENGTH or set(code) - set(ALPHABET):
        raise _not_valid("应为 18 位数字与大写字母", "18 digits and capital letters")
    if check_character(code[:-1]) != code[-1]:
        raise _not_valid(
            "校验位不符，请逐位核对", "the check character does not fit; compare each character"
        )
    return code


def check_character(first17: str) -> str:
    total = sum(ALPHABET.index(c) * weight for c, weight in zip(first17, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def _not_valid(zh: str, en: str) -> CreditCodeNotValid:
    return CreditCodeNotValid(fields={"code": f"{zh} / {en}"})
