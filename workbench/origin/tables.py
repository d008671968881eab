"""Lineage as titled tables of two columns, for people who would rather read than look."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.origin.graph import Graph, Kind
from workbench.origin.record import Environment, Notebook, Scalar, Training
from workbench.origin.statement import Provenance

__all__ = ["Table", "tables"]

Table = tuple[str, list[list[str]]]
_MOST = 200  # rows of one table


def tables(provenance: Provenance) -> list[Table]:
    """Return a title and rows of name and value for each part that is there."""
    made = [
        ("Lineage", _lineage(provenance.graph)),
        ("Training", _training(provenance.training)),
        ("Measured on named data", _metrics(provenance.training)),
        ("Surroundings", _surroundings(provenance.environment)),
        ("Code", _code(provenance.notebook)),
    ]
    cut = [(title, list(rows)[:_MOST]) for title, rows in made]
    return [(title, rows) for title, rows in cut if rows]


def _lineage(graph: Graph | None) -> Iterator[list[str]]:
    if graph is None:
        return
    for node in graph.of_kind(Kind.source):
        label = node.dataset
        said = f"{label.name}, {label.classification.value}" if label else "not labelled"
        yield [node.label, f"{said} · {node.details.get('digest') or 'no digest'}"]
    for node in graph.of_kind(Kind.release):
        yield [node.label, f"release {node.details.get('manifest', '')}"]
    yield ["Cells that led to it", str(len(graph.of_kind(Kind.step)))]
    for gap in graph.gaps:
        yield ["Could not be seen", gap]


def _training(training: Training | None) -> Iterator[list[str]]:
    if training is None:
        return
    yield ["Model", f"{training.name}, a {training.type} ({training.framework})"]
    if training.features:
        yield ["Columns it expects", str(training.features)]
    for part in training.parts:
        yield [f"{part.path} ({part.role})", part.type]
        for name, value in part.parameters.items():
            yield [f"{part.path} · {name}", _said(value)]
    for layer in training.layers:
        yield [f"Layer {layer.path}", f"{layer.type} {layer.shape}".strip()]
    for name, value in training.seeds.items():
        yield [f"Seed: {name}", _said(value)]
    for name, words in training.annotations.items():
        yield [name, words]


def _metrics(training: Training | None) -> Iterator[list[str]]:
    for metric in training.metrics if training else ():
        yield [f"{metric.name} on {metric.on}", f"{metric.value:.4g} ({metric.where})"]


def _surroundings(environment: Environment | None) -> Iterator[list[str]]:
    if environment is None:
        return
    yield ["Python", environment.python]
    for name, value in environment.machine.items():
        yield [name, _said(value)]
    for name, version in environment.packages.items():
        yield [name, version]
    for name, setting in environment.threads.items():
        yield [name, setting]
    if environment.git:
        state = "with changes not committed" if environment.git.dirty else "as committed"
        yield ["Git commit", f"{environment.git.commit}, {state}"]
    if environment.container:
        yield ["Container", environment.container]


def _code(notebook: Notebook | None) -> Iterator[list[str]]:
    if notebook is None:
        return
    yield ["Notebook", notebook.name or "not known"]
    if notebook.digest:
        yield ["Digest of the file", notebook.digest]
    yield ["Cells that travel", str(len(notebook.cells))]
    for secret in notebook.secrets:
        yield ["Secret taken out", secret]
    for repeat in notebook.repeats:
        columns = ", ".join(repeat.columns)
        yield [f"Output of {repeat.where}", f"showed {repeat.rows} rows of the data ({columns})"]


def _said(value: Scalar) -> str:
    if value is None or isinstance(value, bool):
        return {None: "none", True: "yes", False: "no"}[value]
    return str(value)
