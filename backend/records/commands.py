"""`guanbiao verify` and `guanbiao audit-log`: offline, no database, no framework, quick to start.

Exit codes of `verify`: 0 valid, 10 status-stale, 11 expired, 12 suspended, 13 revoked,
14 superseded, 15 not-logged, 16 untrusted-key, 17 tampered, 18 unknown; 2 when the command itself
cannot work (a file is missing, the trust file is damaged).
Exit codes of `audit-log`: 0 the log is whole, 1 it is not, 2 it could not be read, 3 it is whole,
and says of some of its times that they are in doubt.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from backend.records.terminal import complain, plain
from backend.records.verdict.audit import Audit, Source, audit
from backend.records.verdict.bundle import MAX_BUNDLE_BYTES, StatusEvidence, read_bundle
from backend.records.verdict.evidence import in_chinese
from backend.records.verdict.holder import MAX_BYTES as MAX_HOLDER_BYTES
from backend.records.verdict.holder import read_holder
from backend.records.verdict.printed import MAX_PDF_BYTES, Print, bundle_in, examine_print, is_pdf
from backend.records.verdict.refusal import Refused
from backend.records.verdict.status_list import PURPOSES
from backend.records.verdict.trust import MAX_TRUST_BYTES, Trust, parse_trust
from backend.records.verdict.verify import Check, Outcome, verify
from backend.records.verdict.words import CHECKS, FEW_WITNESSES, MEANING, NEWER_LISTS, Verdict
from backend.records.web_address import WebAddress
from infra.clock import system_clock

EXIT_CODES = {
    Verdict.VALID: 0,
    Verdict.STATUS_STALE: 10,
    Verdict.EXPIRED: 11,
    Verdict.SUSPENDED: 12,
    Verdict.REVOKED: 13,
    Verdict.SUPERSEDED: 14,
    Verdict.NOT_LOGGED: 15,
    Verdict.UNTRUSTED_KEY: 16,
    Verdict.TAMPERED: 17,
    Verdict.UNKNOWN: 18,
}
CANNOT_WORK = 2
CHANGED, TIMES_IN_DOUBT = 1, 3
"""Of `audit-log`, beside 0 and `CANNOT_WORK`."""
_NEW_TRUST = (
    "请从平台的 /trust.json 重新获取并核对 · fetch /trust.json of the platform anew, compare it"
)


def verify_command(
    bundle: Path,
    trust: Path | None,
    status_dir: Path | None,
    as_json: bool,
    *,
    holder: Path | None = None,
    witnesses: int | None = None,
    now: datetime | None = None,
) -> int:
    """Without `trust` nothing is trusted: keys in the bundle itself prove nothing.

    `witnesses`: how many of those in `trust` have to have signed, whatever it says itself.
    """
    try:
        content = _read(bundle, max(MAX_BUNDLE_BYTES, MAX_PDF_BYTES))
        shown = _read(holder, MAX_HOLDER_BYTES) if holder else None
        pins = _pins(trust, witnesses) if trust else None
        newer = _newer_status(status_dir) if status_dir else {}
    except (OSError, Refused) as error:
        complain("verify", error)
        return CANNOT_WORK
    moment = now or system_clock()
    found = _judged(content, pins, moment, newer)
    outcome = found.outcome
    said = {"name": found.seal.name} if found.seal else {}
    said |= _about_holder(outcome, content, shown, pins)
    print(_as_json(outcome, said, moment) if as_json else plain(_as_text(outcome, said)))
    return EXIT_CODES[outcome.verdict]


def _pins(trust: Path, witnesses: int | None) -> Trust:
    try:
        pins = parse_trust(_read(trust, MAX_TRUST_BYTES))
    except Refused as error:
        raise Refused(f"{trust}: {error}; {_NEW_TRUST}") from error
    if witnesses is None:
        return pins
    if witnesses > (known := len(pins.log.witnesses)):
        raise Refused(
            f"{trust}: 信任文件只列出 {known} 个见证方，要求 {witnesses} 个 ·"
            f" the trust file names {known} witnesses, {witnesses} are asked for"
        )
    log = msgspec.structs.replace(pins.log, quorum=witnesses)
    _ = log.witness_keys  # Refused where one is named twice
    return msgspec.structs.replace(pins, log=log)


def _about_holder(
    outcome: Outcome, content: bytes, shown: bytes | None, pins: Trust | None
) -> dict[str, Any]:
    """What is disclosed of the holder of a record that is genuine; a file of somebody else, or one
    that was changed, is worth as much as a changed record."""
    if shown is None or pins is None or outcome.claims is None:
        return {}
    try:
        bundle = read_bundle(bundle_in(content) if is_pdf(content) else content)
        held = read_holder(shown, bundle.record, outcome.claims.id, pins)
    except Refused as error:
        outcome.verdict = Verdict.TAMPERED
        outcome.checks.append(Check("holder", False, str(error)))
        return {}
    outcome.checks.append(Check("holder", True, f"signed by {held.issuer}"))
    return held.said


def _judged(
    content: bytes, pins: Trust | None, now: datetime, newer: dict[str, StatusEvidence]
) -> Print:
    """A bundle's zip, or a PDF with one inside, whose seal is looked at besides."""
    try:
        bundle = None if is_pdf(content) else read_bundle(content)
    except Refused as error:
        return Print(Outcome(verdict=Verdict.TAMPERED, checks=[Check("size", False, str(error))]))
    if pins is None:
        missing = Check("key", False, "no trust file given: see --trust")
        return Print(Outcome(verdict=Verdict.UNTRUSTED_KEY, checks=[missing]))
    if bundle is None:
        return examine_print(content, pins, now, newer_status=newer)
    return Print(verify(bundle, pins, now, newer_status=newer))


def _read(path: Path, cap: int) -> bytes:
    with path.open("rb") as file:
        return file.read(cap + 1)


def _newer_status(folder: Path) -> dict[str, StatusEvidence]:
    """`<purpose>.jwt` with `<purpose>.tlog-proof`, as in a bundle's `status/`."""
    found = {}
    for purpose in PURPOSES:
        jws, proof = folder / f"{purpose}.jwt", folder / f"{purpose}.tlog-proof"
        if jws.exists():
            content = _read(proof, MAX_TRUST_BYTES) if proof.exists() else b""
            found[purpose] = StatusEvidence(_read(jws, MAX_TRUST_BYTES), content)
    if not found:
        raise Refused(f"no status list in {folder}")
    return found


def _facts(outcome: Outcome) -> dict[str, Any]:
    """What the record says, once its signature held; nothing before that."""
    claims = outcome.claims
    if claims is None:
        return {}
    subject = claims.credential_subject
    return {
        "number": subject.license_number,
        "name": claims.name,
        "edition": subject.achievement.version,
        "standard": subject.achievement.field_of_study,
        "classHours": subject.credits_earned,
        "issuer": claims.issuer.name,
        "issuedAt": claims.valid_from,
        "validUntil": claims.valid_until,
    }


def _as_json(outcome: Outcome, holder: dict[str, Any], now: datetime) -> str:
    document = {
        "verdict": outcome.verdict,
        "exitCode": EXIT_CODES[outcome.verdict],
        "demonstration": outcome.demonstration,
        "record": _facts(outcome),
        "holder": holder,
        "logIndex": outcome.log_index,
        "treeSize": outcome.tree_size,
        "statusAsOf": outcome.status_as_of,
        "verifiedAt": now.isoformat(timespec="seconds"),
        "checks": [msgspec.structs.asdict(check) for check in outcome.checks],
    }
    return msgspec.json.encode(document).decode()


def _as_text(outcome: Outcome, holder: dict[str, Any]) -> str:
    zh, en = MEANING[outcome.verdict]
    mark = "  [演示 DEMONSTRATION]" if outcome.demonstration else ""
    lines = [f"{outcome.verdict}{mark}", zh, en, ""]
    lines += [f"  {name}: {value}" for name, value in _facts(outcome).items() if value is not None]
    lines += [f"  {name}: {_plain(value)}" for name, value in holder.items()]
    for check in outcome.checks:
        title = " ".join(CHECKS[check.name])
        said = dict.fromkeys([in_chinese(check.evidence), check.evidence])
        lines.append(f"  {'✓' if check.ok else '✗'} {title} — {' · '.join(said)}")
        if check.name == "witnesses" and not check.ok:
            lines += [f"    {text}" for text in FEW_WITNESSES]
    if outcome.verdict is Verdict.STATUS_STALE and outcome.claims:
        address = outcome.claims.credential_status.status_list_credential
        lines += [f"  {text}" for text in NEWER_LISTS]
        lines += [f"    {address.replace('/revocation/', f'/{purpose}/')}" for purpose in PURPOSES]
    return "\n".join(lines)


def _plain(value: Any) -> str:
    return " ".join(map(str, value.values())) if isinstance(value, dict) else str(value)


def audit_log_command(
    source: str, as_json: bool, kept: Path | None = None, trust: Sequence[Path] = ()
) -> int:
    """`source`: an instance's address, or a folder with checkpoint, tile/, status/, trust.json.

    `kept`: a file with the checkpoint of the last time, replaced when nothing is wrong.
    `trust`: the auditor's own lists of keys and witnesses; none: those that the source serves.
    """
    try:
        files = _source(source)
        before = kept.read_text() if kept and kept.exists() else None
        held = [parse_trust(_read(file, MAX_TRUST_BYTES)) for file in trust]
        found = audit(files, before, held)
        if kept and not found.problems:
            _keep(kept, found.checkpoint)
    except (OSError, UnicodeDecodeError, Refused) as error:
        complain("audit-log", error)
        return CANNOT_WORK
    print(msgspec.json.encode(found).decode() if as_json else plain(_audit_text(found, trust)))
    if found.problems:
        return CHANGED
    return TIMES_IN_DOUBT if found.unknown_corrections else 0


def _keep(file: Path, checkpoint: str) -> None:
    """Whole or not at all: half a checkpoint would be worth less than the old one."""
    new = file.with_name(f"{file.name}.new")
    new.write_text(checkpoint)
    new.replace(file)


def _source(source: str) -> Source:
    if not source.startswith(("http://", "https://")):
        return FolderSource(Path(source))
    return WebAddress(source)


class FolderSource:
    """A copy of the log on disk."""

    def __init__(self, folder: Path) -> None:
        if not (folder / "checkpoint").exists():
            raise Refused(f"no checkpoint in {folder}")
        self._folder = folder

    def get(self, name: str) -> bytes | None:
        # In a folder `status/revocation/1` is a file, and can hold no file `proof`.
        if name.startswith("status/"):
            name = name.replace("/proof", ".tlog-proof")
        path = self._folder / name.removeprefix("log/")
        return path.read_bytes() if path.is_file() else None


_WHOLE = "  ✓ 日志完整 · the log is whole"
_WHOLE_IN_DOUBT = (
    "  ! 日志完整，但部分条目所载时间存疑：请向平台了解原因，认可后保存新的信任文件并以 --trust"
    " 给出 · the log is whole, but times in it are in doubt: ask its keeper why; once you are"
    " satisfied, keep a new trust file and give it with --trust"
)


def _audit_text(found: Audit, trust: Sequence[Path]) -> str:
    lines = [f"{found.origin}: {found.tree_size} entries, root {found.root}", _whose_list(trust)]
    lines += [f"  {kind}: {count}" for kind, count in sorted(found.kinds.items())]
    if found.cosignatures:
        lines.append(f"  见证签名 · lines of witnesses: {found.cosignatures}")
    lines += [f"  ✗ {problem}" for problem in found.problems]
    lines += [f"  ! 时钟更正 · {one}" for one in found.clock_corrections]
    lines += [f"  ! {note}" for note in found.notes]
    if not found.problems:
        lines.append(_WHOLE_IN_DOUBT if found.unknown_corrections else _WHOLE)
    return "\n".join(lines)


def _whose_list(trust: Sequence[Path]) -> str:
    if trust:
        files = ", ".join(map(str, trust))
        return f"  密钥与见证方名单 · keys and witnesses: {files}（您自己保存的 · your own）"
    return (
        "  密钥与见证方名单 · keys and witnesses: 日志自己提供的 trust.json · the log's own"
        " trust.json（请用 --trust 给出您自己保存的名单 · whoever is audited names its watchers"
        " here: give a list that you hold with --trust）"
    )
