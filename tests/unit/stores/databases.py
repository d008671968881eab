"""A log, two people and a few events for tests of the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from workbench.ledger import checkpoint
from workbench.ledger.checkpoint import CheckpointSigner
from workbench.records import Event, Person
from workbench.stores.database import DatabaseRecords

ORIGIN = "ledger.example/tests"
KEY = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
VERIFIER = checkpoint.verifier_key(ORIGIN, KEY.public_key().public_bytes_raw())
LOG = CheckpointSigner(ORIGIN, VERIFIER, KEY.sign)
EVENT = Event(
    kind="test.happened", at=datetime(2025, 3, 1, tzinfo=UTC), actor="anna", device="d" * 64
)
ANNA = Person(id="anna", name="Anna", roles=(), devices=())
BEN = Person(id="ben", name="Ben", roles=(), devices=())


Opened = Callable[..., DatabaseRecords]


def fill(records: DatabaseRecords, events: int = 3) -> None:
    with records.writing() as writing:
        writing.append(EVENT, ANNA)
        for _ in range(events - 2):
            writing.append(EVENT)
    with records.writing() as writing:
        writing.append(EVENT, BEN)
