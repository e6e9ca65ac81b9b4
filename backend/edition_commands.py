"""`guanbiao edition`: hand in a new edition, and see what it would change.

Work is imported by the command that does it: `--help` is instant.
"""

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[
    bool, typer.Option("--json", help="One JSON document on standard output, for scripts.")
]
Data = Annotated[
    Path,
    typer.Option("--data", envvar="GUANBIAO_DATA_DIR", help="Folder that holds everything."),
]
_HERE = Path(".guanbiao")
_STATES = {
    "handed-in": "草稿 draft",
    "proposed": "待决定 proposed, waits for a decision",
    "refused": "已退回 refused",
    "published": "已发布 published",
    "code-taken": "代码已被占用 another content has this code",
}

edition = typer.Typer(
    name="edition",
    help="""Editions of the curriculum: hand in, compare, see who is concerned. 课程版次。

    Putting one into use takes two people who are signed in: an author proposes, a reviewer decides.

    [cyan]guanbiao edition hand-in courses/content/2026.2[/cyan]
    """,
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@edition.command("hand-in")
def hand_in(
    folder: Annotated[Path, typer.Argument(help="The edition's files.", exists=True)],
    as_json: Json = False,
    data: Data = _HERE,
) -> None:
    """Check an edition and keep it as a draft, to be released. 提交新版次，等待发布。

    Exit code 2: it has faults; each is listed with its place.

    [cyan]guanbiao edition hand-in courses/content/2026.2[/cyan]
    """
    import msgspec

    from backend.administer import on_database, settings_of
    from backend.curriculum import releasing
    from infra.clock import system_clock
    from infra.objects import ObjectStore

    settings = settings_of(data)
    objects = ObjectStore.from_url(settings.objects_url)
    done = on_database(settings, lambda: releasing.hand_in(folder, objects, system_clock()))
    if as_json:
        typer.echo(msgspec.json.encode(done))
        return
    state = "已在使用 · in use" if done.published else "等待发布 · waits to be released"
    typer.echo(f"课程版次 edition {done.code}（{state}）: sha256 {done.sha256}")


@edition.command()
def check(
    folder: Annotated[Path, typer.Argument(help="The edition's files.", exists=True)],
    programme: Annotated[
        list[str] | None,
        typer.Option(help="Name each cell its exam lacks, also while it is written; repeatable."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Is an edition fit to be handed in, and can its exams be held? 检查版次内容与题库。

    Needs no database and changes nothing. Exit code 2: it has faults; each is listed.

    [cyan]guanbiao edition check courses/content/2026.1 --programme TECH[/cyan]
    """
    import msgspec

    from courses.checker import check as faults_of
    from courses.exam_report import papers_of
    from courses.loader import load_edition
    from courses.problem import ContentUnreadable

    try:
        found = load_edition(folder)
        faults = [str(fault) for fault in faults_of(found)]
        papers = [papers_of(found, one) for one in found.programmes]
    except ContentUnreadable as error:
        faults, papers = [str(fault) for fault in error.problems], []
    if as_json:
        typer.echo(msgspec.json.encode({"problems": faults, "programmes": papers}))
    else:
        for line in faults or ["内容没有问题 · no problems"]:
            typer.echo(line)
        for one in papers:
            lines = list(one.lines())
            typer.echo("\n".join(lines if one.programme in (programme or []) else lines[:1]))
    raise typer.Exit(2 if faults else 0)


@edition.command("list")
def list_editions(as_json: Json = False, data: Data = _HERE) -> None:
    """Published editions, and drafts with what became of them. 列出版次及其状态。

    [cyan]guanbiao edition list[/cyan]
    """
    import msgspec

    from backend.administer import on_database, settings_of
    from backend.curriculum import releasing

    found = on_database(settings_of(data), releasing.standing)
    if as_json:
        typer.echo(msgspec.json.encode(found))
        return
    for step in found.published:
        until = f"，旧版次可学至 {step.finish_until}" if step.finish_until else ""
        typer.echo(f"{step.code}  {_STATES['published']}  {step.sha256[:16]}{until}")
    for draft in found.drafts:
        typer.echo(f"{draft.code}  {_STATES[draft.state]}  {draft.sha256[:16]}")


@edition.command()
def preview(
    code: Annotated[str, typer.Argument(help="Of an edition that was handed in: 2026.2")],
    editorial: Annotated[
        list[str] | None,
        typer.Option(help="A lesson whose change leaves what is learned as it was; repeatable."),
    ] = None,
    as_json: Json = False,
    data: Data = _HERE,
) -> None:
    """Whom a new edition would concern: who keeps everything, who learns again. 预览新版次的影响。

    Changes nothing. People are counted by the rules that move them later.

    [cyan]guanbiao edition preview 2026.2[/cyan]
    """
    import msgspec

    from backend.administer import on_database, settings_of
    from backend.curriculum import service
    from backend.progress.editions.preview import preview as count
    from backend.progress.editions.schemas import EditionPreview
    from infra.clock import system_clock

    async def work() -> EditionPreview:
        return await count(await service.draft(code), editorial or None, now=system_clock())

    found = on_database(settings_of(data), work)
    if as_json:
        typer.echo(msgspec.json.encode(found))
        return
    changes = "，".join(f"{change} {number}" for change, number in found.lessons.items())
    typer.echo(f"{found.instead_of} → {found.edition}  小节 lessons: {changes}")
    for one in found.programmes:
        typer.echo(
            f"{one.programme}: {one.people} 人 people"
            f" · 已学完 finished {one.finished} · 全部保留 keep everything {one.keep_everything}"
            f" · 需重学 learn again {one.learn_again} · 未开始 not begun {one.not_begun}"
        )
        if one.gone:
            typer.echo("  新版次没有此方案，可按原版次学完 · gone; they may finish where they are")
        elif not one.open:
            typer.echo(
                "  新版次中尚未开放，开放前不转入 · not open yet; nobody is moved until it is"
            )
            if one.why_not_open:
                typer.echo(f"  {one.why_not_open.zh} · {one.why_not_open.en}")
    if (waits := found.proposal) is not None:
        of = "" if waits.this else f"（{waits.edition}，另一份内容 another content）"
        named = f"，编辑性更正 editorial {'、'.join(waits.editorial)}" if waits.editorial else ""
        typer.echo(
            f"待决定的提议 proposal that waits{of}: 版次 edition {waits.instead_of}"
            f" 可学至 may be finished until {waits.finish_until}{named}"
        )
    if not found.programmes:
        typer.echo("没有人在学 · nobody is under way")


@edition.command()
def hours(
    code: Annotated[
        str, typer.Argument(help="Published or handed in: 2026.2. Left out: the one in use.")
    ] = "",
    as_json: Json = False,
    data: Data = _HERE,
) -> None:
    """Are its lessons worth its hours, and if not, which are too short? 核对版次的学时。

    With the lectures that are there now. A programme whose hours do not come together stays closed.

    [cyan]guanbiao edition hours 2026.2[/cyan]
    """
    import msgspec

    from backend.administer import on_database, settings_of
    from backend.curriculum import edition_hours, service
    from backend.curriculum.hours_schemas import EditionHours
    from courses import hours_report

    async def work() -> tuple[EditionHours, list[str]]:
        found = await (service.edition_or_draft(code) if code else service.current_edition())
        seconds = await edition_hours.lecture_seconds(found, found.programmes)
        lines = hours_report.lines(found, seconds[False], seconds[True])
        return await edition_hours.edition_hours(found), list(lines)

    answer, lines = on_database(settings_of(data), work)
    if as_json:
        typer.echo(msgspec.json.encode(answer))
        return
    typer.echo(f"课程版次 edition {answer.edition}")
    for line in lines:
        typer.echo(line)
    for one in answer.programmes:
        state = "已开放 open"
        if one.why_not_open:
            state = f"未开放 closed: {one.why_not_open.zh} · {one.why_not_open.en}"
        typer.echo(f"{one.programme}: {state}")
