"""A stream of a known size that is read from any place; what stands there, a subclass says."""

from __future__ import annotations

import io
from typing import Any

__all__ = ["Seeking"]


class Seeking(io.RawIOBase):
    """The part that all such streams have in common: where they stand.

    Wrap one in :class:`io.BufferedReader` for many small reads. It may be read in one thread at a
    time.

    Args:
        size: bytes from the start to the end.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size = size
        self._position = 0

    def fill(self, start: int, view: memoryview) -> int:
        """Put what is at ``start`` into a view that ends no later than the stream does.

        Returns how many bytes that were; fewer than there are places is allowed, and none says
        that the stream ends here.
        """
        raise NotImplementedError

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
            ValueError: a place before the start, an unknown ``whence``, or a closed stream.
        """
        self._check_open()
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}
        if whence not in start or start[whence] + offset < 0:
            raise ValueError("no such place in the stream")
        self._position = start[whence] + offset
        return self._position

    def readinto(self, buffer: Any, /) -> int:
        self._check_open()
        view = memoryview(buffer).cast("B")[: max(0, self._size - self._position)]
        count = self.fill(self._position, view) if view else 0
        self._position += count
        return count

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("the stream is closed")
