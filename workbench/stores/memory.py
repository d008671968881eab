"""Records and blobs in memory: for tests, and for exchanges that may vanish (Binder)."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO, TypeVar

from workbench.encoding import check_digest
from workbench.errors import InputError, NotFound, TrustError, Unavailable
from workbench.forms import Record
from workbench.ledger.merkle import Node
from workbench.records import Entry, Event
from workbench.stores.appending import (
    Appending,
    Batch,
    EntryRow,
    RecordRow,
    empty_checkpoint,
    read_entry,
    read_record,
)
from workbench.stores.contracts import Log

__all__ = ["MemoryBlobs", "MemoryRecords", "MemorySink", "MemoryWriting"]

R = TypeVar("R", bound=Record)


class _Rows:
    """Rows over the rows of an older layer; the oldest layer lies over nothing."""

    def __init__(self, below: _Rows | None = None) -> None:
        self.below = below
        self.records: dict[tuple[str, str], RecordRow] = {}
        self.entries: list[EntryRow] = []
        self.nodes: dict[Node, bytes] = {}
        self.note: bytes | None = None
        self.first: int = below.size if below else 0

    @property
    def size(self) -> int:
        return self.first + len(self.entries)

    def add(self, batch: Batch) -> None:
        self.records.update(batch.records)
        self.entries += batch.entries
        self.nodes.update(batch.nodes)

    def kinds(self, kind: str | None) -> list[RecordRow]:
        rows = self.below.kinds(kind) if self.below else []
        known = {row[:2]: place for place, row in enumerate(rows)}
        for name, row in self.records.items():
            if name in known:
                rows[known[name]] = row
            elif kind in (None, row.kind):
                rows.append(row)
        return rows

    def record(self, kind: str, key: str) -> RecordRow | None:
        found = self.records.get((kind, key))
        return self.below.record(kind, key) if found is None and self.below else found

    def entry_rows(self, start: int, stop: int) -> list[EntryRow]:
        older = self.below.entry_rows(start, stop) if self.below and start < self.first else []
        return older + self.entries[max(0, start - self.first) : max(0, stop - self.first)]

    def node(self, node: Node) -> bytes:
        found = self.nodes.get(node)
        if found is None and self.below:
            return self.below.node(node)
        if found is None:
            raise TrustError("ledger tree", f"the node {node} is missing.")
        return found

    def newest(self) -> bytes | None:
        return self.below.newest() if self.note is None and self.below else self.note


class _MemoryReading:
    """What reading means over a pile of rows."""

    def __init__(self, rows: _Rows, log: Log, lock: threading.RLock) -> None:
        self._rows = rows
        self._log = log
        self._lock = lock

    def _begin(self) -> None:
        """Called before each read."""

    def get(self, kind: type[R], key: str) -> R:
        """Return one record (see :class:`workbench.stores.contracts.Reading`)."""
        self._begin()
        with self._lock:
            row = self._rows.record(kind.kind, key)
        if row is None:
            raise NotFound(f"There is no {kind.kind} {key[:200]!r} here.")
        return read_record(kind, row)

    def find(
        self,
        kind: type[R],
        *,
        person: str | None = None,
        release: str | None = None,
        state: str | None = None,
    ) -> list[R]:
        """Return the records of a kind whose columns match, in the order of their creation."""
        self._begin()
        with self._lock:
            rows = self._rows.kinds(None if kind is Record else kind.kind)
        wanted = (person, release, state)
        return [
            read_record(kind, row)
            for row in rows
            if all(ask is None or ask == has for ask, has in zip(wanted, row[2:5], strict=True))
        ]

    def entries(self, start: int = 0, stop: int | None = None) -> list[Entry]:
        """Return the log entries ``start`` (included) to ``stop`` (excluded)."""
        self._begin()
        with self._lock:
            end = self._rows.size if stop is None else min(stop, self._rows.size)
            if start < 0 or end < 0:
                raise InputError("Ledger entries are counted from 0.")
            rows = self._rows.entry_rows(start, end)
        return [read_entry(row) for row in rows]

    def hashes(self, nodes: Sequence[Node]) -> list[bytes]:
        """Return stored tree nodes, each named (level, index); level 0 holds the leaves."""
        self._begin()
        with self._lock:
            return [self._rows.node(node) for node in nodes]

    def checkpoint(self) -> bytes:
        """Return the newest signed checkpoint; of the empty tree before the first event."""
        self._begin()
        with self._lock:
            note = self._rows.newest()
        return empty_checkpoint(self._log) if note is None else note


class MemoryWriting(_MemoryReading):
    """One open transaction (see :class:`workbench.stores.contracts.Writing`)."""

    def __init__(self, below: _Rows, log: Log, random: Callable[[int], bytes]) -> None:
        super().__init__(_Rows(below), log, threading.RLock())
        self._open = True
        self._appending = Appending(
            log,
            random,
            newest=self._rows.newest,
            hashes=lambda nodes: [self._rows.node(node) for node in nodes],
            store=self._rows.add,
        )

    def append(self, event: Event, *records: Record) -> Entry:
        """Write ``records`` and the event that explains them."""
        self._check_open()
        return self._appending.append(event, records)

    def checkpoint(self) -> bytes:
        """Return the newest signed checkpoint; this transaction's comes at its end."""
        self._check_open()
        return self._appending.checkpoint()

    def close(self, *, keep: bool) -> _Rows:
        """End the transaction; return its rows, with a checkpoint if there is anything to keep."""
        finished = self._appending.finish() if keep else None
        if finished:
            _, self._rows.note = finished
        self._open = False
        return self._rows

    def _begin(self) -> None:
        self._check_open()
        self._appending.flush()

    def _check_open(self) -> None:
        if not self._open:
            raise RuntimeError("this transaction is over")


class MemoryRecords(_MemoryReading):
    """The state and ledger of an exchange that ends with the process.

    Args: ``log`` signs checkpoints; ``random`` draws salts; ``patience`` is how many seconds a
    writer waits for its place.
    """

    def __init__(self, log: Log, random: Callable[[int], bytes], *, patience: float = 60.0) -> None:
        super().__init__(_Rows(), log, threading.RLock())
        self._random = random
        self._patience = patience
        self._place = threading.Lock()
        self._writer: int | None = None

    @contextmanager
    def writing(self) -> Iterator[MemoryWriting]:
        """Wait for the single writer's place and open a transaction."""
        if self._writer == threading.get_ident():
            raise RuntimeError("a transaction cannot be opened inside another one")
        if not self._place.acquire(timeout=self._patience):
            raise Unavailable(
                "Somebody else has been writing to the exchange for too long.",
                unchanged="Nothing was changed.",
                hint="Try again in a moment.",
            )
        self._writer = threading.get_ident()
        writing = MemoryWriting(self._rows, self._log, self._random)
        try:
            yield writing
            done = writing.close(keep=True)
            with self._lock:
                self._keep(done)
        finally:
            writing.close(keep=False)
            self._writer = None
            self._place.release()

    def _keep(self, done: _Rows) -> None:
        self._rows.add(Batch(done.records, done.entries, done.nodes))
        self._rows.note = done.newest()


class MemorySink:
    """A blob being written (see :class:`workbench.stores.contracts.Sink`)."""

    def __init__(self, blobs: dict[str, bytes]) -> None:
        self._blobs = blobs
        self._data: bytearray | None = bytearray()
        self._hash = hashlib.sha256()

    def write(self, data: bytes | memoryview, /) -> int:
        """Add bytes, all of them.

        Raises:
            ValueError: the sink is committed or aborted.
        """
        if self._data is None:
            raise ValueError("the sink is closed")
        self._data += data
        self._hash.update(data)
        return memoryview(data).nbytes

    def commit(self) -> str:
        """Make the blob visible; return its digest.

        Raises:
            ValueError: the sink is committed or aborted.
        """
        if self._data is None:
            raise ValueError("the sink is closed")
        digest = "sha256:" + self._hash.hexdigest()
        self._blobs[digest] = bytes(self._data)
        self._data = None
        return digest

    def abort(self) -> None:
        """Forget what was written; harmless after :meth:`commit`."""
        self._data = None


class MemoryBlobs:
    """Blobs in memory (see :class:`workbench.stores.contracts.Blobs`).

    ``manifests`` is the index as it was last set, sorted by reference.
    """

    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}
        self.manifests: list[tuple[str, str, int]] = []

    def create(self) -> MemorySink:
        """Open a sink for a new blob."""
        return MemorySink(self._blobs)

    def open(self, digest: str) -> BinaryIO:
        """Open a blob for reading, seekable. The reader must verify what it reads.

        Raises:
            NotFound: no such blob.
            InputError: not a digest.
        """
        return io.BytesIO(self._find(digest))

    def size(self, digest: str) -> int:
        """Return a blob's size in bytes.

        Raises:
            NotFound: no such blob.
            InputError: not a digest.
        """
        return len(self._find(digest))

    def index(self, manifests: Sequence[tuple[str, str, int]], /) -> None:
        """Replace the index by these (ref, manifest digest, manifest size)."""
        self.manifests = sorted(manifests)

    def _find(self, digest: str) -> bytes:
        found = self._blobs.get(check_digest(digest))
        if found is None:
            raise NotFound(f"There is no blob {digest} in this store.")
        return found
