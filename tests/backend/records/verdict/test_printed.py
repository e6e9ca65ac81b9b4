"""A PDF as it was issued, and a stranger's hand at every part of it, before both twins."""

import io
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pypdf import PdfReader, PdfWriter

from backend.records.commands import EXIT_CODES, verify_command
from backend.records.signing import sign_print
from backend.records.verdict.bundle import Bundle, write_bundle
from backend.records.verdict.printed import MAX_PDF_BYTES, examine_print, sealed_print
from backend.records.verdict.words import CHECKS, Verdict
from tests.backend.records.printing.sheets import printed, seal_of, unsealed
from tests.backend.records.verdict.twins import Case, Python, Twin, javascript_twin, plain
from tests.backend.records.verdict.world import NOW, World

WORLD = World()
BUNDLE = WORLD.bundle()
ANOTHER = msgspec.structs.replace(BUNDLE, record=WORLD.signed(WORLD.payload()))


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    with javascript_twin() as started:
        yield started


@pytest.fixture(scope="module")
def good() -> bytes:
    return printed(WORLD, BUNDLE)


def page_of(bundle: Bundle = BUNDLE) -> bytes:
    return unsealed(write_bundle(bundle, "read me"), bundle.record)


def saved_again(pdf: bytes, *, incremental: bool = False) -> bytes:
    """As a viewer saves it after somebody edited it; `incremental`: behind what was there."""
    writer = PdfWriter(io.BytesIO(pdf), incremental=incremental)
    writer.add_metadata({"/Title": "内审员"})
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def flipped(pdf: bytes, at: int) -> bytes:
    return pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :]


def by_another_key(pdf: bytes) -> bytes:
    del pdf
    stranger = World()
    seal = sign_print(
        seal_of(WORLD, BUNDLE, page_of()), stranger.record_key, WORLD.kid(WORLD.record_key)
    )
    return sealed_print(page_of(), seal)


def as_a_record(pdf: bytes) -> bytes:
    """The credential itself, which the same key has signed, in the seal's place."""
    del pdf
    return sealed_print(page_of(), BUNDLE.record)


def with_length(pdf: bytes, written: bytes) -> bytes:
    at = pdf.index(b"/application#2Fzip")
    start = pdf.rindex(b" obj", 0, at)
    return pdf[:start] + re.sub(rb"/Length [0-9]+", written, pdf[start:], count=1)


EDITED: dict[str, Callable[[bytes], bytes]] = {
    "a byte of the page": lambda pdf: flipped(pdf, 2_000),
    "a byte of the last line": lambda pdf: flipped(pdf, pdf.rindex(b"startxref") + 11),
    "a byte of the seal": lambda pdf: flipped(pdf, pdf.rindex(b"startxref") - 20),
    "without its seal": lambda _: page_of(),
    "with something behind it": lambda pdf: pdf + b"% and more\n",
    "with a second seal": lambda pdf: sealed_print(pdf, b"e30.e30.AA"),
    "saved again": saved_again,
    "saved again behind it": lambda pdf: saved_again(pdf, incremental=True),
    "sealed by another key": by_another_key,
    "sealed with the credential": as_a_record,
    "the seal of another record": lambda _: printed(WORLD, BUNDLE, record="urn:uuid:x"),
    "the seal of another signature": lambda _: printed(WORLD, BUNDLE, record_sha256="00" * 32),
    "the seal of another page": lambda _: printed(WORLD, BUNDLE, print_sha256="00" * 32),
    "the seal of another issuer": lambda _: printed(WORLD, BUNDLE, iss="https://x.example"),
    "another record's bundle": lambda _: printed(WORLD, ANOTHER),
    "two bundles": lambda pdf: pdf.replace(b"endobj", b"/application#2Fzip endobj", 1),
    "no bundle": lambda pdf: pdf.replace(b"/application#2Fzip", b"/application#2Ftxt"),
    "a bundle cut short": lambda pdf: with_length(pdf, b"/Length 40"),
    "a bundle of another length": lambda pdf: with_length(pdf, b"/Length 7 0 R"),
    "nothing but a beginning": lambda _: b"%PDF-1.7\n",
    "too large": lambda pdf: pdf.ljust(MAX_PDF_BYTES + 1),
}


def test_a_pdf_as_it_was_issued_passes_by_every_check_and_names_its_holder(
    good: bytes, twin: Twin
) -> None:
    found = examine_print(good, WORLD.trust, NOW)
    assert found.outcome.verdict is Verdict.VALID
    assert all(check.ok for check in found.outcome.checks)
    assert found.outcome.checks[-1].name == "print"
    assert {check.name for check in found.outcome.checks} <= set(CHECKS)
    assert found.seal is not None
    assert found.seal.name == "王小明"
    assert twin.examine([Case(shown=good, trust=WORLD.trust, now=NOW)])() == [plain(found.outcome)]


def test_viewers_read_a_sealed_pdf_as_the_same_pages(good: bytes) -> None:
    one, other = (PdfReader(io.BytesIO(pdf), strict=True) for pdf in (good, page_of()))
    assert one.pages[0].extract_text() == other.pages[0].extract_text()
    assert b"%guanbiao-seal-1 " in good[-1_200:]
    assert good.endswith(b"%%EOF") or good.endswith(b"%%EOF\n")


def test_whatever_is_not_the_very_file_is_red_and_the_twins_say_so_in_the_same_words(
    good: bytes, twin: Twin
) -> None:
    cases = [Case(shown=make(good), trust=WORLD.trust, now=NOW) for make in EDITED.values()]
    ours, answers = Python(), twin.examine(cases)
    for name, case, theirs in zip(EDITED, cases, answers(), strict=True):
        assert isinstance(case.shown, bytes)
        outcome = plain(ours.outcome(case))
        assert outcome == theirs, name
        expected = {"tampered"} | ({"not-logged"} if "another record's" in name else set())
        assert outcome["verdict"] in expected, name


def test_a_byte_anywhere_in_the_file_counts(good: bytes, twin: Twin) -> None:
    step = len(good) // 30
    cases = [
        Case(shown=flipped(good, at), trust=WORLD.trust, now=NOW)
        for at in range(3 + step, len(good) - 1, step)
    ]
    ours, answers = Python(), twin.examine(cases)
    outcomes = [plain(ours.outcome(case)) for case in cases]
    assert outcomes == answers()
    assert {outcome["verdict"] for outcome in outcomes} <= {"tampered", "not-logged"}


def test_a_key_that_was_stolen_seals_nothing_any_more(good: bytes, twin: Twin) -> None:
    issuer = WORLD.trust.issuers[0]
    key = msgspec.structs.replace(issuer.record_keys[0], compromised_at_index=10_000)
    trust = msgspec.structs.replace(
        WORLD.trust, issuers=[msgspec.structs.replace(issuer, record_keys=[key])]
    )
    found = examine_print(good, trust, NOW).outcome
    assert (found.verdict, found.checks[-1].ok) == (Verdict.TAMPERED, False)
    assert "print anew" in found.checks[-1].evidence
    assert twin.examine([Case(shown=good, trust=trust, now=NOW)])() == [plain(found)]


def test_a_revoked_record_s_pdf_is_red_by_newer_lists_and_an_old_one_is_told_to_be_old(
    good: bytes,
) -> None:
    newer = {"revocation": WORLD.published("revocation", set_=True, at=NOW)}
    revoked = examine_print(good, WORLD.trust, NOW, newer_status=newer).outcome
    assert revoked.verdict is Verdict.REVOKED
    later = examine_print(good, WORLD.trust, NOW + timedelta(days=900)).outcome
    assert later.verdict is Verdict.STATUS_STALE


def test_the_command_tells_an_edited_pdf_without_a_network(
    good: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trust, file = tmp_path / "trust.json", tmp_path / "record.pdf"
    trust.write_bytes(msgspec.json.encode(WORLD.trust))
    answers: list[dict[str, Any]] = []
    for content in (good, EDITED["a byte of the page"](good)):
        file.write_bytes(content)
        code = verify_command(file, trust, None, True, now=NOW)
        answers.append(json.loads(capsys.readouterr().out))
        assert code == EXIT_CODES[Verdict(answers[-1]["verdict"])]
    assert [answer["exitCode"] for answer in answers] == [0, 17]
    assert [answer["holder"] for answer in answers] == [{"name": "王小明"}, {}]
    assert answers[1]["record"]["number"] == answers[0]["record"]["number"]
    assert verify_command(file, None, None, False) == EXIT_CODES[Verdict.UNTRUSTED_KEY]


def test_who_only_verifies_needs_no_typesetter() -> None:
    asked = "import sys, backend.records.commands; print('typst' in sys.modules)"
    command = [sys.executable, "-c", asked]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
