"""What was derived from what, what was trained on a dataset, and who holds it."""

from __future__ import annotations

from typing import Any

from workbench.errors import NotFound
from workbench.origin.graph import Graph
from workbench.origin.statement import read
from workbench.records import Release
from workbench.services.context import Progress
from workbench.services.descent import descendants
from workbench.session import Session, silent
from workbench.views import grant_view, parents_view, watching
from workbench.vocabulary import GrantState

__all__ = ["descendants_view", "lineage_view", "recall"]


def lineage_view(session: Session, ref: str) -> dict[str, Any]:
    """Return what a release was derived from and what was derived from it, with the holders."""
    release = session.release(ref)
    below = descendants(session.context.records, release)
    return {
        **_relative(session, release),
        "parents": parents_view(session, release),
        "descendants": [_relative(session, other) for other in below],
    }


def descendants_view(session: Session, release: Release) -> list[dict[str, Any]]:
    """Return what was derived from a release, nearest first, with how many hold each."""
    below = descendants(session.context.records, release)
    return [
        {
            "ref": other.key,
            "state": other.state.value,
            "holders": len({grant["person"]["id"] for grant in _grants(session, other)}),
        }
        for other in below
    ]


def recall(session: Session, dataset: str, progress: Progress = silent) -> dict[str, Any]:
    """Return every release trained on a dataset, and what was derived from those.

    ``dataset`` is the name given with ``wb.dataset`` or the digest (``sha256:…``) of a file. Only
    evidence that this person holds keys to can be searched: ``unsearched`` names the rest, and
    ``untraced`` the releases whose lineage was not kept.
    """
    found: dict[str, Release] = {}
    untraced, unsearched = [], []
    catalogue = session.catalogue()
    for done, release in enumerate(catalogue):
        progress("Searching", done, len(catalogue))
        try:
            graph = read(session.evidence(release.key).statements).graph
        except NotFound:
            unsearched.append(release.key)
            continue
        if graph is None:
            untraced.append(release.key)
        elif _uses(graph, dataset):
            below = descendants(session.context.records, release)
            found.update({other.key: other for other in (release, *below)})
    return {
        "dataset": dataset,
        "releases": [_relative(session, release) for release in found.values()],
        "unsearched": [key for key in unsearched if key not in found],
        "untraced": [key for key in untraced if key not in found],
    }


def _uses(graph: Graph, dataset: str) -> bool:
    return any(
        node.details.get("digest") == dataset or (node.dataset and node.dataset.name == dataset)
        for node in graph.nodes
    )


def _relative(session: Session, release: Release) -> dict[str, Any]:
    """Return a release with its running grants, where those are this person's business."""
    return {
        "ref": release.key,
        "state": release.state.value,
        "watching": watching(session, release),
        "grants": _grants(session, release),
    }


def _grants(session: Session, release: Release) -> list[dict[str, Any]]:
    if not watching(session, release):
        return []
    grants = session.holders(release.key)
    shown = [grant_view(session, grant) for grant in grants if grant.state is GrantState.active]
    return [grant for grant in shown if grant["state"] == GrantState.active]
