"""What is signed of a look: bounded, the same bytes each time, and sentences without values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import OneHotEncoder

from tests.unit.retention.people import SIZE, Thing, X, Y, patients
from workbench.errors import InputError
from workbench.findings.finding import Level
from workbench.findings.retained import MOST, How, Keeping, Kept, RetainedReport
from workbench.retention.looking import look
from workbench.vocabulary import Verdict


def kept(**changes: Any) -> Kept:
    given: dict[str, Any] = {
        "where": "steps.knn._fit_X",
        "kind": Keeping.rows,
        "how": How.exact,
        "level": Level.unsafe,
        "count": 3,
        "of": 10,
        "why": "Whoever gets the model can read these people's records.",
    }
    return Kept(**{**given, **changes})


def test_a_report_is_read_back_as_it_was_written() -> None:
    """One spelling, and nothing else is accepted."""
    report = look(KNeighborsClassifier().fit(X, Y), (X, Y))
    assert RetainedReport.from_bytes(report.to_bytes()) == report
    with pytest.raises(InputError, match="Not a RetainedReport"):
        RetainedReport.from_bytes(report.to_bytes().replace(b'"rows":240', b'"rows":241'))


@pytest.mark.parametrize(
    "changes",
    [
        {"count": 11},
        {"count": 0},
        {"positions": (1,) * 21},
        {"columns": ("a",) * 21},
        {"where": ""},
    ],
)
def test_limits_of_a_place(changes: dict[str, Any]) -> None:
    """No more than there is, and no long lists."""
    with pytest.raises(ValidationError):
        kept(**changes)


@pytest.mark.parametrize("changes", [{"rows": 11}, {"targets": 11}, {"k": 1}, {"of": 0}])
def test_limits_of_a_report(changes: dict[str, Any]) -> None:
    """As many rows as there are at most."""
    with pytest.raises(ValidationError):
        RetainedReport(**{"k": 10, "of": 10, **changes})


@pytest.mark.parametrize(
    ("found", "gaps", "verdict"),
    [
        ((), (), Verdict.passed),
        ((), ("a part",), Verdict.unknown),
        ((kept(),), ("a part",), Verdict.failed),
        ((kept(kind=Keeping.leaves, level=Level.concern, how=How.counted),), (), Verdict.passed),
        ((kept(kind=Keeping.labels, level=Level.note),), (), Verdict.passed),
        ((kept(kind=Keeping.extremes, level=Level.concern),), ("a",), Verdict.unknown),
        ((kept(kind=Keeping.categories),), (), Verdict.failed),
    ],
)
def test_the_verdict(found: Any, gaps: Any, verdict: Verdict) -> None:
    """Rows, targets and rare texts fail; numbers for a person to weigh do not; gaps stay open."""
    assert RetainedReport(k=10, of=10, found=found, gaps=gaps).verdict is verdict


def test_sentences() -> None:
    """In the order of a reader: what, where, why, what to do."""
    said = look(KNeighborsClassifier().fit(X, Y), (X, Y)).sentences()
    assert said[0] == f"{SIZE} of {SIZE} training rows sit inside the model."
    assert said[1].startswith(f"_fit_X holds {SIZE} of {SIZE} training rows, exactly. Whoever gets")
    assert "logistic regression" in said[1]
    assert look(Thing(), X).sentences() == ("No training row was found in the model.",)


@pytest.mark.parametrize("kind", Keeping)
def test_every_kind_has_a_sentence(kind: Keeping) -> None:
    """With its place and its number, and no gap in the words."""
    said = kept(kind=kind, how=How.counted, after="steps.scale", transposed=True).sentence()
    assert said.startswith("steps.knn._fit_X ")
    assert said.endswith(".")
    assert "  " not in said
    assert "{" not in said


def test_no_value_of_anyone_is_in_a_report() -> None:
    """Whatever is kept: not a number, not a text of the data."""
    frame = patients()
    thing = Thing(a=frame, b=OneHotEncoder().fit(frame[["clinic"]]), c=frame.crp[:9].tolist())
    report = look(thing, (frame, frame.crp))
    assert len(report.found) >= 3
    text = report.to_bytes().decode() + " ".join(report.sentences())
    assert not any(str(value) in text for value in (*frame.crp, *set(frame.clinic)))


def test_many_places_are_counted() -> None:
    """The worst two hundred are listed."""
    report = look({f"a{i}": {"x": X[i : i + 2].copy(), "y": 1} for i in range(230)}, X)
    assert (len(report.found), report.more) == (MOST, 30)
    assert report.rows == 231
    assert f"{report.more} more places are not listed." in report.sentences()


def test_many_gaps_are_counted() -> None:
    """Fifty sentences at most."""
    report = look([(i for i in "ab") for _ in range(80)], X)
    assert len(report.gaps) == 50
    assert report.gaps[-1] == "31 more parts were not looked into."


def test_names_that_cannot_be_shown() -> None:
    """What would hide or reorder text on a screen is taken out of names."""
    frame = patients().rename(columns={"bmi": "b\u202emi", "crp": ""})
    thing = Thing(**{"we\u202eird": frame.copy()})
    report = look(thing, frame)
    assert report.found[0].where == "weird"
    assert report.found[0].columns == ("age", "clinic", "bmi", "column")


def test_worst_first() -> None:
    """Rows before leaves before notes."""
    thing = Thing(b=np.random.default_rng(0).normal(size=SIZE), a=X[:5].copy())
    assert [one.level for one in look(thing, X).found] == [Level.unsafe, Level.note]
