"""The lineage of a release as a graph, and what to make of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workbench.errors import WorkbenchError
from workbench.origin import labels
from workbench.origin.graph import Graph, Kind, Node
from workbench.records import Listing
from workbench.session import Session
from workbench.tracing.family import descendants_view
from workbench.tracing.trail import NOT_KEPT, Trail, trail
from workbench.views import parents_view

__all__ = ["checks", "provenance_view"]


def provenance_view(session: Session, ref: str) -> dict[str, Any]:
    """Return the lineage of a release as a graph, what to make of it, and its relatives."""
    release = session.release(ref)
    family = {
        "ref": ref,
        "title": release.listing.title,
        "parents": parents_view(session, release),
        "descendants": descendants_view(session, release),
    }
    try:
        found = trail(session, ref)
    except WorkbenchError as error:
        return {**family, "available": False, "why": str(error), "graph": None, "checks": []}
    graph = found.provenance.graph
    return {
        **family,
        "available": graph is not None,
        "why": None if graph else NOT_KEPT,
        "graph": graph.model_dump(mode="json") if graph else None,
        "checks": checks(found),
    }


def checks(found: Trail) -> list[dict[str, str]]:
    """Return what the lineage says about the listing, and what it could not see, in words."""
    graph = found.provenance.graph
    if graph is None:
        return [_check("Lineage", "unknown", NOT_KEPT)]
    return [
        _check("Lineage", "passed", "It was kept while the model was trained, and is signed."),
        _labelled(graph),
        _level(found.listing, graph),
        _unchanged(graph),
        *_seen(graph),
    ]


def _labelled(graph: Graph) -> dict[str, str]:
    sources = graph.of_kind(Kind.source)
    missing = labels.unmarked(graph)
    if not sources:
        return _check("Labels", "unknown", "No data was seen that the model was trained on.")
    if missing:
        return _check("Labels", "failed", f"Nobody labelled {_names(missing)}.")
    return _check("Labels", "passed", "All data that it was trained on is labelled.")


def _level(listing: Listing, graph: Graph) -> dict[str, str]:
    label = labels.combined(labels.reaching(graph))
    short = listing.sensitivity.rank < label.classification.rank
    loose = bool(label.regions) and not (
        listing.regions and set(listing.regions) <= {*label.regions, labels.NOWHERE}
    )
    if short:
        return _check(
            "Level",
            "failed",
            f"Its data is labelled {label.classification}, the release says {listing.sensitivity}.",
        )
    if loose:
        return _check(
            "Level",
            "failed",
            f"Its data belongs to {', '.join(label.regions)}; the release does not.",
        )
    return _check("Level", "passed", "The release is as sensitive as its data, and stays with it.")


def _unchanged(graph: Graph) -> dict[str, str]:
    moved = [node for node in graph.of_kind(Kind.source) if node.details.get("changed")]
    undigested = [
        node
        for node in graph.of_kind(Kind.source)
        if node.details.get("scheme") == "file" and not node.details.get("digest")
    ]
    if moved:
        return _check("Data as read", "failed", f"Changed since it was read: {_names(moved)}.")
    if undigested:
        return _check("Data as read", "unknown", f"No digest was taken of {_names(undigested)}.")
    return _check("Data as read", "passed", "Every file was still as it was read.")


def _seen(graph: Graph) -> Iterator[dict[str, str]]:
    if graph.gaps:
        more = f" And {len(graph.gaps) - 1} more." if len(graph.gaps) > 1 else ""
        yield _check("What could not be seen", "unknown", graph.gaps[0] + more)


def _check(title: str, outcome: str, sentence: str) -> dict[str, str]:
    return {"title": title, "outcome": outcome, "sentence": sentence}


def _names(nodes: tuple[Node, ...] | list[Node]) -> str:
    shown = ", ".join(node.label for node in nodes[:3])
    return shown + (f" and {len(nodes) - 3} more" if len(nodes) > 3 else "")
