"""How the labels of data flow downstream: the most restrictive wins, and gaps are named.

A model is at least as sensitive as the most sensitive data it came of, and its weights may go only
where all of that data may go. Nothing on the way makes data less sensitive: a mark further down
adds to those above it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from workbench.forms import Model, Region, Word
from workbench.origin.graph import Dataset, Graph, Kind, Node, upstream
from workbench.vocabulary import Sensitivity

__all__ = ["NOWHERE", "Label", "combined", "lineage", "reaching", "unmarked"]

NOWHERE: Final = "nowhere"
"""The one region of data that is bound to regions with nothing in common: no device is in it."""


class Label(Model):
    """What a model inherits from its data."""

    classification: Sensitivity
    regions: tuple[Region, ...] = ()  # empty: bound to no region
    licences: tuple[str, ...] = ()
    names: tuple[Word, ...] = ()  # of the data it came of


def combined(datasets: Iterable[Dataset]) -> Label:
    """Return the label that satisfies every one of ``datasets``.

    The highest sensitivity; the regions that all of those bound to any have in common, or
    :data:`NOWHERE` where there are none. Of no data at all it is ``open`` and unbound: whether
    unmarked data may pass is for the policy to say (:func:`unmarked`).
    """
    marks = list(datasets)
    bound = [set(mark.regions) for mark in marks if mark.regions]
    common = set.intersection(*bound) if bound else set()
    return Label(
        classification=max(
            (mark.classification for mark in marks),
            key=lambda word: word.rank,
            default=Sensitivity.open,
        ),
        regions=tuple(sorted(common)) if common or not bound else (NOWHERE,),
        licences=tuple(sorted({mark.licence for mark in marks if mark.licence})),
        names=tuple(sorted({mark.name for mark in marks})),
    )


def lineage(graph: Graph) -> tuple[Node, ...]:
    """Return the target and all it came of, in the graph's order; all of it without a target."""
    if graph.target is None:
        return graph.nodes
    ids = upstream(graph.edges, graph.target)
    return tuple(node for node in graph.nodes if node.id in ids)


def reaching(graph: Graph) -> tuple[Dataset, ...]:
    """Return every mark on the way to the target, each once, in the graph's order."""
    found: list[Dataset] = []
    seen: set[bytes] = set()
    for node in lineage(graph):
        if node.dataset is not None and (key := node.dataset.to_bytes()) not in seen:
            seen.add(key)
            found.append(node.dataset)
    return tuple(found)


def unmarked(graph: Graph) -> tuple[Node, ...]:
    """Return the sources that reach the target without anybody having said what they are.

    A source is covered by a mark of its own, or if every path from it to the target passes a
    marked node. A release on the way counts as marked, for it has a label of its own; the target
    does not, even if it is a release, for its label is what this is asked for. Without a target
    each node that leads nowhere is one.
    """
    known = {
        node.id
        for node in graph.nodes
        if node.dataset is not None or (node.kind is Kind.release and node.id != graph.target)
    }
    leading = {edge.source for edge in graph.edges}
    ends = [graph.target] if graph.target else [n.id for n in graph.nodes if n.id not in leading]
    exposed = _back(graph, [end for end in ends if end not in known], known)
    return tuple(node for node in graph.nodes if node.kind is Kind.source and node.id in exposed)


def _back(graph: Graph, ends: list[str], known: set[str]) -> set[str]:
    """Return ``ends`` and all that leads to one of them past nodes that are not ``known``."""
    before: dict[str, list[str]] = {}
    for edge in graph.edges:
        if edge.source not in known:
            before.setdefault(edge.target, []).append(edge.source)
    found, waiting = set(ends), list(ends)
    while waiting:
        for id_ in before.get(waiting.pop(), ()):
            if id_ not in found:
                found.add(id_)
                waiting.append(id_)
    return found
