"""`guanbiao items`: bring questions in from other systems, and take them out again.

Work is imported by the command that does it: `--help` is instant.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.assessment.item_reports.schemas import Did
    from backend.assessment.item_usage import ItemUsage
    from courses.exchange.formats import Format as FormatOf
    from courses.exchange.report import Report
    from courses.format import Edition
    from courses.items.item import Item

REFUSED = 2
Json = Annotated[
    bool, typer.Option("--json", help="One JSON document on standard output, for scripts.")
]
Data = Annotated[
    Path,
    typer.Option("--data", envvar="GUANBIAO_DATA_DIR", help="Folder that holds everything."),
]
Format = Annotated[
    str,
    typer.Option("--format", help="gift, moodle, qti, excel, aiken; left out: told by the file."),
]

items = typer.Typer(
    name="items",
    help="""Questions of banks: check, import, export, count, a workbook to fill in. 试题导入导出。

    Every command ends with what became of each element: imported, changed or refused.

    [cyan]guanbiao items import 试题.xlsx --into courses/content/2026.1/M02[/cyan]
    """,
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@items.command()
def check(
    source: Annotated[Path, typer.Argument(help="A file, or a module's folder.", exists=True)],
    form: Format = "",
    as_json: Json = False,
) -> None:
    """What would an import do, or is a bank sound? Writes nothing. 检查试题，不写入。

    Exit code 2: something is refused, or an item of the bank has a fault.

    [cyan]guanbiao items check 试题.xlsx[/cyan]
    """
    from courses.exchange.bank_folder import BankFolder
    from courses.exchange.filing import Place
    from courses.exchange.formats import read
    from courses.exchange.report import Report
    from courses.item_rules import item_problems

    with _clear():
        if source.is_dir():
            report = Report()
            for item in BankFolder(source).items:
                faults = [*item_problems(item)]
                for fault in faults:
                    report.refused(item.id, "item", "试题有误", str(fault))
                report.imported(item.id, "item", not faults)
        else:
            content = source.read_bytes()
            place = Place(module="M", topic="")
            filing = read(content, _format(form, source, content), place)
            report = filing.report
    _say(report, as_json)
    raise typer.Exit(REFUSED if report.refusals else 0)


@items.command("import")
def import_items(
    source: Annotated[Path, typer.Argument(help="The file.", exists=True, dir_okay=False)],
    into: Annotated[Path, typer.Option("--into", help="A module's folder.", exists=True)],
    form: Format = "",
    level: Annotated[str, typer.Option(help="Of questions that say none.")] = "理解",
    partial: Annotated[
        bool, typer.Option("--partial", help="Also when something is refused: take the rest.")
    ] = False,
    append: Annotated[bool, typer.Option("--append", help="Behind the items there are.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="In the place of the items there are.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write a file's questions into a bank; what lacks something comes as a draft. 导入试题。

    Exit code 2: something is refused and --partial was not given, or the bank holds items and
    neither --append nor --overwrite was given. Nothing is written then.

    [cyan]guanbiao items import moodle.gift --into courses/content/2026.1/M02 --append[/cyan]
    """
    from courses.exchange.bank_folder import BankFolder
    from courses.exchange.formats import read
    from courses.exchange.report import Refused
    from courses.items.kinds import Level

    with _clear():
        if level not in {*Level}:
            raise Refused(f"层次应为 {'、'.join(Level)}", f"the level is one of {', '.join(Level)}")
        bank = BankFolder(into)
        if bank.items and append == overwrite:
            zh = "题库已有试题：用 --append 追加，或用 --overwrite 替换"
            raise Refused(zh, "the bank holds items: say --append or --overwrite")
        place = bank.place(Level(level), emptied=overwrite)
        content = source.read_bytes()
        filing = read(content, _format(form, source, content), place)
        writes = bool(filing.items) and (partial or not filing.report.refusals)
        if writes:
            bank.save(filing.items, filing.images, emptied=overwrite)
    _say(filing.report, as_json)
    if not writes:
        typer.echo("未写入 · nothing was written（--partial 可只取其余 takes the rest）", err=True)
        raise typer.Exit(REFUSED)
    if not as_json:
        typer.echo(f"{bank.path}: {len(filing.items)} 题 items")


@items.command("export")
def export_items(
    folder: Annotated[Path, typer.Argument(help="A module's folder.", exists=True)],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")],
    form: Format = "",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="A file that is there.")] = False,
    as_json: Json = False,
) -> None:
    """Write a bank for another system. What its format cannot hold is listed. 导出试题。

    Exit code 2: some items could not be written; the others are in the file.

    [cyan]guanbiao items export courses/content/2026.1/M02 --format gift -o M02.gift[/cyan]
    """
    from courses.exchange.bank_folder import BankFolder
    from courses.exchange.formats import write
    from courses.exchange.report import Refused, Report

    report = Report()
    with _clear():
        if output.exists() and not overwrite:
            raise Refused(f"{output} 已存在，用 --overwrite 替换", f"{output} exists: --overwrite")
        bank = BankFolder(folder)
        content = write(bank.items, bank.images(), _format(form, output), report)
        output.write_bytes(content)
    _say(report, as_json)
    raise typer.Exit(REFUSED if report.refusals else 0)


@items.command()
def stats(
    folder: Annotated[
        Path, typer.Argument(help="A module's folder, or an edition's.", exists=True)
    ],
    as_json: Json = False,
    data: Data = Path(".guanbiao"),
) -> None:
    """What a bank holds, the papers it is enough for, and how items did. 题库统计。

    How often each stood on papers, and the figures that /item-statistics shows, come from the
    database, when one answers.

    [cyan]guanbiao items stats courses/content/2026.1[/cyan]
    """
    import msgspec

    from courses.bank_report import bank_report

    with _clear():
        held, edition = _held(folder)
        report = bank_report(held, edition)
    found = _usage([item.id for item in held], data)
    usage, figures = found or (None, None)
    if as_json:
        document = {"bank": report, "usage": usage, "figures": figures}
        typer.echo(msgspec.json.encode(document))
        return
    for line in report.lines():
        typer.echo(line)
    if usage is None:
        typer.echo("作答情况：没有可用的数据库 · usage: no database answers")
    for one in usage or ():
        said = f"用于 {one.papers} 份试卷 · on {one.papers} papers"
        typer.echo(f"  {one.item} v{one.version}: {said}")
    for did in figures or ():
        typer.echo(f"  {did.line()}")


@items.command()
def template(
    output: Annotated[Path, typer.Option("--output", "-o", help="Where it goes.")] = Path(
        "试题模板.xlsx"
    ),
) -> None:
    """A workbook for authors: headings, lists to choose from, examples. 生成试题录入模板。

    [cyan]guanbiao items template -o 试题模板.xlsx[/cyan]
    """
    from courses.exchange.excel_writing import template as made
    from courses.exchange.report import Refused

    with _clear():
        if output.exists():
            raise Refused(f"{output} 已存在", f"{output} exists: choose another name")
        output.write_bytes(made())
    typer.echo(str(output))


class _clear:
    """Refusals of a whole file as errors that the command line shows in one line."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, trace: object) -> None:
        from courses.exchange.report import Refused
        from courses.problem import ContentUnreadable
        from infra.errors import Invalid

        if isinstance(error, Refused):
            raise Invalid(error.en, zh=error.zh) from error
        if isinstance(error, ContentUnreadable):
            raise Invalid(str(error), zh="题库文件有误：") from error


def _held(folder: Path) -> "tuple[Sequence[Item], Edition | None]":
    """Items of one module, with the edition that its folder stands in; or of an edition."""
    from courses.exchange.bank_folder import BankFolder
    from courses.loader import load_edition

    if (folder / "edition.toml").is_file():
        edition = load_edition(folder)
        return edition.items, edition
    items = BankFolder(folder).items
    around = folder.resolve().parent
    return items, load_edition(around) if (around / "edition.toml").is_file() else None


def _usage(items: "Sequence[str]", data: Path) -> "tuple[list[ItemUsage], list[Did]] | None":
    """None where no database answers."""
    from backend.administer import NoInstance, on_database, settings_of
    from infra.outage import AWAY

    try:
        return on_database(settings_of(data), lambda: _used(items))
    except (NoInstance, *AWAY):
        return None


async def _used(items: "Sequence[str]") -> "tuple[list[ItemUsage], list[Did]]":
    from backend.assessment.item_reports.service import did
    from backend.assessment.item_usage import used

    return await used(items), await did(items)


def _format(said: str, path: Path, content: bytes = b"") -> "FormatOf":
    from courses.exchange.formats import Format, recognised
    from courses.exchange.report import Refused

    if not said:
        return recognised(path.name, content)
    if said not in {*Format}:
        listed = ", ".join(Format)
        raise Refused(f"格式应为 {listed}", f"the format is one of {listed}")
    return Format(said)


def _say(report: "Report", as_json: bool) -> None:
    import msgspec

    if as_json:
        document = {"counts": report.counts, "elements": report.told}
        typer.echo(msgspec.json.encode(document))
        return
    for line in report.lines():
        typer.echo(line)
