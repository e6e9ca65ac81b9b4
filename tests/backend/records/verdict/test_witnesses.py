"""Records under checkpoints that witnesses signed: for who asks for that, and for who does not."""

import base64
from collections.abc import Callable, Iterator
from datetime import timedelta

import msgspec
import pytest

from backend.records.verdict.audit import audit
from backend.records.verdict.bundle import Bundle
from backend.records.verdict.cosignatures import cosigned_by, witness_key
from backend.records.verdict.notes import COSIGNATURE, NoteKey, note_by
from backend.records.verdict.refusal import Refused
from backend.records.verdict.trust import Trust, parse_trust
from backend.records.verdict.verify import Examiner, verify
from tests.backend.records.making import START
from tests.backend.records.verdict.test_history import HONEST, NEW, OLD, TRUST, WORLD, Served
from tests.backend.records.verdict.test_history import edited as rewritten
from tests.backend.records.verdict.twins import Case, Twin, javascript_twin, plain
from tests.backend.records.verdict.world import NOW, witness

GOOD = WORLD.bundle()
Shown = Callable[[], tuple[Bundle, int, float, str]]


def replaced(bundle: Bundle, proof: bytes) -> Bundle:
    return msgspec.structs.replace(bundle, proof=proof)


def with_lines(*lines: bytes) -> Bundle:
    seen = WORLD.cosigned(GOOD, 0, 1)
    return replaced(seen, (GOOD.proof or b"") + b"".join(lines))


def lists_unseen() -> Bundle:
    seen = WORLD.cosigned(GOOD, 0, 1)
    return msgspec.structs.replace(seen, status=GOOD.status)


def borrowed() -> Bundle:
    """A true line, but of another checkpoint."""
    proof = GOOD.proof or b""
    return with_lines(WORLD.line(proof, 0), WORLD.line(GOOD.status["revocation"].proof, 1))


def in_anothers_name() -> Bundle:
    line = WORLD.line(GOOD.proof or b"", 0)
    return with_lines(line, line.replace(witness(0).encode(), witness(1).encode()))


LINE = WORLD.line(GOOD.proof or b"", 0)
CASES: dict[str, Shown] = {
    "seen by both witnesses": (lambda: (WORLD.cosigned(GOOD, 0, 1), 2, 0, "valid")),
    "seen by one of two, one is enough": lambda: (WORLD.cosigned(GOOD, 1), 1, 0, "valid"),
    "seen by one of two, two are asked for": lambda: (WORLD.cosigned(GOOD, 1), 2, 0, "not-logged"),
    "seen by nobody, one is asked for": lambda: (GOOD, 1, 0, "not-logged"),
    "seen by nobody, none is asked for": lambda: (GOOD, 0, 0, "valid"),
    "seen by one, none is asked for": lambda: (WORLD.cosigned(GOOD, 0), 0, 0, "valid"),
    "one witness's line twice": lambda: (with_lines(LINE, LINE), 2, 0, "not-logged"),
    "a witness's line of another checkpoint": lambda: (borrowed(), 2, 0, "not-logged"),
    "a witness's line in another's name": lambda: (in_anothers_name(), 2, 0, "not-logged"),
    "seen in two minutes from now": (
        lambda: (WORLD.cosigned(GOOD, 0, 1, at=NOW + timedelta(seconds=120)), 2, 0, "valid")
    ),
    "seen in the future": (
        lambda: (WORLD.cosigned(GOOD, 0, 1, at=NOW + timedelta(seconds=121)), 2, 0, "not-logged")
    ),
    "lists that no witness saw": lambda: (lists_unseen(), 2, 0, "status-stale"),
    "a revocation that no witness saw": (
        lambda: (
            msgspec.structs.replace(
                WORLD.cosigned(GOOD, 0, 1),
                status={**GOOD.status, "revocation": WORLD.published("revocation", set_=True)},
            ),
            2,
            0,
            "revoked",
        )
    ),
}


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    with javascript_twin() as started:
        yield started


def test_witnesses_count_where_they_are_asked_for(twin: Twin) -> None:
    shown = {name: made() for name, made in CASES.items()}
    cases = [
        Case(shown=bundle, trust=WORLD.watched(quorum), now=NOW + timedelta(seconds=later))
        for bundle, quorum, later, _ in shown.values()
    ]
    warm = {quorum: Examiner(WORLD.watched(quorum)) for quorum in (0, 1, 2)}
    for (name, told), case, theirs in zip(shown.items(), cases, twin.examine(cases)(), strict=True):
        bundle, quorum, _, verdict = told
        outcome = verify(bundle, case.trust, case.now)
        assert (outcome.verdict, plain(outcome)) == (verdict, theirs), name
        assert warm[quorum].examine(bundle, case.now) == outcome, name
        assert warm[quorum].examine(bundle, case.now) == outcome, name


def test_a_verdict_names_who_signed_and_says_how_many_are_missing() -> None:
    seen, unseen = (
        verify(WORLD.cosigned(GOOD, *numbers), WORLD.watched(1), NOW) for numbers in ((0,), ())
    )
    assert [c.evidence for c in seen.checks if c.name == "witnesses"] == [
        "signed by witness-0.example at 2026-03-02T01:00:00Z"
    ]
    (failed,) = [check for check in unseen.checks if not check.ok]
    assert failed.name == "witnesses"
    assert failed.evidence == "0 of the 2 pinned witnesses signed this checkpoint, not 1"
    assert unseen.verdict == "not-logged"


def test_who_pins_no_witness_is_told_nothing_of_them() -> None:
    told = [verify(b, WORLD.trust, NOW) for b in (GOOD, WORLD.cosigned(GOOD, 0, 1))]
    assert told[0].checks == told[1].checks
    assert "witnesses" not in {check.name for check in told[0].checks}


def pins(trust: Trust, **changes: object) -> bytes:
    log = msgspec.structs.replace(trust.log, **changes)
    return msgspec.json.encode(msgspec.structs.replace(trust, log=log))


def test_pins_in_which_one_witness_counts_twice_are_refused(twin: Twin) -> None:
    watched = WORLD.watched(2)
    first, second = watched.log.witnesses
    itself = NoteKey("log.example", watched.log.note_key.public, COSIGNATURE).text
    same_key = NoteKey("other.example", witness_key(first).public, COSIGNATURE).text
    bad = [
        pins(watched, witnesses=[first, first]),
        pins(watched, witnesses=[first, same_key]),
        pins(watched, witnesses=[first, itself]),
        pins(watched, witnesses=[first, watched.log.key]),
        pins(watched, witnesses=[first]),
        pins(watched, quorum=3),
        pins(watched, quorum=-1),
    ]
    for content in bad:
        with pytest.raises(Refused):
            parse_trust(content)
    asked = [{"content": twin.blob(content)} for content in [pins(watched), *bad]]
    assert ["given" in answer for answer in twin.ask("trust", asked)] == [True] + [False] * 7
    assert parse_trust(pins(watched)).log.quorum == 2
    assert b"witnesses" not in msgspec.json.encode(WORLD.trust)
    assert second in pins(watched).decode()


def test_a_line_has_the_form_that_others_use() -> None:
    """The example of c2sp.org/tlog-cosignature: key id, eight bytes of time, 64 of signature."""
    line = (
        "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+"
        "mbIUBkBIfZ+qnA=="
    )
    ours = WORLD.line(GOOD.proof or b"", 0).decode().split(" ")[2]
    public, own = base64.b64decode(line), base64.b64decode(ours)
    assert len(own) == len(public) == 76
    assert int.from_bytes(public[4:12]) == 1_679_315_147
    assert int.from_bytes(own[4:12]) == int(START.timestamp())
    key = NoteKey(witness(0), WORLD.witnesses[0].public_key().public_bytes_raw(), COSIGNATURE)
    assert own[:4] == key.key_id
    note = (GOOD.proof or b"").decode().partition("\n\n")[2]
    assert cosigned_by(note + LINE.decode(), key) == int(START.timestamp())
    assert cosigned_by(note, key) is None
    assert note_by(note + LINE.decode(), TRUST.log.note_key) == note


# --- the audit --------------------------------------------------------------------------------


class Watched(Served):
    """A log whose witnesses are named in its trust file; `at` are the sizes that both signed."""

    def __init__(self, *at: int, late: timedelta = timedelta(hours=1)) -> None:
        super().__init__(HONEST)
        log = WORLD.watched(0).log
        self.files["trust.json"] = msgspec.json.encode(msgspec.structs.replace(TRUST, log=log))
        self.show([self.seen(Served(HONEST[:size]).note, late) for size in at])

    def seen(self, note: str, late: timedelta) -> str:
        lines = [WORLD.line(note.encode(), n, START + late).decode() for n in (0, 1)]
        return note + "".join(lines)

    def show(self, notes: list[str]) -> None:
        told = {"items": [{"size": 1, "note": note} for note in notes]}
        self.files["log/cosignatures"] = msgspec.json.encode(told)


def test_an_audit_counts_the_lines_of_witnesses() -> None:
    served = Watched(OLD, NEW)
    served.files["log/checkpoint"] = served.seen(served.note, timedelta(hours=2)).encode()
    found = audit(served)
    assert (found.problems, found.cosignatures) == ([], 6)
    del served.files["log/cosignatures"]
    found = audit(served)
    assert (found.problems, found.cosignatures, len(found.notes)) == ([], 2, 1)


def test_an_audit_finds_a_line_that_does_not_hold_and_one_dated_before_its_leaves() -> None:
    served = Watched(OLD, late=-timedelta(days=2))
    assert all("dated before what it signed" in problem for problem in audit(served).problems)
    assert len(audit(served).problems) == 2
    others = WORLD.line(Served(HONEST[: OLD - 1]).note.encode(), 0).decode()
    served.show([Served(HONEST[:OLD]).note + others])
    (problem,) = audit(served).problems
    assert "does not hold" in problem
    served.show(["nothing"])
    assert audit(served).problems
    served.files["log/cosignatures"] = b"[]"
    assert audit(served).problems == ["log/cosignatures: not a list of checkpoints"]


def test_a_fork_that_a_witness_signed_is_found_by_an_audit_of_the_other_branch() -> None:
    served = Watched()
    served.show([served.seen(Served(rewritten(HONEST)[:OLD]).note, timedelta(hours=1))])
    (problem,) = audit(served).problems
    assert "forked" in problem


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"from_index": 7}, "another place"),
        ({"retired_at": "2026-03-02T01:00:00Z"}, "retired"),
        ({"compromised_at_index": 9}, "compromised"),
        ({"kid": "https://training.example/keys/none"}, "never announced"),
        ({"jwk": WORLD.trust.issuers[0].status_keys[0].jwk}, "for something else"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else value,
)
def test_a_trust_file_that_tells_of_keys_what_the_log_does_not_is_found(
    change: dict[str, object], said: str
) -> None:
    issuer = TRUST.issuers[0]
    key = msgspec.structs.replace(issuer.record_keys[0], **change)
    issuer = msgspec.structs.replace(issuer, record_keys=[key])
    served = Served(HONEST)
    trust = msgspec.structs.replace(TRUST, issuers=[issuer])
    served.files["trust.json"] = msgspec.json.encode(trust)
    (problem,) = audit(served).problems
    assert said in problem


def test_a_checkpoint_is_signed_by_its_log_and_by_nobody_else() -> None:
    """A witness's key has another algorithm in its id: it can never pass for a log's."""
    with pytest.raises(Refused):
        NoteKey.parse(WORLD.watched(0).log.witnesses[0])
    with pytest.raises(Refused):
        witness_key(TRUST.log.key)
