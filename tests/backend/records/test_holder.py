"""What a holder shows of himself: each field alone, to nobody but the holder, for one record."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws as jose
from joserfc.jwk import ECKey

from backend.records.commands import EXIT_CODES, verify_command
from backend.records.holder.domain import FIELDS, HolderDraft, Particulars, drafted
from backend.records.signing import sign_holder
from backend.records.tables import CompletionRecord
from backend.records.trusting import trust
from backend.records.verdict.canonical import base64url, digest
from backend.records.verdict.holder import TYPE, disclosure_digest, read_holder
from backend.records.verdict.jws import jwk_of, members
from backend.records.verdict.refusal import Refused
from backend.records.verdict.trust import Trust
from backend.records.verdict.words import Verdict
from infra.clock import ManualClock
from infra.vault import Vault
from tests.backend.records.conftest import Issued, verify_person
from tests.backend.records.verdict.world import ISSUER, World
from tests.people import AsPerson

FRONTEND = Path(__file__).parents[3] / "backend" / "web" / "frontend"
RECORD, RECORD_ID = b"the record, as signed", "urn:uuid:00000000-0000-4000-8000-000000000001"
WORLD = World()
ALL = Particulars(
    name="司马珺霖",
    score=83,
    id_document={"kind": "resident-id", "number": "11010519491231002X"},
    employer={"name": "示例公司", "code": "914403001922038216"},
    registration_number="2026-1-ISC-1234567",
)
SAID = {name: getattr(ALL, name) for name in FIELDS}


def made(particulars: Particulars = ALL, **changes: Any) -> HolderDraft:
    return drafted(
        particulars,
        **{
            "issuer": ISSUER,
            "record": RECORD_ID,
            "record_sha256": digest(RECORD),
            "now": 1_772_000_000,
            "random": os.urandom,
            **changes,
        },
    )


def signed(draft: HolderDraft, show: Any = FIELDS) -> bytes:
    key = WORLD.record_key
    return draft.compact(sign_holder(draft.claims, key, WORLD.kid(key)), show)


def read(compact: bytes, pins: Trust | None = None) -> dict[str, Any]:
    return read_holder(compact, RECORD, RECORD_ID, pins or WORLD.trust).said


def by_the_other_program(compacts: list[bytes]) -> list[dict[str, Any]]:
    jwk = members(jwk_of(WORLD.record_key.public_key()))
    asked = "\n".join(json.dumps({"jwk": jwk, "sdJwt": c.decode("latin-1")}) for c in compacts)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["node", str(Path(__file__).with_name("sd_jwt.mjs")), str(FRONTEND / "package.json")],
        input=asked,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    # Not `splitlines`: in a value U+0085 stands as it is, which is no line's end in JSON.
    return [json.loads(line) for line in done.stdout.removesuffix("\n").split("\n")]


NEVER_DISCLOSED = {"iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "aka_vcts", "status"}
"""SD-JWT VC, draft 19, section 2.2.2.3: what decides whether it holds is visible to everybody."""


def test_what_decides_whether_it_holds_is_always_visible() -> None:
    assert not NEVER_DISCLOSED & {*FIELDS}
    clear = msgspec.to_builtins(made().claims)
    assert {"iss", "vct", "record", "record_sha256"} <= {*clear}
    for name in NEVER_DISCLOSED:
        with pytest.raises(Refused):
            read(with_disclosure(name, "https://example.org"))


def test_other_programs_read_the_same_out_of_it() -> None:
    draft = made()
    shown = [FIELDS, ("name",), ("score", "employer"), ()]
    compacts = [signed(draft, show) for show in shown]
    whole, tampered = compacts[0], compacts[1].replace(b"~", b"~e30~", 1)
    for show, compact, seen in zip(shown, compacts, by_the_other_program(compacts), strict=True):
        assert read(compact) == {name: SAID[name] for name in show}
        assert seen["keys"][-len(show) :] or not show
        assert {n: v for n, v in seen["payload"].items() if n in FIELDS} == read(compact)
        assert (seen["payload"]["record"], seen["payload"]["record_sha256"]) == (
            RECORD_ID,
            digest(RECORD),
        )
        assert (seen["header"]["typ"], seen["payload"]["vct"]) == ("dc+sd-jwt", TYPE)
    changed = whole.replace(whole[200:201], b"A" if whole[200:201] != b"A" else b"B", 1)
    assert all("refused" in seen for seen in by_the_other_program([tampered, changed]))
    for bad in (tampered, changed):
        with pytest.raises(Refused):
            read(bad)
    key = ECKey.import_key(members(jwk_of(WORLD.record_key.public_key())))
    opened = jose.deserialize_compact(whole.split(b"~")[0], key, algorithms=["ES256"])
    assert json.loads(opened.payload)["_sd_alg"] == "sha-256"


@given(known=st.sets(st.sampled_from(FIELDS[1:4])), show=st.sets(st.sampled_from(FIELDS)))
@settings(max_examples=40)
def test_what_is_not_shown_can_neither_be_read_nor_counted(known: set[str], show: set[str]) -> None:
    particulars = msgspec.structs.replace(ALL, **{n: None for n in FIELDS[1:4] if n not in known})
    draft = made(particulars)
    compact = signed(draft, show)
    there = {"name", "score", *known}
    assert read(compact) == {name: SAID[name] for name in show & there}
    assert len(draft.claims.digests) == len(FIELDS)
    assert draft.claims.digests == sorted(draft.claims.digests)
    clear = json.dumps(msgspec.to_builtins(draft.claims), ensure_ascii=False)
    assert not any(str(one) in clear for one in ("司马", "110105", "示例", "ISC", '": 83'))
    assert not {*draft.claims.digests} & {*made(particulars).claims.digests}


def changed_claims(**changes: Any) -> bytes:
    return signed(msgspec.structs.replace(made(), claims=other(made(), **changes)), ())


def other(draft: HolderDraft, **changes: Any) -> Any:
    return msgspec.structs.replace(draft.claims, **changes)


def with_disclosure(name: str, value: Any = 1, times: int = 1) -> bytes:
    disclosure = base64url(msgspec.json.encode(["salt", name, value])).encode()
    draft = made()
    claims = other(draft, digests=[*draft.claims.digests, disclosure_digest(disclosure)])
    compact = signed(HolderDraft(claims, {}), ())
    return compact + b"".join([disclosure, b"~"] * times)


def moving_the_cursor() -> bytes:
    """Of nobody we trust: the words of the refusal must not let it write over a terminal."""
    return sign_holder(made().claims, WORLD.record_key, "https://x/\x1b[2Jvalid") + b"~"


REFUSED = {
    "of another record": lambda: changed_claims(record_sha256=digest(b"another")),
    "of a record by another name": lambda: changed_claims(record="urn:uuid:x"),
    "of another issuer": lambda: changed_claims(iss=f"{ISSUER}/other"),
    "of another type": lambda: changed_claims(vct="urn:other"),
    "a digest twice": lambda: changed_claims(digests=["a", "a"]),
    "a disclosure twice": lambda: with_disclosure("name", "王小明", times=2),
    "a field nobody knows": lambda: with_disclosure("birthday"),
    "a field over a visible claim": lambda: with_disclosure("record"),
    "a disclosure of two": lambda: signed(made(), ()) + base64url(b'["s","name"]').encode() + b"~",
    "no final tilde": lambda: signed(made())[:-1],
    "no tilde": lambda: signed(made(), ())[:-1],
    "a key binding": lambda: signed(made()) + b"e30.e30.AAAA",
    "the record's own kind of token": lambda: WORLD.signed(WORLD.payload()) + b"~",
    "a key id that moves the cursor": lambda: moving_the_cursor(),
    "too long": lambda: signed(made()) + b"~" * 40_000,
    "a stranger's key": lambda: World().signed(WORLD.payload()) + b"~",
}


@pytest.mark.parametrize("case", REFUSED)
def test_whatever_is_not_exactly_that_is_refused(case: str) -> None:
    with pytest.raises(Refused) as refused:
        read(REFUSED[case]())
    assert str(refused.value).isprintable()


def test_a_compromised_key_names_nobody_any_more_and_a_retired_one_does() -> None:
    pins, compact = WORLD.trust, signed(made())

    def ended(**changes: Any) -> Trust:
        issuer = pins.issuers[0]
        key = msgspec.structs.replace(issuer.record_keys[0], **changes)
        return msgspec.structs.replace(
            pins, issuers=[msgspec.structs.replace(issuer, record_keys=[key])]
        )

    assert read(compact, ended(retired_at="2026-03-02T01:00:00Z")) == SAID
    with pytest.raises(Refused):
        read(compact, ended(compromised_at_index=10**6))


async def test_the_holder_alone_gets_it_and_it_names_him_offline(
    api: httpx.AsyncClient,
    issued: Issued,
    as_person: AsPerson,
    vault: Vault,
    clock: ManualClock,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    person = await as_person()
    await verify_person(vault, person.id)
    record, another = await issued(person.id), await issued()
    address = f"/v1/records/{record.id}/holder-credential"
    whole = await api.get(address, headers=person.headers)
    assert (whole.status_code, whole.headers["cache-control"]) == (200, "no-store")
    assert whole.headers["content-type"].startswith("application/dc+sd-jwt")
    for refused in (
        await api.get(address),
        await api.get(address, headers=(await as_person()).headers),
        await api.get(address.replace(str(record.id), str(another.id)), headers=person.headers),
    ):
        assert refused.status_code in {401, 404}
    asked = await api.get(f"{address}?show=score,%20iban", headers=person.headers)
    assert (asked.status_code, [*asked.json()["fields"]]) == (422, ["show"])
    only = await api.get(f"{address}?show=score", headers=person.headers)
    pins = await trust(real=True, demonstration=False)
    said = read_holder(only.content, record.jws, f"urn:uuid:{record.id}", pins).said
    assert said == {"score": 83}
    files = await on_disk(api, record, another, only.content, tmp_path)
    verdicts = [
        verify_command(bundle, files["trust"], None, True, holder=files["holder"], now=clock())
        for bundle in (files["own"], files["another"])
    ]
    assert verdicts == [0, EXIT_CODES[Verdict.TAMPERED]]
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["holder"], second["holder"]) == ({"score": 83}, {})
    assert verify_command(files["own"], files["trust"], None, False, holder=files["holder"]) != 17
    assert "score: 83" in capsys.readouterr().out


async def on_disk(
    api: httpx.AsyncClient,
    record: CompletionRecord,
    another: CompletionRecord,
    shown: bytes,
    folder: Path,
) -> dict[str, Path]:
    contents = {
        "own": (await api.get(f"/v1/verifications/{record.code}/bundle")).content,
        "another": (await api.get(f"/v1/verifications/{another.code}/bundle")).content,
        "trust": (await api.get("/trust.json")).content,
        "holder": shown,
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return {name: folder / name for name in contents}
