import shutil
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.exceptions import InvalidTag
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

VAULT = Vault(SealKeys(None, {1: b"s" * 32}), b"i" * 32)


@given(st.text())
def test_what_is_sealed_opens_again_and_never_twice_alike(text: str) -> None:
    sealed = VAULT.seal(text)
    assert VAULT.open(sealed) == text
    assert VAULT.seal(text) != sealed


@given(st.text(min_size=1), st.data())
def test_a_changed_byte_is_noticed(text: str, data: st.DataObject) -> None:
    sealed = bytearray(VAULT.seal(text))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1
    with pytest.raises((InvalidTag, SealKeyMissing)):
        VAULT.open(bytes(sealed))


def test_the_index_is_equal_for_equal_texts_and_keyed() -> None:
    assert VAULT.index("13812345678") == VAULT.index("13812345678")
    assert VAULT.index("13812345678") != VAULT.index("13812345679")
    other = Vault(SealKeys(None, {1: b"s" * 32}), b"j" * 32)
    assert other.index("13812345678") != VAULT.index("13812345678")


def test_keys_are_kept_readable_by_their_owner_alone(tmp_path: Path) -> None:
    sealed = Vault.of(tmp_path).seal("王小明")
    load_or_create(tmp_path, "tokens", "Ed25519")
    assert Vault.of(tmp_path).open(sealed) == "王小明"
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


def test_an_unbound_field_does_not_pass_for_a_bound_one() -> None:
    with pytest.raises(InvalidTag):
        VAULT.open(VAULT.seal("王小明"), place(Person.name_sealed, uuid4()))


def test_a_running_process_takes_up_a_new_key_and_opens_the_old(tmp_path: Path) -> None:
    running = Vault.of(tmp_path)
    old = running.seal("王小明")
    add_key(tmp_path, coming=False)
    assert (old[0], running.seal("王小明")[0]) == (1, 2)
    assert running.open(old) == "王小明"
    anew = running.sealed_anew(old, "")
    assert (anew[0], running.open(anew)) == (2, "王小明")


def test_a_coming_key_opens_what_other_machines_seal_and_seals_nothing_itself(
    tmp_path: Path,
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    Vault.of(here)
    add_key(here, coming=True)
    shutil.copytree(here, there)
    change_state(there, 2, "coming", "key")
    sealed_there = Vault.of(there).seal("王小明")
    assert (sealed_there[0], Vault.of(here).open(sealed_there)) == (2, "王小明")
    assert Vault.of(here).seal("王小明")[0] == 1


def test_without_the_key_the_refusal_names_the_file_to_copy(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    Vault.of(here)
    shutil.copytree(here, there)
    add_key(here, coming=False)
    with pytest.raises(SealKeyMissing, match=r"vault-seal-2\.key"):
        Vault.of(there).open(Vault.of(here).seal("王小明"))


def test_a_retired_key_opens_nothing_and_never_makes_room_for_another_of_its_number(
    tmp_path: Path,
) -> None:
    vault = Vault.of(tmp_path)
    old = vault.seal("王小明")
    add_key(tmp_path, coming=False)
    change_state(tmp_path, 1, "key", "retired")
    with pytest.raises(SealKeyMissing):
        vault.open(old)
    assert Vault.of(tmp_path).seal("王小明")[0] == 2
    assert add_key(tmp_path, coming=False).number == 3
    change_state(tmp_path, 1, "retired", "key")
    assert Vault.of(tmp_path).open(old) == "王小明"


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
