"""`guanbiao audit` and `guanbiao privacy`: the trail of privileged acts, and what is kept how long.

Work is imported by the command that does it: `--help` is instant.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar
from uuid import UUID

import typer

if TYPE_CHECKING:
    from infra.audit_chain import Verified
    from infra.tables import AuditEntry

T = TypeVar("T")
BROKEN = 1
Json = Annotated[
    bool, typer.Option("--json", help="One JSON document on standard output, for scripts.")
]
Data = Annotated[
    Path,
    typer.Option("--data", envvar="GUANBIAO_DATA_DIR", help="Folder that holds everything."),
]
_HERE = Path(".guanbiao")

audit = typer.Typer(
    name="audit",
    help="""The trail of privileged acts: is it whole, what does it say. 特权操作审计。

    Works on DATABASE_URL, or on the instance that runs from --data.
    """,
    no_args_is_help=True,
    rich_markup_mode="rich",
)
privacy = typer.Typer(
    name="privacy",
    help="""Person data: what is kept, and how long. 个人信息的保存期限。

    Works on DATABASE_URL, or on the instance that runs from --data.
    """,
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@audit.command()
def verify(as_json: Json = False, data: Data = _HERE) -> None:
    """Walk the whole chain, and hold it against what the public log was told. 核验审计链。

    Exit codes: 0 whole; 1 the first entry that is not as it was written is named.

    [cyan]guanbiao audit verify[/cyan]
    """
    import msgspec

    found = _run(data, _verified)
    if as_json:
        typer.echo(msgspec.json.encode(found))
    else:
        typer.echo(_verified_line(found))
    raise typer.Exit(BROKEN if found.broken else 0)


@audit.command()
def head(as_json: Json = False, data: Data = _HERE) -> None:
    """Number and hash of the last entry, to be noted outside of this machine. 审计链末端。

    [cyan]guanbiao audit head[/cyan]
    """
    import msgspec

    from infra import audit_chain

    found = _run(data, audit_chain.head)
    if as_json:
        typer.echo(msgspec.json.encode(found))
    else:
        typer.echo(f"{found.number} {found.sha256}" if found else "没有记录 · no entries")


@audit.command()
def show(
    subject: Annotated[str | None, typer.Option(help="Such as person:ID or record:ID.")] = None,
    actor: Annotated[UUID | None, typer.Option(help="Who did it.")] = None,
    since: Annotated[datetime | None, typer.Option(help="UTC, like 2026-11-22.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 100,
    as_json: Json = False,
    data: Data = _HERE,
) -> None:
    """Privileged acts, newest first. 列出特权操作。

    [cyan]guanbiao audit show --since 2026-11-01[/cyan]
    """
    from datetime import UTC

    import msgspec

    from infra import audit_chain

    moment = since.replace(tzinfo=UTC) if since else None
    found = _run(
        data,
        lambda: audit_chain.entries(subject=subject, actor=actor, since=moment, limit=limit),
    )
    if as_json:
        typer.echo(msgspec.json.encode([msgspec.Raw(entry.body.encode()) for entry in found]))
        return
    for entry in found:
        typer.echo(_line(entry))


@privacy.command()
def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: Json = False,
    data: Data = _HERE,
) -> None:
    """Remove what is past its time; a worker does it hourly by itself. 清理到期数据。

    [cyan]guanbiao privacy retention --dry-run[/cyan]
    """
    import msgspec

    from backend.administer import on_database, settings_of
    from backend.privacy.retention import apply
    from infra.clock import system_clock

    settings = settings_of(data)
    days = settings.complaint_contact_days
    found = on_database(
        settings,
        lambda: apply(now=system_clock(), dry_run=dry_run, complaint_contact_days=days),
    )
    if as_json:
        typer.echo(msgspec.json.encode({"dryRun": dry_run, "kinds": found}))
        return
    for one in found:
        typer.echo(f"{one.kind}: {one.rows} ({one.days} d) — {one.why}")


async def _verified() -> "Verified":
    from backend.records.service import logged_audit_heads
    from infra import audit_chain

    return await audit_chain.verify(await logged_audit_heads())


def _verified_line(found: "Verified") -> str:
    if found.broken:
        return (
            f"✗ 审计链在第 {found.broken.number} 条中断 · broken at entry {found.broken.number}:"
            f" {found.broken.why}"
        )
    told = f"公开日志印证 {found.anchors} 处 · {found.anchors} places told in public"
    return f"✓ 审计链完整 · the trail is whole: {found.entries}；{told}"


def _line(entry: "AuditEntry") -> str:
    import json

    details = json.loads(entry.body)["details"]
    said = " ".join(f"{name}={value}" for name, value in details.items())
    who = entry.actor or "terminal"
    return f"{entry.number} {entry.at:%Y-%m-%dT%H:%M:%SZ} {entry.act} {entry.subject} {who} {said}"


def _run(data: Path, work: Callable[[], Awaitable[T]]) -> T:
    from backend.administer import on_database, settings_of

    return on_database(settings_of(data), work)
