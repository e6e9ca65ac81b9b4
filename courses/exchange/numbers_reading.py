"""Numbers from outside: finite, and of a size that can be marked by."""

from decimal import Decimal, InvalidOperation

from courses.exchange.report import Refused
from courses.items.soundness import MOST_OF_A_NUMBER


def decimal_of(words: str) -> Decimal:
    """Raises Refused, also for NaN and numbers without end."""
    try:
        found = Decimal(words.strip())
    except InvalidOperation as error:
        raise Refused(f"“{words}”不是数值", f"“{words}” is no number") from error
    if not found.is_finite() or abs(found) > MOST_OF_A_NUMBER:
        raise Refused(f"“{words}”不是可用的数值", f"“{words}” is no number to mark by")
    return found
