"""What appending an event means: the same for every store of records.

An event is completed with the digests of its records, salted, and committed to by a leaf of the
ledger's tree. One transaction gathers many events; at its end one checkpoint is signed over all of
them, after the ledger so far was found to be what its last checkpoint says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from workbench.encoding import MAX_JSON, b64decode, b64encode, digest, parse_canonical
from workbench.errors import InputError, TrustError, Unavailable
from workbench.forms import Record
from workbench.ledger import checkpoint, merkle, proof
from workbench.records import KINDS, Entry, Event
from workbench.stores.contracts import Log

__all__ = [
    "Appending",
    "Batch",
    "EntryRow",
    "RecordRow",
    "empty_checkpoint",
    "is_storable",
    "read_entry",
    "read_record",
]

R = TypeVar("R", bound=Record)

_MAX_COLUMN = 500  # characters of a key or column; PostgreSQL's index rows end at 2,700 bytes
_BATCH = 2000  # events held in memory before they are handed to the store


class RecordRow(NamedTuple):
    """A record as it is stored: by kind and key, found by three columns, in its own bytes."""

    kind: str
    key: str
    person: str | None
    release: str | None
    state: str | None
    body: str


class EntryRow(NamedTuple):
    """A ledger entry as it is stored: the event in its own bytes."""

    position: int
    salt: str
    event: str


@dataclass
class Batch:
    """Rows on their way into a store; of a record written twice, only the later row."""

    records: dict[tuple[str, str], RecordRow] = field(default_factory=dict)
    entries: list[EntryRow] = field(default_factory=list)
    nodes: dict[merkle.Node, bytes] = field(default_factory=dict)


class Appending:
    """The events of one open transaction.

    Args: ``newest`` returns the last signed checkpoint, or ``None`` before the first; ``hashes``
    returns stored tree nodes; ``store`` takes what has been gathered. All three act inside the
    transaction. The tree's size is read once, when it is first needed.
    """

    def __init__(
        self,
        log: Log,
        random: Callable[[int], bytes],
        *,
        newest: Callable[[], bytes | None],
        hashes: merkle.Fetch,
        store: Callable[[Batch], None],
    ) -> None:
        self._log = log
        self._random = random
        self._newest = newest
        self._hashes = hashes
        self._store = store
        self._batch = Batch()
        self._leaves: list[bytes] = []
        self._flushed: int | None = None  # size of the tree that the store holds
        self._note: bytes | None = None  # the last checkpoint when the transaction began
        self._touched = False
        self._broken = False

    @property
    def size(self) -> int:
        """How many entries the ledger has, with those of this transaction."""
        return self._stored_size() + len(self._leaves)

    def append(self, event: Event, records: Sequence[Record]) -> Entry:
        """Gather one event and the records it explains; return the entry it becomes.

        Raises:
            InputError: a record or an event that could not be read back.
            TrustError: the ledger so far is not what its last checkpoint says.
        """
        index = self.size
        rows = [_row(record) for record in records]
        changes = {f"{row.kind}/{row.key}": digest(row.body.encode()) for row in rows}
        completed = event.model_copy(update={"changes": changes})
        body = completed.to_bytes()
        if len(body) > MAX_JSON:
            raise InputError(f"An event of {len(body)} bytes is over the limit of {MAX_JSON}.")
        if event.details:
            parse_canonical(body)  # the one part that no model bounds
        salt = self._random(proof.SALT_SIZE)
        self._leaves.append(merkle.leaf_hash(proof.commitment(salt, body)))
        encoded = b64encode(salt)
        self._batch.entries.append(EntryRow(index, encoded, body.decode()))
        for row in rows:
            self._batch.records[row.kind, row.key] = row
        if len(self._leaves) >= _BATCH:
            self.flush()
        return Entry.model_construct(index=index, salt=encoded, event=completed)

    def checkpoint(self) -> bytes:
        """Return the last signed checkpoint, which says nothing of this transaction yet.

        Raises:
            TrustError: it is not this log's, or the ledger is not what it says.
        """
        self._stored_size()
        return empty_checkpoint(self._log) if self._note is None else self._note

    def flush(self) -> None:
        """Hand everything gathered to the store, so that reads see it.

        Raises:
            TrustError: a node of the tree that must be there is missing.
            Unavailable: the store cannot take it, now or earlier in this transaction.
        """
        if self._broken:  # a database may have rolled back on its own; never go on after that
            raise Unavailable(
                "An earlier write of this transaction failed.", unchanged="Nothing was changed."
            )
        if not self._leaves:
            return
        size = self._stored_size()
        self._broken = True
        self._batch.nodes = merkle.append(self._hashes, size, self._leaves)
        self._store(self._batch)
        self._broken = False
        self._touched = True
        self._flushed = size + len(self._leaves)
        self._batch, self._leaves = Batch(), []

    def finish(self) -> tuple[int, bytes] | None:
        """Flush, and return (size, signed checkpoint) if anything was appended.

        Raises:
            TrustError: a node of the tree that must be there is missing.
            Unavailable: the log's key cannot be used.
        """
        self.flush()
        if not self._touched:
            return None
        size = self._stored_size()
        return size, self._log.sign(size, merkle.root(self._hashes, size))

    def _stored_size(self) -> int:
        if self._flushed is None:
            self._note = self._newest()
            self._flushed = _checked_size(self._log, self._note, self._hashes)
        return self._flushed


def empty_checkpoint(log: Log) -> bytes:
    """Return the checkpoint of a ledger before its first event."""
    return log.sign(0, merkle.EMPTY)


def is_storable(text: str) -> bool:
    """Tell whether a key or column can be stored in, and so found in, every database."""
    return (
        len(text) <= _MAX_COLUMN
        and "\x00" not in text
        and not any("\ud800" <= char <= "\udfff" for char in text)
    )


def read_record(kind: type[R], row: RecordRow) -> R:
    """Return the record that a stored row holds.

    ``Record`` itself stands for whatever kind the row is filed as.

    Raises:
        TrustError: it holds anything but the bytes of the record it is filed as
            (step ``"record"``).
    """
    known: type[Any] | None = KINDS.get(row.kind) if kind is Record else kind
    if known is None:
        raise TrustError("record", f"nobody here keeps a {row.kind[:80]!r}.")
    try:
        record: R = known.from_bytes(_stored_bytes(row.body))
    except InputError as error:
        raise TrustError(
            "record", f"{row.kind} {row.key!r} was changed: {error.message}"
        ) from error
    if _filing(record) != row[:-1]:
        raise TrustError("record", f"{row.kind} {row.key!r} is filed as what it is not.")
    return record


def read_entry(row: EntryRow) -> Entry:
    """Return the ledger entry that a stored row holds.

    Raises:
        TrustError: it holds anything but an event's bytes and a salt (step ``"ledger entry"``).
    """
    try:
        event = Event.from_bytes(_stored_bytes(row.event))
        if len(b64decode(row.salt)) != proof.SALT_SIZE:
            raise InputError(f"A salt is {proof.SALT_SIZE} bytes long.")
    except InputError as error:
        message = f"entry {row.position} was changed: {error.message}"
        raise TrustError("ledger entry", message) from error
    return Entry(index=row.position, salt=row.salt, event=event)


def _row(record: Record) -> RecordRow:
    """Return a record's row, once it is certain that it can be found and read back."""
    body = record.to_bytes()
    type(record).from_bytes(body)
    filing = _filing(record)
    if not all(is_storable(value) for value in filing if value is not None):
        raise InputError(
            f"A {record.kind} with such an identifier cannot be kept.",
            unchanged="Nothing was changed.",
            hint=f"Use at most {_MAX_COLUMN} characters, without control characters.",
        )
    return RecordRow(*filing, body.decode())


def _filing(record: Record) -> tuple[str, str, str | None, str | None, str | None]:
    columns = record.columns
    found = (columns.get("person"), columns.get("release"), columns.get("state"))
    person, release, state = (None if value is None else str(value) for value in found)
    return record.kind, record.key, person, release, state


def _stored_bytes(text: object) -> bytes:
    """Return the bytes of a column that must hold text, whatever a foreign hand put there."""
    if not isinstance(text, str):
        raise InputError("It is not text.")
    return text.encode("utf-8", "surrogatepass")


def _checked_size(log: Log, note: bytes | None, hashes: merkle.Fetch) -> int:
    """Return the size in the last checkpoint, after checking that the tree still has its root.

    A log must never sign two checkpoints that contradict each other (tlog-checkpoint,
    "Signatures"), so a tree that somebody edited is not built upon.
    """
    if note is None:
        return 0
    last = checkpoint.verify(note, log.verifier)
    if merkle.root(hashes, last.size) != last.root:
        raise TrustError("ledger tree", "the stored tree is not the one its checkpoint signed.")
    return last.size
