"""The page's library beside ours: the file of cases, public vectors, names."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from backend.records.verdict.leaf import Kind
from backend.records.verdict.words import Verdict
from tests.backend.records.vectors import shared
from tests.backend.records.verdict import case_file
from tests.backend.records.verdict.twins import Python, Twin, javascript_twin, plain

CASES = case_file.read()


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    with javascript_twin() as started:
        yield started


def test_the_file_of_cases_has_every_verdict() -> None:
    assert {verdict for _, verdict, _ in CASES.values()} == set(Verdict)


def test_both_twins_judge_the_file_of_cases_as_it_was_judged_when_it_was_made(twin: Twin) -> None:
    ours, answers = Python(), twin.examine([case for case, _, _ in CASES.values()])
    for (name, (case, verdict, failed)), theirs in zip(CASES.items(), answers(), strict=True):
        outcome = plain(ours.outcome(case))
        assert outcome == theirs, name
        assert outcome["verdict"] == verdict, name
        assert [check for check, ok, _ in outcome["checks"] if not ok] == failed, name


def test_the_twin_knows_all_our_names(twin: Twin) -> None:
    (names,) = twin.ask("names", [{}])
    assert set(names["kinds"]) >= set(Kind)
    assert names["verdicts"] == list(Verdict)


@pytest.mark.parametrize(
    ("kind", "numbers", "hashes"),
    [
        ("inclusion", {"index": "leafIdx", "size": "treeSize"}, {"leaf": "leafHash"}),
        ("consistency", {"size1": "size1", "size2": "size2"}, {"root1": "root1", "root2": "root2"}),
    ],
)
def test_the_twin_agrees_with_the_public_vectors(
    kind: str, numbers: dict[str, str], hashes: dict[str, str], twin: Twin
) -> None:
    paths = sorted(shared(f"vectors/merkle/{kind}").rglob("*.json"))
    found = [json.loads(path.read_text()) for path in paths]
    assert len(found) == 98

    def blob(text: str | None) -> int | None:
        return twin.blob(base64.b64decode(text or ""))

    def asked(case: dict[str, Any]) -> dict[str, Any]:
        told = {ours: str(case[theirs]) for ours, theirs in numbers.items()}
        roots = {**hashes, "root": "root"} if kind == "inclusion" else hashes
        return {
            **told,
            **{ours: blob(case[theirs]) for ours, theirs in roots.items()},
            "proof": [blob(node) for node in case["proof"] or []],
        }

    answers = twin.ask(kind, [asked(case) for case in found])
    assert answers == [not case["wantErr"] for case in found]


def test_a_browser_that_does_not_know_the_logs_curve_checks_it_all_the_same(twin: Twin) -> None:
    case = CASES["a list in its last second"][0]
    assert not isinstance(case.shown, bytes)
    note = (case.shown.proof or b"").partition(b"\n\n")[2]
    text, _, line = note.rpartition(b"\n\n")
    signature = base64.b64decode(line.split(b" ")[2])[4:]
    key = case.trust.log.note_key.public
    shots = [
        (key, signature, text + b"\n", True),
        (key, signature, text, False),
        (key, signature[::-1], text + b"\n", False),
        (key, signature[:-1], text + b"\n", False),
        (bytes(32), signature, text + b"\n", False),
        (b"\xff" * 32, signature, text + b"\n", False),
    ]
    asked = [
        {
            "key": twin.blob(key),
            "signature": twin.blob(signed),
            "content": twin.blob(content),
            "native": native,
        }
        for native in (True, False)
        for key, signed, content, _ in shots
    ]
    expected = [right for *_, right in shots]
    assert twin.ask("ed25519", asked) == [*expected, *expected]


def test_a_bundle_needs_pins_that_are_whole(twin: Twin) -> None:
    pins = msgspec.json.encode(CASES["no proof"][0].trust)
    broken = [pins[:-2], pins.replace(b'"v":1', b'"v":2'), pins.replace(b"EC", b"RSA"), b"{}"]
    asked = [{"content": twin.blob(content)} for content in [pins, *broken]]
    assert ["given" in answer for answer in twin.ask("trust", asked)] == [True] + [False] * 4
