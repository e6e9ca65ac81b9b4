"""Both verdict libraries side by side: ours in Python, the page's in a long-lived node."""

import base64
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from backend.records.verdict.bundle import Bundle, StatusEvidence, read_bundle
from backend.records.verdict.printed import examine_print, is_pdf
from backend.records.verdict.refusal import Refused
from backend.records.verdict.trust import Trust
from backend.records.verdict.verify import Check, Examiner, Outcome
from backend.records.verdict.words import Verdict

ROOT = Path(__file__).parents[4]
SCRIPT = Path(__file__).with_name("twin.mjs")


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A bundle, or the zip of one, shown to somebody who trusts `trust` at `now`."""

    shown: Bundle | bytes
    trust: Trust
    now: datetime
    newer: dict[str, StatusEvidence] = {}


class Twin:
    """The page's library. Bytes go over once."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process, self._numbers = process, dict[bytes, int]()
        self._fresh: list[str] = []
        self._pins: dict[int, tuple[Trust, int]] = {}

    def blob(self, content: bytes | None) -> int | None:
        if content is None:
            return None
        if content not in self._numbers:
            self._numbers[content] = len(self._numbers)
            self._fresh.append(base64.b64encode(content).decode())
        return self._numbers[content]

    def ask(self, what: str, cases: Sequence[dict[str, Any]]) -> list[Any]:
        return self.asked(what, cases)()

    def asked(self, what: str, cases: Sequence[dict[str, Any]]) -> Callable[[], list[Any]]:
        """Gives the answers when called; until then the twin works beside us."""
        sink, source = self._process.stdin, self._process.stdout
        assert sink
        assert source
        line = json.dumps({"blobs": self._fresh, "ask": what, "cases": cases})
        self._fresh = []
        sink.write(line.encode() + b"\n")
        sink.flush()
        return lambda: json.loads(source.readline())

    def examine(self, cases: Sequence[Case]) -> Callable[[], list[Any]]:
        files = [isinstance(case.shown, bytes) for case in cases]
        assert all(files) or not any(files)
        return self.asked("file" if files[:1] == [True] else "examine", [*map(self._sent, cases)])

    def _sent(self, case: Case) -> dict[str, Any]:
        common = {"trust": self._trust(case.trust), "now": case.now.timestamp()}
        if isinstance(case.shown, bytes):
            return {**common, "file": self.blob(case.shown)}
        return {
            **common,
            "record": self.blob(case.shown.record),
            "proof": self.blob(case.shown.proof),
            "checkpoint": self.blob(case.shown.checkpoint),
            "status": self._lists(case.shown.status),
            "newer": self._lists(case.newer),
        }

    def _trust(self, trust: Trust) -> int:
        """Encoded once, as long as it is the same object."""
        if id(trust) not in self._pins:
            number = self.blob(msgspec.json.encode(trust))
            assert number is not None
            self._pins[id(trust)] = (trust, number)
        return self._pins[id(trust)][1]

    def _lists(self, status: dict[str, StatusEvidence]) -> dict[str, Any]:
        return {p: [self.blob(e.jws), self.blob(e.proof)] for p, e in status.items()}


@contextmanager
def javascript_twin() -> Iterator[Twin]:
    node = Path(sys.prefix) / "bin" / "node"
    command: list[str | Path] = [node, "--no-warnings", SCRIPT, ROOT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield Twin(process)
        assert process.stdin is not None
        process.stdin.close()


class Python:
    """Our library, one examiner for each set of pins."""

    def __init__(self) -> None:
        self._examiners: dict[int, tuple[Trust, Examiner]] = {}

    def outcome(self, case: Case) -> Outcome:
        if id(case.trust) not in self._examiners:
            self._examiners[id(case.trust)] = (case.trust, Examiner(case.trust))
        examiner = self._examiners[id(case.trust)][1]
        if isinstance(case.shown, Bundle):
            return examiner.examine(case.shown, case.now, newer_status=case.newer)
        if is_pdf(case.shown):
            return examine_print(case.shown, case.trust, case.now).outcome
        try:
            return examiner.examine(read_bundle(case.shown), case.now)
        except Refused as error:
            return Outcome(verdict=Verdict.TAMPERED, checks=[Check("size", False, str(error))])


def plain(outcome: Outcome) -> dict[str, Any]:
    """As the twin answers. What msgspec adds about a form it does not know is left out."""
    checks = [[c.name, c.ok, _first_words(c.evidence)] for c in outcome.checks]
    place = None if outcome.log_index is None else [str(outcome.log_index), str(outcome.tree_size)]
    claims = outcome.claims
    return {
        "verdict": str(outcome.verdict),
        "checks": checks,
        "issuer": outcome.issuer,
        "demonstration": outcome.demonstration,
        "place": place,
        "asOf": outcome.status_as_of,
        "number": claims.credential_subject.license_number if claims else None,
    }


def _first_words(evidence: str) -> str:
    form = "not a record of this form"
    return form if evidence.startswith(form) else evidence
