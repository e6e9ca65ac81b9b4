"""The one hand that orders the public log: rows -> places -> tiles -> signed checkpoint -> proofs.

Every step is a pure function of rows already committed, so a crash anywhere heals at the next
start. A tree head that disagrees with an earlier one of ours is never signed.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

import asyncpg
import structlog

from backend.records import log
from backend.records.announcing import announce
from backend.records.issuing import issue
from backend.records.keyring import Keyring
from backend.records.repository import log_key_origin, overdue
from backend.records.status import refresh_old_lists
from backend.records.tables import LogCheckpoint
from backend.records.verdict.clock import CLOCKS_DIFFER
from backend.records.verdict.merkle import HASH_BYTES, leaf_hash
from backend.records.verdict.notes import Checkpoint, sign_checkpoint
from backend.records.verdict.proof import Proof
from backend.records.verdict.tiles import Tile, TreeHashes, pack_entries, tiles_of
from infra.clock import Clock
from infra.database import Reading, UnitOfWork, connection
from infra.engine import DB
from infra.objects import NoSuchObject, ObjectStore, StoreFull, StoreUnreachable
from infra.queue import WorkerContext

_LOCK = 0x736571  # "seq"
_BATCH = 4_096
_PAGE = 65_536
_TILES_AT_ONCE = 16
_TICK_SECONDS = 0.2
_RETRY_SECONDS = 1.0
_SWEEP_TICKS = 50
CHECKPOINT = "log/checkpoint"
_BEHIND = timedelta(seconds=CLOCKS_DIFFER)
AHEAD = timedelta(minutes=5)
"""By which machines that wrote an entry may be ahead of the one that orders them."""

_WAITS = "SELECT EXISTS (SELECT FROM log_pending)"
# What is dated ahead waits for its time.
_TAKE = """
DELETE FROM log_pending WHERE position IN
    (SELECT position FROM log_pending WHERE dated_at <= $2 ORDER BY position LIMIT $1 FOR UPDATE)
RETURNING 0 AS rank, position, entry_id, kind, entry
"""
# A correction of the clock has what is dated ahead before it, among the entries whose times are in
# doubt, and everything else after it.
_TAKE_CORRECTED = """
DELETE FROM log_pending USING (
    SELECT position, CASE WHEN dated_at > $2 THEN 0 WHEN kind = 'clock.corrected' THEN 1 ELSE 2 END
        AS rank
    FROM log_pending ORDER BY rank, position LIMIT $1
) AS next
WHERE log_pending.position = next.position
RETURNING rank, log_pending.position, entry_id, kind, entry
"""
_CORRECTED = "SELECT min(dated_at) FROM log_pending WHERE kind = 'clock.corrected'"
_JUST_CORRECTED = """
SELECT EXISTS (SELECT FROM log_leaf WHERE kind = 'clock.corrected' AND leaf_index >= $1)
"""
_PLACED = ["leaf_index", "entry_id", "kind", "entry", "leaf_hash", "sequenced_at"]
_PROVED = ["entry_id", "leaf_index", "tree_size", "proof"]
_HASHES = """
SELECT string_agg(leaf_hash, ''::bytea ORDER BY leaf_index) FROM log_leaf
WHERE leaf_index >= $1 AND leaf_index < $2
"""
_ENTRIES = """
SELECT leaf_index, entry_id, entry FROM log_leaf
WHERE leaf_index >= $1 AND leaf_index < $2 ORDER BY leaf_index
"""
ProofRow = tuple[UUID, int, int, str]
_log = structlog.get_logger(__name__)


class HistoryDiffers(RuntimeError):
    """Rows and an earlier signed tree head disagree: nothing is signed until a person looked."""


class ClockBehind(RuntimeError):
    """The newest checkpoint was signed later than it is now: nothing is signed until a person said
    which clock was wrong."""

    def __init__(self, signed_at: datetime, now: datetime) -> None:
        super().__init__(
            f"the newest checkpoint is of {signed_at:%F %T}, and now it is {now:%F %T} (UTC): set"
            " the clock of this machine right; where it was ahead then and is right now, run"
            " `guanbiao records correct-clock`"
        )


class NotLeading(Exception):
    """Another process orders the log."""


async def run(context: WorkerContext, stop: asyncio.Event | None = None) -> None:
    """Order the log until `stop` is set or the task is cancelled; stand by while another does."""
    stop = stop or asyncio.Event()
    while not stop.is_set():
        try:
            async with leadership(context.settings.database_url) as lock:
                await _lead(context, lock, stop)
        except NotLeading:
            pass
        except Exception:  # whatever it was: rows are whole, the next start goes on from them
            _log.exception("sequencer_stumbled")
        await _pause(stop, _RETRY_SECONDS)


async def _lead(
    context: WorkerContext, lock: "asyncpg.Connection[asyncpg.Record]", stop: asyncio.Event
) -> None:
    keyring = Keyring.of(context.settings)
    await announce(keyring, context.clock())
    sequencer = await Sequencer.load(context.objects, keyring)
    tick, stands_still = 0, False
    while not stop.is_set() and not lock.is_closed():
        if tick % 5 == 0:
            await refresh_old_lists(keyring, context.clock())
        sweeps = tick % _SWEEP_TICKS == 0
        # One question for one answer, five times a second: a round without work asks six.
        if stands_still or sweeps or not sequencer.settled or await lock.fetchval(_WAITS):
            stands_still = await _rounds(sequencer, context.clock, stands_still)
        if sweeps:
            await sweep(context)
        tick += 1
        await _pause(stop, _RETRY_SECONDS if stands_still else _TICK_SECONDS)


async def _rounds(sequencer: "Sequencer", clock: Clock, stood_still: bool) -> bool:
    """Whether the log stands still, since the store takes nothing or a clock is wrong: it goes on
    from the same tree, for to read that anew takes seconds. Nothing is signed whose tiles are not
    there."""
    try:
        while await sequencer.round(clock()):
            pass
    except (StoreFull, StoreUnreachable, ClockBehind) as error:
        if not stood_still:
            _log.error("the log stands still", reason=str(error))
        return True
    if stood_still:
        _log.info("the log goes on")
    return False


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        pass


async def sweep(context: WorkerContext) -> None:
    """Records whose job was lost, or whose holder may be verified by now."""
    for due_id in await overdue(context.clock()):
        try:
            await issue(context, due_id)
        except Exception:  # one bad record must not stop the log
            _log.exception("record_not_made", due_id=str(due_id))


async def settle(context: WorkerContext) -> None:
    """Order everything that waits, now, and return: for tests and tools."""
    async with leadership(context.settings.database_url):
        keyring = Keyring.of(context.settings)
        await announce(keyring, context.clock())
        await refresh_old_lists(keyring, context.clock())
        sequencer = await Sequencer.load(context.objects, keyring)
        while await sequencer.round(context.clock()):
            pass


@asynccontextmanager
async def leadership(dsn: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection of its own holds the lock: it ends with the process, however that ends."""
    held: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(dsn)
    try:
        if not await held.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
            raise NotLeading
        yield held
    finally:
        await held.close()


class Sequencer:
    """The tree in memory (32 bytes a leaf) beside its rows and its objects."""

    def __init__(self, objects: ObjectStore, keyring: Keyring, origin: str) -> None:
        self._objects, self._keyring, self._origin = objects, keyring, origin
        self._tree = TreeHashes()
        self._published: int | None = None
        """Leaves whose tiles are known to be in the object store; None: it was not asked yet."""
        self._signed_at: datetime | None = None

    @classmethod
    async def load(cls, objects: ObjectStore, keyring: Keyring) -> "Sequencer":
        found = cls(objects, keyring, await log_key_origin())
        await found._read_rows()
        return found

    @property
    def settled(self) -> bool:
        """All that has its place is in the store, too."""
        return self._published == self._tree.size

    async def round(self, now: datetime) -> bool:
        """One batch; False when there was nothing to do. StoreFull, StoreUnreachable, ClockBehind:
        it may be asked again."""
        if self._published is None:
            self._published = await self._healed()
        placed = await self._place(now)
        if not placed and self.settled:
            return False
        await self._write_tiles(since=self._published)
        await self._sign(now)
        await self._write_checkpoint()
        return True

    async def _read_rows(self) -> None:
        """Millions of them, at each start: PostgreSQL joins their hashes, a page is one value."""
        async with UnitOfWork(DB):
            last = await connection().fetchval("SELECT max(leaf_index) FROM log_leaf")
            size = 0 if last is None else last + 1
            for start in range(0, size, _PAGE):
                end = min(start + _PAGE, size)
                hashes = await connection().fetchval(_HASHES, start, end) or b""
                if len(hashes) != (end - start) * HASH_BYTES:
                    raise HistoryDiffers(f"between {start} and {end} a leaf is missing")
                await asyncio.to_thread(self._grow, hashes)

    def _grow(self, hashes: bytes) -> None:
        for at in range(0, len(hashes), HASH_BYTES):
            self._tree.append(hashes[at : at + HASH_BYTES])

    async def _healed(self) -> int:
        """Find out what the store really has; a stranger's checkpoint counts for nothing."""
        last = await log.latest_checkpoint()
        if last is None:
            return 0
        self._signed_at = last.signed_at
        try:
            stored = (await self._objects.get_bytes(CHECKPOINT)).decode()
        except NoSuchObject:
            stored = ""
        known = await LogCheckpoint.objects().get(LogCheckpoint.note == stored)
        if stored != last.note:
            since = known.tree_size if known else 0
            _log.info("log_heals", since=since, size=last.tree_size)
            await self._write_tiles(since=since)
            await self._write_checkpoint()
        return last.tree_size

    async def _place(self, now: datetime) -> int:
        """Give waiting entries their indices, all in one transaction."""
        first = self._tree.size
        async with UnitOfWork(DB):
            corrected = await self._clock_corrected(now)
            take = _TAKE_CORRECTED if corrected else _TAKE
            taken = await connection().fetch(take, _BATCH, (corrected or now) + AHEAD)
            taken.sort(key=lambda row: (row["rank"], row["position"]))
            hashes = [leaf_hash(row["entry"]) for row in taken]
            if taken:
                rows = [
                    (first + n, row["entry_id"], row["kind"], row["entry"], node, now)
                    for n, (row, node) in enumerate(zip(taken, hashes, strict=True))
                ]
                await connection().copy_records_to_table("log_leaf", columns=_PLACED, records=rows)
        for node in hashes:
            self._tree.append(node)
        return len(hashes)

    async def _clock_corrected(self, now: datetime) -> datetime | None:
        """When the correction was made that waits for its place, if one does. ClockBehind: the
        order of the log's times cannot be kept as it is."""
        corrected: datetime | None = await connection().fetchval(_CORRECTED)
        behind = self._signed_at is not None and now + _BEHIND < self._signed_at
        if behind and not corrected and not await self._just_corrected():
            assert self._signed_at
            raise ClockBehind(self._signed_at, now)
        return corrected

    async def _just_corrected(self) -> bool:
        """It has its place, and no checkpoint covers it yet: a round was cut off there."""
        return bool(await connection().fetchval(_JUST_CORRECTED, self._published))

    async def _write_tiles(self, *, since: int) -> None:
        tiles = tiles_of(self._tree.size, since=since)
        while some := list(islice(tiles, _TILES_AT_ONCE)):
            contents = await self._bundles([tile for tile in some if tile.level is None])
            contents |= {tile: self._tree.tile(tile) for tile in some if tile.level is not None}
            named = {f"log/{tile.path}": content for tile, content in contents.items()}
            await self._objects.put_all(named, "application/octet-stream")

    async def _bundles(self, tiles: Sequence[Tile]) -> dict[Tile, bytes]:
        """Of neighbours: their entries come with one statement."""
        if not tiles:
            return {}
        first, end = tiles[0].span[0], tiles[-1].span[1]
        rows = await self._entries(first, end)
        entries = [row["entry"] for row in rows]
        spans = {tile: (tile.span[0] - first, tile.span[1] - first) for tile in tiles}
        return {tile: pack_entries(entries[at:to]) for tile, (at, to) in spans.items()}

    async def _entries(self, start: int, end: int) -> list[asyncpg.Record]:
        async with Reading(DB):
            rows: list[asyncpg.Record] = await connection().fetch(_ENTRIES, start, end)
        if len(rows) != end - start:
            raise HistoryDiffers(f"between {start} and {end} a leaf is missing")
        return rows

    async def _sign(self, now: datetime) -> None:
        """Sign the tree head, and keep a proof for each leaf it is the first to cover."""
        size = self._tree.size
        async with UnitOfWork(DB):
            last = await log.latest_checkpoint()
            covered = self._checked_size(last)
            if covered == size:
                return
            note = sign_checkpoint(
                Checkpoint(self._origin, size, self._tree.root(size)), self._keyring.log()
            )
            await LogCheckpoint.insert(
                LogCheckpoint(tree_size=size, root=self._tree.root(size), note=note, signed_at=now)
            )
            await self._keep_proofs(covered, size, note)
        self._signed_at = now

    def _checked_size(self, last: LogCheckpoint | None) -> int:
        if last is None:
            return 0
        if last.tree_size > self._tree.size or self._tree.root(last.tree_size) != last.root:
            raise HistoryDiffers(f"the rows do not give the root signed at {last.tree_size}")
        return last.tree_size

    async def _keep_proofs(self, start: int, size: int, note: str) -> None:
        for first in range(start, size, _BATCH):
            rows = await self._entries(first, min(first + _BATCH, size))
            proofs = await asyncio.to_thread(self._proofs, rows, size, note)
            await connection().copy_records_to_table("log_proof", columns=_PROVED, records=proofs)

    def _proofs(self, rows: Sequence[asyncpg.Record], size: int, note: str) -> list[ProofRow]:
        return [
            (
                entry_id,
                index,
                size,
                Proof(index, self._tree.inclusion(index, size), note, entry).text,
            )
            for index, entry_id, entry in rows
        ]

    async def _write_checkpoint(self) -> None:
        """Whoever was stopped before the write, and let go when another led, looks once more: the
        log that others fetch from the store must not seem to have been rolled back."""
        last, written = await log.latest_checkpoint(), None
        while last is not None and last.note != written:
            await self._objects.put_bytes(
                CHECKPOINT, last.note.encode(), "text/plain; charset=utf-8"
            )
            self._published, written = last.tree_size, last.note
            last = await log.latest_checkpoint()
