"""A model folder on disk: what is in it, read safely.

A folder that is shared is walked once and then read file by file while other programs may still
work in it. So links are never followed (not even in the middle of a path), and a file that is not
the one that was listed, or changes while it is read, is an error instead of a signed mixture.
"""

from __future__ import annotations

import io
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from workbench.errors import InputError
from workbench.release import signing

__all__ = [
    "MAX_FILES",
    "ModelFile",
    "check_unchanged",
    "open_file",
    "scan",
    "single",
]

MAX_FILES = signing.MAX_FILES  # known before anything is sealed, not after
MAX_DEPTH = 64  # folders within folders; model folders have two or three levels
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_ENTER = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_DIRECTORY


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model folder, as it was when the folder was scanned."""

    name: str  # relative, POSIX
    path: Path
    size: int
    mtime_ns: int
    inode: int

    def open(self) -> io.BufferedReader:
        """Open for reading; closing raises :class:`InputError` if the file changed meanwhile.

        Raises:
            InputError: as :func:`open_file`.
        """
        return _Watched(self, _open(self))


class _Watched(io.BufferedReader):
    """A reader that looks again before it closes."""

    def __init__(self, file: ModelFile, descriptor: int) -> None:
        super().__init__(io.FileIO(descriptor, "rb"))
        self._file = file

    def close(self) -> None:
        try:
            if not self.closed:
                check_unchanged(self._file, self)
        finally:
            super().close()


def scan(folder: Path) -> list[ModelFile]:
    """Return every file of a model folder, in the order of their names.

    Raises:
        InputError: nothing in it, a link, a special file, an unreadable file, a name that cannot
            be signed, or too many files; the message names the file.
    """
    try:
        root = folder.resolve(strict=True)
        fd = os.open(root, _ENTER)
    except OSError as error:
        raise _unusable_folder(folder, error) from error
    found: list[ModelFile] = []
    _walk(root, fd, "", found)
    if not found:
        raise InputError(
            f"The folder {folder} holds no files.",
            unchanged="Nothing was shared.",
            hint="Save the model into the folder first.",
        )
    return sorted(found, key=lambda file: file.name)


def open_file(file: ModelFile) -> BinaryIO:
    """Open a scanned file for reading, following no link on the way from the folder to it.

    Raises:
        InputError: it is gone, cannot be read, or is not the file that was scanned.
    """
    return os.fdopen(_open(file), "rb")


def check_unchanged(file: ModelFile, source: BinaryIO) -> None:
    """Check that ``source`` is still the scanned file, with its size and time.

    Raises:
        InputError: the file was changed or replaced since the scan.
    """
    _check_same(file, os.fstat(source.fileno()))


def single(path: Path) -> ModelFile:
    """Return one file as the only file of a model.

    Raises:
        InputError: a link, a special or unreadable file, or a name that cannot be signed.
    """
    try:
        parent = path.parent.resolve(strict=True)
        fd = os.open(parent, _ENTER)
        try:
            found: list[ModelFile] = []
            _visit(parent, fd, path.name, path.name, found)
        finally:
            os.close(fd)
    except OSError as error:
        raise _unreadable(path.name, error) from error
    return found[0]


def _open(file: ModelFile) -> int:
    parts = file.name.split("/")
    root = file.path.parents[len(parts) - 1]
    try:
        folder = os.open(root, _ENTER)
        try:
            for part in parts[:-1]:
                inner = os.open(part, _ENTER, dir_fd=folder)
                os.close(folder)
                folder = inner
            descriptor = os.open(parts[-1], _READ, dir_fd=folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise InputError(
            f"{file.name!r} cannot be read any more: {os.strerror(error.errno or 0)}.",
            unchanged="Nothing was shared.",
            hint="Leave the folder alone while it is being shared, and try again.",
        ) from error
    try:
        _check_same(file, os.fstat(descriptor))
    except InputError:
        os.close(descriptor)
        raise
    return descriptor


def _check_same(file: ModelFile, now: os.stat_result) -> None:
    same = (now.st_size, now.st_mtime_ns, now.st_ino) == (file.size, file.mtime_ns, file.inode)
    if not same or not stat.S_ISREG(now.st_mode):
        raise InputError(
            f"{file.name!r} changed while it was being read.",
            unchanged="Nothing was shared.",
            hint="Wait until the program that writes it is done, and try again.",
        )


def _walk(root: Path, fd: int, prefix: str, found: list[ModelFile]) -> None:
    """List the open folder ``fd`` into ``found``; closes it."""
    try:
        names = os.listdir(fd)
        if len(names) + len(found) > MAX_FILES:
            raise InputError(
                f"The folder {root} holds more than {MAX_FILES} files.",
                unchanged="Nothing was shared.",
                hint="Share the folder of one model, or pack small files together.",
            )
        for name in names:
            _visit(root, fd, prefix + name, name, found)
    except OSError as error:
        raise _unreadable(prefix or str(root), error) from error
    finally:
        os.close(fd)


def _visit(root: Path, fd: int, path: str, name: str, found: list[ModelFile]) -> None:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        raise InputError(
            f"The name {os.fsencode(path)!r} is not UTF-8.",
            unchanged="Nothing was shared.",
            hint="Rename the file.",
        ) from None
    kind = os.stat(name, dir_fd=fd, follow_symlinks=False).st_mode
    if not stat.S_ISDIR(kind) and not stat.S_ISREG(kind):
        what = "a link" if stat.S_ISLNK(kind) else "not an ordinary file"
        raise InputError(
            f"{path!r} is {what}.",
            unchanged="Nothing was shared.",
            hint="Replace it by a copy of the file, or take it out of the folder.",
        )
    signing.check_name(path)
    try:
        inner = os.open(name, _ENTER if stat.S_ISDIR(kind) else _READ, dir_fd=fd)
    except OSError as error:
        raise _unreadable(path, error) from error
    if stat.S_ISDIR(kind):
        if path.count("/") >= MAX_DEPTH:
            os.close(inner)
            raise InputError(f"{path[:80]!r} … is nested deeper than {MAX_DEPTH} folders.")
        _walk(root, inner, path + "/", found)
        return
    status = os.fstat(inner)
    os.close(inner)
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{path!r} changed while the folder was being listed.")
    found.append(ModelFile(path, root / path, status.st_size, status.st_mtime_ns, status.st_ino))


def _unreadable(name: str, error: OSError) -> InputError:
    return InputError(
        f"{name!r} cannot be read: {os.strerror(error.errno or 0)}.",
        unchanged="Nothing was shared.",
        hint="Check its permissions, or take it out of the folder.",
    )


def _unusable_folder(folder: Path, error: OSError) -> InputError:
    if isinstance(error, NotADirectoryError):
        return InputError(
            f"{folder} is not a folder.",
            unchanged="Nothing was shared.",
            hint="Put the model file into a folder of its own and share that.",
        )
    return InputError(
        f"The folder {folder} cannot be read: {os.strerror(error.errno or 0)}.",
        unchanged="Nothing was shared.",
        hint="Check the path.",
    )
