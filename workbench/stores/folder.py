"""A model folder on disk: what is in it, read safely, and written as a whole.

A folder that is shared is walked once and then read file by file while other programs may still
work in it. So links are never followed (not even in the middle of a path), and a file that is not
the one that was listed, or changes while it is read, is an error instead of a signed mixture.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from workbench.errors import Conflict, InputError
from workbench.release import signing
from workbench.stores.durable import abandoned, claim, read_small, refused, sync_folder

__all__ = [
    "MAX_FILES",
    "ModelFile",
    "NewFolder",
    "check_unchanged",
    "open_file",
    "scan",
    "writing",
]

MAX_FILES = signing.MAX_FILES  # known before anything is sealed, not after
MAX_DOCUMENT = 64 * 1024 * 1024  # bytes of a document beside an opened model
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
            return os.fdopen(os.open(path, flags, 0o666), "wb")
        except (FileExistsError, NotADirectoryError) as error:
            raise InputError(f"The name {name!r} is used twice.") from error
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
            InputError: it is not there, so this is no opened release.
        """
        data = read_small(self._path / name, MAX_DOCUMENT, f"the file {name}")
        if data is None:
            raise InputError(
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


# Reading -----------------------------------------------------------------------------------------


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


# Writing -----------------------------------------------------------------------------------------


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
