"""Reading and writing without short counts, over whatever objects a caller brings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from workbench.errors import Unavailable

__all__ = ["Input", "Readable", "Writable", "write_all"]


class Readable(Protocol):
    """Anything with ``read``; ``readinto`` is used where it exists, to spare a copy."""

    def read(self, size: int, /) -> bytes | None: ...


class Writable(Protocol):
    """Anything with ``write``; it returns how much it took, ``None`` for all of it."""

    def write(self, data: memoryview, /) -> int | None: ...


class Input:
    """Reads ``source`` from where it stands; bytes put back come first."""

    def __init__(self, source: Readable) -> None:
        self._source = source
        self._readinto: Callable[[memoryview], int | None] | None
        self._readinto = getattr(source, "readinto", None)
        self._held = b""

    def put_back(self, data: bytes) -> None:
        """Let the next :meth:`fill` start with ``data``."""
        self._held = data + self._held

    def fill(self, view: memoryview) -> int:
        """Fill ``view`` and return how much of it; less than all of it only at the end.

        Raises:
            BlockingIOError: the source has nothing *yet*, which must not pass for its end.
        """
        done = min(len(self._held), len(view))
        view[:done] = self._held[:done]
        self._held = self._held[done:]
        while done < len(view):
            count = self._read(view[done:])
            if count == 0:
                break
            done += count
        return done

    def take(self, size: int) -> bytes:
        """Return up to ``size`` bytes; less only at the end."""
        buffer = bytearray(size)
        return bytes(buffer[: self.fill(memoryview(buffer))])

    def _read(self, view: memoryview) -> int:
        count: int | None
        if self._readinto is not None:
            count = self._readinto(view)
        else:
            data = self._source.read(len(view))
            count = None if data is None else len(data)
            if data:
                view[: len(data)] = data
        if count is None:
            raise BlockingIOError("the source of an age file must be in blocking mode")
        return count


def write_all(target: Writable, data: memoryview) -> None:
    """Write all of ``data``, however little the target takes at a time.

    Raises:
        Unavailable: the target takes nothing more.
    """
    while len(data) > 0:
        count = target.write(data)
        if count is None:
            return
        if count <= 0:
            raise Unavailable("The file cannot be written any further.", hint="Check the disk.")
        data = data[count:]
