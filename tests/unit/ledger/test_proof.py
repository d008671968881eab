"""Receipts: whatever parses prints back the same, and nothing in it can be changed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import InputError, TrustError
from workbench.ledger import checkpoint, merkle, proof

ORIGIN = "ledger.example/tests"
KEY = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
VERIFIER = checkpoint.verifier_key(ORIGIN, KEY.public_key().public_bytes_raw())
DATA = [proof.commitment(bytes([number]) * 32, b"{}") for number in range(21)]
NODES = merkle.append(lambda _: [], 0, [merkle.leaf_hash(data) for data in DATA])
NOTE = checkpoint.CheckpointSigner(ORIGIN, VERIFIER, KEY.sign).sign(
    21, merkle.root(lambda nodes: [NODES[node] for node in nodes], 21)
)


def fetch(nodes: Sequence[merkle.Node]) -> list[bytes]:
    return [NODES[node] for node in nodes]


def receipt(index: int, extra: bytes | None = None) -> bytes:
    return proof.write(index, merkle.inclusion(fetch, index, 21), NOTE, extra)


def test_commitment_is_a_salted_hash() -> None:
    """The leaf data is SHA-256 of salt and event, and the salt has one length."""
    assert proof.commitment(b"s" * 32, b"event") == hashlib.sha256(b"s" * 32 + b"event").digest()
    with pytest.raises(InputError, match="32 bytes"):
        proof.commitment(b"s" * 31, b"event")


@pytest.mark.parametrize("extra", [None, b"x", b"x" * proof.MAX_EXTRA])
def test_every_entry_has_a_receipt(extra: bytes | None) -> None:
    """A receipt written for any entry parses to what was written and verifies."""
    for index, data in enumerate(DATA):
        parsed = proof.parse(receipt(index, extra))
        assert (parsed.index, parsed.checkpoint, parsed.extra) == (index, NOTE, extra)
        found = parsed.verify(data, VERIFIER)
        assert (found.origin, found.size) == (ORIGIN, 21)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_changed_byte_is_refused(data: st.DataObject) -> None:
    """Replacing, removing or inserting any one byte of a receipt is noticed."""
    good = receipt(20)
    place = data.draw(st.integers(0, len(good) - 1))
    byte = bytes([data.draw(st.integers(0, 255).filter(lambda value: value != good[place]))])
    for changed in (
        good[:place] + byte + good[place + 1 :],
        good[:place] + good[place + 1 :],
        good[:place] + byte + good[place:],
    ):
        with pytest.raises(TrustError) as caught:
            proof.parse(changed).verify(DATA[20], VERIFIER)
        assert caught.value.step == "receipt"


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, merkle.MAX_SIZE),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63),
    st.binary(min_size=1, max_size=300),
    st.none() | st.binary(min_size=1, max_size=300),
)
def test_whatever_is_written_parses_to_the_same(
    index: int, hashes: list[bytes], note: bytes, extra: bytes | None
) -> None:
    """Writing and parsing are inverse, also where the content could never verify."""
    data = proof.write(index, hashes, note, extra)
    assert proof.parse(data) == proof.TlogProof(index, tuple(hashes), note, extra)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_parses_prints_back_the_same(data: st.DataObject) -> None:
    """The parser accepts exactly what the printer prints."""
    parts = st.sampled_from(
        [
            b"c2sp.org/tlog-proof@v1",
            b"extra eA==",
            b"index 3",
            b"index 03",
            b"A" * 43 + b"=",
            b"",
            b"A" * 42 + b"B=",
            b"x",
            NOTE,
        ]
    )
    noise = b"\n".join(data.draw(st.lists(parts, max_size=7)))
    head = b"c2sp.org/tlog-proof@v1\nindex 3\n" if data.draw(st.booleans()) else b""
    step = None
    try:
        parsed = proof.parse(head + noise)
    except TrustError as refused:
        step = refused.step
    if step is not None:
        assert step == "receipt"
        return
    again = proof.write(parsed.index, parsed.hashes, parsed.checkpoint, parsed.extra)
    assert again == head + noise


def test_a_receipt_has_size_limits() -> None:
    """Huge files, extra data and checkpoints are refused when read and when written."""
    with pytest.raises(TrustError, match="longer than"):
        proof.parse(b"x" * 1_000_000)
    long_note = b"c2sp.org/tlog-proof@v1\nindex 3\n\n" + b"x" * (checkpoint.MAX_NOTE + 1)
    with pytest.raises(TrustError, match="too long"):
        proof.parse(long_note)
    for extra in (b"", b"x" * (proof.MAX_EXTRA + 1)):
        with pytest.raises(InputError, match="Extra data"):
            proof.write(0, [], NOTE, extra)
    for note in (b"", b"x" * (checkpoint.MAX_NOTE + 1)):
        with pytest.raises(InputError, match="A checkpoint"):
            proof.write(0, [], note)


def test_what_does_not_fit_the_format_is_not_written() -> None:
    """Impossible indexes and paths are the caller's mistake."""
    for index in (-1, 2**63):
        with pytest.raises(InputError, match=r"no entry|No ledger"):
            proof.write(index, [], NOTE)
    for hashes in ([b"short"], [b"h" * 32] * 64):
        with pytest.raises(InputError, match="A path"):
            proof.write(0, hashes, NOTE)
