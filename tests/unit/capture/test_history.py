"""The journal by itself: versions, names of one object, and what is never held on to."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.analysis.test_defuse import NAMES, Author
from workbench.capture.drawing import Files
from workbench.capture.history import Ending, History
from workbench.capture.lineage import Ancestry, graph
from workbench.capture.looks import attributes, print_of, within
from workbench.capture.places import Places, clean, shorten
from workbench.capture.versions import Names, is_own
from workbench.forms import no_controls
from workbench.origin.graph import Graph, Kind, Mark, Verb, upstream
from workbench.senses.readings import Address, Reading

PLACES = Places(Path("/study/notebooks"), Path("/users/anna"))
NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


class Session:
    """Runs cells in a plain namespace and writes them into a journal."""

    def __init__(self) -> None:
        self.history = History()
        self.space: dict[str, Any] = {}
        self.count = 0

    def run(self, code: str, readings: tuple[Reading, ...] = ()) -> Session:
        self.count += 1
        self.history.begin(code, self.space, number=self.count, at=NOON)
        exec(compile(code, "<cell>", "exec"), self.space)  # noqa: S102 - the notebook
        self.history.end(self.space, ending=Ending(), readings=readings)
        return self

    def versions(self, name: str) -> list[tuple[int, Verb, Mark]]:
        found = self.history.flow.versions.values()
        return [(one.number, one.verb, one.mark) for one in found if one.name == name]

    def graph(self, name: str | None = None) -> Graph:
        files = Files(PLACES)
        target = None if name is None else self.history.flow.current[name]
        return graph(self.history, target, files)


def read(path: str, line: int | None = 1, **more: Any) -> Reading:
    return Reading(Address(path), Mark.observed, "open", line, **more)


class TestVersions:
    def test_made_and_changed(self) -> None:
        """Each binding and each change in place is a version, in the order they ran."""
        session = Session().run("x = []").run("x.append(1)").run("x = [2]\nx.append(3)")
        assert session.versions("x") == [
            (1, Verb.made, Mark.observed),
            (2, Verb.changed, Mark.observed),
            (3, Verb.made, Mark.observed),
            (4, Verb.changed, Mark.inferred),
        ]

    def test_all_names_of_an_object_change(self) -> None:
        """Whichever of them was used."""
        session = Session().run("x = []\ny = x").run("z = y").run("z.append(1)")
        assert [len(session.versions(name)) for name in "xyz"] == [2, 2, 2]

    def test_a_number_bound_anew(self) -> None:
        """It may be the same object; the code says it was bound."""
        session = Session().run("x = 5").run("x = 5")
        assert session.versions("x") == [
            (1, Verb.made, Mark.observed),
            (2, Verb.made, Mark.inferred),
        ]

    def test_adding_in_place(self) -> None:
        """A list stays the same object, and its other names see it; a number does not."""
        session = Session().run("x = []\ny = x\nn = 1\nm = n").run("x += [1]\nn += 1")
        assert session.versions("y")[-1] == (2, Verb.changed, Mark.inferred)
        assert session.versions("n")[-1] == (2, Verb.made, Mark.observed)
        assert len(session.versions("m")) == 1

    def test_a_place_in_memory_used_again(self) -> None:
        """An object that lies where one that is gone lay is another one."""
        session = Session().run("class Big: pass\nx = Big()\nwhere = id(x)")
        session.run("for _ in range(3):\n    x = None\n    x = Big()")
        assert session.versions("x")[-1] == (2, Verb.made, Mark.observed)


class TestReadings:
    def test_without_a_line(self) -> None:
        """It belongs to all that the cell did, inferred; a name spelt out narrows it down."""
        code = "x = list('a')\ny = list('b')"
        session = Session().run(code, (read("/d/other.csv", None),))
        graph = session.graph("x")
        assert [edge.mark for edge in graph.edges if edge.verb is Verb.read] == [Mark.inferred]
        assert len(session.graph("y").of_kind(Kind.source)) == 1
        spelt = Session().run("x = list('a.csv')\ny = list('b.csv')", (read("/d/a.csv", None),))
        assert len(spelt.graph("x").of_kind(Kind.source)) == 1
        assert spelt.graph("y").of_kind(Kind.source) == ()

    def test_code_that_cannot_be_gone_through(self) -> None:
        """What it read is not lost silently."""
        history, space = History(), {}
        history.begin("x = = 1", space, number=1, at=NOON)
        history.end(space, ending=Ending(), readings=[read("/d/a.csv")])
        assert history.gaps == ["In [1] read files, but its code could not be gone through."]

    def test_the_same_source_twice(self) -> None:
        """One node, with the strongest mark for each step."""
        weak = Reading(Address("/d/a.csv"), Mark.inferred, "inotify", 1, size=4, changed=9)
        strong = Reading(Address("/d/a.csv"), Mark.observed, "open", 1, size=4, changed=9)
        graph = Session().run("x = list('a')", (weak, strong)).graph("x")
        assert len(graph.of_kind(Kind.source)) == 1
        assert [edge.mark for edge in graph.edges if edge.verb is Verb.read] == [Mark.observed]


class TestGraph:
    @given(st.integers())
    @settings(deadline=None, max_examples=60)
    def test_any_session_gives_a_graph(self, seed: int) -> None:
        """No circles, ends that exist, the target in it, and no step that leads nowhere."""
        author = Author(seed)
        session = Session()
        for name in NAMES:
            session.run(f"{name} = 1", (read(f"/d/{name}.csv"),))
        for _ in range(5):
            code = author.program(1, 3)
            try:
                session.run("from contextlib import nullcontext\n" + code)
            except (NameError, TypeError):
                session.history.end(session.space, ending=Ending("error"))
        session.graph()
        for name in NAMES:
            if name in session.space and name in session.history.flow.current:
                graph = session.graph(name)
                assert graph.target is not None
                reached = upstream(graph.edges, graph.target)
                assert {node.id for node in graph.nodes} == reached

    def test_a_long_session_is_cut(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The nearest to the target stay, and it is said."""
        monkeypatch.setattr("workbench.capture.drawing.MAX_NODES", 11)
        session = Session().run("x = [0]")
        for _ in range(20):
            session.run("x = [*x, 1]")
        graph = session.graph("x")
        assert len(graph.nodes) == 11
        assert graph.node("step:21").label == "In [21]"
        assert graph.gaps == ("It had 42 nodes; only the nearest 11 are kept.",)

    def test_versions_inside_one_execution_are_no_nodes(self) -> None:
        """Only what is handed on is shown."""
        graph = Session().run("a = [1]\nb = [*a]\nc = [*b]").run("d = [*c]").graph("d")
        assert [node.label for node in graph.of_kind(Kind.data)] == ["c", "d"]

    def test_no_values_are_in_it(self) -> None:
        """Names, types and shapes of data; none of the data."""
        session = Session().run("x = ['anna', 'bert']\nsecret = [4711]").run("y = x + secret")
        data = session.graph("y").of_kind(Kind.data)
        assert {str(sorted(node.details.items())) for node in data if node.label == "x"} == {
            "[('name', 'x'), ('shape', '2'), ('type', 'builtins.list'), ('version', 1)]"
        }
        assert "4711" not in "".join(str(node.details) for node in data)

    def test_a_copy_goes_on_by_itself(self) -> None:
        """Asking in the middle of a cell changes nothing of what comes after."""
        session = Session().run("x = [1]")
        session.history.begin("y = x\nz = y", session.space, number=2, at=NOON)
        session.space["y"] = session.space["x"]
        other = session.history.so_far(session.space, 1, [])
        assert other.flow.current["y"] == ("y", 1)
        assert "y" not in session.history.flow.current
        assert len(session.history.executions) == 1
        assert session.history.running

    def test_ancestry_takes_only_what_leads_there(self) -> None:
        """By statement."""
        session = Session().run("a = [1]; b = [2]").run("c = [*a]")
        ancestry = Ancestry(session.history)
        ancestry.of(("c", 1))
        assert ancestry.places == {(0, 0), (1, 0)}


class TestPlaces:
    @pytest.mark.parametrize(
        ("path", "shown"),
        [
            ("/study/notebooks/data/a.csv", "data/a.csv"),
            ("/study/other/a.csv", "/study/other/a.csv"),
            ("/users/anna/data/a.csv", "~/data/a.csv"),
            ("/home/bert/a.csv", "/home/…/a.csv"),
            ("/Users/Carla B/x/a.csv", "/Users/…/x/a.csv"),
            ("/study/notebooks/a\u202egpj.csv", "a\ufffdgpj.csv"),
            ("/study/notebooks/\udce9.csv", "\ufffd.csv"),
        ],
    )
    def test_no_user_is_named(self, path: str, shown: str) -> None:
        """Near the notebook relative, at home with ~, elsewhere whole."""
        assert PLACES.shown(Address(path)) == shown

    def test_other_addresses_stay(self) -> None:
        """They hold no credentials already."""
        address = Address("postgresql://host/db#t", "sql")
        assert PLACES.shown(address) == "postgresql://host/db#t"

    @given(st.text())
    @settings(deadline=None)
    def test_clean_text_can_be_signed(self, text: str) -> None:
        """Any name of a file and any code becomes text that a record takes."""
        assert no_controls(clean(text)) == clean(text)
        assert no_controls(clean(text, code=True)) == clean(text, code=True)
        assert len(shorten(text, 10)) <= 10


class TestLooks:
    def test_a_print_moves_with_a_change(self) -> None:
        """Of collections, objects and what they hold; not of what is only looked at."""
        held: dict[str, Any] = {"rows": [1, 2], "deep": {"more": {1}}}
        before = print_of(held)
        assert print_of(held) == before
        held["deep"]["more"].add(2)
        assert print_of(held) != before

    def test_attributes_are_read_past_the_class(self) -> None:
        """Properties and slots run no code."""

        class Odd:
            def __getattribute__(self, name: str) -> Any:
                raise RuntimeError(name)

        class Slotted:
            __slots__ = ("x",)

        odd = Odd()
        object.__setattr__(odd, "x", 1)
        assert attributes(odd) == {"x": 1}
        assert attributes(Slotted()) is None

    def test_what_is_inside(self) -> None:
        """By identity, circles included, up to a bound."""
        ring: list[Any] = [[1.5], "text"]
        ring.append(ring)
        assert within(ring) == {id(ring[0]), id(ring[0][0]), id("text")}
        assert len(within([[n] for n in range(5000)])) < 1000

    def test_names(self) -> None:
        """New, bound anew, and IPython's own."""
        one = Names.of({"a": 1, "b": "x", "_i1": ""})
        assert one.rebound(Names.of({"a": 1, "b": "y", "_i1": "x", "c": 2})) == {"b", "c"}
        assert one.rebound(Names.of({"b": "x", "c": 1})) == {"c"}
        assert Names.of({"a": one, "b": 1, "c": one}).called(id(one)) == ["a", "c"]
        assert [n for n in ("_", "__", "_3", "_i", "In", "_x", "x_") if not is_own(n)] == [
            "_x",
            "x_",
        ]
