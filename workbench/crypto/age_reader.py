"""Random access to what is in an age file, without opening all of it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, BinaryIO

from workbench.crypto import age_armor
from workbench.crypto.age_io import Input
from workbench.crypto.age_lock import unlock
from workbench.crypto.age_stream import CHUNK, SEALED_CHUNK, broken
from workbench.crypto.age_wrap import Identity
from workbench.crypto.primitives import TAG, ChunkCipher, Rejected
from workbench.errors import InputError

__all__ = ["AgeReader"]


class AgeReader(io.RawIOBase):
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
        super().__init__()
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
        self._size = max(0, self._sealed - self._count * TAG)
        self._number = -1  # of the chunk in self._text
        self._text = b""
        self._position = 0
        self._load(self._count - 1)

    def __len__(self) -> int:
        return self._size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        self._check_open()
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move; a place after the end is allowed and reads as nothing.

        Raises:
            ValueError: a place before the start, an unknown ``whence``, or a closed reader.
        """
        self._check_open()
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}
        if whence not in start or start[whence] + offset < 0:
            raise ValueError("no such place in the file")
        self._position = start[whence] + offset
        return self._position

    def readinto(self, buffer: Any, /) -> int:
        """Fill ``buffer`` as far as the plaintext goes.

        Raises:
            TrustError: a chunk was changed (step ``"age payload"``).
        """
        self._check_open()
        view = memoryview(buffer).cast("B")
        done = 0
        while done < len(view) and self._position < self._size:
            number, place = divmod(self._position, CHUNK)
            self._load(number)
            part = self._text[place : place + len(view) - done]
            view[done : done + len(part)] = part
            done += len(part)
            self._position += len(part)
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

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("the reader is closed")
