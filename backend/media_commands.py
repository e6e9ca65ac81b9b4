"""`guanbiao media`: lectures as whoever runs an installation cares for them.

Work is imported by the command that does it: `--help` is instant.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar
from uuid import UUID

import typer

if TYPE_CHECKING:
    from infra.objects import ObjectStore
    from infra.settings import Settings
    from media_pipeline.care.purge import Purged

T = TypeVar("T")
StateName = Literal["uploading", "queued", "processing", "playable", "failed"]
Json = Annotated[
    bool, typer.Option("--json", help="One JSON document on standard output, for scripts.")
]
Data = Annotated[
    Path,
    typer.Option("--data", envvar="GUANBIAO_DATA_DIR", help="Folder that holds everything."),
]
Id = Annotated[UUID, typer.Argument(help="The lecture's id, as `list` shows it.", metavar="ID")]
_HERE = Path(".guanbiao")
_SHOWN = 1000

media = typer.Typer(
    name="media",
    help="""Care for lectures: see, try again, end, remove. 照管课程视频。

    Works on DATABASE_URL and OBJECTS_URL, or on the instance that runs from --data.

    [cyan]guanbiao media list --state failed[/cyan]
    """,
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@media.command("list")
def list_lectures(
    state: Annotated[StateName | None, typer.Option(help="Only those in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = _SHOWN,
    as_json: Json = False,
    data: Data = _HERE,
) -> None:
    """Lectures with their state, newest first. 列出视频及其状态。

    [cyan]guanbiao media list --state queued[/cyan]
    """
    from backend.media_lines import as_line, as_object, now, printed
    from media_pipeline.care.standing import standings_in
    from media_pipeline.domain import State

    wanted = [State(state)] if state else []
    found = _run(data, lambda _, __: standings_in(wanted, limit=limit))
    if as_json:
        printed([as_object(lecture, now()) for lecture in found])
        return
    for lecture in found:
        typer.echo(as_line(lecture, now()))
    if not found:
        typer.echo("没有视频 · no lectures")


@media.command()
def show(lecture_id: Id, as_json: Json = False, data: Data = _HERE) -> None:
    """All that is known of one lecture: steps, tasks, files, who shares it. 查看一个视频的详情。

    [cyan]guanbiao media show 0199c0de-0000-7000-8000-000000000000[/cyan]
    """
    from backend.media_lines import as_lines, now, printed
    from media_pipeline.care.details import details_of

    found = _run(data, lambda _, objects: details_of(objects, lecture_id))
    if as_json:
        printed(found.as_object(now()))
    else:
        typer.echo("\n".join(as_lines(found, now())))


@media.command()
def retry(lecture_id: Id, data: Data = _HERE) -> None:
    """Try a failed lecture again, with the file that was uploaded. 重试处理失败的视频。

    Refused (exit code 2) where the file itself was at fault or is no longer kept.

    [cyan]guanbiao media retry 0199c0de-0000-7000-8000-000000000000[/cyan]
    """
    from backend.media_lines import now
    from media_pipeline.care import changes

    _run(data, lambda _, objects: changes.retry(objects, lecture_id, now=now()))
    typer.echo(f"已重新排队 · queued again: {lecture_id}")


@media.command()
def cancel(lecture_id: Id, data: Data = _HERE) -> None:
    """End the waiting or the work on a lecture; its file stays for another try. 取消处理。

    [cyan]guanbiao media cancel 0199c0de-0000-7000-8000-000000000000[/cyan]
    """
    from media_pipeline.care import changes

    _run(data, lambda _, __: changes.cancel(lecture_id))
    typer.echo(f"已取消 · cancelled: {lecture_id}")


@media.command()
def purge(
    lecture_id: Annotated[UUID | None, typer.Argument(help="One lecture.", metavar="[ID]")] = None,
    failed: Annotated[
        int | None, typer.Option("--failed-older-than", min=0, metavar="DAYS", help="All failed.")
    ] = None,
    unassigned: Annotated[
        int | None,
        typer.Option(
            "--unassigned-older-than", min=0, metavar="DAYS", help="Playable, never in a lesson."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Remove; without it, only say what.")] = False,
    as_json: Json = False,
    data: Data = _HERE,
) -> None:
    """Remove lectures for good, with their files. Says first what, and how much. 清除视频。

    Never a lecture that a lesson shows or has shown: learners' records rest on it.

    [cyan]guanbiao media purge --failed-older-than 30[/cyan]

    [cyan]guanbiao media purge --unassigned-older-than 90 --yes[/cyan]
    """
    from backend.media_lines import printed, purged_line, purged_object, total_line

    if lecture_id is None and failed is None and unassigned is None:
        raise typer.BadParameter("name a lecture, --failed-older-than or --unassigned-older-than")
    found = _run(data, lambda _, objects: _purge(objects, lecture_id, failed, unassigned, yes))
    if as_json:
        printed({"removed": yes, "lectures": [purged_object(one) for one in found]})
        return
    for one in found:
        typer.echo(purged_line(one))
    typer.echo(total_line(found, yes))


@media.command()
def sweep(as_json: Json = False, data: Data = _HERE) -> None:
    """Remove from the bucket what no lecture needs, once; workers do so hourly. 清理存储中的残留。

    [cyan]guanbiao media sweep[/cyan]
    """
    import msgspec

    from backend.media_lines import printed, swept_line
    from infra.clock import system_clock
    from infra.queue import WorkerContext
    from media_pipeline.care.sweep import sweep_once

    swept = _run(
        data,
        lambda settings, objects: sweep_once(
            WorkerContext(objects=objects, clock=system_clock, settings=settings)
        ),
    )
    if as_json:
        printed(msgspec.to_builtins(swept))
    else:
        typer.echo(swept_line(swept))


async def _purge(
    objects: "ObjectStore", one: UUID | None, failed: int | None, unassigned: int | None, yes: bool
) -> "list[Purged]":
    from backend.lectures.shown import ever_shown
    from backend.media_lines import now
    from media_pipeline.care import purge as rules

    protected = await ever_shown()
    chosen = [one] if one else []
    if failed is not None:
        before = now() - timedelta(days=failed)
        chosen += await rules.failed_before(before, protected=protected)
    if unassigned is not None:
        before = now() - timedelta(days=unassigned)
        chosen += await rules.unassigned_before(before, protected=protected)
    return [
        await rules.purge(objects, lecture_id, protected=protected, really=yes, now=now())
        for lecture_id in dict.fromkeys(chosen)
    ]


def _run(data: Path, work: "Callable[[Settings, ObjectStore], Awaitable[T]]") -> T:
    from backend.administer import on_database, settings_of
    from infra.objects import ObjectStore

    settings = settings_of(data)
    if not settings.objects_url:
        raise typer.BadParameter("OBJECTS_URL is not set")
    objects = ObjectStore.from_url(settings.objects_url, settings.objects_public_url)
    return on_database(settings, lambda: work(settings, objects))
