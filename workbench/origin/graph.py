"""The lineage of a model as a graph: what was read, run, made and measured on the way to it.

Edges point downstream, from what was there first to what came of it, so a walk against them leads
from a model back to its sources. Every edge says how it is known. A graph never holds data values:
names, types, shapes, addresses without credentials, digests, and the code that ran.

The ladder of evidence, strongest first:

``observed``   seen while it happened: the interpreter opened this file, this object was replaced
``resolved``   the arguments of a call that was seen name it (readers that open files natively)
``inferred``   read off the code, or off the system's word without knowing which program it was
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from workbench.forms import Model, Prose, Region, Word, no_controls
from workbench.vocabulary import Sensitivity

__all__ = [
    "MAX_CODE",
    "MAX_EDGES",
    "MAX_NODES",
    "Dataset",
    "Detail",
    "Edge",
    "Graph",
    "Kind",
    "Mark",
    "Node",
    "Verb",
    "Whole",
    "downstream",
    "upstream",
]

MAX_NODES = 10_000
MAX_EDGES = 40_000
MAX_CODE = 20_000  # characters of one cell's code


class Mark(StrEnum):
    """How something is known, strongest first."""

    observed = "observed"
    resolved = "resolved"
    inferred = "inferred"

    @property
    def rank(self) -> int:
        """0 for observed up to 2 for inferred."""
        return list(Mark).index(self)


class Kind(StrEnum):
    """What a node stands for."""

    source = "source"  # a file, table or address that was read
    step = "step"  # one execution of one cell
    data = "data"  # one version of a variable
    function = "function"  # one version of a function or class written in the notebook
    model = "model"  # one version of a fitted model
    metric = "metric"  # a number measured on named data
    file = "file"  # a file that was written
    release = "release"  # a release that was opened here, or that this became


class Verb(StrEnum):
    """What an edge says of its two ends."""

    read = "read"  # source or release → step
    used = "used"  # data, function or model → step
    made = "made"  # step → data, function, model or metric
    changed = "changed"  # step → a new version of something that was there before
    wrote = "wrote"  # step → file
    became = "became"  # model → release, release → release derived from it


Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Code = Annotated[str, StringConstraints(max_length=MAX_CODE), AfterValidator(no_controls)]
Whole = Annotated[int, Field(ge=-(2**53) + 1, le=2**53 - 1)]  # what a double holds (RFC 8785)
Detail = bool | Whole | float | Code


class Dataset(Model):
    """What somebody said of data with ``wb.dataset``."""

    name: Word
    classification: Sensitivity = Sensitivity.internal
    regions: tuple[Region, ...] = ()  # empty: bound to no region
    licence: Annotated[str, StringConstraints(max_length=200), AfterValidator(no_controls)] = ""
    source: Prose = ""  # where it came from, in words
    annotations: dict[Word, Prose] = Field(default_factory=dict)  # who labelled, which guideline …


class Node(Model):
    """One thing in a lineage.

    ``details`` by kind:

    * source: ``address``, ``scheme`` (file, sql, http, s3 …), ``digest`` (``sha256:…``), ``size``
      (bytes), ``read_at`` (RFC 3339), ``changed`` (a sentence, where it changed since it was read),
      ``how`` (what read it)
    * step: ``cell`` (the cell's id), ``execution`` (number), ``at`` (RFC 3339), ``seconds``,
      ``digest`` (of the code), ``code``, ``outcome`` (ok, error, interrupted), ``notebook`` (name)
    * data, function, model: ``name``, ``version`` (1, 2, …), ``type``, ``shape``
    * metric: ``name``, ``value``, ``on``
    * file: ``address``, ``digest``, ``size``
    * release: ``ref``, ``manifest``
    """

    id: Id
    kind: Kind
    label: Word
    details: dict[Id, Detail] = Field(default_factory=dict)
    dataset: Dataset | None = None


class Edge(Model):
    """``source`` came first, ``target`` came of it."""

    source: Id
    target: Id
    verb: Verb
    mark: Mark


class Graph(Model):
    """A lineage without cycles; ``target`` is the node it is about, ``gaps`` what was not seen.

    Raises:
        ValueError: a node twice, an edge to nowhere, a cycle, or more than a graph may hold.
    """

    nodes: Annotated[tuple[Node, ...], Field(max_length=MAX_NODES)] = ()
    edges: Annotated[tuple[Edge, ...], Field(max_length=MAX_EDGES)] = ()
    target: Id | None = None
    gaps: Annotated[tuple[Prose, ...], Field(max_length=1000)] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        ids = {node.id for node in self.nodes}
        if len(ids) != len(self.nodes):
            raise ValueError("a node appears twice")
        ends = {end for edge in self.edges for end in (edge.source, edge.target)}
        if not ends <= ids or not {self.target} - {None} <= ids:
            raise ValueError("an edge or the target names a node that is not there")
        if _has_cycle(ids, self.edges):
            raise ValueError("it goes round in a circle")
        return self

    def node(self, id_: str) -> Node:
        """Return a node.

        Raises:
            KeyError: there is none of that id.
        """
        for node in self.nodes:
            if node.id == id_:
                return node
        raise KeyError(id_)

    def kept(self, ids: Collection[str]) -> Graph:
        """Return the part with these nodes and the edges among them."""
        return Graph(
            nodes=tuple(node for node in self.nodes if node.id in ids),
            edges=tuple(e for e in self.edges if e.source in ids and e.target in ids),
            target=self.target if self.target in ids else None,
            gaps=self.gaps,
        )

    def of_kind(self, kind: Kind) -> tuple[Node, ...]:
        """Return the nodes of one kind, in order."""
        return tuple(node for node in self.nodes if node.kind is kind)


def upstream(edges: Iterable[Edge], start: str) -> set[str]:
    """Return ``start`` and all that it came of."""
    return _reach(((edge.target, edge.source) for edge in edges), start)


def downstream(edges: Iterable[Edge], start: str) -> set[str]:
    """Return ``start`` and all that came of it."""
    return _reach(((edge.source, edge.target) for edge in edges), start)


def _reach(arrows: Iterable[tuple[str, str]], start: str) -> set[str]:
    onward: dict[str, list[str]] = {}
    for here, there in arrows:
        onward.setdefault(here, []).append(there)
    found, waiting = {start}, deque([start])
    while waiting:
        for there in onward.get(waiting.popleft(), ()):
            if there not in found:
                found.add(there)
                waiting.append(there)
    return found


def _has_cycle(ids: set[str], edges: tuple[Edge, ...]) -> bool:
    """Take away what nothing leads to, again and again (Kahn 1962); a cycle is what stays."""
    incoming = dict.fromkeys(ids, 0)
    onward: dict[str, list[str]] = {}
    for edge in edges:
        incoming[edge.target] += 1
        onward.setdefault(edge.source, []).append(edge.target)
    free = deque(id_ for id_, count in incoming.items() if count == 0)
    left = len(ids)
    while free:
        left -= 1
        for there in onward.get(free.popleft(), ()):
            incoming[there] -= 1
            if incoming[there] == 0:
                free.append(there)
    return left > 0
