"""Which copies a person marked for whom, and the key that the marks are made with.

Whoever packs a copy or approves a request with a mark has a marking key: 32 random bytes, made when
the first copy is marked. It is kept sealed to that person's own device, so that every keystore can
open it and none has to show a key.
What was marked for whom is noted before a copy can leave; the notes hold no secret.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, Any, BinaryIO, ClassVar, Final, Protocol

from pydantic import Field

from workbench.crypto import age
from workbench.encoding import digest
from workbench.errors import InputError, TrustError, Unavailable
from workbench.findings.mark import Mark
from workbench.forms import Digest, Grown, Model, Prose, Time, Word
from workbench.services.context import Actor, Context
from workbench.services.sealing import ModelFile

__all__ = [
    "Aside",
    "MarkedCopy",
    "MarkedFile",
    "Room",
    "Shelf",
    "copies",
    "fingerprint",
    "marker",
    "own_key",
]

LABEL: Final = b"sharing-workbench mark key v1\x00"
KEY_LENGTH: Final = 32  # bytes


class Shelf(Protocol):
    """Where an owner's sealed key and the notes about marked copies are kept."""

    def sealed_key(self) -> bytes | None: ...
    def keep_key(self, sealed: bytes) -> bytes: ...
    def lines(self) -> list[bytes]: ...
    def add(self, line: bytes) -> None: ...


class Aside(Protocol):
    """A private folder for marked files until they are sealed."""

    def create(self, name: str) -> BinaryIO: ...
    def files(self) -> Sequence[ModelFile]: ...


@dataclass(frozen=True)
class Room:
    """Where one person's client marks: what it remembers of it, and folders for the work."""

    shelf: Shelf
    aside: Callable[[], AbstractContextManager[Aside]]


class MarkedFile(Model):
    """One file that carries a mark; ``digest`` is that of the unmarked file.

    ``mark.model`` is the same digest: so a file is traced by itself, whatever lay beside it.
    """

    name: Prose
    digest: Digest
    mark: Mark


class MarkedCopy(Grown):
    """What was marked for whom.

    Attributes:
        id: what the marks are made for; ``grant`` of each mark. Where ``granted``, the grant's id.
        at: when.
        ref: what the copy was sealed as, ``org/name:version``.
        manifest: digest of the manifest of the sealed copy.
        root: digest over all files of the unmarked model (OMS root digest).
        person: who it is for; ``recipient`` for somebody known by their key alone.
        recipient: the age recipient, for somebody known by it alone.
        devices: the devices it is sealed to.
        key: digest of the marking key, by which another key is noticed.
        granted: made when a request was approved, not packed into a file.
    """

    LATER: ClassVar[frozenset[str]] = frozenset({"granted"})

    id: Word
    at: Time
    ref: Word
    manifest: Digest
    root: Digest
    person: Word
    recipient: Prose | None = None
    devices: Annotated[tuple[Word, ...], Field(max_length=1000)]
    key: Digest
    files: Annotated[tuple[MarkedFile, ...], Field(min_length=1, max_length=10_000)]
    granted: bool = False


def copies(shelf: Shelf) -> list[MarkedCopy]:
    """Return the notes about every marked copy, oldest first.

    Raises:
        TrustError: they are damaged (step ``"marked copies"``).
    """
    found = []
    for number, line in enumerate(shelf.lines(), 1):
        try:
            found.append(MarkedCopy.from_bytes(line))
        except InputError as error:
            raise TrustError(
                "marked copies",
                f"line {number} of the list of them is damaged or was edited.",
                unchanged="Nobody was named.",
                hint="Restore marks.jsonl in the profile's folder from a backup.",
            ) from error
    return found


def own_key(context: Context, actor: Actor, shelf: Shelf) -> bytes:
    """Return the owner's marking key; it is made when nothing was marked before.

    Raises:
        TrustError: it is gone, does not open, or is another one (step ``"marking key"``).
        Unavailable: the keystore is locked, or the folder cannot be written.
    """
    noted = copies(shelf)
    sealed = shelf.sealed_key()
    if sealed is None and noted:
        raise _lost("it is gone, and copies were marked with it.")
    if sealed is None:
        to = age.parse_recipient(actor.device.recipient)
        new = age.encrypt_bytes(context.random(KEY_LENGTH), [to], random=context.random)
        sealed = shelf.keep_key(new)
    try:
        key = actor.signer.open(sealed)
    except TrustError as error:
        raise _lost("it does not open with this device's keys.") from error
    if len(key) != KEY_LENGTH or {copy.key for copy in noted} - {fingerprint(key)}:
        raise _lost("it is not the one that copies were marked with.")
    return key


def marker() -> Any:
    """Return :mod:`workbench.services.marking`, which needs NumPy, as nothing else here does.

    Raises:
        Unavailable: NumPy is not installed.
    """
    try:
        return import_module("workbench.services.marking")
    except ModuleNotFoundError as error:
        raise Unavailable(
            f"Marks need the package {error.name}.",
            unchanged="Nothing was marked, and nobody was named.",
            hint=f"Install it with `pip install {error.name}`.",
        ) from error


def _lost(why: str) -> TrustError:
    return TrustError(
        "marking key",
        why,
        unchanged="Nothing was marked, and nobody was named.",
        hint="Restore mark.age in the profile's folder, and the keystore, from a backup.",
    )


def fingerprint(key: bytes) -> str:
    """Return what a key is known by; nobody finds 32 random bytes from their digest."""
    return digest(LABEL + key)
