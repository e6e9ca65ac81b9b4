"""A certifier's three ways to check a record: the page, the API, and offline with the bundle."""

import json
import re
import subprocess
import sys
from pathlib import Path

from backend.demo.client import Person


def by_page(certifier: Person, code: str) -> str:
    """The verdict that the public page shows; "unreadable" when it shows none."""
    page = certifier.raw("GET", f"/v/{code}").text
    found = re.search(r'data-verdict="([a-z-]+)"', page)
    return found[1] if found else "unreadable"


def by_api(certifier: Person, code: str) -> str:
    return str(certifier.get(f"/v1/verifications/{code}")["verdict"])


def by_bundle(certifier: Person, code: str, folder: Path) -> str:
    """Download the bundle, then let `guanbiao verify` judge it with no network.

    What to trust comes from the instance's own demonstration list: this shows the way, it is not
    how a stranger should get his pins (docs/how-to-verify-a-record.md).
    """
    bundle, trust = folder / "record.zip", folder / "trust.json"
    bundle.write_bytes(certifier.raw("GET", f"/v1/verifications/{code}/bundle").content)
    trust.write_bytes(certifier.raw("GET", "/trust-demonstration.json").content)
    command = [sys.executable, "-m", "backend.cli", "verify"]
    done = subprocess.run(
        [*command, str(bundle), "--trust", str(trust), "--json"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    lines = done.stdout.strip().splitlines()
    return str(json.loads(lines[-1])["verdict"]) if lines else f"failed: {done.stderr[-200:]}"
