"""A record as the public may see it: its verdict, every printed field, and its bundle."""

from datetime import datetime

import msgspec

from backend.accounts.privacy_facts import is_erased
from backend.records import repository
from backend.records.achievements import achievement_id
from backend.records.cosigning.bundles import cosigned_bundle
from backend.records.domain import (
    ERASED_HOLDER,
    NoSuchRecord,
    RecordFacts,
    State,
    Title,
    class_hours,
    masked_name,
    state_of,
)
from backend.records.events import history
from backend.records.holders import name_on
from backend.records.readme import readme
from backend.records.schemas import (
    CheckResult,
    Event,
    Issuer,
    LogPlace,
    ModuleHours,
    Status,
    Verification,
)
from backend.records.tables import CompletionRecord, LogProof, RecordEvent
from backend.records.trusting import trust
from backend.records.verdict.bundle import CHECKPOINT, Bundle, write_bundle
from backend.records.verdict.proof import Proof
from backend.records.verdict.verify import Examiner, Outcome
from backend.records.verdict.words import CHECKS, MEANING, Verdict
from courses.format import Bilingual
from courses.record_kinds import kind_by_code
from infra.instance import public_url
from infra.objects import ObjectStore
from infra.vault import Vault

_DECIDED = {
    State.REVOKED: Verdict.REVOKED,
    State.SUPERSEDED: Verdict.SUPERSEDED,
    State.SUSPENDED: Verdict.SUSPENDED,
}
_CHECK_OF = {
    State.REVOKED: "revocation",
    State.SUPERSEDED: "refresh",
    State.SUSPENDED: "suspension",
}
_ABOUT_TIME = {Verdict.VALID, Verdict.STATUS_STALE, Verdict.EXPIRED, *_DECIDED.values()}

__all__ = ["CHECKPOINT", "record_bundle", "verification_of"]


async def verification_of(record: CompletionRecord, vault: Vault, now: datetime) -> Verification:
    """NoSuchRecord until the record is in the log: nobody can rely on it before."""
    bundle, proof = await _bundle(record)
    pins = await trust(real=not record.demonstration, demonstration=record.demonstration)
    outcome = Examiner.of(pins).examine(bundle, now)
    events = await history(record.id)
    verdict = with_decisions(outcome.verdict, state_of([event.kind for event in events]))
    return await _shaped(record, proof, outcome, verdict, events, vault, now)


def with_decisions(verdict: Verdict, state: State) -> Verdict:
    """A decision counts here from its own moment, a second before its list is in the log."""
    if verdict in _ABOUT_TIME and verdict is not Verdict.REVOKED:
        return _DECIDED.get(state, verdict)
    return verdict


async def _bundle(record: CompletionRecord) -> tuple[Bundle, LogProof]:
    proof = await repository.proof_of(record.entry_id)
    if proof is None:
        raise NoSuchRecord
    status = await repository.published_lists(record.status_list)
    note = Proof.parse(proof.proof).note.encode()
    text = proof.proof.encode()
    return Bundle(record=record.jws, proof=text, checkpoint=note, status=status), proof


async def record_bundle(
    record: CompletionRecord, objects: ObjectStore, now: datetime
) -> tuple[str, bytes]:
    """File name and zip. No person data beyond the credential, which has none."""
    bundle, _ = await _bundle(record)
    bundle = await cosigned_bundle(objects, record, bundle, now)
    address, demonstration = await public_url(), record.demonstration
    words = readme(record.number, record.code, record.jws, address, demonstration=demonstration)
    return f"{record.number}.zip", write_bundle(bundle, words)


async def _shaped(
    record: CompletionRecord,
    proof: LogProof,
    outcome: Outcome,
    verdict: Verdict,
    events: list[RecordEvent],
    vault: Vault,
    now: datetime,
) -> Verification:
    facts = msgspec.json.decode(record.facts, type=RecordFacts)
    kind, address = kind_by_code(facts.kind), await public_url()
    return Verification(
        verdict=verdict,
        meaning=Title(zh=MEANING[verdict][0], en=MEANING[verdict][1]),
        number=record.number,
        code=record.code,
        record_id=f"urn:uuid:{record.id}",
        programme=record.programme,
        title=facts.programme_title,
        kind=kind.code,
        kind_title=_said(kind.named(facts.period)),
        notice=_said(kind.notice) if kind.notice else None,
        achievement_url=achievement_id(address, record.edition, record.programme),
        edition=record.edition,
        standard=facts.standard,
        holder=await masked_holder(record, vault),
        class_hours=class_hours(facts.hours_seconds),
        hours_by_module=_modules(facts),
        exam=facts.exam_code,
        exam_passed=True,
        issued_at=record.issued_at,
        valid_until=record.valid_until,
        issuer=_issuer(outcome),
        status=_status(events),
        history=[_event(event) for event in events],
        superseded_by=await successor_of(record),
        checks=_checks(outcome, events),
        demonstration=record.demonstration,
        log=LogPlace(index=proof.leaf_index, tree_size=proof.tree_size, proof=proof.proof),
        credential=record.jws.decode(),
        evidence_sha256=record.evidence_sha256,
        verified_at=now,
        url=f"{address}/v/{record.code}",
        bundle_url=f"{address}/v1/verifications/{record.code}/bundle",
    )


def _said(text: Bilingual) -> Title:
    return Title(zh=text.zh, en=text.en)


async def masked_holder(record: CompletionRecord, vault: Vault) -> str:
    """Masked; of somebody who was erased not even that."""
    name = name_on(record, vault)
    if name is None or await is_erased(record.learner_id):
        return ERASED_HOLDER
    return masked_name(name)


def _modules(facts: RecordFacts) -> list[ModuleHours]:
    return [
        ModuleHours(module=module, class_hours=class_hours(seconds))
        for module, seconds in sorted(facts.hours_by_module.items())
    ]


def _issuer(outcome: Outcome) -> Issuer:
    name = outcome.claims.issuer.name if outcome.claims else ""
    return Issuer(id=outcome.issuer or "", name=name)


def _event(event: RecordEvent) -> Event:
    return Event(kind=event.kind, at=event.at, reason=event.reason, review_by=event.review_by)


def _status(events: list[RecordEvent]) -> Status:
    last = events[-1]
    return Status(
        state=state_of([event.kind for event in events]), since=last.at, reason=last.reason
    )


async def successor_of(record: CompletionRecord) -> str | None:
    """Number of the newest record that took this one's place."""
    newer = (await repository.successors_of([record.id])).get(record.id)
    return newer.number if newer else None


def _checks(outcome: Outcome, events: list[RecordEvent]) -> list[CheckResult]:
    """As examined, except that no check passes against what was decided since its list."""
    decided = _CHECK_OF.get(state_of([event.kind for event in events]))
    since = f"decided at {events[-1].at:%Y-%m-%dT%H:%M:%SZ}, newer than the public list"
    return [
        _check(c.name, False, since)
        if c.ok and c.name == decided
        else _check(c.name, c.ok, c.evidence)
        for c in outcome.checks
    ]


def _check(name: str, ok: bool, evidence: str) -> CheckResult:
    zh, en = CHECKS[name]
    return CheckResult(name=name, title=Title(zh=zh, en=en), ok=ok, evidence=evidence)
