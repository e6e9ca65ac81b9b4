"""Somebody else's rows: one in any table that is asked for, made from the tables themselves.

Every text and every sealed value in them says `MARK`, so that no answer to a stranger may hold it.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from backend.accounts.tables import Person
from infra.ids import uuid7
from infra.resealing import sealed_columns
from infra.vault import Vault, place_named
from tests.backend.organisations.making import credit_code

MARK = "MARK-of-somebody-else"
Row = dict[str, Any]

_COLUMNS = """
SELECT column_name AS name, udt_name AS type, is_nullable = 'YES' AS nullable,
    column_default IS NOT NULL AS has_default, character_maximum_length AS longest
FROM information_schema.columns WHERE table_schema = 'public' AND table_name = {}
"""
_PARENTS = """
SELECT a.attname::text AS name, c.confrelid::regclass::text AS parent, f.attname::text AS key
FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
JOIN pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = c.confkey[1]
WHERE c.contype = 'f' AND c.conrelid = {}::regclass
"""
_CHECKS = """
SELECT pg_get_constraintdef(oid) AS text FROM pg_constraint
WHERE contype = 'c' AND conrelid = {}::regclass
"""
_STATES = re.compile(r"\(\"?(\w+)\"?\)::text = ANY \(\(ARRAY\['([^']+)'")
_STATE = re.compile(r"\(\"?(\w+)\"?\)::text = '([^']+)'")

GIVEN: dict[str, Row] = {
    "export": {"key_sealed": None},
    "print_batch": {"key_sealed": None},
    "upload": {"etags": []},
    "complaint": {"state": "received"},
    "class_session": {"breaks": "[]", "members_only": True},
    "body_document": {"sha256": "a" * 64},
    "bulk_check": {"state": "checking"},
    "complaint_attachment": {"sha256": "a" * 64},
    "caption_track": {"language": "zh-CN"},
    "lesson_watch": {"pending_seconds": 0},
    "essay": {"wanted": 2},
    "download_lease": {"rate_percent": 100},
}
"""What the tables' own rules do not tell."""
UNBOUND = {
    "organiser": "organisation",
    "organisation": "organisation",
    "enrolment_id": "enrolment",
    "attempt_id": "exam_attempt",
    "lecture_id": "lecture",
    "declaration": "identity_declaration",
    "lesson_watch_id": "lesson_watch",
    "lease_id": "download_lease",
}
"""Ids without a foreign key -> whose; others are a person's."""
_FILLED = ("_sealed", "_index", "organisation")


class Somebody:
    """One world: whoever owns one of its rows owns all of them."""

    def __init__(
        self, vault: Vault, now: datetime, mark: str = MARK, rows: Mapping[str, Row] | None = None
    ) -> None:
        """`rows`: what is there already, by table: at least its id."""
        self._vault, self._now, self._mark = vault, now, mark
        self._rows: dict[str, Row] = dict(rows or {})
        coded = {"code": credit_code()}
        self._given = {**GIVEN, "organisation": coded, "certification_body": coded}

    async def row(self, table: str) -> Row:
        if table not in self._rows:
            values = self._rows[table] = await self._values(table)
            names = ", ".join(f'"{name}"' for name in values)
            places = ", ".join("{}" for _ in values)
            await Person.raw(f'INSERT INTO "{table}" ({names}) VALUES ({places})', *values.values())
        return self._rows[table]

    async def _values(self, table: str) -> Row:
        given = self._given.get(table, {})
        parents = {r["name"]: r for r in await Person.raw(_PARENTS, table)}
        checks = " ".join(check["text"] for check in await Person.raw(_CHECKS, table))
        states = dict(reversed(_STATES.findall(checks) + _STATE.findall(checks)))
        values: Row = {}
        for column in await Person.raw(_COLUMNS, table):
            name = column["name"]
            if name in given:
                values[name] = given[name]
            elif column["nullable"] and not name.endswith(_FILLED):
                continue
            elif name in parents:
                found = await self.row(parents[name]["parent"])
                values[name] = found[parents[name]["key"]]
            elif column["type"] == "uuid" and name not in ("id", "entry_id"):
                values[name] = (await self.row(UNBOUND.get(name, "person")))["id"]
            else:
                values[name] = states.get(name) or self._value(column)
        kept = [name for name in values if name.endswith("_sealed") and values[name] is not None]
        return values | {name: self._sealed(table, name, values["id"]) for name in kept}

    def _sealed(self, table: str, name: str, row_id: UUID) -> bytes:
        home = next(c.home for c in sealed_columns() if (c.table, c.column) == (table, name))
        return self._vault.seal(self._mark, place_named(home, name, row_id))

    def _value(self, column: Row) -> Any:
        match column["type"]:
            case "uuid":
                return uuid7()
            case "varchar" | "text":
                return self._mark[: column["longest"]]
            case "bytea":
                return uuid7().bytes * 2
            case "timestamptz":
                return self._now + timedelta(days=column["name"] in ("ends_at", "expires_at"))
            case "date":
                return date(2026, 3, 1)
            case "bool":
                return False
            case "jsonb":
                return "{}"
            case _:
                return 1
