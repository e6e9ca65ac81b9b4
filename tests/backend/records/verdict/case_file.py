"""One file of cases for every reader of our records: `cases.json`, beside this page.

Made by `python -m tests.backend.records.verdict.case_file` and kept: what was signed once has to be
judged alike by every later version, so cases are added and never made anew. Bytes are base64 under
a short name, as most cases share them; times are seconds since 1970.
"""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from backend.records.verdict.bundle import Bundle, StatusEvidence
from backend.records.verdict.trust import Trust, parse_trust
from backend.records.verdict.verify import verify
from tests.backend.records.verdict.crossfire import limited
from tests.backend.records.verdict.twins import Case
from tests.backend.records.verdict.world import NOW

FILE = Path(__file__).with_name("cases.json")
ABOUT = "A bundle's parts, the pins of whoever checks and the moment; then the verdict."


def read() -> dict[str, tuple[Case, str, list[str]]]:
    """Cases by name, each with its verdict and the checks that fail."""
    found = json.loads(FILE.read_bytes())
    blobs = {name: base64.b64decode(text) for name, text in found["blobs"].items()}
    pins = {name: parse_trust(blobs[name]) for name in {c["trust"] for c in found["cases"]}}
    return {case["name"]: _case(case, blobs, pins) for case in found["cases"]}


def _case(
    case: dict[str, Any], blobs: dict[str, bytes], pins: dict[str, Trust]
) -> tuple[Case, str, list[str]]:
    def lists(name: str) -> dict[str, StatusEvidence]:
        given = case.get(name, {}).items()
        return {p: StatusEvidence(blobs[jws], blobs[proof]) for p, (jws, proof) in given}

    bundle = Bundle(
        record=blobs[case["record"]],
        proof=blobs[case["proof"]] if "proof" in case else None,
        checkpoint=blobs[case["checkpoint"]] if "checkpoint" in case else None,
        status=lists("status"),
    )
    now = datetime.fromtimestamp(case["now"], UTC)
    shown = Case(shown=bundle, trust=pins[case["trust"]], now=now, newer=lists("newer"))
    return shown, case["verdict"], case["failed"]


class _Writer:
    def __init__(self) -> None:
        told = json.loads(FILE.read_bytes())
        blobs: dict[str, str] = told["blobs"]
        self.names = {base64.b64decode(text): name for name, text in blobs.items()}
        self.cases: list[dict[str, Any]] = told["cases"]
        self._known = {case["name"] for case in self.cases}

    def name(self, content: bytes) -> str:
        return self.names.setdefault(content, f"b{len(self.names)}")

    def add(self, name: str, case: Case) -> None:
        assert isinstance(case.shown, Bundle)
        if name in self._known:
            return
        outcome = verify(case.shown, case.trust, case.now, newer_status=case.newer)
        parts = {"proof": case.shown.proof, "checkpoint": case.shown.checkpoint}
        lists: dict[str, dict[str, StatusEvidence]] = {
            "status": case.shown.status,
            "newer": case.newer,
        }
        told: dict[str, Any] = {
            "name": name,
            "trust": self.name(msgspec.json.encode(case.trust)),
            "now": int(case.now.timestamp()),
            "record": self.name(case.shown.record),
            "verdict": outcome.verdict,
            "failed": [check.name for check in outcome.checks if not check.ok],
        }
        told |= {part: self.name(content) for part, content in parts.items() if content}
        for part, given in lists.items():
            pairs = {p: [self.name(e.jws), self.name(e.proof)] for p, e in given.items()}
            told |= {part: pairs} if pairs else {}
        self.cases.append(told)

    def write(self) -> None:
        blobs = {name: base64.b64encode(content).decode() for content, name in self.names.items()}
        found = {"about": ABOUT, "cases": self.cases, "blobs": blobs}
        FILE.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n")


def main() -> None:
    from tests.backend.records.verdict import test_verdicts as tried
    from tests.backend.records.verdict import test_witnesses as watching
    from tests.backend.records.verdict.test_history import WORLD as SEEN

    writer, good = _Writer(), tried.GOOD
    for name, (made, later, _) in tried.CASES.items():
        if "megabyte" not in name:
            writer.add(name, _at(made(), tried.WORLD.trust, later))
    changed = tried.claims()
    claims: dict[str, dict[str, Any]] = {
        "claims that disagree": {"iss": "https://x.example"},
        "a member nobody knows": {"vc": {}},
        "a program's word for a name": {"name": "undefined"},
    }
    for name, told in claims.items():
        bundle = tried.resigned(tried.HEADER, {**changed, **told})
        writer.add(name, _at(bundle, tried.WORLD.trust, 0))
    bare = {**tried.HEADER, "jwk": {}}
    writer.add("a key of its own in the header", _at(tried.resigned(bare), tried.WORLD.trust, 0))
    keys: dict[str, dict[str, Any]] = {
        "logged before its key": {"from_index": 10_000},
        "logged after its key was stolen": {"compromised_at_index": 0},
        "logged before its key was stolen": {"compromised_at_index": 10_000},
    }
    for name, key in keys.items():
        issuer = tried.WORLD.trust.issuers[0]
        changed_key = msgspec.structs.replace(issuer.record_keys[0], **key)
        issuer = msgspec.structs.replace(issuer, record_keys=[changed_key])
        trust = msgspec.structs.replace(tried.WORLD.trust, issuers=[issuer])
        writer.add(name, _at(good, trust, 0))
    for name, member in {"a list": "status_keys", "a record": "record_keys"}.items():
        trust = limited(tried.WORLD.trust, member, from_index=10_000)
        writer.add(f"{name} from before the key", _at(good, trust, 0))
    revoked = {"revocation": tried.WORLD.published("revocation", set_=True, at=NOW)}
    case = _at(good, tried.WORLD.trust, 0)
    writer.add("a newer list at hand", msgspec.structs.replace(case, newer=revoked))
    for name in tried.AHEAD:
        bundle, right, _ = tried.beside_a_list_dated_ahead(name)
        case = _at(bundle, tried.WORLD.trust, 0)
        writer.add(name, msgspec.structs.replace(case, newer=right))
    for name, shown in watching.CASES.items():
        bundle, quorum, later, _ = shown()
        writer.add(name, _at(bundle, SEEN.watched(quorum), later))
    writer.write()


def _at(bundle: Bundle, trust: Trust, later: float) -> Case:
    return Case(shown=bundle, trust=trust, now=NOW + timedelta(seconds=later))


if __name__ == "__main__":
    main()
