"""Bech32: the vectors of BIP 173, one spelling, and no single typing mistake goes unnoticed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.crypto import bech32
from workbench.errors import InputError

LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
# BIP 173, "Test vectors": valid strings whose data is whole bytes.
VALID = {
    "a12uel5l": ("a", b""),
    "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw": (
        "abcdef",
        bytes.fromhex("00443214c74254b635cf84653a56d7c675be77df"),
    ),
    "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w": (
        "split",
        bytes.fromhex("c5f38b70305f519bf66d85fb6cf03058f3dde463ecd7918f2dc743918f2d"),
    ),
}


@pytest.mark.parametrize("text", VALID)
def test_vectors(text: str) -> None:
    """The published strings decode to the published bytes, and are what we print."""
    prefix, data = VALID[text]
    assert bech32.decode(text, prefix) == data
    assert bech32.encode(prefix, data) == text


@given(st.binary(max_size=100))
def test_what_is_written_is_read(data: bytes) -> None:
    """Any bytes come back."""
    assert bech32.decode(bech32.encode("age", data), "age") == data


@given(st.binary(min_size=1, max_size=60), st.data())
def test_a_typing_mistake_is_noticed(data: bytes, draw: st.DataObject) -> None:
    """One wrong letter, or two neighbours swapped, never make another key."""
    text = bech32.encode("age", data)
    place = draw.draw(st.integers(4, len(text) - 1))
    letter = draw.draw(st.sampled_from(LETTERS).filter(lambda letter: letter != text[place]))
    changed = [text[:place] + letter + text[place + 1 :]]
    if place + 1 < len(text) and text[place] != text[place + 1]:
        changed.append(text[:place] + text[place + 1] + text[place] + text[place + 2 :])
    for wrong in changed:
        with pytest.raises(InputError, match="typing mistake"):
            bech32.decode(wrong, "age")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "starts with"),
        ("age", "starts with"),
        ("bge1qqqq", "starts with"),
        ("A12UEL5L", "starts with"),
        ("age1b", "character"),
        ("age1 2uel5l", "character"),
        ("age1ö2uel5l", "character"),
        ("age1", "typing mistake"),
        ("age1qqqqq", "typing mistake"),
        ("age1" + "q" * 5000, "starts with"),
    ],
)
def test_malformed(text: str, reason: str) -> None:
    """What is no such text is refused; the text itself, perhaps a secret, is not repeated."""
    with pytest.raises(InputError, match=reason) as caught:
        bech32.decode(text, "age")
    assert not text[4:] or text[4:] not in str(caught.value)


def test_one_spelling_of_the_last_bits() -> None:
    """Bits that fill up the last letter are zero, and there is no letter of filling alone."""
    for words in ([0, 1], [31, 31], [0], [0, 0, 0]):
        state = bech32._checksum("age", [*words, *[0] * 6]) ^ 1
        words = [*words, *(state >> 5 * (5 - place) & 31 for place in range(6))]
        with pytest.raises(InputError, match="one spelling"):
            bech32.decode("age1" + "".join(LETTERS[word] for word in words), "age")
