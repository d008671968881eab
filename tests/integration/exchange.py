"""A whole exchange for tests: real services and stores, keys in memory, a clock that is turned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.weights import weights
from workbench.crypto.keys import DeviceSecret, LogSecret, VerifyingKey
from workbench.errors import WorkbenchError
from workbench.ledger.checkpoint import CheckpointSigner
from workbench.policy import terms
from workbench.records import Device, Entry, Grant, Release, Request
from workbench.services.context import EXCHANGE, Actor, Context
from workbench.services.enrol import Enrol
from workbench.services.marks import Room
from workbench.services.publish import Draft
from workbench.services.request import Wish
from workbench.services.unlocking import Opened
from workbench.session import Session
from workbench.stores import folder, opened
from workbench.stores.contracts import Blobs, Keystore, Records
from workbench.stores.database import DatabaseRecords
from workbench.stores.disk import DiskBlobs
from workbench.stores.keystore import DeviceSigner, MemoryKeystore
from workbench.stores.marks import Marks, aside
from workbench.vocabulary import Role, VoteKind

ORIGIN = "exchange.example/log"
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
REF = "lab/model:1.0"
FILES = {"config.json": b'{"layers": 2}', "weights/part.bin": weights(bytes(range(256)) * 8)}
PEOPLE = {
    "ada": (Role.researcher,),
    "noor": (Role.researcher,),
    "rui": (Role.reviewer,),
    "vera": (Role.reviewer,),
    "sam": (Role.auditor,),
    "stella": (Role.steward,),
}


@dataclass
class Clock:
    """Time that moves when a test says so."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Remembered:
    """What a person's client saw last (see ``workbench.session.Memory``)."""

    note: bytes | None = None

    def checkpoint(self) -> bytes | None:
        return self.note

    def remember(self, note: bytes) -> None:
        self.note = note


@dataclass
class Keys:
    """Everybody's keys, and the log's."""

    keystore: Keystore = field(default_factory=MemoryKeystore)

    def __post_init__(self) -> None:
        secret = LogSecret.generate(ORIGIN)
        self.keystore.create("log", secret.to_bytes())
        self.verifier = secret.verifier

    def log(self) -> CheckpointSigner:
        return CheckpointSigner(ORIGIN, self.verifier, lambda m: self.keystore.sign("log", m))

    def signer(self, name: str, region: str = "eu") -> DeviceSigner:
        """Return the device of this name, made when it is not there yet."""
        if name not in self.keystore.names():
            self.keystore.create(name, DeviceSecret.generate(classical=True).to_bytes())
        public = self.keystore.public(name)
        device = Device(
            id=VerifyingKey.from_pem(public["signing_key"]).fingerprint,
            label=f"{name}'s device",
            region=region,
            **public,
        )
        return DeviceSigner(self.keystore, name, device)


class Exchange:
    """One exchange with its people; ``exchange.noor`` and so on are their sessions."""

    def __init__(self, records: Records, blobs: Blobs, keys: Keys, *, seed: int = 1) -> None:
        self.keys = keys
        self.clock = Clock()
        self.context = Context(
            records=records,
            blobs=blobs,
            verifier=keys.verifier,
            clock=self.clock,
            random=Random(seed).randbytes,
            custodian=keys.signer(EXCHANGE, "none"),
        )
        self.memories: dict[str, Remembered] = {}
        self.rooms: dict[str, Room] = {}

    @classmethod
    def on_disk(cls, place: Path, keys: Keys, *, seed: int = 1) -> Exchange:
        """Open the exchange in a folder as the embedded one lies there."""
        place.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{place / 'exchange.db'}"
        records = DatabaseRecords(url, keys.log(), Random(seed + 1000).randbytes)
        return cls(records, DiskBlobs(place / "store"), keys, seed=seed)

    def enrol(self) -> Exchange:
        """Let the exchange itself and everybody join."""
        itself = Actor(EXCHANGE, self.keys.signer(EXCHANGE, "none"))
        Enrol(self.context).enrol(itself, "The exchange", ())
        for name, roles in PEOPLE.items():
            self.join(name, *roles)
        return self

    def join(self, name: str, *roles: Role) -> None:
        """Let one more person, or an evaluator host, join."""
        self.memories[name] = Remembered()
        Enrol(self.context).enrol(self.actor(name), name.title(), roles)

    def close(self) -> None:
        if isinstance(self.context.records, DatabaseRecords):
            self.context.records.close()

    def actor(self, name: str, device: str = "") -> Actor:
        return Actor(name, self.keys.signer(device or name))

    def session(self, name: str, device: str = "") -> Session:
        memory = self.memories.setdefault(name, Remembered())
        return Session(self.context, self.actor(name, device), memory, self.rooms.get(name))

    def give_room(self, name: str, place: Path) -> Marks:
        """Let a person mark copies, with what they remember of it in a folder of this name."""
        shelf = Marks(place / name)
        self.rooms[name] = Room(shelf, lambda: aside(place / "home"))
        return shelf

    def __getattr__(self, name: str) -> Session:
        if name not in PEOPLE:
            raise AttributeError(name)
        return self.session(name)

    # What people do --------------------------------------------------------------------------

    def publish(self, model: Path, ref: str = REF, by: str = "ada", **fields: Any) -> Release:
        return self.session(by).publish(draft(ref, **fields), folder.scan(model))

    def ask(self, ref: str = REF, by: str = "noor", **fields: Any) -> Request:
        session = self.session(by)
        accepted = session.release(ref).listing.terms
        return session.request(ref, wish(**fields), accepted)

    def approve(self, request: Request, by: str = "rui", **fields: Any) -> Request:
        return self.session(by).decide(request.id, VoteKind.approve, "It is fine.", **fields)

    def granted(self, ref: str = REF, by: str = "noor", **fields: Any) -> Grant:
        """Ask, let Rui approve, and return the grant."""
        request = self.approve(self.ask(ref, by, **fields))
        grant = self.session(by).grant_of(request)
        assert grant is not None
        return grant

    def marked(self, by: str = "noor") -> Grant:
        """Ask, let Rui approve with a mark, and return the grant."""
        request = self.approve(self.ask(by=by), mark=True)
        grant = self.session(by).grant_of(request)
        assert grant is not None
        return grant

    def open(self, target: Path, ref: str = REF, by: str = "noor", device: str = "") -> Opened:
        return self.session(by, device).open(ref, opened.writing(target))

    def events(self, kind: str | None = None) -> list[Entry]:
        return self.sam.timeline(kind=kind, limit=1000)


def draft(ref: str = REF, **fields: Any) -> Draft:
    """Return what an owner says about a release."""
    name, version = ref.split(":")
    given = {
        "license": "Apache-2.0",
        "terms": terms.standard(),
        "rights": ("retrieve",),
        **fields,
    }
    return Draft.of(name=name, version=version, **given)


def wish(days: int = 14, right: str = "retrieve", **fields: Any) -> Wish:
    """Return what somebody asks for."""
    return Wish.of(**{"category": "research", "text": "A study.", **fields}, days=days, right=right)


def write_model(place: Path) -> Path:
    """Write the model that is shared."""
    for name, data in FILES.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return place


def unpublished(exchange: Exchange, share: Callable[[], object], match: str) -> WorkbenchError:
    """Check that sharing fails with this error and has changed nothing."""
    before = [entry.event.kind for entry in exchange.events()]
    with pytest.raises(WorkbenchError, match=match) as caught:
        share()
    assert caught.value.exit_code in (1, 2)
    assert caught.value.unchanged
    assert exchange.ada.catalogue() == []
    events = [entry.event.kind for entry in exchange.events()]
    assert [kind for kind in events if kind != "refused"] == before
    return caught.value
