"""`guanbiao second-factor`: letting an only administrator in again."""

from pathlib import Path
from typing import Annotated, Literal

import typer

second_factor = typer.Typer(
    rich_markup_mode="rich",
    name="second-factor",
    help="Second factors of people. 二次验证。",
    no_args_is_help=True,
)

# Written out here, because importing the area would import what --help must not wait for.
ResetReason = Literal["device-lost", "device-stolen", "device-broken", "codes-lost", "suspicion"]


@second_factor.callback()
def _group() -> None:
    """Keeps `reset` a name of its own while it is the only command."""


@second_factor.command()
def reset(
    login: Annotated[str, typer.Argument(help="Phone or e-mail of somebody who lost theirs.")],
    reason: Annotated[ResetReason, typer.Option(help="Kept in the audit trail.")],
    data: Annotated[
        Path,
        typer.Option("--data", envvar="GUANBIAO_DATA_DIR", help="Folder that holds everything."),
    ] = Path(".guanbiao"),
) -> None:
    """Take away somebody's second factors and end their sessions. 重置二次验证。

    For an only administrator; others are helped by an administrator, over the API.

    [cyan]guanbiao second-factor reset wang@example.org --reason device-lost[/cyan]
    """
    from backend.administer import reset_second_factor

    typer.echo(reset_second_factor(login, reason, data))
