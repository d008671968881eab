"""Single columns: targets, classes, values, extremes, and leaves of trees with few people."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.cross_decomposition import PLSRegression
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
)
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    QuantileTransformer,
    RobustScaler,
    SplineTransformer,
    StandardScaler,
)

from tests.unit.retention.people import NAMES, SIZE, WIDTH, Thing, X, Y, Z, of_kind, patients, rows
from workbench.findings.finding import Level
from workbench.findings.retained import How, Keeping
from workbench.retention.looking import look
from workbench.vocabulary import Verdict

CHANCE = np.random.default_rng(11)
WIDE = RBF(100.0, "fixed") + WhiteKernel(1.0, "fixed")


class TestTargets:
    @pytest.mark.parametrize(
        ("model", "place", "how"),
        [
            (KNeighborsRegressor(), "_y", How.exact),
            (GaussianProcessRegressor(WIDE), "y_train_", How.exact),
            (GaussianProcessRegressor(WIDE, normalize_y=True), "y_train_", How.affine),
            (PLSRegression(1), "_y_scores", How.affine),
        ],
        ids=lambda one: type(one).__name__,
    )
    def test_models_that_keep_them(self, model: Any, place: str, how: How) -> None:
        """All of them, in order, as they are or scaled."""
        report = look(model.fit(X, Z), (X, Z))
        found = of_kind(report, Keeping.targets)
        assert {where: (one.count, one.how) for where, one in found.items()} == {place: (SIZE, how)}
        assert report.targets == SIZE

    def test_weights_that_are_the_targets(self) -> None:
        """Where no two people are alike, a Gaussian process weighs each by its target."""
        model = GaussianProcessRegressor(RBF(1e-3), optimizer=None).fit(X, Z)
        assert np.allclose(model.alpha_, Z)
        found = of_kind(look(model, (X, Z)), Keeping.targets)
        assert found.keys() == {"y_train_", "alpha_"}

    @pytest.mark.parametrize("form", ["order", "some", "single", "series", "list", "scaled"])
    def test_in_any_form(self, form: str) -> None:
        """Another order, some of them, other types."""
        kept: Any = {
            "order": CHANCE.permutation(Z),
            "some": Z[:30],
            "single": Z.astype("float32"),
            "series": pd.Series(Z),
            "list": Z.tolist(),
            "scaled": (Z - Z.mean()) / Z.std(),
        }[form]
        report = look(Thing(a=kept), (X, Z))
        assert report.targets == (30 if form == "some" else SIZE)
        assert report.verdict is Verdict.failed

    def test_beside_rows(self) -> None:
        """The column that is not of the data is the target."""
        report = look(Thing(a=np.column_stack([X, Z])), (X, Z))
        assert (report.rows, report.targets) == (SIZE, SIZE)

    def test_several(self) -> None:
        """Each column of them."""
        both = np.column_stack([Z, np.exp(Z / 5)])
        report = look(KNeighborsRegressor().fit(X, both), (X, both))
        assert report.targets == SIZE

    @pytest.mark.parametrize("truth", [Y, np.array(["well", "ill"])[Y], Y.astype(bool)])
    def test_classes_are_a_note(self, truth: Any) -> None:
        """In order, each is that of a person; but two classes alone tell on nobody."""
        report = look(KNeighborsClassifier().fit(X, truth), (X, truth))
        [one] = of_kind(report, Keeping.labels).values()
        assert (one.where, one.count, one.level) == ("_y", SIZE, Level.note)
        assert report.targets == 0

    def test_three_classes_under_other_names(self) -> None:
        """Numbers for names are the same classes."""
        truth = np.array(["c", "a", "b"])[np.arange(SIZE) % 3]
        report = look(Thing(a=np.unique(truth, return_inverse=True)[1]), (X, truth))
        assert list(of_kind(report, Keeping.labels)) == ["a"]

    def test_other_numbers_are_none(self) -> None:
        """Predictions, residuals, weights and counts."""
        other = Thing(
            a=Z + 0.01 * CHANCE.normal(size=SIZE), b=CHANCE.normal(size=50), c=np.arange(9)
        )
        assert look(other, (X, Z)).targets == 0

    def test_whole_numbers_are_told_from_counts(self) -> None:
        """A target of whole numbers is not found in every list of whole numbers."""
        counts = CHANCE.integers(0, 300, SIZE)
        assert look(Thing(a=np.arange(300), b=np.array([5, 80, 3])), (X, counts)).targets == 0
        assert look(Thing(a=counts.copy()), (X, counts)).targets == SIZE


class TestValues:
    def test_quantiles_of_everyone(self) -> None:
        """With as many quantiles as people, every value is there."""
        report = look(QuantileTransformer(n_quantiles=SIZE).fit(X), pd.DataFrame(X, columns=NAMES))
        [one] = report.found
        assert (one.where, one.kind, one.count) == ("quantiles_", Keeping.values, SIZE)
        assert one.columns == NAMES
        assert one.level is Level.unsafe
        assert report.verdict is Verdict.failed
        assert "n_quantiles" in one.remedy

    def test_a_few_quantiles_sum_up(self) -> None:
        """Fewer than one for every ten people are a concern only."""
        size = 1 + 11 * (SIZE - 1)
        data = np.random.default_rng(0).normal(size=(size, 2))
        model = QuantileTransformer(n_quantiles=SIZE, subsample=None).fit(data)
        [one] = look(model, data).found
        people = set()
        for i in range(2):  # each quantile falls on a person
            ranked = data[:, i].argsort()[::11]
            assert np.allclose(data[ranked, i], model.quantiles_[:, i], rtol=0, atol=1e-12)
            people |= set(ranked.tolist())
        assert (one.kind, one.count, one.level) == (Keeping.values, len(people), Level.concern)
        assert look(model, data).verdict is Verdict.passed

    def test_bins_of_histogram_boosting(self) -> None:
        """Its bins end at values of people; with fewer people than bins, between them."""
        few = HistGradientBoostingClassifier(max_iter=2).fit(X, Y)
        assert of_kind(look(few, (X, Y)), Keeping.values) == {}
        data = rows(600)
        truth = (data[:, 0] > 0).astype(int)
        model = HistGradientBoostingClassifier(max_iter=2).fit(data, truth)
        found = of_kind(look(model, (data, truth)), Keeping.values)
        people: set[int] = set()
        for i, edges in enumerate(model._bin_mapper.bin_thresholds_):
            people |= set(np.flatnonzero(np.isin(data[:, i], edges)).tolist())
        [(where, one)] = found.items()
        assert where.startswith("_bin_mapper.bin_thresholds_")
        assert one.count == len(people)

    def test_splits_of_xgboost(self) -> None:
        """Its trees split at values of people, as its own table of trees says."""
        model = xgboost.XGBRegressor(n_estimators=5, n_jobs=1).fit(X, Z)
        table = model.get_booster().trees_to_dataframe().query("Feature != 'Leaf'")
        people: set[int] = set()
        single = X.astype("float32")
        for name, splits in table.groupby("Feature").Split:
            column = single[:, int(name[1:])]
            near = np.abs(column[:, None] - splits.to_numpy()[None]) <= 1e-6 * np.abs(
                column[:, None]
            )
            people |= set(np.flatnonzero(near.any(axis=1)).tolist())
        [one] = of_kind(look(model, (X, Z)), Keeping.values).values()
        assert one.where == "split_conditions"
        assert one.count == len(people)

    def test_isotonic_thresholds(self) -> None:
        """A step function is made of people's values."""
        model = IsotonicRegression().fit(X[:, 0], Z)
        found = of_kind(look(model, (X[:, 0], Z)), Keeping.values)
        assert found["X_thresholds_"].count == len(model.X_thresholds_)

    @pytest.mark.parametrize(
        "kept", [np.arange(20, 60), np.array([25, 40, 60, 33]), np.array([0.0, 1.0, 25.0])]
    )
    def test_whole_numbers_are_met_by_chance(self, kept: Any) -> None:
        """Ages fill their range: a list of whole numbers is no list of ages."""
        assert look(Thing(a=kept), patients()).found == ()

    def test_one_column_of_identifiers(self) -> None:
        """Numbers from a wide range, that few would hit by chance."""
        numbers = pd.DataFrame({"id": CHANCE.choice(10**7, SIZE, replace=False), "x": X[:, 0]})
        [one] = look(Thing(a=numbers.id[:15].tolist()), numbers).found
        assert (one.kind, one.count, one.columns) == (Keeping.values, 15, ("id",))


class TestExtremes:
    @pytest.mark.parametrize(
        ("model", "places"),
        [
            (MinMaxScaler(), {"data_min_": 6, "data_max_": 6}),
            (MaxAbsScaler(), {"max_abs_": 6, "scale_": 6}),
            (KBinsDiscretizer(strategy="uniform"), {"bin_edges_": 6}),
            (SplineTransformer(), {"bsplines_": 6}),
        ],
        ids=lambda one: type(one).__name__,
    )
    def test_models_that_keep_them(self, model: Any, places: dict[str, int]) -> None:
        """The smallest and the largest of each column, with its name."""
        report = look(model.fit(X), pd.DataFrame(X, columns=NAMES))
        found = of_kind(report, Keeping.extremes)
        assert {where.partition("[")[0]: len(one.columns) for where, one in found.items()} == places
        assert report.verdict is Verdict.passed

    @pytest.mark.parametrize("model", [StandardScaler(), RobustScaler()])
    def test_models_that_keep_none(self, model: Any) -> None:
        """Means and quartiles are of many."""
        assert look(model.fit(X), X).found == ()

    def test_what_many_share_is_nobody_s(self) -> None:
        """The smallest value of a column that ten people have."""
        shared = np.clip(X, *np.percentile(X, (5, 95), axis=0))
        assert look(MinMaxScaler().fit(shared), shared).found == ()


class TestAligned:
    def test_one_entry_for_each_person(self) -> None:
        """Whatever it is, it may stand in the order of the data."""
        [one] = look(Thing(a=CHANCE.normal(size=SIZE)), X).found
        assert (one.kind, one.level, one.count) == (Keeping.aligned, Level.note, SIZE)

    @pytest.mark.parametrize("kept", [np.arange(SIZE), np.zeros(SIZE), np.ones((SIZE, 3))])
    def test_numbers_of_rows_say_nothing(self, kept: Any) -> None:
        """Nor does the same number for all."""
        assert look(Thing(a=kept), X).found == ()


class TestWellKnownData:
    @pytest.mark.parametrize("load", [load_iris, load_breast_cancer, load_diabetes])
    def test_neighbours_and_weights(self, load: Any) -> None:
        """All people that fewer than ten share a row with in the one; none in the other."""
        data, truth = load(return_X_y=True)
        report = look(KNeighborsRegressor().fit(data, truth), (data, truth))
        counts = Counter(map(tuple, data.tolist()))
        assert report.rows == sum(counts[tuple(row)] < 10 for row in data.tolist())
        line = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))
        assert look(line.fit(data, truth > truth.mean()), (data, truth > truth.mean())).found == ()

    def test_a_table_with_texts(self) -> None:
        """Numbers for texts are no values."""
        frame = patients()
        model = OneHotEncoder(handle_unknown="ignore").fit(frame[["age"]])
        rare = Counter(frame.age)
        expected = sum(rare[age] < 10 for age in frame.age)
        [one] = look(model, frame[["age"]]).found
        assert (one.kind, one.count, one.columns) == (Keeping.categories, expected, ("age",))


def test_a_wide_table() -> None:
    """More columns than people, as genes are."""
    genes = np.random.default_rng(0).normal(size=(60, 3000))
    model = KNeighborsClassifier().fit(genes, np.arange(60) % 2)
    report = look(model, (genes, np.arange(60) % 2))
    assert report.rows == 60
    assert genes.shape[1] > WIDTH
