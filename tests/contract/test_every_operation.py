"""Every operation of the OpenAPI document, asked by every role with what it says and what it does
not: no server error, no answer that the document does not describe."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from backend.accounts.domain import Role
from tests.contract.conftest import Contract
from tests.live import ROOT

EXAMPLES = os.environ.get("GUANBIAO_FUZZ_EXAMPLES", "1")
"""Random ones for each operation and role, besides those that boundaries give."""
PHASES = os.environ.get("GUANBIAO_FUZZ_PHASES", "examples,fuzzing")
"""With `coverage`: every boundary of every input, some minutes for each role."""
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance"
CHECKS += ",response_schema_conformance"
ENDS_ITS_OWN_SESSION = ("SignOut", "EndSession", "EndOtherSessions")


@pytest.mark.parametrize("role", [*Role, None])
def test_every_operation_answers_as_documented(
    contract: Contract, role: Role | None, tmp_path: Path
) -> None:
    headers = contract.headers_of(role) if role else {}
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{contract.url}/openapi.json"),
        *("--checks", CHECKS, "--phases", PHASES, "--max-examples", EXAMPLES),
        *("--seed", "1", "--no-color", "--suppress-health-check", "all", "--warnings", "off"),
        *("--generation-database", "none"),
    ]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    for operation in ENDS_ITS_OWN_SESSION:
        command += ["--exclude-operation-id", operation]
    hooks = {"SCHEMATHESIS_HOOKS": "tests.contract.hooks", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, **hooks},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
