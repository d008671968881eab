"""What differs between two releases, and that it reads the same from both ends."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.origin.samples import (
    ANY,
    CODE,
    DOSSIER,
    ENVIRONMENT,
    GRAPH,
    PATIENTS,
    TRAINING,
    digests,
    environments,
    graphs,
    notebook,
    notebooks,
    source,
    trainings,
    turned_lines,
)
from workbench.encoding import digest
from workbench.origin import cells
from workbench.origin.changes import MAX_CHANGES, Change, Record, Section, between
from workbench.origin.graph import Dataset, Graph
from workbench.origin.record import Cell, Git, Notebook
from workbench.vocabulary import Sensitivity

RECORD = Record(
    graph=GRAPH,
    training=TRAINING,
    environment=ENVIRONMENT,
    notebook=notebook(*CODE),
    files=DOSSIER.files,
)
TITLES = ["Data", "Code", "Settings", "Environment", "Measures", "Files"]


def section(title: str, before: Record, after: Record) -> Section:
    [found] = [one for one in between(before, after) if one.title == title]
    return found


def changed(title: str, before: Record, after: Record) -> list[tuple[str, str, str, str]]:
    return [
        (one.name, one.kind, one.before, one.after) for one in section(title, before, after).changes
    ]


def of_code(before: Notebook, after: Notebook) -> tuple[Change, ...]:
    return section("Code", Record(notebook=before), Record(notebook=after)).changes


def files() -> st.SearchStrategy[tuple[tuple[str, str], ...]]:
    hexes = digests.map(lambda it: it.removeprefix("sha256:"))
    found = st.dictionaries(st.sampled_from("abc"), hexes, max_size=3)
    return found.map(lambda them: tuple(them.items()))


def records() -> st.SearchStrategy[Record]:
    return st.builds(
        Record,
        graph=st.sampled_from((None, GRAPH)) | graphs(),
        training=st.sampled_from((None, TRAINING)) | trainings(),
        environment=st.sampled_from((None, ENVIRONMENT)) | environments(),
        notebook=st.sampled_from((None, RECORD.notebook)) | notebooks(),
        files=files(),
    )


def turned(change: Change) -> Change:
    kinds = {"added": "removed", "removed": "added", "changed": "changed"}
    return Change(
        name=" → ".join(reversed(change.name.split(" → "))),
        kind=kinds[change.kind],
        before=change.after,
        after=change.before,
        lines=turned_lines(change.lines),
    )


def rise(change: Change) -> Change:
    """A change of a measure without the sign at its end, which is turned round by itself."""
    return Change(**change.model_dump() | {"after": re.sub(r" \([+-].*\)$", "", change.after)})


def key(change: Change) -> str:
    return change.model_dump_json()


class TestProperties:
    @ANY
    @given(records())
    @example(RECORD)
    def test_nothing_differs_from_itself(self, record: Record) -> None:
        """Six sections, always in the same order, without a change."""
        sections = between(record, record)
        assert [one.title for one in sections] == TITLES
        assert [one.changes for one in sections] == [()] * 6

    @ANY
    @given(records(), records())
    def test_the_other_way_round_it_is_mirrored(self, before: Record, after: Record) -> None:
        """What was added was removed, each line has the other sign, as much is the same."""
        for there, back in zip(between(before, after), between(after, before), strict=True):
            assert there.same == back.same
            if there.title == "Measures":
                there = there.model_copy(update={"changes": tuple(map(rise, there.changes))})
                back = back.model_copy(update={"changes": tuple(map(rise, back.changes))})
            assert sorted(map(turned, there.changes), key=key) == sorted(back.changes, key=key)


class TestData:
    def test_other_sources(self) -> None:
        """By address: one with other content, one gone, one new."""
        before = Graph(nodes=(source("a"), source("b"), source("c")))
        after = Graph(nodes=(source("a"), source("b", "other"), source("d")))
        short = {name: digest(name.encode())[:19] + "…" for name in ("a", "b", "c", "d", "other")}
        found = section("Data", Record(graph=before), Record(graph=after))
        assert found.same == 1
        assert [(one.name, one.kind, one.before, one.after) for one in found.changes] == [
            ("/home/rita/study/b.csv", "changed", short["b"], short["other"]),
            ("/home/rita/study/c.csv", "removed", short["c"], ""),
            ("/home/rita/study/d.csv", "added", "", short["d"]),
        ]

    def test_another_label(self) -> None:
        """What was said of data counts like the data itself."""
        mark = Dataset(
            name="patients",
            classification=Sensitivity.restricted,
            regions=("de",),
            licence="as agreed",
            annotations={"guideline": "v4"},
        )
        before = Record(graph=Graph(nodes=(source("a", dataset=PATIENTS),)))
        after = Record(graph=Graph(nodes=(source("a", dataset=mark),)))
        assert changed("Data", before, after) == [
            ("guideline of patients", "changed", "v3", "v4"),
            (
                "label of patients",
                "changed",
                "confidential · de, fr · CC-BY-NC-4.0",
                "restricted · de · as agreed",
            ),
            ("labelled by of patients", "removed", "two radiologists", ""),
            ("origin of patients", "removed", "Ward 7, 2019 to 2024", ""),
        ]

    def test_another_parent(self) -> None:
        """A release that was built upon is data too; what leads elsewhere does not count."""
        parent = GRAPH.node("parent")
        details = parent.details | {"manifest": digest(b"other base")}
        nodes = tuple(
            one.model_copy(update={"details": details})
            if one.id == "parent"
            else source("unrelated", "other")
            if one.id == "unrelated"
            else one
            for one in GRAPH.nodes
        )
        after = Record(graph=Graph(nodes=nodes, edges=GRAPH.edges, target=GRAPH.target))
        [(name, kind, _, _)] = changed("Data", RECORD, after)
        assert (name, kind) == ("release clinic/base:1.0", "changed")


class TestCode:
    def test_a_changed_line(self) -> None:
        """Is shown with its sign, and the lines around it without."""
        book = notebook(*CODE[:3], CODE[3].replace("0.5", "0.1"), CODE[4])
        found = section("Code", RECORD, Record(notebook=book))
        assert found.same == 4
        [change] = found.changes
        assert (change.name, change.kind, change.before, change.after) == (
            *("In [4]", "changed", "1 line", "1 line"),
        )
        assert change.lines == (f"-{CODE[3]}", f"+{CODE[3].replace('0.5', '0.1')}")

    def test_added_and_removed_cells(self) -> None:
        """With all their lines."""
        before, after = notebook("a = 1", "gone()\nfor ever()"), notebook("a = 1")
        [change] = of_code(before, after)
        assert (change.name, change.kind, change.before) == ("In [2]", "removed", "2 lines")
        assert change.lines == ("-gone()", "-for ever()")
        [change] = of_code(after, before)
        assert (change.kind, change.after) == ("added", "2 lines")
        assert change.lines == ("+gone()", "+for ever()")

    def test_a_cell_is_known_by_its_id_its_code_or_its_likeness(self) -> None:
        """A notebook without identifiers is compared as well as one with them."""
        for ids in (True, False):
            before = notebook("x = load('a')", "y = x + 1", "z = plot(y)", ids=ids)
            after = notebook("x = load('b')", "y = x + 1", "z = plot(y)", ids=ids)
            [change] = of_code(before, after)
            assert change.kind == "changed"
            assert change.lines == ("-x = load('a')", "+x = load('b')")

    def test_unlike_cells_are_not_paired(self) -> None:
        """One was removed, another added."""
        before, after = notebook("x = 1", ids=False), notebook("import os", ids=False)
        assert sorted(change.kind for change in of_code(before, after)) == ["added", "removed"]

    def test_a_cell_in_another_place(self) -> None:
        """Only the one that moved is named, with its places; its lines are the same."""
        before = notebook("a()", "b()", "c()", "d()", ids=False)
        after = notebook("b()", "c()", "d()", "a()", ids=False)
        [change] = of_code(before, after)
        assert (change.name, change.before, change.after) == (
            "In [1] → In [4]",
            "place 1",
            "place 4",
        )
        assert change.lines == ()

    def test_a_cell_that_ran_again_counts_as_it_ran_last(self) -> None:
        """In the place of its last run."""
        first = Cell(execution=1, cell="one", digest=digest(b"a"), code="a = 1")
        other = Cell(execution=2, cell="two", digest=digest(b"b"), code="b = a")
        again = Cell(execution=3, cell="one", digest=digest(b"c"), code="a = 2")
        assert cells.latest((first, other, again)) == (other, again)
        before = Notebook(cells=(other, again))
        assert of_code(before, Notebook(cells=(first, other, again))) == ()

    def test_code_that_was_withheld_says_so(self) -> None:
        """There are no lines to show then."""
        cell = Cell(execution=1, cell="x", digest=digest(b"a"), code="", withheld="a password")
        other = cell.model_copy(update={"digest": digest(b"b"), "code": "a = 1", "withheld": ""})
        [change] = of_code(Notebook(cells=(cell,)), Notebook(cells=(other,)))
        assert (change.before, change.after) == ("code withheld: a password", "1 line")

    def test_large_notebooks_are_compared_all_the_same(self) -> None:
        """Without looking for likeness among thousands."""
        before = notebook(*(f"a{n} = 1" for n in range(300)), ids=False)
        after = notebook(*(f"b{n} = 1" for n in range(300)), ids=False)
        changes = of_code(before, after)
        assert len(changes) == 600
        assert {change.kind for change in changes} == {"added", "removed"}


class TestTheRest:
    def test_settings(self) -> None:
        """Hyperparameters by the part they belong to; a number is not its text's shape."""
        parts = (
            TRAINING.parts[0],
            TRAINING.parts[1].model_copy(
                update={"parameters": {"C": 1.0, "penalty": None, "max_iter": 100.0, "tol": 0.1}}
            ),
        )
        training = TRAINING.model_copy(update={"parts": parts, "seeds": {"numpy": 8}})
        assert changed("Settings", RECORD, Record(training=training)) == [
            ("pipeline.clf.C", "changed", "0.5", "1"),
            ("pipeline.clf.penalty", "changed", "l2", "None"),
            ("pipeline.clf.random_state", "removed", "None", ""),
            ("pipeline.clf.tol", "added", "", "0.1"),
            ("seed of numpy", "changed", "7", "8"),
        ]

    def test_surroundings(self) -> None:
        """Python, packages, the machine and the state of the repository."""
        environment = ENVIRONMENT.model_copy(
            update={
                "python": "3.12.1",
                "packages": {"scikit-learn": "1.9.1", "torch": "2.13.0+cpu", "xgboost": "3.2"},
                "machine": {**ENVIRONMENT.machine, "cores": 8},
                "git": Git(commit="cd" * 20, dirty=False),
            }
        )
        assert changed("Environment", RECORD, Record(environment=environment)) == [
            ("Python", "changed", "3.11.9", "3.12.1"),
            ("git commit", "changed", "ab" * 20, "cd" * 20),
            ("machine cores", "changed", "2", "8"),
            ("package scikit-learn", "changed", "1.9.0", "1.9.1"),
            ("package typing_extensions", "removed", "4.16.0", ""),
            ("package xgboost", "added", "", "3.2"),
            ("uncommitted changes", "changed", "yes", "no"),
        ]

    def test_measures(self) -> None:
        """By name and data, with how much they rose or fell."""
        accuracy, recall = TRAINING.metrics
        metrics = (
            accuracy.model_copy(update={"value": 0.9}),
            accuracy.model_copy(update={"value": 0.95}),
            recall.model_copy(update={"on": "other"}),
        )
        training = TRAINING.model_copy(update={"metrics": metrics})
        assert changed("Measures", RECORD, Record(training=training)) == [
            ("accuracy on test", "changed", "0.93", "0.95 (+0.02)"),
            ("recall on other", "added", "", "0.9"),
            ("recall on test", "removed", "0.9", ""),
        ]
        [fell, *_] = changed("Measures", Record(training=training), RECORD)
        assert fell[3] == "0.93 (-0.02)"

    def test_files(self) -> None:
        """By name, with the beginning of their digests."""
        other = Record(files=(("model.skops", "0" * 64), ("card.md", "1" * 64)))
        found = changed("Files", RECORD, other)
        assert [(name, kind, after) for name, kind, _, after in found] == [
            ("card.md", "added", "sha256:111111111111…"),
            ("model.skops", "changed", "sha256:000000000000…"),
        ]

    @pytest.mark.parametrize("title", TITLES[:5])
    def test_what_was_not_recorded_is_not_new(self, title: str) -> None:
        """A release from before capture says so once, instead of everything being added."""
        assert changed(title, Record(), RECORD) == [(title, "added", "not recorded", "recorded")]
        assert changed(title, RECORD, Record()) == [(title, "removed", "recorded", "not recorded")]
        assert changed(title, Record(), Record()) == []

    def test_there_is_an_end_to_it(self) -> None:
        """Of very many changes the first are shown, and how many are left out."""
        many = Record(files=tuple((f"{n:05}", "0" * 64) for n in range(MAX_CHANGES + 7)))
        found = section("Files", Record(), many)
        assert (len(found.changes), found.left_out) == (MAX_CHANGES, 7)

    def test_long_names_and_values_are_cut(self) -> None:
        """Of a name the end stays, of a value the beginning."""
        where = f"/home/{'x' * 2000}/end.csv"
        graph = Graph(nodes=(source("a", address=where, digest="d" * 2000),))
        [(name, _, _, after)] = changed("Data", Record(graph=Graph()), Record(graph=graph))
        assert name.startswith("…x")
        assert name.endswith("/end.csv")
        assert after == "d" * 500 + "…"

    def test_it_can_be_sent(self) -> None:
        """Sections have a byte form, for a screen elsewhere."""
        [data, *_] = between(Record(), RECORD)
        assert Section.from_bytes(data.to_bytes()) == data
