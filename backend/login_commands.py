"""`guanbiao login`: a number or address that has another owner now."""

from pathlib import Path
from typing import Annotated, Literal

import typer

logins = typer.Typer(
    rich_markup_mode="rich",
    name="login",
    help="""Numbers and addresses that people sign in with. 登录方式。

    [cyan]guanbiao login release 13812345678 --reason number-recycled[/cyan]
    """,
    no_args_is_help=True,
)

# Written out here, because importing the area would import what --help must not wait for.
ReleaseReason = Literal["number-recycled", "address-recycled"]


@logins.callback()
def _group() -> None:
    """Keeps `release` a name of its own while it is the only command."""


@logins.command()
def release(
    login: Annotated[str, typer.Argument(help="Phone or e-mail.")],
    reason: Annotated[ReleaseReason, typer.Option(help="Kept in the audit trail.")],
    data: Annotated[
        Path,
        typer.Option("--data", envvar="GUANBIAO_DATA_DIR", help="Folder that holds everything."),
    ] = Path(".guanbiao"),
) -> None:
    """Free a number that its carrier gave to somebody else, of a dormant account. 释放登录方式。

    The account and its records stay its holder's, who loses this login, is told on the others and
    is signed out everywhere. Refused where the account was used in the last 90 days.

    [cyan]guanbiao login release 13812345678 --reason number-recycled[/cyan]
    """
    from backend.administer import release_login

    typer.echo(release_login(login, reason, data))
