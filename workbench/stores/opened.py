"""The folder that a release is opened into: it appears whole or not at all, and is read again.

While it is being written a folder stays aside, private to its owner; a failure or a killed process
leaves no half of a model under the name that was asked for.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from workbench.errors import Conflict, InputError, NotFound
from workbench.release import signing
from workbench.stores.durable import Flowing, abandoned, claim, read_small, refused, sync_folder
from workbench.stores.folder import scan

__all__ = ["NewFolder", "OpenedFolder", "writing"]

MAX_DOCUMENT = 64 * 1024 * 1024  # bytes of a document beside an opened model
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW
_ENTER = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_DIRECTORY


@dataclass(frozen=True, slots=True)
class NewFolder:
    """A folder being written aside (see :func:`writing`); a path for whoever needs one."""

    path: Path

    def __fspath__(self) -> str:
        return str(self.path)

    def create(self, name: str) -> BinaryIO:
        """Create the file ``name``, and the folders on the way to it, for writing.

        Raises:
            InputError: the name could lead out of the folder, or is used twice.
            Unavailable: the disk is full or may not be written.
        """
        path = self.path.joinpath(*signing.check_name(name).split("/"))
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            return io.BufferedWriter(Flowing(os.open(path, flags, 0o666)))
        except (FileExistsError, NotADirectoryError) as error:
            raise InputError(f"The name {name!r} is used twice.") from error
        except OSError as error:
            raise refused(error, f"the file {name!r}") from error

    def open(self, name: str) -> BinaryIO:
        """Open a file that was created here, for reading.

        Raises:
            Unavailable: it cannot be read.
        """
        path = self.path.joinpath(*signing.check_name(name).split("/"))
        try:
            return os.fdopen(os.open(path, _READ), "rb")
        except OSError as error:
            raise refused(error, f"the file {name!r}") from error

    def write(self, name: str, data: bytes) -> None:
        """Create the file ``name`` with these bytes.

        Raises:
            InputError, Unavailable: as :meth:`create`.
        """
        with self.create(name) as file:
            file.write(data)


class OpenedFolder:
    """A folder that was opened before, to be verified again."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, name: str) -> bytes:
        """Return a document beside the model.

        Raises:
            NotFound: it is not there.
        """
        data = read_small(self._path / name, MAX_DOCUMENT, f"the file {name}")
        if data is None:
            raise NotFound(
                f"{self._path} is not a folder that was opened: {name} is missing.",
                hint="Point at the folder given to `workbench open --to`.",
            )
        return data

    def resources(self) -> list[signing.Resource]:
        """Return the model's files with their digests, as they are now."""
        found = []
        for file in scan(self._path / "model"):
            with file.open() as source:
                digest = hashlib.file_digest(source, "sha256").hexdigest()
            found.append(signing.Resource(file.name, digest))
        return found


@contextmanager
def writing(target: Path) -> Iterator[NewFolder]:
    """Give a private folder to fill; it becomes ``target`` if the block ends well.

    Otherwise nothing is left, neither at ``target`` nor beside it. What a killed process left
    beside ``target`` is removed on the next occasion. The folder stays readable by its owner only.

    Raises:
        Conflict: ``target`` is there already and not an empty folder.
        Unavailable: the disk is full or may not be written.
    """
    _check_vacant(target)
    target = Path(os.path.abspath(target))  # the block may change the working directory
    made = _make_parents(target.parent)
    prefix = f".{target.name}."
    for other in target.parent.glob(f"{_escape(prefix)}*.part"):
        abandoned(other, shutil.rmtree)
    aside, descriptor = None, -1
    try:
        aside, descriptor = claim(lambda: _make_aside(target.parent, prefix))
        yield NewFolder(aside)
        _finish(aside, target)
        aside, made = None, []
        sync_folder(target.parent)
    except OSError as error:
        raise refused(error, f"the folder {target}") from error
    finally:
        if aside is not None:
            shutil.rmtree(aside, ignore_errors=True)
        if descriptor >= 0:
            os.close(descriptor)
        _remove_empty(made)


def _make_aside(parent: Path, prefix: str) -> tuple[Path, int]:
    path = parent / f"{prefix}{secrets.token_hex(8)}.part"
    path.mkdir(mode=0o700)
    return path, os.open(path, _ENTER)


def _occupied(target: Path) -> bool:
    return target.is_symlink() or not target.is_dir() or any(target.iterdir())


def _check_vacant(target: Path) -> None:
    try:
        if os.path.lexists(target) and _occupied(target):
            raise _taken(target)
    except OSError as error:
        raise refused(error, f"the folder {target}") from error


def _taken(target: Path) -> Conflict:
    return Conflict(
        f"{target} is already there and not an empty folder.",
        unchanged="It was left as it was.",
        hint="Choose another folder, or move this one away.",
    )


def _make_parents(parent: Path) -> list[Path]:
    """Create the missing folders above a target; return them, innermost first."""
    missing: list[Path] = []
    try:
        folder = parent
        while not folder.exists():
            missing.append(folder)
            folder = folder.parent
        parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        _remove_empty(missing)
        raise refused(error, f"the folder {parent}") from error
    return missing


def _remove_empty(folders: list[Path]) -> None:
    with suppress(OSError):
        for folder in folders:
            folder.rmdir()


def _finish(aside: Path, target: Path) -> None:
    """Bring all bytes to the disk, then show the folder: no power cut may leave half a model."""
    for _path, _folders, names, fd in os.fwalk(aside, topdown=False):
        for name in names:
            inner = os.open(name, _READ, dir_fd=fd)
            try:
                os.fsync(inner)
            finally:
                os.close(inner)
        os.fsync(fd)
    try:
        os.rename(aside, target)  # takes the place of an empty folder, of nothing else
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
            raise _taken(target) from error
        raise


def _escape(prefix: str) -> str:
    return "".join(f"[{char}]" if char in "*?[" else char for char in prefix)
