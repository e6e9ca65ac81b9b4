"""Whoever rewrites the log's history is found out: by an audit where they cannot sign it anew, and
where they can, by anybody who kept one old checkpoint: our audit, our library, the page's."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.records.commands import audit_log_command
from backend.records.verdict import growth
from backend.records.verdict.audit import audit
from backend.records.verdict.canonical import digest
from backend.records.verdict.growth import check_growth
from backend.records.verdict.jws import members
from backend.records.verdict.leaf import Kind, Leaf, RecordRef, parse_leaf, timestamp
from backend.records.verdict.merkle import leaf_hash
from backend.records.verdict.notes import Checkpoint, NoteKey, sign_checkpoint
from backend.records.verdict.refusal import Refused
from backend.records.verdict.tiles import TreeHashes, pack_entries, tiles_of
from backend.records.verdict.trust import TrustedKey
from tests.backend.records.making import START
from tests.backend.records.verdict.crossfire import limited
from tests.backend.records.verdict.twins import Twin, javascript_twin
from tests.backend.records.verdict.world import ORIGIN, World

Entries = list[bytes]
WORLD = World()
KEY = WORLD.trust.log.note_key
OLD, NEW = 300, 700
"""Sizes of the tree when the checkpoint was kept, and now: more than a tile was filled since."""


def record(number: int, at: int | None = None) -> bytes:
    """A leaf of a record issued `at` seconds after the start."""
    ref = RecordRef(f"urn:uuid:00000000-0000-0000-0000-{number:012d}", 1, number)
    ts = timestamp(START + timedelta(seconds=number if at is None else at))
    kid = WORLD.kid(WORLD.record_key)
    return Leaf(
        type=Kind.ISSUED, ts=ts, kid=kid, sha256=digest(ref.text.encode()), ref=ref.text
    ).entry


def announced(purpose: str, key: TrustedKey) -> bytes:
    sha256 = digest(msgspec.json.encode(members(key.jwk)))
    ref = f"{purpose}:{key.jwk.thumbprint}"
    return Leaf(type=Kind.KEY_ADDED, ts=timestamp(START), kid=key.kid, sha256=sha256, ref=ref).entry


TRUST = limited(WORLD.trust, "status_keys", from_index=1)
HONEST: Entries = [
    announced("record", TRUST.issuers[0].record_keys[0]),
    announced("status", TRUST.issuers[0].status_keys[0]),
    *(record(number) for number in range(2, NEW)),
]


class Served:
    """What somebody serves: files of a log of these entries, with a note of their choice."""

    def __init__(self, entries: Entries, note: str | None = None) -> None:
        tree = TreeHashes()
        for entry in entries:
            tree.append(leaf_hash(entry))
        self.note = note or signed(tree)
        self.files = {"log/checkpoint": self.note.encode()}
        self.files["trust.json"] = msgspec.json.encode(TRUST)
        for tile in tiles_of(len(entries)):
            start, end = tile.span
            hashed = tile.level is not None
            content = tree.tile(tile) if hashed else pack_entries(entries[start:end])
            self.files[f"log/{tile.path}"] = content

    def get(self, name: str) -> bytes | None:
        return self.files.get(name)

    def tile(self, path: str) -> bytes | None:
        return self.get(f"log/{path}")


def signed(tree: TreeHashes, key: Ed25519PrivateKey | None = None) -> str:
    head = Checkpoint(ORIGIN, tree.size, tree.root(tree.size))
    return sign_checkpoint(head, key or WORLD.log_key)


def edited(entries: Entries) -> Entries:
    leaf = parse_leaf(entries[17])
    return [*entries[:17], msgspec.structs.replace(leaf, sha256=digest(b"x")).entry, *entries[18:]]


def swapped(entries: Entries) -> Entries:
    return [*entries[:16], entries[17], entries[16], *entries[18:]]


REWRITTEN: dict[str, tuple[Callable[[Entries], Entries], str]] = {
    "a leaf edited": (edited, growth.CHANGED),
    "a leaf dropped": (lambda entries: entries[:17] + entries[18:], growth.CHANGED),
    "the last kept leaf dropped": (lambda e: e[: OLD - 1] + e[OLD:], growth.CHANGED),
    "two leaves swapped": (swapped, growth.CHANGED),
    "a leaf put in, dated back": (
        lambda entries: [*entries[:17], record(9_999, at=17), *entries[17:]],
        growth.CHANGED,
    ),
    "forked before what was kept": (
        lambda entries: [*entries[: OLD - 9], *(record(5_000 + n, at=OLD) for n in range(NEW))],
        growth.CHANGED,
    ),
    "forked to the very size": (
        lambda entries: [*entries[: OLD - 9], *(record(5_000 + n, at=OLD) for n in range(9))],
        growth.FORKED,
    ),
    "rolled back": (lambda entries: entries[: OLD - 1], growth.SHORTER),
    "rolled back to nothing": (lambda _: [], growth.SHORTER),
}


@pytest.fixture(scope="module")
def kept() -> str:
    return Served(HONEST[:OLD]).note


@pytest.fixture(scope="module")
def honest() -> Served:
    return Served(HONEST)


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    with javascript_twin() as started:
        yield started


def told_by_twin(twin: Twin, kept: str, served: Served) -> dict[str, str]:
    tiles = {
        name.removeprefix("log/"): twin.blob(content)
        for name, content in served.files.items()
        if name.startswith("log/tile/") and "/entries/" not in name
    }
    asked = {"kept": kept, "now": served.note, "key": WORLD.trust.log.key, "tiles": tiles}
    (answer,) = twin.ask("growth", [asked])
    told: dict[str, str] = answer
    return told


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 512, 513, NEW - 1, NEW])
def test_an_honest_log_continues_whatever_was_kept(size: int, honest: Served, twin: Twin) -> None:
    before = Served(HONEST[:size]).note
    assert check_growth(before, honest.note, KEY, honest.tile).size == NEW
    assert told_by_twin(twin, before, honest) == {"given": str(NEW)}
    assert audit(honest, before).problems == []


@pytest.mark.parametrize(("rewrite", "words"), REWRITTEN.values(), ids=REWRITTEN.keys())
def test_history_signed_anew_is_found_out_by_whoever_kept_a_checkpoint(
    rewrite: Callable[[Entries], Entries], words: str, kept: str, twin: Twin
) -> None:
    forged = Served(rewrite(HONEST))
    assert words in audit(forged, kept).problems
    with pytest.raises(Refused, match=words):
        check_growth(kept, forged.note, KEY, forged.tile)
    assert told_by_twin(twin, kept, forged) == {"refused": words}


@pytest.mark.parametrize("name", [n for n in REWRITTEN if not n.startswith("rolled")])
def test_history_that_cannot_be_signed_anew_is_found_by_any_audit(
    name: str, honest: Served
) -> None:
    """The old note stays, or a stranger signs: the entries do not give its root."""
    forged = Served(REWRITTEN[name][0](HONEST)[:NEW], honest.note)
    assert audit(forged).problems
    tree = TreeHashes()
    with pytest.raises(Refused):
        audit(Served(HONEST, signed(tree, Ed25519PrivateKey.generate())))


def test_a_record_dated_back_is_found_without_anything_kept(honest: Served) -> None:
    late = Served([*HONEST, record(9_999, at=-86_400)])
    (problem,) = audit(late).problems
    assert "back-dated to 2026-03-01T01:00:00Z" in problem
    assert audit(honest).problems == []


def test_tiles_that_lie_prove_nothing(kept: str, honest: Served, twin: Twin) -> None:
    forged = Served(edited(HONEST))
    lying = Served(HONEST, forged.note)
    for served in (lying, Served(edited(HONEST), honest.note)):
        with pytest.raises(Refused, match=growth.CHANGED):
            check_growth(kept, served.note, KEY, served.tile)
        assert told_by_twin(twin, kept, served) == {"refused": growth.CHANGED}
    lying.files = {name: content[:-1] for name, content in lying.files.items()}
    with pytest.raises(Refused, match="cut short"):
        check_growth(kept, lying.note, KEY, lying.tile)
    assert "cut short" in told_by_twin(twin, kept, lying)["refused"]


def test_the_command_keeps_a_checkpoint_and_finds_out_with_it(tmp_path: Path) -> None:
    file, folder = tmp_path / "kept", tmp_path / "log"

    def audited(served: Served) -> int:
        for name, content in served.files.items():
            path = folder / name.removeprefix("log/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return audit_log_command(str(folder), True, file)

    assert audited(Served(HONEST[:OLD])) == 0
    first = file.read_text()
    assert audited(Served(edited(HONEST))) == 1
    assert file.read_text() == first
    assert audited(Served(HONEST)) == 0
    assert file.read_text() == Served(HONEST).note


def asked(twin: Twin, served: Served) -> dict[str, Any]:
    return {
        "trust": twin.blob(served.files["trust.json"]),
        "tiles": {
            name.removeprefix("log/"): twin.blob(content)
            for name, content in served.files.items()
            if name.startswith("log/") and "/entries/" not in name
        },
    }


def visited(twin: Twin, *served: Served, shelf: str | None = "open", **stored: str) -> list[str]:
    """What a browser that comes to each of these, one after the other, makes of the log."""
    visits = [asked(twin, one) for one in served]
    (told,) = twin.ask("visits", [{"visits": visits, "shelf": shelf, "stored": stored}])
    found: list[str] = told
    return found


@pytest.mark.parametrize(("rewrite", "words"), REWRITTEN.values(), ids=REWRITTEN.keys())
def test_a_browser_keeps_what_it_saw_and_believes_no_other_history_afterwards(
    rewrite: Callable[[Entries], Entries], words: str, twin: Twin
) -> None:
    before, forged, honest = Served(HONEST[:OLD]), Served(rewrite(HONEST)), Served(HONEST)
    told = visited(twin, before, before, forged, honest, forged)
    assert told[:4] == ["first", "grown", words, "grown"]
    assert told[4] in {growth.SHORTER, growth.FORKED, growth.CHANGED}


def test_a_browser_without_room_or_storage_loses_nothing_but_the_memory(twin: Twin) -> None:
    before, after = Served(HONEST[:OLD]), Served(HONEST)
    for shelf in (None, "full"):
        assert visited(twin, before, after, shelf=shelf) == ["not-kept", "not-kept"]
    for odd in ("", "null", "[]", '{"note":1}', "{"):
        stored = {"guanbiao.log": odd}
        assert visited(twin, before, after, **stored) == ["first", "grown"]


def test_a_browser_notices_another_key_and_a_log_that_is_gone_or_says_nothing(twin: Twin) -> None:
    before, gone, other = Served(HONEST[:OLD]), Served(HONEST), Served(HONEST)
    del gone.files["log/checkpoint"]
    log = msgspec.structs.replace(WORLD.trust.log, key=World().trust.log.key)
    other.files["trust.json"] = msgspec.json.encode(msgspec.structs.replace(WORLD.trust, log=log))
    noise = Served(HONEST, "noise")
    named = msgspec.json.encode(WORLD.trust).replace(ORIGIN.encode(), b"other.example/log")
    elsewhere = Served(HONEST)
    note_key = NoteKey("other.example/log", WORLD.log_key.public_key().public_bytes_raw())
    elsewhere.files["trust.json"] = named.replace(
        WORLD.trust.log.key.replace(ORIGIN, "other.example/log").encode(), note_key.text.encode()
    )
    words = "the log has another name or key than the one that was kept"
    assert visited(twin, before, other, elsewhere, gone, noise) == [
        "first",
        words,
        words,
        "the log gives no checkpoint",
        "not a signed note",
    ]
    assert visited(twin, gone, before) == ["not-kept", "first"]


def held_trust(**log: object) -> bytes:
    changed = msgspec.structs.replace(TRUST.log, **log)
    return msgspec.json.encode(msgspec.structs.replace(TRUST, log=changed))


def test_an_auditors_own_list_counts_and_the_output_says_whose_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A log that names keys of its own making passes by its own list, and not by that of others."""
    served = Served(HONEST)
    for name, content in served.files.items():
        path = tmp_path / "log" / name.removeprefix("log/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    own, strange = tmp_path / "own.json", tmp_path / "strange.json"
    own.write_bytes(msgspec.json.encode(TRUST))
    strange.write_bytes(held_trust(key=World().trust.log.key))
    log = str(tmp_path / "log")
    assert audit_log_command(log, False) == 0
    assert "the log's own trust.json" in capsys.readouterr().out
    assert audit_log_command(log, False, trust=[own]) == 0
    assert f"keys and witnesses: {own}" in capsys.readouterr().out
    assert audit_log_command(log, False, trust=[strange]) == 2
    assert "no signature by the pinned log key" in capsys.readouterr().err


def test_a_list_that_is_older_than_the_log_is_no_problem_but_one_that_knows_more_is() -> None:
    key = TRUST.issuers[0].record_keys[0]
    ref = f"retired:{key.jwk.thumbprint}"
    retired = Leaf(
        type=Kind.KEY_RETIRED, ts=timestamp(START), kid=key.kid, sha256=digest(b"-"), ref=ref
    )
    ended = Served([*HONEST, retired.entry])
    assert "retired by the log" in audit(ended).problems[0]
    older = audit(ended, held=[TRUST])
    assert (older.problems, older.trust) == ([], "held")
    assert any("ended since your trust file was made" in note for note in older.notes)
    newer = limited(TRUST, "record_keys", retired_at="2026-03-02T01:00:00Z")
    assert "retired by the log" in audit(Served(HONEST), held=[newer]).problems[0]


@pytest.mark.parametrize(("rewrite", "words"), REWRITTEN.values(), ids=REWRITTEN.keys())
def test_a_browser_holds_a_file_against_the_log_that_is_served(
    rewrite: Callable[[Entries], Entries], words: str, kept: str, honest: Served, twin: Twin
) -> None:
    """The first visit keeps nothing: there the file is what remembers."""
    cases = [{**asked(twin, one), "held": kept} for one in (honest, Served(rewrite(HONEST)))]
    other = {**cases[0], "held": kept, "tiles": {"checkpoint": twin.blob(b"log.example/other\n")}}
    assert twin.ask("continued", [*cases, other]) == [str(NEW), words, None]
