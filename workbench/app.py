"""The composition root: the only place that picks concrete parts.

A *workplace* is one folder (``WORKBENCH_HOME``) with the embedded exchange and what this user's
profiles remember::

    exchange/exchange.db   records and ledger        (or a PostgreSQL address in WORKBENCH_EXCHANGE)
    exchange/store/        sealed blobs, an OCI image layout
    exchange/log.vkey      the log's public key
    keystore.age           private keys, where there is no OS keyring and no agent
    profiles/NAME/         the checkpoint each person's client saw last
"""

from __future__ import annotations

import functools
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import ValidationError

from workbench import cli, workshop
from workbench.crypto.keys import DeviceSecret, LogSecret, VerifyingKey
from workbench.errors import Conflict, InputError, NotFound, TrustError, Unavailable
from workbench.forms import Model, PersonId, Region, Word, explain
from workbench.ledger.checkpoint import CheckpointSigner
from workbench.origin.labels import NOWHERE
from workbench.records import Device, Person
from workbench.services import pack
from workbench.services.context import EXCHANGE, Actor, Context
from workbench.services.enrol import Enrol
from workbench.services.marks import Room
from workbench.services.pack import SharedFile
from workbench.session import Folder, Session
from workbench.stores import archive, folder
from workbench.stores.agent import AgentKeystore
from workbench.stores.archive import ReadOnlyBlobs
from workbench.stores.contracts import Blobs, Keystore
from workbench.stores.database import DatabaseRecords
from workbench.stores.disk import DiskBlobs
from workbench.stores.keystore import DeviceSigner, choose
from workbench.stores.marks import Aside, Marks, aside
from workbench.stores.opened import OpenedFolder, writing
from workbench.stores.profile import Profile
from workbench.vocabulary import Role

__all__ = ["Workplace", "default_home", "main", "notebook", "open_workplace"]

LOG = "log"  # the keystore's name for the key that signs checkpoints
ORIGIN = "sharing-workbench.invalid/embedded"


def default_home() -> Path:
    """Return the folder in use: ``WORKBENCH_HOME``, or one in the user's data folder."""
    configured = os.environ.get("WORKBENCH_HOME")
    return Path(configured) if configured else Path(platformdirs.user_data_dir("sharing-workbench"))


class _Newcomer(Model):
    """What a person is set up with."""

    name: PersonId
    display: Word
    region: Region


class Workplace:
    """One folder, its exchange, and the people who act from here."""

    def __init__(
        self,
        home: Path,
        keystore: Keystore,
        *,
        exchange: str | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self.home = home
        self.keystore = keystore
        self._exchange = exchange
        self._clock = clock
        self._random = random
        self._context: Context | None = None

    @property
    def current(self) -> str | None:
        """Who is being played in a workshop; ``None`` in a normal installation."""
        return self.keystore.current() if isinstance(self.keystore, AgentKeystore) else None

    def play(self, person: str) -> None:
        """Choose who acts, in a workshop.

        Raises:
            InputError: this is no workshop, or nobody is called that.
        """
        if not isinstance(self.keystore, AgentKeystore) or self.current is None:
            raise InputError(
                "Only a workshop lets one browser play several people.",
                unchanged="You act as before.",
            )
        if person not in self.profiles():
            raise InputError(f"Nobody here is called {person}.", unchanged="You act as before.")
        self.keystore.play(person)

    def profiles(self) -> list[str]:
        """Return the people who can act from this workplace."""
        profiles = self.home / "profiles"
        return sorted(path.name for path in profiles.iterdir()) if profiles.is_dir() else []

    def context(self) -> Context:
        """Open the exchange (once).

        Raises:
            NotFound: there is none here yet.
            Unavailable: it cannot be opened.
        """
        if self._context is None:
            self._context = self._open()
        if self._context.custodian is None:  # keys that were locked may be open by now
            self._context = replace(self._context, custodian=self._custodian())
        return self._context

    def session(self, person: str | None = None) -> Session:
        """Return a person's session; by default the one being played, or the only one.

        Raises:
            NotFound: nobody has been set up here, or nobody of that name.
            InputError: several people could be meant.
        """
        name = person or self.current or os.environ.get("WORKBENCH_PROFILE") or self._only()
        if name not in self.profiles():
            raise NotFound(
                f"There is no profile {name} here.",
                hint=f"Set it up with `workbench init --name {name}`.",
            )
        context = self.context()
        profile = Profile(self.home / "profiles" / name)
        if profile.verifier != context.verifier:
            raise TrustError(
                "log key",
                "this exchange signs its log with another key than the one you joined.",
                unchanged="Nothing was done.",
                hint="Somebody put another exchange in its place; ask its operator.",
            )
        device = context.records.get(Person, name).device(profile.device)
        if device is None:
            raise TrustError(
                "directory",
                f"{name}'s device is no longer enrolled.",
                hint="Ask the exchange's operator why.",
            )
        room = Room(self.marks(name), self.aside)
        return Session(context, self._actor(name, device), profile, room)

    def files(self, path: Path) -> Sequence[folder.ModelFile]:
        """Return the files of a model folder, or one file."""
        return folder.scan(path) if path.is_dir() else [folder.single(path)]

    def target(self, path: Path) -> AbstractContextManager[Folder]:
        """Return a folder to be written aside and shown as a whole."""
        return writing(path)

    def opened(self, path: Path) -> OpenedFolder:
        """Return a folder that was opened before."""
        return OpenedFolder(path)

    @contextmanager
    def scratch(self) -> Iterator[Blobs]:
        """Give a blob store that is thrown away."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(prefix="pack-", dir=self.home) as name:
            yield DiskBlobs(Path(name))

    def aside(self) -> AbstractContextManager[Aside]:
        """Give a private folder for marked files that is thrown away."""
        return aside(self.home)

    def marks(self, person: str) -> Marks:
        """Return what a person's client remembers about marked copies."""
        return Marks(self.home / "profiles" / person)

    def write_share(self, path: Path, share: SharedFile, blobs: Blobs) -> None:
        """Write a sealed file."""
        archive.write(path, ((d, blobs.size(d), blobs.open(d)) for d in share.blobs), share.index())

    @contextmanager
    def read_share(self, path: Path) -> Iterator[tuple[SharedFile, Blobs]]:
        """Open a sealed file for reading."""
        with archive.ShareFile(path) as share:
            yield pack.read(share.index), ReadOnlyBlobs(share)

    def init(
        self,
        name: str,
        *,
        display: str | None = None,
        roles: Sequence[Role] = (Role.researcher,),
        region: str = "eu",
        classical: bool = False,
    ) -> Session:
        """Set up a person here: keys, the exchange if there is none, enrolment.

        ``classical`` makes an X25519 device, for people who open with an older ``age``.

        Raises:
            Conflict: somebody of that name is enrolled with other keys.
            InputError: the name or region cannot be used.
            Unavailable: the keystore is locked.
        """
        newcomer = _newcomer(name, display or name.capitalize(), region)
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not (self.home / "exchange" / "log.vkey").exists():
            self._found()
        context = self.context()
        device = self._device(name, f"{name}'s device", region, classical=classical)
        actor = self._actor(name, device)
        Enrol(context).enrol(actor, newcomer.display, roles)
        Profile.create(
            self.home / "profiles" / name, name=name, device=device.id, verifier=context.verifier
        )
        return self.session(name)

    def _only(self) -> str:
        names = self.profiles()
        if len(names) == 1:
            return names[0]
        if not names:
            raise NotFound(
                "Nobody has been set up here yet.", hint="Run `workbench init --name NAME`."
            )
        raise InputError(
            f"Several people act from here: {', '.join(names)}.",
            unchanged="Nothing was done.",
            hint="Say who: `workbench --profile NAME …` in a terminal, or for a notebook and the "
            "Lab, set WORKBENCH_PROFILE=NAME and start Jupyter again.",
        )

    def _found(self) -> None:
        """Create the embedded exchange's own keys and publish the log's."""
        with suppress(Conflict):
            self.keystore.create(LOG, LogSecret.generate(ORIGIN, self._random).to_bytes())
        with suppress(Conflict):
            self.keystore.create(EXCHANGE, DeviceSecret.generate(random=self._random).to_bytes())
        place = self.home / "exchange"
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        (place / "log.vkey").write_text(self.keystore.public(LOG)["verifier"] + "\n")
        context = self.context()
        actor = context.exchange_actor()
        if actor is not None:
            Enrol(context).enrol(actor, "The exchange", ())

    def _open(self) -> Context:
        place = self.home / "exchange"
        try:
            verifier = (place / "log.vkey").read_text().strip()
        except FileNotFoundError:
            raise NotFound(
                f"There is no exchange in {self.home}.", hint="Run `workbench init --name NAME`."
            ) from None
        log = CheckpointSigner(ORIGIN, verifier, lambda message: self.keystore.sign(LOG, message))
        url = self._exchange or f"sqlite:///{place / 'exchange.db'}"
        return Context(
            records=DatabaseRecords(url, log, self._random),
            blobs=DiskBlobs(place / "store"),
            verifier=verifier,
            clock=self._clock,
            random=self._random,
        )

    def _device(self, name: str, label: str, region: str, *, classical: bool) -> Device:
        with suppress(Conflict):
            secret = DeviceSecret.generate(classical=classical, random=self._random)
            self.keystore.create(name, secret.to_bytes())
        return self._signer(name, label, region).device

    def _custodian(self) -> DeviceSigner | None:
        """The exchange's own device, where its keys are and can be used."""
        try:
            return self._signer(EXCHANGE, "The exchange", "none")
        except (NotFound, Unavailable):
            return None  # everything but granting level *open* works without it

    def _signer(self, name: str, label: str, region: str) -> DeviceSigner:
        public = self.keystore.public(name)
        key = VerifyingKey.from_pem(public["signing_key"])
        device = Device(
            id=key.fingerprint,
            label=label,
            signing_key=key.pem,
            recipient=public["recipient"],
            region=region,
        )
        return DeviceSigner(self.keystore, name, device)

    def _actor(self, name: str, device: Device) -> Actor:
        return Actor(name, DeviceSigner(self.keystore, name, device))


def _newcomer(name: str, display: str, region: str) -> _Newcomer:
    """Check what a person is to be set up with, before there are keys.

    Raises:
        InputError: naming each field that cannot be used.
    """
    if name in (LOG, EXCHANGE):
        raise InputError(
            f"Nobody can be called {name}: the exchange's own keys are.",
            unchanged="Nobody was enrolled.",
            hint="Choose another name.",
        )
    if region == NOWHERE:
        raise InputError(
            "No device can stand nowhere: weights that may go nowhere would go to it.",
            unchanged="Nobody was enrolled.",
            hint="Give the region where it stands, such as eu.",
        )
    try:
        return _Newcomer(name=name, display=display, region=region)
    except ValidationError as error:
        raise InputError(
            f"These fields cannot be used: {explain(error)}.",
            unchanged="Nobody was enrolled.",
            hint="Names and regions are small letters, digits and dashes, such as ada and eu.",
        ) from error


def open_workplace(passphrase: Callable[[], str | None] = lambda: None) -> Workplace:
    """Open the user's workplace with the best keystore there is.

    An agent (``WORKBENCH_AGENT``, set by a Lab server for what it starts) comes first, then the OS
    keyring, then the passphrase-encrypted file, unlocked by ``passphrase``.

    Raises:
        Unavailable: the agent named is not there.
    """
    home = default_home()
    agent = os.environ.get("WORKBENCH_AGENT")
    keystore: Keystore = (
        AgentKeystore(Path(agent)) if agent else choose(home / "keystore.age", passphrase)
    )
    return Workplace(home, keystore, exchange=os.environ.get("WORKBENCH_EXCHANGE"))


@functools.cache
def notebook() -> Any:
    """Return the functions for notebooks over this user's workplace, one per process."""
    return import_module("workbench.notebook.functions").Notebook(open_workplace())


def main() -> None:
    """Run the command line."""
    cli.run(open_workplace, lambda notebook, command: workshop.run(Workplace, notebook, command))


def _load_jupyter_server_extension(server_app: object) -> None:
    """Mount the handlers in a Jupyter server (named in its configuration)."""
    import_module("workbench.lab.extension").load(server_app, open_workplace)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "workbench.app"}]
