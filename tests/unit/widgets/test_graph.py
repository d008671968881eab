"""The lineage graph in a cell: one file of JavaScript, and what travels to it and back."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.unit.lab.typescript import Contract
from workbench.origin.graph import Dataset, Edge, Graph, Kind, Mark, Node, Verb
from workbench.vocabulary import Sensitivity
from workbench.widgets.bundles import bundled
from workbench.widgets.graph import GraphWidget

TOKENS = Contract(Path(__file__).parents[3] / "labextension" / "src" / "tokens.ts")
LINEAGE = Graph(
    nodes=(
        Node(
            id="src",
            kind=Kind.source,
            label="patients.csv",
            details={"digest": "sha256:" + "0" * 64, "size": 1_832_211},
            dataset=Dataset(
                name="Cohort",
                classification=Sensitivity.confidential,
                regions=("eu",),
                annotations={"labelled by": "two cardiologists"},
            ),
        ),
        Node(id="s1", kind=Kind.step, label="In [1]", details={"code": "df = read('ü')"}),
        Node(id="clf", kind=Kind.model, label="clf"),
    ),
    edges=(
        Edge(source="src", target="s1", verb=Verb.read, mark=Mark.observed),
        Edge(source="s1", target="clf", verb=Verb.made, mark=Mark.inferred),
    ),
    target="clf",
    gaps=("A program was started.",),
)


@pytest.fixture(scope="module")
def code() -> str:
    """The bundle, which the front end's build writes."""
    return Path(bundled("graph", "")).read_text("utf-8")


def test_a_lineage_comes_back_as_it_was() -> None:
    """What the browser is handed holds all of the graph."""
    widget = GraphWidget(LINEAGE, name="readmission 1.0")
    assert widget.shown == LINEAGE
    assert widget.name == "readmission 1.0"
    assert widget.chosen == ""


def test_the_browser_reads_the_same_fields() -> None:
    """The JSON has exactly the fields of the front end's contract."""
    sent = json.loads(GraphWidget(LINEAGE).graph)
    assert TOKENS.faults(sent, "IGraph") == []


def test_another_lineage_is_sent_in_the_same_place() -> None:
    """Showing another graph changes the one trait that the browser listens to."""
    widget = GraphWidget(LINEAGE)
    seen: list[Any] = []
    widget.observe(lambda change: seen.append(change["new"]), "graph")
    other = LINEAGE.kept({"clf"})
    widget.show(other)
    assert [Graph.model_validate_json(text) for text in seen] == [other]


def test_what_is_chosen_travels_both_ways() -> None:
    """All three traits are synchronised, so a choice in the browser is known in the kernel."""
    widget = GraphWidget(LINEAGE)
    seen: list[str] = []
    widget.observe(lambda change: seen.append(change["new"]), "chosen")
    widget.set_state({"chosen": "src"})  # as the browser says it
    widget.chosen = "s1"
    assert seen == ["src", "s1"]
    assert {"graph", "name", "chosen", "_esm"} <= set(widget.keys)


def test_json_that_is_no_lineage_is_not_taken_for_one() -> None:
    """An edge to nowhere is refused by name, not drawn."""
    widget = GraphWidget(LINEAGE)
    edge = {"source": "a", "target": "b", "verb": "read", "mark": "observed"}
    widget.graph = json.dumps({"edges": [edge]})
    with pytest.raises(ValidationError, match="a node that is not there"):
        _ = widget.shown


def test_the_widget_runs_the_bundle(code: str) -> None:
    """The code that is sent is the file's, whole."""
    assert str(GraphWidget(LINEAGE).get_state()["_esm"]) == code


def test_the_bundle_has_the_one_export_a_widget_needs(code: str) -> None:
    """anywidget calls ``render`` of the default export."""
    assert re.search(r"export\{\w+ as default\};?\s*$", code)
    assert "wb-Graph" in code  # its style sheet travels inside
