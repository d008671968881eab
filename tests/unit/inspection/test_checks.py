"""The checks of a model: each by itself, told as they go, stopped when asked."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from workbench.findings.depth import Depth
from workbench.findings.leakage import Tier, band
from workbench.findings.scan import Outcome
from workbench.findings.statement import Inspection, facts
from workbench.inspection.checks import Asked, Check, Skipped, inspect
from workbench.inspection.identity import identity
from workbench.leakage.canaries import plant
from workbench.listing import Facts
from workbench.vocabulary import Band, Verdict

RANDOM = np.random.default_rng(0)
ROWS = RANDOM.normal(size=(240, 4))
TRUTH = (ROWS[:, 0] + RANDOM.normal(size=240) > 0).astype(int)
DATA, HOLDOUT = (ROWS[:120], TRUTH[:120]), (ROWS[120:], TRUTH[120:])


class Watch:
    """Notes what it is told; ``at`` raises when a check reports progress."""

    def __init__(self, at: dict[Check, Exception] | None = None) -> None:
        self.at = at or {}
        self.began: list[Check] = []
        self.ended: list[Check] = []

    def progress(self, check: Check, what: str, done: int, total: int) -> None:
        assert what
        if check not in self.began:
            self.began.append(check)
        if check in self.at:
            raise self.at[check]

    def finished(self, check: Check, so_far: Inspection) -> None:
        self.ended.append(check)


class Mine(LogisticRegression):
    """A class that only its owner has."""


def inspected(model: Any, place: Path, watch: Watch | None = None, **asked: Any) -> Inspection:
    return inspect(Asked(model, **asked), place, watch or Watch())


def test_everything_is_measured_in_order(tmp_path: Path) -> None:
    model = LogisticRegression().fit(*DATA)
    watch = Watch()
    found = inspected(model, tmp_path, watch, data=DATA, holdout=HOLDOUT)
    assert watch.began == watch.ended == list(Check)
    assert found.scan is not None
    assert [(file.path, file.outcome) for file in found.scan.files] == [
        ("model.skops", Outcome.safe)
    ]
    assert found.converted is not None
    assert (found.converted.rows, found.converted.difference) == (120, 0.0)
    assert found.retained is not None
    assert found.retained.rows == 0
    assert found.hidden is not None
    assert found.leakage is not None
    assert (found.leakage.tier, found.leakage.members) == (Tier.quick, 120)
    assert (found.screen, found.gaps) == (None, ())
    said = facts(Facts(), found)
    assert (said.scan, said.safe_form, said.retained_rows, said.hidden) == (Verdict.passed,) * 4


def test_rows_and_leakage_of_a_model_that_keeps_its_data(tmp_path: Path) -> None:
    model = KNeighborsClassifier(1).fit(*DATA)
    found = inspected(model, tmp_path, data=DATA, holdout=HOLDOUT, depth=Depth(Tier.thorough, 4))
    assert found.retained is not None
    assert found.retained.rows == 120
    assert found.leakage is not None
    assert found.leakage.references == 4
    assert found.screen is not None
    assert found.screen.classes == 2
    assert found.leakage.strongest is not None
    assert found.leakage.strongest.auc > 0.6
    assert band(found.leakage) is not Band.low
    assert facts(Facts(), found).retained_rows is Verdict.failed


@pytest.mark.parametrize(("trees", "remembered"), [(100, True), (1, False)])
def test_planted_records_are_looked_for(tmp_path: Path, trees: int, remembered: bool) -> None:
    """A forest has them by heart; a model of its mean knows nobody."""
    planted = plant(*DATA, count=50)
    grown = RandomForestClassifier(trees, max_depth=None if remembered else 1, random_state=0)
    model = grown.fit(planted.X, planted.y)
    found = inspected(model, tmp_path, data=DATA, holdout=HOLDOUT, canaries=planted)
    assert found.canaries is not None
    assert (found.canaries.planted, found.canaries.remembered) == (50, remembered)
    assert found.leakage is not None
    assert found.leakage.members == 120


def test_planted_records_of_another_model_are_said(tmp_path: Path) -> None:
    planted = plant(RANDOM.normal(size=(50, 7)), np.arange(50) % 2)
    found = inspected(LogisticRegression().fit(*DATA), tmp_path, data=DATA, canaries=planted)
    assert found.canaries is None
    assert found.gaps[0].startswith("Planted records: The model could not be asked")


def test_groups_and_columns_that_are_named_are_measured(tmp_path: Path) -> None:
    """By number in an array, by name in a table; one that is not there is said."""
    model = LogisticRegression().fit(*DATA)
    sides = np.where(ROWS[:, 1] > 0, "left", "right")
    depth = Depth(groups={"side": (sides[:120], sides[120:])}, sensitive=["0"])
    found = inspected(model, tmp_path, data=DATA, holdout=HOLDOUT, depth=depth).leakage
    assert found is not None
    assert {one.name for one in found.groups if one.of == "side"} == {"left", "right"}
    assert "Column 0 has one value, or more than 10" in " ".join(found.gaps)
    depth = Depth(groups=["site"])
    gaps = inspected(model, tmp_path, data=DATA, holdout=HOLDOUT, depth=depth).gaps
    assert "The grouping 'site' does not fit the data." in gaps[0]


def test_without_data_what_can_be_done_is_done(tmp_path: Path) -> None:
    found = inspected(LogisticRegression().fit(*DATA), tmp_path)
    assert found.scan is not None
    assert found.hidden is not None
    assert (found.retained, found.leakage) == (None, None)
    assert found.gaps == (
        "Training rows inside the model: it needs the data that the model was trained on.",
        "Leakage: it needs the data that the model was trained on.",
    )


def test_without_a_holdout_leakage_is_a_gap(tmp_path: Path) -> None:
    found = inspected(LogisticRegression().fit(*DATA), tmp_path, data=DATA)
    assert found.retained is not None
    assert found.gaps == ("Leakage: it needs data that the model has not seen.",)


def test_files_are_scanned_and_nothing_else(tmp_path: Path) -> None:
    place = tmp_path / "model"
    place.mkdir()
    (place / "model.pkl").write_bytes(pickle.dumps(LogisticRegression().fit(*DATA)))
    for path in (place, place / "model.pkl"):
        found = inspected(path, tmp_path, data=DATA, holdout=HOLDOUT)
        assert found.scan is not None
        assert [(one.path, one.outcome) for one in found.scan.files] == [
            ("model.pkl", Outcome.allowed)
        ]
        assert (found.converted, found.retained, found.hidden, found.leakage) == (None,) * 4
        assert len(found.gaps) == 2


def test_a_check_that_fails_stops_no_other(tmp_path: Path) -> None:
    """What could not be written in a safe form is measured all the same."""
    found = inspected(Mine().fit(*DATA), tmp_path, data=DATA, holdout=HOLDOUT)
    assert found.converted is None
    assert found.gaps[0].startswith("Safe form: Recipients could not load this model")
    assert found.retained is not None
    assert found.leakage is not None
    assert facts(Facts(), found).scan is Verdict.unknown


def test_data_that_is_not_the_models_is_said(tmp_path: Path) -> None:
    """Its words hold no values of the data."""
    model = LogisticRegression().fit(*DATA)
    other = (RANDOM.normal(size=(50, 7)), np.arange(50) % 2)
    found = inspected(model, tmp_path, data=other, holdout=other)
    assert any(gap.startswith("Leakage: ") for gap in found.gaps)
    assert not any(f"{other[0][0, 0]:.3f}" in gap for gap in found.gaps)


def test_one_check_can_be_left_out(tmp_path: Path) -> None:
    model = RandomForestClassifier(3, random_state=0).fit(*DATA)
    watch = Watch({Check.retained: Skipped()})
    found = inspected(model, tmp_path, watch, data=DATA, holdout=HOLDOUT)
    assert found.retained is None
    assert found.leakage is not None
    assert found.gaps == ("Training rows inside the model: it was stopped before it was done.",)
    assert watch.ended == list(Check)


class Stopped(Exception):
    """The person wants no more."""


@pytest.mark.parametrize("check", Check)
def test_all_can_be_stopped(tmp_path: Path, check: Check) -> None:
    """What who watches raises comes out, from the middle of any check."""
    watch = Watch({check: Stopped()})
    with pytest.raises(Stopped):
        inspected(LogisticRegression().fit(*DATA), tmp_path, watch, data=DATA, holdout=HOLDOUT)
    assert watch.ended == list(Check)[: list(Check).index(check)]


def test_the_model_stays_as_it_was(tmp_path: Path) -> None:
    model = RandomForestClassifier(3, random_state=0).fit(*DATA)
    before = identity(model)
    inspected(model, tmp_path, data=DATA, holdout=HOLDOUT)
    assert before is not None
    assert identity(model) == before


def test_a_model_that_was_fitted_again_is_another() -> None:
    model = LogisticRegression().fit(*DATA)
    before = identity(model)
    model.fit(*HOLDOUT)
    assert identity(model) != before


def test_what_cannot_be_gone_through_has_no_identity() -> None:
    class Stubborn:
        def __reduce__(self) -> str:
            raise RuntimeError("no")

    assert identity(Stubborn()) is None


def test_another_form_is_measured_by_itself(tmp_path: Path) -> None:
    """What does not depend on it is kept as it is, and what stood in its way is forgotten."""
    model = LogisticRegression().fit(*DATA)
    first = inspected(model, tmp_path / "first", data=DATA, form="pickle")
    assert len(first.gaps) == 2
    watch = Watch()
    asked = Asked(model, data=DATA, form="onnx")
    second = inspect(asked, tmp_path / "second", watch, first)
    assert watch.ended == [Check.form, Check.scan]
    assert second.converted is not None
    assert second.converted.form == "onnx"
    assert second.scan is not None
    assert [file.path for file in second.scan.files] == ["model.onnx"]
    assert second.retained is first.retained
    assert second.hidden is first.hidden
    assert second.gaps == ("Leakage: it needs data that the model has not seen.",)
