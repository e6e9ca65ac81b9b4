import shutil
from pathlib import Path

import pytest

from courses.format import Edition
from courses.loader import load_edition
from tests.courses import CONTENT


@pytest.fixture(scope="session")
def edition() -> Edition:
    return load_edition(CONTENT)


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """The files of the edition, to be changed."""
    return Path(shutil.copytree(CONTENT, tmp_path / "draft"))
