"""What lectures say, as text: a lesson's transcript, and a search through all that a learner may
watch. Here and not beside the lectures, because only the curriculum knows the lessons."""

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from backend.accounts.guards import requires
from backend.curriculum import service
from backend.curriculum.caching import cacheable
from backend.lectures import service as lectures
from courses.format import Bilingual, Edition, Lesson, Programme
from courses.programmes import every_lesson_of
from infra.settings import Settings
from media_pipeline.captions import service as captions
from media_pipeline.captions.domain import Found, Line

Anyone = Request[Any, Any, Any]
Code = Annotated[str, PathParameter(pattern=r"^[A-Z][A-Z0-9-]{1,15}$")]
ProgrammeCode = Annotated[str | None, QueryParameter(name="programme", max_length=16)]
_PRIVATE = "private, no-cache"


class LineView(msgspec.Struct, rename="camel", frozen=True):
    from_ms: int
    to_ms: int
    text: str


class LanguageView(msgspec.Struct, rename="camel", frozen=True):
    language: str
    label: str


class TranscriptView(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`language` is the one nearest to what was asked for; null where there are no captions."""

    lesson: str
    language: str | None
    languages: list[LanguageView]
    cues: list[LineView]


class FoundView(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`matches`: how often the words occur in this line."""

    lesson: str
    title: Bilingual
    language: str
    from_ms: int
    to_ms: int
    text: str
    matches: int


class FoundList(msgspec.Struct, rename="camel", frozen=True):
    """In the order of lessons, then of time."""

    items: list[FoundView]


@get(
    "/v1/lessons/{code:str}/transcript",
    operation_id="GetTranscript",
    tags=["curriculum"],
    guards=[requires(whose="of the curriculum")],
)
async def get_transcript(
    request: Anyone,
    code: Code,
    settings: NamedDependency[Settings],
    language: Annotated[str | None, QueryParameter(max_length=35)] = None,
    programme: ProgrammeCode = None,
) -> Response[TranscriptView]:
    """Empty while the lesson has no lecture, or its lecture no captions."""
    page = await transcript(code, language, programme, demo=settings.demo)
    answer = cacheable(request, page)
    answer.headers["Cache-Control"] = _PRIVATE
    return answer


@get(
    "/v1/transcripts/search",
    operation_id="SearchTranscripts",
    tags=["curriculum"],
    guards=[requires(whose="of the curriculum")],
)
async def search_transcripts(
    q: Annotated[str, QueryParameter(min_length=1, max_length=100)],
    settings: NamedDependency[Settings],
    programme: ProgrammeCode = None,
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
) -> FoundList:
    """Every word of `q` in one line, in any width or case. Without `programme`: all but
    demonstrations."""
    return await search(q, programme, limit=limit, demo=settings.demo)


async def transcript(
    code: str, language: str | None, programme_code: str | None, *, demo: bool
) -> TranscriptView:
    """UnknownLesson, UnknownProgramme."""
    edition, lesson = await service.current_edition(), await service.lesson(code)
    demonstration = False
    if programme_code is not None:
        taken = service.programme_in(edition, programme_code, demo=demo)
        if lesson not in every_lesson_of(edition, taken):
            raise service.UnknownLesson
        demonstration = taken.demonstration
    lecture = await lectures.lecture_of_lesson(code, demonstration)
    if lecture is None:
        return TranscriptView(lesson=code, language=None, languages=[], cues=[])
    found = await captions.transcript(lecture.lecture_id, language=language)
    return TranscriptView(
        lesson=code,
        language=found.language,
        languages=[LanguageView(*one) for one in found.languages],
        cues=list(_within(found.lines, lecture.duration_seconds)),
    )


async def search(query: str, programme_code: str | None, *, limit: int, demo: bool) -> FoundList:
    edition = await service.current_edition()
    if programme_code is None:
        programmes = [p for p in edition.programmes if not p.demonstration]
    else:
        programmes = [service.programme_in(edition, programme_code, demo=demo)]
    lessons = _lessons(edition, programmes)
    demonstration = any(p.demonstration for p in programmes)
    shown = await lectures.lectures_of_lessons(list(lessons), demonstration)
    # Two lessons may show one lecture: its lines are told once, with the first.
    by_lecture = {shown[code].lecture_id: code for code in reversed(lessons) if code in shown}
    in_order = list(reversed(by_lecture))
    found = await captions.search(in_order, query, limit=limit)
    return FoundList([_found_view(one, lessons[by_lecture[one.lecture_id]]) for one in found])


def _lessons(edition: Edition, programmes: Iterable[Programme]) -> dict[str, Lesson]:
    """By code, in the order in which they are taught."""
    return {c.code: c for p in programmes for c in every_lesson_of(edition, p) if c.written}


def _within(lines: list[Line], seconds: int) -> Iterable[LineView]:
    """Captions may have been there before the lecture was: none after its end is shown."""
    end = (seconds + 1) * 1000
    return (LineView(line.from_ms, line.to_ms, line.text) for line in lines if line.from_ms < end)


def _found_view(found: Found, lesson: Lesson) -> FoundView:
    return FoundView(
        lesson=lesson.code,
        title=lesson.title,
        language=found.language,
        from_ms=found.from_ms,
        to_ms=found.to_ms,
        text=found.text,
        matches=found.matches,
    )


ROUTES = [get_transcript, search_transcripts]
