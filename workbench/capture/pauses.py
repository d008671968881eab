"""Puts work off until the kernel has answered, so that nobody waits for it.

A notebook's kernel runs an event loop and is idle between two cells; that is when the work is done,
or else at the latest before anything that needs it. Where no loop runs it is done at once.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

__all__ = ["Later"]

PAUSE = 0.001  # seconds; the answer to a cell leaves in the same turn of the loop, or the next


class Later:
    """One piece of work that waits at most."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # the Share form asks from a thread of its own
        self._work: Callable[[], None] | None = None

    def do(self, work: Callable[[], None]) -> None:
        """Do ``work`` as soon as the kernel is idle; what still waits is done first."""
        self.now()
        self._work = work
        try:
            asyncio.get_running_loop().call_later(PAUSE, self.now)
        except RuntimeError:  # no loop: a terminal, or a test
            self.now()

    def now(self) -> None:
        """Do what waits, if anything does."""
        with self._lock:
            work, self._work = self._work, None
            if work is not None:
                work()
