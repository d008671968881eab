"""Everything known of a model at Share, put together from what was tracked.

What leaves the kernel passes here: code without secrets, names and settings, no values of the data.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.capture import tracker
from workbench.capture.tracker import Tracker
from workbench.encoding import digest
from workbench.errors import InputError, Unavailable
from workbench.hygiene.notebook import Executed, cells, notebook_file, repeats
from workbench.hygiene.redaction import redact_all
from workbench.origin.graph import MAX_CODE, Graph, Kind, Node, upstream
from workbench.origin.labels import reaching
from workbench.origin.record import Metric, Notebook, Training
from workbench.origin.statement import Provenance
from workbench.training import environment, kinds, metrics
from workbench.training.record import describe, seeds_in

__all__ = ["Named", "gather", "lineage_of"]

Progress = Callable[[str, int, int], None]
TICK = 0.2  # seconds between two looks at whether the person cancelled
TABLES = 8  # of the training data, at most, that outputs are compared with
WITHHELD = "# The code stays here: it was not searched for secrets (detect-secrets is missing)."


@dataclass(frozen=True)
class Named:
    """Data that the notebook named for a model, each ``(X, y)``."""

    data: tuple[Any, Any] | None = None
    holdout: tuple[Any, Any] | None = None

    def each(self) -> Iterator[tuple[str, Any, Any]]:
        """Yield what there is with the name under which it is measured."""
        for name, pair in (("training data", self.data), ("holdout", self.holdout)):
            if pair is not None:
                yield name, *pair


def lineage_of(model: Any) -> Graph | None:
    """Return the lineage of a model or of a file that was written; none where none was tracked."""
    running = tracker.current()
    if running is None:
        return None
    try:
        return _graph(running, model)
    except InputError:  # a model that has no name in the notebook, or a file of another program
        return None


def gather(model: Any, named: Named, progress: Progress) -> Provenance:
    """Return all that is known of a model: lineage, training, surroundings and code.

    Where nothing was tracked, the model's settings, measures and surroundings remain.
    """
    progress("Gathering the lineage", 0, 1)
    running = tracker.current()
    gaps: list[str] = []
    if running is not None:
        _hashed(running, progress)
    graph = lineage_of(model)
    namespace = running.namespace if running is not None else {}
    is_model = not isinstance(model, str | os.PathLike)
    record = _training(running, model, graph, named, gaps) if is_model else None
    notebook = None
    if running is not None and graph is not None:
        notebook = _notebook(running, graph, named, gaps)
        graph = _clean(running, graph, gaps)
    progress("Gathering the lineage", 1, 1)
    file = notebook_file(namespace)
    return Provenance(graph, record, environment.describe(file.parent if file else None), notebook)


def _graph(running: Tracker, model: Any) -> Graph:
    if not isinstance(model, str | os.PathLike):
        return running.graph(model, wait=0)
    whole = running.graph(wait=0)
    address = running.written(model)
    for node in whole.of_kind(Kind.file):
        if node.details.get("address") == address:
            found = whole.kept(upstream(whole.edges, node.id))
            return found.model_copy(update={"target": node.id})
    raise InputError(f"No cell that was tracked wrote {Path(model).name}.")


def _hashed(running: Tracker, progress: Progress) -> None:
    """Wait for the digests of what was read; cancelling is noticed by ``progress``."""
    while not running.hashed(TICK):
        progress("Taking digests of the data", 0, 0)


def _training(
    running: Tracker | None, model: Any, graph: Graph | None, named: Named, gaps: list[str]
) -> Training:
    name = (running.name_of(model) if running else None) or "model"
    codes = (
        [str(node.details.get("code", "")) for node in graph.of_kind(Kind.step)] if graph else []
    )
    namespace = running.namespace if running else {}
    said: dict[str, str] = {}
    for dataset in reaching(graph) if graph else ():
        said |= {f"{dataset.name}: {key}": words for key, words in dataset.annotations.items()}
    record = describe(
        model,
        name,
        seeds=seeds_in(codes, namespace),
        annotations=said,
        namespace=namespace,
    )
    measured = list(running.metrics) if running else []
    for where, rows, truth in named.each():
        found, more = metrics.measure(model, rows, truth, where)
        measured += found
        gaps += more
    return record.model_copy(update={"metrics": tuple(_newest(measured))})


def _newest(measured: list[Metric]) -> list[Metric]:
    """Return the last value of each metric on each data, in order, at most 200."""
    found = {(one.name, one.on): one for one in measured}
    return list(found.values())[-200:]


def _notebook(running: Tracker, graph: Graph, named: Named, gaps: list[str]) -> Notebook:
    """Return the code that led to the model: what else ran in the notebook stays here."""
    led = {str(node.details.get("digest")) for node in graph.of_kind(Kind.step)}
    ran = [
        Executed(one.number or 0, one.code, one.cell)
        for one in running.executions()
        if one.digest in led
    ]
    file = notebook_file(running.namespace)
    shown, more = repeats(file if file else (), _tables(running, graph, named))
    gaps += more
    return cells(ran, file=file, repeats=shown)


def _tables(running: Tracker, graph: Graph, named: Named) -> Mapping[str, object]:
    """Return tables of the training data that are still at hand, by name."""
    found: dict[str, object] = {}
    for node in graph.of_kind(Kind.data):
        name = str(node.details.get("name", ""))
        value = running.namespace.get(name)
        if value is not None and kinds.is_table(value):
            found[name] = value
    for name, rows, _ in named.each():
        found[name] = rows
    return dict(list(found.items())[-TABLES:])


def _clean(running: Tracker, graph: Graph, gaps: list[str]) -> Graph:
    """Return the graph with secrets out of its code, and with what else could not be seen.

    All cells are searched together: a secret that is known from one goes out of every other.
    """
    ran = {one.digest: one.code for one in running.executions()}
    try:
        cleaned = redact_all(list(ran.values()))
    except Unavailable:
        cleaned = [(WITHHELD, [])] * len(ran)
    codes = {key: code[:MAX_CODE] for key, (code, _) in zip(ran, cleaned, strict=True)}
    nodes = tuple(
        _with_code(node, codes.get(str(node.details.get("digest")))) for node in graph.nodes
    )
    said = tuple(dict.fromkeys((*graph.gaps, *gaps)))
    return graph.model_copy(update={"nodes": nodes, "gaps": said})


def _with_code(node: Node, code: str | None) -> Node:
    """Return a step with other code, and a digest of that: one of a secret gives it away."""
    if node.kind is not Kind.step:
        return node
    if code is None:
        code = WITHHELD  # a step of which nothing ran, so nothing was searched
    if code == node.details.get("code"):
        return node
    details = {**node.details, "code": code, "digest": digest(code.encode("utf-8"))}
    return node.model_copy(update={"details": details})
