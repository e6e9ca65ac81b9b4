"""Pages to print, made in memory: the press needs no database."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from backend.records.domain import Title
from backend.records.printing.domain import Language, Printable, Sheet, settable, sheet
from backend.records.printing.press import has_type, press
from backend.records.printing.service import qr_of
from backend.records.signing import sign_print
from backend.records.verdict.bundle import Bundle, write_bundle
from backend.records.verdict.canonical import digest
from backend.records.verdict.printed import SealClaims, print_sha256, sealed_print
from courses.record_kinds import kind_by_code
from tests.backend.records.making import START, replaced, some_facts
from tests.backend.records.verdict.world import ADDRESS, ISSUER, NOW, World

NUMBER, CODE = "GB-2026-7K2M-9Q4T-A", "7K2M9Q4TABCDE"
NAMES = {True: "贯标演示签发方（无效力） Guanbiao DEMONSTRATION issuer (no force)"}
PLATFORM = "全国知识产权贯标培训平台 National IP Management System Training"


def a_sheet(
    *,
    language: Language = "zh",
    holder: str = "王小明",
    kind: str = "internal-auditor",
    bundle: bytes = b"PK",
    credential: bytes = b"e30.e30.AA",
    issuer: str = PLATFORM,
    **facts: Any,
) -> Sheet:
    known = kind_by_code(kind)
    made = some_facts(World().identity.subject_id, kind=kind, **facts)
    title = known.named(made.period)
    record = Printable(
        facts=made,
        kind_title=Title(zh=title.zh, en=title.en),
        notice=Title(zh=known.notice.zh, en=known.notice.en) if known.notice else None,
        holder=settable(holder, has_type=has_type),
        number=NUMBER,
        address=f"{ADDRESS}/v/{CODE}",
        issuer=NAMES.get(made.demonstration, issuer),
        issued_at=START,
        valid_until=made.valid_until,
        log_index=94_567,
    )
    return sheet(
        record,
        language=language,
        qr=qr_of(record.address),
        bundle=bundle,
        credential=credential,
    )


@cache
def unsealed(bundle: bytes, credential: bytes) -> bytes:
    return press().set_now(a_sheet(bundle=bundle, credential=credential))


def seal_of(world: World, bundle: Bundle, page: bytes, **changes: Any) -> SealClaims:
    claims = SealClaims(
        iss=ISSUER,
        iat=int(NOW.timestamp()),
        name="王小明",
        print_sha256=print_sha256(page),
        record=f"urn:uuid:{world.identity.record_id}",
        record_sha256=digest(bundle.record),
    )
    sealed: SealClaims = replaced(claims, changes)
    return sealed


def printed(world: World, bundle: Bundle, **changes: Any) -> bytes:
    """As it leaves the issuer, unless its seal is to say something else."""
    page = unsealed(write_bundle(bundle, "read me"), bundle.record)
    seal = sign_print(
        seal_of(world, bundle, page, **changes), world.record_key, world.kid(world.record_key)
    )
    return sealed_print(page, seal)


def all_of(parts: Sequence[str]) -> str:
    """What a reader takes out of a page, without its line ends."""
    return "".join("".join(parts).split())
