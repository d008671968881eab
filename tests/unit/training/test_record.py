"""How a model was trained: every part found, settings as the model says them, never data."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import loguniform
from sklearn.base import BaseEstimator
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier, StackingClassifier, VotingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold, PredefinedSplit, RandomizedSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from workbench.origin.record import Part, Training
from workbench.training.record import describe, seeds_in

CHANCE = np.random.default_rng(0)
TABLE = pd.DataFrame(
    {"age": CHANCE.normal(61, 9, 60), "bmi": CHANCE.normal(26, 4, 60), "sex": ["F", "M"] * 30}
)
LABELS = (TABLE.age > 61).astype(int)
NUMBERS = TABLE[["age", "bmi"]]


def clinical() -> Pipeline:
    numbers = Pipeline([("fill", SimpleImputer()), ("scale", StandardScaler())])
    columns = ColumnTransformer(
        [("numbers", numbers, ["age", "bmi"]), ("sex", OneHotEncoder(), ["sex"])]
    )
    return Pipeline([("prepare", columns), ("model", LogisticRegression(C=0.5, random_state=7))])


def parts(record: Training) -> dict[str, Part]:
    return {part.path: part for part in record.parts}


class Hostile(BaseEstimator):
    """Raises when some of its settings are asked for."""

    def __init__(self, good: int = 1, bad: int = 2) -> None:
        self.good = good

    @property
    def bad(self) -> NoReturn:
        raise RuntimeError("do not look")

    def predict(self, rows: object) -> object:
        return rows


class Thrower:
    def __getattribute__(self, name: str) -> NoReturn:
        raise RuntimeError(name)


class TestParts:
    def test_every_step_of_a_pipeline_is_a_part_with_its_role(self) -> None:
        """By the path it has in the pipeline, down through columns to the last scaler."""
        record = describe(clinical().fit(TABLE, LABELS), "model")
        found = [(part.path, part.type.rpartition(".")[2], part.role) for part in record.parts]
        assert found == [
            ("model", "Pipeline", "model"),
            ("pipeline.prepare", "ColumnTransformer", "preprocessing"),
            ("pipeline.prepare.numbers", "Pipeline", "preprocessing"),
            ("pipeline.prepare.numbers.fill", "SimpleImputer", "preprocessing"),
            ("pipeline.prepare.numbers.scale", "StandardScaler", "preprocessing"),
            ("pipeline.prepare.sex", "OneHotEncoder", "preprocessing"),
            ("pipeline.model", "LogisticRegression", "model"),
        ]
        assert record.features == 3
        assert record.framework == "scikit-learn"
        assert parts(record)["pipeline.prepare.numbers"].parameters["columns"] == "age, bmi"

    def test_settings_are_those_scikit_learn_reports(self) -> None:
        """Each plain value of get_params(deep=True) is found at the part that it names."""
        pipeline = clinical().fit(TABLE, LABELS)
        found = parts(describe(pipeline, "model"))
        compared = 0
        for name, value in pipeline.get_params(deep=True).items():
            path, _, last = name.replace("__", ".").rpartition(".")
            if not path or not (value is None or isinstance(value, bool | int | float | str)):
                continue
            expected = "nan" if value != value else value  # JSON has no spelling for it
            assert found[f"pipeline.{path}"].parameters[last] == expected
            compared += 1
        assert compared > 30

    def test_a_search_says_what_was_tried_and_what_came_out(self) -> None:
        """Grid, splits, best settings and score; the best model's parts, not the template's."""
        search = GridSearchCV(
            make_pipeline(StandardScaler(), LogisticRegression()),
            [{"logisticregression__C": [0.1, 1, 10]}, {"logisticregression__tol": [1e-3, 1e-4]}],
            scoring="roc_auc",
            cv=KFold(3, shuffle=True, random_state=11),
        ).fit(NUMBERS, LABELS)
        record = describe(search, "search")
        whole = record.parts[0]
        assert whole.role == "search"
        assert whole.parameters["grid.logisticregression__C"] == "0.1, 1, 10"
        assert whole.parameters["grid size"] == 5 == len(search.cv_results_["params"])
        assert whole.parameters["candidates"] == 5
        assert whole.parameters["scoring"] == "roc_auc"
        assert whole.parameters["cv"] == "KFold"
        assert whole.parameters["cv.n_splits"] == 3
        assert whole.parameters["best_score_"] == pytest.approx(search.best_score_)
        for name, value in search.best_params_.items():
            assert whole.parameters[f"best.{name}"] == value
        best = search.best_estimator_.named_steps["logisticregression"]
        assert parts(record)["search.pipeline.logisticregression"].parameters["C"] == best.C
        assert record.seeds["model.cv.random_state"] == 11

    def test_distributions_and_long_grids_are_named_not_listed(self) -> None:
        """A randomised search draws from a distribution; its shape says all."""
        search = RandomizedSearchCV(
            LogisticRegression(),
            {"C": loguniform(0.001, 10), "max_iter": list(range(50, 100))},
            n_iter=2,
            random_state=5,
            cv=2,
        ).fit(NUMBERS, LABELS)
        settings = describe(search, "search").parts[0].parameters
        assert settings["grid.C"] == "loguniform(0.001, 10)"
        assert settings["grid.max_iter"] == "50 values"
        assert "grid size" not in settings
        assert settings["n_iter"] == settings["candidates"] == 2

    def test_models_made_of_models_are_walked(self) -> None:
        """Voting, stacking, calibration and unions, each part under its name."""
        forest = RandomForestClassifier(3, random_state=2)
        voting = VotingClassifier([("a", LogisticRegression()), ("b", forest)])
        assert {"model.a", "model.b"} <= parts(describe(voting, "m")).keys()
        stack = StackingClassifier([("a", LogisticRegression())], final_estimator=forest)
        record = describe(stack, "m")
        assert {"model.a", "model.final_estimator"} <= parts(record).keys()
        assert record.seeds == {"model.final_estimator.random_state": 2}
        assert "model.estimator" in parts(describe(CalibratedClassifierCV(forest), "m"))
        union = FeatureUnion([("scale", StandardScaler()), ("none", "drop"), ("as", "passthrough")])
        found = parts(describe(union, "m"))
        assert found["union.scale"].role == found["model"].role == "preprocessing"
        assert (found["union.none"].type, found["union.as"].type) == ("drop", "passthrough")

    def test_a_model_that_holds_itself_is_walked_once(self) -> None:
        """A circle among parts ends where it began."""
        pipeline = Pipeline([("scale", StandardScaler()), ("model", LogisticRegression())])
        pipeline.steps.append(("again", pipeline))
        assert len(describe(pipeline, "m").parts) == 3

    def test_what_is_no_model_is_named_by_its_type(self) -> None:
        """Nothing is asked of it."""
        for value in (3, None, "text", TABLE, LogisticRegression, Thrower()):
            record = describe(value, "x")
            assert record.framework == "unknown"
            assert (record.parts, record.layers, record.features) == ((), (), 0)
            assert record.type

    def test_a_setting_that_raises_is_skipped(self) -> None:
        """Those beside it are kept."""
        [whole] = describe(Hostile(), "x").parts
        assert whole.parameters == {"good": 1}


class TestNoData:
    def test_nothing_of_the_data_is_in_the_record(self) -> None:
        """Not its rows, wherever a model or its settings hold them."""
        rows = NUMBERS.to_numpy()
        secret = float(rows[0, 0])

        def shift(given: Any) -> Any:
            return given - secret

        model = Pipeline(
            [
                ("shift", FunctionTransformer(shift, kw_args={"rows": rows})),
                ("encode", OneHotEncoder(categories=[list(rows[:, 0])])),
                ("model", LogisticRegression(class_weight={0: secret, 1: 1.0})),
            ]
        )
        search = GridSearchCV(
            model, {"model__C": list(rows[:, 0])}, cv=PredefinedSplit(LABELS.to_numpy())
        )
        record = describe(search, "m", namespace={"rows": rows, "table": TABLE})
        text = record.to_bytes().decode()
        assert str(secret) not in text
        assert repr(secret)[:6] not in text
        settings = parts(record)["search.pipeline.shift"].parameters
        assert settings["func"] == "function"
        assert settings["kw_args"] == "dict"
        assert record.parts[0].parameters["cv.test_fold"] == "ndarray"

    def test_folders_and_credentials_are_no_settings(self) -> None:
        """They tell who trained it, not how."""
        model = Pipeline([("model", LogisticRegression())], memory="/home/anna/cache")
        assert describe(model, "m").parts[0].parameters["memory"] == "path"
        for place in ("~/x", "C:\\Users\\anna", "postgresql://anna:pw@host/db", "\\\\host\\share"):
            model.memory = place
            assert describe(model, "m").parts[0].parameters["memory"] == "path"

    @given(
        st.recursive(st.none() | st.text() | st.floats() | st.integers() | st.binary(), st.lists)
    )
    def test_any_setting_can_be_signed(self, value: object) -> None:
        """Whatever it is, the record has one byte form and is read back from it."""
        record = describe(LogisticRegression(C=value), "m", seeds={"a": 1})
        assert Training.from_bytes(record.to_bytes()) == record


class TestSeeds:
    def test_calls_that_start_chance_are_found(self) -> None:
        """With literals, and with names that stand for whole numbers."""
        cells = [
            "import numpy as np\nnp.random.seed(42)\nrng = np.random.default_rng(SEED)",
            "random.seed(1); torch.manual_seed(2)\ntorch.cuda.manual_seed_all(seed=3)",
            "train_test_split(X, y, random_state=0)\npl.seed_everything(-4)",
        ]
        assert seeds_in(cells, {"SEED": 9}) == {
            "np.random.seed": 42,
            "np.random.default_rng": 9,
            "random.seed": 1,
            "torch.manual_seed": 2,
            "torch.cuda.manual_seed_all": 3,
            "train_test_split(random_state)": 0,
            "pl.seed_everything": -4,
        }

    def test_only_whole_numbers_that_are_known_count(self) -> None:
        """Nothing is computed: a call, a table and an unknown name are no seeds."""
        cell = "np.random.seed(int(time()))\nrandom.seed(x)\nrandom.seed(y)\nf(random_state=None)"
        assert seeds_in([cell], {"y": TABLE}) == {}

    def test_differing_seeds_are_all_said(self) -> None:
        """In order, each once."""
        assert seeds_in(["np.random.seed(1)", "np.random.seed(2)", "np.random.seed(1)"]) == {
            "np.random.seed": "1, 2"
        }

    def test_magics_and_broken_code_are_no_obstacle(self) -> None:
        """A cell that IPython alone understands is read as far as it is Python."""
        cell = "%matplotlib inline\n!pip install x\n%time np.random.seed(5)\nfiles = !ls\ndf?"
        assert seeds_in([cell, "%%bash\nrandom seed", "random.seed(("]) == {"np.random.seed": 5}

    def test_seeds_given_and_found_are_both_kept(self) -> None:
        """From the code and from the model."""
        record = describe(
            RandomForestClassifier(random_state=3),
            "m",
            seeds={"np.random.seed": 1},
            annotations={"labels": "two readers"},
        )
        assert record.seeds == {"np.random.seed": 1, "model.random_state": 3}
        assert json.loads(record.to_bytes())["annotations"] == {"labels": "two readers"}
