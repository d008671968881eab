"""What an owner's client remembers about marked copies, and the room in which they are made.

In the profile's folder lie ``mark.age``, the owner's marking key as a sealed age file, and
``marks.jsonl``, one line for each copy that was marked. Neither is readable as a secret: the key
opens with the owner's device only, and the lines hold none.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from workbench.errors import InputError, TrustError
from workbench.stores.durable import (
    abandoned,
    claim,
    exclusive,
    make_private,
    read_small,
    refused,
    replacing,
)
from workbench.stores.folder import ModelFile, scan
from workbench.stores.opened import NewFolder

__all__ = ["MAX_FILE", "MAX_KEY", "MAX_LINE", "Aside", "Marks", "aside"]

MAX_KEY = 64 * 1024  # bytes; what a keystore opens
MAX_LINE = 1024 * 1024  # bytes; a copy of a thousand files stays below
MAX_FILE = 64 * 1024 * 1024  # bytes; about fifty thousand copies of one file each
_KEY, _LINES = "mark.age", "marks.jsonl"


class Marks:
    """The key and the lines in a profile's folder; every look reads the files anew."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def sealed_key(self) -> bytes | None:
        """Return the sealed marking key, if there is one.

        Raises:
            TrustError: longer than any such file (step ``"marking key"``).
            Unavailable: it cannot be read.
        """
        data = read_small(self._folder / _KEY, MAX_KEY, "the marking key")
        if data is not None and len(data) > MAX_KEY:
            raise TrustError("marking key", "the file with it is damaged or was edited.")
        return data

    def keep_key(self, sealed: bytes) -> bytes:
        """Keep a new sealed key unless there is one already; return the one that is kept.

        Raises:
            TrustError, Unavailable: as :meth:`sealed_key`, or the folder cannot be written.
        """
        make_private(self._folder)
        with self._alone():
            present = self.sealed_key()
            if present is not None:
                return present
            with replacing(self._folder / _KEY, "the marking key", mode=0o600) as file:
                file.write(sealed)
            return sealed

    def lines(self) -> list[bytes]:
        """Return the line of every marked copy, oldest first.

        Raises:
            TrustError: not lines (step ``"marked copies"``).
            Unavailable: they cannot be read.
        """
        data = read_small(self._folder / _LINES, MAX_FILE, "the list of marked copies") or b""
        if len(data) > MAX_FILE or (data and not data.endswith(b"\n")):
            raise TrustError(
                "marked copies",
                "the list of them is damaged or was edited.",
                unchanged="It was left as it was.",
                hint="Restore marks.jsonl in the profile's folder from a backup.",
            )
        return data.split(b"\n")[:-1]

    def add(self, line: bytes) -> None:
        """Put one more line behind the others, wholly or not at all.

        Raises:
            InputError: not one line, or there is no room for it.
            TrustError, Unavailable: as :meth:`lines`, or the folder cannot be written.
        """
        if not line or b"\n" in line or len(line) > MAX_LINE:
            raise InputError("What is noted about a marked copy is one line of at most 1 MiB.")
        make_private(self._folder)
        with self._alone():
            kept = b"".join(one + b"\n" for one in (*self.lines(), line))
            if len(kept) > MAX_FILE:
                raise InputError(
                    "The list of marked copies is full.",
                    unchanged="It was left as it was.",
                    hint="Move marks.jsonl out of the profile's folder, and keep it for tracing.",
                )
            with replacing(self._folder / _LINES, "the list of marked copies", mode=0o600) as file:
                file.write(kept)

    def _alone(self) -> AbstractContextManager[None]:
        return exclusive(self._folder / "marks.lock", "the list of marked copies")


@dataclass(frozen=True, slots=True)
class Aside:
    """A private folder for marked files until they are sealed (see :func:`aside`)."""

    folder: NewFolder

    def create(self, name: str) -> BinaryIO:
        """Create the file ``name`` for writing, and for reading what was written.

        Raises:
            InputError, Unavailable: as :meth:`NewFolder.create`.
        """
        self.folder.create(name).close()
        return (self.folder.path / name).open("r+b")

    def files(self) -> list[ModelFile]:
        """Return the files that were made, in the order of their names."""
        return scan(self.folder.path)


@contextmanager
def aside(home: Path) -> Iterator[Aside]:
    """Give a folder that is gone at the end, however the block ends.

    What is in it is readable: it stays in ``home``, private to its owner, and what a killed process
    left there is removed on the next occasion.

    Raises:
        Unavailable: the disk is full or may not be written.
    """
    make_private(home)
    for other in home.glob(".marking.*.part"):
        abandoned(other, shutil.rmtree)
    try:
        path, descriptor = claim(lambda: _made(home))
    except OSError as error:
        raise refused(error, f"a folder in {home}") from error
    try:
        yield Aside(NewFolder(path))
    except OSError as error:
        raise refused(error, f"a folder in {home}") from error
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(descriptor)


def _made(home: Path) -> tuple[Path, int]:
    path = home / f".marking.{secrets.token_hex(8)}.part"
    path.mkdir(mode=0o700)
    return path, os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_DIRECTORY)
