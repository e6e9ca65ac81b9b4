import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.records.verdict import merkle
from backend.records.verdict.refusal import Refused
from backend.records.verdict.tiles import (
    Tile,
    TreeHashes,
    pack_entries,
    parse_path,
    tiles_of,
    unpack_entries,
)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        pytest.param(Tile(0, 0, 256), "tile/0/000", id="a full tile has no suffix"),
        pytest.param(Tile(0, 1_234_067, 256), "tile/0/x001/x234/067", id="long numbers are cut"),
        pytest.param(Tile(2, 5, 1), "tile/2/005.p/1", id="a partial tile names its width"),
        pytest.param(Tile(None, 1_000, 17), "tile/entries/x001/000.p/17", id="bundles of entries"),
    ],
)
def test_paths_are_those_of_the_layout(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert parse_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0",
        "tile/00/000",
        "tile/64/000",
        "tile/0/x000/001",
        "tile/0/001/x002",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/-1/000",
        "tile/0/../checkpoint",
        "tile/0/000\n",
    ],
)
def test_any_other_spelling_is_refused(path: str) -> None:
    with pytest.raises(Refused):
        parse_path(path)


def test_a_tree_of_70000_has_the_tiles_the_layout_names() -> None:
    tiles = [tile for tile in tiles_of(70_000) if tile.level is not None]
    full = [(t.level, t.width) for t in tiles if t.width == 256]
    assert (full.count((0, 256)), full.count((1, 256)), len(full)) == (273, 1, 274)
    assert [(t.level, t.width) for t in tiles if t.width < 256] == [(0, 112), (1, 17), (2, 1)]


@given(st.lists(st.integers(min_value=0, max_value=400), min_size=1, max_size=6))
def test_growing_in_steps_gives_the_tiles_of_growing_at_once(steps: list[int]) -> None:
    size, made = 0, set()
    for step in steps:
        made |= set(tiles_of(size + step, since=size))
        size += step
    assert set(tiles_of(size)) <= made


def test_roots_and_proofs_can_be_computed_from_the_tiles_alone() -> None:
    tree = TreeHashes()
    for number in range(70_000):
        tree.append(merkle.leaf_hash(number.to_bytes(4)))
    top = tree.tile(Tile(2, 0, 1)), tree.tile(Tile(1, 1, 17)), tree.tile(Tile(0, 273, 112))
    rows = [[row[i : i + 32] for i in range(0, len(row), 32)] for row in top]
    edge = merkle.node_hash(rows[1][16], merkle.root_of(rows[2]))
    right = merkle.node_hash(merkle.root_of(rows[1][:16]), edge)
    assert tree.root(70_000) == merkle.node_hash(rows[0][0], right)


@given(st.lists(st.tuples(st.integers(1, 300), st.integers(0)), min_size=1, max_size=6))
def test_a_proof_asked_for_while_the_tree_grows_is_that_of_its_size(
    steps: list[tuple[int, int]],
) -> None:
    """What was worked out for a tile that was not full yet is not taken for the full one."""
    tree = TreeHashes()
    for step, asked in steps:
        for number in range(tree.size, tree.size + step):
            tree.append(merkle.leaf_hash(number.to_bytes(4)))
        index = asked % tree.size
        assert merkle.verify_inclusion(
            leaf=merkle.leaf_hash(index.to_bytes(4)),
            index=index,
            size=tree.size,
            proof=tree.inclusion(index, tree.size),
            root=tree.root(tree.size),
        )


@given(st.lists(st.binary(max_size=300), max_size=256))
def test_entries_survive_their_bundle(entries: list[bytes]) -> None:
    assert unpack_entries(pack_entries(entries)) == entries


@given(st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=5))
def test_a_bundle_cut_short_is_refused(entries: list[bytes]) -> None:
    with pytest.raises(Refused):
        unpack_entries(pack_entries(entries)[:-1])
