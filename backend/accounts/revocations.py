"""Which sessions ended while access tokens of theirs may still be about.

One small query every few seconds for each process, whatever the load, in place of one for each
request: a token dies with its session within `REFRESHED_EVERY` everywhere, at once where it ended.
"""

from datetime import datetime, timedelta
from uuid import UUID

from backend.accounts.tables import SignInSession
from backend.accounts.tokens import LIFETIME

REFRESHED_EVERY = timedelta(seconds=5)
_SLACK = timedelta(minutes=1)  # between the clocks of two machines


class Revocations:
    def __init__(self) -> None:
        self._ended: set[UUID] = set()
        self._meanwhile: set[UUID] = set()
        """Ended here while the list was being read: it may be older than they are."""
        self._read_at: datetime | None = None

    def add(self, session_id: UUID) -> None:
        self._ended.add(session_id)
        self._meanwhile.add(session_id)

    def known(self, session_id: UUID, *, now: datetime) -> bool | None:
        """None: what was read is too old to say."""
        if self._read_at is None or not timedelta() <= now - self._read_at < REFRESHED_EVERY:
            return None
        return session_id in self._ended

    async def includes(self, session_id: UUID, *, now: datetime) -> bool:
        if self.known(session_id, now=now) is None:
            before, self._read_at = self._read_at, now  # set first: others need not ask too
            self._meanwhile.clear()
            try:
                self._ended = await _ended_since(now - LIFETIME - _SLACK) | self._meanwhile
            except BaseException:
                self._read_at = before
                raise
        return session_id in self._ended


async def _ended_since(moment: datetime) -> set[UUID]:
    rows = await SignInSession.select(SignInSession.id).where(SignInSession.revoked_at > moment)
    return {row["id"] for row in rows}
