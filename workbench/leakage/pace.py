"""Long work that says how far it is, and can be called off."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from time import monotonic
from typing import TypeVar

__all__ = ["Clock", "Pace", "Progress"]

Progress = Callable[[str, int, int], None]
Clock = Callable[[], float]
TICK = 0.5  # seconds between two words of progress
Result = TypeVar("Result")


class Pace:
    """Counts steps, and keeps telling while one of them takes long.

    Each step runs in a thread of its own, so that this one can tell and be stopped. Whatever
    ``progress`` raises ends the work and passes through.
    """

    def __init__(self, progress: Progress | None, total: int, clock: Clock = monotonic) -> None:
        self.total = total
        self.done = 0
        self.clock = clock
        self._tell = progress or (lambda _what, _done, _total: None)

    def run(
        self, what: str | Callable[[], str], call: Callable[[], Result], *, own: bool = False
    ) -> Result:
        """Return what ``call`` returns, and count it as one step.

        Args:
            what: is happening; asked again for each word of progress if it can be called.
            own: whether the call touches nothing of the caller's. Only such a call is left to end
                by itself when the work is called off; all others are waited for.
        """
        worker = ThreadPoolExecutor(max_workers=1)
        try:
            self.say(what)
            future = worker.submit(call)
            while not wait([future], timeout=TICK).done:
                self.say(what)
            result = self._result(future)
        except BaseException:
            worker.shutdown(wait=not own, cancel_futures=True)
            raise
        worker.shutdown()
        self.done += 1
        return result

    def say(self, what: str | Callable[[], str]) -> None:
        """Tell how far the work is."""
        self._tell(what if isinstance(what, str) else what(), self.done, self.total)

    def _result(self, future: Future[Result]) -> Result:
        return future.result()
