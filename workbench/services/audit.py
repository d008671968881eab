"""What happened, proved: the timeline, the whole log verified, receipts."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.crypto import dsse
from workbench.crypto.keys import VerifyingKey
from workbench.encoding import b64decode, digest
from workbench.errors import InputError, NotFound, TrustError, WorkbenchError
from workbench.ledger import checkpoint, merkle, proof
from workbench.records import (
    Entry,
    Envelope,
    Grant,
    Person,
    Record,
    Release,
    Request,
    Terms,
    Vote,
)
from workbench.services.context import Context
from workbench.stores.contracts import Reading

__all__ = ["Audit", "Verification"]

_KINDS: tuple[type[Record], ...] = (Person, Terms, Release, Request, Vote, Grant, Envelope)
_BATCH = 1000
_RESTORE = (
    "Stop using this exchange, keep the folder as it is, and compare it with your last backup; "
    "everybody's receipts still prove what the log said."
)

_OTHER = "Ask for the receipt again: `workbench ledger prove`."


@dataclass(frozen=True)
class Verification:
    """A log that held: how many entries, and the checkpoint they add up to."""

    size: int
    root: bytes
    checkpoint: bytes


class Audit:
    """Reading and proving the log."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def timeline(
        self,
        *,
        release: str | None = None,
        person: str | None = None,
        kind: str | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> list[Entry]:
        """Return entries newest first, filtered."""
        found: list[Entry] = []
        stop = self.size() if before is None else before
        while stop > 0 and len(found) < limit:
            start = max(0, stop - _BATCH)
            for entry in reversed(self._context.records.entries(start, stop)):
                event = entry.event
                if release and event.release != release:
                    continue
                if person and person not in (event.actor, event.subject):
                    continue
                if kind and event.kind != kind:
                    continue
                found.append(entry)
            stop = start
        return found[:limit]

    def size(self) -> int:
        """Return how many entries the newest checkpoint covers."""
        return self._newest(self._context.records).size

    def receipt(self, index: int) -> bytes:
        """Return a ``.tlog-proof`` that carries the entry, so its commitment can be opened.

        Raises:
            NotFound: no such entry.
            TrustError: the log is not what its checkpoint says.
        """
        records = self._context.records
        newest = self._newest(records)
        if not 0 <= index < newest.size:
            raise NotFound(f"The log has no entry {index}; it has {newest.size}.")
        (entry,) = records.entries(index, index + 1)
        path = merkle.inclusion(records.hashes, index, newest.size)
        return proof.write(index, path, records.checkpoint(), entry.to_bytes())

    def check_receipt(self, data: bytes) -> Entry:
        """Verify a receipt made by :meth:`receipt` and return the entry it proves.

        Raises:
            TrustError: it proves nothing (step ``"receipt"`` or ``"checkpoint"``).
        """
        return check_receipt(data, self._context.verifier)

    def verify(self, known: bytes | None) -> Verification:
        """Verify every entry, every tree node, every record and every signature.

        ``known`` is the checkpoint this client saw last; the log must have grown from it.

        Raises:
            TrustError: naming what does not match.
        """
        records = self._context.records
        newest = self._newest(records)
        self.check_growth(known)
        fold = _Fold()
        people = _People()
        latest: dict[str, str] = {}
        for start in range(0, newest.size, _BATCH):
            entries = records.entries(start, min(start + _BATCH, newest.size))
            self._check_batch(entries, start, min(start + _BATCH, newest.size), fold, records)
            for entry in entries:
                latest.update(entry.event.changes)
                people.check(entry)
        if fold.root() != newest.root:
            raise TrustError(
                "ledger", "the entries do not add up to the checkpoint.", hint=_RESTORE
            )
        if records.entries(newest.size):
            raise TrustError("ledger", "there are entries after the checkpoint.", hint=_RESTORE)
        _check_records(records, latest)
        return Verification(newest.size, newest.root, records.checkpoint())

    def check_growth(self, known: bytes | None) -> bytes:
        """Check that the log grew from the checkpoint ``known``; return the newest one.

        Raises:
            TrustError: the log shrank, forked or was rewritten (step ``"ledger history"``).
        """
        records = self._context.records
        newest = self._newest(records)
        if known is None:
            return records.checkpoint()
        old = checkpoint.verify(known, self._context.verifier)
        if newest.size < old.size:
            raise TrustError(
                "ledger history",
                f"the log has {newest.size} entries, but this client has seen {old.size}.",
                hint=_RESTORE,
            )
        try:
            path = merkle.consistency(records.hashes, old.size, newest.size)
            merkle.verify_consistency(old.size, newest.size, path, old.root, newest.root)
        except TrustError as error:
            raise TrustError(
                "ledger history",
                "the log is not a continuation of the one this client saw before.",
                hint=_RESTORE,
            ) from error
        return records.checkpoint()

    def _newest(self, reading: Reading) -> checkpoint.Checkpoint:
        return checkpoint.verify(reading.checkpoint(), self._context.verifier)

    def _check_batch(
        self, entries: list[Entry], start: int, stop: int, fold: _Fold, reading: Reading
    ) -> None:
        if [entry.index for entry in entries] != list(range(start, stop)):
            raise TrustError("ledger", "entries are missing or out of order.", hint=_RESTORE)
        stored = reading.hashes([(0, index) for index in range(start, stop)])
        for entry, node in zip(entries, stored, strict=True):
            leaf = leaf_of(entry)
            if leaf != node:
                raise TrustError("ledger", f"entry {entry.index} was altered.", hint=_RESTORE)
            fold.add(leaf)


class _Fold:
    """The root of leaves fed one by one, in logarithmic memory (RFC 6962 section 2.1)."""

    def __init__(self) -> None:
        self._stack: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        level, node = 0, leaf
        while self._stack and self._stack[-1][0] == level:
            _, left = self._stack.pop()
            level, node = level + 1, merkle.node_hash(left, node)
        self._stack.append((level, node))

    def root(self) -> bytes:
        if not self._stack:
            return merkle.EMPTY
        _, node = self._stack[-1]
        for _, left in reversed(self._stack[:-1]):
            node = merkle.node_hash(left, node)
        return node


class _People:
    """Checks each signed event with the key its device had enrolled by then."""

    def __init__(self) -> None:
        self._keys: dict[tuple[str, str], VerifyingKey] = {}

    def check(self, entry: Entry) -> None:
        event = entry.event
        if event.statement is None:
            return
        try:
            if event.kind == "enrolled":
                self._learn(event.statement, event.actor)
            key = self._keys.get((event.actor, event.device))
            if key is None:
                raise TrustError("signed act", "no such device was enrolled.")
            dsse.verify(event.statement, key, step="signed act")
        except WorkbenchError as error:
            raise TrustError(
                "signed act",
                f"entry {entry.index} is not signed by {event.actor}'s device.",
                hint=_RESTORE,
            ) from error

    def _learn(self, statement: str, person: str) -> None:
        body = dsse.peek(statement)["predicate"]["body"]
        for device in Person.model_validate(body).devices:
            self._keys[person, device.id] = VerifyingKey.from_pem(device.signing_key)


def _check_records(reading: Reading, latest: dict[str, str]) -> None:
    """Every record is what the last event about it says, and none came without an event."""
    seen: set[str] = set()
    for kind in _KINDS:
        for record in reading.find(kind):
            name = f"{kind.kind}/{record.key}"
            seen.add(name)
            if latest.get(name) != digest(record.to_bytes()):
                raise TrustError(
                    "ledger records", f"{name} is not what the log says it is.", hint=_RESTORE
                )
    missing = sorted(set(latest) - seen)
    if missing:
        raise TrustError(
            "ledger records", f"{missing[0]} is in the log but not there.", hint=_RESTORE
        )


def leaf_of(entry: Entry) -> bytes:
    """Return the tree's leaf hash of an entry."""
    try:
        salt = b64decode(entry.salt)
    except InputError as error:
        raise TrustError("ledger", f"entry {entry.index} was altered.", hint=_RESTORE) from error
    return merkle.leaf_hash(proof.commitment(salt, entry.event.to_bytes()))


def check_receipt(data: bytes, verifier: str) -> Entry:
    """Verify a receipt against a log's verifier key; see :meth:`Audit.check_receipt`."""
    receipt = proof.parse(data)
    if receipt.extra is None:
        raise TrustError("receipt", "it does not carry the event it proves.", hint=_OTHER)
    try:
        entry = Entry.from_bytes(receipt.extra)
        commitment = proof.commitment(b64decode(entry.salt), entry.event.to_bytes())
    except InputError as error:
        raise TrustError("receipt", "the event in it cannot be read.", hint=_OTHER) from error
    if entry.index != receipt.index:
        raise TrustError("receipt", "it proves another entry than it shows.", hint=_OTHER)
    receipt.verify(commitment, verifier)
    return entry
