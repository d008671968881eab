"""Data that a model has not seen, where no split says so, and data that only looks like it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.unit.capture.notebook import Notebook, notebook
from tests.unit.capture.training_cells import DATA, FIT, IMPORTS, SPLIT, TEST, TRAIN, fitted
from workbench.capture.fitting import Fitted
from workbench.capture.unseen import overlap

__all__ = ["notebook"]

BY_HAND = "X_train, X_test = X.iloc[:40], X.iloc[40:]\ny_train, y_test = y.iloc[:40], y.iloc[40:]"
SCALED = """scaler = StandardScaler().fit(X_train)
Xs = scaler.transform(X_train)
Xt = scaler.transform(X_test)
model = GaussianNB().fit(Xs, y_train)"""

ASKED = {
    "scored": ["model.score(X_test, y_test)"],
    "scored into a name": ["s = model.score(X=X_test, y=y_test)"],
    "a metric in one line": ["print(accuracy_score(y_test, model.predict(X_test)))"],
    "a metric later": [
        "pred = model.predict(X_test)",
        "len(pred)",
        "acc = accuracy_score(y_test, pred)",
    ],
    "probabilities": [
        "p = model.predict_proba(X_test)[:, 1]",
        "q = p.round(3)",
        "auc = roc_auc_score(y_test, q)",
    ],
    "compared": ["pred = model.predict(X_test)", "(pred == y_test).mean()"],
    "by keyword": ["accuracy_score(y_pred=model.predict(X_test), y_true=y_test)"],
    "by a function": [
        "def evaluate(m, X, y):\n    return m.score(X, y)",
        "evaluate(model, X_test, y_test)",
    ],
    "by a name of the model": ["best = model", "best.score(X_test, y_test)"],
    "the last one": ["model.score(X.iloc[:3], y.iloc[:3])", "model.score(X_test, y_test)"],
    "not the training data": ["model.score(X_test, y_test)", "model.score(X_train, y_train)"],
    "not all of the data": ["model.score(X_test, y_test)", "model.score(X, y)"],
    "no part of the training data": [
        "model.score(X_test, y_test)",
        "some, said = X_train[:9], y_train[:9]",
        "model.score(some, said)",
    ],
    "no other part of the same table": [
        "model.score(X_test, y_test)",
        "some, said = X.iloc[30:45], y.iloc[30:45]",
        "model.score(some, said)",
    ],
}


@pytest.mark.parametrize("cells", ASKED.values(), ids=ASKED)
def test_what_a_model_was_asked(notebook: Notebook, cells: list[str]) -> None:
    """Without a split that says so, data that the model was scored on, if it is not its own."""
    assert fitted(notebook, BY_HAND, FIT, *cells) == Fitted(TRAIN, TEST)


class TestDerived:
    def test_scaled(self, notebook: Notebook) -> None:
        """A scaler carries measures over, no rows."""
        found = fitted(notebook, SPLIT, SCALED, "model.score(Xt, y_test)")
        assert found == Fitted(("Xs", "y_train"), ("Xt", "y_test"))

    def test_scaled_by_one_function(self, notebook: Notebook) -> None:
        """What one statement made of both halves is two things."""
        cells = [
            "def scale(a, b):\n    s = StandardScaler().fit(a)\n"
            "    return s.transform(a), s.transform(b)",
            "Xs, Xt = scale(X_train, X_test)",
            "model = GaussianNB().fit(Xs, y_train)",
            "model.score(Xt, y_test)",
        ]
        assert fitted(notebook, SPLIT, *cells).holdout == ("Xt", "y_test")

    def test_a_table_that_was_split(self, notebook: Notebook) -> None:
        """Columns are taken out of each half."""
        cells = [
            "train, test = train_test_split(df, random_state=0)",
            "X_train, y_train = train[['a', 'b']], train['y']",
            "X_test, y_test = test[['a', 'b']], test['y']",
            FIT,
            "model.score(X_test, y_test)",
        ]
        assert fitted(notebook, *cells) == Fitted(TRAIN, TEST)

    def test_split_twice(self, notebook: Notebook) -> None:
        """What was split off last stands beside the training data, scaled or not."""
        cells = [
            "X_rest, X_test, y_rest, y_test = train_test_split(X, y, random_state=0)",
            "X_train, X_val, y_train, y_val = train_test_split(X_rest, y_rest, random_state=0)",
            FIT,
        ]
        assert fitted(notebook, *cells) == Fitted(TRAIN, ("X_val", "y_val"))
        notebook.ok(SCALED.replace("X_test", "X_val"), "model.score(Xt, y_val)")
        found = notebook.tracker.fitted_on(notebook.shell.user_ns["model"])
        assert found == Fitted(("Xs", "y_train"), ("Xt", "y_val"))

    def test_part_of_the_half_it_was_trained_on(self, notebook: Notebook) -> None:
        """Rows of the training half are seen rows, however they were scaled."""
        cells = [SPLIT, SCALED, "Xp, yp = scaler.transform(X_train[:9]), y_train[:9]"]
        found = fitted(notebook, *cells, "model.score(Xp, yp)")
        assert found.data == ("Xs", "y_train")
        assert found.holdout is None

    def test_other_columns_will_not_do(self, notebook: Notebook) -> None:
        """Unscaled and uncut rows are nothing to ask the model about."""
        cells = [SPLIT, "X_train = X_train[['a']]", FIT]
        found = fitted(notebook, *cells)
        assert found.data == TRAIN
        assert found.holdout is None
        assert found.why.startswith("No data was found that model has not seen")

    def test_lost_since(self, notebook: Notebook) -> None:
        """What was set aside must still be there."""
        found = fitted(notebook, SPLIT, FIT, "X_test = X_test[:3]")
        assert found.holdout is None
        found = fitted(notebook, SPLIT, FIT, "model.score(X_test, y_test)", "del y_test")
        assert found.holdout is None

    def test_answers_of_an_older_training(self, notebook: Notebook) -> None:
        """What the model was asked before it was trained anew does not count."""
        cells = [
            BY_HAND,
            "model = GaussianNB().fit(X_test, y_test)",
            "model.score(X_train, y_train)",
        ]
        found = fitted(notebook, *cells, "model.fit(X_train, y_train)")
        assert found.data == TRAIN
        assert found.holdout is None

    def test_no_truth_for_rows_asked_about(self, notebook: Notebook) -> None:
        """Predictions that nobody compared with anything."""
        found = fitted(notebook, BY_HAND, FIT, "model.predict(X_test)")
        assert found.holdout is None


class TestOverlap:
    def test_arrays(self) -> None:
        """Parts of one array are seen to overlap by where they lie."""
        rows = np.arange(40.0).reshape(20, 2)
        assert overlap(rows[:12], rows[8:])
        assert not overlap(rows[:10], rows[10:])
        assert not overlap(rows[:10], rows[:10].copy())

    def test_tables(self) -> None:
        """Tables by the labels of their rows, in every form pandas keeps numbers in."""
        table = pd.DataFrame({"a": np.arange(20.0)})
        shuffled = table.sample(frac=1.0, random_state=0)
        for one in (table, shuffled, table.set_index(table.index + 0.5)):
            assert overlap(one[:12], one[8:])
            assert not overlap(one[:10], one["a"][10:])

    def test_what_is_not_looked_into(self) -> None:
        """Labels that are not numbers can be anybody's objects."""

        class Loud:
            def __eq__(self, other: object) -> bool:
                raise RuntimeError("compared")

            def __hash__(self) -> int:
                return 1

        table = pd.DataFrame({"a": [1.0, 2.0]}, index=[Loud(), Loud()])
        assert not overlap(table, table)
        assert not overlap(object(), [1, 2])


class TestOnlyRows:
    def test_split(self, notebook: Notebook) -> None:
        found = fitted(
            notebook,
            "X_train, X_test = train_test_split(X, random_state=0)",
            "model = KMeans(2, n_init=1).fit(X_train)",
        )
        assert found == Fitted(("X_train", None), ("X_test", None))

    def test_no_truth_by_name(self, notebook: Notebook) -> None:
        found = fitted(
            notebook, SPLIT, "model = KMeans(2, n_init=1)", "k = model.fit_predict(X_train, None)"
        )
        assert found == Fitted(("X_train", None), ("X_test", None))


class TestWatching:
    def test_xgboost(self, notebook: Notebook) -> None:
        """Rows that stopped the training are no rows that it was trained on."""
        cells = [
            "import xgboost as xgb",
            BY_HAND,
            "model = xgb.XGBClassifier(n_estimators=2)",
            "model.fit(X_train, y_train, eval_set=[(X_train, y_train), (X_test, y_test)],"
            " verbose=False)",
        ]
        assert fitted(notebook, *cells) == Fitted(TRAIN, TEST)


def test_nothing_is_asked_of_the_objects(notebook: Notebook) -> None:
    """Objects whose every attribute, length and comparison raises are told apart all the same."""
    notebook.ok(
        IMPORTS,
        DATA,
        SPLIT,
        "class Loud:\n    armed = False\n"
        "    def __getattribute__(self, name):\n"
        "        if Loud.armed and not name.startswith('__'): raise RuntimeError(name)\n"
        "        return object.__getattribute__(self, name)\n"
        "    def __len__(self): raise RuntimeError('length')\n"
        "    def __eq__(self, other): raise RuntimeError('equal')\n"
        "    __hash__ = None\n"
        "    def fit(self, X, y): self.seen = 1; return self",
        "rows, truth = Loud(), Loud()",
        "model = Loud()\nmodel.fit(rows, truth)",
        "Loud.armed = True",
    )
    found = notebook.tracker.fitted_on(notebook.shell.user_ns["model"])
    assert found.data == ("rows", "truth")
    assert found.holdout is None
