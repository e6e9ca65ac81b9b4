"""A witness beside a whole instance, over the web: registered, heard, named, removed."""

from pathlib import Path
from threading import Event

import httpx
import msgspec

from backend.records.verdict.cosignatures import cosigned_by
from backend.records.web_address import WebAddress
from backend.records.witness.commands import (
    NOT_TAKEN,
    SIGNED,
    init_command,
    run_command,
)
from backend.records.witness.keeping import WitnessFolder
from tests.infra.up import guanbiao
from tests.live import Live


def test_a_witness_is_heard_once_it_is_registered(live: Live, tmp_path: Path) -> None:
    folder, data = tmp_path / "w", ("--data", str(live.folder.path))
    assert init_command(folder, "body.example.org") == SIGNED
    witness = WitnessFolder(folder)
    log = httpx.get(f"{live.base_url}/trust.json").json()["log"]["key"]
    address = WebAddress(live.base_url)
    assert run_command(folder, address, log, None, stop=Event()) == NOT_TAKEN
    guanbiao("witness-keys", "add", witness.note_key.text, *data)
    assert run_command(folder, address, log, None, stop=Event()) == SIGNED
    shown = httpx.get(f"{live.base_url}/log/cosignatures").json()["items"]
    assert cosigned_by(shown[-1]["note"], witness.note_key)
    (known,) = msgspec.json.decode(guanbiao("witness-keys", "list", "--json", *data).stdout)
    assert (known["name"], known["size"]) == (witness.name, shown[-1]["size"])
    guanbiao("witness-keys", "remove", witness.name, *data)
    assert httpx.get(f"{live.base_url}/log/cosignatures").json()["items"] == []
