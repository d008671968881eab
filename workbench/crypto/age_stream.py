"""The payload of an age file: 64 KiB chunks, each sealed on its own (C2SP age, "Payload").

Several threads work on one file. The calling thread reads ahead and writes; a few workers encrypt
or decrypt a batch of chunks each; one more hashes the plaintext. Everything heavy releases the
interpreter lock, memory is bounded by a ring of reused buffers, and chunks are written in order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

from workbench.crypto.age_io import Input, Writable, write_all
from workbench.crypto.primitives import TAG, ChunkCipher, Rejected, hkdf
from workbench.errors import TrustError

__all__ = [
    "CHUNK",
    "NONCE",
    "SEALED_CHUNK",
    "Hash",
    "broken",
    "open_payload",
    "payload_key",
    "seal_payload",
]

CHUNK = 64 * 1024
SEALED_CHUNK = CHUNK + TAG
NONCE = 16  # bytes between the header and the first chunk
BATCH = 32  # chunks; large enough that handing over costs nothing, small enough to stay in cache


class Hash(Protocol):
    """What ``hashlib`` returns."""

    def update(self, data: memoryview, /) -> None: ...


@dataclass
class _Buffers:
    """Room for one batch, before and after the cipher."""

    before: memoryview
    after: memoryview


@dataclass
class _Batch:
    """Consecutive chunks in ``buffers.before``, starting with number ``first``."""

    buffers: _Buffers
    first: int
    size: int
    last: bool = False  # the last chunk of the payload is in it


@dataclass
class _Ring:
    """Buffers in reuse. The first holds one chunk only, so that small files stay cheap."""

    unit_before: int
    unit_after: int
    free: deque[_Buffers] = field(default_factory=deque)

    def take(self, chunks: int) -> _Buffers:
        if chunks == BATCH and self.free:
            return self.free.popleft()
        return _Buffers(
            memoryview(bytearray(chunks * self.unit_before)),
            memoryview(bytearray(chunks * self.unit_after)),
        )

    def give_back(self, buffers: _Buffers) -> None:
        if len(buffers.before) == BATCH * self.unit_before:
            self.free.append(buffers)


def payload_key(file_key: bytes, nonce: bytes) -> bytes:
    """Return the key of a payload (C2SP age, "Payload").

    Raises:
        TrustError: the file ends within its nonce (step ``"age payload"``).
    """
    if len(nonce) != NONCE:
        raise broken("it ends before its content begins")
    return hkdf(file_key, nonce, b"payload")


def seal_payload(
    source: Input,
    target: Writable,
    key: bytes,
    *,
    workers: int,
    plain: Hash | None,
    progress: Callable[[int], None] | None,
) -> int:
    """Encrypt everything in ``source``; return how many bytes that were."""
    ring = _Ring(CHUNK, SEALED_CHUNK)
    flow = _Flow(target, plain, progress, ring, hash_before=True)
    return flow.run(_batches(source, ring), _sealing(key), workers)


def open_payload(
    source: Input,
    target: Writable,
    key: bytes,
    *,
    workers: int,
    plain: Hash | None,
    progress: Callable[[int], None] | None,
) -> int:
    """Decrypt everything in ``source``; return how many bytes that gave.

    Raises:
        TrustError: a changed, missing, moved or added chunk (step ``"age payload"``). Chunks before
            it may have been written already: they are genuine, but what was written is incomplete.
    """
    ring = _Ring(SEALED_CHUNK, CHUNK)
    flow = _Flow(target, plain, progress, ring, hash_before=False)
    return flow.run(_batches(source, ring), _opening(key), workers)


def broken(reason: str) -> TrustError:
    """Return the error for a payload that must not be used; ``reason`` completes the sentence."""
    return TrustError(
        "age payload", f"{reason}.", hint="Discard what was opened and fetch the file again."
    )


def _batches(source: Input, ring: _Ring) -> Iterator[_Batch]:
    """Read batches; the last one is known only when nothing follows it."""
    held: _Batch | None = None
    first = 0
    chunks = 1
    while True:
        buffers = ring.take(chunks)
        size = source.fill(buffers.before)
        if held is not None:
            held.last = size == 0
            yield held
            if held.last:
                return
        held = _Batch(buffers, first, size)
        if size < len(buffers.before):
            held.last = True
            yield held
            return
        first += chunks
        chunks = BATCH


def _sealing(key: bytes) -> Callable[[_Batch], int]:
    def seal(batch: _Batch) -> int:
        cipher = ChunkCipher(key)
        place = 0
        for number, last, chunk in _chunks(batch, CHUNK):
            size = len(chunk) + TAG
            cipher.seal(number, last, chunk, batch.buffers.after[place : place + size])
            place += size
        return place

    return seal


def _opening(key: bytes) -> Callable[[_Batch], int]:
    def open_(batch: _Batch) -> int:
        cipher = ChunkCipher(key)
        place = 0
        for number, last, chunk in _chunks(batch, SEALED_CHUNK):
            size = len(chunk) - TAG
            if size < 0 or (size == 0 and number > 0):
                raise broken("it ends in the middle of a chunk")
            try:
                cipher.open(number, last, chunk, batch.buffers.after[place : place + size])
            except Rejected:
                raise broken(f"chunk {number} was changed, or the file was cut off") from None
            place += size
        return place

    return open_


def _chunks(batch: _Batch, unit: int) -> Iterator[tuple[int, bool, memoryview]]:
    """Cut a batch into (number, is last, bytes); an empty payload still has one chunk."""
    view = batch.buffers.before[: batch.size]
    count = max(1, -(-batch.size // unit))
    for index in range(count):
        chunk = view[index * unit : (index + 1) * unit]
        yield batch.first + index, batch.last and index == count - 1, chunk


class _Flow:
    """Takes batches through the workers and delivers them in order."""

    def __init__(
        self,
        target: Writable,
        plain: Hash | None,
        progress: Callable[[int], None] | None,
        ring: _Ring,
        *,
        hash_before: bool,
    ) -> None:
        self._target = target
        self._plain = plain
        self._progress = progress
        self._ring = ring
        self._hash_before = hash_before
        self._hashing: tuple[Future[None], _Buffers] | None = None
        self._done = 0

    def run(self, batches: Iterator[_Batch], work: Callable[[_Batch], int], workers: int) -> int:
        """Return the number of plaintext bytes.

        Any exception, also one from ``progress`` or the target, stops all threads first.
        """
        workers = max(1, workers)
        ciphers = ThreadPoolExecutor(workers, "age-cipher")
        hasher = ThreadPoolExecutor(1, "age-hash")
        waiting: deque[tuple[_Batch, Future[int]]] = deque()
        try:
            for batch in batches:
                waiting.append((batch, ciphers.submit(work, batch)))
                if len(waiting) > workers:
                    self._deliver(*waiting.popleft(), hasher)
            while waiting:
                self._deliver(*waiting.popleft(), hasher)
            self._settle()
        finally:
            ciphers.shutdown(cancel_futures=True)
            hasher.shutdown(cancel_futures=True)
        return self._done

    def _deliver(self, batch: _Batch, worked: Future[int], hasher: ThreadPoolExecutor) -> None:
        """Write one batch while its plaintext is being hashed."""
        result = batch.buffers.after[: worked.result()]
        text = batch.buffers.before[: batch.size] if self._hash_before else result
        self._settle()
        if self._plain is None:
            write_all(self._target, result)
            self._ring.give_back(batch.buffers)
        else:
            self._hashing = hasher.submit(self._plain.update, text), batch.buffers
            write_all(self._target, result)
        self._done += len(text)
        if self._progress is not None:
            self._progress(self._done)

    def _settle(self) -> None:
        """Wait for the hash of the batch before, the last user of its buffers."""
        if self._hashing is not None:
            hashed, buffers = self._hashing
            self._hashing = None
            hashed.result()
            self._ring.give_back(buffers)
