"""Whole verdicts a second on one core, beside bare ES256 signature checks."""

import time
from collections.abc import Callable

from backend.records.verdict.jws import check_signature, parse, public_key
from backend.records.verdict.verify import verify
from backend.records.verdict.words import Verdict
from tests.backend.records.verdict.world import NOW, World
from tests.bench.rows import Row, interleaved, row

VERDICTS, SIGNATURES = 1_000, 4_000


def measure() -> list[Row]:
    world = World()
    bundle, trust = world.bundle(), world.trust
    jws, key = parse(bundle.record), public_key(trust.issuers[0].record_keys[0].jwk)
    assert verify(bundle, trust, NOW).verdict is Verdict.VALID
    verdicts, signatures = interleaved(
        lambda: _per_second(lambda: verify(bundle, trust, NOW), VERDICTS),
        lambda: _per_second(lambda: check_signature(jws, key), SIGNATURES),
    )
    name = "verdicts / bare ES256 verify"
    return [row(name, value=verdicts, unit="1/s", floor=signatures, target="value >= 4000")]


def _per_second(work: Callable[[], object], times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        work()
    return times / (time.perf_counter() - started)
