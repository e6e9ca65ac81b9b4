"""Which names of the bucket nobody needs. Pure.

A name is needed while a row names it, or while it is so young that its row may still be on its
way. Ids are UUIDv7, so each says when it was made; a name that is not of our making is left alone.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

SOURCE_GRACE = timedelta(hours=1)
"""An upload's store side begins before its row."""
PACKAGE_GRACE = timedelta(days=1)
"""A worker that was taken for dead notices within a second; machines' clocks differ by less."""
WORK_GRACE = timedelta(hours=1)

_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_SOURCE = re.compile(rf"incoming/({_ID})(?:\.tail-\d+)?")
_PACKAGE = re.compile(rf"lectures/({_ID})/({_ID})/")
_WORK = re.compile(rf"work/({_ID})/")


class Needed(msgspec.Struct, frozen=True):
    """What rows name. `prefixes`: packages that lectures show; `attempts`: those at work,
    and runs of their tasks (a join packages under its own name);
    `sources`: lectures whose uploaded file is growing or may be read again."""

    sources: frozenset[UUID] = frozenset()
    prefixes: frozenset[str] = frozenset()
    attempts: frozenset[UUID] = frozenset()


class Named(NamedTuple):
    """One name: whose it is, and how long it is spared whatever rows say."""

    name: str
    owner: UUID
    kind: str
    grace: timedelta


def read(name: str) -> Named | None:
    """A source file, or a folder of a package or of work; None for anything else."""
    if found := _SOURCE.fullmatch(name):
        return Named(name, UUID(found[1]), "source", SOURCE_GRACE)
    if found := _PACKAGE.match(name):
        return Named(found[0], UUID(found[2]), "package", PACKAGE_GRACE)
    if found := _WORK.match(name):
        return Named(found[0], UUID(found[1]), "work", WORK_GRACE)
    return None


def made_at(identifier: UUID) -> datetime | None:
    """By the machine that made it; None where it is no UUIDv7."""
    if identifier.version != 7:
        return None
    return datetime.fromtimestamp((identifier.int >> 80) / 1000, UTC)


def is_needed(named: Named, needed: Needed) -> bool:
    if named.kind == "source":
        return named.owner in needed.sources
    return named.owner in needed.attempts or named.name in needed.prefixes


def orphans(found: Iterable[Named], needed: Needed, *, now: datetime) -> list[Named]:
    return [named for named in found if _old(named, now) and not is_needed(named, needed)]


def _old(named: Named, now: datetime) -> bool:
    made = made_at(named.owner)
    return made is not None and now - made >= named.grace
