"""The level schema tells names, types and rough counts, and nothing else of the data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.unit.standin.conftest import patients
from workbench.findings.standin import StandInReport, Treatment
from workbench.standin.making import synthetic


def changed(frame: pd.DataFrame) -> pd.DataFrame:
    """All values are others, each kind of column what it was."""
    other = frame.iloc[::-1].reset_index(drop=True)
    other["age"] = other["age"] * 3 + 7
    other["pressure"] = other["pressure"] * 100 + 5
    other["crp"] = -other["crp"]
    other["patient"] = "Q" + other["patient"]
    other["sex"] = other["sex"].map({"F": "female", "M": "male"}).astype(frame["sex"].dtype)
    other["site"] = other["site"].map({"Kiel": "x", "Bonn": "y", "Bad Homburg": "z"})
    other["stage"] = other["stage"].cat.rename_categories({"I": "early", "II": "mid", "III": "l"})
    other["seen"] = (other["seen"] + pd.Timedelta(days=1)).astype(frame["seen"].dtype)
    other["smoker"] = ~other["smoker"]
    other["country"] = "France"
    other["note"] = other["note"] + " again"
    return other


def test_other_data_of_the_same_shape_gives_the_same_stand_in() -> None:
    """The strongest form of it: nothing that is made depends on any value."""
    one, other = patients(300), changed(patients(300))
    first, second = synthetic(one, seed=1), synthetic(other, seed=1)
    pd.testing.assert_frame_equal(first.frame, second.frame, check_categorical=False)
    assert first.report == second.report


def test_the_number_of_rows_is_not_told() -> None:
    assert len(synthetic(patients(300)).frame) == 100
    assert len(synthetic(patients(17)).frame) == 100
    assert len(synthetic(patients(300), rows=7).frame) == 7


@pytest.mark.parametrize(
    ("different", "shown"), [(1, 2), (2, 2), (3, 4), (4, 4), (5, 8), (9, 16), (17, 16), (25, 16)]
)
def test_the_number_of_categories_is_rounded_up(different: int, shown: int) -> None:
    frame = pd.DataFrame({"site": [f"site {i % different}" for i in range(1000)]})
    made = synthetic(frame, rows=2000).frame
    assert sorted(set(made["site"])) == [chr(ord("a") + i) for i in range(shown)]


def test_values_are_those_that_are_promised() -> None:
    made = synthetic(patients(300), rows=1000).frame
    assert not made.isna().any().any()
    assert made["age"].between(0, 99).all()
    assert made["crp"].between(0, 1).all()
    assert made["outcome"].isin([0, 1]).all()
    assert made["seen"].between("2000-01-01", "2010-01-01").all()
    assert list(made["patient"][:2]) == ["id-1", "id-2"]
    assert list(made["number"][:2]) == [1, 2]
    assert set(made["note"]) == {"text"}


def test_the_report_says_what_it_reveals() -> None:
    report = synthetic(patients(300)).report
    became = {one.column: one.became for one in report.treated}
    assert became["patient"] is became["number"] is Treatment.identifiers
    assert became["note"] is Treatment.text
    said = " ".join(report.sentences())
    assert "the names and types of its columns" in said
    assert "Made-up identifiers: patient, number." in said
    assert report.closeness is report.quality is report.epsilon is None
    assert StandInReport.from_bytes(report.to_bytes()) == report


def test_the_same_seed_gives_the_same() -> None:
    frame = patients(100)
    pd.testing.assert_frame_equal(synthetic(frame, seed=5).frame, synthetic(frame, seed=5).frame)
    other = synthetic(frame, seed=6).frame
    assert not np.array_equal(other["crp"], synthetic(frame, seed=5).frame["crp"])
