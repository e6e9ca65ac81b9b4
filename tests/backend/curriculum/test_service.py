import shutil
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from backend.curriculum import service
from backend.curriculum.tables import PublishedEdition
from courses.loader import canonical, sha256_of
from infra.errors import NotFound
from tests.conftest import START
from tests.courses import CONTENT, current_edition

LATER = START + timedelta(days=1)


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """A copy of the content that a test may spoil."""
    return Path(shutil.copytree(CONTENT, tmp_path / "draft"))


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


async def test_publishing_twice_is_one_edition(published: str) -> None:
    assert await service.load_edition(CONTENT, LATER) == published
    assert await PublishedEdition.count().where(PublishedEdition.code == "2026.1") == 1


async def test_the_stored_bytes_are_those_that_were_hashed(published: str) -> None:
    edition = current_edition()
    row = await PublishedEdition.select().first()
    assert row is not None
    assert (row["code"], row["sha256"], bytes(row["content"])) == (
        "2026.1",
        sha256_of(edition),
        canonical(edition),
    )
    assert published == await service.edition_sha256()
    assert await service.current_edition() == edition


async def test_a_published_code_never_takes_other_content(published: str, draft: Path) -> None:
    rewrite(draft / "M02" / "M02-L01.md", "一家企业", "某家企业")
    with pytest.raises(service.EditionImmutable, match=r"2026\.1.*new edition code") as refused:
        await service.load_edition(draft, LATER)
    assert "不可修改" in refused.value.zh
    assert await service.edition_sha256() == published


async def test_a_new_code_becomes_current_and_the_old_one_stays(
    published: str, draft: Path
) -> None:
    rewrite(draft / "edition.toml", 'code = "2026.1"', 'code = "2026.2"')
    newer = await service.load_edition(draft, LATER)
    assert newer != published
    assert (await service.current_edition()).code == "2026.2"
    assert (await service.edition("2026.1")).code == "2026.1"


async def test_faulty_content_is_refused_whole_with_every_place(unit: None, draft: Path) -> None:
    before = await PublishedEdition.count()
    rewrite(draft / "M03" / "module.toml", "class_hours = 4", "class_hours = 5")
    rewrite(draft / "exams.toml", "pass_mark = 60", "pass_mark = 59")
    with pytest.raises(service.EditionUnfit) as refused:
        await service.load_edition(draft, START)
    assert {"M03", "MGR", "exam E1"} <= refused.value.fields.keys()
    assert await PublishedEdition.count() == before


async def test_unreadable_content_names_file_and_line(unit: None, draft: Path) -> None:
    rewrite(draft / "M03" / "module.toml", "class_hours = 4", 'class_hours = "four"')
    with pytest.raises(service.EditionUnfit) as refused:
        await service.load_edition(draft, START)
    assert list(refused.value.fields) == ["M03/module.toml, line 2, `class_hours`"]


async def test_before_any_publication_the_answer_says_so(unit: None) -> None:
    with pytest.raises(service.NoEdition):
        await service.current_edition()
    with pytest.raises(NotFound):
        await service.edition("2026.1")


async def test_a_demonstration_exists_only_where_it_is_allowed(published: str) -> None:
    assert (await service.programme("DEMO", demo=True)).demonstration
    with pytest.raises(service.UnknownProgramme):
        await service.programme("DEMO", demo=False)


async def test_unknown_codes_are_not_found(published: str) -> None:
    with pytest.raises(service.UnknownProgramme):
        await service.programme("NONE", demo=True)
    with pytest.raises(service.UnknownModule):
        await service.module("M99")
    with pytest.raises(service.UnknownLesson):
        await service.lesson("M02-L99")


@pytest.mark.parametrize(
    "change", ["UPDATE published_edition SET code = 'x'", "DELETE FROM published_edition"]
)
async def test_the_database_itself_refuses_to_change_an_edition(
    published: str, change: str
) -> None:
    with pytest.raises((asyncpg.RestrictViolationError, asyncpg.InsufficientPrivilegeError)):
        await PublishedEdition.raw(change)


def test_a_bank_that_cannot_fill_an_exam_is_refused_with_every_missing_cell(draft: Path) -> None:
    bank = draft / "M02" / "bank.toml"
    text = bank.read_text(encoding="utf-8")
    for level in ("分析", "应用"):
        text = text.replace(f'level = "{level}"', 'level = "识记"')
    bank.write_text(text, encoding="utf-8")
    with pytest.raises(service.EditionUnfit) as refused:
        service.sound_edition(draft)
    told = refused.value.fields["DEMO"]
    assert "诚信 × 分析：现有试题 0 题，需要 5 题" in told
    assert "诚信 × 应用: 0 items, 10 needed" in told
