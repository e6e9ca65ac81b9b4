"""Work for processes that are killed at it. Apart from the tests: a fork has to load no more."""

from datetime import datetime
from uuid import UUID

from backend.records import status
from backend.records.deciding import service as deciding
from backend.records.keyring import Keyring
from backend.records.sequencer import settle
from backend.records.tables import StatusList
from infra.clock import ManualClock
from infra.queue import WorkerContext
from infra.settings import Settings
from tests.killed import MortalStore


async def ordering(settings: Settings, clock: ManualClock) -> None:
    store = MortalStore.from_url(settings.objects_url)
    await settle(WorkerContext(objects=store, clock=clock, settings=settings))


async def approving(settings: Settings, proposal: UUID, approver: UUID, now: datetime) -> None:
    await deciding.approve_revocation(Keyring.of(settings), proposal, approver_id=approver, now=now)


async def refreshing(settings: Settings, now: datetime) -> None:
    await status.refresh_old_lists(Keyring.of(settings), now)


async def opening(settings: Settings, number: int, now: datetime) -> None:
    full = await StatusList.objects().get(StatusList.number == number)
    assert full is not None
    await status._open_list(
        Keyring.of(settings), full.address, demonstration=False, after=full, now=now
    )
