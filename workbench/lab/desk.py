"""One Lab server's workplace: who acts, what is unlocked, and the agent its kernels use."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from workbench.errors import NotFound, TrustError, Unavailable, WorkbenchError
from workbench.forms import to_second
from workbench.lab import files
from workbench.lab.works import Works
from workbench.services.sealing import ModelFile
from workbench.session import Session
from workbench.stores import agent
from workbench.stores.contracts import Keystore
from workbench.views import person_view
from workbench.vocabulary import RequestState

__all__ = ["Desk", "Workplace"]


class Workplace(Protocol):
    """What the Lab uses of a workplace."""

    @property
    def home(self) -> Path: ...
    @property
    def keystore(self) -> Keystore: ...
    @property
    def current(self) -> str | None: ...
    def profiles(self) -> list[str]: ...
    def play(self, person: str) -> None: ...
    def session(self, person: str | None = None) -> Session: ...
    def files(self, path: Path) -> Sequence[ModelFile]: ...


class Desk:
    """The state of one Lab server.

    The passphrase typed into the unlock dialog stays in this process; kernels sign and open
    through the agent's socket, as with ssh-agent, and never see a private key.

    Args: ``root`` is the folder of this computer that the file browser shows, if it shows one.
    """

    def __init__(
        self,
        open_workplace: Callable[[Callable[[], str | None]], Workplace],
        root: Path | None = None,
    ) -> None:
        self.works = Works()
        self._root = root
        self._passphrase: str | None = os.environ.get("WORKBENCH_PASSPHRASE")
        self.workplace = open_workplace(lambda: self._passphrase)
        self._agent: agent.AgentServer | None = None
        self._folder: str | None = None
        self._lock = threading.Lock()
        self._verified: dict[str, Any] = {
            "size": 0, "verified_at": None, "ok": True, "problem": None, "hint": None,
        }  # fmt: skip

    def start_agent(self) -> None:
        """Serve this process's keys to the kernels and terminals it starts."""
        if os.environ.get("WORKBENCH_AGENT"):
            return
        self._folder = tempfile.mkdtemp(prefix="workbench-")
        socket = Path(self._folder) / "agent.sock"
        self._agent = agent.serve(self.workplace.keystore, socket)
        os.environ["WORKBENCH_AGENT"] = str(socket)
        os.environ["WORKBENCH_HOME"] = str(self.workplace.home)

    def stop_agent(self) -> None:
        """Stop serving keys, and forget the socket."""
        if self._agent is not None:
            self._agent.close()
            os.environ.pop("WORKBENCH_AGENT", None)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def session(self) -> Session:
        """Return the session of whoever acts now."""
        return self.workplace.session()

    def files(self, path: str) -> Sequence[ModelFile]:
        """Return a file, or the files of a folder, that the file browser shows.

        Raises:
            InputError, NotFound, Unavailable: as :func:`workbench.lab.files.place`.
        """
        return self.workplace.files(files.place(self._root, path))

    def unlock(self, passphrase: str) -> None:
        """Try a passphrase; it is kept only if it opens the keystore.

        One that is open already stays so: it would not try, and the right one would be forgotten.

        Raises:
            Unavailable: it does not.
        """
        if not self._locked():
            return
        before, self._passphrase = self._passphrase, passphrase
        try:
            self.workplace.keystore.names()
        except WorkbenchError:
            self._passphrase = before
            raise

    def verify(self) -> dict[str, Any]:
        """Verify the whole log now and remember the outcome for the status bar."""
        with self._lock:
            try:
                session = self.session()
                result = session.verify_log()
            except TrustError as error:
                self._verified = {
                    **self._verified,
                    "ok": False,
                    "problem": _said(error),
                    "hint": error.hint,
                }
            else:
                now = to_second(session.context.clock())
                self._verified = {
                    "size": result.size,
                    "verified_at": f"{now:%Y-%m-%dT%H:%M:%SZ}",
                    "ok": True,
                    "problem": None,
                    "hint": None,
                }
            return self._verified

    def verified(self) -> dict[str, Any]:
        """Return the last outcome, verifying once if there is none yet."""
        if self._verified["verified_at"] is None and self._verified["ok"]:
            return self.verify()
        return self._verified

    def status(self) -> dict[str, Any]:
        """Return who acts, what is locked, and how the log stands."""
        keystore = self.workplace.keystore
        workshop = self.workplace.current is not None
        status: dict[str, Any] = {
            "mode": "workshop" if workshop else "personal",
            "person": None,
            "people": [],
            "keystore": keystore.describe(),
            "locked": self._locked(),
            "ledger": self._verified,
            "pending": 0,
        }
        if status["locked"]:
            return status
        try:
            session = self.session()
        except NotFound:
            return status
        status["person"] = person_view(session.person)
        if workshop:
            names = self.workplace.profiles()
            people = [person for person in session.people() if person.id in names]
            status["people"] = [person_view(person) for person in people]
        try:
            status["ledger"] = self.verified()
            status["pending"] = _pending(session)
        except TrustError as error:
            status["ledger"] = {
                **self._verified, "ok": False, "problem": _said(error), "hint": error.hint,
            }  # fmt: skip
        return status

    def _locked(self) -> bool:
        try:
            self.workplace.keystore.names()
        except Unavailable:
            return True
        return False


def _pending(session: Session) -> int:
    """Return how many things wait for a person: votes, and returned requests."""
    returned = [r for r in session.my_requests() if r.state is RequestState.returned]
    return len(session.queue()) + len(returned)


def _said(error: TrustError) -> str:
    """Return what failed as a sentence; the name of the step is for the technical details."""
    text = error.message.removeprefix(f"{error.step}: ")
    return text[:1].upper() + text[1:]
