"""What a person of the oversight is shown: what was seen, how likely by chance, whose papers.

Never a verdict. People of one class may share a misunderstanding, a family may share a computer;
only whoever looks at the case can know.
"""

from enum import StrEnum

import msgspec

FALSE_ALARMS = 0.05
"""Expected among honest people, over all that is compared in one run: Bonferroni's bound."""


class Kind(StrEnum):
    TWIN_ANSWERS = "twin-answers"
    TOO_FAST = "too-fast"
    FOREKNOWLEDGE = "foreknowledge"
    SHARED_DEVICE = "shared-device"
    EXPOSED_ITEM = "exposed-item"


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    kind: Kind
    attempts: tuple[int, ...] = ()
    items: tuple[str, ...] = ()
    chance: float
    """That honest people give something at least as striking, in one comparison."""
    among: int
    """Comparisons of the run."""
    zh: str
    en: str

    @property
    def expected(self) -> float:
        """How many as striking a run over honest people would show."""
        return self.chance * self.among


def one_in(chance: float) -> str:
    """`21,000` for 1/21,300: two digits that count, and never more than 10 to the 12th."""
    whole = 1 / max(chance, 1e-12)
    size = 10 ** max(len(str(int(whole))) - 2, 0)
    return f"{int(whole / size) * size:,}"
