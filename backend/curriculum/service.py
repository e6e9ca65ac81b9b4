"""The curriculum as published. Content is read once a process, because an edition never changes;
which edition is in use is asked of the database each time, because another process may publish."""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from backend.curriculum import release_rows, repository
from backend.curriculum.domain import NoSuchDraft, Release, Step
from backend.curriculum.opening import why_not_open as why_not_open
from courses import item_pictures, loader
from courses.checker import check
from courses.format import Edition, Lesson, Module, Programme
from courses.problem import ContentUnreadable, Problem
from infra.database import UnitOfWork
from infra.engine import DB
from infra.errors import Conflict, Invalid, NotFound, Unavailable


class EditionUnfit(Invalid):
    """The edition has faults; correct the places named in `fields` and publish again."""

    zh = "课程版次内容有误，请按 fields 指出的位置更正后再发布。"


class EditionImmutable(Conflict):
    """This edition is already published with other content. Published editions never change:
    give the changed content a new edition code."""

    zh = "该版次已经发布且内容不同。已发布的版次不可修改，请为改动后的内容另立版次代码。"


class NoEdition(Unavailable):
    """No edition of the curriculum is published yet; publish one, then repeat the request."""

    zh = "尚未发布任何课程版次，请先发布。"


class UnknownProgramme(NotFound):
    """There is no such programme; see the list of programmes."""

    zh = "没有这个培养方案，请查看培养方案列表。"


class UnknownModule(NotFound):
    """There is no such module in the current edition."""

    zh = "现行版次中没有这个模块。"


class UnknownLesson(NotFound):
    """There is no such lesson in the current edition."""

    zh = "现行版次中没有这个小节。"


class EditionAltered(RuntimeError):
    """Somebody changed a published edition behind our back; restore the database."""


_read: dict[str, Edition] = {}
"""Editions by hash. A handful in the life of a process."""


async def load_edition(folder: Path, now: datetime) -> str:
    """Publish the folder's edition; its sha256. Safe to run at every start."""
    edition = await asyncio.to_thread(sound_edition, folder)
    sha256, content = loader.sha256_of(edition), loader.canonical(edition)
    await publish(edition.code, sha256, content, now=now)
    return sha256


async def publish(code: str, sha256: str, content: bytes, *, now: datetime) -> None:
    """Put an edition into use, once and for ever. Raises EditionImmutable."""
    async with UnitOfWork(DB):
        kept = await repository.publish(code, sha256, content, now=now)
    if kept != sha256:
        detail = f"edition {code}: {' '.join((EditionImmutable.__doc__ or '').split())}"
        raise EditionImmutable(detail, zh=f"版次 {code}：{EditionImmutable.zh}")


def sound_edition(folder: Path) -> Edition:
    """Raises EditionUnfit with every place."""
    try:
        edition = loader.load_edition(folder)
        found = item_pictures.missing(edition, item_pictures.pictures(folder))
        problems: tuple[Problem, ...] = (*check(edition), *found)
    except ContentUnreadable as error:
        problems = error.problems
    refuse_unfit(folder.name, problems)
    return edition


def refuse_unfit(name: str, problems: Sequence[Problem]) -> None:
    """Raises EditionUnfit with every place, unless there is none."""
    if problems:
        lines = "\n".join(map(str, problems))
        raise EditionUnfit(
            f"{name}: {len(problems)} problem(s)\n{lines}",
            zh=EditionUnfit.zh,
            fields=_by_place(problems),
        )


def _by_place(problems: Sequence[Problem]) -> dict[str, str]:
    """All that is to be said of one place together: a programme may lack items in many cells."""
    told: dict[str, list[str]] = {}
    for problem in problems:
        told.setdefault(problem.where, []).append(f"{problem.what} -> {problem.cure}")
    return {where: "\n".join(said) for where, said in told.items()}


async def current_edition() -> Edition:
    """The edition published last. Raises NoEdition."""
    code, sha256 = await _newest()
    return await _edition(code, sha256)


async def edition_sha256() -> str:
    return (await _newest())[1]


async def sha256_of(code: str) -> str:
    """Of an edition by its code, as it was published."""
    sha256 = await repository.hash_of(code)
    if sha256 is None:
        raise NotFound
    return sha256


async def published_sha256(code: str) -> str:
    """Of an edition by its code, worked out from its content."""
    return hashlib.sha256(await repository.content_of(code)).hexdigest()


async def published_editions() -> list[tuple[str, str, datetime]]:
    """Code, sha256 and moment of each, in the order of their publishing."""
    return await repository.all_published()


async def steps() -> list[Step]:
    """Published editions, oldest first, with what the release of each promised."""
    return await release_rows.steps()


async def proposed(release_id: UUID) -> tuple[Release, Edition, Edition]:
    """A release, the edition it takes the place of, and its own. Raises NoSuchRelease."""
    found = await release_rows.release(release_id)
    return found, await edition(found.instead_of), await draft(found.code, found.sha256)


async def pending_release() -> Release | None:
    """A proposal to release an edition that nobody has decided on yet."""
    return await release_rows.pending()


async def draft(code: str, sha256: str | None = None) -> Edition:
    """An edition handed in, by default the last of that code. Raises NoSuchDraft."""
    sha256 = sha256 or await release_rows.newest_draft(code)
    content = await release_rows.draft_content(code, sha256) if sha256 else None
    if content is None:
        raise NoSuchDraft
    return await asyncio.to_thread(loader.from_canonical, content)


async def edition_or_draft(code: str) -> Edition:
    """Published, or else the last that was handed in by that code. Raises NoSuchDraft."""
    if await repository.hash_of(code) is not None:
        return await edition(code)
    return await draft(code)


async def edition(code: str) -> Edition:
    """An edition by its code: enrolments keep theirs when a newer one is published."""
    sha256 = await repository.hash_of(code)
    if sha256 is None:
        raise NotFound
    return await _edition(code, sha256)


async def programme(code: str, *, demo: bool) -> Programme:
    """`demo` is `settings.demo`: without it demonstrations do not exist."""
    return programme_in(await current_edition(), code, demo=demo)


def programme_in(edition: Edition, code: str, *, demo: bool) -> Programme:
    found = [p for p in edition.programmes if p.code == code and (demo or not p.demonstration)]
    if not found:
        raise UnknownProgramme
    return found[0]


async def module(code: str) -> Module:
    try:
        return (await current_edition()).module(code)
    except KeyError:
        raise UnknownModule from None


async def lesson(code: str) -> Lesson:
    try:
        return (await current_edition()).lesson(code)
    except KeyError:
        raise UnknownLesson from None


async def _newest() -> tuple[str, str]:
    newest = await repository.newest()
    if newest is None:
        raise NoEdition
    return newest


async def _edition(code: str, sha256: str) -> Edition:
    if sha256 not in _read:
        content = await repository.content_of(code)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise EditionAltered(f"edition {code} in the database does not match its hash")
        _read[sha256] = loader.from_canonical(content)
    return _read[sha256]
