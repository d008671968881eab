"""Random access to what is in an age file, without opening all of it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import BinaryIO

from workbench.crypto import age_armor
from workbench.crypto.age_io import Input
from workbench.crypto.age_lock import unlock
from workbench.crypto.age_stream import CHUNK, SEALED_CHUNK, broken
from workbench.crypto.age_wrap import Identity
from workbench.crypto.primitives import TAG, ChunkCipher, Rejected
from workbench.errors import InputError
from workbench.seeking import Seeking

__all__ = ["AgeReader"]


class AgeReader(Seeking):
    """The plaintext of a seekable binary age file, as a read-only file.

    The last chunk is verified first, so the length is authentic (C2SP age, "Payload"); every other
    chunk is verified when it is read. The file starts where ``source`` stands and goes to its end;
    the caller keeps and closes ``source``. Not for use by several threads at once.

    Raises:
        TrustError: as :func:`~workbench.crypto.age.decrypt`; reading raises it too, with step
            ``"age payload"``.
        InputError: an armored file, which has no random access.
    """

    def __init__(self, source: BinaryIO, identities: Sequence[Identity]) -> None:
        begin = source.tell()
        start = Input(source)
        if age_armor.dearmor(start) is not start:
            raise InputError(
                "A file in text form cannot be read from the middle.",
                hint="Decrypt it to a file first.",
            )
        key, size = unlock(start, identities)
        self._source = source
        self._cipher = ChunkCipher(key)
        self._payload = begin + size
        self._sealed = source.seek(0, io.SEEK_END) - self._payload
        self._count = max(1, -(-self._sealed // SEALED_CHUNK))
        super().__init__(max(0, self._sealed - self._count * TAG))
        self._number = -1  # of the chunk in self._text
        self._text = b""
        self._load(self._count - 1)

    def __len__(self) -> int:
        return self._size

    def fill(self, start: int, view: memoryview) -> int:
        """Fill a view from the chunks that it lies in.

        Raises:
            TrustError: a chunk was changed (step ``"age payload"``).
        """
        done = 0
        while done < len(view):
            number, place = divmod(start + done, CHUNK)
            self._load(number)
            part = self._text[place : place + len(view) - done]
            view[done : done + len(part)] = part
            done += len(part)
        return done

    def _load(self, number: int) -> None:
        """Have chunk ``number`` verified and decrypted in ``self._text``."""
        if number == self._number:
            return
        last = number == self._count - 1
        self._source.seek(self._payload + number * SEALED_CHUNK)
        size = self._sealed - number * SEALED_CHUNK if last else SEALED_CHUNK
        sealed = Input(self._source).take(size)
        if len(sealed) < TAG or (last and number > 0 and len(sealed) == TAG):
            raise broken("it ends in the middle of a chunk")
        text = bytearray(len(sealed) - TAG)
        try:
            self._cipher.open(number, last, memoryview(sealed), memoryview(text))
        except Rejected:
            raise broken(f"chunk {number} was changed, or the file was cut off") from None
        self._number, self._text = number, bytes(text)
