"""Draws an ancestry as nodes and edges: one step for each execution, no circles, bounded."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from workbench.analysis.slices import leading_lines
from workbench.capture.history import Execution, History
from workbench.capture.places import Places, clean, shorten
from workbench.capture.versions import Key, Run, Version, is_own
from workbench.capture.writers import Handed, Place
from workbench.origin.graph import (
    MAX_CODE,
    MAX_EDGES,
    MAX_NODES,
    Dataset,
    Detail,
    Edge,
    Graph,
    Kind,
    Mark,
    Node,
    Verb,
)
from workbench.senses.readings import Address, Reading

__all__ = ["Ancestors", "Drawing", "Files", "Known"]

MAX_WORD = 200
MAX_GAPS = 500


@dataclass(frozen=True)
class Known:
    """What is known of a file's content: its digest, and a sentence if it has changed since."""

    digest: str = ""
    changed: str = ""


@dataclass
class Files:
    """How files are shown, and what is known of them.

    Attributes:
        places: folders that addresses are told from.
        known: by address, size and time of change, what is known of the content.
        datasets: what people said of files, by address.
        notebook: its name.
    """

    places: Places
    known: dict[tuple[str, int, int], Known] = field(default_factory=dict)
    datasets: dict[str, Dataset] = field(default_factory=dict)
    notebook: str = ""

    def of(self, reading: Reading) -> Known:
        """Return what is known of what was read."""
        return self.known.get((reading.address.text, reading.size, reading.changed), Known())


class Ancestors(Protocol):
    """The statements and versions to draw; see :class:`workbench.capture.lineage.Ancestry`."""

    places: set[Place]
    keys: set[Key]
    handed: list[Handed]

    def run(self, place: Place) -> Run:
        """Return the statement at a place."""

    def version(self, key: Key) -> Version:
        """Return a version."""

    def counts(self, key: Key) -> bool:
        """Tell whether a version can carry data."""

    def writers(self, place: Place, reading: Reading) -> tuple[Place, ...]:
        """Return the statements that had written what one read."""


class Drawing:
    """One graph in the making."""

    def __init__(
        self, history: History, ancestors: Ancestors, files: Files, target: Key | None
    ) -> None:
        self._history, self._ancestors, self._files = history, ancestors, files
        self._target = target
        self._nodes: dict[str, Node] = {}
        self._edges: dict[tuple[str, str, Verb], Mark] = {}
        self._gaps: dict[str, None] = {}
        self._states: dict[str, dict[tuple[int, int], str]] = {}  # address → state → node
        self._runs: dict[int, list[Run]] = {}  # by execution
        self._users: dict[Key, dict[int, Mark]] = {}  # executions that use a version
        for place in sorted(ancestors.places):
            run = ancestors.run(place)
            self._runs.setdefault(place[0], []).append(run)
            for key, mark in run.uses.items():
                users = self._users.setdefault(key, {})
                users[place[0]] = min(mark, users.get(place[0], mark), key=lambda one: one.rank)

    def graph(self) -> Graph:
        """Draw it."""
        for place in sorted(self._ancestors.places):
            self._step(place[0])
            self._files_of(place, self._ancestors.run(place))
        self._handed_on()
        for key in sorted(self._ancestors.keys, key=self._order):
            self._version(self._ancestors.version(key))
        self._said_of_executions()
        target = None if self._target is None else self._id(self._target)
        return self._bounded(target if target in self._nodes else None)

    def _order(self, key: Key) -> tuple[Place, str, int]:
        return self._ancestors.version(key).run or (-1, -1), *key

    # Steps

    def _step(self, index: int) -> str:
        id_ = f"step:{index + 1}"
        if id_ in self._nodes:
            return id_
        one = self._history.executions[index]
        details: dict[str, Detail] = {
            "at": _time(one.at),
            "seconds": round(one.seconds, 3),
            "digest": one.digest,
            "code": _code(one.written),
            "outcome": "ok" if one.outcome == "running" else one.outcome,
        }
        if one.cell:
            details["cell"] = clean(one.cell)[:MAX_WORD]
        if one.number is not None:
            details["execution"] = one.number
        if self._files.notebook:
            details["notebook"] = clean(self._files.notebook)[:MAX_WORD]
        self._nodes[id_] = Node(id=id_, kind=Kind.step, label=one.title, details=details)
        return id_

    def _said_of_executions(self) -> None:
        """Take what was said of things that have no name, and what was not seen."""
        for index, runs in self._runs.items():
            one, id_ = self._history.executions[index], f"step:{index + 1}"
            for dataset in _said_at(runs, one)[:1]:
                self._nodes[id_] = self._nodes[id_].model_copy(update={"dataset": dataset})
            if any(run.statement.dynamic for run in runs):
                self._gap(
                    f"{one.title} ran code that was made as it ran; what that used is unknown."
                )

    # Files, addresses, releases

    def _files_of(self, place: Place, run: Run) -> None:
        step = f"step:{place[0] + 1}"
        leading, several = self._leading(run), self._is_guess(run)
        for reading in run.readings:
            if reading.wrote:
                if self._target is None:
                    self._edge(step, self._file(place, reading), Verb.wrote, reading.mark)
            elif not self._ancestors.writers(place, reading):
                beside = several if leading is None else reading.line not in leading
                mark = Mark.inferred if beside else reading.mark
                self._edge(self._source(place, reading), step, Verb.read, mark)
        for ref, manifest in run.releases:
            self._edge(self._release(ref, manifest), step, Verb.read, Mark.observed)

    def _leading(self, run: Run) -> frozenset[int] | None:
        """Return the lines of a loop or branch that lead to what is drawn; all where none do."""
        statement = run.statement
        wanted = {key[0] for key in run.makes if key in self._ancestors.keys}
        if self._target is None or not wanted or statement.inside is not None:
            return None
        lines = leading_lines(statement.code, wanted)
        return None if not lines else frozenset(line + statement.first - 1 for line in lines)

    def _is_guess(self, run: Run) -> bool:
        """Tell whether a statement read several things, of which one may not have led here.

        It made something else beside, or a function of the user's own read them: which of them it
        gave back was not seen.
        """
        read = {reading.address.text for reading in run.readings if not reading.wrote}
        if self._target is None or len(read) < 2:
            return False
        made = {key for key in run.makes if not is_own(key[0])}
        functions = self._history.flow.functions
        inside = any(functions.is_own(called) for called in run.statement.calls)
        return inside or not made <= self._ancestors.keys

    def _handed_on(self) -> None:
        """Draw files that one execution wrote and another one read."""
        for one in self._ancestors.handed:
            writers = [place for place in one.writers if place[0] != one.reader[0]]
            if writers:
                id_ = self._file(writers[-1], one.reading)
                for place in writers:
                    self._edge(f"step:{place[0] + 1}", id_, Verb.wrote, self._wrote(place, one))
                self._edge(id_, f"step:{one.reader[0] + 1}", Verb.read, one.reading.mark)

    def _wrote(self, place: Place, one: Handed) -> Mark:
        """Return how surely a statement wrote a file; through a handle, that is inferred."""
        return next(
            (
                reading.mark
                for reading in self._ancestors.run(place).readings
                if reading.wrote and reading.address.text == one.reading.address.text
            ),
            Mark.inferred,
        )

    def _source(self, place: Place, reading: Reading) -> str:
        """Return the node of what was read; a file that changed between is two of them."""
        states = self._states.setdefault(reading.address.text, {})
        state = (reading.size, reading.changed)
        known = states.get(state) or (next(iter(states.values()), None) if state[0] < 0 else None)
        if known is not None:
            return known
        id_ = f"source:{sum(map(len, self._states.values())) + 1}"
        states[state] = id_
        details = self._details(reading)
        details["scheme"] = clean(reading.address.scheme)[:MAX_WORD]
        details["how"] = clean(reading.how)[:MAX_WORD]
        details["read_at"] = _time(self._history.executions[place[0]].at)
        self._put(id_, Kind.source, reading.address, details)
        return id_

    def _file(self, place: Place, reading: Reading) -> str:
        shown = self._files.places.shown(reading.address)
        id_ = f"file:{place[0] + 1}:{shorten(shown, 150)}"
        known = self._nodes.get(id_)
        if known is None or ("digest" not in known.details and self._files.of(reading).digest):
            self._put(id_, Kind.file, reading.address, self._details(reading))
        return id_

    def _details(self, reading: Reading) -> dict[str, Detail]:
        known = self._files.of(reading)
        details: dict[str, Detail] = {"address": self._files.places.shown(reading.address)}
        if reading.size >= 0:
            details["size"] = min(reading.size, 2**53 - 1)
        if known.digest:
            details["digest"] = known.digest
        elif reading.size >= 0 and not reading.wrote:
            self._gap(f"The content of {details['address']} has no digest.")
        if known.changed:
            details["changed"] = clean(known.changed)
        return details

    def _put(self, id_: str, kind: Kind, address: Address, details: dict[str, Detail]) -> None:
        shown = str(details["address"])
        label = shown.rstrip("/").rpartition("/")[2] or shown or "?"
        dataset = self._files.datasets.get(address.text)
        label = shorten(label, MAX_WORD)
        self._nodes[id_] = Node(id=id_, kind=kind, label=label, details=details, dataset=dataset)

    def _release(self, ref: str, manifest: str) -> str:
        id_ = f"release:{clean(ref)[: MAX_WORD - 20]}"
        details: dict[str, Detail] = {"ref": clean(ref), "manifest": clean(manifest)}
        self._nodes[id_] = Node(
            id=id_, kind=Kind.release, label=clean(ref)[:MAX_WORD], details=details
        )
        return id_

    # Variables

    def _id(self, key: Key) -> str:
        kind = self._ancestors.version(key).look.kind
        return f"{kind}:{shorten(key[0], 150)}:{key[1]}"

    def _version(self, version: Version) -> None:
        """Draw a version that one execution hands to another; what stays inside one is no node."""
        key, maker = version.key, version.run[0] if version.run else None
        users = dict(self._users.get(key, {}))
        inside = users.pop(maker, None) if maker is not None else None
        dataset = self._history.datasets.get(key)
        if inside is not None and dataset is not None:
            id_ = self._node(version, f"{self._id(key)}:inside")
            self._edge(id_, f"step:{version.run[0] + 1}", Verb.used, inside)  # type: ignore[index]
        if not users and key != self._target and (dataset is None or inside is not None):
            return
        id_ = self._node(version, self._id(key))
        if version.run is not None:
            self._edge(self._step(version.run[0]), id_, version.verb, version.mark)
        elif key not in self._history.releases:
            self._gap(f"{version.name} was there before tracking began.")
        for index, mark in users.items():
            self._edge(id_, f"step:{index + 1}", Verb.used, mark)
        if key in self._history.releases:
            release = self._release(*self._history.releases[key])
            self._edge(release, id_, Verb.made, Mark.observed)

    def _node(self, version: Version, id_: str) -> str:
        look = version.look
        details: dict[str, Detail] = {"name": clean(version.name), "version": version.number}
        if look.type:
            details["type"] = look.type
        if look.shape:
            details["shape"] = look.shape
        self._nodes[id_] = Node(
            id=id_,
            kind=look.kind,
            label=shorten(clean(version.name), MAX_WORD),
            details=details,
            dataset=self._history.datasets.get(version.key),
        )
        return id_

    # The whole

    def _edge(self, source: str, target: str, verb: Verb, mark: Mark) -> None:
        key = (source, target, verb)
        known = self._edges.get(key)
        if known is None or mark.rank < known.rank:
            self._edges[key] = mark

    def _gap(self, sentence: str) -> None:
        self._gaps[clean(sentence)] = None

    def _bounded(self, target: str | None) -> Graph:
        """Return the graph, cut to what a graph may hold: the nearest to the target stay."""
        nodes = self._nodes
        if target is None:  # steps that read, made and used nothing tell nothing
            ends = {end for source, onward, _ in self._edges for end in (source, onward)}
            nodes = {id_: node for id_, node in nodes.items() if id_ in ends}
        kept = set(nodes)
        if len(kept) > MAX_NODES:
            near = self._by_distance(target) if target else list(nodes)[::-1]
            kept = set(near[:MAX_NODES])
            self._gap(f"It had {len(nodes)} nodes; only the nearest {MAX_NODES} are kept.")
        edges = [
            Edge(source=source, target=onward, verb=verb, mark=mark)
            for (source, onward, verb), mark in self._edges.items()
            if source in kept and onward in kept
        ]
        if len(edges) > MAX_EDGES:
            self._gap(f"It had {len(edges)} edges; only {MAX_EDGES} are kept.")
        return Graph(
            nodes=tuple(node for id_, node in nodes.items() if id_ in kept),
            edges=tuple(edges[-MAX_EDGES:]),
            target=target,
            gaps=tuple(list(self._gaps)[:MAX_GAPS]),
        )

    def _by_distance(self, target: str) -> list[str]:
        sources: dict[str, list[str]] = {}
        for source, onward, _ in self._edges:
            sources.setdefault(onward, []).append(source)
        found, waiting = {target: None}, deque([target])
        while waiting:
            fresh = [id_ for id_ in sources.get(waiting.popleft(), ()) if id_ not in found]
            found |= dict.fromkeys(fresh)
            waiting += fresh
        return list(found)


def _said_at(runs: list[Run], one: Execution) -> list[Dataset]:
    lines = [(run.statement.first, run.statement.last) for run in runs]
    return [
        dataset
        for line, dataset in one.datasets
        if line is None or any(first <= line <= last for first, last in lines)
    ]


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _code(code: str) -> str:
    text = clean(code, code=True)
    return text if len(text) <= MAX_CODE else text[: MAX_CODE - 2] + "\n…"
