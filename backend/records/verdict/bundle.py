"""The zip a holder hands over, read with care: a few known names, small, never unpacked blindly."""

import io
import zipfile

import msgspec

from backend.records.verdict.archive import read_archive
from backend.records.verdict.jws import MAX_JWS_BYTES
from backend.records.verdict.proof import MAX_PROOF_BYTES
from backend.records.verdict.refusal import Refused
from backend.records.verdict.status_list import PURPOSES

MAX_BUNDLE_BYTES = 1_000_000
RECORD, PROOF, CHECKPOINT, README = "record.jwt", "record.tlog-proof", "checkpoint", "README.txt"
_CAPS = {
    RECORD: MAX_JWS_BYTES,
    PROOF: MAX_PROOF_BYTES,
    CHECKPOINT: 16_384,
    README: 65_536,
    **{f"status/{purpose}.jwt": MAX_JWS_BYTES for purpose in PURPOSES},
    **{f"status/{purpose}.tlog-proof": MAX_PROOF_BYTES for purpose in PURPOSES},
}


class StatusEvidence(msgspec.Struct, frozen=True):
    """A signed list and the proof that it was published in the log."""

    jws: bytes
    proof: bytes


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes as they came; nothing in here is believed before `verify` has checked it."""

    record: bytes
    proof: bytes | None
    checkpoint: bytes | None = None
    status: dict[str, StatusEvidence] = {}


def read_bundle(content: bytes) -> Bundle:
    if len(content) > MAX_BUNDLE_BYTES:
        raise Refused("bundle too large")
    return assemble(read_archive(content, _CAPS))


def assemble(members: dict[str, bytes]) -> Bundle:
    if RECORD not in members:
        raise Refused("bundle without record.jwt")
    status = {
        purpose: StatusEvidence(
            members[f"status/{purpose}.jwt"], members.get(f"status/{purpose}.tlog-proof", b"")
        )
        for purpose in PURPOSES
        if f"status/{purpose}.jwt" in members
    }
    return Bundle(
        record=members[RECORD],
        proof=members.get(PROOF),
        checkpoint=members.get(CHECKPOINT),
        status=status,
    )


def write_bundle(bundle: Bundle, readme: str) -> bytes:
    members = {README: readme.encode(), RECORD: bundle.record}
    if bundle.proof is not None:
        members[PROOF] = bundle.proof
    if bundle.checkpoint is not None:
        members[CHECKPOINT] = bundle.checkpoint
    for purpose, evidence in bundle.status.items():
        members[f"status/{purpose}.jwt"] = evidence.jws
        members[f"status/{purpose}.tlog-proof"] = evidence.proof
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return packed.getvalue()
