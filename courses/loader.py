"""From a folder of authors' files to an `Edition`, or to every problem in them at once.

2026.1/edition.toml, programmes.toml, exams.toml
2026.1/M02/module.toml      titles, objective, lessons
2026.1/M02/M02-L01.md       text of a lesson (absent until written)
2026.1/M02/M02-L01.toml     its check questions
2026.1/M02/bank.toml        items of the module
"""

import hashlib
from pathlib import Path
from typing import Any

import msgspec

from courses.authored import Authored, Report
from courses.bank_files import items_of, spelled_out
from courses.format import (
    Blueprint,
    CheckQuestion,
    Edition,
    Exam,
    Figure,
    Item,
    Lesson,
    Module,
    Programme,
)
from courses.items.item import flattened, gathered
from courses.problem import ContentUnreadable

Table = dict[str, Any]


def canonical(edition: Edition) -> bytes:
    """One byte string per content: sorted keys, UTF-8, nothing of the machine it was read on.
    Items are written flat, as they were before there were so many kinds."""
    fields = msgspec.to_builtins(edition, order="deterministic")
    items = [flattened(item) for item in fields["items"]]
    return msgspec.json.encode({**fields, "items": items})


def sha256_of(edition: Edition) -> str:
    return hashlib.sha256(canonical(edition)).hexdigest()


def from_canonical(content: bytes) -> Edition:
    fields = msgspec.json.decode(content)
    items = [gathered(item) for item in fields["items"]]
    return msgspec.convert({**fields, "items": items}, Edition)


def load_edition(folder: Path) -> Edition:
    """Raises ContentUnreadable with all problems; `courses.checker` then judges the content."""
    report = Report(folder)
    head = report.read(folder / "edition.toml")
    programmes = report.read(folder / "programmes.toml")
    exams = report.read(folder / "exams.toml")
    modules = [report.read(path) for path in sorted(folder.glob("*/module.toml"))]
    edition = head.build(
        Edition,
        head.table,
        figures=head.build_each(Figure, "figures"),
        programmes=programmes.build_each(Programme, "programmes"),
        exams=exams.build_each(Exam, "exams"),
        blueprints=exams.build_each(Blueprint, "blueprints"),
        modules=[module for file in modules if (module := _module(report, file))],
        items=[item for file in modules for item in _bank(report, file)],
    )
    if report.problems or edition is None:
        raise ContentUnreadable(report.problems)
    return edition


def _module(report: Report, file: Authored) -> Module | None:
    folder = file.path.parent
    code = file.table.get("code", folder.name)
    if code != folder.name:
        report.add(file.where("code"), f"module {code} is in folder {folder.name}", "rename one")
    lessons = [
        lesson
        for at, table in enumerate(file.each("lessons"))
        if (lesson := _lesson(report, file, table, at))
    ]
    _refuse_strays(report, folder, {str(table.get("code")) for table in file.each("lessons")})
    return file.build(Module, file.table, lessons=lessons)


def _lesson(report: Report, file: Authored, table: Table, at: int) -> Lesson | None:
    folder, code = file.path.parent, str(table.get("code", ""))
    known: Table = {"module": folder.name}
    if "standard" not in table:
        known["standard"] = file.table.get("standard")
    if (folder / f"{code}.md").exists():
        known["text"] = report.text(folder / f"{code}.md").strip()
    if (folder / f"{code}.toml").exists():
        questions = report.read(folder / f"{code}.toml")
        known["check_questions"] = _questions(questions)
    return file.build(Lesson, table, header="lessons", nth=at, **known)


def _bank(report: Report, module: Authored) -> list[Item]:
    path = module.path.parent / "bank.toml"
    return items_of(report.read(path), module.table) if path.exists() else []


def _questions(file: Authored) -> list[CheckQuestion]:
    built = (
        file.build(CheckQuestion, spelled_out(table), header="questions", nth=at)
        for at, table in enumerate(file.each("questions"))
    )
    return [question for question in built if question is not None]


def _refuse_strays(report: Report, folder: Path, lessons: set[str]) -> None:
    """A file whose lesson is not listed would silently teach nobody."""
    allowed = {"module", "bank", *lessons}
    for path in sorted(folder.iterdir()):
        if path.suffix in {".md", ".toml"} and path.stem not in allowed:
            cure = f"list {path.stem} in {folder.name}/module.toml, or rename the file"
            report.add(report.name(path), "no lesson of the module has this code", cure)
