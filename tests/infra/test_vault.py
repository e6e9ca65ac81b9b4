import os
import shutil
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from backend.accounts.tables import Person, PersonLogin
from infra.keys import load_or_create
from infra.sealkeys import (
    NoMoreSealKeys,
    SealKeyMissing,
    SealKeys,
    add_key,
    change_state,
    keys_in,
)
from infra.vault import Vault, place

HERE = "person.name_sealed/1"
VAULT = Vault(SealKeys(None, {1: b"s" * 32}), b"i" * 32)


@given(st.text())
def test_what_is_sealed_opens_again_and_never_twice_alike(text: str) -> None:
    sealed = VAULT.seal(text, HERE)
    assert VAULT.open(sealed, HERE) == text
    assert VAULT.seal(text, HERE) != sealed


@given(st.text(min_size=1), st.data())
def test_a_changed_byte_is_noticed(text: str, data: st.DataObject) -> None:
    sealed = bytearray(VAULT.seal(text, HERE))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1
    with pytest.raises((InvalidTag, SealKeyMissing)):
        VAULT.open(bytes(sealed), HERE)


def test_the_index_is_equal_for_equal_texts_and_keyed() -> None:
    assert VAULT.index("13812345678") == VAULT.index("13812345678")
    assert VAULT.index("13812345678") != VAULT.index("13812345679")
    other = Vault(SealKeys(None, {1: b"s" * 32}), b"j" * 32)
    assert other.index("13812345678") != VAULT.index("13812345678")


def test_keys_are_kept_readable_by_their_owner_alone(tmp_path: Path) -> None:
    sealed = Vault.of(tmp_path).seal("王小明", HERE)
    load_or_create(tmp_path, "tokens", "Ed25519")
    assert Vault.of(tmp_path).open(sealed, HERE) == "王小明"
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


@pytest.mark.parametrize("kind", ["ES256", "Ed25519"])
def test_a_key_is_made_once(tmp_path: Path, kind: str) -> None:
    first, second = (load_or_create(tmp_path, "k", kind) for _ in range(2))  # type: ignore[arg-type]
    assert first.public_key() == second.public_key()


# --- places and several keys ------------------------------------------------------------------


@given(st.text(), st.uuids(), st.uuids())
def test_a_bound_field_opens_in_its_own_place_alone(text: str, row: UUID, other: UUID) -> None:
    here = place(Person.name_sealed, row)
    sealed = VAULT.seal(text, here)
    assert VAULT.open(sealed, here) == text
    elsewhere = [place(Person.name_sealed, other)] if other != row else []
    for wrong in [*elsewhere, place(PersonLogin.sealed, row), ""]:
        with pytest.raises(InvalidTag):
            VAULT.open(sealed, wrong)


def test_a_field_that_was_never_bound_opens_nowhere_and_is_bound_when_asked() -> None:
    old = unbound("王小明", b"s" * 32)
    for at in (HERE, ""):
        with pytest.raises(InvalidTag):
            VAULT.open(old, at)
    with pytest.raises(InvalidTag):
        VAULT.sealed_anew(old, HERE)
    bound = VAULT.sealed_anew(old, HERE, bind=True)
    assert VAULT.open(bound, HERE) == "王小明"
    with pytest.raises(InvalidTag):  # what is bound is never bound elsewhere
        VAULT.sealed_anew(bound, place(Person.name_sealed, uuid4()), bind=True)


def unbound(text: str, key: bytes) -> bytes:
    """As fields were sealed under key 1 before they were bound to a place."""
    nonce = os.urandom(12)
    return b"\x01" + nonce + AESGCM(key).encrypt(nonce, text.encode(), None)


def test_a_running_process_takes_up_a_new_key_and_opens_the_old(tmp_path: Path) -> None:
    running = Vault.of(tmp_path)
    old = running.seal("王小明", HERE)
    add_key(tmp_path, coming=False)
    assert (old[0] & 127, running.seal("王小明", HERE)[0] & 127) == (1, 2)
    assert running.open(old, HERE) == "王小明"
    anew = running.sealed_anew(old, HERE)
    assert (anew[0] & 127, running.open(anew, HERE)) == (2, "王小明")


def test_a_coming_key_opens_what_other_machines_seal_and_seals_nothing_itself(
    tmp_path: Path,
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    Vault.of(here)
    add_key(here, coming=True)
    shutil.copytree(here, there)
    change_state(there, 2, "coming", "key")
    sealed_there = Vault.of(there).seal("王小明", HERE)
    assert (sealed_there[0] & 127, Vault.of(here).open(sealed_there, HERE)) == (2, "王小明")
    assert Vault.of(here).seal("王小明", HERE)[0] & 127 == 1


def test_without_the_key_the_refusal_names_the_file_to_copy(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    Vault.of(here)
    shutil.copytree(here, there)
    add_key(here, coming=False)
    with pytest.raises(SealKeyMissing, match=r"vault-seal-2\.key"):
        Vault.of(there).open(Vault.of(here).seal("王小明", HERE), HERE)


def test_a_retired_key_opens_nothing_and_never_makes_room_for_another_of_its_number(
    tmp_path: Path,
) -> None:
    vault = Vault.of(tmp_path)
    old = vault.seal("王小明", HERE)
    add_key(tmp_path, coming=False)
    change_state(tmp_path, 1, "key", "retired")
    with pytest.raises(SealKeyMissing):
        vault.open(old, HERE)
    assert Vault.of(tmp_path).seal("王小明", HERE)[0] & 127 == 2
    assert add_key(tmp_path, coming=False).number == 3
    change_state(tmp_path, 1, "retired", "key")
    assert Vault.of(tmp_path).open(old, HERE) == "王小明"


def test_there_are_127_numbers(tmp_path: Path) -> None:
    (tmp_path / "vault-seal-127.retired").write_bytes(b"x" * 32)
    with pytest.raises(NoMoreSealKeys):
        add_key(tmp_path, coming=False)


def test_fingerprints_tell_keys_apart_without_giving_them_away(tmp_path: Path) -> None:
    keys = [add_key(tmp_path, coming=False) for _ in range(2)]
    prints = {key.fingerprint for key in keys}
    assert len(prints) == 2
    assert not any(key.path.read_bytes().hex().startswith(p) for key in keys for p in prints)
    assert [key.fingerprint for key in keys_in(tmp_path)] == [key.fingerprint for key in keys]
