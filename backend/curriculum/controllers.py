from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from backend.curriculum import catalogue, pictures, release_routes, transcripts
from backend.curriculum.caching import cacheable
from backend.curriculum.schemas import LessonPage, ModulePage, ProgrammeList, ProgrammePage
from infra.settings import Settings

Anyone = Request[Any, Any, Any]
Code = Annotated[str, PathParameter(pattern=r"^[A-Z][A-Z0-9-]{1,15}$")]
ProgrammeCode = Annotated[str | None, QueryParameter(name="programme", max_length=16)]


@get("/v1/programmes", operation_id="ListProgrammes", tags=["curriculum"])
async def list_programmes(
    request: Anyone, settings: NamedDependency[Settings]
) -> Response[ProgrammeList]:
    return cacheable(request, await catalogue.programmes(demo=settings.demo))


@get("/v1/programmes/{code:str}", operation_id="GetProgramme", tags=["curriculum"])
async def get_programme(
    request: Anyone, code: Code, settings: NamedDependency[Settings]
) -> Response[ProgrammePage]:
    return cacheable(request, await catalogue.programme(code, demo=settings.demo))


@get("/v1/modules/{code:str}", operation_id="GetModule", tags=["curriculum"])
async def get_module(request: Anyone, code: Code) -> Response[ModulePage]:
    return cacheable(request, await catalogue.module(code))


@get("/v1/lessons/{code:str}", operation_id="GetLesson", tags=["curriculum"])
async def get_lesson(
    request: Anyone,
    code: Code,
    settings: NamedDependency[Settings],
    programme: ProgrammeCode = None,
) -> Response[LessonPage]:
    """Without the answers: those come back from the lesson's check."""
    return cacheable(request, await catalogue.lesson(code, programme, demo=settings.demo))


ROUTES = [
    list_programmes,
    get_programme,
    get_module,
    get_lesson,
    *transcripts.ROUTES,
    *pictures.ROUTES,
    *release_routes.ROUTES,
]
