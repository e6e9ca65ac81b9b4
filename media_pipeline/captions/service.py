"""Captions of lectures: put, changed, removed, shown as a transcript, searched."""

import asyncio
import re
import unicodedata
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
import structlog

from infra.database import UnitOfWork
from infra.engine import DB
from infra.errors import Conflict, Invalid, NotFound, TooLarge
from infra.ids import uuid7
from media_pipeline import repository as lectures
from media_pipeline import service as media
from media_pipeline.captions import languages, parse, repository, write
from media_pipeline.captions.conditions import ANY, Condition
from media_pipeline.captions.domain import (
    Found,
    Origin,
    Remark,
    TrackFacts,
    Transcript,
)
from media_pipeline.captions.errors import (
    LabelNotGood,
    NoCaptions,
    UploadedCaptionsStand,
)
from media_pipeline.domain import LectureFacts

LABEL_CHARACTERS = 100
WORDS = 8
_log = structlog.get_logger(__name__)
_HANZI = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]+")


class Put(msgspec.Struct, frozen=True):
    """`changed` is False where the very same captions were there already."""

    track: TrackFacts
    cues: int
    format: parse.Format
    encoding: str
    remarks: tuple[Remark, ...]
    changed: bool
    created: bool


async def tracks_of(lecture_id: UUID) -> list[TrackFacts]:
    """By language. Whose lecture it is, is the caller's to know."""
    return await repository.tracks(lecture_id)


async def track_of(lecture_id: UUID, language: str) -> TrackFacts | None:
    return await repository.track(lecture_id, language)


async def tracks_of_author(lecture_id: UUID, *, author_id: UUID) -> list[TrackFacts]:
    await media.lecture_of(lecture_id, author_id=author_id)
    return await repository.tracks(lecture_id)


async def track_of_author(lecture_id: UUID, language: str, *, author_id: UUID) -> TrackFacts:
    await media.lecture_of(lecture_id, author_id=author_id)
    found = await repository.track(lecture_id, languages.canonical(language))
    if found is None:
        raise NoCaptions
    return found


async def put_track(
    lecture_id: UUID,
    language: str,
    content: bytes,
    *,
    author_id: UUID,
    label: str | None = None,
    condition: Condition = ANY,
    now: datetime,
) -> Put:
    """An author's file in place of what was there. Any error of `captions.errors`; NotFound for
    another author's lecture. The lecture is not encoded again: players get captions by themselves.
    """
    tag = languages.canonical(language)
    lecture = await media.lecture_of(lecture_id, author_id=author_id)
    named = _label(label)
    reading = await asyncio.to_thread(parse.read, content, language=tag)
    reading = parse.fit(reading, _milliseconds(lecture), refuse_late=True)
    return await _store(
        *(lecture_id, tag, reading, Origin.UPLOAD),
        label=named,
        by=author_id,
        condition=condition,
        now=now,
    )


async def keep_found(
    lecture_id: UUID,
    language: str,
    content: str,
    *,
    origin: Origin,
    by: UUID | None = None,
    seconds: float | None = None,
    now: datetime,
) -> Put:
    """Captions that a program found, never over an author's: UploadedCaptionsStand. NotFound where
    the lecture went away meanwhile. `seconds`: its length, while it has no package to say so."""
    tag = languages.canonical(language)
    lecture = await lectures.lecture(lecture_id)
    if lecture is None:
        raise NotFound
    reading = await asyncio.to_thread(parse.read, content.encode(), language=tag)
    known = _milliseconds(lecture) or (None if seconds is None else round(seconds * 1000))
    reading = parse.fit(reading, known, refuse_late=False)
    return await _store(lecture_id, tag, reading, origin, label=None, by=by, condition=ANY, now=now)


async def keep_embedded(
    lecture_id: UUID,
    found: Sequence[tuple[str, str]],
    *,
    seconds: float | None = None,
    now: datetime,
) -> list[str]:
    """Texts that the video file brought along, as (language, WebVTT); the languages that were
    kept: those that have no track yet. One that cannot be read is passed over and logged, for the
    lecture does not need it."""
    present = {track.language for track in await repository.tracks(lecture_id)}
    kept = []
    for language, vtt in found:
        tag = languages.canonical(language)
        if tag in present:
            continue
        try:
            await keep_found(lecture_id, tag, vtt, origin=Origin.FILE, seconds=seconds, now=now)
        except (Invalid, Conflict, NotFound, TooLarge) as error:
            _log.warning("captions of the file not kept", language=tag, why=str(error))
            continue
        kept.append(tag)
        present.add(tag)
    return kept


async def copy_embedded(from_lecture: UUID, to_lecture: UUID, *, now: datetime) -> list[str]:
    """`keep_embedded` for a lecture that shows another's package, because their files are equal."""
    tracks = await repository.tracks(from_lecture)
    found = [(track.language, track.vtt) for track in tracks if track.origin is Origin.FILE]
    return await keep_embedded(to_lecture, found, now=now)


async def remove_track(
    lecture_id: UUID, language: str, *, author_id: UUID, condition: Condition = ANY
) -> None:
    async with UnitOfWork(DB):
        await media.lecture_of(lecture_id, author_id=author_id)
        await repository.hold_lecture(lecture_id)
        found = await repository.track(lecture_id, languages.canonical(language))
        if found is None:
            raise NoCaptions
        condition.check(found)
        await repository.remove(found.id)


async def remove_tracks_of(lecture_id: UUID) -> None:
    """All of them, when a lecture goes for good."""
    async with UnitOfWork(DB):
        await repository.remove_all(lecture_id)


async def transcript(lecture_id: UUID, *, language: str | None) -> Transcript:
    """In `language`, or the one nearest to it."""
    offered = await repository.tracks(lecture_id)
    best = languages.best(language, [track.language for track in offered])
    shown = next((track for track in offered if track.language == best), None)
    return Transcript(
        best,
        [(track.language, track.label) for track in offered],
        await repository.lines(shown.id) if shown else [],
    )


async def search(lecture_ids: Collection[UUID], query: str, *, limit: int) -> list[Found]:
    """Lines that hold every word of `query`, in whichever width or case; in the order of
    `lecture_ids`. Chinese has no spaces, so a word is any piece of text."""
    words = normal(query).split()[:WORDS]
    if not words or not lecture_ids:
        return []
    async with UnitOfWork(DB):
        found = await repository.search(
            lecture_ids,
            [_pattern(word) for word in words if _HANZI.fullmatch(word)],
            [_pattern(word) for word in words if not _HANZI.fullmatch(word)],
            limit=limit,
        )
    return [msgspec.structs.replace(one, matches=_count(one.text, words)) for one in found]


def normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _pattern(word: str) -> str:
    """Anywhere in the text; `%`, `_` and `\\` stand for themselves."""
    return "%" + re.sub(r"([\\%_])", r"\\\1", word) + "%"


def _count(text: str, words: list[str]) -> int:
    joined, spaced = (normal(text.replace("\n", gap)).casefold() for gap in ("", " "))
    return sum(
        (joined if _HANZI.fullmatch(word) else spaced).count(word.casefold()) for word in words
    )


def _milliseconds(lecture: LectureFacts) -> int | None:
    return round(lecture.manifest.duration * 1000) if lecture.manifest else None


def _label(label: str | None) -> str | None:
    if label is None:
        return None
    stripped = label.strip()
    if not 1 <= len(stripped) <= LABEL_CHARACTERS or not stripped.isprintable():
        raise LabelNotGood
    return stripped


async def _store(
    lecture_id: UUID,
    language: str,
    reading: parse.Reading,
    origin: Origin,
    *,
    label: str | None,
    by: UUID | None,
    condition: Condition,
    now: datetime,
) -> Put:
    """One writer at a time: the lecture's row is held."""
    vtt = write.vtt(reading.cues)
    async with UnitOfWork(DB):
        if not await repository.hold_lecture(lecture_id):
            raise NotFound
        before = await repository.track(lecture_id, language)
        condition.check(before)
        if before and before.origin is Origin.UPLOAD and origin is not Origin.UPLOAD:
            raise UploadedCaptionsStand
        track = TrackFacts(
            id=before.id if before else uuid7(),
            lecture_id=lecture_id,
            language=language,
            label=label or (before.label if before else languages.label(language)),
            origin=origin,
            version=before.version + 1 if before else 1,
            sha256=write.sha256(vtt),
            vtt=vtt,
            updated_at=now,
        )
        changed = before is None or _differs(before, track)
        await repository.forget_failure(lecture_id, language)
        if changed:
            await repository.store(track, new=before is None, by=by, now=now)
            await repository.replace_cues(track.id, lecture_id, reading.cues)
    return Put(
        track=before if before and not changed else track,
        cues=len(reading.cues),
        format=reading.format,
        encoding=reading.encoding,
        remarks=reading.remarks,
        changed=changed,
        created=before is None,
    )


def _differs(before: TrackFacts, after: TrackFacts) -> bool:
    parts = [(track.sha256, track.label, track.origin) for track in (before, after)]
    return parts[0] != parts[1]
