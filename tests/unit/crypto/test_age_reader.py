"""Reading from the middle of a sealed file: slices of its content, as safe as all of it."""

from __future__ import annotations

import io
import os
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.crypto import age
from workbench.errors import InputError, TrustError

CHUNK = 64 * 1024
ALICE = age.X25519Identity(b"\x01" * 32)
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 77]


def text(size: int) -> bytes:
    return Random(size).randbytes(size)


SEALED = {
    size: age.encrypt_bytes(text(size), [ALICE.recipient], random=Random(1).randbytes)
    for size in SIZES
}
START = len(SEALED[0]) - 16  # where the first chunk begins


def reader(sealed: bytes) -> age.AgeReader:
    return age.AgeReader(io.BytesIO(sealed), [ALICE])


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(SIZES), st.data())
def test_reading_is_slicing(size: int, data: st.DataObject) -> None:
    """Any sequence of places and lengths gives what a slice of the content gives."""
    content, opened = text(size), reader(SEALED[size])
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, size + 10))
        count = data.draw(st.integers(0, 2 * CHUNK + 5))
        assert opened.seek(place) == place
        assert opened.read(count) == content[place : place + count]
        assert opened.tell() == max(place, min(size, place + count))


@pytest.mark.parametrize("size", SIZES)
def test_it_is_a_file(size: int) -> None:
    """Length, reading to the end, and buffering by the standard library."""
    opened = reader(SEALED[size])
    assert len(opened) == size
    assert opened.readable()
    assert opened.seekable()
    assert not opened.writable()
    assert opened.read() == text(size)
    assert opened.read(1) == b""
    assert opened.seek(-min(3, size), io.SEEK_END) == size - min(3, size)
    assert opened.read() == text(size)[size - min(3, size) :]
    assert io.BufferedReader(reader(SEALED[size])).read() == text(size)


def test_it_begins_where_the_source_stands() -> None:
    """A sealed file may lie behind something else, and the source stays open."""
    source = io.BytesIO(b"before" + SEALED[CHUNK + 1])
    source.seek(6)
    opened = age.AgeReader(source, [ALICE])
    opened.seek(CHUNK)
    assert opened.read() == text(CHUNK + 1)[CHUNK:]
    opened.close()
    assert not source.closed


def test_places_that_are_not_there() -> None:
    """Before the start, from an unknown origin, or after closing is the caller's mistake."""
    opened = reader(SEALED[1])
    for place, whence in [(-1, io.SEEK_SET), (-2, io.SEEK_END), (0, 7)]:
        with pytest.raises(ValueError, match="no such place"):
            opened.seek(place, whence)
    assert opened.tell() == 0
    opened.close()
    for use in (opened.tell, lambda: opened.seek(0), lambda: opened.readinto(bytearray(1))):
        with pytest.raises(ValueError, match="closed"):
            use()


def test_a_changed_chunk_is_noticed_when_it_is_read() -> None:
    """The others stay readable: each chunk is verified on its own."""
    size = 3 * CHUNK + 77
    changed = bytearray(SEALED[size])
    changed[START + CHUNK + 16 + 5] ^= 1  # in the second of four
    opened = reader(bytes(changed))
    assert opened.read(CHUNK) == text(size)[:CHUNK]
    with pytest.raises(TrustError) as caught:
        opened.read(1)
    assert caught.value.step == "age payload"
    opened.seek(2 * CHUNK)
    assert opened.read() == text(size)[2 * CHUNK :]


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(SIZES), st.data())
def test_the_length_is_authentic(size: int, data: st.DataObject) -> None:
    """A file cut off or extended anywhere is refused when it is opened, before anything is read."""
    sealed = SEALED[size]
    boundaries = [START + count * (CHUNK + 16) for count in range(4)]
    places = st.integers(START, len(sealed) - 1) | st.sampled_from(boundaries)
    place = data.draw(places.filter(lambda place: place < len(sealed)))
    longer = sealed + data.draw(st.binary(min_size=1, max_size=40))
    for changed in (sealed[:place], longer):
        with pytest.raises(TrustError) as caught:
            reader(changed)
        assert caught.value.step == "age payload"


def test_who_cannot_read_it() -> None:
    """Another key and a changed header are refused as when opening the whole file."""
    with pytest.raises(TrustError) as caught:
        age.AgeReader(io.BytesIO(SEALED[1]), [age.X25519Identity(b"\x02" * 32)])
    assert caught.value.step == "age key"
    with pytest.raises(TrustError) as caught:
        reader(b"age-encryption.org/v2" + SEALED[1][21:])
    assert caught.value.step == "age header"


def test_text_has_no_middle() -> None:
    """An armored file is refused with what to do instead."""
    armored = age.encrypt_bytes(b"text", [ALICE.recipient], random=os.urandom, armor=True)
    with pytest.raises(InputError, match="text form") as caught:
        reader(armored)
    assert "Decrypt it" in caught.value.hint
