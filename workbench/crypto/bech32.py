"""Bech32 as age uses it (BIP 173 without its length limit): text with a six-character checksum."""

from __future__ import annotations

from workbench.errors import InputError

__all__ = ["decode", "encode"]

MAX_LENGTH = 4096  # characters; a hybrid recipient has 1959

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM = 6


def encode(prefix: str, data: bytes) -> str:
    """Return ``data`` as lower-case Bech32 under a lower-case ``prefix``."""
    words = _to_words(data)
    sum_ = _checksum(prefix, [*words, *[0] * _CHECKSUM]) ^ 1
    words += [sum_ >> 5 * (_CHECKSUM - 1 - place) & 31 for place in range(_CHECKSUM)]
    return f"{prefix}1{''.join(_ALPHABET[word] for word in words)}"


def decode(text: str, prefix: str) -> bytes:
    """Return the bytes of lower-case Bech32 text under ``prefix``, in its one spelling.

    Raises:
        InputError: another prefix, a wrong checksum or characters; the text is not repeated, since
            it may be a secret.
    """
    start = f"{prefix}1"
    if len(text) > MAX_LENGTH or not text.startswith(start):
        raise InputError(f"This is not a key that starts with {start!r}.")
    try:
        words = [_VALUES[letter] for letter in text[len(start) :]]
    except KeyError:
        raise InputError("The key holds a character that no key has.") from None
    if len(words) < _CHECKSUM or _checksum(prefix, words) != 1:
        raise InputError("The key has a typing mistake: its checksum does not fit.")
    return _from_words(words[:-_CHECKSUM])


def _checksum(prefix: str, words: list[int]) -> int:
    codes = prefix.encode("ascii")
    state = 1
    for value in [*(code >> 5 for code in codes), 0, *(code & 31 for code in codes), *words]:
        top = state >> 25
        state = (state & 0x1FFFFFF) << 5 ^ value
        for bit, constant in enumerate(_GENERATOR):
            if top >> bit & 1:
                state ^= constant
    return state


def _to_words(data: bytes) -> list[int]:
    """Cut bytes into groups of five bits, the last one filled up with zeroes."""
    padding = -len(data) * 8 % 5
    number = int.from_bytes(data, "big") << padding
    count = (len(data) * 8 + padding) // 5
    return [number >> 5 * (count - 1 - place) & 31 for place in range(count)]


def _from_words(words: list[int]) -> bytes:
    padding = len(words) * 5 % 8
    number = 0
    for word in words:
        number = number << 5 | word
    if padding >= 5 or number & (1 << padding) - 1:
        raise InputError("The key is not in its one spelling.")
    return (number >> padding).to_bytes(len(words) * 5 // 8, "big")
