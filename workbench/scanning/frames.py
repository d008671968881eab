"""Zstandard and LZ4, unpacked step by step as the standard library unpacks its own formats.

What a header may ask for is bounded: memory for the window, and no dictionary, which would have to
come from elsewhere (RFC 8878; LZ4 Frame Format Description 1.6).
"""

from __future__ import annotations

import lz4.frame
import zstandard

__all__ = ["Lz4", "Zstandard"]

LARGEST_WINDOW = 256 << 20  # bytes; a header may ask for up to 3.75 TiB
_FED = 1 << 10  # bytes at a time; four of them may come to a block of 128 KiB
_FLAGS, _DICTIONARY = 4, 1  # where an LZ4 header says it, and which bit of it


class Zstandard:
    """One frame of Zstandard data."""

    def __init__(self) -> None:
        made = zstandard.ZstdDecompressor(max_window_size=LARGEST_WINDOW)
        self._inner = made.decompressobj()
        self._held = b""
        self._next = 0  # what of it comes next

    @property
    def eof(self) -> bool:
        """Whether the frame is at its end."""
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        """What was given and comes after the end."""
        return self._inner.unused_data + self._held[self._next :]

    @property
    def needs_input(self) -> bool:
        """Whether more has to be given before more comes out."""
        return self._next >= len(self._held)

    def decompress(self, data: bytes, _max_length: int, /) -> bytes:
        """Return what the next few bytes come to; what is given is kept until it is needed.

        At most 32 MiB come out at a time, whatever is asked for.

        Raises:
            ValueError: damaged, or it asks for a dictionary or for too much memory.
        """
        if data:
            self._held, self._next = self._held[self._next :] + data, 0
        piece = self._held[self._next : self._next + _FED]
        self._next += len(piece)
        try:
            return self._inner.decompress(piece)
        except zstandard.ZstdError as error:
            raise ValueError(str(error)) from None


class Lz4:
    """One frame of LZ4 data."""

    def __init__(self) -> None:
        self._inner = lz4.frame.LZ4FrameDecompressor()
        self._started = False

    @property
    def eof(self) -> bool:
        """Whether the frame is at its end."""
        return bool(self._inner.eof)

    @property
    def unused_data(self) -> bytes:
        """What was given and comes after the end."""
        return self._inner.unused_data or b""

    @property
    def needs_input(self) -> bool:
        """Whether more has to be given before more comes out."""
        return bool(self._inner.needs_input)

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Return what comes next, at most ``max_length`` bytes.

        Raises:
            ValueError: damaged, or it asks for a dictionary.
        """
        if not self._started and len(data) > _FLAGS and data[_FLAGS] & _DICTIONARY:
            raise ValueError("It asks for a dictionary.")
        self._started = True
        try:
            return bytes(self._inner.decompress(data, max_length))
        except RuntimeError as error:
            raise ValueError(str(error)) from None
