"""What one person's client remembers between contacts, in a folder of its own.

Who they are, which device, which log key they pinned at first contact, and the newest checkpoint
they saw. The checkpoint only ever grows: it is what a log that rewrote itself is caught with.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import ClassVar

from workbench.errors import Conflict, InputError, NotFound, TrustError, WorkbenchError
from workbench.forms import PersonId, Record
from workbench.ledger import checkpoint as checkpoints
from workbench.stores.durable import exclusive, make_private, read_small, replacing

__all__ = ["Profile"]

_FILE = "profile.json"
MAX_FILE = 1024 * 1024  # bytes; a checkpoint has at most 128 KiB


class _State(Record):
    """The content of ``profile.json``."""

    kind: ClassVar[str] = "profile"

    name: PersonId
    device: str
    verifier: str
    checkpoint: str | None = None


class Profile:
    """One person's memory (see ``workbench.session.Memory``); every look reads the file anew.

    Raises:
        NotFound: on first use, when there is no profile in ``folder``.
        TrustError: on any use, when the file is not one of ours (step ``"profile"``).
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def create(cls, folder: Path, *, name: str, device: str, verifier: str) -> Profile:
        """Begin a profile; the same one again is fine.

        Raises:
            Conflict: the folder holds another person's, device's or log's profile.
            InputError: not a person's name, or not a log's verifier key.
            TrustError: there is a damaged profile (step ``"profile"``).
            Unavailable: the folder cannot be written.
        """
        checkpoints.parse_verifier(verifier)
        try:
            state = _State(name=name, device=device, verifier=verifier)
        except ValueError:
            raise InputError(
                f"A profile cannot be called {name[:80]!r}.",
                unchanged="No profile was made.",
                hint="A name is small letters, digits, dots, dashes and underscores.",
            ) from None
        profile = cls(folder)
        make_private(folder)
        with profile._alone():
            present = profile._load()
            if present is None:
                profile._save(state)
            elif present.evolve(checkpoint=None) != state:
                raise Conflict(
                    f"There is a profile of {present.name} in {folder} already.",
                    unchanged="It was left as it was.",
                    hint="Choose another name, or another folder.",
                )
        return profile

    @property
    def exists(self) -> bool:
        """Whether there is a profile in the folder."""
        return self._load() is not None

    @property
    def name(self) -> str:
        """The person's id."""
        return self._state().name

    @property
    def device(self) -> str:
        """The id of the person's device here."""
        return self._state().device

    @property
    def verifier(self) -> str:
        """The log's verifier key, as pinned when the profile was made."""
        return self._state().verifier

    def checkpoint(self) -> bytes | None:
        """Return the newest checkpoint this client has seen."""
        note = self._state().checkpoint
        return None if note is None else note.encode("utf-8")

    def remember(self, note: bytes) -> None:
        """Keep a checkpoint if it is newer than the one kept; an older one changes nothing.

        An older one is no fault: another program of the same person may have been there since.
        The caller has checked that the log grew consistently; here only what cannot be both true
        is caught.

        Raises:
            TrustError: not signed by the pinned key, or another tree of the same size
                (step ``"checkpoint"``); what was kept before stays.
            Unavailable: the folder cannot be written.
        """
        self._state()  # no profile, no folder to lock
        with self._alone():
            state = self._state()
            seen = checkpoints.verify(note, state.verifier)
            kept = self._kept(state)
            if kept is not None and seen.size == kept.size and seen.root != kept.root:
                raise TrustError(
                    "checkpoint",
                    f"the log showed two different trees of {seen.size} entries.",
                    unchanged="The checkpoint kept before was left as it was.",
                    hint="Do not rely on this exchange; tell its auditor, with this profile.",
                )
            if kept is None or seen.size > kept.size:
                self._save(state.evolve(checkpoint=note.decode("utf-8")))

    def _kept(self, state: _State) -> checkpoints.Checkpoint | None:
        if state.checkpoint is None:
            return None
        try:
            return checkpoints.verify(state.checkpoint.encode("utf-8"), state.verifier)
        except WorkbenchError as error:
            raise _damaged() from error

    def _state(self) -> _State:
        state = self._load()
        if state is None:
            raise NotFound(
                f"There is no profile in {self._folder}.",
                hint="Run `workbench init --name NAME` first.",
            )
        return state

    def _load(self) -> _State | None:
        data = read_small(self._folder / _FILE, MAX_FILE, "the profile")
        if data is None:
            return None
        try:
            return _State.from_bytes(data)
        except InputError as error:
            raise _damaged() from error

    def _save(self, state: _State) -> None:
        with replacing(self._folder / _FILE, "the profile", mode=0o600) as file:
            file.write(state.to_bytes())

    def _alone(self) -> AbstractContextManager[None]:
        return exclusive(self._folder / "profile.lock", "the profile")


def _damaged() -> TrustError:
    return TrustError(
        "profile",
        "the profile file is damaged or was edited.",
        unchanged="Nothing was changed.",
        hint="Restore it from a backup, or remove the profile's folder and run `workbench init`.",
    )
