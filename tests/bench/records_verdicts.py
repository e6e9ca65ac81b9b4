"""Whole verdicts a second of one core's time, beside bare ES256 signature checks."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar
from uuid import UUID

from backend.checking.bulk.files import result_lines
from backend.records.domain import check_sign
from backend.records.lookups.bulk import ask_of, judged
from backend.records.lookups.repository import BundleRow
from backend.records.verdict.bundle import Bundle, read_bundle, write_bundle
from backend.records.verdict.jws import Jws, check_signature, parse, public_key
from backend.records.verdict.verify import Examiner, verify
from backend.records.verdict.words import Verdict
from backend.serve import spare_the_collector
from tests.backend.records.verdict.world import NOW, World
from tests.bench.rows import Row, interleaved, row

T = TypeVar("T")
RECORDS, BULK_TURNS, COLD_TURNS, ROUNDS = 200, 10, 1, 5
FILE_ROWS = 5_000


def measure() -> list[Row]:
    """Cold: everything opened for one record. Bulk: records of a batch, through one examiner."""
    world = World()
    bundles, trust = [_as_arrived(b) for b in world.bundles(RECORDS)], world.trust
    key = public_key(trust.issuers[0].record_keys[0].jwk)
    tokens = [parse(bundle.record) for bundle in bundles]
    spare_the_collector()  # as in the processes that answer

    def cold(bundle: Bundle) -> None:
        assert verify(bundle, trust, NOW).verdict is Verdict.VALID

    def bare(jws: Jws) -> None:
        check_signature(jws, key)

    cold_rate, bulk_rate, file_rate, bare_rate = interleaved(
        lambda: _per_second(cold, bundles, COLD_TURNS),
        lambda: _bulk(Examiner(world.trust), bundles),
        lambda: _file_rows(world, bundles),
        lambda: _per_second(bare, tokens, BULK_TURNS),
        rounds=ROUNDS,
    )
    return [
        row(f"{name} / bare ES256 verify", value=value, unit="1/s", floor=bare_rate, target=target)
        for name, value, target in (
            ("one cold verdict", cold_rate, "ratio >= 0.05"),
            (f"{RECORDS} records in bulk", bulk_rate, "value >= 4000"),
            ("rows of a bulk file", file_rate, "value >= 1667"),
        )
    ]


def _file_rows(world: World, bundles: Sequence[Bundle]) -> float:
    """Rows of a file a second: each record judged anew and written into the result. Without what
    the database does in its own process."""
    rows = [_row(number, bundle) for number, bundle in enumerate(bundles)]
    asks, lists = [ask_of(row.number) for row in rows], {1: bundles[0].status}
    lines = [(number, row.number) for number, row in enumerate(rows)]
    examiner = Examiner(world.trust)
    started = time.process_time()
    for _ in range(FILE_ROWS // len(rows)):
        found = judged(asks, rows, lists, {False: examiner, True: examiner}, NOW)
        assert {one.verdict for one in found} == {Verdict.VALID}
        result_lines(lines, found)
    return FILE_ROWS / (time.process_time() - started)


def _row(number: int, bundle: Bundle) -> BundleRow:
    body = f"2026{number:08d}"
    assert bundle.proof is not None
    return BundleRow(
        id=UUID(int=number),
        number=f"GB-{body[:4]}-{body[4:8]}-{body[8:]}-{check_sign(body)}",
        code="",
        programme="IA-E",
        demonstration=False,
        jws=bundle.record,
        status_list=1,
        issued_at=NOW,
        valid_until=None,
        proof=bundle.proof.decode(),
        kinds=["issued"],
    )


def _as_arrived(bundle: Bundle) -> Bundle:
    """Through its zip, so that no two bundles share an object in memory."""
    return read_bundle(write_bundle(bundle, ""))


def _bulk(examiner: Examiner, bundles: Sequence[Bundle]) -> float:
    started = time.process_time()
    for _ in range(BULK_TURNS):
        outcomes = examiner.examine_all(bundles, NOW)
        assert {found.verdict for found in outcomes} == {Verdict.VALID}
    return BULK_TURNS * len(bundles) / (time.process_time() - started)


def _per_second(work: Callable[[T], None], things: Sequence[T], turns: int) -> float:
    """By the processor's clock: what others do on this machine is not counted."""
    started = time.process_time()
    for _ in range(turns):
        for thing in things:
            work(thing)
    return turns * len(things) / (time.process_time() - started)
