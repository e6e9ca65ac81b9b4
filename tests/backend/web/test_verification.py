"""What the page adds to a verdict."""

from datetime import UTC, datetime

import msgspec
import pytest

from backend.records.schemas import Verification
from backend.records.verdict.words import Verdict
from backend.web import verification
from backend.web.words import CATALOGUE

ISSUED = datetime(2026, 3, 2, tzinfo=UTC)
LATER = datetime(2026, 4, 1, tzinfo=UTC)


def record(*history: tuple[str, datetime, str | None]) -> Verification:
    """A verification with this history and nothing else of interest."""
    title = {"zh": "证", "en": "record"}
    texts = ["number", "code", "recordId", "programme", "edition", "standard", "holder", "exam"]
    more = ["credential", "evidenceSha256", "url", "bundleUrl", "verdict"]
    return msgspec.convert(
        {
            **dict.fromkeys([*texts, *more], "-"),
            **{"meaning": title, "title": title, "classHours": 1.0, "hoursByModule": []},
            **{"examPassed": True, "issuedAt": ISSUED, "validUntil": None, "verifiedAt": LATER},
            **{"issuer": {"id": "-", "name": "-"}, "supersededBy": None, "checks": []},
            **{"demonstration": False, "log": {"index": 0, "treeSize": 1, "proof": ""}},
            **{"kind": "completion", "kindTitle": title, "notice": None, "achievementUrl": "-"},
            "history": [{"kind": k, "at": at, "reason": why} for k, at, why in history],
            "status": {"state": "issued", "since": ISSUED, "reason": None},
        },
        Verification,
    )


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_has_words_and_a_tone(verdict: Verdict) -> None:
    assert f"verdict.{verdict}" in CATALOGUE
    assert (verification.tone(verdict) == "good") == (verdict is Verdict.VALID)


@pytest.mark.parametrize(
    "verdict", [Verdict.REVOKED, Verdict.TAMPERED, Verdict.NOT_LOGGED, Verdict.UNTRUSTED_KEY]
)
def test_what_nobody_may_rely_on_is_red(verdict: Verdict) -> None:
    assert verification.tone(verdict) == "bad"


def test_a_verdict_nobody_has_thought_of_is_red() -> None:
    assert verification.tone("brand-new") == "bad"


def test_the_history_of_a_record_in_force_is_its_issue() -> None:
    shown = verification.history(record(("issued", ISSUED, None)), "rules met")
    assert [(e.kind, e.reason) for e in shown] == [("issued", "rules met")]


def test_the_history_of_a_record_gives_each_decision_with_date_and_reason() -> None:
    reasons = {"suspended": "核查", "reinstated": "无误", "revoked": "代考"}
    decided = [(kind, LATER, reason) for kind, reason in reasons.items()]
    shown = verification.history(record(("issued", ISSUED, None), *decided), "rules met")
    assert [(e.kind, e.at, e.reason) for e in shown[1:]] == decided
    assert all(f"record.state.{e.kind}" in CATALOGUE for e in shown)


def test_the_key_is_the_one_the_credential_names() -> None:
    assert verification.key_id("eyJhbGciOiJFUzI1NiIsImtpZCI6ImsxIn0.e30.sig") == "k1"


def test_a_code_is_drawn_as_shapes_alone() -> None:
    drawn = str(verification.qr("https://example.org/v/ABC"))
    assert drawn.startswith("<svg")
    assert "style=" not in drawn
    assert "example.org" not in drawn
