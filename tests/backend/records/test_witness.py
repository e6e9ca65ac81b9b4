"""A witness signs what continues the checkpoint it signed last, whatever a log shows and wherever
the witness dies; what it was shown that cannot be, it keeps."""

import json
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.records.verdict.cosignatures import cosigned_by
from backend.records.verdict.growth import CHANGED, FORKED, SHORTER
from backend.records.verdict.notes import note_by, open_checkpoint
from backend.records.verdict.refusal import Refused
from backend.records.witness import commands, keeping
from backend.records.witness.keeping import WitnessFolder
from backend.records.witness.visiting import HistoryRewritten, visit
from infra.clock import ManualClock
from tests.backend.records.making import START
from tests.backend.records.verdict.test_history import (
    HONEST,
    KEY,
    NEW,
    OLD,
    WORLD,
    Entries,
    Served,
    edited,
    record,
    swapped,
)

Capture = pytest.CaptureFixture[str]


class Shown(Served):
    """A log as it is shown to one witness, and the notes that the witness handed over."""

    def __init__(
        self, entries: Entries, *, takes: bool = True, why: str = "not registered here"
    ) -> None:
        super().__init__(entries)
        self.taken: list[str] = []
        self._takes, self._why = takes, why

    def get(self, name: str) -> bytes | None:
        return super().get(name)

    def post(self, name: str, content: bytes) -> str | None:
        assert name == "log/cosignatures"
        if not self._takes:
            return self._why
        self.taken.append(content.decode())
        return None


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    WitnessFolder.create(tmp_path / "w", "witness.example", Ed25519PrivateKey.generate())
    return tmp_path / "w"


def visited(folder: Path, shown: Shown, clock: ManualClock) -> list[int]:
    return visit(WitnessFolder(folder), shown, KEY, clock).signed


def logs(folder: Path) -> Path:
    (found,) = (folder / "logs").iterdir()
    return found


def test_it_signs_what_it_sees_first_and_whatever_continues_that(
    folder: Path, clock: ManualClock
) -> None:
    own = WitnessFolder(folder).note_key
    for size in (OLD, OLD + 1, NEW):
        shown = Shown(HONEST[:size])
        assert visited(folder, shown, clock) == [size]
        (note,) = shown.taken
        assert cosigned_by(note, own) == int(clock().timestamp())
        assert note_by(note, KEY) == shown.note
        assert (logs(folder) / "cosigned").read_text() == note
        shown.files["log/checkpoint"] = note.encode()
        assert visited(folder, shown, clock) == []


BAD: dict[str, tuple[Callable[[Entries], Entries], str]] = {
    "edited": (edited, CHANGED),
    "two leaves swapped": (swapped, CHANGED),
    "forked": (lambda e: [*e[: OLD - 9], *(record(5_000 + n, at=OLD) for n in range(9))], FORKED),
    "rolled back": (lambda e: e[: OLD - 1], SHORTER),
}


@pytest.mark.parametrize(("rewrite", "why"), BAD.values(), ids=BAD.keys())
def test_history_rewritten_is_not_signed_but_kept_and_told(
    rewrite: Callable[[Entries], Entries],
    why: str,
    folder: Path,
    clock: ManualClock,
    capsys: Capture,
) -> None:
    honest, forged = Shown(HONEST[:OLD]), Shown(rewrite(HONEST))
    visited(folder, honest, clock)
    before = (logs(folder) / "cosigned").read_text()
    code = commands.run_command(folder, forged, KEY.text, 60, clock=clock, stop=Event())
    assert code == commands.REWRITTEN
    assert "REWROTE ITS HISTORY" in capsys.readouterr().err
    assert forged.taken == []
    (evidence,) = (logs(folder) / "evidence").iterdir()
    told = {path.name: path.read_text() for path in evidence.iterdir()}
    assert told == {"kept": honest.note, "shown": forged.note, "why": f"{why}\n"}
    for note in (told["kept"], told["shown"]):
        open_checkpoint(note, KEY)  # the log's own signature: nobody has to take our word
    assert (logs(folder) / "cosigned").read_text() == before


class Killed(BaseException):
    """As if the process ended here."""


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_witness_that_dies_at_any_step_never_signs_two_histories(
    step: int, after: bool, folder: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Steps: it binds itself, keeps what it signed, hands it over."""
    visited(folder, Shown(HONEST[:OLD]), clock)
    left, whole = [step], keeping.replace
    shown = Shown(HONEST)

    def dying(work: Callable[[], None]) -> None:
        left[0] -= 1
        if left[0] == 0 and not after:
            raise Killed
        work()
        if left[0] == 0:
            raise Killed

    def post(name: str, content: bytes) -> None:
        dying(lambda: shown.taken.append(content.decode()))

    with monkeypatch.context() as patched:
        patched.setattr(keeping, "replace", lambda path, text: dying(lambda: whole(path, text)))
        patched.setattr(shown, "post", post)
        with pytest.raises(Killed):
            visited(folder, shown, clock)
    signed = [open_checkpoint(note, KEY).size for note in shown.taken]
    bound = open_checkpoint((logs(folder) / "kept").read_text(), KEY).size
    assert bound >= max([*signed, OLD])
    if bound == NEW:
        with pytest.raises(HistoryRewritten):
            visited(folder, Shown(edited(HONEST)), clock)
    assert visited(folder, shown, clock) == [NEW]
    assert (logs(folder) / "kept").read_text() == shown.note


def test_what_another_witness_signed_meanwhile_is_signed_too(
    folder: Path, clock: ManualClock
) -> None:
    visited(folder, Shown(HONEST[:OLD]), clock)
    shown = Shown(HONEST)
    between = Served(HONEST[: OLD + 5])
    line = WORLD.line(between.note.encode(), 0).decode()
    items = ",".join(f'{{"note":{json.dumps(n)}}}' for n in (between.note + line, shown.note))
    shown.files[f"log/cosignatures?after={OLD}"] = f'{{"items":[{items}]}}'.encode()
    shown.files |= {k: v for k, v in between.files.items() if "/tile/" in k}
    assert visited(folder, shown, clock) == [OLD + 5, NEW]
    assert [open_checkpoint(n, KEY).size for n in shown.taken] == [OLD + 5, NEW]


def test_what_is_no_history_at_all_is_neither_signed_nor_called_a_rewriting(
    folder: Path, clock: ManualClock, capsys: Capture
) -> None:
    stranger, cut, empty = Shown(HONEST), Shown(HONEST), Shown(HONEST)
    visited(folder, Shown(HONEST[:OLD]), clock)
    stranger.files["log/checkpoint"] = stranger.note.replace("— ", "— x").encode()
    cut.files = {name: content[:-1] for name, content in cut.files.items() if "tile" in name}
    cut.files["log/checkpoint"] = cut.note.encode()
    del empty.files["log/checkpoint"]
    for shown in (stranger, cut, empty):
        assert commands.run_command(folder, shown, KEY.text, None, clock=clock, stop=Event()) == 3
        assert shown.taken == []
    assert not (logs(folder) / "evidence").exists()


def test_a_cosignature_that_is_not_taken_lies_in_the_folder_and_is_offered_again(
    folder: Path, clock: ManualClock, capsys: Capture
) -> None:
    shown = Shown(HONEST, takes=False)
    for _ in range(2):
        assert commands.run_command(folder, shown, KEY.text, None, clock=clock, stop=Event()) == 4
        assert "not registered here" in capsys.readouterr().out
    assert cosigned_by((logs(folder) / "cosigned").read_text(), WitnessFolder(folder).note_key)


def test_what_a_log_says_of_a_refusal_does_not_move_the_cursor(
    folder: Path, clock: ManualClock, capsys: Capture
) -> None:
    shown = Shown(HONEST, takes=False, why="no\x1b[2J\u202e")
    assert commands.run_command(folder, shown, KEY.text, None, clock=clock, stop=Event()) == 4
    assert capsys.readouterr().out.strip().isprintable()


def test_one_process_signs_with_a_key_and_goes_on_until_it_is_stopped(
    folder: Path, clock: ManualClock, capsys: Capture
) -> None:
    shown, stop = Shown(HONEST), Event()
    stop.set()
    assert commands.run_command(folder, shown, KEY.text, 60, clock=clock, stop=stop) == 0
    with WitnessFolder(folder).alone():
        code = commands.run_command(folder, shown, KEY.text, None, clock=clock, stop=stop)
    assert code == commands.REFUSED
    assert "another process" in capsys.readouterr().err


def test_a_witness_is_made_once_and_its_key_is_its_own(tmp_path: Path, capsys: Capture) -> None:
    assert commands.init_command(tmp_path / "w", "witness.example") == 0
    printed = capsys.readouterr().out.strip()
    assert printed == WitnessFolder(tmp_path / "w").note_key.text
    assert (tmp_path / "w" / "witness.pem").stat().st_mode & 0o077 == 0
    assert commands.init_command(tmp_path / "w", "witness.example") == commands.REFUSED
    assert commands.init_command(tmp_path / "x", "no name") == commands.REFUSED
    assert not (tmp_path / "x").exists()
    shown = Shown(HONEST)
    missing = commands.run_command(tmp_path / "x", shown, KEY.text, None, stop=Event())
    assert missing == commands.REFUSED


def test_what_is_wrong_is_said_with_what_to_do(
    tmp_path: Path, clock: ManualClock, capsys: Capture
) -> None:
    shown = Shown(HONEST)
    assert commands.run_command(tmp_path, shown, KEY.text, None, clock=clock) == 2
    assert "请先运行 guanbiao witness init" in capsys.readouterr().err
    assert commands.init_command(tmp_path, "witness.example.org") == 0
    assert commands.run_command(tmp_path, shown, "no key", None, clock=clock) == 2
    assert "trust.json 的 log.key" in capsys.readouterr().err


def test_what_was_kept_is_not_gone_on_from_when_it_was_damaged(
    folder: Path, clock: ManualClock
) -> None:
    visited(folder, Shown(HONEST[:OLD]), clock)
    (logs(folder) / "kept").write_text("nothing")
    shown = Shown(HONEST)
    with pytest.raises(Refused):
        visited(folder, shown, clock)
    code = commands.run_command(folder, shown, KEY.text, 60, clock=clock, stop=Event())
    assert (code, shown.taken) == (commands.REFUSED, [])
