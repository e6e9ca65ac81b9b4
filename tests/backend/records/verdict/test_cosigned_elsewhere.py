"""Checkpoints and cosignatures that other programs made and verified, beside ours.

`cosigned_elsewhere.json` was made by aics-tlog 0.2.1 (PyPI; needs Python 3.12, so it is no
dependency of ours). Each note of it was taken, or refused, by that and by Go's sumdb/note 0.7 with
a verifier of `cosignature/v1`. Ed25519 signs the same bytes the same way each time, so where ours
reads and writes the very same bytes, each side verifies what the other one signs.
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.records.verdict.cosignatures import cosignature, cosigned_by, witness_key
from backend.records.verdict.notes import NoteKey, open_checkpoint, read_note, signature_line
from backend.records.verdict.refusal import Refused
from tests.backend.records.verdict.twins import javascript_twin

ELSEWHERE = json.loads(Path(__file__).with_name("cosigned_elsewhere.json").read_text("utf-8"))
GOOD: dict[str, dict[str, Any]] = {made["what"]: made for made in ELSEWHERE["good"]}
BAD: dict[str, str] = ELSEWHERE["bad"]["notes"]
OF_BAD = GOOD[ELSEWHERE["bad"]["of"]]


def private(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest())


@pytest.mark.parametrize("made", GOOD.values(), ids=GOOD)
def test_what_another_program_signed_holds_and_is_what_we_would_have_signed(
    made: dict[str, Any],
) -> None:
    log, witness = NoteKey.parse(made["log"]), witness_key(made["witness"])
    assert (log.text, witness.text) == (made["log"], made["witness"])
    text, _ = read_note(made["note"])
    assert open_checkpoint(made["note"], log).origin == log.name
    assert cosigned_by(made["note"] + made["line"], witness) == made["at"]
    assert cosignature(text, witness.name, private(witness.name), made["at"]) == made["line"]
    own = signature_line(log.name, log.key_id + private(log.name).sign(text.encode()))
    assert made["note"] == f"{text}\n{own}"


@pytest.mark.parametrize("note", BAD.values(), ids=BAD)
def test_what_other_programs_refuse_is_refused(note: str) -> None:
    assert not counted(note)


def counted(note: str) -> bool:
    try:
        open_checkpoint(note, NoteKey.parse(OF_BAD["log"]))
        return cosigned_by(note, witness_key(OF_BAD["witness"])) is not None
    except Refused:
        return False


def test_the_page_reads_them_the_same_way() -> None:
    asked = [{"note": m["note"] + m["line"], "witness": m["witness"]} for m in GOOD.values()]
    asked += [{"note": note, "witness": OF_BAD["witness"]} for note in BAD.values()]
    with javascript_twin() as twin:
        answers = twin.ask("cosigned", asked)
    assert [answer["given"] for answer in answers[: len(GOOD)]] == [
        str(made["at"]) for made in GOOD.values()
    ]
    assert {answer.get("given", "null") for answer in answers[len(GOOD) :]} == {"null"}
