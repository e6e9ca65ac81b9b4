from piccolo.columns import JSONB, UUID, Bytea, Date, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class PublishedEdition(Table, tags=["append-only"]):
    """An edition as it was published. A change of content is another edition."""

    id = UUID(primary_key=True, default=None, null=False)
    code = Varchar(length=16, default=None, null=False)
    sha256 = Varchar(length=64, default=None, null=False)
    content = Bytea(default=None, null=False)
    """`courses.loader.canonical` bytes: those the hash is of, which JSONB would rewrite."""
    published_at = Timestamptz(default=None, null=False)

    published_edition_one_per_code = Unique([code])


class EditionDraft(Table, tags=["append-only"]):
    """An edition that was handed in and judged fit, not released. A code may come several times,
    with corrected content; a release names one of them by its hash."""

    id = UUID(primary_key=True, default=None, null=False)
    code = Varchar(length=16, default=None, null=False)
    sha256 = Varchar(length=64, default=None, null=False)
    content = Bytea(default=None, null=False)
    handed_in_at = Timestamptz(default=None, null=False)

    edition_draft_once = Unique([code, sha256])


class EditionRelease(Table):
    """The decision to release a draft: one person proposes it, another decides."""

    id = UUID(primary_key=True, default=None, null=False)
    code = Varchar(length=16, default=None, null=False)
    sha256 = Varchar(length=64, default=None, null=False)
    instead_of = Varchar(length=16, default=None, null=False)
    """The edition in use when it was proposed: what the preview compared with."""
    finish_until = Date(default=None, null=False)
    """Last day (Asia/Shanghai) to finish under the edition before."""
    editorial = JSONB(default=None, null=False)
    """Codes of lessons whose difference leaves what is learned as it was."""
    state = Varchar(length=16, default=None, null=False)
    proposed_by = UUID(default=None, null=False)
    proposed_at = Timestamptz(default=None, null=False)
    decided_by = UUID(default=None, null=True)
    decided_at = Timestamptz(default=None, null=True)
    reason = Varchar(length=500, default=None, null=True)

    edition_release_known_state = Check("state IN ('proposed', 'released', 'refused')")
    edition_release_decision_is_whole = Check(
        "(state = 'proposed') = (decided_by IS NULL)"
        " AND (decided_by IS NULL) = (decided_at IS NULL)"
        " AND (state <> 'refused' OR reason IS NOT NULL)"
    )
    edition_release_two_people = Check("decided_by <> proposed_by")
