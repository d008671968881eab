"""Digests of the files that were read, made in the background while the notebook goes on.

One thread reads in pieces and always goes on with the file that is nearest to its end, so a large
file holds up nobody. A digest is of the file as it lies there when it is made; a sentence says so
where that is not what the notebook read.
"""

from __future__ import annotations

import hashlib
import heapq
import os
import threading
from collections import Counter, OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from stat import S_ISREG
from typing import TypeVar

__all__ = ["Digested", "Digests"]

BLOCK = 1 << 20  # bytes in memory at a time
SLICE = 16  # blocks of one file before another may have its turn
MAX_KEPT = 20_000  # answers
NICE = 10  # of the thread: the notebook's own work comes first

Key = tuple[str, int, int]  # path, size, time of change (ns): the file as it was when it was read
K = TypeVar("K")
V = TypeVar("V")
Content = tuple[int, int, int, int, int]  # device, inode, size, time of change, of status change


@dataclass(frozen=True)
class Digested:
    """What became known of a file.

    Attributes:
        digest: ``sha256:…``; empty if none could be made.
        size: in bytes, of what the digest is of; -1 if there is none.
        changed: a sentence if the file is no longer what was read; else empty.
    """

    digest: str
    size: int
    changed: str = ""


@dataclass(order=True)
class _Job:
    left: int  # bytes; the first in the heap is the nearest to its end
    number: int
    key: Key = field(compare=False)
    fd: int = field(compare=False, default=-1)
    content: Content = field(compare=False, default=(0, 0, 0, 0, 0))
    state: hashlib._Hash = field(compare=False, default_factory=hashlib.sha256)


class Digests:
    """A background thread that digests files; it starts with the first file and ends with `close`.

    In a forked child the thread does not exist: asking there does nothing and answers nothing.
    """

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._turn = threading.Condition()
        self._thread: threading.Thread | None = None
        self._jobs: list[_Job] = []
        self._asked: set[Key] = set()  # and not answered
        self._answers: OrderedDict[Key, Digested] = OrderedDict()
        self._known: OrderedDict[Content, str] = OrderedDict()
        self._opening = ""
        self._opened: Counter[str] = Counter()
        self._count = 0
        self._closed = False

    def ask(self, path: str, size: int, changed_ns: int) -> None:
        """Have a file digested that had this size (bytes) and time of change (ns) when read."""
        if not self._here():
            return
        key = (path, size, changed_ns)
        with self._turn:
            if self._closed or key in self._asked:
                return
            self._asked.add(key)
            self._count += 1
            heapq.heappush(self._jobs, _Job(max(size, 0), self._count, key))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="digests", daemon=True)
                self._thread.start()
            self._turn.notify_all()

    def get(self, path: str, size: int, changed_ns: int) -> Digested | None:
        """Return what is known of a file that was asked for; ``None`` while there is nothing.

        Where the file has changed since, the digest stays that of what was read, and ``changed``
        says so.
        """
        if not self._here():
            return None
        key = (path, size, changed_ns)
        with self._turn:
            answer = self._answers.get(key)
        if answer is None or answer.changed:
            return answer
        return replace(answer, changed=_difference(key, _status(path)))

    def wait(self, seconds: float | None) -> bool:
        """Wait until everything asked for is answered, ``None``: as long as it takes.

        Returns:
            whether it is answered.
        """
        if not self._here():
            return False
        with self._turn:
            self._turn.wait_for(lambda: not self._asked or self._closed, seconds)
            return not self._asked

    def opened_recently(self) -> Counter[str]:
        """Return how often this opened which files since the last time it was asked.

        A file that is just being opened is counted now and the next time.
        """
        if not self._here():
            return Counter()
        with self._turn:
            opened, self._opened = self._opened, Counter()
            if self._opening:
                opened = opened + Counter([self._opening])
            return opened

    def close(self) -> None:
        """End the thread; what is not digested yet never will be."""
        if not self._here():
            return
        with self._turn:
            self._closed = True
            self._turn.notify_all()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=5)

    def _here(self) -> bool:
        """Whether this is the process with the thread; a child's copy of the lock may be held."""
        return os.getpid() == self._pid

    def _run(self) -> None:
        with suppress(OSError, AttributeError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
        buffer = memoryview(bytearray(BLOCK))
        while (job := self._next()) is not None:
            try:
                answer = self._go_on(job, buffer)
            except Exception as error:  # a file system may fail in ways of its own
                _close(job)
                answer = Digested("", -1, f"It could not be read again ({type(error).__name__}).")
            with self._turn:
                if answer is None:
                    heapq.heappush(self._jobs, job)
                else:
                    self._asked.discard(job.key)
                    _keep(self._answers, job.key, answer)
                    self._turn.notify_all()

    def _next(self) -> _Job | None:
        with self._turn:
            while not self._jobs and not self._closed:
                self._turn.wait()
            if not self._closed:
                return heapq.heappop(self._jobs)
            for job in self._jobs:
                _close(job)
            return None

    def _go_on(self, job: _Job, buffer: memoryview) -> Digested | None:
        """Read one slice of a file; return the answer once there is one."""
        if job.fd < 0:
            answer = self._begin(job)
            if answer is not None:
                return answer
        for _ in range(SLICE):
            count = read_block(job.fd, buffer[: min(BLOCK, job.left)]) if job.left else 0
            if not count:
                return self._finish(job)
            job.state.update(buffer[:count])
            job.left -= count
        return None

    def _begin(self, job: _Job) -> Digested | None:
        """Open a file, unless its content is known; a pipe or a device is not waited for."""
        path = job.key[0]
        status = _status(path)
        if status is None or not S_ISREG(status.st_mode):
            return Digested("", -1, _difference(job.key, status))
        digest = self._known.get(_content(status))
        if digest is not None:
            return _answer(job.key, digest, status)
        with self._turn:
            self._opening = path
        try:
            job.fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0))
        finally:
            with self._turn:
                self._opening = ""
                self._opened[path] += 1
        status = os.fstat(job.fd)
        job.content, job.left = _content(status), status.st_size
        return None

    def _finish(self, job: _Job) -> Digested:
        after = os.fstat(job.fd)
        _close(job)
        if job.left or _content(after)[:4] != job.content[:4]:
            return Digested("", -1, "It changed while its digest was being made.")
        digest = f"sha256:{job.state.hexdigest()}"
        _keep(self._known, job.content, digest)
        return _answer(job.key, digest, after)


def _answer(key: Key, digest: str, status: os.stat_result) -> Digested:
    """Return a digest if it is of what was read; that of another content would pass for it."""
    changed = _difference(key, status)
    return Digested("" if changed else digest, status.st_size, changed)


def read_block(fd: int, buffer: memoryview) -> int:
    """Fill ``buffer`` from a file and return how many bytes there were."""
    return os.readv(fd, [buffer])


def _keep(kept: OrderedDict[K, V], key: K, value: V) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > MAX_KEPT:
        kept.popitem(last=False)


def _close(job: _Job) -> None:
    if job.fd >= 0:
        with suppress(OSError):
            os.close(job.fd)
        job.fd = -1


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except (OSError, ValueError):
        return None


def _content(status: os.stat_result) -> Content:
    return (
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )


def _difference(key: Key, status: os.stat_result | None) -> str:
    """Return a sentence on how a file differs from what was read; empty if it does not."""
    _, size, changed = key
    if status is None:
        return "It is no longer there."
    if not S_ISREG(status.st_mode):
        return "It is not an ordinary file."
    if (status.st_size, status.st_mtime_ns) == (size, changed):
        return ""
    return (
        f"It changed after it was read: it had {size} bytes, written {_moment(changed)}, "
        f"and has {status.st_size}, written {_moment(status.st_mtime_ns)}."
    )


def _moment(nanoseconds: int) -> str:
    try:
        return datetime.fromtimestamp(nanoseconds / 1e9, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return "at an unknown time"
