"""What reminders say, Chinese first. Their length fits a lock screen."""

from datetime import date

from backend.notices.service import Notice, Said
from backend.plans.domain import Occasion, Reminder
from backend.plans.reminded import About

_SUBJECTS = {
    Occasion.ASSIGNED: Said("新的培训任务", "New training assigned"),
    Occasion.DUE: Said("培训即将到期", "Training is due soon"),
    Occasion.OVERDUE: Said("培训已逾期", "Training is overdue"),
    Occasion.EXPIRING: Said("培训证明即将到期", "A training record ends soon"),
}


def notice_of(reminder: Reminder, about: About) -> Notice:
    return Notice(
        person_id=about.person_id,
        kind=reminder.occasion,
        once=reminder.once,
        subject=_SUBJECTS[reminder.occasion],
        text=_text(reminder, about),
        link="/learn",
    )


def _text(reminder: Reminder, about: About) -> Said:
    zh, en, day = about.title.zh, about.title.en, about.day
    match reminder.occasion:
        case Occasion.ASSIGNED:
            who, until = about.organisation, _until(day)
            return Said(
                f"{who}为您布置了培训“{zh}”{until.zh}。", f"{who} assigned you “{en}”{until.en}."
            )
        case Occasion.DUE:
            return Said(
                f"“{zh}”{_left_zh(reminder.days)}到期（{_zh(day)}）。",
                f"“{en}” is due {_left_en(reminder.days)} ({day}).",
            )
        case Occasion.OVERDUE:
            return Said(
                f"“{zh}”已于{_zh(day)}到期，您尚未完成；现在仍可继续学习。",
                f"“{en}” was due on {day} and is not complete; you can still go on.",
            )
        case Occasion.EXPIRING:
            return Said(
                f"您的“{zh}”培训证明{_left_zh(reminder.days)}到期（{_zh(day)}），请及时更新。",
                f"Your record of “{en}” ends {_left_en(reminder.days)} ({day}); renew it in time.",
            )


def _until(day: date | None) -> Said:
    return Said(f"，请于{_zh(day)}（含）前完成", f", due by {day}") if day else Said("", "")


def _zh(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def _left_zh(days: int | None) -> str:
    return f"还有 {days} 天" if days else "今天"


def _left_en(days: int | None) -> str:
    return f"in {days} day{'s' * (days > 1)}" if days else "today"
