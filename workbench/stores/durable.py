"""Files that are wholly there or not at all: write aside, flush, rename; one writer at a time.

A half-written thing is marked by an advisory lock (``flock``) that its writer holds. The kernel
drops the lock when the writer dies, however it dies, so "is this a leftover?" has a certain answer
where process ids (reused, and different in every container) and ages only give a guess.
"""

from __future__ import annotations

import errno
import fcntl
import io
import os
import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from workbench.errors import Unavailable

__all__ = [
    "Flowing",
    "abandoned",
    "claim",
    "exclusive",
    "make_private",
    "read_small",
    "refused",
    "replacing",
    "sync_folder",
]

PATIENCE = 30.0  # seconds to wait for another process's lock; every holder needs far less
STRETCH = 32 * 1024 * 1024  # bytes of a large file after which the disk is set to work
_POLL = 0.02
_FULL = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


def refused(error: OSError, what: str, *, unchanged: str = "Nothing was changed.") -> Unavailable:
    """Return the error a person can act on for a failed write or read of ``what``."""
    if error.errno in _FULL:
        return Unavailable(
            f"The disk is full: {what} could not be written.",
            unchanged=unchanged,
            hint="Free some space and try again.",
        )
    if error.errno in _FORBIDDEN:
        return Unavailable(
            f"No permission for {what}.",
            unchanged=unchanged,
            hint="Check who owns the folder and whether it may be written.",
        )
    reason = os.strerror(error.errno) if error.errno else type(error).__name__
    return Unavailable(f"{what[:1].upper()}{what[1:]} failed: {reason}.", unchanged=unchanged)


class Flowing(io.FileIO):
    """A new file that is brought to the disk while it is still being written.

    The final ``fsync`` then has little left to wait for. A failure of the disk is raised by
    the next :meth:`write`, by :meth:`settle` or by :meth:`close`: the system tells it only once.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor, "wb")
        self._pool: ThreadPoolExecutor | None = None
        self._syncing: Future[None] | None = None
        self._behind = 0

    def write(self, data: Any, /) -> int:
        count = super().write(data)
        self._behind += count
        if self._behind >= STRETCH and (self._syncing is None or self._syncing.done()):
            self.settle()
            self._pool = self._pool or ThreadPoolExecutor(1, "disk")
            self._syncing = self._pool.submit(os.fsync, self.fileno())
            self._behind = 0
        return count

    def settle(self) -> None:
        """Wait until nothing is on its way to the disk; what was written last may still be due."""
        syncing, self._syncing = self._syncing, None
        if syncing is not None:
            syncing.result()

    def close(self) -> None:
        try:
            if not self.closed:
                self.settle()
        finally:
            if self._pool is not None:
                self._pool.shutdown()
            super().close()


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable.

    Raises:
        OSError: the folder cannot be opened or flushed.
    """
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def make_private(folder: Path) -> None:
    """Create ``folder`` (and what is missing above it), readable by its owner only.

    Raises:
        Unavailable: it cannot be created.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise refused(error, f"the folder {folder}") from error


def read_small(path: Path, limit: int, what: str) -> bytes | None:
    """Return a small file's bytes, at most ``limit`` + 1 of them, or ``None`` if it is not there.

    Raises:
        Unavailable: it is there and cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise refused(error, what) from error


@contextmanager
def replacing(path: Path, what: str, *, mode: int = 0o666) -> Iterator[BinaryIO]:
    """Write ``path`` anew: what the block writes appears under the name at once, or never.

    Args: ``what`` names the thing in error messages; ``mode`` is cut by the umask.

    Raises:
        Unavailable: disk full, no permission, or any other refusal of the system.
    """
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        with os.fdopen(os.open(aside, flags, mode), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
        sync_folder(path.parent)
    except OSError as error:
        raise refused(error, what) from error
    finally:
        with suppress(OSError):
            aside.unlink()  # already gone when the rename happened


@contextmanager
def exclusive(path: Path, what: str, *, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock file ``path`` while the block runs; threads and processes take turns.

    Raises:
        Unavailable: the lock did not become free in time, or cannot be made here.
    """
    deadline = time.monotonic() + patience
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
    except OSError as error:
        raise refused(error, f"the lock of {what}") from error
    try:
        while not _try_lock(fd, what):
            if time.monotonic() >= deadline:
                raise Unavailable(
                    f"Another process is using {what}.",
                    unchanged="Nothing was changed.",
                    hint="Try again in a moment.",
                )
            time.sleep(_POLL)
        yield
    finally:
        os.close(fd)


def _try_lock(fd: int, what: str) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:  # a file system without locks: never go on unguarded
        raise refused(error, f"the lock of {what}") from error
    return True


def claim(make: Callable[[], tuple[Path, int]]) -> tuple[Path, int]:
    """Make something aside with ``make`` (path, open descriptor) and mark it as being written.

    Between making and marking, :func:`abandoned` in another process may take it for a leftover and
    remove it; then another one is made.

    Raises:
        OSError: it cannot be made or locked.
    """
    while True:
        path, fd = make()
        try:
            fcntl.flock(fd, fcntl.LOCK_SH)
            with suppress(FileNotFoundError):
                if os.path.samestat(os.lstat(path), os.fstat(fd)):
                    return path, fd
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)


def abandoned(path: Path, remove: Callable[[Path], object]) -> None:
    """Call ``remove(path)`` if whoever was writing ``path`` is gone; else leave it alone."""
    with suppress(OSError):
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            remove(path)
        finally:
            os.close(fd)
