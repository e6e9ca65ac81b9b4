"""Authors' TOML read field by field, so that one reading names every fault, with its line."""

import difflib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from courses.problem import Problem

Table = dict[str, Any]
T = TypeVar("T", bound=msgspec.Struct)


class Report:
    """Gathers the problems of one folder; paths in them are relative to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []

    def add(self, where: str, what: str, cure: str) -> None:
        self.problems.append(Problem(where, what, cure))

    def name(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()

    def text(self, path: Path) -> str:
        """The file with `\\n` line ends and without a byte-order mark, as every machine sees it."""
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except FileNotFoundError:
            self.add(self.name(path), "the file is missing", "add it to the edition's folder")
            return ""
        except UnicodeDecodeError:
            self.add(self.name(path), "the file is not UTF-8", "save it with encoding UTF-8")
            return ""
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def read(self, path: Path) -> "Authored":
        text = self.text(path)
        try:
            return Authored(self, path, text, tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            cure = "check that line for a missing quote, bracket or equals sign, or a repeated key"
            self.add(self.name(path), str(error), cure)
            return Authored(self, path, text, {}, broken=True)


class Authored:
    """One TOML file, its tables and the way back to its lines."""

    def __init__(
        self, report: Report, path: Path, text: str, table: Table, *, broken: bool = False
    ) -> None:
        self.report, self.path, self.table = report, path, table
        self.broken = broken or not text
        self._lines = text.split("\n")

    def where(self, key: str, header: str = "", nth: int = 0) -> str:
        line = self._line(key, header, nth)
        return f"{self.report.name(self.path)}, line {line}, `{key}`"

    def each(self, header: str) -> list[Table]:
        """The tables written under `[[header]]`."""
        tables = self.table.get(header, [])
        if isinstance(tables, list) and all(isinstance(table, dict) for table in tables):
            return tables
        self.report.add(self.where(header), "not a list of tables", f"begin each with [[{header}]]")
        return []

    def build_each(self, shape: type[T], header: str) -> list[T]:
        built = (
            self.build(shape, table, header=header, nth=at)
            for at, table in enumerate(self.each(header))
        )
        return [one for one in built if one is not None]

    def build(
        self, shape: type[T], table: Table, *, header: str = "", nth: int = 0, **known: Any
    ) -> T | None:
        """`shape` from the author's keys and from what the place already says (`known` wins).

        None after reporting every key that is missing, unknown or of the wrong form.
        """
        if self.broken:
            return None
        before = len(self.report.problems)
        fields = msgspec.structs.fields(shape)
        self._report_unknown(set(table) - {f.name for f in fields}, fields, header, nth)
        values = {
            field.name: value
            for field in fields
            for value in self._value(field, {**table, **known}, header, nth)
        }
        return shape(**values) if len(self.report.problems) == before else None

    def _value(
        self, field: msgspec.structs.FieldInfo, table: Table, header: str, nth: int
    ) -> Iterator[Any]:
        """The field's value, or nothing when its default stands or a problem was reported."""
        if field.name not in table:
            if field.required:
                where = self.where(field.name, header, nth)
                self.report.add(where, "the key is missing", f"add a line `{field.name} = …`")
            return
        try:
            yield msgspec.convert(table[field.name], field.type)
        except msgspec.ValidationError as error:
            cure = "give it the form that the other entries have"
            self.report.add(self.where(field.name, header, nth), str(error), cure)

    def _report_unknown(
        self,
        unknown: set[str],
        fields: tuple[msgspec.structs.FieldInfo, ...],
        header: str,
        nth: int,
    ) -> None:
        for key in sorted(unknown):
            close = difflib.get_close_matches(key, [field.name for field in fields], 1)
            cure = f"did you mean `{close[0]}`?" if close else "remove the key"
            self.report.add(self.where(key, header, nth), "the key is unknown", cure)

    def _line(self, key: str, header: str, nth: int) -> int:
        """Line of the key inside the nth `[[header]]`; the header's own when it is not there."""
        starts = [at for at, line in enumerate(self._lines) if line.strip() == f"[[{header}]]"]
        start = starts[nth] if nth < len(starts) else 0
        end = next((at for at in starts if at > start), len(self._lines))
        pattern = re.compile(rf"\s*(\[+\s*)?{re.escape(key)}\b")
        hits = (at for at in range(start, end) if pattern.match(self._lines[at]))
        return next(hits, start) + 1
