"""`guanbiao keys`: the keys that sign records and status lists, each step told in the public log.

Work is imported by the command that does it: `--help` is instant.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

if TYPE_CHECKING:
    from backend.records.keyring import Keyring
    from backend.records.keys.domain import KnownKey

T = TypeVar("T")
Purpose = Literal["record", "status"]
Json = Annotated[
    bool, typer.Option("--json", help="One JSON document on standard output, for scripts.")
]
Data = Annotated[
    Path,
    typer.Option("--data", envvar="GUANBIAO_DATA_DIR", help="Folder that holds everything."),
]
Thumbprint = Annotated[
    str,
    typer.Argument(
        metavar="KEY", help="As `guanbiao keys list` names it.", parser=lambda t: t.split("/")[-1]
    ),
]
Reason = Annotated[str, typer.Option("--reason", help="Kept; its hash goes into the public log.")]
_HERE = Path(".guanbiao")

keys = typer.Typer(
    name="keys",
    help="""Keys that sign records and status lists: rotate, retire, compromise. 签名密钥。

    Works on DATABASE_URL, or on the instance that runs from --data, and on its folder of keys.
    """,
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@keys.command(name="list")
def list_(as_json: Json = False, data: Data = _HERE) -> None:
    """Every key ever announced, with what became of it. 列出全部密钥及状态。

    [cyan]guanbiao keys list[/cyan]
    """
    import msgspec

    from backend.records.keys.service import listed
    from infra.clock import system_clock

    found = _run(data, lambda _: listed())
    if as_json:
        typer.echo(msgspec.json.encode(found))
        return
    for key in found:
        typer.echo(_line(key, system_clock()))


@keys.command()
def rotate(
    purpose: Annotated[Purpose, typer.Argument(help="Which key.")],
    at_once: Annotated[
        bool, typer.Option("--at-once", help="Do not wait until caches know the new key.")
    ] = False,
    demonstration: Annotated[
        bool, typer.Option("--demonstration", help="Of the demonstration issuer.")
    ] = False,
    data: Data = _HERE,
) -> None:
    """Make and announce a new key; it signs ten minutes later. 轮换密钥，十分钟后启用。

    The old one signs until then and goes on verifying for good. Every process must see the same
    folder of keys. The log's own key is never changed: who follows the log knows it by that key.

    [cyan]guanbiao keys rotate record[/cyan]
    """
    from backend.records.keys import service
    from infra.clock import system_clock

    def work(keyring: "Keyring") -> Awaitable["KnownKey"]:
        return service.rotate(
            keyring, purpose, demonstration=demonstration, at_once=at_once, now=system_clock()
        )

    typer.echo(_line(_run(data, work), system_clock()))


@keys.command()
def retire(thumbprint: Thumbprint, reason: Reason, data: Data = _HERE) -> None:
    """Let a key sign no more; all it signed stays good. 停用密钥，已签证明仍有效。

    [cyan]guanbiao keys retire https://example.org/keys/8maX --reason "rotation"[/cyan]
    """
    from backend.records.keys import service
    from infra.clock import system_clock

    _run(data, lambda ring: service.retire(ring, thumbprint, reason=reason, now=system_clock()))
    typer.echo(f"已停用，已签证明仍有效 · retired, what it signed stays good: {thumbprint}")


@keys.command()
def compromise(
    thumbprint: Thumbprint,
    reason: Reason,
    at_index: Annotated[
        int | None,
        typer.Option(min=0, help="First entry of the log that counts no more; default: from now."),
    ] = None,
    data: Data = _HERE,
) -> None:
    """Say in public that a key was stolen. 宣告密钥泄露：日志该处之前的证明仍有效。

    Records logged before that place stay good, whatever came later counts no more. Where no other
    key is left a new one signs at once, and status lists are signed anew within a second.

    [cyan]guanbiao keys compromise https://example.org/keys/8maX --reason "disk lost"[/cyan]
    """
    from backend.records.keys import service
    from infra.clock import system_clock

    def work(keyring: "Keyring") -> Awaitable["KnownKey | None"]:
        return service.compromise(
            keyring, thumbprint, reason=reason, at_index=at_index, now=system_clock()
        )

    made = _run(data, work)
    typer.echo(f"已宣告泄露 · declared compromised: {thumbprint}")
    if made:
        typer.echo(_line(made, system_clock()))


def _line(key: "KnownKey", now: datetime) -> str:
    mark = " [演示 DEMONSTRATION]" if key.demonstration else ""
    return f"{key.kid} {key.purpose}{mark}: {_state(key, now)}"


def _state(key: "KnownKey", now: datetime) -> str:
    if key.compromised_at:
        return f"已泄露 · compromised from entry {key.compromised_at_index}"
    if key.retired_at:
        return f"已停用 · retired {key.retired_at:%Y-%m-%dT%H:%M:%SZ}"
    if key.begins > now:
        return f"待启用 · signs from {key.begins:%Y-%m-%dT%H:%M:%SZ}"
    return f"在用 · in use since {key.begins:%Y-%m-%dT%H:%M:%SZ}"


def _run(data: Path, work: Callable[["Keyring"], Awaitable[T]]) -> T:
    """Demonstration keys may be named: whether there are any is for what was announced to say."""
    from backend.administer import on_database, settings_of
    from backend.records.keyring import Keyring

    settings = settings_of(data)
    keyring = Keyring(settings.keys, True, settings.record_algorithm)
    return on_database(settings, lambda: work(keyring))
