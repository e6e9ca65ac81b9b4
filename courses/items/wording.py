"""When two short texts say the same, and how a number is read from what somebody typed."""

import re
import unicodedata
from fractions import Fraction

_ALIKE = str.maketrans(
    {
        "。": ".",
        "、": ",",
        "∶": ":",
        "〜": "~",
        **dict.fromkeys("“”„‟«»《》〈〉「」『』", '"'),
        **dict.fromkeys("‘’‚‛`´", "'"),
        **dict.fromkeys("【〔", "["),
        **dict.fromkeys("】〕", "]"),
        **dict.fromkeys("‐‑‒–—―−─", "-"),
        **dict.fromkeys("•‧・", "·"),
    }
)
"""Marks that people type for one another, after NFKC has made full-width ones narrow."""
_VARIATION = re.compile(r"[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Variation selectors choose a glyph, not a character."""
_LETTER = r"[a-zA-Z\u00c0-\u052f]"
_MEANT_BLANK = re.compile(rf"(?<={_LETTER}) (?={_LETTER})|(?<=[0-9]) (?=[0-9])")
_NUMBER = re.compile(
    r"(?P<number>[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+|(?=\.[0-9]))(?:\.[0-9]*)?"
    r"(?:e[+-]?[0-9]{1,2})?)(?P<unit>.*)",
    re.IGNORECASE | re.DOTALL,
)
MOST_DIGITS = 40
_CUT = frozenset(",.0123456789")
"""What begins the rest where a number was written wrong: 1,2 or 1.2.3."""
_RAISED = re.compile(r"\d\s*\x00")


def normalised(text: str, *, case_matters: bool = False) -> str:
    """Full- and half-width, composed and decomposed, kinds of quotation marks and dashes become
    one; quotation marks around the whole and a closing mark fall away. A blank counts only between
    two letters or two digits. Characters that differ stay different: 證 is not 证.

    Unicode's NFKC (UAX #15) and default case folding.
    """
    text = _joined(text)
    if not case_matters:
        text = _joined(text.casefold())
    text = " ".join(text.split())
    text = _MEANT_BLANK.sub("\0", text).replace(" ", "").replace("\0", " ")
    return text.lstrip("\"'").rstrip("\"'.,;:!?")


def _joined(text: str) -> str:
    text = _VARIATION.sub("", unicodedata.normalize("NFKC", text).translate(_ALIKE))
    return "".join(c for c in text if c.isspace() or unicodedata.category(c) not in {"Cf", "Cc"})


def read_number(text: str) -> tuple[Fraction, str] | None:
    """The number that begins the text, exactly, and the unit after it; None if none begins it.

    Digits may be full-width, a minus any dash; commas stand between thousands only, because 3,5 is
    thirty-five to one reader and three and a half to another. A raised or circled digit beside
    another is no digit: 5² is not 52.
    """
    if _RAISED.search("".join("\0" if unicodedata.category(c) == "No" else c for c in text)):
        return None
    found = _NUMBER.fullmatch("".join(_joined(text).split()))
    if found is None or len(found["number"]) > MOST_DIGITS or found["unit"][:1] in _CUT:
        return None
    return Fraction(found["number"].replace(",", "")), found["unit"]
