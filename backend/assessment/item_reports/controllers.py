from typing import Annotated, Any

from litestar import Controller, Response, get
from litestar.params import FromPath, FromQuery, PathParameter, QueryParameter

from backend.accounts.domain import Role
from backend.accounts.guards import requires
from backend.assessment.item_reports import service
from backend.assessment.item_reports.schemas import ExamEntries, ExamReportView, ItemReportView
from backend.assessment.item_reports.service import ExamPicture, ItemPicture
from backend.assessment.statistics.pictures import Language

_SVG = "image/svg+xml"
_Code = Annotated[str, PathParameter(pattern=r"^[\w.-]{1,16}$")]
_Item = Annotated[
    str,
    QueryParameter(pattern=r"^[\w./ -]{1,100}$", description="As the report names it: M02-001 v2."),
]


class ExamStatisticsController(Controller):
    path = "/v1/exam-statistics"
    guards = [  # noqa: RUF012
        requires(
            Role.AUTHOR, Role.REVIEWER, Role.ADMINISTRATOR, whose="all exams; of groups, no person"
        )
    ]
    tags = ["item statistics"]  # noqa: RUF012

    @get(operation_id="ListExamStatistics", summary="Exams that have figures, or why not")
    async def listed(self) -> ExamEntries:
        return await service.listed()

    @get(
        "/{edition:str}/{exam:str}",
        operation_id="GetExamStatistics",
        summary="Figures of an exam's marks and items, as at when they were worked out",
    )
    async def report(self, edition: _Code, exam: _Code) -> ExamReportView:
        return await service.report(exam, edition)

    @get(
        "/{edition:str}/{exam:str}/pictures/{picture:str}",
        operation_id="GetExamPicture",
        summary="The marks, the bank or its drift, as SVG",
        media_type=_SVG,
    )
    async def picture(
        self,
        edition: _Code,
        exam: _Code,
        picture: FromPath[ExamPicture],
        language: FromQuery[Language] = "zh",
    ) -> Response[bytes]:
        return _svg(await service.exam_picture(exam, edition, picture, language))

    @get(
        "/{edition:str}/{exam:str}/item",
        operation_id="GetItemStatistics",
        summary="Figures of one item: its options, its curve, and how it did elsewhere",
    )
    async def item(self, edition: _Code, exam: _Code, code: _Item) -> ItemReportView:
        return await service.item(exam, edition, code)

    @get(
        "/{edition:str}/{exam:str}/item/{picture:str}",
        operation_id="GetItemPicture",
        summary="Who picks which option, or the chance of being right over ability, as SVG",
        media_type=_SVG,
    )
    async def item_picture(
        self,
        edition: _Code,
        exam: _Code,
        picture: FromPath[ItemPicture],
        code: _Item,
        language: FromQuery[Language] = "zh",
    ) -> Response[bytes]:
        return _svg(await service.item_picture(exam, edition, code, picture, language))


def _svg(drawn: bytes) -> Response[bytes]:
    headers = {
        "Cache-Control": "private, max-age=300",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    }
    return Response(drawn, media_type=_SVG, headers=headers)


ROUTES: list[Any] = [ExamStatisticsController]
