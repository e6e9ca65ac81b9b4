"""Whether this machine holds the instance's keys.

A process without them would make keys of its own in silence: lectures that nobody can decrypt,
people whom nobody finds by their number.
"""

from datetime import datetime

from infra.database import UnitOfWork
from infra.engine import DB
from infra.errors import Conflict
from infra.tables import InstanceFact
from infra.vault import Vault

_FACT = "keys"


class KeysOfAnotherInstance(Conflict):
    """The keys in this machine's GUANBIAO_KEYS_DIR are not those of the instance that the database
    belongs to; copy the folder from a machine where it runs, and start again."""

    zh = "本机 GUANBIAO_KEYS_DIR 中的密钥与该数据库所属实例不符；请从正常运行的机器复制后重新启动。"


async def fix_keys(vault: Vault, *, now: datetime) -> None:
    """At the first start; afterwards as `check_keys`."""
    async with UnitOfWork(DB):
        fact = InstanceFact(name=_FACT, value=_answer(vault), set_at=now)
        await InstanceFact.insert(fact).on_conflict(action="DO NOTHING")
    await check_keys(vault)


async def check_keys(vault: Vault) -> None:
    """Raises KeysOfAnotherInstance. Before the first start any keys are right."""
    fixed = await InstanceFact.select(InstanceFact.value).where(InstanceFact.name == _FACT).first()
    if fixed is not None and fixed["value"] != _answer(vault):
        raise KeysOfAnotherInstance


def _answer(vault: Vault) -> str:
    """Says which key it is and nothing about it."""
    return vault.index("instance\0keys").hex()
