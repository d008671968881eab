"""The tree against two independent ones: pymerkle, and RFC 6962's definition taken literally."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from types import SimpleNamespace

import pymerkle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import InputError, TrustError
from workbench.ledger import merkle

LEAVES = [merkle.leaf_hash(b"%d" % number) for number in range(130)]
MOST = 40  # sizes tried exhaustively


class Stored:
    """A tree's complete subtrees in a dict, and how often they were asked for."""

    def __init__(self, leaves: Sequence[bytes] = ()) -> None:
        self.nodes: dict[merkle.Node, bytes] = {}
        self.calls = 0
        self.size = 0
        self.append(leaves)

    def __call__(self, wanted: Sequence[merkle.Node]) -> list[bytes]:
        self.calls += 1
        return [self.nodes[node] for node in wanted]

    def append(self, leaves: Sequence[bytes]) -> None:
        new = merkle.append(self, self.size, leaves)
        assert not new.keys() & self.nodes.keys(), "a stored node never changes"
        self.nodes |= new
        self.size += len(leaves)


@pytest.fixture(scope="module")
def stored() -> Stored:
    return Stored(LEAVES)


@pytest.fixture(scope="module")
def peer() -> pymerkle.InmemoryTree:
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for number in range(len(LEAVES)):
        tree.append_entry(b"%d" % number)
    return tree


def test_known_hashes() -> None:
    """The empty root and an empty leaf have the values that RFC 6962 implementations publish."""
    assert merkle.EMPTY.hex() == hashlib.sha256(b"").hexdigest()
    published = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert merkle.leaf_hash(b"").hex() == published


def test_roots_agree_with_pymerkle(stored: Stored, peer: pymerkle.InmemoryTree) -> None:
    """Every size up to 130 has the root that pymerkle computes."""
    for size in range(1, len(LEAVES) + 1):
        assert merkle.root(stored, size) == peer.get_root(size)


def test_inclusion_proofs_agree_with_pymerkle(stored: Stored, peer: pymerkle.InmemoryTree) -> None:
    """Our path is pymerkle's without the leaf that it puts in front."""
    for size in (1, 2, 3, 7, 8, 9, 64, 100, 130):
        for index in range(size):
            expected = peer.prove_inclusion(index + 1, size).path[1:]
            assert merkle.inclusion(stored, index, size) == expected


def test_pymerkle_finds_our_roots_consistent(stored: Stored, peer: pymerkle.InmemoryTree) -> None:
    """Its own proofs, of another form than RFC 6962's, connect the roots we computed."""
    for new in (2, 3, 7, 8, 9, 64, 100, 130):
        for old in range(1, new):
            theirs = peer.prove_consistency(old, new)
            before, after = merkle.root(stored, old), merkle.root(stored, new)
            pymerkle.verify_consistency(before, after, theirs, old, new)


def test_everything_agrees_with_the_definition(stored: Stored, reference: SimpleNamespace) -> None:
    """Roots and all proofs of all small trees equal those of the recursive definition."""
    for size in range(MOST):
        root = reference.root(LEAVES[:size])
        assert merkle.root(stored, size) == root
        for index in range(size):
            path = merkle.inclusion(stored, index, size)
            assert path == reference.path(index, LEAVES[:size])
            merkle.verify_inclusion(LEAVES[index], index, size, path, root)
        for old in range(size + 1):
            proof = merkle.consistency(stored, old, size)
            assert proof == reference.proof(old, LEAVES[:size])
            merkle.verify_consistency(old, size, proof, reference.root(LEAVES[:old]), root)


def test_only_complete_subtrees_are_stored(stored: Stored, reference: SimpleNamespace) -> None:
    """A tree of n leaves has n >> l nodes at level l, each the root over its leaves."""
    assert len(stored.nodes) == sum(stored.size >> level for level in range(8))
    for (level, index), value in stored.nodes.items():
        assert value == reference.root(LEAVES[index << level : (index + 1) << level])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 40), max_size=8))
def test_batches_do_not_matter(counts: list[int]) -> None:
    """Appending in any batches gives the nodes of appending all at once."""
    tree, everything = Stored(), (LEAVES * 3)[: sum(counts)]
    for count in counts:
        tree.append(everything[tree.size : tree.size + count])
    assert tree.nodes == Stored(everything).nodes


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_other_leaf_index_or_hash_is_refused(data: st.DataObject) -> None:
    """A proof holds for one leaf at one place only, whatever single thing is changed."""
    size = data.draw(st.integers(2, 64))
    index = data.draw(st.integers(0, size - 1))
    tree = Stored(LEAVES[:size])
    path, root = merkle.inclusion(tree, index, size), merkle.root(tree, size)
    other = data.draw(st.integers(0, size - 1).filter(lambda place: place != index))
    with pytest.raises(TrustError, match=r"^inclusion proof"):
        merkle.verify_inclusion(LEAVES[index], other, size, path, root)
    with pytest.raises(TrustError, match=r"^inclusion proof"):
        merkle.verify_inclusion(LEAVES[other], index, size, path, root)
    place, bit = data.draw(st.integers(0, len(path) - 1)), data.draw(st.integers(0, 255))
    path[place] = flip(path[place], bit)
    with pytest.raises(TrustError, match=r"^inclusion proof"):
        merkle.verify_inclusion(LEAVES[index], index, size, path, root)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_rewritten_leaf_breaks_consistency(data: st.DataObject) -> None:
    """A later tree whose old part differs has no proof that the honest root accepts."""
    new = data.draw(st.integers(2, 64))
    old = data.draw(st.integers(1, new - 1))
    honest, forged = Stored(LEAVES[:new]), list(LEAVES[:new])
    place = data.draw(st.integers(0, old - 1))
    forged[place] = flip(forged[place], 0)
    tree = Stored(forged)
    proof = merkle.consistency(tree, old, new)
    with pytest.raises(TrustError, match=r"^consistency proof"):
        merkle.verify_consistency(old, new, proof, merkle.root(honest, old), merkle.root(tree, new))


def test_nodes_are_fetched_in_one_call(stored: Stored) -> None:
    """A root, a proof or an append asks the store once, so a database answers in one round trip."""
    uses: list[Callable[[], object]] = [
        lambda: merkle.root(stored, 101),
        lambda: merkle.inclusion(stored, 77, 101),
        lambda: merkle.consistency(stored, 77, 101),
        lambda: merkle.append(stored, 101, LEAVES[:9]),
    ]
    for use in uses:
        before = stored.calls
        use()
        assert stored.calls == before + 1


@pytest.mark.parametrize("size", [-1, 2**63])
def test_impossible_sizes(stored: Stored, size: int) -> None:
    """Sizes that no tree can have are the caller's mistake."""
    uses: list[Callable[[], object]] = [
        lambda: merkle.root(stored, size),
        lambda: merkle.inclusion(stored, 0, size),
        lambda: merkle.consistency(stored, 0, size),
        lambda: merkle.append(stored, size, LEAVES[:1]),
    ]
    for use in uses:
        with pytest.raises(InputError):
            use()


def test_no_such_entry_and_no_such_growth(stored: Stored) -> None:
    """Proofs are asked for within the tree, and from the smaller tree to the larger."""
    with pytest.raises(InputError, match="no entry 5"):
        merkle.inclusion(stored, 5, 5)
    with pytest.raises(InputError, match="cannot extend"):
        merkle.consistency(stored, 6, 5)


def flip(value: bytes, bit: int) -> bytes:
    return (int.from_bytes(value) ^ (1 << bit)).to_bytes(len(value))
