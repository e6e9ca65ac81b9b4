from datetime import datetime
from typing import Annotated, Any

from litestar import put
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from backend.accounts.domain import Caller, Role
from backend.accounts.guards import requires
from backend.lectures import captions, delivery, service
from backend.lectures.care import LectureController
from backend.lectures.schemas import LectureChoice, LessonLectureView
from backend.lectures.uploads import UploadController


@put(
    "/v1/lessons/{code:str}/lecture",
    operation_id="ChooseLessonLecture",
    guards=[requires(Role.AUTHOR, whose="own")],
    tags=["lectures"],
)
async def choose(
    code: Annotated[str, PathParameter(pattern=r"^M\d\d-L\d\d$")],
    data: JSONBody[LectureChoice],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
) -> LessonLectureView:
    chosen = await service.assign(
        code,
        data.lecture_id,
        demonstration=data.demonstration,
        author_id=caller.person_id,
        now=now,
    )
    return LessonLectureView(code, chosen.lecture_id, chosen.duration_seconds)


ROUTES: list[Any] = [
    LectureController,
    UploadController,
    choose,
    *captions.ROUTES,
    *delivery.ROUTES,
]
