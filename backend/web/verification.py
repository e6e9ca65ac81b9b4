"""What the verification page adds to a verdict: its tone, its history, the key, the QR code."""

import base64
from datetime import datetime
from io import BytesIO

import msgspec
import segno
from markupsafe import Markup

from backend.records.schemas import Verification
from backend.records.verdict.words import CHECKS, MEANING, Verdict
from backend.web.words import Language, words

GOOD = {"valid"}
GREY = {"status-stale", "expired", "superseded", "unknown"}
"""Not wrong in itself, but not good today. Everything else is bad."""


class Event(msgspec.Struct, frozen=True):
    since: datetime
    state: str
    reason: str | None


def tone(verdict: str) -> str:
    if verdict in GOOD:
        return "good"
    return "grey" if verdict in GREY else "bad"


class OwnWords(msgspec.Struct, frozen=True):
    """What the check in the visitor's own browser says, in one language."""

    verdicts: dict[str, dict[str, str]]
    """By verdict: its `title`, what it means in `words`, its `tone`."""
    checks: dict[str, str]


def own_words(language: Language) -> OwnWords:
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
    )


def history(record: Verification, issued_because: str) -> list[Event]:
    """Issued, and what became of it, oldest first."""
    issued = Event(record.issued_at, "issued", issued_because)
    if record.status.state == "issued":
        return [issued]
    now = record.status
    return [issued, Event(now.since, now.state, now.reason)]


def key_id(credential: str) -> str:
    """`kid` in the credential's protected header. It is shown as it is; the checks judge it."""
    header = credential.partition(".")[0]
    padded = header + "=" * (-len(header) % 4)
    return str(msgspec.json.decode(base64.urlsafe_b64decode(padded)).get("kid", ""))


def qr(address: str) -> Markup:
    """An inline SVG. Error level M: readable on a creased print-out."""
    svg = BytesIO()
    segno.make(address, error="m", micro=False).save(
        svg, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=2, dark="#000"
    )
    return Markup(svg.getvalue().decode())  # safe: drawn by segno, holds no input
