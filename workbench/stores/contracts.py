"""What the services need from the outside world, and nothing more.

Four contracts, at most six methods each; every one has at least two implementations, held to one
test suite:

:class:`Records`   state and ledger of an exchange      memory · database
:class:`Writing`   one open transaction on them         memory · database
:class:`Blobs`     ciphertext by digest (OCI)           memory · disk
:class:`Keystore`  private keys, used but not shown     memory · file · keyring · agent
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import BinaryIO, Protocol, TypeVar

from workbench.forms import Record
from workbench.records import Entry, Event

__all__ = ["Blobs", "Keystore", "Log", "Reading", "Records", "Sink", "Writing"]

R = TypeVar("R", bound=Record)


class Log(Protocol):
    """Who signs a ledger's checkpoints."""

    origin: str
    verifier: str  # C2SP note verifier key, "name+hash+base64"

    def sign(self, size: int, root: bytes) -> bytes:
        """Return a signed checkpoint (C2SP tlog-checkpoint) for a tree of ``size`` leaves."""
        ...


class Reading(Protocol):
    """Read an exchange's records and ledger."""

    def get(self, kind: type[R], key: str) -> R:
        """Return one record.

        Raises:
            NotFound: there is none.
            TrustError: what is stored is not a record's bytes (step ``"record"``).
        """
        ...

    def find(
        self,
        kind: type[R],
        *,
        person: str | None = None,
        release: str | None = None,
        state: str | None = None,
    ) -> list[R]:
        """Return the records of a kind whose columns match, in the order of their creation.

        ``Record`` itself stands for every kind.

        Raises:
            TrustError: what is stored is not a record's bytes (step ``"record"``).
        """
        ...

    def entries(self, start: int = 0, stop: int | None = None) -> list[Entry]:
        """Return the log entries ``start`` (included) to ``stop`` (excluded).

        Raises:
            TrustError: a stored row is not an entry (step ``"ledger entry"``).
        """
        ...

    def hashes(self, nodes: Sequence[tuple[int, int]]) -> list[bytes]:
        """Return stored tree nodes, each named (level, index); level 0 holds the leaves.

        Only complete subtrees are stored (RFC 6962); node (l, i) covers leaves i·2^l to (i+1)·2^l.

        Raises:
            TrustError: a node that must be there is missing (step ``"ledger tree"``).
        """
        ...

    def checkpoint(self) -> bytes:
        """Return the newest signed checkpoint; of the empty tree before the first event.

        Raises:
            TrustError: rows lie outside of what it covers (step ``"ledger"``), or there is none
                where there must be one (step ``"checkpoint"``).
        """
        ...


class Writing(Reading, Protocol):
    """One transaction: everything appended is kept together, or nothing is."""

    def append(self, event: Event, *records: Record) -> Entry:
        """Write ``records`` and the event that explains them.

        The store fills ``event.changes`` with the digest of each record and draws the salt.
        A record with a known ``(kind, key)`` replaces the older one.
        """
        ...


class Records(Reading, Protocol):
    """The state and the ledger of one exchange."""

    def writing(self) -> AbstractContextManager[Writing]:
        """Wait for the single writer's place and open a transaction.

        Leaving the block normally signs one checkpoint and commits; an exception rolls back.

        Raises:
            Unavailable: the place did not become free in time, or the disk is full.
        """
        ...


class Sink(Protocol):
    """Where a blob of yet unknown digest is written; invisible until :meth:`commit`."""

    def write(self, data: bytes | memoryview, /) -> int: ...

    def commit(self) -> str:
        """Make the blob durable and visible; return its digest."""
        ...

    def abort(self) -> None:
        """Forget what was written; harmless after :meth:`commit`."""
        ...


class Blobs(Protocol):
    """Immutable bytes by digest, as an OCI image layout keeps them."""

    def create(self) -> Sink:
        """Open a sink for a new blob."""
        ...

    def open(self, digest: str) -> BinaryIO:
        """Open a blob for reading, seekable. The reader must verify what it reads.

        Raises:
            NotFound: no such blob.
        """
        ...

    def size(self, digest: str) -> int:
        """Return a blob's size in bytes.

        Raises:
            NotFound: no such blob.
        """
        ...

    def index(self, manifests: Sequence[tuple[str, str, int]], /) -> None:
        """Replace the layout's index by these (ref, manifest digest, manifest size)."""
        ...


class Keystore(Protocol):
    """Private keys by name. Keys go in or are made here; they are used here; they do not leave."""

    def names(self) -> list[str]:
        """Return the names of the keys present, sorted."""
        ...

    def create(self, name: str, secret: bytes) -> None:
        """Keep a new secret (see ``crypto.keys``: a device secret or a log secret).

        Raises:
            Conflict: the name is taken.
            Unavailable: the keystore is locked.
        """
        ...

    def sign(self, name: str, message: bytes) -> bytes:
        """Sign: ECDSA P-256 with SHA-256 (DER) for devices, raw Ed25519 for logs.

        Raises:
            NotFound: no such key.
            Unavailable: the keystore is locked.
        """
        ...

    def open(self, name: str, sealed: bytes) -> bytes:
        """Open a small age file (at most 64 KiB) sealed to this device's recipient.

        Raises:
            NotFound: no such key.
            TrustError: not an age file for this key (step ``"envelope"``).
            Unavailable: the keystore is locked.
        """
        ...

    def public(self, name: str) -> dict[str, str]:
        """Return the public half: ``{"signing_key": PEM, "recipient": …}`` or ``{"verifier": …}``.

        Raises:
            NotFound: no such key.
        """
        ...

    def describe(self) -> str:
        """Return where the keys are, in words for a person."""
        ...
