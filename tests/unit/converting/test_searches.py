"""Searches are written without the distributions that they drew from, and say so."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.stats
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, HalvingRandomSearchCV, RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.unit.converting.samples import FULL, Y
from workbench.converting.loading import load
from workbench.converting.safer import safer
from workbench.converting.searches import without_distributions
from workbench.findings.converted import Form
from workbench.findings.scan import Outcome
from workbench.scanning.scan import scan

DRAWN = {"C": scipy.stats.uniform(0.1, scale=3), "fit_intercept": [True, False]}


def search(kind: Any = RandomizedSearchCV, drawn: Any = DRAWN, **more: Any) -> Any:
    return kind(LogisticRegression(), drawn, cv=2, random_state=0, **more)


MODELS = {
    "random": search(n_iter=2),
    "halving": search(HalvingRandomSearchCV, n_candidates=2),
    "several tables": search(drawn=[DRAWN, {"C": scipy.stats.loguniform(0.1, 1)}], n_iter=2),
    "in a pipeline": make_pipeline(StandardScaler(), search(n_iter=2)),
    "in a search": GridSearchCV(make_pipeline(search(n_iter=2)), {}, cv=2),
}


@pytest.mark.parametrize("name", MODELS)
def test_predictions_are_equal_and_the_words_are_kept(name: str, tmp_path: Path) -> None:
    """The model in the notebook stays as it is."""
    model = MODELS[name].fit(FULL, Y)
    report = safer(model, tmp_path, sample=FULL).report
    assert (report.form, report.difference) == (Form.skops, 0)
    assert "as words only" in report.left_out[0]
    again = load(tmp_path, trust=report.trust)
    np.testing.assert_array_equal(again.predict(FULL), model.predict(FULL))
    if name == "random":
        kept = again.param_distributions
        assert kept == {"C": ["uniform(0.1, scale=3), left out"], "fit_intercept": [True, False]}
        assert model.param_distributions is DRAWN
        assert again.cv_results_["param_C"].tolist() == model.cv_results_["param_C"].tolist()


def test_fitting_again_says_what_is_missing(tmp_path: Path) -> None:
    """No search goes on with half of what it should try."""
    report = safer(search(n_iter=1).fit(FULL, Y), tmp_path, sample=FULL).report
    again = load(tmp_path, trust=report.trust)
    with pytest.raises(ValueError, match=r"'uniform\(0\.1, scale=3\), left out'"):
        again.fit(FULL, Y)


def test_what_holds_none_is_handed_on_as_it_is() -> None:
    model = GridSearchCV(LogisticRegression(), {"C": [1.0]}, cv=2).fit(FULL, Y)
    assert without_distributions(model) == (model, ())


def test_why_no_list_has_them(tmp_path: Path) -> None:
    """SciPy runs what a distribution brings; a pickle that asks for one is not let through."""
    canary = tmp_path / "canary"
    shape = scipy.stats.uniform(0, 1).dist
    state = {
        **shape.__getstate__(),
        "_parse_arg_template": f"_parse_args = open({str(canary)!r}, 'w')\n"
        "_parse_args_stats = _parse_args_rvs = None",
    }
    with pytest.raises(TypeError, match="callable"):
        type(shape).__new__(type(shape)).__setstate__(state)
    assert canary.exists()
    (found,) = scan([("m", io.BytesIO(pickle.dumps(shape)))], clock=lambda: 0.0).files
    assert found.outcome is Outcome.unsafe
