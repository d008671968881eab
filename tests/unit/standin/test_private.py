"""Differential privacy: exact noise, a budget that adds up, and an audit of what comes out."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tests.unit.standin.conftest import patients
from workbench.errors import InputError
from workbench.standin import private
from workbench.standin.domains import Domain, domain
from workbench.standin.making import synthetic
from workbench.standin.noise import Noise
from workbench.standin.tables import opened

SECRET = 2**200 + 12345
BOUNDS: Any = {
    "number": (0, 10_000),
    "age": (18, 100),
    "pressure": (60, 220),
    "crp": (0, 50),
    "lactate": (0, 10),
    "visits": (0, 20),
    "children": (0, 10),
    "outcome": (0, 1),
    "seen": ("2010-01-01", "2025-01-01"),
    "born": ("1900-01-01", "2025-01-01"),
}
CATEGORIES: Any = {
    "sex": ["F", "M"],
    "site": ["Kiel", "Bonn", "Bad Homburg", "Ulm"],
    "stage": ["I", "II", "III"],
    "country": ["Germany", "France"],
}


def made(frame: Any, **options: Any) -> Any:
    given = {"bounds": BOUNDS, "categories": CATEGORIES, "seed": SECRET, "epsilon": 2.0} | options
    return synthetic(frame, "dp", **given)


@pytest.mark.parametrize("scale", [Fraction(1, 3), Fraction(1), Fraction(7, 2), Fraction(30)])
def test_noise_has_the_distribution_that_it_should(scale: Fraction) -> None:
    noise = Noise(SECRET)
    drawn = Counter(noise.laplace(scale) for _ in range(20_000))
    q = math.exp(-1 / scale)
    most = math.ceil(3 * scale)
    cells = range(-most, most + 1)
    wanted = [(1 - q) / (1 + q) * q ** abs(one) for one in cells]
    seen = [drawn[one] for one in cells]
    seen.append(20_000 - sum(seen))
    wanted.append(1 - sum(wanted))
    assert stats.chisquare(seen, [20_000 * one for one in wanted]).pvalue > 1e-4


def test_noise_is_that_of_its_seed() -> None:
    def some(seed: int) -> list[int]:
        noise = Noise(seed)
        return [noise.laplace(Fraction(50)) for _ in range(3000)]  # more than one block

    assert some(SECRET) == some(SECRET)
    assert some(SECRET) != some(SECRET + 1)


class Bill(Noise):
    """Noise that writes down what it was asked for."""

    def __init__(self) -> None:
        super().__init__(SECRET)
        self.asked: list[Fraction] = []

    def laplace(self, scale: Fraction) -> int:
        self.asked.append(scale)
        return super().laplace(scale)


def domains_of(frame: Any, bounds: Any, categories: Any) -> list[Domain]:
    return [domain(raw, bounds, categories) for raw in opened(frame).columns]


@pytest.mark.parametrize("width", [1, 2, 3, 6])
def test_the_budget_that_is_spent_is_the_one_that_was_given(width: int) -> None:
    """Each noisy count of a row costs 1 / scale, each choice 2 / scale; all is added up."""
    frame = pd.DataFrame({f"c{i}": np.arange(50) % (i + 2) for i in range(width)})
    domains = domains_of(frame, {f"c{i}": (0, i + 1) for i in range(width)}, {})
    epsilon, bill = Fraction(7, 5), Bill()
    private.learned(domains, epsilon, bill)
    own = [one.cells for one in domains]
    asked = iter(bill.asked)
    spent = Fraction(0)
    for cells in own:  # one-way counts: a row is in one cell of each
        (scale,) = {next(asked) for _ in range(cells)}
        spent += 1 / scale
    for done in range(1, width):  # one of the pairs of a column in the tree and one that is not
        (scale,) = {next(asked) for _ in range(done * (width - done))}
        spent += 2 / scale
    counts = Counter(asked)  # two-way counts of the tree's pairs
    assert len(counts) == (width > 1)
    spent += sum((width - 1) / scale for scale in counts)
    assert spent == (epsilon if width > 1 else epsilon / 3)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), max_size=30), st.data())
def test_one_row_changes_a_score_by_at_most_one(
    rows: list[tuple[int, int]], data: st.DataObject
) -> None:
    frame = pd.DataFrame({"a": [0], "b": [0]})
    domains = domains_of(frame, {"a": (0, 2), "b": (0, 3)}, {})
    numbers = st.floats(0, 100)
    guess = np.array([[data.draw(numbers) for _ in range(5)] for _ in range(4)])

    def score(some: list[tuple[int, int]]) -> int:
        cells = [np.array([one[i] for one in some], dtype=np.intp) for i in (0, 1)]
        return int(np.abs(private.counted(cells, domains, (0, 1)) - guess).sum())

    more = [*rows, (data.draw(st.integers(0, 3)), data.draw(st.integers(0, 4)))]
    assert abs(score(more) - score(rows)) <= 1


def test_an_audit_finds_no_more_than_epsilon() -> None:
    """Whether one row is there is guessed from what may be known, with the best of thresholds.

    The lower bound on epsilon (Clopper-Pearson, 99.9 %) must not be above what was promised; with
    a tenth of the noise it is, so the audit could see it.
    """

    def shares(count: int, seed: int, epsilon: Fraction) -> float:
        frame = pd.DataFrame({"a": [0] * 5 + [1] * count})
        tree = private.learned(domains_of(frame, {"a": (0, 1)}, {}), epsilon, Noise(seed))
        return float(tree.rows * tree.shares[0][0, 1])

    def audited(epsilon: Fraction) -> float:
        runs = 1000
        one = np.array([shares(5, SECRET + i, epsilon) for i in range(runs)])
        other = np.array([shares(6, SECRET + runs + i, epsilon) for i in range(runs)])
        best = 0.0
        for least in np.unique(np.concatenate([one, other])):
            hits, false = int((other >= least).sum()), int((one >= least).sum())
            low = stats.beta.ppf(0.0005, hits, runs - hits + 1) if hits else 0
            high = stats.beta.ppf(0.9995, false + 1, runs - false) if false < runs else 1
            best = max(best, math.log(low / high) if low else 0)
        return best

    assert audited(Fraction(1)) <= 1
    assert audited(Fraction(10)) > 1


def test_a_stand_in_has_all_kinds_of_columns() -> None:
    frame = patients(3000)
    stand_in = made(frame)
    fake = stand_in.frame
    for name in frame:
        if name != "stage":
            assert fake[name].dtype == frame[name].dtype, name
    assert set(fake["patient"]) == set(fake["note"]) == {"text"}
    assert fake["age"].between(18, 100).all()
    assert fake["visits"].between(0, 20).all()
    assert fake["outcome"].isin([0, 1]).all()
    assert fake["seen"].dropna().between("2010-01-01", "2025-01-02").all()
    assert set(fake["site"].dropna()) <= set(CATEGORIES["site"])
    assert stats.ks_2samp(frame["age"], fake["age"]).statistic < 0.1
    assert abs(frame["pressure"].isna().mean() - fake["pressure"].isna().mean()) < 0.1
    assert len(fake) == pytest.approx(3000, abs=200)


def test_nothing_is_measured_against_the_data() -> None:
    report = made(patients(300), holdout=patients(300)).report
    assert report.closeness is report.quality is report.copies is None
    assert report.epsilon == 2
    said = " ".join(report.sentences())
    assert "Epsilon is 2 in total and delta is 0" in said
    assert "seed has to stay secret" in said


def test_what_depends_on_each_other_still_does() -> None:
    chance = np.random.default_rng(0)
    first = chance.integers(0, 4, 5000)
    frame = pd.DataFrame({"noise": chance.integers(0, 4, 5000), "a": first, "b": (first > 1) * 1})
    fake = made(frame, bounds={"noise": (0, 3), "a": (0, 3), "b": (0, 1)}, categories={}).frame
    assert ((fake["a"] > 1) == (fake["b"] == 1)).mean() > 0.9
    assert abs(fake["noise"].corr(fake["b"])) < 0.1


def test_little_budget_gives_little() -> None:
    fake = made(patients(100), epsilon=1e-3).frame
    assert len(fake) >= 1
    assert fake["age"].between(18, 100).all()


def test_values_outside_are_brought_in_or_left_out() -> None:
    frame = pd.DataFrame({"a": [1, 500] * 500, "b": ["x", "secret"] * 500})
    fake = made(frame, bounds={"a": (0, 10)}, categories={"b": ["x", "y"]}).frame
    assert fake["a"].between(0, 10).all()
    assert set(fake["b"].dropna()) <= {"x", "y"}
    assert fake["b"].isna().mean() == pytest.approx(0.5, abs=0.1)


def test_the_seed_has_to_be_a_secret() -> None:
    for seed in (0, 7, 2**100):
        with pytest.raises(InputError, match="the seed is a secret") as caught:
            made(patients(50), seed=seed)
        assert "secrets.randbits(256)" in caught.value.hint
        assert "no privacy budget was spent" in caught.value.unchanged


def test_ranges_have_to_be_given() -> None:
    bounds = {name: one for name, one in BOUNDS.items() if name != "crp"}
    with pytest.raises(InputError, match="a range for the column crp") as caught:
        made(patients(50), bounds=bounds)
    assert "bounds={'crp': (low, high)}" in caught.value.hint


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epsilon": 0}, "above 0 and at most 100"),
        ({"epsilon": float("nan")}, "above 0 and at most 100"),
        ({"epsilon": 1000}, "above 0 and at most 100"),
        ({"epsilon": 1e-9}, "no budget"),
        ({"bounds": BOUNDS | {"age": (5, 5)}}, "no room between its ends"),
        ({"bounds": BOUNDS | {"age": (5,)}}, "is not two values"),
        ({"bounds": BOUNDS | {"crp": (0, float("inf"))}}, "no room between its ends"),
        ({"bounds": BOUNDS | {"crp": ("low", "high")}}, "is not two values"),
        ({"bounds": BOUNDS | {"agee": (0, 1)}}, "There is no column agee"),
        ({"categories": CATEGORIES | {"sex": []}}, "1 to 1000 categories"),
    ],
)
def test_wrong_arguments_are_refused(options: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        made(patients(50), **options)
    with pytest.raises(InputError, match="no column to learn from"):
        made(pd.DataFrame({"note": ["a"] * 50}), bounds={}, categories={})
