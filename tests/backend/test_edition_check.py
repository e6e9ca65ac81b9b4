"""`guanbiao edition check` on a folder: no database."""

import json
import shutil
from pathlib import Path

from typer.testing import CliRunner

from backend.cli import app
from tests.courses import CONTENT


def check(folder: Path, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["edition", "check", str(folder), *arguments])
    return done.exit_code, done.output


def test_a_sound_edition_tells_each_programmes_bank_and_names_cells_when_asked() -> None:
    code, said = check(CONTENT, "--programme", "TECH")
    assert code == 0, said
    lines = said.splitlines()
    assert lines[0] == "内容没有问题 · no problems"
    assert "DEMO E1: 可以组卷 · papers can be drawn" in lines
    assert "TECH E1: 6 个单元格缺 35 题 · 6 cells lack 35 items" in lines
    assert "审核 × 识记：现有试题 0 题，需要 5 题 · E1 section 1" in said
    assert sum(line.startswith("  ") for line in lines) == 6


def test_missing_cells_of_an_open_programme_and_faults_of_form_end_it(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(CONTENT, tmp_path / "draft"))
    bank = folder / "M02" / "bank.toml"
    text = bank.read_text(encoding="utf-8")
    bank.write_text(text.replace('level = "分析"', 'level = "识记"'), encoding="utf-8")
    code, said = check(folder, "--json")
    told = json.loads(said)
    (demo,) = (one for one in told["programmes"] if one["programme"] == "DEMO")
    assert code == 2
    assert [(one["level"], one["held"], one["needed"]) for one in demo["short"]] == [("分析", 0, 5)]
    assert any("诚信 × 分析" in problem for problem in told["problems"])
    bank.write_text("[[items]]\n", encoding="utf-8")
    code, said = check(folder)
    assert code == 2
    assert "M02/bank.toml, line 1" in said
