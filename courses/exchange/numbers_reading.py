"""Numbers from outside: finite, and of a size that can be marked by."""

from decimal import Decimal, InvalidOperation

from courses.exchange.report import Refused
from courses.items.soundness import to_mark_by


def decimal_of(words: str) -> Decimal:
    """Raises Refused, also for NaN and numbers without end."""
    try:
        found = Decimal(words.strip())
    except InvalidOperation as error:
        raise Refused(f"“{words}”不是数值", f"“{words}” is no number") from error
    if not to_mark_by(found):
        raise Refused(f"“{words}”不是可用的数值", f"“{words}” is no number to mark by")
    return found
