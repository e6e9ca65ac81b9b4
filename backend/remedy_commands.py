"""`guanbiao items remedy`: what a faulty item means for marks, before anybody decides."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from backend.assessment.marking.remedies.schemas import Preview, RemedyRequest

_HERE = Path(".guanbiao")


def remedy(
    item: Annotated[str, typer.Argument(help="Code of the item: M02-001.")],
    kind: Annotated[str, typer.Option("--kind", help="void, full-marks or new-key.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept.")],
    version: Annotated[int, typer.Option("--version", min=1, help="Of the item.")] = 1,
    key: Annotated[
        list[str] | None, typer.Option("--key", help="The right option's id; once for each.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON document on standard output, for scripts.")
    ] = False,
    data: Annotated[
        Path,
        typer.Option("--data", envvar="GUANBIAO_DATA_DIR", help="Folder that holds everything."),
    ] = _HERE,
) -> None:
    """Propose what to do about a faulty item, and show what it would do to marks. 试题更正。

    Nothing changes before an administrator decides on the preview:
    POST /v1/item-remedies/{id}/decision with its SHA-256. Nobody gets less than before.

    [cyan]guanbiao items remedy M02-001 --kind full-marks --reason 题干有误[/cyan]
    """
    import msgspec

    from backend.administer import on_database, settings_of
    from backend.assessment.marking.remedies.schemas import RemedyRequest
    from infra.errors import Invalid

    typed = {"itemId": item, "version": version, "kind": kind, "reason": reason, "key": key or None}
    try:
        asked = msgspec.convert(typed, RemedyRequest)
    except msgspec.ValidationError as error:
        raise Invalid(str(error), zh=f"参数有误：{error}") from error
    made, seen = on_database(settings_of(data), lambda: _proposed(asked))
    if as_json:
        typer.echo(msgspec.json.encode({"remedy": made, "preview": seen}))
        return
    for line in _lines(made, seen):
        typer.echo(line)


async def _proposed(asked: "RemedyRequest") -> tuple[str, "Preview"]:
    from backend.assessment.marking.remedies import service
    from infra.clock import system_clock

    made = await service.propose(asked, by=None, now=system_clock())
    return str(made.id), await service.preview(made.id)


def _lines(made: str, seen: "Preview") -> list[str]:
    counts = (
        ("已评分考次 marked attempts", seen.attempts),
        ("成绩调高 raised", seen.raised),
        ("由不及格变及格 pass now", seen.now_pass),
        ("原及格、更正后不及格（保留，交人工处理）would fail, kept, for people", seen.would_fail),
        ("涉及证明 records concerned", seen.records),
    )
    return [
        f"建议 proposal {made}",
        *(f"  {name}: {count}" for name, count in counts),
        *(
            f"  {one.attempt_id}: {one.before:g} → {one.after:g} ({one.mended:g})"
            + "".join(f" {number}" for number in one.records)
            for one in seen.changed
        ),
        f"预览 preview SHA-256 {seen.sha256}",
    ]
