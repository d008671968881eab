"""What ``import workbench as wb`` offers to look into models and files, in a real workplace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from workbench.app import Workplace
from workbench.capture.gather import Named
from workbench.errors import Denied, InputError
from workbench.findings.scan import Outcome
from workbench.findings.statement import read
from workbench.notebook import inspecting
from workbench.notebook.functions import Notebook
from workbench.notebook.inspecting import KernelInspector
from workbench.policy import terms
from workbench.services.publish import Draft
from workbench.stores.keystore import MemoryKeystore
from workbench.vocabulary import Band, Verdict

RANDOM = np.random.default_rng(1)
ROWS = pd.DataFrame(RANDOM.normal(size=(240, 3)), columns=["age", "bmi", "rate"])
TRUTH = (ROWS["age"] > 0).astype(int)
DATA, HOLDOUT = (ROWS[:120], TRUTH[:120]), (ROWS[120:], TRUTH[120:])
FIELDS = {"license": "CC-BY-NC-4.0", "publish": True, "data": DATA, "holdout": HOLDOUT}


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    place = Workplace(tmp_path / "home", MemoryKeystore())
    place.init("anna")
    return place


@pytest.fixture
def wb(place: Workplace) -> Notebook:
    return Notebook(place)


def test_an_inspection_is_shown_in_words(wb: Notebook) -> None:
    found = wb.inspect(KNeighborsClassifier(3).fit(*DATA), DATA, HOLDOUT)
    outcomes = {row["key"]: row["outcome"] for row in found["rows"]}
    assert (outcomes["scan"], outcomes["retained"]) == ("passed", "failed")
    shown = found._repr_html_()
    assert "120 of 120 training rows sit inside the model" in shown
    assert "An attacker who has" in shown


def test_a_scan_is_shown_and_is_no_yes_or_no(wb: Notebook, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("age\n50\n")
    found = wb.scan(tmp_path / "table.csv")
    assert found.report.outcome is Outcome.safe
    assert "table.csv" in found._repr_html_()
    with pytest.raises(TypeError, match="outcome"):
        bool(found)


def test_what_is_published_was_measured(wb: Notebook, place: Workplace) -> None:
    """In the listing as words, in the evidence in full; what the owner says counts for nothing."""
    model = LogisticRegression().fit(*DATA)
    wb.share(model, name="lab/calm", facts={"leakage": "low", "retained_rows": "passed"}, **FIELDS)
    session = place.session("anna")
    facts = session.release("lab/calm:1.0").listing.facts
    assert (facts.scan, facts.safe_form, facts.retained_rows) == (Verdict.passed,) * 3
    assert facts.leakage is Band.medium
    found = read(session.evidence("lab/calm:1.0").statements)
    assert found.leakage is not None
    assert found.converted is not None
    assert found.retained is not None
    assert found.scan is not None
    assert [file.path for file in found.scan.files] == ["model.skops"]


def test_rows_inside_a_confidential_model_stop_it(wb: Notebook, place: Workplace) -> None:
    near = KNeighborsClassifier(3).fit(*DATA)
    with pytest.raises(Denied, match="Rows of the training data sit inside"):
        wb.share(near, name="lab/near", sensitivity="confidential", **FIELDS)
    assert place.session("anna").catalogue() == []


def test_what_was_measured_counts_while_the_model_is_the_same(
    wb: Notebook, place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The form's results go with the release; fitted again, the model is measured again."""
    kept: dict[int, Any] = {}
    model = LogisticRegression().fit(*DATA)
    inspector = KernelInspector(lambda one, found: kept.update({id(one): found}))
    inspector.run(model, DATA, HOLDOUT, True, inspecting.Told(lambda *_: None))
    measured = kept[id(model)]
    assert measured.is_of(model)
    runs = []
    real = inspecting.measure

    def counted(*args: Any, **options: Any) -> Any:
        runs.append(options["thorough"])
        return real(*args, **options)

    monkeypatch.setattr("workbench.notebook.functions.measure", counted)
    draft = _draft()
    wb.publish(model, draft, lambda *_: None, _named(), measured)
    assert runs == []
    found = read(place.session("anna").evidence("lab/m:1.0").statements)
    assert found.leakage is not None
    assert found.leakage.references == 8
    model.fit(*HOLDOUT)
    again = draft.model_copy(update={"version": "1.1"})
    wb.publish(model, again, lambda *_: None, _named(), measured)
    assert runs == [True]


def test_a_sanitised_copy_says_what_it_cost(wb: Notebook) -> None:
    model = LogisticRegression().fit(*DATA)
    done = wb.sanitise(model, HOLDOUT)
    assert (done.model.coef_ != model.coef_).any()
    assert done.report.before is not None
    clean, words = KernelInspector(None).sanitised(model, HOLDOUT)
    assert (clean.coef_ == done.model.coef_).all()
    assert "numbers were changed" in words


def test_stand_in_data_has_the_columns_and_nobody_s_rows(wb: Notebook) -> None:
    made = wb.synthetic(ROWS, "copula", seed=3)
    assert list(made.frame.columns) == list(ROWS.columns)
    assert made.report.sentences()
    with pytest.raises(InputError):
        wb.synthetic(ROWS, "cupola")


def test_names_of_data_are_looked_up_in_the_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspecting, "_namespace", lambda: {"X": ROWS, "y": TRUTH})
    inspector = KernelInspector(None)
    assert inspector.named(" ") is None
    pair = inspector.named("X, y")
    assert pair is not None
    assert pair[0] is ROWS
    assert pair[1] is TRUTH
    alone = inspector.named("X")
    assert alone is not None
    assert alone[1] is None
    for text in ("X, z", "X, y, X", "X["):
        with pytest.raises(InputError, match="cannot be found"):
            inspector.named(text)


def _draft() -> Any:
    return Draft.of(name="lab/m", version="1.0", license="CC-BY-NC-4.0", terms=terms.standard())


def _named() -> Any:
    return Named(data=DATA, holdout=HOLDOUT)
