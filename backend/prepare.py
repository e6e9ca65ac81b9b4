"""What a database needs before the API serves it: schema, address, curriculum (with its place in
the public log), demo people.

Every step is safe to repeat; a second start finds nothing to do and says so in a second.
"""

from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

import courses
from backend.accounts.factors.service import ensure_demo_factors
from backend.accounts.service import ensure_demo_people, holder_of, person_by_login
from backend.certification_bodies.service import DEMO_ORGANISATION, DemoPeople, ensure_demo_body
from backend.class_sessions.service import ensure_demo_class
from backend.curriculum.releasing import hand_in
from backend.curriculum.service import published_editions
from backend.organisations.assignments.demonstration import ensure_demo_assignment
from backend.organisations.demonstration import ENTERPRISE
from backend.organisations.service import DemoStaff, ensure_demo_enterprise
from backend.records.service import log_edition
from infra.binding import bind_once
from infra.clock import Clock
from infra.engine import DB, configure
from infra.errors import Conflict
from infra.instance import fix_public_url
from infra.migrate import migrate
from infra.objects import ObjectStore
from infra.own_keys import fix_keys
from infra.settings import Settings
from infra.vault import Vault


class Prepared(msgspec.Struct, frozen=True, rename="camel"):
    public_url: str
    editions: dict[str, str]
    """Code -> sha256 of each published edition that this version brings."""
    waiting: list[str] = []
    """Codes of those it brings that wait for two people to release them."""


class AddressMissing(Conflict):
    """Set DATABASE_URL, DATABASE_OWNER_URL and OBJECTS_URL, or use `guanbiao up`."""

    zh = "请设置 DATABASE_URL、DATABASE_OWNER_URL 与 OBJECTS_URL，或使用 guanbiao up。"


async def prepare(settings: Settings, clock: Clock) -> Prepared:
    """Leaves the engine pointed at the application's role, with no pool open."""
    addresses = (settings.database_url, settings.database_owner_url, settings.objects_url)
    if not all(addresses):
        raise AddressMissing
    role = unquote(urlsplit(settings.database_url).username or "")
    await migrate(settings.database_owner_url, role)
    await _bind_old_fields(settings, clock)
    configure(settings.database_url)
    await ObjectStore.from_url(settings.objects_url).ensure_bucket()
    await DB.start_connection_pool(min_size=1, max_size=2)
    try:
        return await fill(settings, clock)
    finally:
        await DB.close_connection_pool()


async def _bind_old_fields(settings: Settings, clock: Clock) -> None:
    """As the owner, to whom `migrate` has left the engine: records are append-only for others."""
    await DB.start_connection_pool(min_size=1, max_size=1)
    try:
        await bind_once(Vault.of(settings.keys), now=clock())
    finally:
        await DB.close_connection_pool()


async def fill(settings: Settings, clock: Clock) -> Prepared:
    """The same for a schema that stands, with a pool that is open."""
    vault = Vault.of(settings.keys)
    await fix_keys(vault, now=clock())
    local = f"http://127.0.0.1:{settings.port}"
    public_url = await fix_public_url(settings.public_url, local, now=clock())
    objects = ObjectStore.from_url(settings.objects_url)
    brought = [await hand_in(folder, objects, clock()) for folder in sorted(_editions().iterdir())]
    for code, sha256, published_at in await published_editions():
        await log_edition(code, sha256=sha256, published_at=published_at)
    if settings.demo:
        await ensure_demo_people(vault, clock())
        await ensure_demo_factors(vault, clock())
        await _ensure_demo_bodies(settings, vault, clock())
        await _ensure_demo_enterprise(vault, clock())
    return Prepared(
        public_url,
        {one.code: one.sha256 for one in brought if one.published},
        [one.code for one in brought if not one.published],
    )


async def _ensure_demo_bodies(settings: Settings, vault: Vault, now: datetime) -> None:
    """A certification body whose manager is the demonstration's certifier, and a class of it."""
    logins = ("certifier@demo.guanbiao", "admin@demo.guanbiao", "learner@demo.guanbiao")
    people = [await person_by_login(vault, login) for login in logins]
    certifier, administrator, learner = (person for person in people if person)
    objects = ObjectStore.from_url(settings.objects_url)
    await ensure_demo_body(vault, objects, DemoPeople(certifier, administrator), now=now)
    await ensure_demo_class(DEMO_ORGANISATION, certifier, learner, now=now)


async def _ensure_demo_enterprise(vault: Vault, now: datetime) -> None:
    people = [
        await person_by_login(vault, login)
        for login in ("manager@demo.guanbiao", "learner@demo.guanbiao")
    ]
    manager, learner = [await holder_of(vault, person) for person in people if person]
    staff = DemoStaff((manager.person_id, manager.name), (learner.person_id, learner.name))
    await ensure_demo_enterprise(vault, staff, now=now)
    await ensure_demo_assignment(ENTERPRISE, manager.person_id, now=now)


def _editions() -> Path:
    return Path(str(courses.__file__)).parent / "content"
