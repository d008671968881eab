"""Trainings that cannot be told for certain: no names then, and a sentence why."""

from __future__ import annotations

import pytest

from tests.unit.capture.notebook import Notebook, notebook
from tests.unit.capture.training_cells import DATA, FIT, IMPORTS, SPLIT, TEST, TRAIN, fitted
from workbench.capture.fitting import Fitted

__all__ = ["notebook"]

EXPRESSION = "was trained on an expression"
INSIDE = "was trained inside a function"
IN_LOOP = "bound anew in a loop"
SEVERAL = "in more than one place of the code, on different data"
GREW = "kept what it had learned"
PART = "as a part of something else"
ANEW = "X_train was bound anew since model was trained on it."
CHANGED = "X_train was changed since model was trained on it."
SOMEHOW = "It was not seen which data model was trained on."

UNCLEAR = {
    "columns": (["model = GaussianNB().fit(df[['a', 'b']], df['y'])"], EXPRESSION),
    "a method": (["model = GaussianNB().fit(X_train.to_numpy(), y_train)"], EXPRESSION),
    "an attribute": (["model = GaussianNB().fit(X_train, y_train.values)"], EXPRESSION),
    "only the truth has no name": (["model = GaussianNB().fit(X, df['y'])"], EXPRESSION),
    "a star": (["pair = X, y", "model = GaussianNB().fit(*pair)"], "handed its data with a star"),
    "two stars": (["pair = {'X': X, 'y': y}", "model = GaussianNB().fit(**pair)"], "with a star"),
    "bound anew": ([FIT, "X_train = X_train[:9]"], ANEW),
    "the split ran again": ([FIT, SPLIT], ANEW),
    "bound anew in the same cell": ([f"{FIT}\nX_train = X_test"], ANEW),
    "bound anew on the same line": ([f"{FIT}; X_train = X_test"], ANEW),
    "a column more": ([FIT, "X_train['d'] = 1.0"], CHANGED),
    "sorted": ([FIT, "y_train.sort_values(inplace=True)"], "y_train was changed since"),
    "an array filled": (
        ["X_train = np.array(X_train)", FIT, "X_train.fill(0)"],
        CHANGED,
    ),
    "changed by a function": (
        [FIT, "def spoil(table):\n    table['d'] = 1.0", "spoil(X_train)"],
        CHANGED,
    ),
    "deleted": ([FIT, "del X_train"], "X_train was deleted since"),
    "never fitted": (["model = GaussianNB()"], SOMEHOW),
    "cross-validated only": (
        ["model = GaussianNB()", "scores = cross_val_score(model, X, y)"],
        "cross_val_score trains copies of a model",
    ),
    "in a function, on its own data": (
        [
            "def train(table):\n    X = table[['a']]\n    return GaussianNB().fit(X, table.y)",
            "model = train(df)",
        ],
        INSIDE,
    ),
    "a parameter bound anew": (
        [
            "def train(X, y):\n    X = X.copy()\n    return GaussianNB().fit(X, y)",
            "model = train(X_train, y_train)",
        ],
        INSIDE,
    ),
    "a default": (
        [
            "def train(X=X_train, y=y_train):\n    return GaussianNB().fit(X, y)",
            "model = train()",
        ],
        INSIDE,
    ),
    "an expression handed to a function": (
        ["def train(X, y):\n    return GaussianNB().fit(X, y)", "model = train(df[['a']], df.y)"],
        EXPRESSION,
    ),
    "two ways in a function": (
        [
            "def train(big):\n    if big:\n        return GaussianNB().fit(X, y)\n"
            "    return GaussianNB().fit(X_train, y_train)",
            "model = train(False)",
        ],
        SEVERAL,
    ),
    "the best of two on different data": (
        [
            "models = [GaussianNB().fit(X, y), GaussianNB().fit(X_train, y_train)]",
            "model = max(models, key=lambda one: one.score(X, y))",
        ],
        SEVERAL,
    ),
    "two branches": (
        [
            "if len(X) > 3:\n    model = GaussianNB().fit(X, y)\n"
            "else:\n    model = GaussianNB().fit(X_train, y_train)"
        ],
        SEVERAL,
    ),
    "perhaps again": (
        [
            "model = GaussianNB()\nmodel.fit(X_train, y_train)\n"
            "if len(X) > 99:\n    model.fit(X, y)",
        ],
        SEVERAL,
    ),
    "folds": (
        [
            "model = GaussianNB()",
            "for a, b in KFold(3).split(X):\n    model.fit(X.iloc[a], y.iloc[a])",
        ],
        EXPRESSION,
    ),
    "named folds that end early": (
        [
            "for a, b in KFold(3).split(X):\n    Xa, ya = X.iloc[a], y.iloc[a]\n"
            "    if len(Xa) < 9: break\n    model = GaussianNB().fit(Xa, ya)",
        ],
        IN_LOOP,
    ),
    "perhaps again, and so it was": (
        [
            "model = GaussianNB()\nmodel.fit(X_train, y_train)\n"
            "if len(X) > 9:\n    model.fit(X, y)",
        ],
        SEVERAL,
    ),
    "parts": (
        [
            "model = GaussianNB()",
            "model.partial_fit(X_train, y_train, [0, 1])",
            "model.partial_fit(X_test, y_test)",
        ],
        GREW,
    ),
    "parts in a loop": (
        [
            "model = GaussianNB()",
            "for k in range(2):\n    Xa, ya = X[k::2], y[k::2]\n"
            "    model.partial_fit(Xa, ya, [0, 1])",
        ],
        IN_LOOP,
    ),
    "warm starts": (
        [
            "model = LogisticRegression(warm_start=True)",
            "model.fit(X_train, y_train)",
            "model.fit(X, y)",
        ],
        GREW,
    ),
    "a step of a pipeline": (
        [
            "model = GaussianNB()",
            "model.fit(X_train, y_train)",
            "pipe = make_pipeline(StandardScaler(), model)",
            "pipe.fit(X_train, y_train)",
        ],
        PART,
    ),
    "trained again by what holds it": (
        [
            FIT,
            "class Holder:\n    def again(self):\n        self.inner.fit(X, y)\n"
            "holder = Holder()\nholder.inner = model",
            "holder.again()",
        ],
        "changed by code that could not be followed",
    ),
    "taken out of a pipeline": (
        [
            "pipe = make_pipeline(StandardScaler(), GaussianNB()).fit(X_train, y_train)",
            "model = pipe[-1]",
        ],
        PART,
    ),
    "taken out by name": (
        [
            "pipe = make_pipeline(StandardScaler(), GaussianNB()).fit(X_train, y_train)",
            "model = pipe.named_steps['gaussiannb']",
        ],
        PART,
    ),
    "a dictionary of different ones": (
        [
            "models = {'a': GaussianNB().fit(X, y), 'b': GaussianNB().fit(X_train, y_train)}",
            "model = models['a']",
        ],
        SEVERAL,
    ),
    "code made at run time": (
        ["code = 'model = GaussianNB().fit(X_train, y_train)'", "exec(code)"],
        SOMEHOW,
    ),
    "read with joblib": (
        [
            FIT,
            "import joblib\n_ = joblib.dump(model, 'm.joblib')",
            "model = joblib.load('m.joblib')",
        ],
        "was read from a file",
    ),
    "read with pickle": (
        [
            FIT,
            "import pickle\nwith open('m.pkl', 'wb') as file:\n    pickle.dump(model, file)",
            "with open('m.pkl', 'rb') as file:\n    model = pickle.load(file)",
        ],
        "was read from a file",
    ),
    "fit without data": (
        [
            "class Own:\n    def fit(self):\n        return self\n",
            "model = Own().fit()",
        ],
        SOMEHOW,
    ),
}


@pytest.mark.parametrize(("cells", "why"), UNCLEAR.values(), ids=UNCLEAR)
def test_no_guesses(notebook: Notebook, cells: list[str], why: str) -> None:
    """Each says what a person could do about it, or what happened."""
    found = fitted(notebook, SPLIT, *cells)
    assert (found.data, found.holdout) == (None, None)
    assert why in found.why


class TestErrors:
    def test_a_training_that_failed_before_it_began(self, notebook: Notebook) -> None:
        """The model is still what it was, and so is its data."""
        notebook.ok(IMPORTS, DATA, SPLIT, FIT)
        assert notebook.run("model.fit(X_test)").error_in_exec is not None
        found = notebook.tracker.fitted_on(notebook.shell.user_ns["model"])
        assert found == Fitted(TRAIN, TEST)

    def test_a_training_that_stopped_half_way(self, notebook: Notebook) -> None:
        """What it had learned by then is of no known part of the data."""
        notebook.ok(
            IMPORTS,
            DATA,
            SPLIT,
            "class Own(GaussianNB):\n    def fit(self, X, y):\n        super().fit(X, y)\n"
            "        if len(X) > 50: raise KeyboardInterrupt\n        return self",
            "model = Own()",
            "model.fit(X_train, y_train)",
        )
        assert notebook.run("model.fit(X, y)").error_in_exec is not None
        found = notebook.tracker.fitted_on(notebook.shell.user_ns["model"])
        assert found == Fitted(why="The training of model stopped before its end.")

    def test_an_error_after_the_training(self, notebook: Notebook) -> None:
        notebook.ok(IMPORTS, DATA, SPLIT)
        assert notebook.run(f"{FIT}\nraise ValueError").error_in_exec is not None
        found = notebook.tracker.fitted_on(notebook.shell.user_ns["model"])
        assert found == Fitted(TRAIN, TEST)


class TestOrigin:
    def test_opened_from_a_release(self, notebook: Notebook) -> None:
        """Its data stayed with whoever shares it."""
        notebook.ok(IMPORTS, DATA, SPLIT, FIT)
        notebook.shell.user_ns["tracker"] = notebook.tracker
        notebook.ok(
            "def opened():\n    found = GaussianNB().fit(X_train, y_train)\n"
            "    tracker.came_from(found, 'lab/ward:1.0', 'sha256:1')\n    return found",
            "model = opened()",
        )
        found = notebook.tracker.fitted_on(notebook.shell.user_ns["model"])
        assert found == Fitted(why="model was opened from lab/ward:1.0; its data is not here.")

    def test_before_tracking(self, notebook: Notebook) -> None:
        notebook.tracker.stop()
        notebook.ok(IMPORTS, DATA, SPLIT, FIT)
        notebook.tracker.start()
        notebook.ok("model.score(X_test, y_test)")
        found = notebook.tracker.fitted_on(notebook.shell.user_ns["model"])
        assert found.data is None
        assert found.why.startswith("model was there before tracking began")

    def test_no_name(self, notebook: Notebook) -> None:
        notebook.ok(IMPORTS, DATA, SPLIT, FIT)
        found = notebook.tracker.fitted_on(object())
        assert found.data is None
        assert found.why.startswith("This model has no name in the notebook")

    def test_only_in_a_list(self, notebook: Notebook) -> None:
        """What has no name of its own is found by what holds it."""
        notebook.ok(IMPORTS, DATA, SPLIT, "models = [GaussianNB().fit(X_train, y_train)]")
        found = notebook.tracker.fitted_on(notebook.shell.user_ns["models"][0])
        assert found == Fitted(TRAIN, TEST)

    def test_in_the_middle_of_a_cell(self, notebook: Notebook) -> None:
        """As when a model is shared by the cell that trains it."""
        notebook.ok(IMPORTS, DATA, SPLIT)
        notebook.shell.user_ns["ask"] = notebook.tracker.fitted_on
        notebook.ok(f"{FIT}\nfound = ask(model)\nX_train = None")
        assert notebook.shell.user_ns["found"] == Fitted(TRAIN, TEST)


class TestLengths:
    def test_unequal(self, notebook: Notebook) -> None:
        """Some models take any labels, as they look at none."""
        notebook.ok(IMPORTS, DATA, "few = y[:9]")
        notebook.ok("from sklearn.cluster import KMeans", "model = KMeans(2).fit(X, few)")
        found = notebook.tracker.fitted_on(notebook.shell.user_ns["model"])
        assert found == Fitted(
            why="X has 60 rows and few 9, so these are not what model was trained on."
        )

    @pytest.mark.parametrize("cut", ["y.to_numpy()", "y.to_list()", "y.copy()"])
    def test_cut_where_nobody_saw_it(self, notebook: Notebook, cut: str) -> None:
        notebook.ok(IMPORTS, DATA, f"X_train, y_train = X, {cut}", FIT)
        notebook.shell.user_ns["y_train"] = notebook.shell.user_ns["y_train"][:9]
        found = notebook.tracker.fitted_on(notebook.shell.user_ns["model"])
        assert found == Fitted(why="y_train was changed since model was trained on it.")


class TestNewNames:
    def test_the_same_data_under_another_name(self, notebook: Notebook) -> None:
        """What matters is the data: where its name was taken, another one will do."""
        notebook.ok(IMPORTS, DATA, SPLIT, FIT, "kept = X_train", "X_train = 1")
        found = notebook.tracker.fitted_on(notebook.shell.user_ns["model"])
        assert found == Fitted(("kept", "y_train"), TEST)

    def test_deleted_behind_the_tracker(self, notebook: Notebook) -> None:
        notebook.ok(IMPORTS, DATA, SPLIT, FIT)
        del notebook.shell.user_ns["X_train"]
        found = notebook.tracker.fitted_on(notebook.shell.user_ns["model"])
        assert found.why == "X_train was deleted since model was trained on it."
