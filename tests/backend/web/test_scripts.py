"""The pages' scripts: their types, and their rules run by node as they are."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FRONTEND = HERE.parents[2] / "backend" / "web" / "frontend"
PROGRAMS = Path(sys.executable).parent


def run(*command: str, cwd: Path) -> tuple[int, str]:
    path = os.pathsep.join([str(PROGRAMS), os.environ["PATH"]])
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


def test_the_rules_of_the_scripts_hold() -> None:
    exit_code, said = run("node", "--test", *map(str, (HERE / "scripts").glob("*.mjs")), cwd=HERE)
    assert exit_code == 0, said


def test_the_scripts_are_typed() -> None:
    if not (FRONTEND / "node_modules").is_dir():
        pytest.skip("the pages' libraries are not installed: make install")
    exit_code, said = run("npm", "run", "--silent", "check", cwd=FRONTEND)
    assert exit_code == 0, said


def test_the_lock_file_names_no_registry() -> None:
    assert '"resolved"' not in (FRONTEND / "package-lock.json").read_text()
