"""Stand-ins that are learned: like the data in what they promise, and nobody's rows."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.unit.standin.conftest import patients
from workbench.errors import InputError
from workbench.findings.standin import StandInReport, Treatment
from workbench.standin import normal
from workbench.standin.making import synthetic

Learned = Literal["marginals", "copula"]
each_level = pytest.mark.parametrize("level", ["marginals", "copula"])


def test_the_table_of_the_normal_distribution_is_right() -> None:
    z = np.linspace(-6, 6, 1001)
    assert np.allclose(normal.cumulative(z), stats.norm.cdf(z), rtol=0, atol=1e-7)
    p = np.linspace(1e-6, 1 - 1e-6, 1001)
    assert np.allclose(normal.quantile(p), stats.norm.ppf(p), rtol=0, atol=1e-6)
    assert np.allclose(normal.density(z), stats.norm.pdf(z))


@each_level
def test_columns_are_distributed_as_they_were(level: Learned) -> None:
    frame = patients(2000)
    made = synthetic(frame, level, rows=4000, seed=1).frame
    for name in ("age", "pressure", "crp", "lactate", "visits"):
        apart = stats.ks_2samp(frame[name].dropna(), made[name].dropna()).statistic
        assert apart < 0.06, name
    for name in ("sex", "site", "stage", "smoker", "insured", "children", "outcome", "country"):
        real = frame[name].astype(str).value_counts(normalize=True)
        fake = made[name].astype(str).value_counts(normalize=True)
        assert real.sub(fake, fill_value=0).abs().max() < 0.05, name


@each_level
def test_extremes_stay_at_home(level: Learned) -> None:
    frame = patients(2000)
    made = synthetic(frame, level, rows=4000, seed=1).frame
    for name in ("age", "crp", "seen"):
        assert made[name].min() >= frame[name].quantile(0.005)
        assert made[name].max() <= frame[name].quantile(0.995)


@each_level
def test_no_value_of_a_real_number_is_repeated(level: Learned) -> None:
    """Of a column in which no two rows have the same value, none is somebody's."""
    frame = patients(2000)
    made = synthetic(frame, level, seed=1).frame
    for name in ("crp", "lactate"):
        assert not set(frame[name].dropna()) & set(made[name].dropna()), name


@each_level
def test_rare_categories_identifiers_and_text_are_not_there(level: Learned) -> None:
    frame = patients(400)
    frame["diagnosis"] = ["flu"] * 200 + ["cold"] * 192 + ["secret A"] * 4 + ["secret B"] * 4
    frame["code"] = [1] * 200 + [2] * 196 + [99] * 4
    frame["kind"] = frame["diagnosis"].astype("category")
    stand_in = synthetic(frame, level, seed=1)
    made = stand_in.frame
    assert set(made["diagnosis"]) == set(made["kind"].cat.categories) == {"flu", "cold"}
    assert set(made["code"]) == {1, 2}
    for name in ("patient", "note"):
        assert not set(made[name]) & set(frame[name])
    assert list(made["number"]) == list(range(1, 401))
    treated = [one for one in stand_in.report.treated if one.column != "visits"]
    dropped = {one.column: one.dropped for one in treated if one.dropped}
    assert dropped == {"diagnosis": 2, "kind": 2, "code": 1}
    assert "categories that fewer than 5 rows have" in " ".join(stand_in.report.sentences())


@each_level
def test_kinds_of_numbers_stay_what_they_are(level: Learned) -> None:
    made = synthetic(patients(1000), level, seed=1).frame
    pressure = made["pressure"].dropna()
    assert np.array_equal(pressure, pressure.round(1))
    assert (made["seen"].dt.normalize() == made["seen"]).all()
    assert set(made["country"]) == {"Germany"}


def test_gaps_come_together_and_with_what_they_depend_on() -> None:
    frame = patients(4000)
    made = synthetic(frame, "copula", rows=8000, seed=1).frame
    for one in (frame, made):
        both = one["pressure"].isna() & one["lactate"].isna()
        assert both.mean() > 0.75 * one["pressure"].isna().mean()
        gone = one["pressure"].isna()
        assert one.loc[gone, "outcome"].mean() > one.loc[~gone, "outcome"].mean() + 0.2


def correlated(rho: float, count: int = 6000) -> Any:
    chance = np.random.default_rng(11)
    first = chance.normal(size=count)
    return first, rho * first + np.sqrt(1 - rho**2) * chance.normal(size=count)


@pytest.mark.parametrize("rho", [-0.8, -0.4, 0.0, 0.4, 0.8])
def test_rank_correlations_come_back(rho: float) -> None:
    one, other = correlated(rho)
    frame = pd.DataFrame({"a": np.exp(one), "b": other**3})
    made = synthetic(frame, "copula", seed=1).frame
    real, fake = (stats.spearmanr(table["a"], table["b"]).statistic for table in (frame, made))
    assert fake == pytest.approx(real, abs=0.04)


@pytest.mark.parametrize("rho", [-0.6, 0.3, 0.6])
def test_categories_hang_together_with_numbers_and_each_other(rho: float) -> None:
    one, other = correlated(rho)
    frame = pd.DataFrame(
        {"a": one, "b": other > 0.5, "c": np.array(["q", "z", "m"])[np.digitize(one, [-1, 0.8])]}
    )
    made = synthetic(frame, "copula", seed=1, rows=6000).frame
    for first, second in (("a", "b"), ("c", "b")):
        tables = [
            table.groupby(table[first] > 0 if first == "a" else first)[second].mean()
            for table in (frame, made)
        ]
        assert (tables[0] - tables[1]).abs().max() < 0.05, (first, second)
    groups = [table.groupby("c")["a"].mean() for table in (frame, made)]
    assert (groups[0] - groups[1]).abs().max() < 0.15  # the outermost 1 % is cut off


def test_marginals_connect_nothing() -> None:
    one, other = correlated(0.9)
    made = synthetic(pd.DataFrame({"a": one, "b": other}), "marginals").frame
    assert abs(stats.spearmanr(made["a"], made["b"]).statistic) < 0.05


def test_a_model_that_learned_from_it_works_on_real_data() -> None:
    """Facts of the design: 0.93 against 0.94 with the real data."""
    table = load_breast_cancer(as_frame=True).frame
    train, test = train_test_split(table, test_size=0.5, random_state=0, stratify=table["target"])

    def score(frame: pd.DataFrame) -> float:
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
        model.fit(frame.drop(columns="target"), frame["target"])
        return float(model.score(test.drop(columns="target"), test["target"]))

    stand_in = synthetic(train, "copula", seed=1, holdout=test)
    assert score(stand_in.frame) > 0.9
    assert score(train) > 0.9
    assert stand_in.report.quality is not None
    assert stand_in.report.quality.columns < 0.1
    assert stand_in.report.closeness is not None
    assert 0.4 < (stand_in.report.closeness.closer or 0) < 0.65


def texts(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype(object).where(frame.notna(), "gap").astype(str)


def rare_rows(frame: pd.DataFrame, at_least: int = 5) -> pd.DataFrame:
    whole = texts(frame)
    counts = whole.groupby(list(whole.columns), dropna=False).size()
    return counts[counts < at_least].reset_index().drop(columns=0)


@each_level
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), width=st.integers(1, 5), count=st.integers(30, 200))
def test_no_rare_row_is_repeated(level: Learned, seed: int, width: int, count: int) -> None:
    """In tables with so few values that chance alone would repeat many."""
    chance = np.random.default_rng(seed)
    frame = pd.DataFrame({f"c{i}": chance.integers(0, 30, count) for i in range(width - 1)})
    frame["last"] = np.where(chance.random(count) < 0.2, np.nan, chance.integers(0, 4, count))
    try:
        stand_in = synthetic(frame, level, seed=seed)
    except InputError as error:
        if "Every row that can be made up" not in error.message:
            raise
        return
    made = texts(stand_in.frame)
    assert len(made.merge(rare_rows(frame), on=list(frame.columns))) == 0
    assert stand_in.report.copies == 0
    assert len(made) + stand_in.report.left_out == count


def test_where_every_row_is_somebodys_nothing_is_made() -> None:
    frame = pd.DataFrame({"a": np.repeat(np.arange(25), 4)})
    with pytest.raises(InputError, match="Every row that can be made up") as caught:
        synthetic(frame, "marginals")
    assert "schema" in caught.value.hint


def test_what_many_share_may_appear() -> None:
    frame = pd.DataFrame({"a": [0, 1] * 50, "b": [True, False] * 50})
    stand_in = synthetic(frame, "copula", rows=1000)
    assert len(stand_in.frame) + stand_in.report.left_out == 1000
    assert len(stand_in.frame) > 900


@each_level
def test_the_same_seed_gives_the_same(level: Learned) -> None:
    frame = patients(200)
    one, again = synthetic(frame, level, seed=5), synthetic(frame, level, seed=5)
    pd.testing.assert_frame_equal(one.frame, again.frame)
    assert one.report == again.report
    assert StandInReport.from_bytes(one.report.to_bytes()) == one.report
    assert not one.frame["crp"].equals(synthetic(frame, level, seed=6).frame["crp"])


def test_what_is_said() -> None:
    frame, other = patients(400), patients(400, seed=1)
    said = " ".join(synthetic(frame, "copula", holdout=other, rows=400).report.sentences())
    assert "This is no guarantee of privacy" in said
    assert "of the made-up rows are nearer to a row that was learned from" in said
    assert "on a scale from 0 to 1" in said
    assert "No rows were held out" in " ".join(synthetic(frame, "copula").report.sentences())
    for name in ("Kiel", "P-0000", "hurts"):
        assert name not in said


def test_small_and_strange_tables() -> None:
    with pytest.raises(InputError, match="needs 20 rows; there are 19") as caught:
        synthetic(patients(19), "copula")
    assert "level='schema'" in caught.value.hint
    ids = pd.DataFrame({"id": [f"x{i}" for i in range(50)]})
    stand_in = synthetic(ids, "copula")
    assert list(stand_in.frame["id"][:2]) == ["id-1", "id-2"]
    assert stand_in.report.quality is None
    few = pd.DataFrame({"a": [1.5, 2.5, 3.5] + [None] * 47, "b": np.arange(50) / 7})
    stand_in = synthetic(few, "copula")
    assert stand_in.frame["a"].isna().all()
    assert stand_in.report.treated[0].became is Treatment.empty
    infinite = pd.DataFrame({"a": [np.inf, -np.inf, *np.arange(48) / 7], "b": 1.0})
    assert np.isfinite(synthetic(infinite, "copula").frame["a"]).all()


def test_wrong_arguments_are_refused() -> None:
    frame = patients(50)
    with pytest.raises(InputError, match="schema, marginals, copula or dp"):
        synthetic(frame, "best")  # type: ignore[arg-type]
    for options in ({"rows": 0}, {"rows": 10**9}, {"at_least": 1}):
        with pytest.raises(InputError, match="1 to 10000000 rows"):
            synthetic(frame, "copula", **options)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="other columns than the table"):
        synthetic(frame, "copula", holdout=frame[["age"]])
    strange = frame.assign(crp="high")
    with pytest.raises(InputError, match="another type of values in the column crp"):
        synthetic(frame, "copula", holdout=strange)


def test_it_can_be_cancelled() -> None:
    seen = []

    def progress(what: str, done: int, total: int) -> None:
        assert 0 <= done <= total
        seen.append(what)
        if what.startswith("Comparing"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        synthetic(patients(50), "copula", progress=progress)
    assert "Learning the columns" in seen


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_held_out_rows_that_are_not_finite_have_no_value(value: float) -> None:
    """As those of the table itself; a distance to them is that to a gap."""
    train = pd.DataFrame({"a": np.random.default_rng(0).normal(size=60)})
    other = pd.DataFrame({"a": np.full(60, value)})
    close = synthetic(train, "marginals", holdout=other).report.closeness
    assert close is not None
    assert close.holdout == 1


def test_no_held_out_rows_are_refused() -> None:
    train = pd.DataFrame({"a": np.random.default_rng(0).normal(size=60)})
    with pytest.raises(InputError, match="no held-out rows"):
        synthetic(train, "copula", holdout=train[:0])
