"""What an installation needs before it serves, in one place; safe to repeat at every start."""

from backend.accounts.service import ensure_demo_people
from backend.curriculum.service import load_edition
from courses.editions import CURRENT
from infra.clock import Clock
from infra.engine import DB, configure
from infra.instance import fix_public_url
from infra.migrate import migrate
from infra.objects import ObjectStore
from infra.settings import Settings
from infra.vault import Vault


async def prepare(settings: Settings, clock: Clock) -> str:
    """Tables, public address, bucket, curriculum and (on a demonstration) people.

    Returns the public address, fixed at the first start. Leaves no connection open.
    """
    await migrate(settings.database_owner_url)
    await ObjectStore.from_url(settings.objects_url).ensure_bucket()
    configure(settings.database_url)
    await DB.start_connection_pool(min_size=1, max_size=2)
    try:
        local = f"http://{settings.host}:{settings.port}"
        public_url = await fix_public_url(settings.public_url, local, now=clock())
        await load_edition(CURRENT, clock())
        if settings.demo:
            await ensure_demo_people(Vault.of(settings.keys), clock())
    finally:
        await DB.close_connection_pool()
    return public_url
