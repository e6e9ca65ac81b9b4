"""A machine that holds other keys than the instance's is turned away at its start."""

import pytest

from infra.own_keys import KeysOfAnotherInstance, check_keys, fix_keys
from infra.sealkeys import SealKeys
from infra.tables import InstanceFact
from infra.vault import Vault
from tests.conftest import START

SEAL = SealKeys(None, {1: b"s" * 32})
OURS, OTHERS = Vault(SEAL, b"i" * 32), Vault(SEAL, b"j" * 32)


async def test_before_the_first_start_any_keys_are_right(unit: None) -> None:
    await InstanceFact.delete().where(InstanceFact.name == "keys")
    await check_keys(OTHERS)


async def test_afterwards_only_the_same(unit: None) -> None:
    await InstanceFact.delete().where(InstanceFact.name == "keys")
    await fix_keys(OURS, now=START)
    await fix_keys(OURS, now=START)
    await check_keys(OURS)
    for look in (check_keys(OTHERS), fix_keys(OTHERS, now=START)):
        with pytest.raises(KeysOfAnotherInstance, match="GUANBIAO_KEYS_DIR"):
            await look
