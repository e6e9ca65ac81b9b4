"""Why a record was issued: its evidence worked out again from the rows, part by part."""

import msgspec

from backend.assessment.earning import EvidenceGone, earned_again
from backend.records.evidence.domain import Manifest, Part, compared
from backend.records.evidence.service import stored_evidence


class Explained(msgspec.Struct, kw_only=True, rename="camel"):
    number: str
    agrees: bool
    gone: bool = False
    """The rows are not there any more (erased, or from before evidence was gathered): only the
    manifest itself could be checked."""
    parts: list[Part]
    manifest: Manifest


async def explain(number: str) -> Explained:
    """Writes nothing. NoSuchRecord."""
    stored = await stored_evidence(number)
    parts, gone = list(stored.parts), False
    try:
        parts += compared(stored.manifest, *await earned_again(stored.manifest))
    except EvidenceGone:
        gone = True
    return Explained(
        number=stored.number,
        agrees=not gone and all(one.agrees for one in parts),
        gone=gone,
        parts=parts,
        manifest=stored.manifest,
    )
