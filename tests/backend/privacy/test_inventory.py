"""No table of people is forgotten: not in the docs, not by export and erasure."""

import ast
from pathlib import Path

from piccolo.conf.apps import Finder

from backend.privacy import inventory
from backend.privacy.areas import AREAS
from backend.privacy.retention import table

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "privacy.md").read_text()


def test_the_page_names_every_table_that_has_to_do_with_people() -> None:
    """A new table: add it to `inventory.KEPT`, then
    `python -m backend.privacy.inventory` prints what belongs into docs/privacy.md."""
    unnamed = set(inventory.tables_of_people()) - set(inventory.KEPT)
    assert unnamed == set(), "say in backend/privacy/inventory.py what they hold and how long"
    missing = [line for line in inventory.lines() if line not in PAGE]
    assert missing == []


def test_nothing_is_described_that_is_not_there() -> None:
    assert set(inventory.KEPT) - set(inventory.tables_of_people()) == set()


def test_the_page_names_every_period() -> None:
    assert [kept.kind for kept in table() if f"`{kept.kind}`" not in PAGE] == []


def test_retention_removes_from_tables_there_are() -> None:
    tables = {table._meta.tablename for table in Finder().get_table_classes()}
    assert {kept.table for kept in table()} <= tables


def test_every_area_that_can_tell_what_it_keeps_is_asked() -> None:
    """Whoever writes `personal_data` and `erase_person` in an area wants them called."""
    told = {
        path.parent.relative_to(ROOT / "backend").parts[0]
        for path in (ROOT / "backend").rglob("*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.AsyncFunctionDef) and node.name == "personal_data"
    }
    assert told == {area.name.replace("-", "_") for area in AREAS}
