"""What a model was trained on, in a few lines of the Share form."""

from __future__ import annotations

from workbench.origin import labels
from workbench.origin.graph import Graph, Kind, Node
from workbench.tracing.drafting import label
from workbench.vocabulary import Sensitivity
from workbench.widgets import parts

__all__ = ["origin", "raised"]

_MOST = 8  # sources shown; the graph has them all
_NOT_KEPT = (
    "Trained on: not known. To keep where a model comes from, run %load_ext workbench first and "
    "the cells that read and train after it."
)
_NO_SOURCE = "Trained on: no file, database or address was read on the way to this model."
_HOW = "Label data with wb.dataset(table_or_path, name=…, classification=…), and it flows on."


def origin(graph: Graph | None) -> str:
    """Return HTML that names what a model was trained on and how it is labelled."""
    if graph is None:
        return parts.text(_NOT_KEPT)
    sources = [*graph.of_kind(Kind.source), *_releases(graph)]
    if not sources:
        return parts.text(_NO_SOURCE)
    bare = {node.id for node in labels.unmarked(graph)}
    shown = [parts.text("Trained on", strong=True)]
    shown += [_line(node, node.id in bare) for node in sources[:_MOST]]
    if len(sources) > _MOST:
        shown.append(parts.text(f"and {len(sources) - _MOST} more"))
    if bare:
        shown.append(parts.text(_HOW))
    if graph.gaps:
        shown.append(parts.text(f"Could not be seen: {graph.gaps[0]}"))
    return "".join(shown)


def _line(node: Node, bare: bool) -> str:
    changed = f" · {node.details['changed']}" if node.details.get("changed") else ""
    if node.kind is Kind.release:
        return parts.text(f"✓ {node.label} · a release; its terms and level bind this one")
    if bare:
        return parts.text(f"! {node.label} · not labelled{changed}")
    asked = node.dataset
    if asked is None:
        return parts.text(f"✓ {node.label} · labelled further on{changed}")
    where = f" · {', '.join(asked.regions)}" if asked.regions else ""
    return parts.text(f"✓ {node.label} · {asked.classification.value}{where}{changed}")


def raised(graph: Graph | None, chosen: Sensitivity) -> str:
    """Return HTML that says how the data's label binds the release; empty where it does not."""
    if graph is None:
        return ""
    asked = label(graph)
    said = []
    if asked.classification.rank > chosen.rank:
        said.append(
            f"The data is labelled {asked.classification.value}, so the release is too, whatever "
            "is chosen here."
        )
    if asked.regions:
        said.append(f"The data binds the weights to: {', '.join(asked.regions)}.")
    return parts.text("\n".join(said)) if said else ""


def _releases(graph: Graph) -> tuple[Node, ...]:
    return tuple(node for node in graph.of_kind(Kind.release) if node.id != graph.target)
