"""How long one reference would take, told from trainings on few rows."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge

from tests.unit.leakage.cases import normal
from workbench.errors import InputError
from workbench.leakage.timing import GROWTH, MOST, time_one

ROWS, TRUTH = normal(4000)
DATA, HOLDOUT = (ROWS[:2400], TRUTH[:2400]), (ROWS[2400:], TRUTH[2400:])
MODEL = LogisticRegression().fit(*DATA)


class Slow:
    """Trains, and lets a clock go on by so many seconds for each row, and some to begin."""

    def __init__(self, each: float, begin: float = 0.0) -> None:
        self.each, self.begin, self.now = each, begin, 0.0
        self.sizes: list[int] = []

    def refit(self, rows: Any, truth: Any, seed: int) -> Any:
        self.sizes.append(len(rows))
        self.now += self.begin + self.each * len(rows)
        return LogisticRegression().fit(rows, truth)


@pytest.mark.parametrize("each", [1.0, 0.01, 0.001, 1e-6])
def test_what_grows_with_the_rows_is_told_exactly(each: float) -> None:
    slow = Slow(each)
    found = time_one(MODEL, DATA, HOLDOUT, refit=slow.refit, clock=lambda: slow.now)
    assert found == pytest.approx(each * 2000)
    assert GROWTH * slow.sizes[-1] * each > MOST or slow.sizes[-1] == 2000


def test_what_it_costs_to_begin_is_counted_once() -> None:
    """Trees cost the same to begin with, however many rows there are."""
    slow = Slow(0.001, begin=0.3)
    found = time_one(MODEL, DATA, HOLDOUT, refit=slow.refit, clock=lambda: slow.now)
    assert found == pytest.approx(0.3 + 0.001 * 2000)


def test_no_more_is_trained_than_needed() -> None:
    """A training of hours is told from its first 64 rows, a fast one from all."""
    for each, sizes in ((1.0, [64]), (0.001, [64, 256, 1024]), (0.0, [64, 256, 1024, 2000])):
        slow = Slow(each)
        time_one(MODEL, DATA, HOLDOUT, refit=slow.refit, clock=lambda slow=slow: slow.now)
        assert slow.sizes == sizes


def test_a_rare_class_is_always_there() -> None:
    """No booster can be trained with a class missing in between."""
    truth = TRUTH.astype(int) * 2
    truth[7], truth[3000] = 1, 1
    seen: list[set[int]] = []

    def refit(rows: Any, told: Any, seed: int) -> Any:
        seen.append(set(np.unique(told).tolist()))
        return LogisticRegression().fit(rows, told)

    model = LogisticRegression().fit(ROWS, truth)
    time_one(model, (ROWS[:2400], truth[:2400]), (ROWS[2400:], truth[2400:]), refit=refit)
    assert all(one == {0, 1, 2} for one in seen)


@pytest.mark.parametrize(
    "model", [RandomForestClassifier(3, random_state=0).fit(*DATA), Ridge().fit(*DATA)]
)
def test_real_models_are_timed_and_stay_as_they_were(model: Any) -> None:
    before = model.predict(ROWS)
    assert time_one(model, DATA, HOLDOUT) > 0
    assert (model.predict(ROWS) == before).all()


def test_what_cannot_be_timed_is_said() -> None:
    """Without what an error said, which may be data."""
    with pytest.raises(InputError, match="in the notebook, not in the network"):
        time_one(torch.nn.Linear(4, 1), DATA, HOLDOUT)

    def breaking(rows: Any, truth: Any, seed: int) -> Any:
        raise ValueError(f"patient {rows[0]}")

    with pytest.raises(InputError, match="raised a ValueError") as caught:
        time_one(MODEL, DATA, HOLDOUT, refit=breaking)
    assert "patient" not in str(caught.value)
    with pytest.raises(InputError, match="too few records"):
        time_one(MODEL, DATA, (ROWS[:3], TRUTH[:3]))


def test_it_can_be_called_off() -> None:
    """While a training that is long after all still runs."""
    told, go_on = threading.Event(), threading.Event()

    class StoppedError(Exception):
        pass

    def progress(what: str, done: int, total: int) -> None:
        if told.is_set():
            raise StoppedError
        told.set()

    def waiting(rows: Any, truth: Any, seed: int) -> Any:
        assert go_on.wait(60)
        return LogisticRegression().fit(rows, truth)

    with pytest.raises(StoppedError):
        time_one(MODEL, DATA, HOLDOUT, refit=waiting, progress=progress)
    go_on.set()
