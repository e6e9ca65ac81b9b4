"""What the verification page adds to a verdict: its tone, its history, the key, the QR code."""

import base64
from collections.abc import Callable
from functools import lru_cache
from io import BytesIO

import msgspec
import segno
from markupsafe import Markup

from backend.records.schemas import Event, Verification
from backend.records.verdict.evidence import in_chinese
from backend.records.verdict.words import CHECKS, MEANING, Verdict
from backend.web.words import Language, words

GOOD = {"valid"}
GREY = {"status-stale", "expired", "superseded", "unknown"}
"""Not wrong in itself, but not good today. Everything else is bad."""

REAL_PINS, DEMONSTRATION_PINS = "/trust.json", "/trust-demonstration.json"


def tone(verdict: str) -> str:
    if verdict in GOOD:
        return "good"
    return "grey" if verdict in GREY else "bad"


class OwnWords(msgspec.Struct, frozen=True):
    """What the check in the visitor's own browser says, in one language."""

    verdicts: dict[str, dict[str, str]]
    """By verdict: its `title`, what it means in `words`, its `tone`."""
    checks: dict[str, str]
    pins: str
    """Addresses of the trust files to try, by spaces."""


def own_words(language: Language, *pins: str) -> OwnWords:
    """`pins`: some of `REAL_PINS`, `DEMONSTRATION_PINS`, in the order to be tried."""
    say, place = words(language), ("zh", "en").index(language)
    return OwnWords(
        verdicts={
            verdict.value: {
                "title": say(f"verdict.{verdict}"),
                "words": MEANING[verdict][place],
                "tone": tone(verdict),
            }
            for verdict in Verdict
        },
        checks={name: pair[place] for name, pair in CHECKS.items()},
        pins=" ".join(pins),
    )


def evidence_in(language: Language) -> Callable[[str], str]:
    return in_chinese if language == "zh" else str


def history(record: Verification, issued_because: str) -> list[Event]:
    """Issued, and whatever became of it, oldest first."""
    return [
        Event(kind=one.kind, at=one.at, reason=one.reason or issued_because)
        if one.kind == "issued"
        else one
        for one in record.history
    ]


def key_id(credential: str) -> str:
    """`kid` in the credential's protected header. It is shown as it is; the checks judge it."""
    header = credential.partition(".")[0]
    padded = header + "=" * (-len(header) % 4)
    return str(msgspec.json.decode(base64.urlsafe_b64decode(padded)).get("kid", ""))


@lru_cache(maxsize=1_024)
def qr(address: str) -> Markup:
    """An inline SVG. Error level M: readable on a creased print-out. Remembered: to draw it takes
    as long as the verdict, and one record is often looked at by several people."""
    svg = BytesIO()
    segno.make(address, error="m", micro=False).save(
        svg, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=2, dark="#000"
    )
    return Markup(svg.getvalue().decode())  # safe: drawn by segno, holds no input
