"""The payload of an age file: 64 KiB chunks, each sealed on its own (C2SP age, "Payload").

Several threads work on one file. The calling thread reads ahead and reports progress; a few workers
encrypt or decrypt a batch of chunks each; one writes, in order, and one hashes the plaintext.
Everything heavy releases the interpreter lock, and a ring of reused buffers bounds memory.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

from workbench.crypto.age_io import Input, Writable, write_all
from workbench.crypto.primitives import TAG, ChunkCipher, Rejected
from workbench.errors import TrustError

__all__ = [
    "CHUNK",
    "SEALED_CHUNK",
    "Hash",
    "broken",
    "open_payload",
    "seal_payload",
]

CHUNK = 64 * 1024
SEALED_CHUNK = CHUNK + TAG
BATCH = 32  # chunks; large enough that handing over costs nothing, small enough to stay in cache
AHEAD = 2  # batches; so that neither writing nor hashing waits for the other


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
class _Leaving:
    """A worked batch that is being written and hashed; ``size`` is that of its plaintext."""

    buffers: _Buffers
    size: int
    tasks: list[Future[None]]


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
        self._leaving: deque[_Leaving] = deque()
        self._done = 0

    def run(self, batches: Iterator[_Batch], work: Callable[[_Batch], int], workers: int) -> int:
        """Return the number of plaintext bytes.

        Any exception, also one from ``progress`` or the target, stops all threads first.
        """
        workers = max(1, workers)
        ciphers = ThreadPoolExecutor(workers, "age-cipher")
        writer = ThreadPoolExecutor(1, "age-write")
        hasher = ThreadPoolExecutor(1, "age-hash")
        waiting: deque[tuple[_Batch, Future[int]]] = deque()
        try:
            for batch in batches:
                waiting.append((batch, ciphers.submit(work, batch)))
                if len(waiting) > workers:
                    self._deliver(*waiting.popleft(), writer, hasher)
            while waiting:
                self._deliver(*waiting.popleft(), writer, hasher)
            self._settle(0)
        finally:
            for pool in (ciphers, writer, hasher):
                pool.shutdown(cancel_futures=True)
        return self._done

    def _deliver(
        self,
        batch: _Batch,
        worked: Future[int],
        writer: ThreadPoolExecutor,
        hasher: ThreadPoolExecutor,
    ) -> None:
        """Have one batch written and its plaintext hashed, each in order by a thread of its own."""
        result = batch.buffers.after[: worked.result()]
        text = batch.buffers.before[: batch.size] if self._hash_before else result
        tasks = [writer.submit(write_all, self._target, result)]
        if self._plain is not None:
            tasks.append(hasher.submit(self._plain.update, text))
        self._leaving.append(_Leaving(batch.buffers, len(text), tasks))
        self._settle(AHEAD)

    def _settle(self, remaining: int) -> None:
        """Wait until at most ``remaining`` batches are on their way out; reuse their buffers."""
        while len(self._leaving) > remaining:
            leaving = self._leaving.popleft()
            for task in leaving.tasks:
                task.result()
            self._ring.give_back(leaving.buffers)
            self._done += leaving.size
            if self._progress is not None:
                self._progress(self._done)
