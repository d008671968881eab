"""Checkpoints: one spelling, one key, one ledger."""

from __future__ import annotations

import base64
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import InputError, TrustError
from workbench.ledger import checkpoint
from workbench.ledger.checkpoint import Checkpoint, CheckpointSigner
from workbench.ledger.merkle import EMPTY

ORIGIN = "ledger.example/tests"
KEY = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
VERIFIER = checkpoint.verifier_key(ORIGIN, KEY.public_key().public_bytes_raw())
SIGNER = CheckpointSigner(ORIGIN, VERIFIER, KEY.sign)
LINES = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20)


def test_a_signed_note_of_another_implementation() -> None:
    """The note in the documentation of Go's sumdb/note package carries a signature we can check.

    It is no checkpoint, so it is refused for its text and not for its signature.
    """
    verifier = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    note = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n\n— PeterNeumann "
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    with pytest.raises(TrustError, match="origin, a size and a root") as caught:
        checkpoint.verify(note.encode(), verifier)
    assert caught.value.step == "checkpoint"
    with pytest.raises(TrustError, match="does not fit"):
        checkpoint.verify(note.replace("think", "thank").encode(), verifier)


def test_the_note_is_the_specification_s(reference: SimpleNamespace) -> None:
    """What we sign is, byte for byte, what a note put together by hand looks like."""
    seed = reference.secret("ours").private_bytes_raw()
    key = Ed25519PrivateKey.from_private_bytes(seed)
    verifier = reference.vkey(reference.NAME, "ours")
    root = reference.root(reference.LEAVES)
    note = CheckpointSigner(reference.NAME, verifier, key.sign).sign(13, root)
    assert note.decode() == reference.note(reference.text(13, root))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 2**63 - 1), st.binary(min_size=32, max_size=32), st.lists(LINES, max_size=3))
def test_what_is_signed_is_what_is_read(size: int, root: bytes, extensions: list[str]) -> None:
    """Signing and verifying give back the same checkpoint."""
    made = Checkpoint(ORIGIN, size, root, tuple(extensions))
    assert checkpoint.verify(checkpoint.sign(made, KEY.sign, VERIFIER), VERIFIER) == made


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_changed_byte_is_refused(data: st.DataObject) -> None:
    """Replacing, removing or inserting any one byte of a note is noticed."""
    note = SIGNER.sign(21, b"r" * 32)
    place = data.draw(st.integers(0, len(note) - 1))
    byte = bytes([data.draw(st.integers(0, 255).filter(lambda value: value != note[place]))])
    with pytest.raises(TrustError) as caught:
        checkpoint.verify(note[:place] + byte + note[place + 1 :], VERIFIER)
    assert caught.value.step == "checkpoint"
    with pytest.raises(TrustError) as caught:
        checkpoint.verify(note[:place] + note[place + 1 :], VERIFIER)
    assert caught.value.step == "checkpoint"
    with pytest.raises(TrustError) as caught:
        checkpoint.verify(note[:place] + byte + note[place:], VERIFIER)
    assert caught.value.step == "checkpoint"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_anything_else_is_refused(noise: bytes) -> None:
    """Bytes that are no note end in the one error, never in another."""
    with pytest.raises(TrustError) as caught:
        checkpoint.verify(noise, VERIFIER)
    assert caught.value.step == "checkpoint"


def test_a_note_has_a_size_limit() -> None:
    """A huge note is refused before anything in it is looked at."""
    with pytest.raises(TrustError, match="longer than"):
        checkpoint.verify(b"x" * (checkpoint.MAX_NOTE + 1), VERIFIER)


def test_the_key_speaks_for_one_ledger() -> None:
    """A signer is refused when its key is named after another ledger."""
    with pytest.raises(InputError, match="same name"):
        CheckpointSigner("ledger.example/other", VERIFIER, KEY.sign)


def test_a_verifier_that_is_no_curve_point_vouches_for_nothing() -> None:
    """A well-formed verifier with a broken key refuses every note."""
    broken = checkpoint.verifier_key(ORIGIN, b"\xff" * 32)
    name, identity, _ = checkpoint.parse_verifier(broken)
    body = Checkpoint(ORIGIN, 0, EMPTY).body().decode()
    signature = base64.b64encode(identity + b"\0" * 64).decode()
    with pytest.raises(TrustError, match="does not fit"):
        checkpoint.verify(f"{body}\n— {name} {signature}\n".encode(), broken)


@pytest.mark.parametrize(
    ("origin", "size", "root", "extensions"),
    [
        ("", 1, EMPTY, ()),
        ("two\nlines", 1, EMPTY, ()),
        ("lone surrogate \ud800", 1, EMPTY, ()),
        (ORIGIN, -1, EMPTY, ()),
        (ORIGIN, 2**63, EMPTY, ()),
        (ORIGIN, 1, EMPTY[1:], ()),
        (ORIGIN, 0, b"r" * 32, ()),
        (ORIGIN, 1, EMPTY, ("",)),
        (ORIGIN, 1, EMPTY, ("a\tb",)),
    ],
)
def test_impossible_checkpoints(
    origin: str, size: int, root: bytes, extensions: tuple[str, ...]
) -> None:
    """What no reader would accept cannot be made either."""
    with pytest.raises(InputError):
        Checkpoint(origin, size, root, extensions)


@pytest.mark.parametrize(("name", "public"), [("", b"k" * 32), ("a b", b"k" * 32), ("a", b"k")])
def test_impossible_verifiers(name: str, public: bytes) -> None:
    """A verifier key that no reader would accept cannot be written."""
    with pytest.raises(InputError):
        checkpoint.verifier_key(name, public)
