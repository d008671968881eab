"""Blobs that are written now and become visible later, or never: what may still be called off."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import BinaryIO, Final

from workbench.stores.contracts import Blobs, Sink

__all__ = ["MOST", "Withheld"]

MOST: Final = 200  # blobs that are withheld at a time: each is an open file of the store


class Withheld:
    """A store in which new blobs stay invisible until :meth:`keep`.

    :class:`workbench.stores.contracts.Blobs` over other ones. Beyond :data:`MOST` of them, new ones
    are visible at once, so that no limit on open files is met; :meth:`drop` leaves those.
    """

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._waiting: list[Sink] = []
        self._sizes: dict[str, int] = {}

    def create(self) -> Sink:
        """Open a sink for a new blob.

        Raises:
            Unavailable: the store cannot be written.
        """
        return _Waiting(self, self._blobs.create())

    def open(self, digest: str) -> BinaryIO:
        """Open a blob that is visible.

        Raises:
            NotFound: no such blob.
        """
        return self._blobs.open(digest)

    def size(self, digest: str) -> int:
        """Return a blob's size in bytes, visible or not.

        Raises:
            NotFound: no such blob.
        """
        known = self._sizes.get(digest)
        return self._blobs.size(digest) if known is None else known

    def index(self, manifests: Sequence[tuple[str, str, int]], /) -> None:
        """Replace the layout's index."""
        self._blobs.index(manifests)

    def keep(self) -> None:
        """Make all of them durable and visible.

        Raises:
            Unavailable: disk full or gone; some may be visible then.
        """
        while self._waiting:
            self._waiting.pop(0).commit()

    def drop(self) -> None:
        """Forget those that are not visible yet."""
        while self._waiting:
            self._waiting.pop().abort()

    def _withhold(self, sink: Sink, digest: str, size: int) -> None:
        if len(self._waiting) >= MOST:
            sink.commit()
        else:
            self._waiting.append(sink)
        self._sizes[digest] = size


class _Waiting:
    """A sink whose blob waits: its digest is known before it is visible."""

    def __init__(self, store: Withheld, sink: Sink) -> None:
        self._store = store
        self._sink: Sink | None = sink
        self._hash = hashlib.sha256()
        self._size = 0

    def write(self, data: bytes | memoryview, /) -> int:
        """Add bytes, all of them."""
        count = self._open().write(data)
        self._hash.update(data)
        self._size += count
        return count

    def commit(self) -> str:
        """Give it over to the store, and return the digest."""
        digest, sink = f"sha256:{self._hash.hexdigest()}", self._open()
        self._sink = None
        self._store._withhold(sink, digest, self._size)
        return digest

    def abort(self) -> None:
        """Forget what was written; harmless after :meth:`commit`."""
        if self._sink is not None:
            self._sink.abort()

    def _open(self) -> Sink:
        if self._sink is None:
            raise ValueError("the sink is committed")
        return self._sink
