"""The text of a database's error, without what it quotes of a row or a value.

PostgreSQL says which row or value it refused ("Failing row contains (…)", "Key (phone)=(…)"), and
asyncpg puts that into the error's text: so it would come into logs, into the queue's table of
failed jobs, onto terminals. Whoever needs them asks for the error's `detail` by name.
"""

import re

import asyncpg

_DATA_EXCEPTION = "22"  # the SQLSTATE class of values that cannot be read, or do not fit
_QUOTED = re.compile(r'".*"', re.DOTALL)
_ARGUMENT = re.compile(r"(invalid input for query argument [^:]*):.*", re.DOTALL)


def quote_no_values() -> None:
    """From now on, in this process, wherever the text of such an error is written down."""
    asyncpg.PostgresError.__str__ = text_of


def text_of(error: asyncpg.PostgresError) -> str:
    """Its message: which rule was broken, not by what."""
    said = str(error.args[0]) if error.args else ""
    if (error.sqlstate or "").startswith(_DATA_EXCEPTION):
        said = _ARGUMENT.sub(r"\1", _QUOTED.sub('"…"', said))
    return said
