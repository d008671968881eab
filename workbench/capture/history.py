"""The journal of a session: what each execution of a cell read, used, made and changed.

What counts is the order in which cells ran, not where they stand: cells that ran twice, out of
order, or were deleted since are all in it. No user's object is kept alive by it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from types import FunctionType, ModuleType
from typing import Any

from workbench.analysis.defuse import Statement, Transform, statements
from workbench.capture.attribution import give_out
from workbench.capture.flow import Flow
from workbench.capture.looks import is_one_of, linked, refer, types_of
from workbench.capture.versions import Key, Names, Run, Seen, Version, Watch, describe, is_own
from workbench.origin.graph import Dataset, Mark, Verb
from workbench.senses.readings import Reading

__all__ = ["Ending", "Execution", "History", "Marked"]

NAME = re.compile(r"[^\W\d]\w*")
MAX_ANALYSED = 500  # cells whose statements are kept for when they run again
MAX_GAPS = 200
MAX_CELL = 200_000  # characters of a cell that is gone through
UNWATCHED = types_of(ModuleType, FunctionType, int, float, str, bool, type(None), type, tuple)


@dataclass(frozen=True)
class Ending:
    """How an execution ended.

    Attributes:
        outcome: ok, error or interrupted.
        line, inner: of the cell, and of the code inside its magic, where it stopped; ``None``: not
            known. 0: before anything ran.
    """

    outcome: str = "ok"
    line: int | None = None
    inner: int | None = None


@dataclass
class Execution:
    """One execution of one cell.

    Attributes:
        number: of its prompt; ``None`` where it has none.
        cell: the id of the cell, if the front end tells it.
        code: as Python takes it, with IPython's own words made calls; that is gone through.
        written: as the person wrote it; that is shown.
        digest: of what was written, ``sha256:…``.
        at, seconds: when it began and how long it took.
        runs: its statements that ran.
    """

    number: int | None
    cell: str
    code: str
    written: str
    at: datetime
    seconds: float = 0.0
    outcome: str = "ok"
    runs: list[Run] = field(default_factory=list)
    datasets: list[tuple[int | None, Dataset]] = field(default_factory=list)  # of things unnamed

    @property
    def digest(self) -> str:
        """Return the digest of what was written."""
        return f"sha256:{sha256(self.written.encode('utf-8', 'surrogatepass')).hexdigest()}"

    @property
    def title(self) -> str:
        """Return what people call it."""
        return f"In [{self.number}]" if self.number is not None else "a cell without a number"


@dataclass(frozen=True)
class Marked:
    """Something said of an object or at a line, until it is known which version that is."""

    identity: int
    ref: Callable[[], object] | None
    line: int | None
    dataset: Dataset | None = None
    release: tuple[str, str] | None = None

    @classmethod
    def of(
        cls,
        value: object,
        line: int | None,
        dataset: Dataset | None = None,
        release: tuple[str, str] | None = None,
    ) -> Marked:
        """Note it without keeping the object alive."""
        return cls(id(value), refer(value), line, dataset, release)

    def fits(self, value: object) -> bool:
        """Tell whether it is about this object."""
        return id(value) == self.identity and (self.ref is None or self.ref() is value)


@dataclass
class History:
    """Everything that was seen so far."""

    executions: list[Execution] = field(default_factory=list)
    flow: Flow = field(default_factory=Flow)
    datasets: dict[Key, Dataset] = field(default_factory=dict)
    releases: dict[Key, tuple[str, str]] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)
    transform: Transform = str
    _names: Names | None = None
    _watch: Watch | None = None
    _open: Execution | None = None
    _said: list[Marked] = field(default_factory=list)
    _analysed: dict[str, tuple[Statement, ...]] = field(default_factory=dict)

    def begin(
        self,
        code: str,
        namespace: Mapping[str, Any],
        *,
        number: int | None = None,
        cell: str = "",
        written: str | None = None,
        at: datetime,
    ) -> None:
        """Note that a cell starts; ``written`` is its code before IPython's words were replaced."""
        self._between(Names.of(namespace), namespace)
        self._open = Execution(number, cell, code, code if written is None else written, at)
        names = self._named(code, namespace)
        self._watch = Watch(names, self._changing(names, namespace), namespace)

    def end(
        self,
        namespace: Mapping[str, Any],
        *,
        ending: Ending,
        readings: Iterable[Reading] = (),
        seconds: float = 0.0,
        code: str | None = None,
    ) -> None:
        """Note that the cell has ended.

        Args:
            namespace: as it is now.
            ending: how it ended.
            readings: what it read and wrote.
            seconds: how long it took.
            code: of the cell, where it was not known when it began.
        """
        execution, before, watch = self._open, self._names, self._watch
        if execution is None or before is None or watch is None:
            return
        self._open = None
        if code is not None and code != execution.code:
            if execution.written == execution.code:
                execution.written = code
            execution.code = code
        execution.outcome, execution.seconds = ending.outcome, seconds
        after = Names.of(namespace)
        parts = self._statements(execution)
        readings = list(readings)
        rebound = before.rebound(after) | watch.replaced(namespace)
        reached = _reached(parts, ending, rebound, readings)
        whole = ending.outcome == "ok"
        seen = Seen(before, rebound, watch, namespace, reached, whole, execution.number)
        self.executions.append(execution)
        self._names = after
        execution.runs = self.flow.take(len(self.executions) - 1, parts, seen)
        found = give_out(readings, parts[:reached], namespace.get)
        for index, one in found.items():
            execution.runs[index].readings += one
        if readings and not found:
            self.miss(f"{execution.title} read files, but its code could not be gone through.")
        self._settle(execution, namespace)

    def so_far(
        self, namespace: Mapping[str, Any], line: int | None, readings: Iterable[Reading]
    ) -> History:
        """Return the history as if the cell that runs now had ended behind a line of it."""
        other = History(
            [*self.executions],
            self.flow.copy(),
            dict(self.datasets),
            dict(self.releases),
            [*self.gaps],
            self.transform,
            self._names,
            self._watch,
            None,
            [*self._said],
            self._analysed,
        )
        if self._open is not None:
            one = self._open
            other._open = Execution(one.number, one.cell, one.code, one.written, one.at)
            other.end(namespace, ending=Ending("running", line), readings=readings)
        return other

    def miss(self, sentence: str) -> None:
        """Note something that was not seen."""
        if len(self.gaps) < MAX_GAPS and sentence not in self.gaps:
            self.gaps.append(sentence)

    @property
    def running(self) -> bool:
        """Tell whether a cell runs now."""
        return self._open is not None

    def say(self, said: Marked, namespace: Mapping[str, Any]) -> None:
        """Take what somebody says of an object; it counts from the statement that says it."""
        self._said.append(said)
        if self._open is None:
            self._settle(self.executions[-1] if self.executions else None, namespace)

    def key_of(self, value: object, namespace: Mapping[str, Any]) -> Key | None:
        """Return the newest version that stands for an object, found by identity."""
        names = [n for n, one in dict(namespace).items() if one is value and not is_own(n)]
        keys = [self._current(name, namespace) for name in names]
        versions = [self.flow.versions[key] for key in keys]
        versions.sort(key=lambda version: version.run or (-1, -1))
        return versions[-1].key if versions else None

    def _current(self, name: str, namespace: Mapping[str, Any]) -> Key:
        known = self.flow.current.get(name)
        if known is not None:
            return known
        version = Version(name, 0, look=describe(namespace[name]))
        return self.flow.add(version)

    def _named(self, code: str, namespace: Mapping[str, Any]) -> set[str]:
        """Return the names that a cell can use or change: those in it, or in its functions."""
        names = {name for name in NAME.findall(code[:MAX_CELL]) if name in namespace}
        inner = self.flow.functions.reach(names, (), ()).uses
        return names | {name for name in inner if name in namespace}

    def _changing(self, names: set[str], namespace: Mapping[str, Any]) -> set[str]:
        """Return those that stand for something that can change; networks with their optimiser."""
        found = {name for name in names if not is_one_of(namespace[name], UNWATCHED)}
        learners = self.flow.learners
        networks = [(name, namespace[name]) for name in learners if name in namespace]
        if networks:
            for name in list(found):
                found |= linked(namespace[name], networks)
        return {name for name in found if not is_own(name)}

    def _statements(self, execution: Execution) -> tuple[Statement, ...]:
        code = execution.code
        known = self._analysed.get(code)
        if known is not None:
            return known
        try:
            found = statements(code, self.transform) if len(code) <= MAX_CELL else ()
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            found = ()
        if len(self._analysed) < MAX_ANALYSED:
            self._analysed[code] = found
        return found

    def _between(self, now: Names, namespace: Mapping[str, Any]) -> None:
        """Give names that were bound while no cell ran to the cell before."""
        before, self._names = self._names, now
        if before is None or not self.executions:
            return
        runs = self.executions[-1].runs
        for name in sorted(before.rebound(now)):
            number = self.flow.next(name)
            place = (len(self.executions) - 1, len(runs) - 1) if runs else None
            version = Version(
                name, number, place, Mark.inferred, Verb.made, describe(namespace[name])
            )
            self.flow.add(version)
            self.flow.functions.learn(name, namespace[name], namespace)
            if runs:
                runs[-1].makes.append(version.key)
            self.miss(
                f"{name} was bound after {self.executions[-1].title} had ended; what did it"
                " was not seen."
            )

    def _settle(self, execution: Execution | None, namespace: Mapping[str, Any]) -> None:
        """Find which versions the things said so far are about."""
        said, self._said = self._said, []
        for one in said:
            keys = [
                self._current(name, namespace)
                for name, value in dict(namespace).items()
                if one.fits(value) and not is_own(name)
            ]
            if one.dataset is not None:
                for key in keys:
                    self.datasets |= dict.fromkeys(self._chain(key), one.dataset)
                if not keys and execution is not None:
                    execution.datasets.append((one.line, one.dataset))
            if one.release is not None and not self._released(one, execution):
                self.releases |= dict.fromkeys(keys, one.release)

    def _released(self, one: Marked, execution: Execution | None) -> bool:
        """Let a release that was opened feed the statement that opened it."""
        if execution is None or one.line is None or one.release is None:
            return False
        at = [
            run for run in execution.runs if run.statement.first <= one.line <= run.statement.last
        ]
        for run in at:
            run.releases.append(one.release)
        return bool(at)

    def _chain(self, key: Key) -> list[Key]:
        """Return a version and those of the same object that the same execution made before it."""
        found = [key]
        version = self.flow.versions[key]
        while version.verb is Verb.changed and version.run is not None and version.number > 1:
            older = self.flow.versions.get((version.name, version.number - 1))
            if older is None or older.run is None or older.run[0] != version.run[0]:
                break
            found.append(older.key)
            version = older
        return found


def _reached(
    parts: tuple[Statement, ...], ending: Ending, rebound: set[str], readings: list[Reading]
) -> int:
    """Return how many statements ran, the one that did not end included."""
    if ending.outcome == "ok":
        return len(parts)
    if ending.line is None:  # no word of where it stopped: as far as there is a sign of it
        lines = [reading.line for reading in readings if reading.line is not None]
        signs = [
            index + 1
            for index, part in enumerate(parts)
            if part.defines & rebound or any(part.first <= line <= part.last for line in lines)
        ]
        return max(signs, default=0)
    begun = [
        index + 1
        for index, part in enumerate(parts)
        if part.first <= ending.line
        and not (part.inside and ending.inner is not None and part.inside[0] > ending.inner)
    ]
    return max(begun, default=0)
