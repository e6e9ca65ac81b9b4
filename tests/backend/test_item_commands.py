"""`guanbiao items` on a folder of its own."""

import shutil
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from backend.cli import app
from courses.exchange.bank_folder import BankFolder
from infra.errors import Invalid
from tests.courses import CONTENT

GIFT = (
    "// [tag:guanbiao:level=应用] [tag:guanbiao:standard=GB/T 29490]\n一加一等于三。{F####算一算}\n"
)


@pytest.fixture
def module(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CONTENT / "M02", tmp_path / "M02"))


def run(*arguments: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["items", *map(str, arguments)], catch_exceptions=True)
    if isinstance(done.exception, Invalid):
        raise done.exception
    return done.exit_code, done.output


@pytest.mark.parametrize("name", ["bank.gift", "bank.xlsx", "bank.xml", "bank.zip"])
def test_a_bank_goes_out_and_comes_back_in_its_own_place(module: Path, name: str) -> None:
    before = list(BankFolder(module).items)
    assert run("export", module, "-o", module.parent / name)[0] == 0
    code, said = run("import", module.parent / name, "--into", module, "--overwrite")
    assert code == 0, said
    assert list(BankFolder(module).items) == before
    assert run("check", module)[0] == 0


def test_a_bank_that_is_there_is_not_overwritten_unless_told(module: Path) -> None:
    (module.parent / "new.gift").write_text(GIFT)
    before = (module / "bank.toml").read_bytes()
    with pytest.raises(Invalid, match="--append"):
        run("import", module.parent / "new.gift", "--into", module)
    assert (module / "bank.toml").read_bytes() == before
    assert run("import", module.parent / "new.gift", "--into", module, "--append")[0] == 0
    assert (module / "bank.toml").read_bytes().startswith(before)
    items = BankFolder(module).items
    assert items[-1].id not in {item.id for item in items[:-1]}
    with pytest.raises(Invalid, match="--overwrite"):
        run("export", module, "-o", module.parent / "new.gift")


def test_nothing_is_written_where_something_is_refused_unless_the_rest_is_wanted(
    module: Path,
) -> None:
    (module.parent / "new.gift").write_text(f"{GIFT}\n只是说明。\n")
    before = (module / "bank.toml").read_bytes()
    wanted = ("import", module.parent / "new.gift", "--into", module, "--append")
    code, said = run(*wanted)
    assert code == 2
    assert "line 4 · question · 拒绝" in said
    assert (module / "bank.toml").read_bytes() == before
    assert run(*wanted, "--partial")[0] == 0
    assert BankFolder(module).items[-1].stem == "一加一等于三。"


def test_what_cannot_be_read_is_said_in_one_line(module: Path) -> None:
    (module.parent / "a.docx").write_bytes(b"x")
    (module.parent / "a.xlsx").write_bytes(b"x")
    for name, arguments in {"a.docx": (), "a.xlsx": (), "a.xls": ("--format", "word")}.items():
        (module.parent / name).touch()
        with pytest.raises(Invalid):
            run("check", module.parent / name, *arguments)
    with pytest.raises(Invalid, match="only be imported"):
        run("export", module, "-o", module.parent / "new.aiken")
    with pytest.raises(Invalid, match=r"module\.toml"):
        run("check", module.parent)


def test_a_bank_is_counted_without_a_database(
    module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    code, said = run("stats", module, "--data", module.parent / "none")
    assert code == 0
    assert f"模块 modules: M02 {len(BankFolder(module).items)}" in said
    assert "no database answers" in said
    code, said = run("stats", module, "--json", "--data", module.parent / "none")
    assert msgspec.json.decode(said)["usage"] is None
