from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from infra.keys import load_or_create
from infra.vault import Vault

VAULT = Vault(b"s" * 32, b"i" * 32)


@given(st.text())
def test_what_is_sealed_opens_again_and_never_twice_alike(text: str) -> None:
    sealed = VAULT.seal(text)
    assert VAULT.open(sealed) == text
    assert VAULT.seal(text) != sealed


@given(st.text(min_size=1), st.data())
def test_a_changed_byte_is_noticed(text: str, data: st.DataObject) -> None:
    sealed = bytearray(VAULT.seal(text))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1
    with pytest.raises((InvalidTag, ValueError)):
        VAULT.open(bytes(sealed))


def test_the_index_is_equal_for_equal_texts_and_keyed() -> None:
    assert VAULT.index("13812345678") == VAULT.index("13812345678")
    assert VAULT.index("13812345678") != VAULT.index("13812345679")
    assert Vault(b"s" * 32, b"j" * 32).index("13812345678") != VAULT.index("13812345678")


def test_keys_are_kept_readable_by_their_owner_alone(tmp_path: Path) -> None:
    sealed = Vault.of(tmp_path).seal("王小明")
    load_or_create(tmp_path, "tokens", "Ed25519")
    assert Vault.of(tmp_path).open(sealed) == "王小明"
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


@pytest.mark.parametrize("kind", ["ES256", "Ed25519"])
def test_a_key_is_made_once(tmp_path: Path, kind: str) -> None:
    first, second = (load_or_create(tmp_path, "k", kind) for _ in range(2))  # type: ignore[arg-type]
    assert first.public_key() == second.public_key()
