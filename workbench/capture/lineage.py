"""From the journal to a graph: what a model came of, and nothing else.

What came of what is followed statement by statement, so a cell that reads two files does not give
both to everything it makes. Only then are the statements of one execution shown as one step.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from workbench.capture.drawing import Drawing, Files
from workbench.capture.history import History
from workbench.capture.versions import Key, Run, Version
from workbench.capture.writers import Handed, Place, Writers
from workbench.origin.graph import Graph
from workbench.senses.readings import Reading

__all__ = ["Ancestry", "graph"]


def graph(history: History, target: Key | None, files: Files) -> Graph:
    """Return what one version of a variable came of; of the whole session without a target.

    Args:
        history: what was seen.
        target: name and version.
        files: how files are shown, and what is known of their content.
    """
    ancestry = Ancestry(history)
    if target is None:
        ancestry.everything()
    else:
        ancestry.of(target)
    return Drawing(history, ancestry, files, target).graph()


@dataclass
class Ancestry:
    """The statements and versions that something came of.

    Attributes:
        places: statements, by execution and position.
        keys: versions.
        handed: files written by some of the statements and read by a later one.
    """

    history: History
    places: set[Place] = field(default_factory=set)
    keys: set[Key] = field(default_factory=set)
    handed: list[Handed] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._writers = Writers(self.history)

    def _all(self) -> Iterable[tuple[Place, Run]]:
        for execution, one in enumerate(self.history.executions):
            for statement, run in enumerate(one.runs):
                yield (execution, statement), run

    def run(self, place: Place) -> Run:
        """Return the statement at a place."""
        return self.history.executions[place[0]].runs[place[1]]

    def version(self, key: Key) -> Version:
        """Return a version."""
        return self.history.flow.versions[key]

    def everything(self) -> None:
        """Take the whole session."""
        for place, run in self._all():
            self._visit(place, run, deque())
            self.keys |= {key for key in run.makes if self.counts(key)}

    def of(self, target: Key) -> None:
        """Take what a version came of."""
        waiting: deque[Place] = deque()
        self._take(target, waiting, asked=True)
        while waiting:
            place = waiting.popleft()
            self._visit(place, self.run(place), waiting)

    def counts(self, key: Key) -> bool:
        """Tell whether a version can carry data: a module cannot, unless importing it read some."""
        version = self.version(key)
        if not version.look.imported:
            return True
        return version.run is not None and any(not r.wrote for r in self.run(version.run).readings)

    def writers(self, place: Place, reading: Reading) -> tuple[Place, ...]:
        """Return the statements that had written what one read, if any had."""
        return self._writers.of(place, reading)

    def _visit(self, place: Place, run: Run, waiting: deque[Place]) -> None:
        self.places.add(place)
        for key in run.uses:
            self._take(key, waiting)
        for reading in run.readings:
            writers = () if reading.wrote else self.writers(place, reading)
            if writers:
                self.handed.append(Handed(writers, place, reading))
            for writer in writers:
                self._reach(writer, waiting)

    def _take(self, key: Key, waiting: deque[Place], asked: bool = False) -> None:
        if key in self.keys or not (asked or self.counts(key)):
            return
        self.keys.add(key)
        place = self.version(key).run
        if place is not None:
            self._reach(place, waiting)

    def _reach(self, place: Place, waiting: deque[Place]) -> None:
        if place not in self.places:
            self.places.add(place)
            waiting.append(place)
