"""Records made: what a core can sign of evidence and claims, and with rows, leaves and objects."""

import time
from collections.abc import Sequence
from uuid import UUID, uuid4

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from backend.records.domain import Holder, new_code, new_number
from backend.records.drafting import Identity, frozen
from backend.records.issuing import TOGETHER, issue_all
from backend.records.keyring import Keyring
from backend.records.keys.signers import Signer
from backend.records.preparing import Ready, drafted
from backend.records.sequencer import settle
from infra.clock import system_clock
from infra.database import UnitOfWork, connection
from infra.engine import DB
from tests.bench.records_site import Site, dues, earned, learners, scaled
from tests.bench.rows import Row, interleaved, row

RECORDS = scaled(5_000, TOGETHER)
SIGNED, ROUNDS = 1_000, 5
_ECDSA = ec.ECDSA(SHA256())


async def issuing_rows(site: Site) -> list[Row]:
    key = Keyring.of(site.settings).signer("record", demonstration=False)
    assert isinstance(key, EllipticCurvePrivateKey)
    ready = [_ready() for _ in range(SIGNED)]
    by = Signer(key, f"{site.url}/keys/{'k' * 43}")
    made, bare = interleaved(
        lambda: _drafted_per_second(ready, by), lambda: _bare_per_second(key), rounds=ROUNDS
    )
    together, own = await _stored_per_second(site)
    return [
        row(f"{name} / bare ES256 sign", value=value, unit="1/s", floor=bare, target=target)
        for name, value, target in (
            ("records made: evidence, claims, check, signature", made, "value >= 1500"),
            ("records issued, the worker's own core", own, "value >= 1500"),
            ("records issued, a core for worker, database and store", together, "value >= 750"),
        )
    ]


def _ready() -> Ready:
    learner_id = uuid4()
    facts, earning = earned(learner_id, system_clock())
    holder = Holder(name="王小明", identity_verified=True, identity_method="counter")
    return Ready(uuid4(), facts, frozen(facts), frozen(earning), holder)


def _drafted_per_second(ready: Sequence[Ready], by: Signer) -> float:
    now = system_clock().replace(microsecond=0)
    identity = Identity(
        record_id=uuid4(),
        subject_id=uuid4(),
        number=new_number(now.year, lambda _: 7),
        code=new_code(lambda _: 7),
        status_list=1,
        status_index=94_567,
        address=by.kid.partition("/keys/")[0],
    )
    started = time.process_time()
    for number, one in enumerate(ready):
        own = msgspec.structs.replace(identity, record_id=one.due_id, status_index=number)
        drafted(one, own, by, now)
    return len(ready) / (time.process_time() - started)


def _bare_per_second(key: EllipticCurvePrivateKey) -> float:
    message = bytes(3_000)
    started = time.process_time()
    for _ in range(SIGNED):
        key.sign(message, _ECDSA)
    return SIGNED / (time.process_time() - started)


async def _stored_per_second(site: Site) -> tuple[float, float]:
    """A second of one core: of all parts together, and of this process. Then all are logged."""
    due = await dues(site, await learners(site, RECORDS))
    await settle(site.context)
    spent, own = site.spent(), time.process_time()
    for at in range(0, len(due), TOGETHER):
        await issue_all(site.context, due[at : at + TOGETHER])
    spent, own = site.spent() - spent, time.process_time() - own
    await settle(site.context)
    assert await _provable(due) == len(due)
    return len(due) / spent, len(due) / own


async def _provable(due: list[UUID]) -> int:
    found = (
        "SELECT count(*) FROM completion_record c JOIN log_proof p ON p.entry_id = c.entry_id"
        " WHERE c.due = ANY($1::uuid[])"
    )
    async with UnitOfWork(DB):
        return int(await connection().fetchval(found, due))
