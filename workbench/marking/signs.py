"""The keyed stream of signs that marks one tensor in one recipient's copy, byte for byte.

1. message = ``sharing-workbench mark v1``, a zero byte, then model, grant and tensor name, each as
   UTF-8 behind its length in bytes (4 bytes, big endian);
2. digest = HMAC-SHA256(key, message), RFC 2104, with a key of 32 bytes;
3. the generator is Philox4x64-10 (Salmon et al., SC 2011): its two key words are bytes 0-15 of the
   digest; of its counter the two low words start at 0 and the two high words are bytes 16-31; all
   words little endian. Blocks are taken from counter + 1 on, as numpy does it, four words each;
4. the sign of weight ``i`` in row-major order is bit ``i mod 64`` (bit 0 is the lowest) of word
   ``i // 64``: 1 stands for +1, 0 for -1.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workbench.errors import InputError

__all__ = ["KEY_LENGTH", "Signs", "seed"]

KEY_LENGTH: Final = 32
LABEL: Final = b"sharing-workbench mark v1\x00"


def seed(key: bytes, model: str, grant: str, name: str) -> bytes:
    """Return the 32 bytes that a tensor's signs begin with.

    Raises:
        InputError: the key does not have 32 bytes.
    """
    if len(key) != KEY_LENGTH:
        raise InputError("The key of a mark has 32 bytes.", unchanged="Nothing was marked.")
    fields = [text.encode("utf-8", "surrogatepass") for text in (model, grant, name)]
    message = LABEL + b"".join(len(one).to_bytes(4, "big") + one for one in fields)
    return hmac.new(key, message, hashlib.sha256).digest()


class Signs:
    """The signs of one tensor, from the first weight on."""

    def __init__(self, seed: bytes) -> None:
        key = int.from_bytes(seed[:16], "little")
        counter = int.from_bytes(seed[16:], "little") << 128
        self._stream = np.random.Philox(key=key, counter=counter)

    def take(self, count: int) -> NDArray[np.float32]:
        """Return the next signs; only the last of several calls may ask for no multiple of 64."""
        words = self._stream.random_raw(-(-count // 64)).astype("<u8")
        bits = np.unpackbits(words.view(np.uint8), bitorder="little")[:count]
        return bits.astype(np.float32) * 2 - 1
