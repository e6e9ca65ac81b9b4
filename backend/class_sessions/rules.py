"""What holds for classes on a day: each line with the day from which it counts, never edited."""

from datetime import date, timedelta

import msgspec


class ClassRules(msgspec.Struct, frozen=True):
    since: date
    class_hour_seconds: int
    class_hours_a_day: int
    """Of one person, in all classes together (DOMAIN.md §4.1)."""
    grace: timedelta
    """So late, or so early away, still counts as there from the beginning, or to the end."""
    opens_before: timedelta
    closes_after: timedelta
    """From when before the beginning, and until when after the end, codes are taken."""

    @property
    def day_seconds(self) -> int:
        return self.class_hours_a_day * self.class_hour_seconds


RULES = (
    ClassRules(
        since=date.min,
        class_hour_seconds=45 * 60,
        class_hours_a_day=8,
        grace=timedelta(minutes=10),
        opens_before=timedelta(hours=1),
        closes_after=timedelta(hours=1),
    ),
)


def rules_on(day: date) -> ClassRules:
    return max((r for r in RULES if r.since <= day), key=lambda r: r.since)
