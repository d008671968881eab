"""The Merkle tree of RFC 6962 section 2 (unchanged in RFC 9162 section 2): roots and proofs.

Storage stays outside. A tree is known by its complete subtrees only: node ``(level, index)`` covers
the leaves ``index * 2**level`` up to ``(index + 1) * 2**level`` and never changes once it is full.
Every function that needs stored nodes asks for all of them in one call of a :data:`Fetch`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from workbench.errors import InputError, TrustError

__all__ = [
    "EMPTY",
    "MAX_SIZE",
    "Fetch",
    "Node",
    "append",
    "consistency",
    "inclusion",
    "leaf_hash",
    "node_hash",
    "root",
    "verify_consistency",
    "verify_inclusion",
]

Node = tuple[int, int]
Fetch = Callable[[Sequence[Node]], list[bytes]]

EMPTY = hashlib.sha256(b"").digest()  # RFC 6962 section 2.1: the root of no leaves
MAX_SIZE = 2**63 - 1  # what a database column and every other implementation can count
_HASH_SIZE = 32


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf holding ``data`` (RFC 6962 section 2.1, prefix 0x00)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node (RFC 6962 section 2.1, prefix 0x01)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(hashes: Fetch, size: int) -> bytes:
    """Return the root of the first ``size`` leaves (RFC 6962 section 2.1).

    Raises:
        InputError: a size no tree can have.
        TrustError: whatever ``hashes`` raises for a node that is missing.
    """
    _check_size(size)
    return _subtrees(hashes, [(0, size)])[0] if size else EMPTY


def append(hashes: Fetch, size: int, leaves: Sequence[bytes]) -> dict[Node, bytes]:
    """Return the nodes that come into being when ``leaves`` follow a tree of ``size`` leaves.

    ``leaves`` are leaf hashes. Level by level, a new complete node is made of two new ones, except
    at the left edge, where the left half may be a node that is already stored.

    Raises:
        InputError: a size no tree can have.
        TrustError: whatever ``hashes`` raises for a node that is missing.
    """
    stop = size + len(leaves)
    _check_size(size)
    _check_size(stop)
    edge = _left_edge(size, stop)
    stored = dict(zip(edge, hashes(edge), strict=True)) if edge else {}
    nodes: dict[Node, bytes] = {}
    row, level, first = list(leaves), 0, size
    while row:
        nodes.update(((level, first + place), value) for place, value in enumerate(row))
        if first & 1:
            first -= 1
            row.insert(0, stored[level, first])
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
        level, first = level + 1, first >> 1
    return nodes


def inclusion(hashes: Fetch, index: int, size: int) -> list[bytes]:
    """Return the audit path of leaf ``index`` in a tree of ``size`` leaves.

    RFC 9162 section 2.1.3.1.

    Raises:
        InputError: there is no such leaf in a tree of that size.
        TrustError: whatever ``hashes`` raises for a node that is missing.
    """
    _check_size(size)
    if not 0 <= index < size:
        raise InputError(f"A ledger of {size} entries has no entry {index}.")
    ranges: list[tuple[int, int]] = []
    start, stop = 0, size
    while stop - start > 1:
        split = start + _split(stop - start)
        if index < split:
            ranges.append((split, stop))
            stop = split
        else:
            ranges.append((start, split))
            start = split
    return _subtrees(hashes, ranges[::-1])


def consistency(hashes: Fetch, old: int, new: int) -> list[bytes]:
    """Return the proof that a tree of ``new`` leaves extends its first ``old`` ones.

    RFC 9162 section 2.1.4.1. Empty where nothing is to prove (``old`` is 0 or ``new``).

    Raises:
        InputError: ``old`` is larger than ``new``, or a size no tree can have.
        TrustError: whatever ``hashes`` raises for a node that is missing.
    """
    _check_size(new)
    if not 0 <= old <= new:
        raise InputError(f"A ledger of {new} entries cannot extend one of {old}.")
    if old in (0, new):
        return []
    ranges: list[tuple[int, int]] = []
    start, stop = 0, new
    while old != stop:
        split = start + _split(stop - start)
        if old <= split:
            ranges.append((split, stop))
            stop = split
        else:
            ranges.append((start, split))
            start = split
    if start:  # otherwise the subtree is the old tree itself, whose root the verifier holds
        ranges.append((start, stop))
    return _subtrees(hashes, ranges[::-1])


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that the leaf hash ``leaf`` is number ``index`` under ``root``.

    RFC 9162 section 2.1.3.2.

    Raises:
        TrustError: it is not, or the proof is too short, too long or malformed
            (step ``"inclusion proof"``).
    """
    step = "inclusion proof"
    if not 0 <= index < size <= MAX_SIZE:
        raise TrustError(step, f"there is no entry {index} in a ledger of {size}.")
    _check_hashes(step, [leaf, root, *proof])
    place, last, value = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise TrustError(step, "the proof is longer than the ledger is deep.")
        if place & 1 or place == last:
            value = node_hash(sibling, value)
            place, last = _up_to_right_child(place, last)
        else:
            value = node_hash(value, sibling)
        place, last = place >> 1, last >> 1
    if last != 0:
        raise TrustError(step, "the proof is shorter than the ledger is deep.")
    if value != root:
        raise TrustError(step, "the proof leads to another root than the checkpoint's.")


def verify_consistency(
    old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """Check that the tree under ``new_root`` extends the one under ``old_root``.

    RFC 9162 section 2.1.4.2; the empty tree, which the RFC leaves open, is extended by every tree.

    Raises:
        TrustError: it does not, or the proof is too short, too long or malformed
            (step ``"consistency proof"``).
    """
    step = "consistency proof"
    if not 0 <= old <= new <= MAX_SIZE:
        raise TrustError(step, f"the ledger shrank from {old} to {new} entries.")
    _check_hashes(step, [old_root, new_root, *proof])
    if old in (0, new):
        _check_trivial(old, proof, old_root, EMPTY if old == 0 else new_root)
        if new == 0 and new_root != EMPTY:
            raise TrustError(step, "the root is not that of an empty ledger.")
        return
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        raise TrustError(step, "the proof is empty although the ledger grew.")
    _walk_consistency(step, old, new, path, old_root, new_root)


def _walk_consistency(
    step: str, old: int, new: int, path: list[bytes], old_root: bytes, new_root: bytes
) -> None:
    """Follow ``path`` up both trees at once and compare both roots."""
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise TrustError(step, "the proof is longer than the ledger is deep.")
        if place & 1 or place == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            place, last = _up_to_right_child(place, last)
        else:
            after = node_hash(after, sibling)
        place, last = place >> 1, last >> 1
    if last != 0:
        raise TrustError(step, "the proof is shorter than the ledger is deep.")
    if before != old_root:
        raise TrustError(step, "the proof does not lead to the earlier root: history was changed.")
    if after != new_root:
        raise TrustError(step, "the proof does not lead to the later root.")


def _check_trivial(old: int, proof: Sequence[bytes], old_root: bytes, expected: bytes) -> None:
    if proof:
        raise TrustError("consistency proof", "there is a proof where nothing has to be proven.")
    if old_root != expected:
        raise TrustError("consistency proof", f"two different ledgers of {old} entries.")


def _up_to_right_child(place: int, last: int) -> tuple[int, int]:
    """Skip the levels on which a node at the right edge has no sibling."""
    while place and not place & 1:
        place, last = place >> 1, last >> 1
    return place, last


def _split(width: int) -> int:
    """Return the largest power of two smaller than ``width`` (k in RFC 6962 section 2.1)."""
    return 1 << ((width - 1).bit_length() - 1)


def _cover(start: int, stop: int) -> list[Node]:
    """Return the complete subtrees, left to right, that make up leaves ``start`` to ``stop``."""
    nodes: list[Node] = []
    while start < stop:
        level = (stop - start).bit_length() - 1
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


def _subtrees(hashes: Fetch, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
    """Return the hash over each range of leaves, fetching all nodes at once."""
    covers = [_cover(start, stop) for start, stop in ranges]
    wanted = [node for cover in covers for node in cover]
    found = iter(hashes(wanted) if wanted else [])
    return [_fold([next(found) for _ in cover]) for cover in covers]


def _fold(parts: list[bytes]) -> bytes:
    """Join the hashes of a row of shrinking complete subtrees, from the right."""
    value = parts[-1]
    for part in reversed(parts[:-1]):
        value = node_hash(part, value)
    return value


def _left_edge(size: int, stop: int) -> list[Node]:
    """Return the stored nodes that become left halves as the tree grows to ``stop`` leaves."""
    return [
        (level, (size >> level) - 1)
        for level in range(size.bit_length())
        if size >> level & 1 and stop >> level > size >> level
    ]


def _check_size(size: int) -> None:
    if not 0 <= size <= MAX_SIZE:
        raise InputError(f"No ledger has {size} entries.")


def _check_hashes(step: str, hashes: Sequence[bytes]) -> None:
    if any(len(value) != _HASH_SIZE for value in hashes):
        raise TrustError(step, f"a hash is not {_HASH_SIZE} bytes long.")
