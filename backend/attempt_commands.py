"""`guanbiao attempts`: are all marks what their attempts froze?

Work is imported by the command that does it: `--help` is instant.
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

DIFFERENT = 1
_HERE = Path(".guanbiao")

attempts = typer.Typer(
    name="attempts",
    help="""Exams that were taken: marks worked out again, signals of exam days. 考次核算、线索。

    Works on DATABASE_URL, or on the instance that runs from --data.
    """,
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@attempts.callback()
def _attempts() -> None:
    """For the help alone."""


@attempts.command()
def recompute(
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON document on standard output, for scripts.")
    ] = False,
    data: Annotated[
        Path,
        typer.Option("--data", envvar="GUANBIAO_DATA_DIR", help="Folder that holds everything."),
    ] = _HERE,
) -> None:
    """Mark every attempt again from what it froze; changes nothing. 重新核算成绩。

    Exit codes: 0 all marks are identical; 1 those that are not are listed, with the reason.

    [cyan]guanbiao attempts recompute[/cyan]
    """
    import msgspec

    from backend.administer import on_database, settings_of
    from backend.assessment.recompute import recompute as worked_out

    found = on_database(settings_of(data), worked_out)
    if as_json:
        typer.echo(msgspec.json.encode(found))
    else:
        for one in found.differing:
            typer.echo(f"✗ {one.attempt}: {one.why}")
        sign = "✗" if found.differing else "✓"
        typer.echo(
            f"{sign} 考次 {found.attempts}，已评分 {found.marked}，不一致 {len(found.differing)} · "
            f"{found.attempts} attempts, {found.marked} marked, {len(found.differing)} differences"
        )
    raise typer.Exit(DIFFERENT if found.differing else 0)


@attempts.command()
def signals(
    day: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Look at this day, again if need be; China's."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON document on standard output, for scripts.")
    ] = False,
    data: Annotated[
        Path,
        typer.Option("--data", envvar="GUANBIAO_DATA_DIR", help="Folder that holds everything."),
    ] = _HERE,
) -> None:
    """Look through exam days for copying, known items, haste, shared devices. 考试诚信线索。

    Notes with oversight what was not noted before, each with its explanation; decides nothing.
    Without --day: all days of the last two weeks that no worker has looked at.

    [cyan]guanbiao attempts signals --day 2026-11-22[/cyan]
    """
    import msgspec

    from backend.administer import on_database, settings_of
    from backend.assessment.exam_signals.running import look
    from infra.clock import system_clock

    asked = day.date() if day else None
    found = on_database(settings_of(data), lambda: look(system_clock(), asked))
    if as_json:
        typer.echo(msgspec.json.encode(found))
        return
    for one in found:
        typer.echo(
            f"{one.day} {one.edition} {one.exam}: 考次 {one.attempts} attempts · "
            f"比对 {one.pairs} pairs · 新线索 {len(one.noted)} new signals"
        )
        if not one.enough:
            typer.echo("  考次太少，仅核查设备 · too few attempts: only devices were looked at")
        for noted in one.noted:
            typer.echo(f"  {noted.explanation}")
    if not found:
        typer.echo("没有待核查的考试日 · no exam day to look at")


@attempts.command()
def figures(
    data: Annotated[
        Path,
        typer.Option("--data", envvar="GUANBIAO_DATA_DIR", help="Folder that holds everything."),
    ] = _HERE,
) -> None:
    """Work the statistics of exams out now, where enough people have come. 立即更新试题统计。

    A worker does so every quarter of an hour; authors see them at /item-statistics.

    [cyan]guanbiao attempts figures[/cyan]
    """
    from backend.administer import on_database, settings_of
    from backend.assessment.item_reports.working_out import work_out
    from infra.clock import system_clock

    done = on_database(settings_of(data), lambda: work_out(system_clock()))
    for one in done:
        typer.echo(f"✓ {one}")
    if not done:
        typer.echo("没有需要更新的统计 · no exam has enough people more")
