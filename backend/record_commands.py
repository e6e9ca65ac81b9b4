"""`guanbiao records`: why a record was issued, and which could not be.

Work is imported by the command that does it: `--help` is instant.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

if TYPE_CHECKING:
    from backend.assessment.explaining import Explained

DIFFERENT, GONE = 1, 4
_HERE = Path(".guanbiao")
Json = Annotated[
    bool, typer.Option("--json", help="One JSON document on standard output, for scripts.")
]
Data = Annotated[
    Path,
    typer.Option("--data", envvar="GUANBIAO_DATA_DIR", help="Folder that holds everything."),
]

records = typer.Typer(
    name="records",
    help="""Completion records and what they rest on. 培训证明及其证据。

    Works on DATABASE_URL, or on the instance that runs from --data.
    """,
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@records.command()
def explain(
    number: Annotated[str, typer.Argument(help="Record number, or the code of its page.")],
    as_json: Json = False,
    data: Data = _HERE,
) -> None:
    """Work the evidence of a record out again, from the rows. 由数据行重算证明的证据。

    Hours row by row, presence checks, attempts with papers and scores, rules, edition: each part
    is held against the manifest whose hash the record carries. Writes nothing.

    Exit codes: 0 all parts agree; 1 those that differ are named; 2 no such record; 4 the rows are
    gone (erased, or older than this evidence), so that only the manifest could be checked.

    [cyan]guanbiao records explain GB-2026-7K2M-9Q4T-A[/cyan]
    """
    import msgspec

    from backend.administer import on_database, settings_of
    from backend.assessment.explaining import explain as explained

    found = on_database(settings_of(data), lambda: explained(number))
    typer.echo(msgspec.json.encode(found) if as_json else told(found))
    raise typer.Exit(GONE if found.gone else 0 if found.agrees else DIFFERENT)


@records.command()
def aside(as_json: Json = False, data: Data = _HERE) -> None:
    """Records that could not be signed as they are, with the reason. 列出搁置待查的证明。

    The check before signing found something, such as a name that is a program's "undefined". Put
    right what it was, then: guanbiao records retry ID

    [cyan]guanbiao records aside[/cyan]
    """
    import msgspec

    from backend.administer import on_database, settings_of
    from backend.records.aside import put_aside

    found = on_database(settings_of(data), put_aside)
    if as_json:
        typer.echo(msgspec.json.encode(found))
        return
    for one in found:
        mark = " [演示 DEMONSTRATION]" if one.demonstration else ""
        since = f"{one.requested_at:%Y-%m-%dT%H:%M:%SZ}"
        typer.echo(f"{one.id} {one.programme} {one.edition}{mark} {since}: {one.reason}")
    if not found:
        typer.echo("✓ 没有搁置的证明 · none is put aside")


@records.command()
def retry(
    due_id: Annotated[
        UUID, typer.Argument(metavar="ID", help="As `guanbiao records aside` names it.")
    ],
    data: Data = _HERE,
) -> None:
    """Have a record that was put aside checked and signed again. 重新签发搁置的证明。

    It is checked as before: nobody is passed by hand.

    [cyan]guanbiao records retry 0198c5e2-7f3a-7c11-9a55-2f6b1c0d9e44[/cyan]
    """
    from backend.administer import on_database, settings_of
    from backend.records.aside import try_again
    from infra.clock import system_clock

    on_database(settings_of(data), lambda: try_again(due_id, now=system_clock()))
    typer.echo(f"已重新排队 · queued again: {due_id}")


@records.command()
def correct_clock(
    reason: Annotated[str, typer.Option(help="Kept; its hash goes into the public log.")],
    data: Data = _HERE,
) -> None:
    """Say in public that a clock was ahead, so that the log goes on. 公开更正时钟。

    For when the log stands still, because its newest entries are dated later than now. Set the
    clocks of all machines right first. Whoever audits the log is told which times are in doubt.

    [cyan]guanbiao records correct-clock --reason "api-2 ran a day ahead from 3 to 5 March"[/cyan]
    """
    from backend.administer import on_database, settings_of
    from backend.records.correcting_clock import correct_clock as corrected
    from infra.clock import system_clock

    first = on_database(settings_of(data), lambda: corrected(reason, now=system_clock()))
    typer.echo(
        f"已公开更正：自条目 {first} 起至更正条目为止，所载时间存疑 ·"
        f" corrected in public: from entry {first} up to the correction, times are in doubt"
    )


def told(found: "Explained") -> str:
    lines = [f"{found.number}"]
    for part in found.parts:
        line = f"  {'✓' if part.agrees else '✗'} {part.title.zh} · {part.title.en}"
        if not part.agrees:
            line += (
                f" ({part.name})\n      冻结 frozen: {part.frozen}\n      重算 found:  {part.found}"
            )
        if line not in lines:  # facts without a title of their own: one line while they agree
            lines.append(line)
    return "\n".join([*lines, _sum(found)])


def _sum(found: "Explained") -> str:
    if found.gone:
        return "! 数据行已不存在，无法重算 · the rows are gone: nothing to work out again"
    differing = sum(not part.agrees for part in found.parts)
    if differing:
        return f"✗ 不一致 {differing} 处 · {differing} parts differ"
    return "✓ 与证明一致 · the rows give the evidence that the record is about"
