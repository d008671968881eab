"""What happened, proved: the timeline, the whole log verified, receipts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from workbench.crypto import dsse
from workbench.crypto.keys import VerifyingKey
from workbench.encoding import b64decode, canonical, digest
from workbench.errors import InputError, NotFound, TrustError, WorkbenchError
from workbench.forms import Record
from workbench.ledger import checkpoint, merkle, proof
from workbench.policy.seeing import Viewer
from workbench.records import Entry, Event, Person, Release, Request
from workbench.release import acts, trust
from workbench.services.context import Context
from workbench.stores.contracts import Reading

__all__ = ["Audit", "Verification", "viewer"]

# Every kind of event but those below carries the act that its actor signed.
_ACTS = {
    "enrolled": "enrol",
    "requested": "request",
    "resubmitted": "request",
    "request_withdrawn": "withdraw_request",
    "approved": "vote",
    "returned": "vote",
    "rejected": "vote",
    "granted": "grant",
    "revoked": "revoke",
    "opened": "open",
    "loaded": "load",
    "deprecated": "deprecate",
    "retired": "retire",
    "withdrawn": "withdraw",
    "custodian_added": "custodian",
    "suspended": "suspend",
    "reinstated": "suspend",
    "policy_changed": "change_policy",
}
_UNSIGNED = ("voted", "refused", "expired")  # a hidden vote's signature would show which way
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
        seen: Callable[[Event], bool] = lambda _: True,
    ) -> list[Entry]:
        """Return entries newest first, filtered; ``seen`` tells which may be shown at all."""
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
                if not seen(event):
                    continue
                found.append(entry)
            stop = start
        return found[:limit]

    def size(self) -> int:
        """Return how many entries the newest checkpoint covers."""
        return self._newest(self._context.records).size

    def receipt(self, index: int, seen: Callable[[Event], bool] = lambda _: True) -> bytes:
        """Return a ``.tlog-proof`` that carries the entry, so its commitment can be opened.

        Raises:
            NotFound: no such entry, or none that may be ``seen``.
            TrustError: the log is not what its checkpoint says.
        """
        records = self._context.records
        newest = self._newest(records)
        if not 0 <= index < newest.size:
            raise NotFound(f"The log has no entry {index}; it has {newest.size}.")
        (entry,) = records.entries(index, index + 1)
        if not seen(entry.event):
            raise NotFound(f"The log has no entry {index} for you to see.")
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
        told = _Told()
        for start in range(0, newest.size, _BATCH):
            entries = records.entries(start, min(start + _BATCH, newest.size))
            self._check_batch(entries, start, min(start + _BATCH, newest.size), fold, records)
            for entry in entries:
                told.take(entry)
                people.check(entry)
        if fold.root() != newest.root:
            raise TrustError(
                "ledger", "the entries do not add up to the checkpoint.", hint=_RESTORE
            )
        if records.entries(newest.size):
            raise TrustError("ledger", "there are entries after the checkpoint.", hint=_RESTORE)
        told.check(records)
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
        inner: dict[merkle.Node, bytes] = {}
        for entry, node in zip(entries, stored, strict=True):
            leaf = leaf_of(entry)
            if leaf != node:
                raise TrustError("ledger", f"entry {entry.index} was altered.", hint=_RESTORE)
            inner.update(fold.add(leaf))
        if reading.hashes(list(inner)) != list(inner.values()):
            raise TrustError("ledger tree", "a node of the stored tree was altered.", hint=_RESTORE)


class _Fold:
    """The root of leaves fed one by one, in logarithmic memory (RFC 6962 section 2.1)."""

    def __init__(self) -> None:
        self._size = 0
        self._stack: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> dict[merkle.Node, bytes]:
        """Add a leaf; return the inner nodes that it completes."""
        made: dict[merkle.Node, bytes] = {}
        level, node = 0, leaf
        while self._stack and self._stack[-1][0] == level:
            _, left = self._stack.pop()
            level, node = level + 1, merkle.node_hash(left, node)
            made[level, self._size >> level] = node
        self._stack.append((level, node))
        self._size += 1
        return made

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
        if event.statement is None and event.kind in _UNSIGNED:
            return
        try:
            if event.statement is None:
                raise TrustError("signed act", "it is not signed at all.")
            if event.kind == "enrolled":
                self._learn(event.statement, event.actor)
            key = self._keys.get((event.actor, event.device))
            if key is None:
                raise TrustError("signed act", "no such device was enrolled.")
            _check_act(event, event.statement, key)
        except (WorkbenchError, KeyError) as error:  # or a kind of event that nobody knows
            raise TrustError(
                "signed act",
                f"entry {entry.index} is not what {event.actor}'s device signed.",
                hint=_RESTORE,
            ) from error

    def _learn(self, statement: str, person: str) -> None:
        predicate = dsse.peek(statement).get("predicate")
        body = predicate.get("body") if isinstance(predicate, dict) else None
        enrolled = Person.from_bytes(canonical(body))
        if enrolled.id != person:
            raise TrustError("signed act", "it enrols somebody else.")
        for device in enrolled.devices:
            key = VerifyingKey.from_pem(device.signing_key)
            if key.fingerprint == device.id:
                self._keys.setdefault((person, device.id), key)


def _check_act(event: Event, statement: str, key: VerifyingKey) -> None:
    """Check that the device signed this act, about this release and request."""
    if event.kind == trust.PUBLISH:
        verified = dsse.verify(statement, key, predicate_type=trust.RELEASE_TYPE, step="signed act")
        manifest, listing = (str(event.details.get(name)) for name in ("manifest", "listing"))
        if verified.payload != trust.release_statement(event.release or "", manifest, listing):
            raise TrustError("signed act", "another release was signed.")
        return
    body = acts.verify_act(statement, key, _ACTS[event.kind], step="signed act")
    request = body.get("id" if _ACTS[event.kind] == "request" else "request", event.request)
    if (body.get("release", event.release), request) != (event.release, event.request):
        raise TrustError("signed act", "something else was signed.")


class _Told:
    """What the log says about records: the last digest of each, in the order of their creation."""

    def __init__(self) -> None:
        self._latest: dict[str, tuple[int, str]] = {}

    def take(self, entry: Entry) -> None:
        for name, value in entry.event.changes.items():
            first, _ = self._latest.get(name, (entry.index, ""))
            self._latest[name] = first, value

    def check(self, reading: Reading) -> None:
        """Every record is what its last event says, where it was created, and none is extra."""
        last = 0
        for record in reading.find(Record):
            name = f"{record.kind}/{record.key}"
            first, value = self._latest.pop(name, (0, ""))
            if value != digest(record.to_bytes()):
                raise TrustError(
                    "ledger records", f"{name} is not what the log says it is.", hint=_RESTORE
                )
            if first < last:
                raise TrustError("ledger records", f"{name} was moved.", hint=_RESTORE)
            last = first
        if self._latest:
            missing = min(self._latest)
            raise TrustError(
                "ledger records", f"{missing} is in the log but not there.", hint=_RESTORE
            )


def viewer(reading: Reading, person: Person) -> Viewer:
    """Return a person as somebody to whom events are shown, or not."""
    releases = {release.key for release in reading.find(Release, person=person.id)}
    requests = {
        request.id
        for request in reading.find(Request)
        if request.person == person.id or request.release in releases
    }
    return Viewer(person, releases, requests)


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
