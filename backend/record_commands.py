"""`guanbiao records`: why a record was issued.

Work is imported by the command that does it: `--help` is instant.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from backend.assessment.explaining import Explained

DIFFERENT, GONE = 1, 4
_HERE = Path(".guanbiao")

records = typer.Typer(
    name="records",
    help="""Completion records and what they rest on. 培训证明及其证据。

    Works on DATABASE_URL, or on the instance that runs from --data.
    """,
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@records.callback()
def _records() -> None:
    """Keeps the name of a lone command to be typed."""


@records.command()
def explain(
    number: Annotated[str, typer.Argument(help="Record number, or the code of its page.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON document on standard output, for scripts.")
    ] = False,
    data: Annotated[
        Path,
        typer.Option("--data", envvar="GUANBIAO_DATA_DIR", help="Folder that holds everything."),
    ] = _HERE,
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
