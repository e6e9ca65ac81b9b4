"""`guanbiao witness`, which any institution can run, and `guanbiao witness-keys`, the operator's
list of who may hand over cosignatures.

Work is imported by the command that does it: `--help` is instant.
"""

from pathlib import Path
from typing import Annotated

import typer

_HERE = Path(".guanbiao")
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The witness's own folder.")]
Data = Annotated[
    Path,
    typer.Option("--data", envvar="GUANBIAO_DATA_DIR", help="Folder that holds everything."),
]
Json = Annotated[
    bool, typer.Option("--json", help="One JSON document on standard output, for scripts.")
]

witness = typer.Typer(
    name="witness",
    help="""Watch a platform's public log and cosign it (C2SP). 见证公开日志。

    For certification bodies, authorities, anybody: needs nothing but this package and a folder. A
    log that is watched cannot show one story to some and another one to others unseen.
    """,
    no_args_is_help=True,
    rich_markup_mode="rich",
)
witness_keys = typer.Typer(
    name="witness-keys",
    help="""Witnesses whose cosignatures this platform takes and hands out. 登记见证方。

    Works on DATABASE_URL, or on the instance that runs from --data.
    """,
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@witness.command()
def init(
    folder: Folder,
    name: Annotated[
        str, typer.Option(help="Who signs: a host name of yours, like witness.example.org.")
    ],
) -> None:
    """Make a witness: a key of its own in a folder; prints its public half. 创建见证方。

    Send the line to the platform, which registers it, and to those who shall trust you. Keep the
    folder: it remembers what was signed, and only that finds out a history that was rewritten.

    [cyan]guanbiao witness init ./witness --name witness.example.org[/cyan]
    """
    from backend.records.witness.commands import init_command

    raise typer.Exit(init_command(folder, name))


@witness.command()
def run(
    folder: Folder,
    log: Annotated[str, typer.Option(help="The platform's address.")],
    log_key: Annotated[
        str, typer.Option(help="The log's key, `log.key` of its trust.json, got from elsewhere.")
    ],
    every: Annotated[float, typer.Option(min=1, max=86_400, help="Seconds between visits.")] = 60,
    once: Annotated[bool, typer.Option("--once", help="One visit, for cron.")] = False,
) -> None:
    """Visit a log, check that it only grew, cosign it, hand that over. 见证日志。

    Each cosigned checkpoint also lies in DIR/logs/*/cosigned, to be carried by hand.

    Exit codes: 0 signed or nothing new; 2 no witness in DIR, or another process runs it; 3 the log
    is out of reach; 4 signed, but not taken (not registered there, or this clock is wrong); 20 the
    log was rolled back, forked or rewritten: both checkpoints are kept as evidence.

    [cyan]guanbiao witness run ./witness --log https://training.example.org --log-key "$KEY"[/cyan]
    """
    from backend.records.terminal import complain
    from backend.records.verdict.refusal import Refused
    from backend.records.web_address import WebAddress
    from backend.records.witness.commands import run_command

    try:
        address = WebAddress(log)
    except Refused as error:
        complain("witness", error)
        raise typer.Exit(2) from error
    raise typer.Exit(run_command(folder, address, log_key, None if once else every))


@witness_keys.command()
def add(
    vkey: Annotated[str, typer.Argument(help="As `guanbiao witness init` prints it.")],
    data: Data = _HERE,
) -> None:
    """Register a witness; from now on it is named in trust.json. 登记见证方。

    [cyan]guanbiao witness-keys add "witness.example.org+5d1e0f2a+BN…"[/cyan]
    """
    from backend.administer import on_database, settings_of
    from backend.records.cosigning import service
    from infra.clock import system_clock

    made = on_database(settings_of(data), lambda: service.add(vkey, now=system_clock()))
    typer.echo(f"已登记 · registered: {made.vkey}")


@witness_keys.command()
def remove(
    name: Annotated[str, typer.Argument(help="As `guanbiao witness-keys list` names it.")],
    data: Data = _HERE,
) -> None:
    """Take no more cosignatures of a witness, and hand out none. 移除见证方。

    [cyan]guanbiao witness-keys remove witness.example.org[/cyan]
    """
    from backend.administer import on_database, settings_of
    from backend.records.cosigning import service
    from infra.clock import system_clock

    on_database(settings_of(data), lambda: service.remove(name, now=system_clock()))
    typer.echo(f"已移除 · removed: {name}")


@witness_keys.command(name="list")
def list_(as_json: Json = False, data: Data = _HERE) -> None:
    """Registered witnesses, with the last state of the log that each signed. 列出见证方。

    [cyan]guanbiao witness-keys list[/cyan]
    """
    import msgspec

    from backend.administer import on_database, settings_of
    from backend.records.cosigning import service

    found = on_database(settings_of(data), service.standing)
    if as_json:
        typer.echo(msgspec.json.encode(found))
        return
    for one in found:
        last = f"{one.size} · {one.at:%Y-%m-%dT%H:%M:%SZ}" if one.at else "尚未签名 · nothing yet"
        typer.echo(f"{one.vkey}: {last}")
