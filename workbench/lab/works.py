"""Long work that a browser waits for: how far it is, and whether it was called off.

The browser makes up the name of a piece of work and sends it along with what is to be done. While
that answer is due it asks by the name how far it is, and may cancel.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from workbench.errors import Conflict, InputError
from workbench.services.context import Progress
from workbench.session import silent

__all__ = ["Cancelled", "Works"]

_NAME = re.compile(r"[A-Za-z0-9-]{8,64}")
MOST = 100  # pieces of work at a time; a server has fewer threads than that


class Cancelled(Conflict):
    """The person pressed Cancel in time."""


class _Work:
    """One piece of work; told how far it is in one thread, asked about it in others."""

    def __init__(self, last: str, message: str, unchanged: str) -> None:
        self._last = last
        self._said = message, unchanged
        self._lock = threading.Lock()
        self._cancelled = False
        self._closed = False
        self._now: tuple[str, int, int] = ("", 0, 0)

    def report(self, what: str, done: int, total: int) -> None:
        """Be told how far it is.

        Raises:
            Cancelled: it was cancelled; never after ``last`` was told.
        """
        with self._lock:
            if self._cancelled:
                message, unchanged = self._said
                raise Cancelled(message, unchanged=unchanged)
            self._now = (what, done, total)
            self._closed = self._closed or what == self._last

    def cancel(self) -> bool:
        """Cancel it, and return whether that was in time."""
        with self._lock:
            self._cancelled = self._cancelled or not self._closed
            return self._cancelled

    def view(self) -> dict[str, Any]:
        """Return how far it is."""
        with self._lock:
            what, done, total = self._now
            return {
                "what": what, "done": done, "total": total,
                "stoppable": not (self._closed or self._cancelled),
            }  # fmt: skip


class Works:
    """What one server is busy with, by the names that browsers gave."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._works: dict[str, _Work] = {}

    @contextmanager
    def doing(
        self, name: str | None, message: str, unchanged: str, last: str = ""
    ) -> Iterator[Progress]:
        """Give what long work is to tell its progress to, which raises once it was cancelled.

        Args:
            name: what the browser calls it; without a name it cannot be asked about.
            message, unchanged: what is said when it was cancelled, a sentence each.
            last: the word of progress after which it is too late to cancel.

        Raises:
            Cancelled: from within, when progress is told.
            InputError: not a name, one that is in use, or too much is going on.
        """
        if name is None:
            yield silent
            return
        work = _Work(last, message, unchanged)
        with self._lock:
            if not _NAME.fullmatch(name) or name in self._works or len(self._works) >= MOST:
                raise InputError(
                    "This work cannot be followed under that name.", unchanged="Nothing was begun."
                )
            self._works[name] = work
        try:
            yield work.report
        finally:
            with self._lock:
                del self._works[name]

    def view(self, name: str) -> dict[str, Any] | None:
        """Return how far a piece of work is; ``None`` before it began and when it is over."""
        with self._lock:
            work = self._works.get(name)
        return work.view() if work else None

    def cancel(self, name: str) -> bool:
        """Cancel a piece of work; return whether it was there, and in time."""
        with self._lock:
            work = self._works.get(name)
        return work is not None and work.cancel()
