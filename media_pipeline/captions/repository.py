"""Rows of tracks and their cues."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from piccolo.columns import Column

from infra.database import connection
from infra.ids import uuid7
from media_pipeline.captions.domain import Cue, Found, Line, NotRecognised, TrackFacts
from media_pipeline.captions.markup import plain
from media_pipeline.tables import CaptionCue, CaptionTrack, Lecture, RecognitionFailure

_FACTS = [
    *(CaptionTrack.id, CaptionTrack.lecture_id, CaptionTrack.language, CaptionTrack.label),
    *(CaptionTrack.origin, CaptionTrack.version, CaptionTrack.sha256, CaptionTrack.vtt),
    CaptionTrack.updated_at,
]
# Words are found in whichever width they were typed (ＩＰ is IP), and over the end of a line. The
# normal form is made at each search, and for hanzi, which have one width, not at all: 60,000 lines
# take 50 ms with hanzi and 300 ms with letters on one core. A trigram index of them (69 MB) was
# tried and changed nothing: most Chinese words are two characters, less than a trigram.
_SEARCH = """
    SELECT c.lecture_id, t.language, c.from_ms, c.to_ms, c.text
    FROM caption_cue c JOIN caption_track t ON t.id = c.track_id
    WHERE c.lecture_id = ANY($1::uuid[])
      AND replace(c.text, E'\\n', '') LIKE ALL($2::text[])
      AND (cardinality($3::text[]) = 0
           OR normalize(replace(c.text, E'\\n', ' '), NFKC) ILIKE ALL($3::text[]))
    ORDER BY array_position($1::uuid[], c.lecture_id), c.from_ms, t.language, c.number
    LIMIT $4
"""


async def tracks(lecture_id: UUID) -> list[TrackFacts]:
    rows = (
        await CaptionTrack.select(*_FACTS)
        .where(CaptionTrack.lecture_id == lecture_id)
        .order_by(CaptionTrack.language)
    )
    return [msgspec.convert(row, TrackFacts) for row in rows]


async def track(lecture_id: UUID, language: str) -> TrackFacts | None:
    row = (
        await CaptionTrack.select(*_FACTS)
        .where(CaptionTrack.lecture_id == lecture_id, CaptionTrack.language == language)
        .first()
    )
    return msgspec.convert(row, TrackFacts) if row else None


async def hold_lecture(lecture_id: UUID) -> bool:
    """Until the transaction ends nobody else changes this lecture's tracks. False: no lecture."""
    query = Lecture.select(Lecture.id).where(Lecture.id == lecture_id).lock_rows("UPDATE")
    return bool(await query)


async def store(facts: TrackFacts, *, new: bool, by: UUID | None, now: datetime) -> None:
    changing: dict[str, Any] = {
        "label": facts.label,
        "origin": facts.origin,
        "version": facts.version,
        "vtt": facts.vtt,
        "sha256": facts.sha256,
        "updated_by": by,
        "updated_at": now,
    }
    if new:
        key: dict[str, Any] = {"lecture_id": facts.lecture_id, "language": facts.language}
        await CaptionTrack.insert(CaptionTrack(id=facts.id, **key, **changing))
    else:
        changes: dict[Column | str, Any] = dict(changing.items())
        await CaptionTrack.update(changes).where(CaptionTrack.id == facts.id)


async def replace_cues(track_id: UUID, lecture_id: UUID, cues: Sequence[Cue]) -> None:
    """Thousands of rows: copied, not inserted."""
    await CaptionCue.delete().where(CaptionCue.track_id == track_id)
    rows = [
        (uuid7(), track_id, lecture_id, number, cue.from_ms, cue.to_ms, plain(cue.text))
        for number, cue in enumerate(cues)
    ]
    columns = ("id", "track_id", "lecture_id", "number", "from_ms", "to_ms", "text")
    await connection().copy_records_to_table("caption_cue", records=rows, columns=columns)


async def remove(track_id: UUID) -> None:
    await CaptionCue.delete().where(CaptionCue.track_id == track_id)
    await CaptionTrack.delete().where(CaptionTrack.id == track_id)


async def failures(lecture_id: UUID) -> list[NotRecognised]:
    """Of speech recognition, by language."""
    row = RecognitionFailure
    rows = (
        await row.select(row.language, row.code, row.zh, row.en, row.failed_at)
        .where(row.lecture_id == lecture_id)
        .order_by(row.language)
    )
    return [msgspec.convert(found, NotRecognised) for found in rows]


async def keep_failure(lecture_id: UUID, failure: NotRecognised) -> None:
    """In place of what was kept for that language."""
    await forget_failure(lecture_id, failure.language)
    values = msgspec.structs.asdict(failure)
    await RecognitionFailure.insert(RecognitionFailure(id=uuid7(), lecture_id=lecture_id, **values))


async def forget_failure(lecture_id: UUID, language: str) -> None:
    await RecognitionFailure.delete().where(
        RecognitionFailure.lecture_id == lecture_id, RecognitionFailure.language == language
    )


async def remove_all(lecture_id: UUID) -> None:
    await CaptionCue.delete().where(CaptionCue.lecture_id == lecture_id)
    await CaptionTrack.delete().where(CaptionTrack.lecture_id == lecture_id)


async def lines(track_id: UUID) -> list[Line]:
    rows = (
        await CaptionCue.select(CaptionCue.from_ms, CaptionCue.to_ms, CaptionCue.text)
        .where(CaptionCue.track_id == track_id)
        .order_by(CaptionCue.number)
    )
    return [Line(row["from_ms"], row["to_ms"], row["text"]) for row in rows]


async def search(
    lecture_ids: Collection[UUID], hanzi: Sequence[str], others: Sequence[str], *, limit: int
) -> list[Found]:
    """Lines that fit every pattern, in the order of `lecture_ids`, then time; `others` in NFKC."""
    rows = await connection().fetch(_SEARCH, list(lecture_ids), list(hanzi), list(others), limit)
    return [msgspec.convert(dict(row), Found) for row in rows]
