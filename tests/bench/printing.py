"""Printed records a second of one core's time, beside one that begins with a cold press."""

import time
from itertools import count

from backend.records.printing.domain import Sheet
from backend.records.printing.press import Press, press
from backend.records.signing import sign_print
from backend.records.verdict.bundle import Bundle, write_bundle
from backend.records.verdict.printed import sealed_print
from tests.backend.records.printing.sheets import a_sheet, seal_of
from tests.backend.records.verdict.world import World
from tests.bench.rows import Row, interleaved, row

PAGES, ROUNDS = 100, 3
_NUMBERS = count(1)
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂"


def measure() -> list[Row]:
    """Every page is of another person; bundle and seal are made with it. The press is one thread:
    two cores print twice as many with two processes."""
    world = World()
    bundle = world.bundle()
    press().set_now(_sheet(world, bundle))
    warm, cold = interleaved(
        lambda: _warm(world, bundle), lambda: _cold(world, bundle), rounds=ROUNDS
    )
    return [
        row(
            "printed records, one core / with a press that begins",
            value=warm,
            unit="1/s",
            floor=cold,
            target="value >= 30",
        )
    ]


def _warm(world: World, bundle: Bundle) -> float:
    started = time.process_time()
    for _ in range(PAGES):
        _printed(press(), world, bundle)
    return PAGES / (time.process_time() - started)


def _cold(world: World, bundle: Bundle) -> float:
    started = time.process_time()
    _printed(Press(), world, bundle)
    return 1 / (time.process_time() - started)


def _printed(on: Press, world: World, bundle: Bundle) -> bytes:
    page = on.set_now(_sheet(world, bundle))
    key = world.record_key
    return sealed_print(page, sign_print(seal_of(world, bundle, page), key, world.kid(key)))


def _sheet(world: World, bundle: Bundle) -> Sheet:
    number = next(_NUMBERS)
    name = _SURNAMES[number % 20] + _GIVEN[number % 23] + _GIVEN[number % 17]
    return a_sheet(
        holder=name,
        bundle=write_bundle(bundle, "read me"),
        credential=bundle.record,
        hours_seconds=2700 * (number % 40 + 1),
    )
