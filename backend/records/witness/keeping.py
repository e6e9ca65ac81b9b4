"""What a witness keeps in its folder: its key, the checkpoint it signed last, and evidence.

    DIR/witness.pem            its key, for nobody else to read
    DIR/name                   what it is called
    DIR/logs/ID/kept           the last checkpoint it has bound itself to
    DIR/logs/ID/cosigned       that checkpoint with its own line, to be carried by hand
    DIR/logs/ID/evidence/      what the log showed that cannot be, each beside what was kept

A file is replaced whole or not at all, and is on the disk before the next step begins.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.records.verdict.notes import COSIGNATURE, NoteKey, open_checkpoint
from backend.records.verdict.refusal import Refused
from infra.keys import load, store

_KEY, _NAME = "witness", "name"


class AnotherRuns(Exception):
    """Another process signs with this key: two could sign two histories."""


class WitnessFolder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.name = _read(folder / _NAME).strip()
        key = load(folder / f"{_KEY}.pem")
        assert isinstance(key, Ed25519PrivateKey)
        self.key = key

    @classmethod
    def create(cls, folder: Path, name: str, key: Ed25519PrivateKey) -> "WitnessFolder":
        """Refused where there is a witness already, or where that is no name of a note key."""
        who = NoteKey(name, key.public_key().public_bytes_raw(), COSIGNATURE)
        NoteKey.parse(who.text, COSIGNATURE)
        if (folder / _NAME).exists():
            raise Refused(f"there is a witness in {folder} already")
        store(folder, _KEY, key)
        replace(folder / _NAME, f"{name}\n")
        return cls(folder)

    @property
    def note_key(self) -> NoteKey:
        return NoteKey(self.name, self.key.public_key().public_bytes_raw(), COSIGNATURE)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """AnotherRuns while another process holds this folder."""
        with (self._folder / "lock").open("w") as file:
            try:
                flock(file, LOCK_EX | LOCK_NB)
            except OSError:
                raise AnotherRuns(f"another process runs the witness in {self._folder}") from None
            yield

    def of_log(self, key: NoteKey) -> "KeptLog":
        name = sha256(key.text.encode()).hexdigest()[:16]
        return KeptLog(self._folder / "logs" / name, key)


class KeptLog:
    """What is kept of one log."""

    def __init__(self, folder: Path, key: NoteKey) -> None:
        self.folder, self._key = folder, key
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def kept(self) -> str | None:
        """Refused when what was kept is damaged: then a person has to say what to go on from."""
        path = self.folder / "kept"
        if not path.exists():
            return None
        note = _read(path)
        open_checkpoint(note, self._key)
        return note

    def bind(self, note: str) -> None:
        """From here on nothing is signed that does not continue this checkpoint."""
        replace(self.folder / "kept", note)

    def cosigned(self, note: str) -> None:
        replace(self.folder / "cosigned", note)

    def evidence(self, shown: str, why: str) -> Path:
        """Both checkpoints, each with the log's own signature: nobody has to take our word."""
        folder = self.folder / "evidence" / sha256(shown.encode()).hexdigest()[:16]
        folder.mkdir(parents=True, exist_ok=True)
        replace(folder / "kept", self.kept or "")
        replace(folder / "shown", shown)
        replace(folder / "why", f"{why}\n")
        return folder


def replace(path: Path, text: str) -> None:
    scratch = path.with_name(f".{path.name}.new")
    with scratch.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
