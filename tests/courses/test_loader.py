from collections.abc import Callable
from pathlib import Path

import pytest

from courses.format import Edition
from courses.loader import canonical, from_canonical, load_edition, sha256_of
from courses.problem import ContentUnreadable, Problem


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def problems_of(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(ContentUnreadable) as refused:
        load_edition(folder)
    return refused.value.problems


def test_an_edition_survives_its_canonical_bytes(edition: Edition) -> None:
    assert from_canonical(canonical(edition)) == edition


def test_the_hash_is_the_same_with_windows_line_ends_and_marks(
    edition: Edition, draft: Path
) -> None:
    for path in [*draft.rglob("*.toml"), *draft.rglob("*.md")]:
        text = path.read_bytes().replace(b"\n", b"\r\n")
        path.write_bytes(b"\xef\xbb\xbf" + text)
    assert sha256_of(load_edition(draft)) == sha256_of(edition)


def test_comments_and_blank_lines_are_not_content(edition: Edition, draft: Path) -> None:
    path = draft / "M02" / "bank.toml"
    path.write_text(f"# 备注\n\n{path.read_text(encoding='utf-8')}\n\n", encoding="utf-8")
    assert sha256_of(load_edition(draft)) == sha256_of(edition)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        pytest.param("M02/M02-L03.md", "公正性", "公平性", id="a word of a text"),
        pytest.param("M02/bank.toml", 'key = "', 'key = "A', id="a key"),
        pytest.param("exams.toml", "pass_mark = 60", "pass_mark = 61", id="a pass mark"),
        pytest.param("M17/module.toml", "en =", 'en = "" #', id="a title"),
        pytest.param("edition.toml", "value = 3", "value = 4", id="a figure"),
    ],
)
def test_any_change_of_content_changes_the_hash(
    edition: Edition, draft: Path, file: str, old: str, new: str
) -> None:
    edit(draft / file, old, new)
    assert sha256_of(load_edition(draft)) != sha256_of(edition)


SPOILT: list[tuple[str, str, str, str, str, str, str]] = [
    ("a wrong type", "M03/module.toml", "class_hours = 4", 'class_hours = "4"',
     "M03/module.toml, line 2, `class_hours`", "Expected `int`", "form"),
    ("a missing key", "exams.toml", "minutes = 20", "",
     "exams.toml, line 3, `minutes`", "missing", "add a line `minutes = …`"),
    ("a misspelt key", "exams.toml", "minutes = 20", "minuets = 20",
     "exams.toml, line 7, `minuets`", "unknown", "did you mean `minutes`?"),
    ("a level outside the list", "M02/bank.toml", 'level = "识记"', 'level = "背诵"',
     "M02/bank.toml, line 6, `level`", "背诵", "form"),
    ("options that are no table", "M02/M02-L01.toml", "options.A =", 'options = "甲" #',
     "M02/M02-L01.toml", "", "check that line"),
    ("an unclosed quote", "M02/M02-L02.toml", 'kind = "single"', 'kind = "single',
     "M02/M02-L02.toml", "line 3", "missing quote"),
    ("a topic left out", "M04/module.toml", 'topic = "条款"', "",
     "M04/module.toml, line 1, `topic`", "missing", "add a line"),
    ("a folder that is not its module", "M05/module.toml", 'code = "M05"', 'code = "M55"',
     "M05/module.toml, line 1, `code`", "folder M05", "rename one"),
    ("a single table where a list belongs", "M02/M02-L05.toml", "[[questions]]", "[questions]",
     "M02/M02-L05.toml", "", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new", "where", "what", "cure"),
    [pytest.param(*rest, id=name) for name, *rest in SPOILT],
)
def test_a_fault_of_form_names_file_line_key_and_cure(
    draft: Path, file: str, old: str, new: str, where: str, what: str, cure: str
) -> None:
    edit(draft / file, old, new)
    problem = problems_of(draft)[0]
    assert problem.where.startswith(where)
    assert what in problem.what
    assert cure in problem.cure


def test_a_key_of_the_third_table_is_found_in_the_third_table(draft: Path) -> None:
    path = draft / "M02" / "module.toml"
    lines = path.read_text(encoding="utf-8").split("\n")
    at = lines.index('code = "M02-L03"')
    lines[at + 1] = 'title = "只有中文"'
    path.write_text("\n".join(lines), encoding="utf-8")
    assert problems_of(draft)[0].where == f"M02/module.toml, line {at + 2}, `title`"


def test_all_problems_of_all_files_come_at_once(draft: Path) -> None:
    edit(draft / "M03" / "module.toml", "class_hours = 4", "")
    edit(draft / "M03" / "module.toml", 'topic = "条款"', "topic = 3")
    edit(draft / "exams.toml", "pass_mark = 60", "pass_mark = []")
    edit(draft / "M02" / "bank.toml", 'key = "', 'kye = "')
    (draft / "M08" / "M08-L13.md").write_text("没有登记的小节", encoding="utf-8")
    places = {problem.where.split(",")[0] for problem in problems_of(draft)}
    assert places == {"M03/module.toml", "exams.toml", "M02/bank.toml", "M08/M08-L13.md"}


Spoil = Callable[[Path], object]


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        pytest.param(lambda d: (d / "exams.toml").unlink(), "missing", id="a file is missing"),
        pytest.param(
            lambda d: (d / "M02" / "M02-L01.md").write_bytes("认证".encode("gbk")),
            "not UTF-8",
            id="a text is in GBK",
        ),
    ],
)
def test_files_that_cannot_be_read_are_told(draft: Path, spoil: Spoil, what: str) -> None:
    spoil(draft)
    assert any(what in problem.what for problem in problems_of(draft))
