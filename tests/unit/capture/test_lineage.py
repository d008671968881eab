"""What a model came of, as notebooks are really written: every source found, nothing unrelated."""

from __future__ import annotations

import sqlite3

import pytest

from tests.unit.capture.notebook import Notebook, notebook
from workbench.origin.graph import Dataset, Kind, Mark, Verb, upstream
from workbench.vocabulary import Sensitivity

__all__ = ["notebook"]

IMPORTS = """import pandas as pd
import numpy as np
from sklearn.naive_bayes import GaussianNB
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler"""
FIT = 'model = GaussianNB().fit(df[["age", "bmi"]], df["outcome"])'
WARDS = Dataset(name="Wards", classification=Sensitivity.confidential)


class TestAncestors:
    def test_read_split_fit(self, notebook: Notebook) -> None:
        """The path from the file to the model is whole; the cells beside it are not on it."""
        notebook.write("patients.csv")
        notebook.write("unrelated.csv")
        notebook.ok(
            IMPORTS,
            'df = pd.read_csv("patients.csv")',
            'other = pd.read_csv("unrelated.csv")\nother.describe()',
            "df.head()",
            'X, y = df[["age", "bmi"]], df["outcome"]',
            "Xtr, Xte, ytr, yte = train_test_split(X, y, random_state=0)",
            "model = make_pipeline(StandardScaler(), GaussianNB())",
            "model.fit(Xtr, ytr)",
            "print(model.score(Xte, yte), len(other))",
        )
        assert notebook.sources("model") == {"patients.csv"}
        assert notebook.steps("model") == [2, 5, 6, 7, 8]

    def test_marks_say_how_each_edge_is_known(self, notebook: Notebook) -> None:
        """A file seen opened and an object seen replaced are observed; uses come from the code."""
        notebook.write("patients.csv")
        notebook.ok(IMPORTS, 'df = pd.read_csv("patients.csv")', FIT)
        graph = notebook.graph("model")
        marks = {(edge.source, edge.verb, edge.target): edge.mark for edge in graph.edges}
        assert marks == {
            ("source:1", Verb.read, "step:2"): Mark.observed,
            ("step:2", Verb.made, "data:df:1"): Mark.observed,
            ("data:df:1", Verb.used, "step:3"): Mark.resolved,
            ("step:3", Verb.made, "model:model:1"): Mark.observed,
        }

    @pytest.mark.parametrize(
        "cell",
        [
            'df = pd.read_csv("a.csv"); other = pd.read_csv("b.csv")',
            'df = pd.read_csv("a.csv")\nother = pd.read_csv("b.csv")',
            '%%time\ndf = pd.read_csv("a.csv")\nother = pd.read_csv("b.csv")',
            'here, there = "a.csv", "b.csv"\ndf = pd.read_csv(here); other = pd.read_csv(there)',
            'with open("a.csv") as file:\n    df = pd.read_csv(file)\nother = pd.read_csv("b.csv")',
            'with pd.option_context("display.width", 9):\n'
            '    df = pd.read_csv("a.csv")\n    other = pd.read_csv("b.csv")',
            "def read(name):\n    return pd.read_csv(name)\n"
            'other = read("b.csv")\ndf = read("a.csv")',
        ],
    )
    def test_a_cell_that_reads_two_files_gives_each_to_its_own(
        self, notebook: Notebook, cell: str
    ) -> None:
        """Statements are followed, not cells."""
        notebook.write("a.csv")
        notebook.write("b.csv")
        notebook.ok(IMPORTS, cell, FIT)
        assert notebook.sources("model") == {"a.csv"}
        assert notebook.sources("other") == {"b.csv"}

    def test_a_function_that_reads_two_files(self, notebook: Notebook) -> None:
        """Which of them it gave back was not seen, so neither is called observed."""
        notebook.write("a.csv")
        notebook.write("note.csv")
        notebook.ok(
            IMPORTS,
            'def load(name):\n    print(len(pd.read_csv("note.csv")))\n'
            "    return pd.read_csv(name)",
            'df = load("a.csv")',
            FIT,
        )
        graph = notebook.graph("model")
        marks = {
            str(graph.node(edge.source).details["address"]): edge.mark
            for edge in graph.edges
            if edge.verb is Verb.read
        }
        assert marks == {"a.csv": Mark.inferred, "note.csv": Mark.inferred}

    @pytest.mark.parametrize("query", ['"select * from df"', "query"])
    def test_a_query_that_names_a_table(self, notebook: Notebook, query: str) -> None:
        """DuckDB finds tables by the names they have in the notebook."""
        notebook.write("a.csv")
        notebook.ok(IMPORTS + "\nimport duckdb", 'df = pd.read_csv("a.csv")')
        notebook.ok('query = "select * from df"', f"other = duckdb.sql({query}).df()")
        assert notebook.sources("other") == {"a.csv"}

    def test_a_loop_over_paths(self, notebook: Notebook) -> None:
        """Each file of the loop is a source."""
        for name in ("a", "b", "c"):
            notebook.write(f"wards/{name}.csv")
        notebook.ok(
            IMPORTS + "\nfrom glob import glob",
            'parts = []\nfor path in sorted(glob("wards/*.csv")):\n'
            "    part = pd.read_csv(path)\n    parts.append(part)",
            "df = pd.concat(parts)",
            FIT,
        )
        assert notebook.sources("model") == {"wards/a.csv", "wards/b.csv", "wards/c.csv"}

    def test_globals_that_a_function_uses(self, notebook: Notebook) -> None:
        """What a function reads when it is called belongs to the call, through other functions."""
        notebook.write("patients.csv")
        notebook.write("limits.csv")
        notebook.ok(
            IMPORTS,
            'limits = pd.read_csv("limits.csv")',
            "def cut(frame):\n    return frame[frame.age < limits.age.max() + 1]",
            "def prepare(frame):\n    return cut(frame).copy()",
            'df = prepare(pd.read_csv("patients.csv"))',
            FIT,
        )
        assert notebook.sources("model") == {"patients.csv", "limits.csv"}
        assert {node.label for node in notebook.graph("model").of_kind(Kind.function)} == {
            "cut",
            "prepare",
        }

    def test_a_class_of_the_notebook(self, notebook: Notebook) -> None:
        """Methods read names of the notebook as functions do."""
        notebook.write("patients.csv")
        notebook.write("limits.csv")
        notebook.ok(
            IMPORTS + "\nfrom sklearn.base import BaseEstimator, TransformerMixin",
            'limits = pd.read_csv("limits.csv")',
            "class Cut(TransformerMixin, BaseEstimator):\n"
            "    def fit(self, rows, labels=None):\n        return self\n"
            "    def transform(self, rows):\n        return rows.clip(upper=limits.age.max())",
            'df = pd.read_csv("patients.csv")',
            "model = make_pipeline(Cut(), GaussianNB())",
            'model.fit(df[["age", "bmi"]], df["outcome"])',
        )
        assert notebook.sources("model") == {"patients.csv", "limits.csv"}

    def test_a_helper_module(self, notebook: Notebook) -> None:
        """A module beside the notebook reads for the statement that calls it."""
        notebook.write("a.csv")
        notebook.write("b.csv")
        notebook.write(
            "ward_reader.py", "import pandas as pd\ndef load(n): return pd.read_csv(n)\n"
        )
        notebook.ok(
            IMPORTS + "\nfrom ward_reader import load",
            'df = load("a.csv")\nother = load("b.csv")',
            FIT,
        )
        assert notebook.sources("model") == {"a.csv"}
        assert notebook.steps("model") == [2, 3]

    def test_a_module_that_reads_when_it_is_imported(self, notebook: Notebook) -> None:
        """Only then is an import a step."""
        notebook.write("a.csv")
        notebook.write("ward_data.py", 'import pandas as pd\nROWS = pd.read_csv("a.csv")\n')
        notebook.ok(
            IMPORTS,
            "import ward_data",
            "df = ward_data.ROWS",
            FIT,
        )
        assert notebook.sources("model") == {"a.csv"}
        assert notebook.steps("model") == [2, 3, 4]


class TestOrder:
    def test_cells_out_of_order(self, notebook: Notebook) -> None:
        """What counts is which ran first, and a later run takes nothing from an earlier one."""
        notebook.write("a.csv")
        notebook.write("b.csv")
        notebook.ok(IMPORTS, 'df = pd.read_csv("a.csv")', FIT, 'df = pd.read_csv("b.csv")')
        assert notebook.sources("model") == {"a.csv"}
        notebook.ok(FIT)
        assert notebook.sources("model") == {"b.csv"}
        assert notebook.steps("model") == [4, 5]

    def test_a_cell_run_again_with_other_data(self, notebook: Notebook) -> None:
        """The same code reads what its names stand for now."""
        notebook.write("a.csv")
        notebook.write("b.csv")
        read = "df = None\nfor path in paths:\n    df = pd.read_csv(path)"
        notebook.ok(IMPORTS, 'paths = ["a.csv"]', read, 'paths = ["b.csv"]', read, FIT)
        assert notebook.sources("model") == {"b.csv"}

    def test_a_branch_not_taken_makes_nothing(self, notebook: Notebook) -> None:
        """The namespace shows that the name was not bound."""
        notebook.write("a.csv")
        notebook.write("b.csv")
        notebook.ok(
            IMPORTS,
            'df = pd.read_csv("a.csv")',
            'if len(df) > 99:\n    df = pd.read_csv("b.csv")',
            FIT,
        )
        assert notebook.steps("model") == [2, 4]

    def test_a_branch_taken_replaces(self, notebook: Notebook) -> None:
        """What was there before it is no ancestor."""
        notebook.write("a.csv")
        notebook.write("b.csv")
        notebook.ok(
            IMPORTS, 'df = pd.read_csv("a.csv")', 'if True:\n    df = pd.read_csv("b.csv")', FIT
        )
        assert notebook.sources("model") == {"b.csv"}
        assert notebook.steps("model") == [3, 4]

    def test_the_output_of_a_cell(self, notebook: Notebook) -> None:
        """``_`` and ``Out[2]`` stand for what a cell showed."""
        notebook.write("a.csv")
        notebook.ok(IMPORTS, 'pd.read_csv("a.csv")', "first = _", "df = Out[2]", FIT)
        assert notebook.sources("first") == {"a.csv"}
        assert notebook.sources("model") == {"a.csv"}


class TestFiles:
    def test_a_file_between_two_cells(self, notebook: Notebook) -> None:
        """What was written and read back leads on to what it was made of."""
        notebook.write("a.csv")
        notebook.ok(
            IMPORTS,
            'raw = pd.read_csv("a.csv")\nraw.to_csv("clean.csv", index=False)',
            'df = pd.read_csv("clean.csv")',
            FIT,
        )
        graph = notebook.graph("model")
        assert notebook.sources("model") == {"a.csv"}
        assert [node.details["address"] for node in graph.of_kind(Kind.file)] == ["clean.csv"]
        file = graph.of_kind(Kind.file)[0].id
        assert {
            (e.source, e.verb, e.target) for e in graph.edges if file in (e.source, e.target)
        } == {
            ("step:2", Verb.wrote, file),
            (file, Verb.read, "step:3"),
        }

    def test_written_and_read_in_one_cell(self, notebook: Notebook) -> None:
        """There is no circle, and the source is found."""
        notebook.write("a.csv")
        notebook.ok(
            IMPORTS,
            'pd.read_csv("a.csv").to_csv("b.csv", index=False)\ndf = pd.read_csv("b.csv")',
            FIT,
        )
        assert notebook.sources("model") == {"a.csv"}

    def test_a_file_that_changed_between_two_reads(self, notebook: Notebook) -> None:
        """Two states of a file are two sources, each with its digest."""
        notebook.write("a.csv")
        notebook.ok(IMPORTS, 'df = pd.read_csv("a.csv")')
        notebook.write("a.csv", "age,bmi,outcome\n1,2,0\n3,4,1\n")
        notebook.ok('df = pd.concat([df, pd.read_csv("a.csv")])', FIT)
        nodes = notebook.graph("model").of_kind(Kind.source)
        assert [node.details["address"] for node in nodes] == ["a.csv", "a.csv"]
        assert len({node.details["digest"] for node in nodes}) == 2

    def test_an_sqlite_file(self, notebook: Notebook) -> None:
        """A connection is followed like any object."""
        base = sqlite3.connect(notebook.folder / "wards.db")
        base.execute(
            "create table w as select 61 as age, 25.0 as bmi, 1 as outcome union select 4, 5, 0"
        )
        base.commit()
        base.close()
        notebook.ok(
            IMPORTS + "\nimport sqlite3",
            'base = sqlite3.connect("wards.db")',
            'df = pd.read_sql("select * from w", base)',
            FIT,
        )
        assert notebook.steps("model") == [2, 3, 4]


class TestSaid:
    def test_of_a_path(self, notebook: Notebook) -> None:
        """A file that was marked is marked where it is read, before or after."""
        path = notebook.write("a.csv")
        notebook.tracker.mark(path, WARDS)
        notebook.ok(IMPORTS, 'df = pd.read_csv("a.csv")', FIT)
        assert [n.dataset for n in notebook.graph("model").of_kind(Kind.source)] == [WARDS]

    def test_of_a_variable(self, notebook: Notebook) -> None:
        """The version that was marked carries it, and what comes of it lies downstream."""
        notebook.write("a.csv")
        notebook.ok(IMPORTS, 'df = pd.read_csv("a.csv")')
        notebook.tracker.mark(notebook.shell.user_ns["df"], WARDS)
        notebook.ok(FIT)
        marked = [node.id for node in notebook.graph("model").nodes if node.dataset is not None]
        assert marked == ["data:df:1"]
        assert dict(notebook.tracker.marks) == {"df": WARDS}

    def test_inside_one_cell(self, notebook: Notebook) -> None:
        """A mark is not lost where data is read, marked and used up in one cell."""
        notebook.write("a.csv")
        notebook.shell.user_ns["say"] = lambda value: notebook.tracker.mark(value, WARDS)
        notebook.ok(IMPORTS, f'df = pd.read_csv("a.csv")\nsay(df)\ndf["age"] += 1\n{FIT}')
        graph = notebook.graph("model")
        assert graph.target is not None
        ancestors = upstream(graph.edges, graph.target)
        assert any(node.dataset == WARDS for node in graph.nodes if node.id in ancestors)

    def test_of_something_without_a_name(self, notebook: Notebook) -> None:
        """Then the step that used it carries the mark."""
        notebook.write("a.csv")

        def say(value: object) -> object:
            notebook.tracker.mark(value, WARDS)
            return value

        notebook.shell.user_ns["say"] = say
        notebook.ok(
            IMPORTS,
            "def parts(frame):\n    return frame[['age']], frame['outcome']",
            'model = GaussianNB().fit(*parts(say(pd.read_csv("a.csv"))))',
        )
        marked = [node.id for node in notebook.graph("model").nodes if node.dataset is not None]
        assert marked == ["step:3"]

    def test_a_release_opened_here(self, notebook: Notebook) -> None:
        """It feeds the statement that opened it."""
        digest = "sha256:" + "0" * 64

        def opened() -> list[int]:
            value = [1]
            notebook.tracker.came_from(value, "anna/parent:1", digest)
            return value

        notebook.shell.user_ns["opened"] = opened
        notebook.ok("base = opened()\nother = [2]", "child = [*base, 1]")
        graph = notebook.graph("child")
        assert [node.details["ref"] for node in graph.of_kind(Kind.release)] == ["anna/parent:1"]
        assert notebook.graph("other").of_kind(Kind.release) == ()


def test_tables_and_arrays_show_their_shape(notebook: Notebook) -> None:
    """Also those whose class keeps its module to itself, as NumPy's do."""
    notebook.write("patients.csv")
    notebook.ok(IMPORTS, 'df = pd.read_csv("patients.csv")', "array = df.to_numpy()")
    notebook.ok("model = GaussianNB().fit(array[:, :2], array[:, 2])")
    shapes = {
        str(node.details["name"]): node.details.get("shape")
        for node in notebook.graph("model").of_kind(Kind.data)
    }
    assert shapes == {"df": "6 × 3", "array": "6 × 3"}
