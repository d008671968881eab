"""Lineage as signed statements, and read back."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.errors import TrustError
from workbench.origin.graph import Edge, Graph, Kind, Mark, Node, Verb
from workbench.origin.record import Environment, Notebook, Training
from workbench.origin.statement import TITLES, Provenance, predicates, read

GRAPH = Graph(
    nodes=(
        Node(id="s1", kind=Kind.source, label="a.csv", details={"size": 12, "address": "a.csv"}),
        Node(id="c1", kind=Kind.step, label="In [1]", details={"execution": 1}),
    ),
    edges=(Edge(source="s1", target="c1", verb=Verb.read, mark=Mark.observed),),
)
WHOLE = Provenance(
    GRAPH,
    Training(name="model", type="sklearn.svm.SVC", framework="scikit-learn", seeds={"a": None}),
    Environment(python="3.12", packages={"numpy": "2.0"}, machine={"cores": 2}),
    Notebook(name="train.ipynb"),
)


def statements(provenance: Provenance) -> list[dict[str, Any]]:
    return [{"predicateType": kind, "predicate": p} for kind, p in predicates(provenance)]


def test_everything_comes_back() -> None:
    """Four statements of four kinds; read back they are the same records."""
    written = statements(WHOLE)
    assert [TITLES[str(item["predicateType"])] for item in written] == list(TITLES.values())
    assert read(written) == WHOLE


def test_parts_may_be_missing_and_others_present() -> None:
    """What was not kept is not there; statements of other kinds are passed over."""
    other = {"predicateType": "urn:other", "predicate": {"graph": 1}}
    assert read([other]) == Provenance()
    assert not read([other])
    assert read([*statements(Provenance(graph=GRAPH)), other]) == Provenance(graph=GRAPH)


@pytest.mark.parametrize("place", range(4))
def test_what_cannot_be_read_is_refused(place: int) -> None:
    """Each part is parsed strictly: an unknown field, another shape, or the part twice."""
    written = statements(WHOLE)
    title = list(TITLES.values())[place]
    broken = [*written]
    broken[place] = {**written[place], "predicate": {**written[place]["predicate"], "more": 1}}
    with pytest.raises(TrustError, match=f"the part called {title} cannot be read: more"):
        read(broken)
    for other in (None, [], "x", 1):
        broken[place] = {**written[place], "predicate": other}
        with pytest.raises(TrustError, match=title):
            read(broken)
    with pytest.raises(TrustError, match=f"{title} cannot be read: it is there twice"):
        read([*written, written[place]])
