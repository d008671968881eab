"""What ``import workbench as wb`` offers to look into models and files, in a real workplace."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from workbench.app import Workplace
from workbench.capture.gather import Named
from workbench.errors import Denied, InputError
from workbench.findings.depth import Depth
from workbench.findings.leakage import Tier
from workbench.findings.scan import Outcome
from workbench.findings.statement import read
from workbench.notebook import measured as measures
from workbench.notebook.functions import Notebook
from workbench.notebook.inspecting import KernelInspector
from workbench.policy import terms
from workbench.services.publish import Draft
from workbench.stores.keystore import MemoryKeystore
from workbench.tracing.checked import checks_view
from workbench.vocabulary import Band, Verdict

RANDOM = np.random.default_rng(1)
ROWS = pd.DataFrame(RANDOM.normal(size=(240, 3)), columns=["age", "bmi", "rate"])
TRUTH = (ROWS["age"] > 0).astype(int)
DATA, HOLDOUT = (ROWS[:120], TRUTH[:120]), (ROWS[120:], TRUTH[120:])
THOROUGH = Depth(Tier.thorough, references=6)
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


def test_what_is_published_at_once_is_measured_as_closely_as_was_asked(
    wb: Notebook, place: Workplace
) -> None:
    model = LogisticRegression().fit(*DATA)
    wb.share(model, name="lab/m", thorough=True, references=4, sensitive=[], **FIELDS)
    found = read(place.session("anna").evidence("lab/m:1.0").statements)
    assert found.leakage is not None
    assert found.leakage.references == 4
    assert found.screen is not None


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
    inspector.run(model, DATA, HOLDOUT, THOROUGH, measures.Told(lambda *_: None))
    measured = kept[id(model)]
    assert measured.is_of(model)
    runs = []
    real = measures.measure

    def counted(*args: Any, **options: Any) -> Any:
        runs.append(args[4])
        return real(*args, **options)

    monkeypatch.setattr("workbench.notebook.functions.measure", counted)
    draft = _draft()
    wb.publish(model, draft, lambda *_: None, _named(), measured)
    assert runs == []
    found = read(place.session("anna").evidence("lab/m:1.0").statements)
    assert found.leakage is not None
    assert found.leakage.references == 6
    model.fit(*HOLDOUT)
    again = draft.model_copy(update={"version": "1.1"})
    wb.publish(model, again, lambda *_: None, _named(), measured)
    assert runs == [THOROUGH]


def test_planted_records_are_found_in_the_notebook(
    wb: Notebook, place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the data that the model was trained on; what is said of people is said without them."""
    X, y, planted = wb.plant(*DATA)
    _notebook(monkeypatch, X=X, y=y, before=planted)
    model = RandomForestClassifier(50, random_state=0).fit(X, y)
    found = wb.inspect(model, (X, y), HOLDOUT)
    assert found["canaries"]["planted"] == 50
    assert found["leakage"]["members"] == 120
    assert "50 made-up records were planted before training" in found._repr_html_()
    assert wb.inspect(model, DATA, HOLDOUT)["canaries"] is None
    given = wb.inspect(model, DATA, HOLDOUT, canaries=planted)
    assert given["canaries"] == found["canaries"]
    with pytest.raises(InputError, match="no planted records"):
        wb.inspect(model, DATA, HOLDOUT, canaries=(X, y, planted))
    wb.share(model, name="lab/m", **{**FIELDS, "data": (X, y)})
    view = checks_view(place.session("anna"), "lab/m:1.0")
    assert view["canaries"] == found["canaries"]
    assert [row["outcome"] for row in view["rows"] if row["key"] == "canaries"] == ["concern"]


def test_a_thorough_look_says_how_long_it_takes_and_as_much_as_was_asked(wb: Notebook) -> None:
    """Before it begins, and how far it is; groups, columns and the number are the person's."""
    told: list[str] = []
    model = LogisticRegression().fit(*DATA)
    side = np.where(ROWS["bmi"] > 0, "left", "right")
    found = wb.inspect(
        model, DATA, HOLDOUT, thorough=True, references=4,
        groups={"side": (side[:120], side[120:])}, sensitive=["age"],
        progress=lambda what, _done, _total: told.append(what),
    )  # fmt: skip
    assert any(what.startswith("To train 4 models to compare with takes about") for what in told)
    assert "Refitting 1 of 4" in told
    assert {one["name"] for one in found["leakage"]["groups"] if one["of"] == "side"} == {
        "left",
        "right",
    }
    assert "Column age has one value, or more than 10" in " ".join(found["leakage"]["gaps"])


def test_a_network_is_compared_where_its_training_is_given(wb: Notebook) -> None:
    """A function that trains it; without one it is said that nobody knows how."""
    torch.manual_seed(0)

    def train(rows: Any, truth: Any, _seed: int) -> Any:
        network = torch.nn.Linear(3, 2)
        optimiser = torch.optim.Adam(network.parameters(), 0.1)
        for _ in range(20):
            optimiser.zero_grad()
            said = network(torch.as_tensor(rows.to_numpy(), dtype=torch.float32))
            torch.nn.functional.cross_entropy(said, torch.as_tensor(truth.to_numpy())).backward()
            optimiser.step()
        return network

    network = train(*DATA, 0)
    how: dict[str, Any] = {"thorough": True, "references": 2, "progress": lambda *_: None}
    alone = wb.inspect(network, DATA, HOLDOUT, **how)
    assert alone["leakage"]["references"] == 0
    assert "how a network was trained is in the notebook" in " ".join(alone["leakage"]["gaps"])
    assert wb.inspect(network, DATA, HOLDOUT, refit=train, **how)["leakage"]["references"] == 2


def test_progress_of_long_work_is_one_line(
    wb: Notebook, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which is written over, and gone in the end; a quick look says nothing."""
    model = LogisticRegression().fit(*DATA)
    wb.inspect(model, DATA, HOLDOUT)
    assert capsys.readouterr().err == ""
    wb.inspect(model, DATA, HOLDOUT, thorough=True, references=2)
    told = capsys.readouterr().err
    assert "Refitting 1 of 2" in told
    assert "\n" not in told
    assert told.endswith(f"\r{'':80}\r")


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
    _notebook(monkeypatch, X=ROWS, y=TRUTH)
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


def _notebook(monkeypatch: pytest.MonkeyPatch, **names: Any) -> None:
    """Let there be a notebook with these names."""
    shell = SimpleNamespace(user_ns=names)
    monkeypatch.setattr(measures, "get_ipython", lambda: shell)


def _draft() -> Any:
    return Draft.of(name="lab/m", version="1.0", license="CC-BY-NC-4.0", terms=terms.standard())


def _named() -> Any:
    return Named(data=DATA, holdout=HOLDOUT)
