"""Every operation of the OpenAPI document, asked by every role in turn with what it says and what
it does not: no server error, no answer that the document does not describe.

    GUANBIAO_FUZZ_PHASES=coverage,fuzzing GUANBIAO_FUZZ_EXAMPLES=200 pytest tests/contract
    GUANBIAO_FUZZ_ROLES=author,anonymous ... pytest tests/contract    as these alone
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from backend.accounts.domain import Role
from tests.contract.conftest import Contract
from tests.live import ROOT

EVERYBODY = [*Role, "anonymous"]
ROLES = [r for r in os.environ.get("GUANBIAO_FUZZ_ROLES", "").split(",") if r] or EVERYBODY
EXAMPLES = os.environ.get("GUANBIAO_FUZZ_EXAMPLES", str(len(ROLES)))
"""Random ones for each operation."""
PHASES = os.environ.get("GUANBIAO_FUZZ_PHASES", "examples,fuzzing")
"""With `coverage`: every boundary of every input, some minutes more."""
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance"
CHECKS += ",response_schema_conformance"
ENDS_ITS_OWN_SESSION = ("SignOut", "EndSession", "EndOtherSessions")


def test_every_operation_answers_as_documented(contract: Contract, tmp_path: Path) -> None:
    headers = [{} if r == "anonymous" else contract.headers_of(Role(r)) for r in ROLES]
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{contract.url}/openapi.json"),
        *("--checks", CHECKS, "--phases", PHASES, "--max-examples", EXAMPLES),
        *("--seed", "1", "--no-color", "--suppress-health-check", "all", "--warnings", "off"),
        *("--generation-database", "none"),
    ]
    for operation in ENDS_ITS_OWN_SESSION:
        command += ["--exclude-operation-id", operation]
    environment = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": "tests.contract.hooks",
        "CONTRACT_HEADERS": json.dumps(headers),
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
