"""Labels flow downstream: the most restrictive wins, and what nobody marked is named."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.origin.samples import (
    ANY,
    GRAPH,
    PATIENTS,
    arrow,
    datasets,
    graphs,
    source,
    version,
)
from workbench.origin.graph import Dataset, Graph, Kind, Node, Verb
from workbench.origin.labels import NOWHERE, combined, lineage, reaching, unmarked
from workbench.vocabulary import Sensitivity

MARK = Dataset(name="a")


def paths(graph: Graph, start: str, ends: set[str]) -> Iterator[list[str]]:
    """Every path from a node to an end, written out one by one."""
    if start in ends:
        yield [start]
    for edge in graph.edges:
        if edge.source == start:
            for rest in paths(graph, edge.target, ends):
                yield [start, *rest]


class TestCombined:
    def test_the_highest_sensitivity_wins(self) -> None:
        """One confidential table among open ones makes the model confidential."""
        marks = [
            Dataset(name="b", classification=Sensitivity.open),
            Dataset(name="a", classification=Sensitivity.confidential),
            Dataset(name="c", classification=Sensitivity.internal),
        ]
        label = combined(marks)
        assert label.classification is Sensitivity.confidential
        assert label.names == ("a", "b", "c")

    def test_only_regions_that_all_share_are_left(self) -> None:
        """Data bound to no region does not widen what others allow."""
        marks = [
            Dataset(name="a", regions=("fr", "de", "eu")),
            Dataset(name="b"),
            Dataset(name="c", regions=("de", "us", "fr")),
        ]
        assert combined(marks).regions == ("de", "fr")
        assert combined(marks[1:2]).regions == ()

    def test_regions_with_nothing_in_common_are_nowhere(self) -> None:
        """That is not the same as being bound to no region."""
        marks = [Dataset(name="a", regions=("de",)), Dataset(name="b", regions=("us",))]
        assert combined(marks).regions == (NOWHERE,)

    def test_licences_are_all_named(self) -> None:
        """Each once; data without one adds none."""
        marks = [
            Dataset(name="a", licence="MIT"),
            Dataset(name="b"),
            Dataset(name="c", licence="as agreed"),
            Dataset(name="d", licence="MIT"),
        ]
        assert combined(marks).licences == ("MIT", "as agreed")

    def test_of_nothing_it_is_open(self) -> None:
        """Nothing was said, so nothing is inherited."""
        label = combined([])
        assert (label.classification, label.regions, label.names) == (Sensitivity.open, (), ())

    @ANY
    @given(st.lists(datasets(), max_size=4), datasets())
    def test_more_data_never_makes_it_less_restrictive(
        self, marks: list[Dataset], more: Dataset
    ) -> None:
        """The level does not fall, and no device is allowed that was not."""
        before, after = combined(marks), combined([*marks, more])
        assert after.classification.rank >= before.classification.rank
        for device in ("de", "fr", "eu", "us", "elsewhere"):
            allowed = not after.regions or device in after.regions
            assert not allowed or not before.regions or device in before.regions
            assert not allowed or not more.regions or device in more.regions

    @ANY
    @given(st.lists(datasets(), max_size=4), st.randoms())
    def test_the_order_does_not_matter(self, marks: list[Dataset], random: object) -> None:
        """Nor does it matter if something is said twice."""
        assert combined([*marks[::-1], *marks]) == combined(marks)


class TestReaching:
    def test_what_is_upstream_counts_once(self) -> None:
        """A mark elsewhere in the notebook does not."""
        nodes = (
            source("a", dataset=PATIENTS),
            source("b", dataset=PATIENTS),
            source("c", dataset=MARK),
            version(Kind.model, "m"),
        )
        edges = tuple(arrow(name, Verb.made, "model:m:1") for name in "ab")
        assert reaching(Graph(nodes=nodes, edges=edges, target="model:m:1")) == (PATIENTS,)
        assert reaching(Graph(nodes=nodes, edges=edges)) == (PATIENTS, MARK)

    @ANY
    @given(graphs())
    def test_it_is_each_mark_that_a_path_leads_from(self, graph: Graph) -> None:
        """As found by writing out every path."""
        ends = {graph.target} if graph.target else {node.id for node in graph.nodes}
        expected = [
            node.dataset
            for node in graph.nodes
            if node.dataset and any(True for _ in paths(graph, node.id, ends))
        ]
        found = reaching(graph)
        assert all(mark in found for mark in expected)
        assert all(mark in expected for mark in found)
        assert len({mark.to_bytes() for mark in found}) == len(found)


class TestUnmarked:
    def test_of_the_example(self) -> None:
        """Two sources of the model that nobody marked; a third leads elsewhere."""
        assert [node.id for node in unmarked(GRAPH)] == ["ages", "web"]

    def test_a_mark_has_to_be_on_every_path(self) -> None:
        """Marking what one cell made does not cover what another made of the same file."""
        ends = [version(Kind.data, "x", dataset=MARK), version(Kind.data, "y")]
        model = version(Kind.model, "m")
        edges = [
            arrow("a", Verb.made, "data:x:1"),
            arrow("data:x:1", Verb.made, "model:m:1"),
            arrow("a", Verb.made, "data:y:1"),
        ]
        nodes = (source("a"), *ends, model)
        assert unmarked(Graph(nodes=nodes, edges=tuple(edges), target="model:m:1")) == ()
        edges.append(arrow("data:y:1", Verb.made, "model:m:1"))
        graph = Graph(nodes=nodes, edges=tuple(edges), target="model:m:1")
        assert [node.id for node in unmarked(graph)] == ["a"]

    def test_a_release_on_the_way_counts_as_marked_but_not_as_the_target(self) -> None:
        """A parent carries its own label; what is about to become a release has none yet."""
        release = Node(id="r", kind=Kind.release, label="lab/model:1.0")
        model = version(Kind.model, "m")
        edges = (arrow("a", Verb.became, "r"), arrow("r", Verb.became, "model:m:1"))
        nodes = (source("a"), release, model)
        assert unmarked(Graph(nodes=nodes, edges=edges, target="model:m:1")) == ()
        assert unmarked(Graph(nodes=nodes, edges=edges)) == ()
        assert [node.id for node in unmarked(Graph(nodes=nodes, edges=edges, target="r"))] == ["a"]

    @ANY
    @given(graphs())
    @example(Graph(nodes=(source("a"),)))
    def test_it_is_each_source_with_a_path_that_nothing_covers(self, graph: Graph) -> None:
        """As found by writing out every path, with a target and without."""
        leading = {edge.source for edge in graph.edges}
        ends = {node.id for node in graph.nodes if node.id not in leading}
        if graph.target:
            ends = {graph.target}
        known = {
            node.id
            for node in graph.nodes
            if node.dataset or (node.kind is Kind.release and node.id != graph.target)
        }
        expected = [
            node
            for node in graph.of_kind(Kind.source)
            if any(not known & set(path) for path in paths(graph, node.id, ends))
        ]
        assert list(unmarked(graph)) == expected


@ANY
@given(graphs(targeted=True))
def test_a_lineage_is_the_target_and_what_leads_to_it(graph: Graph) -> None:
    """In the order of the graph."""
    assert graph.target is not None
    leading = [n for n in graph.nodes if any(True for _ in paths(graph, n.id, {graph.target}))]
    assert list(lineage(graph)) == leading
