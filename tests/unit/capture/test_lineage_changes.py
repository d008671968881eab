"""What changes an object in place is part of it, under every name; looking at it is not."""

from __future__ import annotations

import pytest

from tests.unit.capture.notebook import Notebook, notebook
from workbench.origin.graph import Mark, Verb

__all__ = ["notebook"]

IMPORTS = """import pandas as pd
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler"""
ARRAYS = 'import numpy as np\nrows = np.loadtxt("a.txt")\nmore = np.loadtxt("b.txt")'
FIT = 'model = GaussianNB().fit(df[["age", "bmi"]], df["outcome"])'


@pytest.fixture
def arrays(notebook: Notebook) -> Notebook:
    """A notebook that has read two arrays of the same shape."""
    notebook.write("a.txt", "0 1 2 3\n4 5 6 7\n8 9 10 11\n")
    notebook.write("b.txt", "1 1 1 1\n" * 3)
    notebook.ok(ARRAYS)
    return notebook


class TestChanges:
    @pytest.mark.parametrize(
        "change",
        [
            'df["bmi"] = pd.read_csv("b.csv")["bmi"]',
            'df.loc[0, "bmi"] = pd.read_csv("b.csv")["bmi"].max()',
            'df.insert(0, "extra", pd.read_csv("b.csv")["bmi"])',
            'alias = df\nalias["bmi"] = pd.read_csv("b.csv")["bmi"]',
            'both = [df]\nfor one in both:\n    one["bmi"] = pd.read_csv("b.csv")["bmi"]',
            'def add(frame):\n    frame["bmi"] = pd.read_csv("b.csv")["bmi"]\nadd(df)',
            'def add():\n    df["bmi"] = pd.read_csv("b.csv")["bmi"]\nadd()',
            'def inner(f):\n    f["bmi"] = pd.read_csv("b.csv")["bmi"]\n'
            "def add(frame):\n    inner(frame)\nadd(frame=df)",
        ],
    )
    def test_in_place(self, notebook: Notebook, change: str) -> None:
        """What flows into an object later is part of it, whatever it was called then."""
        notebook.write("a.csv")
        notebook.write("b.csv")
        notebook.ok(IMPORTS, 'df = pd.read_csv("a.csv")', change, FIT)
        assert notebook.sources("model") == {"a.csv", "b.csv"}

    def test_an_alias_of_an_earlier_cell(self, notebook: Notebook) -> None:
        """Two names of one object share its changes; a copy does not."""
        notebook.write("a.csv")
        notebook.write("b.csv")
        notebook.ok(
            IMPORTS,
            'df = pd.read_csv("a.csv")',
            "alias = df",
            "apart = df.copy()",
            'alias["bmi"] = pd.read_csv("b.csv")["bmi"]',
            FIT,
        )
        assert notebook.sources("model") == {"a.csv", "b.csv"}
        assert notebook.sources("apart") == {"a.csv"}

    def test_a_collection_that_holds_it(self, notebook: Notebook) -> None:
        """Whoever holds a changed object holds the change."""
        notebook.write("a.csv")
        notebook.write("b.csv")
        notebook.ok(
            IMPORTS,
            'df = pd.read_csv("a.csv")',
            "both = {'all': df}",
            'df["bmi"] = pd.read_csv("b.csv")["bmi"]',
            "del df",
            "df = both['all']",
            FIT,
        )
        assert notebook.sources("model") == {"a.csv", "b.csv"}

    @pytest.mark.parametrize(
        "look",
        [
            "df.head()",
            "df.info()",
            "print(df)",
            "df.describe()",
            "model.predict(df[['age','bmi']])",
            "model.score(df[['age','bmi']], df['outcome'])",
            "shape = df.shape",
            "df.pipe(len)",
            "x = [df.age.max() for _ in range(3)]",
            "df.age.min(), df.age.max()",
            "df.agg('mean')",
        ],
    )
    def test_looking_is_no_change(self, notebook: Notebook, look: str) -> None:
        """Cells that only look at data or model are not part of what came of it later."""
        notebook.write("a.csv")
        notebook.ok(IMPORTS, 'df = pd.read_csv("a.csv")', FIT, look, FIT)
        assert notebook.steps("model") == [2, 5]
        notebook.ok(look)
        assert notebook.steps("model") == [2, 5]

    @pytest.mark.parametrize(
        "change",
        [
            "part = rows[:2]\npart[:] = more[:2]",
            "part = rows.T\npart += more.T",
            "rows.ravel()[:] = more.ravel()",
            "np.add.at(rows, 0, more[0])",
            "np.copyto(rows.reshape(-1), more.reshape(-1))",
        ],
    )
    def test_a_view_of_an_array(self, arrays: Notebook, change: str) -> None:
        """What is done to a part of an array is done to it, also in a later cell."""
        arrays.ok(*change.split("\n"), "total = rows.sum()")
        assert arrays.sources("total") == {"a.txt", "b.txt"}

    def test_a_part_beside_another(self, arrays: Notebook) -> None:
        """Parts of one array that have no cell in common do not share their changes."""
        arrays.ok(
            "left, right = rows[:, :2], rows[:, 2:]",
            "left[:] = more[:, :2]",
            "total = right.sum()",
        )
        assert arrays.sources("total") == {"a.txt"}

    @pytest.mark.parametrize("look", ["rows.min()", "rows.astype(int)", "rows.T.dot(rows)"])
    def test_looking_at_an_array_is_no_change(self, arrays: Notebook, look: str) -> None:
        """Of the methods of arrays, those that change it are known."""
        arrays.ok(look, "total = rows.sum()")
        assert arrays.steps("total") == [1, 3]

    @pytest.mark.parametrize(
        "change",
        ["rows.fill(more[0, 0])", "rows.put([0], more[0, 0])", "rows.sort()", "rows[0] = more[0]"],
    )
    def test_changing_an_array(self, arrays: Notebook, change: str) -> None:
        arrays.ok(change, "total = rows.sum()")
        assert arrays.steps("total") == [1, 2, 3]

    @pytest.mark.parametrize(
        ("kept", "ask"),
        [
            ("    @functools.cached_property\n    def table(self):\n", "ward.table"),
            (
                "    held = {}\n    @classmethod\n    def get(cls):\n        cls.held['t'] =",
                "Ward.get()",
            ),
        ],
    )
    def test_what_a_class_keeps(self, notebook: Notebook, kept: str, ask: str) -> None:
        """A table that an object or its class has read belongs to it from then on."""
        notebook.write("a.csv")
        body = (
            "        return pd.read_csv('a.csv')" if "property" in kept else " pd.read_csv('a.csv')"
        )
        notebook.ok(
            "import functools",
            f"{IMPORTS}\nclass Ward:\n{kept}{body}\nward = Ward()",
            f"{ask}.head()" if "property" in kept else ask,
            "df = ward.table" if "property" in kept else "df = Ward.held['t']",
        )
        assert notebook.sources("df") == {"a.csv"}

    def test_a_step_of_a_pipeline(self, notebook: Notebook) -> None:
        """Fitting the pipeline fits the step that has a name of its own."""
        notebook.write("a.csv")
        notebook.ok(
            IMPORTS,
            "inner = GaussianNB()",
            "pipe = make_pipeline(StandardScaler(), inner)",
            'df = pd.read_csv("a.csv")',
            'pipe.fit(df[["age", "bmi"]], df["outcome"])',
        )
        assert notebook.sources("pipe") == {"a.csv"}
        assert notebook.sources("inner") == {"a.csv"}

    def test_torch(self, notebook: Notebook) -> None:
        """An optimiser's step changes the network that it holds the parameters of."""
        notebook.write("a.csv")
        notebook.write("b.csv")
        notebook.ok(
            IMPORTS + "\nimport torch",
            'df = pd.read_csv("a.csv")\nother = pd.read_csv("b.csv")',
            "net = torch.nn.Linear(2, 1)\nidle = torch.nn.Linear(2, 1)",
            "steps = torch.optim.SGD(net.parameters(), lr=1e-4)",
            'rows = torch.tensor(df[["age", "bmi"]].to_numpy(), dtype=torch.float32)',
            "def train(batch):\n    steps.zero_grad()\n"
            "    net(batch).sum().backward()\n    steps.step()",
            "for _ in range(2):\n    train(rows)",
            "print(idle(rows).sum(), len(other))",
        )
        assert notebook.sources("net") == {"a.csv"}
        assert notebook.sources("idle") == set()
        changed = [e for e in notebook.graph("net").edges if e.verb is Verb.changed]
        assert {(e.source, e.mark) for e in changed if "net" in e.target} == {
            ("step:7", Mark.observed)
        }
