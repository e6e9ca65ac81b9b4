"""What happened, by the minute and altogether."""

from collections import Counter, defaultdict

import msgspec

KINDS = ("heartbeat", "sync", "hand-in", "home", "check")


class Tally(msgspec.Struct):
    """`faults` are answers that must never come; those that ask to come again are counted apart."""

    answered: Counter[str] = msgspec.field(default_factory=Counter)
    again: Counter[str] = msgspec.field(default_factory=Counter)
    """503 and connections that broke."""
    faults: Counter[str] = msgspec.field(default_factory=Counter)
    _taken: defaultdict[str, list[float]] = msgspec.field(default_factory=lambda: defaultdict(list))

    def took(self, kind: str, seconds: float) -> None:
        self.answered[kind] += 1
        self._taken[kind].append(seconds)

    def line(self, seconds: float) -> str:
        """Since the line before; latencies from the moment a request was due."""
        parts = []
        for kind in KINDS:
            if taken := sorted(self._taken.pop(kind, [])):
                p50, p99 = (taken[len(taken) * part // 100] * 1000 for part in (50, 99))
                rate = len(taken) / seconds
                parts.append(f"{kind} {rate:,.0f}/s, {p50:,.0f} ms, p99 {p99:,.0f} ms")
        return "; ".join(parts) or "no answers"
