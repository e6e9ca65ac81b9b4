"""Our tree against the public vectors of RFC 6962 and 9162, and against a tree written plainly."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.records.verdict import merkle
from backend.records.verdict.tiles import TreeHashes
from tests.backend.records.vectors import shared


def cases(kind: str) -> list[tuple[Path, dict[str, Any]]]:
    paths = sorted(shared(f"vectors/merkle/{kind}").rglob("*.json"))
    return [(path, json.loads(path.read_text())) for path in paths]


def unpacked(texts: list[str] | None) -> list[bytes]:
    return [base64.b64decode(text) for text in texts or []]


def test_inclusion_agrees_with_the_public_vectors() -> None:
    found = cases("inclusion")
    assert len(found) == 98
    for path, case in found:
        included = merkle.verify_inclusion(
            leaf=base64.b64decode(case["leafHash"] or ""),
            index=case["leafIdx"],
            size=case["treeSize"],
            proof=unpacked(case["proof"]),
            root=base64.b64decode(case["root"] or ""),
        )
        assert included is not case["wantErr"], path


def test_consistency_agrees_with_the_public_vectors() -> None:
    found = cases("consistency")
    assert len(found) == 98
    for path, case in found:
        consistent = merkle.verify_consistency(
            size1=case["size1"],
            root1=base64.b64decode(case["root1"] or ""),
            size2=case["size2"],
            root2=base64.b64decode(case["root2"] or ""),
            proof=unpacked(case["proof"]),
        )
        assert consistent is not case["wantErr"], path


def plain_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1, word for word."""
    if not leaves:
        return merkle.EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return merkle.node_hash(plain_root(leaves[:half]), plain_root(leaves[half:]))


def grown(count: int) -> tuple[TreeHashes, list[bytes]]:
    tree, leaves = TreeHashes(), [merkle.leaf_hash(str(i).encode()) for i in range(count)]
    for leaf in leaves:
        tree.append(leaf)
    return tree, leaves


TREE, LEAVES = grown(1_100)
sizes = st.integers(min_value=1, max_value=1_100)


@given(size=sizes)
def test_the_root_is_that_of_the_definition(size: int) -> None:
    assert TREE.root(size) == plain_root(LEAVES[:size]) == merkle.root_of(LEAVES[:size])


@given(size=sizes, data=st.data())
def test_every_leaf_is_proved_and_no_other(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(min_value=0, max_value=size - 1))
    proof, root = TREE.inclusion(index, size), TREE.root(size)

    def included(leaf: bytes, at: int) -> bool:
        return merkle.verify_inclusion(leaf=leaf, index=at, size=size, proof=proof, root=root)

    assert included(LEAVES[index], index)
    assert not included(LEAVES[(index + 1) % 1_100], index)
    assert size == 1 or not included(LEAVES[index], (index + 1) % size)


@given(first=sizes, second=sizes)
def test_a_grown_tree_is_proved_to_begin_with_the_old_one(first: int, second: int) -> None:
    old, new = sorted((first, second))

    def consistent(root: bytes) -> bool:
        proof = TREE.consistency(old, new)
        return merkle.verify_consistency(
            size1=old, root1=root, size2=new, root2=TREE.root(new), proof=proof
        )

    assert consistent(TREE.root(old))
    assert not consistent(merkle.leaf_hash(b"another history"))


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 3), (1, 1_101)])
def test_a_leaf_outside_the_tree_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(IndexError):
        TREE.inclusion(index, size)
