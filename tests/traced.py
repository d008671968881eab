"""A release that carries a lineage, for tests of what is done with it afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tests.unit.origin.samples import CODE, ENVIRONMENT, GRAPH, TRAINING, notebook
from workbench.findings.statement import Inspection
from workbench.origin.graph import Dataset, Graph, Kind, Node
from workbench.origin.statement import Provenance
from workbench.records import Release
from workbench.services.publish import Draft
from workbench.services.sealing import ModelFile
from workbench.session import Session
from workbench.tracing.drafting import shaped, statements
from workbench.vocabulary import Sensitivity

__all__ = ["KEPT", "OPENABLE", "publish", "relabelled", "without_parent"]


def without_parent(graph: Graph) -> Graph:
    """Return the lineage as if it had begun with data only."""
    return graph.kept({node.id for node in graph.nodes if node.kind is not Kind.release})


def relabelled(graph: Graph, **changes: Any) -> Graph:
    """Return the lineage with other fields on its nodes, by the node's id."""

    def changed(node: Node) -> Node:
        return node.model_copy(update=changes.get(node.id, {}))

    return graph.model_copy(update={"nodes": tuple(changed(node) for node in graph.nodes)})


def _labelled(level: Sensitivity) -> dict[str, Any]:
    return {
        name: {"dataset": Dataset(name=name, classification=level)}
        for name in ("patients", "ages", "web")
    }


KEPT = Provenance(without_parent(GRAPH), TRAINING, ENVIRONMENT, notebook(*CODE))
# The same, of data that is labelled throughout and binds to little.
OPENABLE = replace(KEPT, graph=relabelled(without_parent(GRAPH), **_labelled(Sensitivity.internal)))


def publish(
    session: Session,
    draft: Draft,
    files: Sequence[ModelFile],
    kept: Provenance = KEPT,
    *,
    bound: bool = True,
    measured: Inspection | None = None,
) -> Release:
    """Publish with a lineage, as a notebook does; a dishonest owner is not ``bound``."""
    given = shaped(draft, kept.graph) if bound else draft
    signed = statements(session, draft.name, kept, measured)
    return session.publish(given, files, statements=signed)
