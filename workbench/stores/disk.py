"""Blobs on disk, as an OCI image layout (image-spec v1.1, ``image-layout.md``).

::

    oci-layout            {"imageLayoutVersion":"1.0.0"}
    index.json            the published manifests by reference
    blobs/sha256/<hex>    ciphertext, manifests, listings
    incoming/             being written; leftovers of dead writers go at the next open

A blob becomes visible by one rename after its bytes reached the disk, so no reader and no crash
ever sees half of one.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from workbench.encoding import canonical, check_digest
from workbench.errors import NotFound
from workbench.release import layout
from workbench.stores.durable import (
    Flowing,
    abandoned,
    claim,
    exclusive,
    refused,
    replacing,
    sync_folder,
)

__all__ = ["DiskBlobs", "DiskSink"]


class DiskSink:
    """A blob being written (see :class:`workbench.stores.contracts.Sink`).

    Unlike file objects it may simply be forgotten: the next :class:`DiskBlobs` on the folder
    removes what a dead writer left.
    """

    def __init__(self, incoming: Path, blobs: Path) -> None:
        def make() -> tuple[Path, int]:
            path = incoming / secrets.token_hex(16)
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
            return path, os.open(path, flags, 0o666)

        self._blobs = blobs
        self._hash = hashlib.sha256()
        self._path, fd = claim(make)
        self._file = Flowing(fd)

    def write(self, data: bytes | memoryview, /) -> int:
        """Add bytes, all of them.

        Raises:
            Unavailable: disk full or gone; the sink is aborted.
            ValueError: the sink is committed or aborted.
        """
        view = memoryview(data).cast("B")
        try:
            written = 0
            while written < len(view):
                written += self._file.write(view[written:])
        except OSError as error:
            self.abort()
            raise refused(error, "the blob") from error
        self._hash.update(view)
        return len(view)

    def commit(self) -> str:
        """Make the blob durable and visible; return its digest.

        One that is already there is replaced by the same bytes, which also repairs a damaged one.

        Raises:
            Unavailable: disk full or gone; the sink is aborted.
            ValueError: the sink is committed or aborted.
        """
        name = self._hash.hexdigest()
        fd = self._file.fileno()
        try:
            os.fchmod(fd, stat.S_IMODE(os.fstat(fd).st_mode) & 0o444)  # immutable from here on
            self._file.settle()
            os.fsync(fd)
            os.replace(self._path, self._blobs / name)
            sync_folder(self._blobs)
        except OSError as error:
            self.abort()
            raise refused(error, "the blob") from error
        self._file.close()
        return "sha256:" + name

    def abort(self) -> None:
        """Forget what was written; harmless after :meth:`commit`."""
        if not self._file.closed:
            with suppress(OSError):
                self._path.unlink()
            with suppress(OSError):
                self._file.close()


class DiskBlobs:
    """Blobs in a folder, safe for many processes (see :class:`workbench.stores.contracts.Blobs`).

    Args: ``folder`` is created, with the layout's files, when they are not there.

    Raises:
        Unavailable: the folder cannot be made or read.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._blobs = folder / "blobs" / "sha256"
        self._incoming = folder / "incoming"
        try:
            self._blobs.mkdir(parents=True, exist_ok=True)
            described = (folder / "oci-layout").exists() and (folder / "index.json").exists()
            leftovers = list(self._incoming.iterdir()) if self._incoming.exists() else []
        except OSError as error:
            raise refused(error, f"the blob folder {folder}") from error
        for leftover in leftovers:
            abandoned(leftover, Path.unlink)
        if not described:
            self._describe()

    def create(self) -> DiskSink:
        """Open a sink for a new blob.

        Raises:
            Unavailable: the folder cannot be written.
        """
        try:
            self._incoming.mkdir(exist_ok=True)  # not at open: a read-only layout can be read
            return DiskSink(self._incoming, self._blobs)
        except OSError as error:
            raise refused(error, "the blob") from error

    def open(self, digest: str) -> BinaryIO:
        """Open a blob for reading, seekable. The reader must verify what it reads.

        Raises:
            NotFound: no such blob.
            InputError: not a digest.
            Unavailable: it is there and cannot be read.
        """
        path = self._path(digest)
        # Should it have become a FIFO meanwhile, it must not hang us.
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        self._check(digest, path)
        try:
            return os.fdopen(os.open(path, flags), "rb")
        except OSError as error:
            raise refused(error, "the blob") from error

    def size(self, digest: str) -> int:
        """Return a blob's size in bytes.

        Raises:
            NotFound: no such blob.
            InputError: not a digest.
        """
        return self._check(digest, self._path(digest))

    def index(self, manifests: Sequence[tuple[str, str, int]], /) -> None:
        """Replace the layout's index by these (ref, manifest digest, manifest size).

        Raises:
            Unavailable: disk full, no permission, or another process holds the index.
        """
        data = layout.index(manifests)
        with exclusive(self._folder / "index.lock", "the blob index"):
            self._write("index.json", data)

    def _path(self, digest: str) -> Path:
        return self._blobs / check_digest(digest).removeprefix("sha256:")

    def _check(self, digest: str, path: Path) -> int:
        try:
            found = path.lstat()
        except FileNotFoundError:
            found = None
        except OSError as error:
            raise refused(error, "the blob") from error
        if found is None or not stat.S_ISREG(found.st_mode):
            raise NotFound(f"There is no blob {digest} in this store.")
        return found.st_size

    def _describe(self) -> None:
        with exclusive(self._folder / "index.lock", "the blob index"):
            if not (self._folder / "index.json").exists():  # another process may have been faster
                self._write("index.json", layout.index(()))
            self._write("oci-layout", canonical({"imageLayoutVersion": "1.0.0"}))

    def _write(self, name: str, data: bytes) -> None:
        with replacing(self._folder / name, "the blob index") as file:
            file.write(data)
