"""`guanbiao vault`: the keys that person data is sealed under, and how a new one takes over.

Work is imported by the command that does it: `--help` is instant.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from infra.resealing import Resealed
    from infra.sealkeys import SealKey
    from infra.settings import Settings

T = TypeVar("T")
Json = Annotated[
    bool, typer.Option("--json", help="One JSON document on standard output, for scripts.")
]
Data = Annotated[
    Path,
    typer.Option("--data", envvar="GUANBIAO_DATA_DIR", help="Folder that holds everything."),
]
Number = Annotated[int, typer.Argument(min=1, max=127, help="The key's number, as `show` says.")]
_HERE = Path(".guanbiao")
_INCOMPLETE = 2

vault = typer.Typer(
    name="vault",
    help="""Keys that person data is sealed under: add, seal anew, retire. 管理封存密钥。

    Works on DATABASE_URL with DATABASE_OWNER_URL and GUANBIAO_KEYS_DIR, or on the instance that
    runs from --data; the API goes on meanwhile.

    [cyan]guanbiao vault add-key[/cyan], [cyan]guanbiao vault reseal[/cyan], and after an hour
    [cyan]guanbiao vault retire-key 1[/cyan]
    """,
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@vault.command()
def show(as_json: Json = False, data: Data = _HERE) -> None:
    """The keys, and how many fields are sealed under each. 查看密钥及其封存的字段数。

    Compare fingerprints between machines: they must hold the same keys.

    [cyan]guanbiao vault show[/cyan]
    """
    from backend.media_lines import printed
    from infra.resealing import sealed_under
    from infra.sealkeys import keys_in

    settings, counts = _run(data, lambda _: sealed_under())
    keys = {key.number: key for key in keys_in(settings.keys)}
    lines: list[dict[str, object]] = [
        {
            "number": number,
            "state": keys[number].state if number in keys else "missing",
            "fingerprint": keys[number].fingerprint if number in keys else "",
            "fields": counts.get(number, 0),
        }
        for number in sorted({*keys, *counts})
    ]
    if as_json:
        printed(lines)
        return
    for line in lines:
        typer.echo("{number:>3}  {state:<8} {fingerprint:<16}  字段 fields {fields}".format(**line))


@vault.command("add-key")
def add_key(
    coming: Annotated[
        bool,
        typer.Option("--coming", help="Opens only, until `use-key`: for several machines."),
    ] = False,
    data: Data = _HERE,
) -> None:
    """A new key; running processes seal under it at once. 新增密钥，立即用于封存。

    With several machines: --coming, copy the file to each, `use-key` on each.

    [cyan]guanbiao vault add-key --coming[/cyan]
    """
    from infra.sealkeys import add_key

    settings, key = _run(data, lambda s: _audited("seal-key-added", add_key(s.keys, coming=coming)))
    typer.echo(f"已新增 {key.number} 号密钥 · key {key.number} ({key.state}): {key.path.name}")
    typer.echo(f"请立即备份密钥文件夹 · back up {settings.keys} now: without it nothing opens")


@vault.command("use-key")
def use_key(number: Number, data: Data = _HERE) -> None:
    """A coming key begins to seal, on this machine. 启用待用密钥。

    [cyan]guanbiao vault use-key 2[/cyan]
    """
    from infra.sealkeys import SealKey, change_state, file_name

    async def use(settings: "Settings") -> None:
        change_state(settings.keys, number, "coming", "key")
        path = settings.keys / file_name(number)
        await _audited("seal-key-used", SealKey(number, "open", path))

    _run(data, use)
    typer.echo(f"{number} 号密钥已启用 · key {number} seals from now on")


@vault.command()
def reseal(
    batch: Annotated[int, typer.Option(min=1, max=10_000, help="Rows a transaction.")] = 500,
    bind: Annotated[
        bool,
        typer.Option("--bind", help="Fields that an older version wrote since the upgrade, too."),
    ] = False,
    as_json: Json = False,
    data: Data = _HERE,
) -> None:
    """Seal every field anew under the newest key. 用最新密钥重新封存全部字段。

    Ctrl-C does no harm: the next run goes on. Exit code 2: some fields no key opens in their
    place; they are listed and left as they are. Only where a process of an older version ran on
    after the upgrade, --bind: it trusts that such fields stand where they were written.

    [cyan]guanbiao vault reseal[/cyan]
    """
    from backend.media_lines import printed

    settings, done = _run(data, lambda s: _resealed(s, batch, bind=bind))
    del settings
    if as_json:
        printed(done)
    else:
        for one in done:
            typer.echo(f"{one.table}.{one.column}: {one.resealed}")
            for key in one.unreadable:
                typer.echo(f"  无法打开 · unreadable: {key}", err=True)
    if any(one.unreadable for one in done):
        raise typer.Exit(_INCOMPLETE)


@vault.command("retire-key")
def retire_key(number: Number, data: Data = _HERE) -> None:
    """Put an old key away, once nothing is sealed under it. 停用旧密钥。

    Its file stays as .retired for old backups' sake; destroy it when the last of them is gone.

    [cyan]guanbiao vault retire-key 1[/cyan]
    """
    from infra.clock import system_clock
    from infra.resealing import retire
    from infra.sealkeys import SealKey, file_name

    async def put_away(settings: "Settings") -> None:
        await retire(settings.keys, number, now=system_clock())
        path = settings.keys / file_name(number, "retired")
        await _audited("seal-key-retired", SealKey(number, "retired", path))

    _run(data, put_away)
    typer.echo(f"{number} 号密钥已停用 · key {number} is retired")


async def _resealed(settings: "Settings", batch: int, *, bind: bool) -> "list[Resealed]":
    from infra.audit import record_act
    from infra.clock import system_clock
    from infra.database import UnitOfWork
    from infra.engine import DB
    from infra.resealing import reseal
    from infra.vault import Vault

    vault = Vault.of(settings.keys)
    done = await reseal(vault, batch=batch, bind=bind)
    async with UnitOfWork(DB):
        await record_act(
            "fields-resealed",
            actor=None,
            subject=f"seal-key:{vault.newest_key()}",
            now=system_clock(),
            details={"fields": sum(one.resealed for one in done), "bound": bind},
        )
    return done


async def _audited(act: str, key: "SealKey") -> "SealKey":
    from infra.audit import record_act
    from infra.clock import system_clock
    from infra.database import UnitOfWork
    from infra.engine import DB

    async with UnitOfWork(DB):
        await record_act(
            act,
            actor=None,
            subject=f"seal-key:{key.number}",
            now=system_clock(),
            details={"fingerprint": key.fingerprint},
        )
    return key


def _run(data: Path, work: "Callable[[Settings], Awaitable[T]]") -> "tuple[Settings, T]":
    """As the owner of the tables: completion records are append-only for everybody else."""
    from backend.administer import on_database, owners_settings_of

    settings = owners_settings_of(data)
    return settings, on_database(settings, lambda: work(settings))
