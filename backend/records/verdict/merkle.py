"""Merkle trees of RFC 6962 §2.1 and the verification of their proofs (RFC 9162 §2.1.3, §2.1.4)."""

from collections.abc import Sequence
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()
HASH_BYTES = 32


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Root over consecutive leaf hashes, or over consecutive roots of equal full subtrees."""
    if not hashes:
        return EMPTY_ROOT
    level = list(hashes)
    while len(level) > 1:
        paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = paired + level[len(level) & ~1 :]
    return level[0]


def split(size: int) -> int:
    """The largest power of two smaller than `size` (>= 2): where RFC 6962 divides a tree."""
    return 1 << ((size - 1).bit_length() - 1)


def verify_inclusion(
    *, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Does `proof` lead from the leaf hash at `index` to the root of a tree of `size` leaves?"""
    if not 0 <= index < size or not {HASH_BYTES}.issuperset(map(len, (leaf, *proof))):
        return False
    position, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            node = sha256(b"\x01" + sibling + node).digest()
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            node = sha256(b"\x01" + node + sibling).digest()
        position, last = position >> 1, last >> 1
    return last == 0 and node == root


def verify_consistency(
    *, size1: int, root1: bytes, size2: int, root2: bytes, proof: Sequence[bytes]
) -> bool:
    """Is the tree of `size1` leaves a beginning of the tree of `size2` leaves?"""
    if size1 == size2:
        return size1 > 0 and not proof and root1 == root2
    if not 0 < size1 < size2 or not proof or any(len(p) != HASH_BYTES for p in proof):
        return False
    path = [root1, *proof] if size1 & (size1 - 1) == 0 else list(proof)
    position, last = size1 - 1, size2 - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and old == root1 and new == root2
