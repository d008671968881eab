"""Whole age files: the bytes the specification asks for, and not one of them can be changed."""

from __future__ import annotations

import io
import os
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.crypto import reference
from workbench.crypto import age
from workbench.errors import InputError, TrustError

CHUNK = reference.CHUNK
ALICE = age.X25519Identity(b"\x01" * 32)
HYBRID = age.HybridIdentity(b"\x02" * 32)
PUBLIC = bytes.fromhex("a4e09292b651c278b9772c569f5fa9bb13d906b46ab68c9df9dc2b4409f8a209")
SMALL = age.encrypt_bytes(b"some text", [ALICE.recipient], random=Random(1).randbytes)
LONG_TEXT = Random(2).randbytes(2 * CHUNK + 100)
LONG = age.encrypt_bytes(LONG_TEXT, [ALICE.recipient], random=Random(2).randbytes)
HEADER = SMALL.index(b"\n--- ") + 49  # where the nonce begins


def step_of(sealed: bytes, limit: int = 4 * CHUNK) -> str:
    """Return the step at which opening fails."""
    with pytest.raises(TrustError) as refused:
        age.decrypt_bytes(sealed, [ALICE], limit=limit)
    return refused.value.step


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 33 * CHUNK + 1])
def test_an_x25519_file_has_the_bytes_of_the_specification(size: int) -> None:
    """With the same random bytes, the plain transcription writes the same file."""
    data = Random(size).randbytes(size)
    drawn = Random(9)
    file_key, ephemeral, nonce = drawn.randbytes(16), drawn.randbytes(32), drawn.randbytes(16)
    expected = reference.x25519_file(data, PUBLIC, file_key, ephemeral, nonce)
    sealed = age.encrypt_bytes(data, [ALICE.recipient], random=Random(9).randbytes)
    assert sealed == expected
    assert age.decrypt_bytes(expected, [ALICE], limit=size) == data


def test_a_passphrase_file_has_the_bytes_of_the_specification() -> None:
    """The same for scrypt."""
    drawn = Random(9)
    file_key, salt, nonce = drawn.randbytes(16), drawn.randbytes(16), drawn.randbytes(16)
    expected = reference.scrypt_file(b"text", "pässword".encode(), 6, file_key, salt, nonce)
    recipient = age.ScryptRecipient("pässword", work_factor=6)
    assert age.encrypt_bytes(b"text", [recipient], random=Random(9).randbytes) == expected
    assert age.decrypt_bytes(expected, [age.ScryptIdentity("pässword")]) == b"text"


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_flipped_bit_is_refused(data: st.DataObject) -> None:
    """Where it lies says which step notices: the header, whose key it is, or the content."""
    sealed = bytearray(data.draw(st.sampled_from([SMALL, LONG])))
    place = data.draw(st.integers(0, len(sealed) - 1) | st.integers(0, HEADER + 40))
    sealed[place] ^= 1 << data.draw(st.integers(0, 7))
    step = step_of(bytes(sealed))
    assert step in ({"age header", "age key"} if place < HEADER else {"age payload"})


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([SMALL, LONG]), st.data())
def test_any_truncation_is_refused(sealed: bytes, data: st.DataObject) -> None:
    """A file cut off anywhere, also between chunks, is never taken for a shorter one."""
    boundaries = [HEADER, HEADER + 16, HEADER + 16 + CHUNK + 16, HEADER + 16 + 2 * (CHUNK + 16)]
    places = st.integers(0, len(sealed) - 1)
    place = data.draw(places | st.sampled_from([p for p in boundaries if p < len(sealed)]))
    assert step_of(sealed[:place]) == ("age header" if place < HEADER else "age payload")


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([SMALL, LONG]), st.data())
def test_any_added_byte_is_refused(sealed: bytes, data: st.DataObject) -> None:
    """Wherever one more byte is put in."""
    place = data.draw(st.integers(0, len(sealed)) | st.integers(0, HEADER))
    added = data.draw(st.binary(min_size=1, max_size=1))
    step = step_of(sealed[:place] + added + sealed[place:])
    assert step in ({"age header", "age key"} if place < HEADER else {"age payload"})


def crafted(chunks: list[bytes]) -> bytes:
    """Return a file to ALICE with exactly these chunks."""
    whole = reference.x25519_file(b"", PUBLIC, b"k" * 16, b"\x05" * 32, b"n" * 16)
    return whole[: -16 - 16] + reference.payload(b"k" * 16, b"n" * 16, chunks)


@pytest.mark.parametrize(
    ("name", "chunks"),
    [
        ("empty chunk at the end", [b"x" * CHUNK, b""]),
        ("short chunk in the middle", [b"x" * 100, b"y" * 100]),
        ("long chunk", [b"x" * (CHUNK + 1)]),
    ],
)
def test_other_ways_to_cut_chunks_are_refused(name: str, chunks: list[bytes]) -> None:
    """One content has one file: chunks are full but the last, and that is empty only alone."""
    assert age.decrypt_bytes(crafted([b"".join(chunks)[:CHUNK]]), [ALICE])
    assert step_of(crafted(chunks)) == "age payload"


def test_chunks_cannot_be_moved() -> None:
    """Each chunk is sealed for its place: none can be swapped, dropped or repeated."""
    start = HEADER + 16
    size = CHUNK + 16
    head, one, two, last = (
        LONG[:start],
        LONG[start : start + size],
        LONG[start + size : start + 2 * size],
        LONG[start + 2 * size :],
    )
    for order in ([two, one, last], [one, last], [one, one, two, last], [one, two], [last]):
        assert step_of(head + b"".join(order)) == "age payload"


def test_more_than_expected_is_refused() -> None:
    """A caller that expects something small never gets more than that into memory."""
    assert step_of(LONG, limit=CHUNK) == "age payload"
    assert age.decrypt_bytes(LONG, [ALICE], limit=len(LONG_TEXT)) == LONG_TEXT
    assert step_of(LONG, limit=len(LONG_TEXT) - 1) == "age payload"


@pytest.mark.parametrize("data", [b"", b"age-encryption.org/v2\n", b"PK\x03\x04" + bytes(99)])
def test_what_is_no_age_file(data: bytes) -> None:
    """Something else entirely is refused at the header."""
    assert step_of(data) == "age header"


def test_the_wrong_person() -> None:
    """A file for somebody else names the step and leaves nothing open."""
    with pytest.raises(TrustError) as refused:
        age.decrypt_bytes(SMALL, [HYBRID, age.X25519Identity(b"\x09" * 32)])
    assert refused.value.step == "age key"
    assert refused.value.unchanged == "Nothing was opened."


@pytest.mark.parametrize(
    ("recipients", "reason"),
    [
        ([], "to somebody"),
        ([ALICE.recipient, HYBRID.recipient], "cannot share one file"),
        ([age.ScryptRecipient("pass"), ALICE.recipient], "no other recipient"),
        ([age.ScryptRecipient("pass"), age.ScryptRecipient("word")], "no other recipient"),
        ([ALICE.recipient] * 1000, "too many"),
    ],
)
def test_whom_a_file_cannot_be_sealed_to(recipients: list[age.Recipient], reason: str) -> None:
    """Mixtures that would weaken a file, and lists that no reader accepts, write nothing."""
    target = io.BytesIO()
    with pytest.raises(InputError, match=reason):
        age.encrypt(io.BytesIO(b"text"), target, recipients, random=os.urandom)
    assert target.getvalue() == b""


def test_a_passphrase_mixed_in_by_somebody_else_is_refused() -> None:
    """A file with a passphrase beside another recipient is malformed, whoever made it."""
    one = reference.stanza(["scrypt", reference.text(b"s" * 16), "4"], b"b" * 32)
    two = reference.stanza(["X25519", reference.text(b"s" * 32)], b"b" * 32)
    sealed = reference.header_of([one, two], b"k" * 16)
    assert step_of(sealed + reference.payload(b"k" * 16, b"n" * 16, [b""])) == "age header"


def test_a_random_source_that_gives_too_little() -> None:
    """Keys are never made of fewer random bytes than asked for."""
    with pytest.raises(RuntimeError, match="random source"):
        age.encrypt_bytes(b"text", [ALICE.recipient], random=lambda size: bytes(size - 1))
