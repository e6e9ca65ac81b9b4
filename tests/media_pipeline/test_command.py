"""`guanbiao check-package` as its caller meets it."""

import json
import shutil
from pathlib import Path

import pytest

from media_pipeline.command import OK, REFUSED, check_command
from media_pipeline.packaging.manifest import Package


def test_a_package_of_ours_has_no_fault(
    slide_package: Package, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check_command(slide_package.folder, as_json=False) == OK
    assert capsys.readouterr().out == "no fault found\n"


def test_a_missing_segment_is_named_with_its_rule(
    slide_package: Package, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = shutil.copytree(slide_package.folder, tmp_path / "package")
    next(broken.glob("720p/*.m4s")).unlink()
    assert check_command(broken, as_json=True) == REFUSED
    said = json.loads(capsys.readouterr().out)
    assert said["ok"] is False
    assert "Own files" in {finding["rule"] for finding in said["findings"]}


def test_a_folder_that_is_no_package_is_told_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check_command(tmp_path, as_json=False) == REFUSED
    assert "manifest.json" in capsys.readouterr().err
