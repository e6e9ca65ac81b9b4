"""`guanbiao attempts`: are all marks what their attempts froze?

Work is imported by the command that does it: `--help` is instant.
"""

from pathlib import Path
from typing import Annotated

import typer

DIFFERENT = 1
_HERE = Path(".guanbiao")

attempts = typer.Typer(
    name="attempts",
    help="""Exams that were taken: work their marks out again. 考次核算。

    Works on DATABASE_URL, or on the instance that runs from --data.
    """,
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@attempts.callback()
def _attempts() -> None:
    """Keeps the name of a lone command to be typed."""


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
