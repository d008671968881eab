"""The lineage graph: what it refuses, how it is walked, and its one byte form."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.unit.origin.samples import ANY, GRAPH, arrow, graphs, step
from workbench.encoding import canonical
from workbench.errors import InputError
from workbench.origin.graph import (
    MAX_CODE,
    Edge,
    Graph,
    Kind,
    Mark,
    Node,
    Verb,
    downstream,
    upstream,
)

A, B, C = (Node(id=name, kind=Kind.data, label=name) for name in "abc")


def joined(*pairs: str) -> tuple[Edge, ...]:
    return tuple(arrow(a, Verb.made, b) for a, b in pairs)


def as_networkx(graph: Graph) -> nx.MultiDiGraph:
    other = nx.MultiDiGraph()
    other.add_nodes_from(node.id for node in graph.nodes)
    other.add_edges_from((edge.source, edge.target) for edge in graph.edges)
    return other


class TestRefused:
    @pytest.mark.parametrize("pairs", [("aa",), ("ab", "ba"), ("ab", "bc", "ca")])
    def test_a_circle(self, pairs: tuple[str, ...]) -> None:
        """Nothing comes of itself, at once or by a detour."""
        with pytest.raises(ValidationError, match="it goes round in a circle"):
            Graph(nodes=(A, B, C), edges=joined(*pairs))

    @pytest.mark.parametrize("pair", ["ax", "xa"])
    def test_an_edge_to_nowhere(self, pair: str) -> None:
        """Both ends of an edge are among the nodes."""
        with pytest.raises(ValidationError, match="names a node that is not there"):
            Graph(nodes=(A,), edges=joined(pair))

    def test_a_target_that_is_not_there(self) -> None:
        """What a lineage is about is in it."""
        with pytest.raises(ValidationError, match="names a node that is not there"):
            Graph(nodes=(A,), target="b")

    def test_a_node_twice(self) -> None:
        """One identifier, one node."""
        with pytest.raises(ValidationError, match="a node appears twice"):
            Graph(nodes=(A, A))

    def test_a_number_that_is_none(self) -> None:
        """What has no canonical form is not kept."""
        with pytest.raises(ValidationError, match="finite"):
            Node(id="a", kind=Kind.metric, label="a", details={"value": float("nan")})

    def test_code_without_end_or_with_hidden_characters(self) -> None:
        """The code of a cell is bounded, and shows what it says."""
        step(1, code="x" * MAX_CODE)
        with pytest.raises(ValidationError, match="at most"):
            step(1, code="x" * (MAX_CODE + 1))
        with pytest.raises(ValidationError, match="direction-changing"):
            step(1, code="access = '\u202enimda'")

    def test_an_unknown_field(self) -> None:
        """There is no room for what nobody looked at."""
        with pytest.raises(ValidationError, match="Extra inputs"):
            Graph.model_validate({"nodes": [], "rows": [[1, 2]]})


class TestWalks:
    @ANY
    @given(graphs(targeted=True))
    def test_both_directions_agree_with_networkx(self, graph: Graph) -> None:
        """Upstream is a node and its ancestors, downstream a node and its descendants."""
        assert graph.target is not None
        other, here = as_networkx(graph), {graph.target}
        assert upstream(graph.edges, graph.target) == nx.ancestors(other, graph.target) | here
        assert downstream(graph.edges, graph.target) == nx.descendants(other, graph.target) | here

    @ANY
    @given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), max_size=6))
    def test_it_finds_the_circles_that_networkx_finds(self, pairs: list[tuple[str, str]]) -> None:
        """Exactly the graphs without a circle are accepted."""
        edges = joined(*(a + b for a, b in pairs))
        other = nx.MultiDiGraph(pairs)
        if nx.is_directed_acyclic_graph(other):
            assert len(Graph(nodes=(A, B, C), edges=edges).edges) == len(pairs)
        else:
            with pytest.raises(ValidationError, match="circle"):
                Graph(nodes=(A, B, C), edges=edges)

    def test_from_a_model_to_its_sources(self) -> None:
        """What only led elsewhere is not among them."""
        found = upstream(GRAPH.edges, "model:clf:1")
        sources = {node.id for node in GRAPH.of_kind(Kind.source)}
        assert sources & found == {"patients", "ages", "web"}
        assert {"step:5", "metric", "unrelated"} & found == set()

    def test_a_long_chain(self) -> None:
        """Ten thousand nodes in a row neither recurse nor take squares of time."""
        nodes = tuple(Node(id=str(n), kind=Kind.data, label="x") for n in range(10_000))
        edges = tuple(arrow(str(n), Verb.became, str(n + 1)) for n in range(9_999))
        graph = Graph(nodes=nodes, edges=edges)
        assert len(upstream(graph.edges, "9999")) == 10_000


class TestParts:
    @ANY
    @given(graphs(targeted=True), st.data())
    def test_a_part_keeps_the_edges_among_its_nodes(
        self, graph: Graph, data: st.DataObject
    ) -> None:
        """It is the subgraph that networkx takes, and the target stays if it is in it."""
        names = [node.id for node in graph.nodes]
        wanted = data.draw(st.sets(st.sampled_from(names)))
        part = graph.kept(wanted)
        other = as_networkx(graph).subgraph(wanted)
        assert {node.id for node in part.nodes} == wanted
        assert sorted((e.source, e.target) for e in part.edges) == sorted(other.edges())
        assert part.target == (graph.target if graph.target in wanted else None)
        assert part.gaps == graph.gaps

    def test_a_node_by_its_id(self) -> None:
        """There is one, or a KeyError."""
        assert GRAPH.node("web").label == "guideline.json"
        with pytest.raises(KeyError, match="nobody"):
            GRAPH.node("nobody")

    def test_marks_are_ranked_strongest_first(self) -> None:
        """What was seen counts more than what was concluded."""
        assert [mark.rank for mark in (Mark.observed, Mark.resolved, Mark.inferred)] == [0, 1, 2]


class TestBytes:
    @ANY
    @given(graphs())
    def test_it_comes_back_as_it_was(self, graph: Graph) -> None:
        """One graph, one byte form."""
        assert Graph.from_bytes(graph.to_bytes()) == graph

    @ANY
    @given(graphs(most=4), st.data())
    def test_another_byte_is_another_graph_or_none(self, graph: Graph, data: st.DataObject) -> None:
        """No change of one byte goes unseen."""
        content = bytearray(graph.to_bytes())
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] ^= 1 << data.draw(st.integers(0, 7))
        try:
            other = Graph.from_bytes(bytes(content))
        except InputError:
            return
        assert other != graph

    def test_a_circle_is_refused_when_read(self) -> None:
        """What is received is checked like what is made."""
        value = Graph(nodes=(A, B), edges=joined("ab")).model_dump(mode="json")
        value["edges"].append({"source": "b", "target": "a", "verb": "made", "mark": "observed"})
        with pytest.raises(InputError, match=r"Not a Graph: .*goes round in a circle"):
            Graph.from_bytes(canonical(value))
