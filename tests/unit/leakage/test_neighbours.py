"""Similar records, looked up one at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from tests.unit.leakage.cases import normal
from workbench.leakage import neighbours
from workbench.leakage.answers import subject
from workbench.leakage.neighbours import NEAREST, around
from workbench.leakage.samples import Sample, sample

ROWS, TRUTH = normal(80, columns=3)
ROWS[:, 2] *= 1000.0  # a column in another unit counts no more
MODEL = LogisticRegression(max_iter=1000).fit(ROWS[:40], TRUTH[:40])


def whole(rows: Any = ROWS) -> Sample:
    return sample((rows[:40], TRUTH[:40]), (rows[40:], TRUTH[40:]))


def asked(rows: Any = ROWS) -> Any:
    told = subject(MODEL, rows, TRUTH)
    return around(whole(rows), told, told.ask(rows), 1.0, seed=0)


def test_the_mean_over_the_nearest_non_members_but_never_itself() -> None:
    """By distance in standard deviations; its own truth is asked for, of their rows."""
    found = asked()
    scaled = ROWS / ROWS.std(axis=0)
    for at in range(80):
        others = [one for one in range(40, 80) if one != at]
        far = [float(((scaled[at] - scaled[one]) ** 2).sum()) for one in others]
        nearest = [others[place] for place in np.argsort(far)[:NEAREST]]
        expected = MODEL.predict_proba(ROWS[nearest])[:, TRUTH[at]].mean()
        assert found[at] == pytest.approx(expected)


def test_blocks_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    before = asked()
    monkeypatch.setattr(neighbours, "BLOCK", 7)
    assert np.array_equal(asked(), before)


def test_rows_that_are_no_numbers_have_no_neighbours() -> None:
    table = pd.DataFrame({"name": [f"n{at}" for at in range(80)]})
    told = subject(MODEL, ROWS, TRUTH)
    assert around(whole(table), told, told.ask(ROWS), 1.0, seed=0) is None
