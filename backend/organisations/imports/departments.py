"""Departments that a file of staff names by path: found, or made from the top down."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from backend.organisations.domain import MOST_DEPARTMENTS
from backend.organisations.imports.domain import FileRefused
from backend.organisations.members import repository as members
from backend.organisations.members.service import new_department
from backend.organisations.tables import Department

Path = tuple[str, ...]


async def missing_of(organisation_id: UUID, paths: Iterable[str]) -> list[Path]:
    """Shorter ones first. FileRefused when there would be too many."""
    known = await known_paths(organisation_id)
    named = {path[:n] for text in paths for path in [_path(text)] for n in range(1, len(path) + 1)}
    missing = sorted(named - known.keys(), key=lambda path: (len(path), path))
    if len(known) + len(missing) > MOST_DEPARTMENTS:
        raise FileRefused("too-many-departments")
    return missing


async def made_all(
    organisation_id: UUID, paths: Iterable[str], *, now: datetime
) -> dict[str, UUID]:
    """Every path with its department, the missing ones made."""
    paths = list(paths)
    missing = await missing_of(organisation_id, paths)
    known = await known_paths(organisation_id)
    rows = list[Department]()
    for path in missing:
        parent = known[path[:-1]] if len(path) > 1 else None
        row = new_department(organisation_id, path[-1], parent, len(path), now=now)
        known[path] = row.id
        rows.append(row)
    if rows:
        await Department.insert(*rows)
    return {text: known[_path(text)] for text in paths}


async def known_paths(organisation_id: UUID) -> dict[Path, UUID]:
    paths: dict[UUID, Path] = {}
    for row in await members.departments(organisation_id):  # from the top down
        above = paths.get(row.parent, ()) if row.parent else ()
        paths[row.id] = (*above, row.name)
    return {path: department_id for department_id, path in paths.items()}


def _path(text: str) -> Path:
    return tuple(text.split("/"))
