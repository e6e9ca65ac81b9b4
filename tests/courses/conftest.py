import shutil
from pathlib import Path

import pytest

from courses.format import Edition
from tests.courses import CONTENT, current_edition


@pytest.fixture(scope="session")
def edition() -> Edition:
    return current_edition()


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """The files of the edition, to be changed."""
    return Path(shutil.copytree(CONTENT, tmp_path / "draft"))
