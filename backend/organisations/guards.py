"""Whose rows a route finds; managing an organisation is no global role but a membership."""

from typing import Annotated

from litestar.params import QueryParameter

from backend.accounts.guards import requires

MANAGED = requires(whose="organisation they manage")
BELONGS = requires(whose="organisation they belong to")
OWN = requires(whose="own")
Limit = Annotated[int, QueryParameter(ge=1, le=100)]
