"""One file of cases for every reader of a holder's file: `holder_cases.json`, beside this page.

Made once, by `python -m tests.backend.records.verdict.holder_cases`, and kept. Each case is an
SD-JWT shown beside the same record under the same pins: what it says, or the words of the refusal.
"""

import json
from pathlib import Path
from typing import Any

import msgspec

from backend.records.holder.domain import FIELDS
from backend.records.verdict.holder import read_holder
from backend.records.verdict.refusal import Refused
from backend.records.verdict.trust import Trust, parse_trust
from tests.backend.records import test_holder as holder

FILE = Path(__file__).with_name("holder_cases.json")
SHOWN: dict[str, tuple[str, ...]] = {
    "all fields": FIELDS,
    "the name alone": ("name",),
    "two fields": ("score", "employer"),
    "nothing": (),
}


def read() -> tuple[Trust, bytes, str, list[dict[str, Any]]]:
    """Pins, record, its id; and cases: `name`, `compact`, and either `said` or `refused`."""
    found = json.loads(FILE.read_bytes())
    pins = parse_trust(json.dumps(found["trust"]).encode())
    return pins, found["record"].encode(), found["recordId"], found["cases"]


def told(name: str, compact: bytes) -> dict[str, Any]:
    case = {"name": name, "compact": compact.decode()}
    try:
        held = read_holder(compact, holder.RECORD, holder.RECORD_ID, holder.WORLD.trust)
    except Refused as refused:
        return {**case, "refused": str(refused)}
    return {**case, "said": held.said}


def main() -> None:
    draft = holder.made()
    cases = [told(name, holder.signed(draft, show)) for name, show in SHOWN.items()]
    names = [name for name in holder.REFUSED if name != "too long"]
    cases += [told(name, holder.REFUSED[name]()) for name in names]
    pins = msgspec.to_builtins(holder.WORLD.trust)
    common = {"record": holder.RECORD.decode(), "recordId": holder.RECORD_ID, "trust": pins}
    text = json.dumps({**common, "cases": cases}, ensure_ascii=False, indent=1)
    FILE.write_text(text + "\n")


if __name__ == "__main__":
    main()
