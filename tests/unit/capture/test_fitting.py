"""Which variables a model was trained on, and which it has not seen, as notebooks are written."""

from __future__ import annotations

import pytest

from tests.unit.capture.notebook import Notebook, notebook
from tests.unit.capture.training_cells import FIT, SPLIT, TEST, TRAIN, fitted
from workbench.capture.fitting import Fitted

__all__ = ["notebook"]

SAME_SPLIT = {
    "one cell for each": [SPLIT, "model = GaussianNB()", "model.fit(X_train, y_train)"],
    "all in one cell": [f"{SPLIT}\nmodel = GaussianNB()\nmodel.fit(X_train, y_train)"],
    "one line": [SPLIT, "model = GaussianNB(); model.fit(X_train, y_train); print(1)"],
    "assigned": [SPLIT, FIT],
    "by keyword": [SPLIT, "model = GaussianNB().fit(y=y_train, X=X_train)"],
    "assigned to itself": [SPLIT, "model = GaussianNB()", "model = model.fit(X_train, y_train)"],
    "a pipeline": [
        SPLIT,
        "model = make_pipeline(StandardScaler(), GaussianNB()).fit(X_train, y_train)",
    ],
    "a named pipeline": [
        SPLIT,
        "model = Pipeline([('s', StandardScaler()), ('c', GaussianNB())])",
        "model.fit(X_train, y_train)",
    ],
    "a grid search": [
        SPLIT,
        "model = GridSearchCV(LogisticRegression(), {'C': [1, 2]}, cv=3)",
        "model.fit(X_train, y_train)",
    ],
    "the best of a grid search": [
        SPLIT,
        "search = GridSearchCV(LogisticRegression(), {'C': [1, 2]}, cv=3)",
        "search.fit(X_train, y_train)",
        "model = search.best_estimator_",
    ],
    "the best at once": [
        SPLIT,
        "model = GridSearchCV(LogisticRegression(), {'C': [1]}, cv=3)"
        ".fit(X_train, y_train).best_estimator_",
    ],
    "the best of several": [
        SPLIT,
        "models = [SGDClassifier(alpha=a).fit(X_train, y_train) for a in (0.1, 1.0)]",
        "model = max(models, key=lambda one: one.score(X_train, y_train))",
    ],
    "the first of several in order": [
        SPLIT,
        "models = [SGDClassifier(alpha=a).fit(X_train, y_train) for a in (0.1, 1.0)]",
        "model = sorted(models, key=lambda one: one.alpha)[0]",
    ],
    "another name": [SPLIT, "clf = GaussianNB().fit(X_train, y_train)", "model = clf"],
    "two names": [SPLIT, "a = model = GaussianNB()", "a.fit(X_train, y_train)"],
    "a copy": [SPLIT, "clf = GaussianNB().fit(X_train, y_train)", "model = copy.deepcopy(clf)"],
    "weights": [
        SPLIT,
        "w = np.ones(len(X_train))\nmodel = GaussianNB().fit(X_train, y_train, sample_weight=w)",
    ],
    "timed": [SPLIT, "model = GaussianNB()", "%time model.fit(X_train, y_train)"],
    "a timed cell": [SPLIT, "%%time\nmodel = GaussianNB()\nmodel.fit(X_train, y_train)"],
    "captured": [SPLIT, "%%capture out\nmodel = GaussianNB().fit(X_train, y_train)"],
    "inside with": [
        SPLIT,
        "with np.errstate(all='ignore'):\n    text = '''\nleft\n'''\n"
        "    model = GaussianNB().fit(X_train,\n  y_train)",
    ],
    "a branch taken": [SPLIT, "if len(X) > 3:\n    model = GaussianNB().fit(X_train, y_train)"],
    "a branch not taken": [SPLIT, FIT, "if len(X) > 99:\n    model.fit(X, y)"],
    "an attempt": [
        SPLIT,
        "try:\n    model = GaussianNB().fit(X_train, y_train)\nexcept ValueError:\n    pass",
    ],
    "either way the same": [
        SPLIT,
        "if len(X) > 3:\n    model = GaussianNB().fit(X_train, y_train)\n"
        "else:\n    model = LogisticRegression().fit(X_train, y_train)",
    ],
    "a loop over seeds": [
        SPLIT,
        "for seed in range(2):\n    model = SGDClassifier(random_state=seed)\n"
        "    model.fit(X_train, y_train)",
    ],
    "a loop over models": [
        SPLIT,
        "model, other = GaussianNB(), LogisticRegression()",
        "for one in (model, other):\n    one.fit(X_train, y_train)",
    ],
    "out of a dictionary": [
        SPLIT,
        "models = {'nb': GaussianNB(), 'lr': LogisticRegression()}",
        "for name, one in models.items():\n    one.fit(X_train, y_train)",
        "model = models['nb']",
    ],
    "put into a dictionary": [
        SPLIT,
        "models = {}",
        "for kind in (GaussianNB, LogisticRegression):\n"
        "    clf = kind()\n    clf.fit(X_train, y_train)\n    models[kind.__name__] = clf",
        "model = models['GaussianNB']",
    ],
    "a comprehension": [
        SPLIT,
        "models = [kind().fit(X_train, y_train) for kind in (GaussianNB, LogisticRegression)]",
        "model = models[0]",
    ],
    "refitted on the same": [SPLIT, FIT, "model.fit(X_train, y_train)"],
    "newest counts": [SPLIT, "model = GaussianNB().fit(X, y)", "model.fit(X_train, y_train)"],
    "out of order": [SPLIT, "model = GaussianNB()", "model.fit(X_train, y_train)", "len(X_train)"],
    "after an error": [SPLIT, FIT],
    "settings changed since": [SPLIT, FIT, "model.set_params(var_smoothing=1e-8)"],
    "predicted since": [SPLIT, FIT, "p = model.predict(X)", "X_train.describe()\nX_train.head()"],
    "models swapped": [
        SPLIT,
        "other, model = GaussianNB().fit(X_train, y_train), GaussianNB()",
        "model, other = other, model",
    ],
    "swapped names": [
        "X_test, X_train, y_test, y_train = train_test_split(X, y, train_size=0.2)",
        FIT,
    ],
    "arrays": [
        "X, y = X.to_numpy(), y.to_numpy()",
        SPLIT,
        FIT,
        "X_train.min()",
    ],
    "a function that splits": [
        "def halves(X, y):\n    return train_test_split(X, y, random_state=0)",
        "X_train, X_test, y_train, y_test = halves(X, y)",
        FIT,
    ],
    "a function that names the halves": [
        "def halves(table):\n    a, b, c, d = train_test_split(table[['a', 'b']], table.y)\n"
        "    return a, b, c, d",
        "X_train, X_test, y_train, y_test = halves(df)",
        FIT,
    ],
}


@pytest.mark.parametrize("cells", SAME_SPLIT.values(), ids=SAME_SPLIT)
def test_names_out_of_one_split(notebook: Notebook, cells: list[str]) -> None:
    """Trained on one half, the other half is what it has not seen."""
    assert fitted(notebook, *cells) == Fitted(TRAIN, TEST)


IN_FUNCTIONS = {
    "returned at once": [
        "def train(X, y):\n    return GaussianNB().fit(X, y)",
        "model = train(X_train, y_train)",
    ],
    "by keyword, in another order": [
        "def train(rows, truth, rate=1):\n    return GaussianNB().fit(rows, truth)",
        "model = train(truth=y_train, rows=X_train)",
    ],
    "kept first": [
        "def train(X, y):\n    m = GaussianNB()\n    m.fit(X, y)\n    return m",
        "model = train(X_train, y_train)",
    ],
    "with something else": [
        "def train(X, y):\n    m = GaussianNB().fit(X, y)\n    return m, m.score(X, y)",
        "model, score = train(X_train, y_train)",
    ],
    "handed over": [
        "def train(m, X, y):\n    m.fit(X, y)",
        "model = GaussianNB()",
        "train(model, X_train, y_train)",
    ],
    "handed over and returned": [
        "def train(m, X, y):\n    m.fit(X, y)\n    return m",
        "model = train(GaussianNB(), X_train, y_train)",
    ],
    "two deep": [
        "def inner(m, a, b):\n    return m.fit(a, b)",
        "def outer(X, y):\n    m = GaussianNB()\n    inner(m, X, y)\n    return m",
        "model = outer(X_train, y_train)",
    ],
    "names of the notebook": [
        "def train():\n    return GaussianNB().fit(X_train, y_train)",
        "model = train()",
    ],
    "a lambda": ["train = lambda X, y: GaussianNB().fit(X, y)", "model = train(X_train, y_train)"],
    "a function handed over": [
        "def train(X, y):\n    return GaussianNB().fit(X, y)",
        "def run(step, X, y):\n    return step(X, y)",
        "model = run(train, X_train, y_train)",
    ],
    "renamed inside": [
        "def train(X, y):\n    rows = X\n    return GaussianNB().fit(rows, y)",
        "model = train(X_train, y_train)",
    ],
    "either kind": [
        "def train(X, y, big=True):\n    if big:\n        return GaussianNB().fit(X, y)\n"
        "    return LogisticRegression().fit(X, y)",
        "model = train(X_train, y_train)",
    ],
    "written anew": [
        "def train(X, y):\n    return GaussianNB().fit(y, X)",
        "def train(X, y):\n    return GaussianNB().fit(X, y)",
        "model = train(X_train, y_train)",
        "def train():\n    return None",
    ],
    "an estimator of one's own": [
        "class Own:\n    def fit(self, X, y):\n        self.inner = GaussianNB().fit(X, y)\n"
        "        return self",
        "model = Own().fit(X_train, y_train)",
    ],
}


@pytest.mark.parametrize("cells", IN_FUNCTIONS.values(), ids=IN_FUNCTIONS)
def test_functions_are_followed(notebook: Notebook, cells: list[str]) -> None:
    """Parameters stand for what the call hands over, at the place where it does."""
    assert fitted(notebook, SPLIT, *cells) == Fitted(TRAIN, TEST)


class TestFilesOfFunctions:
    def test_a_module_near_the_notebook(self, notebook: Notebook) -> None:
        """Its functions are read as the notebook's own; its names are not the notebook's."""
        notebook.write(
            "ward_training.py",
            "from sklearn.naive_bayes import GaussianNB\nX_train = 3\n"
            "def train(rows, truth):\n    return GaussianNB().fit(rows, truth)\n"
            "def other(rows, truth):\n    return GaussianNB().fit(X_train, truth)\n",
        )
        cells = ["import ward_training", "model = ward_training.train(X_train, y_train)"]
        assert fitted(notebook, SPLIT, *cells) == Fitted(TRAIN, TEST)
        cells = ["from ward_training import train as go", "model = go(truth=y_train, rows=X_train)"]
        assert fitted(notebook, SPLIT, *cells) == Fitted(TRAIN, TEST)

    def test_names_of_the_module(self, notebook: Notebook) -> None:
        notebook.write(
            "ward_own.py",
            "from sklearn.naive_bayes import GaussianNB\nX_train = [[1.0], [2.0]]\n"
            "def train(truth):\n    return GaussianNB().fit(X_train, truth)\n",
        )
        cells = ["from ward_own import train", "y_train = [0, 1]", "model = train(y_train)"]
        found = fitted(notebook, SPLIT, *cells)
        assert found.data is None
        assert "inside a function" in found.why


class TestBounds:
    def test_functions_that_call_themselves(self, notebook: Notebook) -> None:
        """However often: going inwards ends."""
        cells = [
            "def again(m, n):\n    if n: return again(again(m, n - 1), n - 1)\n"
            "    return again(m, n - 1) if n else m.fit(X_train, y_train)",
            "model = again(GaussianNB(), 2)",
        ]
        assert fitted(notebook, SPLIT, *cells).data is None

    def test_many_versions(self, notebook: Notebook) -> None:
        """A cell that ran over and over is one step back each time."""
        again = ["model.set_params(var_smoothing=1e-8)"] * 150
        assert fitted(notebook, SPLIT, FIT, *again) == Fitted(TRAIN, TEST)


def test_records_that_were_planted_confuse_nothing(notebook: Notebook) -> None:
    """The data keeps its names and its lineage, and what was scored is still not seen."""
    planting = "import workbench as wb; X_train, y_train, planted = wb.plant(X_train, y_train)"
    found = fitted(notebook, SPLIT, planting, FIT, "model.score(X_test, y_test)")
    assert (found.data, found.holdout) == (TRAIN, TEST)
    nodes = {one.id for one in notebook.tracker.graph(notebook.shell.user_ns["model"]).nodes}
    assert {"data:X:1", "data:X_train:1", "data:X_train:2", "model:model:1"} <= nodes
