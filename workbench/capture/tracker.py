"""Tracks a notebook's session: listens to IPython's cells and answers what a model came of.

Nothing that goes wrong in here reaches the notebook: it is counted and said as a gap.
"""

from __future__ import annotations

import functools
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ParamSpec

from IPython.core.getipython import get_ipython

from workbench.analysis.syntax import imports_only
from workbench.capture import collector
from workbench.capture.contracts import Content, Watching
from workbench.capture.drawing import Files, Known
from workbench.capture.fitting import Fitted, fitted_on
from workbench.capture.history import Ending, History, Marked
from workbench.capture.ipython import Ran, ending, notebook_name, ran
from workbench.capture.lineage import graph
from workbench.capture.pauses import Later
from workbench.capture.places import Places
from workbench.errors import InputError
from workbench.origin.graph import Dataset, Graph
from workbench.origin.record import Metric
from workbench.senses.addresses import file_address
from workbench.senses.hashing import Digests
from workbench.senses.readings import Reading
from workbench.senses.together import Senses
from workbench.training import metrics

__all__ = ["Tracker", "current", "start", "stop"]

MAX_GAPS = 200
MAX_METRICS = 1000
Given = ParamSpec("Given")


def _quietly(hook: Callable[Given, None]) -> Callable[Given, None]:
    """Keep whatever goes wrong in a hook from the cell that it listens to."""

    @functools.wraps(hook)
    def quiet(*args: Given.args, **kwargs: Given.kwargs) -> None:
        try:
            hook(*args, **kwargs)
        except Exception as error:
            self = args[0]
            if isinstance(self, Tracker):
                self.failed(error)

    return quiet


class Tracker:
    """Listens to the cells of one IPython shell.

    Args:
        shell: an ``IPython.core.interactiveshell.InteractiveShell``.
        senses, digests: what watches files and takes their digests.
        folder: of the notebook; addresses are shown relative to it.
    """

    def __init__(
        self,
        shell: Any,
        senses: Watching,
        digests: Content,
        folder: Path | None = None,
    ) -> None:
        self._shell = shell
        self._digests: Content = digests
        self._senses: Watching = senses
        self._places = Places(folder or Path.cwd(), Path.home())
        self._history = History(transform=shell.transform_cell)
        self._paths: dict[str, Dataset] = {}
        self._kept: list[Reading] = []  # of the running cell, read off in the middle of it
        self._depth = 0
        self._began = 0.0
        self._thread = 0
        self._process = os.getpid()
        self._failures: dict[str, int] = {}
        self._measured: list[Metric] = []
        self._later = Later()
        self._on = False

    # Cells

    def start(self) -> None:
        """Listen from now on; in the middle of a cell, to the rest of it too."""
        if self._on:
            return
        self._on = True
        self._senses.start()
        self._senses.watch(self._places.folder)
        self._shell.events.register("pre_run_cell", self._before)
        self._shell.events.register("post_run_cell", self._after)
        if self._line() is not None:
            self._late()

    def stop(self) -> None:
        """Listen no more; what was seen can still be asked for."""
        if not self._on:
            return
        self._on = False
        self._later.now()
        self._shell.events.unregister("pre_run_cell", self._before)
        self._shell.events.unregister("post_run_cell", self._after)
        self._senses.stop()
        self._digests.close()

    @_quietly
    def _before(self, info: Any) -> None:
        if not self._mine():
            return
        self._later.now()
        if self._depth and self._line() is None:
            self._depth = 0  # the end of an earlier cell was never told
            self._history.miss("The end of a cell was not told; what it did may be missing.")
        self._depth += 1
        if self._depth > 1:
            return  # a cell inside a cell, as %%capture runs it, is part of it
        self._thread = threading.get_ident()
        number = len(self._inputs()) if info.store_history else None
        self._begin(
            info.transformed_cell or info.raw_cell, number, info.cell_id, written=info.raw_cell
        )

    @_quietly
    def _after(self, result: Any) -> None:
        if not self._mine() or self._depth == 0:
            return
        self._depth -= 1
        if self._depth > 0:
            return
        self._senses.rest()
        seconds = time.perf_counter() - self._began
        how = ending(result, self._shell.user_ns)
        code = result.info.transformed_cell if result is not None else None
        good = result is not None and result.success and result.execution_count is not None
        measured = (result.info.raw_cell, result.execution_count) if good else None
        # Nothing of the result is kept: the user may delete what it holds, and expect it gone.
        self._later.do(lambda: self._keep(how, seconds, code, measured))

    @_quietly
    def _keep(
        self, how: Ending, seconds: float, code: str | None, measured: tuple[str, int] | None
    ) -> None:
        """Take a cell that has ended into the history; names still hold what it gave them."""
        self._sense()
        readings, self._kept = self._kept, []
        self._history.end(
            self._shell.user_ns, ending=how, readings=readings, seconds=seconds, code=code
        )
        if measured is not None:
            self._measured += metrics.seen(*measured, self._shell.user_ns)
            del self._measured[:-MAX_METRICS]

    def _begin(
        self, code: str, number: int | None, cell: str | None, *, written: str | None = None
    ) -> None:
        namespace = self._shell.user_ns
        self._history.begin(
            code,
            namespace,
            number=number,
            cell=cell or "",
            written=written,
            at=datetime.now(UTC),
        )
        self._began = time.perf_counter()
        self._senses.begin(namespace, code)

    @_quietly
    def _late(self) -> None:
        """Take up the cell that runs already, as with ``%load_ext`` in it."""
        codes = self._inputs()
        self._depth, self._thread = 1, threading.get_ident()
        number = len(codes) - 1
        if not imports_only(codes[-1], self._line() or 0):
            self._history.miss(f"In [{number}] had begun before tracking did.")
        self._begin(codes[-1], number, None)

    def _inputs(self) -> list[str]:
        """Return the code of all cells that have a number; the first of the list has none."""
        found: list[str] = self._shell.history_manager.input_hist_parsed
        return found

    def _mine(self) -> bool:
        """Tell whether this is the process, and the thread, that is listened to."""
        if os.getpid() != self._process:
            return False
        if self._depth and threading.get_ident() != self._thread:
            self._history.miss("A cell ran beside another one; it was not tracked.")
            return False
        return True

    def failed(self, error: Exception) -> None:
        """Count something that went wrong in here."""
        name = type(error).__name__
        self._failures[name] = self._failures.get(name, 0) + 1

    @_quietly
    def _sense(self) -> None:
        """Take over what was read and written until now, and have it digested."""
        self._kept += self._senses.end()
        for reading in self._kept:
            if reading.address.scheme == "file" and reading.size >= 0 and not reading.wrote:
                self._digests.ask(reading.address.text, reading.size, reading.changed)

    def _line(self) -> int | None:
        """Return the line of the cell that runs now and called in here, if one does."""
        frame, line = sys._getframe(), None
        while frame is not None:
            if frame.f_code.co_name == "<module>" and frame.f_globals is self._shell.user_ns:
                line = frame.f_lineno  # the outermost: a magic's code has lines of its own
            frame = frame.f_back  # type: ignore[assignment]
        return line

    # Questions

    def graph(self, value: object | None = None, *, wait: float | None = 10.0) -> Graph:
        """Return the lineage of an object, or of the whole session.

        Args:
            value: found in the notebook by identity; its newest name counts.
            wait: seconds to wait for digests of files; ``None``: as long as it takes.

        Raises:
            InputError: the object has no name in the notebook.
        """
        history = self._history_now()
        target = None
        if value is not None:
            target = history.key_of(value, self._shell.user_ns)
            if target is None:
                raise InputError(
                    f"This {type(value).__name__} has no name in the notebook.",
                    hint="Give it a name first, then ask for its lineage.",
                )
        self._digests.wait(wait)
        drawn = graph(history, target, self._files(history))
        gaps = dict.fromkeys((*drawn.gaps, *self._said(history)))
        return drawn.model_copy(update={"gaps": tuple(gaps)[:MAX_GAPS]})

    def written(self, path: str | os.PathLike[str]) -> str:
        """Return a file's address as the graph shows it, to find what the notebook wrote."""
        return self._places.shown(file_address(path))

    def hashed(self, seconds: float) -> bool:
        """Wait for the digests of what was read; return whether all are there."""
        self._later.now()
        return self._digests.wait(seconds)

    @property
    def namespace(self) -> Mapping[str, Any]:
        """The notebook's names, as they are now."""
        found: Mapping[str, Any] = self._shell.user_ns
        return found

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The numbers that cells measured and kept, in order."""
        self._later.now()
        return tuple(self._measured)

    def name_of(self, value: object) -> str | None:
        """Return the newest name of an object in the notebook."""
        key = self._history_now().key_of(value, self._shell.user_ns)
        return key[0] if key is not None else None

    def fitted_on(self, model: object) -> Fitted:
        """Return which variables a model was trained on, and which it has not seen."""
        return fitted_on(self._history_now(), self._shell.user_ns, model)

    def executions(self) -> tuple[Ran, ...]:
        """Return what ran so far, in order, the running cell up to where it is."""
        return tuple(ran(one) for one in self._history_now().executions)

    def gaps(self) -> tuple[str, ...]:
        """Return what could not be seen, in sentences."""
        self._later.now()
        return tuple(dict.fromkeys(self._said(self._history)))[:MAX_GAPS]

    def _history_now(self) -> History:
        """Return the history; while a cell runs, with what it has done so far."""
        self._later.now()
        if not self._history.running or threading.get_ident() != self._thread:
            return self._history
        self._sense()
        self._senses.begin(self._shell.user_ns, "")
        return self._history.so_far(self._shell.user_ns, self._line(), self._kept)

    def _files(self, history: History) -> Files:
        known = {}
        for execution in history.executions:
            for run in execution.runs:
                for one in run.readings:
                    key = (one.address.text, one.size, one.changed)
                    found = self._digests.get(*key) if one.size >= 0 else None
                    if found is not None:
                        known[key] = Known(found.digest, found.changed)
        return Files(self._places, known, dict(self._paths), notebook_name(self._shell.user_ns))

    def _said(self, history: History) -> list[str]:
        failed = [
            f"Tracking itself failed {count} times ({name}); something may be missing."
            for name, count in sorted(self._failures.items())
        ]
        return [*history.gaps, *self._senses.gaps(), *failed]

    # What people say

    @property
    def marks(self) -> Mapping[str, Dataset]:
        """What was said of data so far, by name of a variable or path of a file."""
        self._later.now()
        return {**self._paths, **{key[0]: one for key, one in self._history.datasets.items()}}

    def mark(self, value: object, dataset: Dataset) -> None:
        """Note what somebody says of data: of a file by its path, or of an object."""
        if isinstance(value, str | os.PathLike):
            self._paths[file_address(value).text] = dataset
            return
        self._later.now()
        said = Marked.of(value, self._line(), dataset=dataset)
        self._history.say(said, self._shell.user_ns)

    def came_from(self, value: object, ref: str, manifest: str) -> None:
        """Note that an object came out of a release that was opened here.

        Args:
            value: what was loaded from it.
            ref: the release, ``owner/name:version``.
            manifest: digest of its manifest, ``sha256:…``.
        """
        self._later.now()
        said = Marked.of(value, self._line(), release=(ref, manifest))
        self._history.say(said, self._shell.user_ns)


_running: list[Tracker] = []


def start(shell: Any = None) -> Tracker:
    """Return the tracker of this process, started if it was not.

    Raises:
        InputError: there is no notebook to track.
    """
    if not _running:
        shell = shell if shell is not None else get_ipython()
        if shell is None:
            raise InputError(
                "There is no notebook here to track.", hint="Call this in a notebook or IPython."
            )
        digests = Digests()
        tracker = Tracker(shell, Senses(digests), digests)
        tracker.start()
        _running.append(tracker)
        collector.spare(shell)
    return _running[0]


def current() -> Tracker | None:
    """Return the tracker of this process, if one was started."""
    return _running[0] if _running else None


def stop() -> None:
    """Stop tracking in this process."""
    while _running:
        _running.pop().stop()
    collector.restore()
