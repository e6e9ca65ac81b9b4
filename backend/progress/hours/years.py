"""Continuing education: what each period asked for, what is there, and what is missing until when.

`standings` is pure. A lesson counts once in a window, under however many programmes or editions it
was completed; hours of classes add up.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from backend.curriculum import service as curriculum
from backend.progress import repository
from backend.progress.domain import shanghai_day
from backend.progress.hours.schemas import YearList, YearWindow
from backend.progress.schemas import Words
from courses import continuing
from courses.continuing import Window, WindowRule
from courses.format import Edition
from infra.database import UnitOfWork, connection
from infra.engine import DB

CLASS_HOUR_SECONDS = 45 * 60
_EARNED = """
SELECT module_code AS module, lesson_code AS lesson, programme_code AS programme, edition,
       min(counts_on) AS counts_on, sum(seconds)::int AS seconds
FROM ledger_entry WHERE learner_id = $1 AND counts_on <= $2 AND module_code IS NOT NULL
GROUP BY module_code, lesson_code, programme_code, edition, class_session_id, counts_on
"""


class Earned(msgspec.Struct, frozen=True, kw_only=True):
    """Hours of one lesson, with their corrections, or of one class and day."""

    counts_on: date
    module: str
    lesson: str | None
    programme: str | None
    edition: str | None
    seconds: int


class WindowStanding(msgspec.Struct, frozen=True, kw_only=True):
    window: Window
    earned_seconds: int
    carried_seconds: int
    """From the window before, of the same name."""

    @property
    def required_seconds(self) -> int:
        return self.window.rule.class_hours * CLASS_HOUR_SECONDS

    @property
    def missing_seconds(self) -> int:
        return max(0, self.required_seconds - self.carried_seconds - self.earned_seconds)

    @property
    def carries_on(self) -> int:
        """What was carried in is used up first, and is not carried a second time."""
        needed = max(0, self.required_seconds - self.carried_seconds)
        most = self.window.rule.carry_class_hours * CLASS_HOUR_SECONDS
        return min(most, max(0, self.earned_seconds - needed))


def standings(
    rules: Iterable[WindowRule],
    modules: Mapping[str, Collection[str]],
    earned: Sequence[Earned],
    *,
    today: date,
) -> list[WindowStanding]:
    """Every window begun by `today`, in order. `modules`: by programme, those whose hours count."""
    found: list[WindowStanding] = []
    before: dict[str, int] = {}
    for window in continuing.windows(rules, today):
        rule = window.rule
        named = {code for programme in rule.programmes for code in modules.get(programme, ())}
        one = WindowStanding(
            window=window,
            earned_seconds=_counted(earned, window, named),
            carried_seconds=before.get(rule.name, 0),
        )
        before[rule.name] = one.carries_on
        found.append(one)
    return found


def _counted(earned: Sequence[Earned], window: Window, modules: Collection[str]) -> int:
    lessons: dict[str, int] = {}
    classes = 0
    for one in earned:
        if one.module not in modules or not window.since <= one.counts_on <= window.until:
            continue
        if one.lesson is None:
            classes += one.seconds
        else:
            lessons[one.lesson] = max(lessons.get(one.lesson, 0), one.seconds)
    return sum(lessons.values()) + classes


async def years(learner_id: UUID, *, now: datetime) -> YearList:
    """From the first window that the learner could have learned in, newest first."""
    today = shanghai_day(now)
    async with UnitOfWork(DB):
        enrolments = await repository.enrolments(learner_id)
        edition = await curriculum.current_edition()
        rows = await connection().fetch(_EARNED, learner_id, today)
    earned = [msgspec.convert(dict(row), Earned) for row in rows]
    began = min(
        [one.counts_on for one in earned] + [shanghai_day(e.enrolled_at) for e in enrolments],
        default=today,
    )
    mine = {enrolment.programme_code for enrolment in enrolments}
    found = standings(continuing.rules(), _modules(edition), earned, today=today)
    shown = [_view(one, mine) for one in found if one.window.until >= began]
    return YearList(sorted(shown, key=lambda one: (one.since, one.name), reverse=True))


def _modules(edition: Edition) -> dict[str, set[str]]:
    """By programme, all it names, electives among them."""
    return {
        programme.code: {code for asked in programme.requirements for code in asked.modules}
        for programme in edition.programmes
    }


def _view(one: WindowStanding, mine: Collection[str]) -> YearWindow:
    rule, missing = one.window.rule, one.missing_seconds
    return YearWindow(
        name=rule.name,
        title=Words(rule.title.zh, rule.title.en),
        standard=f"{rule.standard.code}-{rule.standard.edition}",
        since=one.window.since,
        until=one.window.until,
        required_seconds=one.required_seconds,
        carried_seconds=one.carried_seconds,
        earned_seconds=one.earned_seconds,
        missing_seconds=missing,
        met=not missing,
        confirmed=rule.confirmed,
        obliged=any(programme in mine for programme in rule.programmes),
        explanation=_explained(missing, one.window.until),
    )


def _explained(missing: int, until: date) -> Words:
    if not missing:
        return Words("本周期学时已满足。", "This period's hours are met.")
    tenths = -(-missing * 10 // CLASS_HOUR_SECONDS)  # rounded up: never less than is missing
    hours = f"{tenths // 10}.{tenths % 10}".removesuffix(".0")
    plural = "s" * (hours != "1")
    return Words(
        f"还差 {hours} 学时，{until} 截止。", f"{hours} class hour{plural} to go until {until}."
    )
