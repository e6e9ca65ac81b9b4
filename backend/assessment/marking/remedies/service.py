"""An item was faulty: what that means for marks is seen first, decided by two people, done once."""

from collections import defaultdict
from datetime import datetime
from typing import assert_never
from uuid import UUID

import msgspec

from backend.assessment.marking.remedies import repository
from backend.assessment.marking.remedies.domain import (
    MOST_LISTED,
    DecidedAlready,
    Effect,
    Faulty,
    NobodyAnswered,
    NotThatItem,
    PreviewOld,
    RemedyKind,
    RemedyState,
    SomebodyElseDecides,
    UnfitKey,
    effect,
    preview_sha256,
)
from backend.assessment.marking.remedies.effects import apply
from backend.assessment.marking.remedies.repository import RemedyRow
from backend.assessment.marking.remedies.schemas import (
    CorrectionList,
    CorrectionView,
    EffectView,
    Preview,
    RemedyDecision,
    RemedyList,
    RemedyRequest,
    RemedyView,
)
from backend.assessment.repository import lock_attempt
from backend.records import service as records
from courses.items.corrected_keys import OtherItem, on_paper
from courses.items.interactions import Interaction, Multiple, Single, TrueFalse
from courses.items.soundness import interaction_problems
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB


async def propose(asked: RemedyRequest, *, by: UUID | None, now: datetime) -> RemedyView:
    """NobodyAnswered, NotThatItem, UnfitKey."""
    async with UnitOfWork(DB):
        found = await repository.item_on_papers(asked.item_id, asked.version)
        if found is None:
            raise NobodyAnswered
        faulty = Faulty(
            item_id=asked.item_id,
            item_sha256=found.sha256,
            kind=asked.kind,
            corrected=_corrected(asked, found.interaction),
        )
        made = await repository.add(faulty, asked.reason.strip(), by=by, now=now)
        await record_act(
            "item-remedy-proposed",
            actor=by,
            subject=f"remedy:{made}",
            now=now,
            details={"item": asked.item_id, "version": asked.version, "kind": asked.kind.value},
        )
        return _view(await repository.remedy(made), by)


def _corrected(asked: RemedyRequest, shown: Interaction) -> Interaction | None:
    match asked.kind:
        case RemedyKind.VOID | RemedyKind.FULL_MARKS:
            if asked.key is not None or asked.corrected is not None:
                raise NotThatItem
            return None
        case RemedyKind.NEW_KEY:
            return _with_key(asked, shown)
        case _:
            assert_never(asked.kind)


def _with_key(asked: RemedyRequest, shown: Interaction) -> Interaction:
    corrected = asked.corrected
    if isinstance(shown, Single | Multiple | TrueFalse) and asked.key:
        if not set(asked.key) <= {option.id for option in shown.options}:
            raise NotThatItem
        corrected = msgspec.structs.replace(shown, key=asked.key)
    if corrected is None:
        raise NotThatItem
    try:
        on_paper(shown, corrected)
    except (OtherItem, KeyError) as error:
        raise NotThatItem from error
    _check_sound(shown, corrected)
    return corrected


def _check_sound(shown: Interaction, corrected: Interaction) -> None:
    """UnfitKey. What is wrong with the item on the papers, too, is not the key's fault."""
    known = {problem.what for problem in interaction_problems("", shown)}
    for problem in interaction_problems("", corrected):
        if problem.what not in known:
            raise UnfitKey(f"{problem.what}: {problem.cure}")


async def listed(*, before: UUID | None, limit: int, caller: UUID) -> RemedyList:
    async with UnitOfWork(DB):
        found = await repository.page(before=before, limit=limit + 1)
    items = found[:limit]
    last = items[-1].id if len(found) > limit else None
    return RemedyList([_view(one, caller) for one in items], last)


async def preview(remedy_id: UUID) -> Preview:
    """As things stand now; of a remedy that was applied, what it would do once more: nothing."""
    async with UnitOfWork(DB):
        return await _shown(await _effects(await repository.remedy(remedy_id)))


async def _effects(remedy: RemedyRow) -> list[Effect]:
    before = [one.faulty for one in await repository.applied() if one.id != remedy.id]
    sat = repository.sat_with(remedy.item_id, remedy.item_sha256)
    return [effect(one, [*before, remedy.faulty]) async for one in sat]


async def _shown(effects: list[Effect]) -> Preview:
    changed = [one for one in effects if one.changes]
    held = await records.numbers_of({one.learner_id for one in changed if one.passed})
    numbers: dict[tuple[UUID, str, str], list[str]] = defaultdict(list)
    for record in held:
        numbers[record.learner_id, record.programme, record.edition].append(record.number)
    views = [_effect_view(one, numbers) for one in changed]
    return Preview(
        sha256=preview_sha256(effects),
        attempts=len(effects),
        raised=sum(one.after > one.before for one in effects),
        now_pass=sum(one.passed and not one.passed_before for one in effects),
        would_fail=sum(one.would_fail for one in effects),
        records=len({number for view in views for number in view.records}),
        changed=views[:MOST_LISTED],
    )


def _effect_view(one: Effect, numbers: dict[tuple[UUID, str, str], list[str]]) -> EffectView:
    return EffectView(
        attempt_id=one.attempt_id,
        before=float(one.before),
        mended=float(one.mended),
        after=float(one.after),
        passed_before=one.passed_before,
        passed=one.passed,
        would_fail=one.would_fail,
        records=numbers[one.learner_id, one.programme, one.edition],
    )


async def decide(
    remedy_id: UUID, decision: RemedyDecision, *, by: UUID, now: datetime
) -> RemedyView:
    """Applied at once and exactly once. DecidedAlready, SomebodyElseDecides, PreviewOld."""
    async with UnitOfWork(DB):
        await repository.hold_decisions()
        remedy = await repository.remedy(remedy_id, lock=True)
        if remedy.state is not RemedyState.PROPOSED:
            raise DecidedAlready
        if remedy.proposed_by == by:
            raise SomebodyElseDecides
        changed = await _applied(remedy, decision, now) if decision.apply else None
        state = RemedyState.APPLIED if decision.apply else RemedyState.REFUSED
        await repository.decide(
            remedy_id,
            state,
            decision.reason.strip(),
            preview_sha256=decision.preview_sha256 if decision.apply else None,
            attempts=changed,
            by=by,
            now=now,
        )
        await record_act(
            f"item-remedy-{state.value}",
            actor=by,
            subject=f"remedy:{remedy_id}",
            now=now,
            details={"item": remedy.item_id, "attempts": changed},
        )
        return _view(await repository.remedy(remedy_id), by)


async def _applied(remedy: RemedyRow, decision: RemedyDecision, now: datetime) -> int:
    effects = await _effects(remedy)
    if decision.preview_sha256 != preview_sha256(effects):
        raise PreviewOld
    changed = [one for one in effects if one.changes]
    await apply(changed, remedy, now=now)
    return len(changed)


async def corrections(attempt_id: UUID, learner_id: UUID) -> CorrectionList:
    """AttemptNotFound."""
    async with UnitOfWork(DB):
        await lock_attempt(attempt_id, learner_id=learner_id)
        found = await repository.corrections_of(attempt_id, learner_id=learner_id)
    return CorrectionList(
        [
            CorrectionView(
                number=one.number,
                before=float(one.before),
                score=float(one.score),
                passed_before=one.passed_before,
                passed=one.passed,
                corrected_at=one.corrected_at,
            )
            for one in found
        ]
    )


def _view(row: RemedyRow, caller: UUID | None) -> RemedyView:
    return RemedyView(
        id=row.id,
        item_id=row.item_id,
        kind=row.kind,
        state=row.state,
        reason=row.reason,
        proposed_at=row.proposed_at,
        decided_at=row.decided_at,
        decided_because=row.decided_because,
        attempts=row.attempts,
        own=row.proposed_by is not None and row.proposed_by == caller,
    )
