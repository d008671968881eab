"""What the lineage of a model makes of its release: level, regions, parents, terms, evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from workbench._version import __version__
from workbench.crypto import dsse
from workbench.errors import WorkbenchError
from workbench.findings.statement import Inspection
from workbench.findings.statement import predicates as measured
from workbench.origin import labels, slsa
from workbench.origin.graph import Graph, Kind
from workbench.origin.labels import Label
from workbench.origin.statement import Provenance, predicates
from workbench.records import Parent, Terms
from workbench.services.publish import Draft
from workbench.session import Session
from workbench.vocabulary import Labelling

__all__ = ["inherited_terms", "label", "parents", "shaped", "statements"]


def label(graph: Graph) -> Label:
    """Return what the data behind a graph's target asks of it."""
    return labels.combined(labels.reaching(graph))


def labelling(graph: Graph) -> Labelling:
    """Return whether all the data behind a graph's target is labelled."""
    if labels.unmarked(graph):
        return Labelling.partial
    known = graph.of_kind(Kind.source) or labels.reaching(graph) or graph.of_kind(Kind.release)
    return Labelling.complete if known else Labelling.unknown


def parents(graph: Graph) -> tuple[Parent, ...]:
    """Return the releases that a graph's target was derived from."""
    found = {
        str(node.details["ref"]): str(node.details["manifest"])
        for node in labels.lineage(graph)
        if node.kind is Kind.release and node.id != graph.target
    }
    return tuple(Parent(ref=ref, manifest=manifest) for ref, manifest in sorted(found.items()))


def inherited_terms(session: Session, graph: Graph) -> Terms | None:
    """Return the terms of the first release of somebody else's that a model was derived from."""
    for parent in parents(graph):
        try:
            release = session.release(parent.ref)
        except WorkbenchError:
            continue
        if release.listing.owner != session.person.id:
            return session.terms(release)
    return None


def shaped(draft: Draft, graph: Graph | None) -> Draft:
    """Return the draft with what its lineage asks for; the most restrictive wins.

    The level is at least that of the data, the regions are those that both allow, and the releases
    it was derived from are named.
    """
    if graph is None:
        return draft
    asked = label(graph)
    level = max(draft.sensitivity, asked.classification, key=lambda word: word.rank)
    return draft.model_copy(
        update={
            "sensitivity": level,
            "regions": _both(draft.regions, asked.regions),
            "facts": draft.facts.model_copy(update={"labels": labelling(graph)}),
            "parents": parents(graph),
        }
    )


def _both(mine: tuple[str, ...], asked: tuple[str, ...]) -> tuple[str, ...]:
    if not mine or not asked:
        return mine or asked
    return tuple(region for region in mine if region in asked) or (labels.NOWHERE,)


def statements(
    session: Session, name: str, provenance: Provenance, inspection: Inspection | None = None
) -> Sequence[Callable[[str], str]]:
    """Return makers of the signed statements: each gets the model's root digest (hex)."""
    parts = predicates(provenance)
    if inspection is not None:
        parts += measured(inspection)
    if provenance.graph is not None:
        run = slsa.predicate(
            provenance.graph,
            provenance.training,
            provenance.environment,
            provenance.notebook,
            version=__version__,
        )
        parts.append((slsa.PREDICATE_TYPE, run))
    return [_maker(session, name, kind, predicate) for kind, predicate in parts]


def _maker(
    session: Session, name: str, kind: str, predicate: dict[str, object]
) -> Callable[[str], str]:
    def make(root: str) -> str:
        payload = dsse.statement([(name, root)], kind, predicate)
        actor = session.actor
        return dsse.bundle(payload, actor.signer.sign, actor.device.signing_key)

    return make
