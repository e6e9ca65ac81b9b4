from piccolo.columns import UUID, Bytea, Timestamptz, Varchar
from piccolo.constraints import Unique
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
