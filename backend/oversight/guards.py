"""Who oversees, and how a list of theirs is paged."""

from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from litestar.params import QueryParameter

from backend.accounts.domain import Role
from backend.accounts.guards import requires

OVERSEERS = requires(
    Role.INSPECTOR, Role.ADMINISTRATOR, whose="reporting units they inspect; administrators: any"
)
APPOINTERS = requires(Role.ADMINISTRATOR, whose="any")
Limit = Annotated[int, QueryParameter(ge=1, le=100)]
View = TypeVar("View", bound=msgspec.Struct)
Row = dict[str, Any]


def page_of(found: list[Row], limit: int) -> tuple[list[Row], UUID | None]:
    """One more than `limit` was asked for: whether there is more costs no count."""
    shown = found[:limit]
    return shown, shown[-1]["id"] if len(found) > limit else None


def view_of(kind: type[View], row: Row) -> View:
    """The columns of a row that `kind` has fields for."""
    return kind(**{name: row[name] for name in kind.__struct_fields__ if name in row})
