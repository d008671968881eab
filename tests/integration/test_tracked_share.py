"""From %load_ext to a signed lineage: a notebook that is tracked, shared and shared again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell

from workbench.app import Workplace
from workbench.capture import tracker
from workbench.errors import Denied, InputError, NotFound
from workbench.notebook.functions import Notebook
from workbench.origin.graph import Graph, Kind, Mark
from workbench.policy import terms
from workbench.session import Session
from workbench.stores.keystore import MemoryKeystore
from workbench.tracing.changed import changes_view
from workbench.tracing.trail import trail
from workbench.vocabulary import Labelling, Role, Sensitivity

REF = "clinic/risk:1.0"
TRAIN = """
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
model = LogisticRegression(C=0.5).fit(patients[["age", "sugar"]], patients["ill"])
accuracy = accuracy_score(patients["ill"], model.predict(patients[["age", "sugar"]]))
"""


class Cells:
    """A notebook's kernel, tracked, with Anna's functions in it."""

    def __init__(self, place: Workplace) -> None:
        self.shell = InteractiveShell()
        self.shell.user_ns["wb"] = self.wb = Notebook(_As(place, "anna"))
        self.tracker = tracker.start(self.shell)

    def run(self, code: str) -> Any:
        """Run a cell; what it raises is raised here."""
        result = self.shell.run_cell(code, store_history=True)
        result.raise_error()
        return result.result

    def __getitem__(self, name: str) -> Any:
        return self.shell.user_ns[name]


class _As:
    """The workplace of one person."""

    def __init__(self, place: Workplace, person: str) -> None:
        self._place, self._person = place, person

    def __getattr__(self, name: str) -> Any:
        return getattr(self._place, name)

    def session(self, person: str | None = None) -> Session:
        return self._place.session(person or self._person)


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    place = Workplace(tmp_path / "home", MemoryKeystore())
    place.init("anna")
    place.init("ben")
    place.init("rita", roles=[Role.reviewer])
    return place


@pytest.fixture
def cells(place: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cells]:
    """A kernel in a folder with two tables."""
    monkeypatch.chdir(tmp_path)
    rows = np.random.default_rng(0).normal(50, 10, (80, 2)).round(3)
    table = pd.DataFrame(rows, columns=["age", "sugar"])
    table["ill"] = (table["sugar"] > 50).astype(int)
    table.to_csv("patients.csv", index=False)
    table.to_csv("other.csv", index=False)
    yield Cells(place)
    tracker.stop()


def share(cells: Cells, version: str = "1.0", **fields: Any) -> Any:
    given = {"license": "CC-BY-NC-4.0", "publish": True, **fields}
    return cells.wb.share(cells["model"], name="clinic/risk", version=version, **given)


def train(cells: Cells, label: str = "") -> None:
    cells.run("import pandas as pd\npatients = pd.read_csv('patients.csv')")
    if label:
        cells.run(label)
    cells.run("other = pd.read_csv('other.csv')\nother.shape")
    cells.run(TRAIN)


def kept(place: Workplace, ref: str = REF) -> Any:
    return trail(place.session("rita"), ref).provenance


def test_a_tracked_model_takes_its_lineage_along(cells: Cells, place: Workplace) -> None:
    """Source with digest, cells, settings, measure and surroundings; nothing of what is beside."""
    train(cells)
    share(cells, holdout=(cells["patients"][["age", "sugar"]], cells["patients"]["ill"]))
    found = kept(place)
    (source,) = found.graph.of_kind(Kind.source)
    assert source.label == "patients.csv"
    assert str(source.details["digest"]).startswith("sha256:")
    assert {edge.mark for edge in found.graph.edges if edge.source == source.id} == {Mark.observed}
    codes = "\n".join(str(n.details["code"]) for n in found.graph.of_kind(Kind.step))
    assert "LogisticRegression(C=0.5)" in codes
    assert "other.csv" not in codes
    (part,) = found.training.parts
    assert part.parameters["C"] == 0.5
    measured = {(one.name, one.on) for one in found.training.metrics}
    assert any(name == "accuracy_score" for name, _ in measured)
    assert any(on == "holdout" for _, on in measured)
    assert "pandas" in found.environment.packages
    assert "other.csv" not in "\n".join(cell.code for cell in found.notebook.cells)


def test_two_tables_read_in_one_statement(cells: Cells, place: Workplace) -> None:
    """Which of them the model came of was not seen: neither is left out, both are guesses."""
    cells.run("import pandas as pd")
    cells.run("patients, other = pd.read_csv('patients.csv'), pd.read_csv('other.csv')")
    cells.run(TRAIN)
    graph = cells.tracker.graph(cells["model"])
    ids = {node.id for node in graph.of_kind(Kind.source)}
    assert len(ids) == 2
    assert {edge.mark for edge in graph.edges if edge.source in ids} == {Mark.inferred}


def test_no_value_of_the_data_leaves(cells: Cells, place: Workplace) -> None:
    """Not one of the measured numbers stands in what was signed."""
    train(cells)
    share(cells)
    evidence = trail(place.session("rita"), REF).evidence
    said = str(evidence.statements)
    values = pd.read_csv("patients.csv")[["age", "sugar"]].to_numpy().ravel()
    assert [value for value in values if f"{value:.3f}" in said] == []


def test_the_label_reaches_the_release(cells: Cells, place: Workplace) -> None:
    """Level and regions come from the data, whatever the owner says."""
    train(
        cells, "wb.dataset(patients, name='cohort', classification='confidential', regions=['eu']);"
    )
    share(cells, sensitivity="open", regions=("eu", "us"))
    listing = place.session("anna").release(REF).listing
    assert listing.sensitivity is Sensitivity.confidential
    assert listing.regions == ("eu",)
    assert listing.facts.labels is Labelling.complete


def test_what_nobody_labelled_is_not_open(cells: Cells, place: Workplace) -> None:
    """The policy says what to do first."""
    train(cells)
    with pytest.raises(Denied) as caught:
        share(cells, sensitivity="open")
    assert caught.value.decision is not None
    assert caught.value.decision.policies == ("open-needs-labels",)
    assert place.session("anna").catalogue() == []


def test_the_path_of_a_file_can_be_labelled(cells: Cells, place: Workplace) -> None:
    """Before or after it is read; the file's node carries the label."""
    cells.run("wb.dataset('patients.csv', name='cohort', classification='internal');")
    train(cells)
    share(cells, sensitivity="open")
    listing = place.session("anna").release(REF).listing
    assert listing.sensitivity is Sensitivity.internal
    (source,) = kept(place).graph.of_kind(Kind.source)
    assert source.dataset is not None
    assert source.dataset.name == "cohort"


@pytest.mark.parametrize("wrong", [{"classification": "secret"}, {"regions": ["The EU"]}])
def test_a_label_that_cannot_be_used(cells: Cells, wrong: dict[str, Any]) -> None:
    """It says so, and the data goes on unlabelled."""
    with pytest.raises(InputError, match="This label cannot be used"):
        cells.wb.dataset("patients.csv", name="cohort", **wrong)
    assert cells.tracker.marks == {}


def test_a_secret_in_the_code_stays_here(cells: Cells, place: Workplace) -> None:
    """Taken out of the graph and of the code, in every cell; its place is told."""
    cells.run("password = 'correct-horse-7'\nimport pandas as pd")
    cells.run("patients = pd.read_csv('patients.csv') if password == 'correct-horse-7' else None")
    cells.run(TRAIN)
    share(cells)
    found = kept(place)
    said = str(trail(place.session("rita"), REF).evidence.statements)
    assert "correct-horse-7" not in said
    assert found.notebook.secrets


def test_changed_data_is_noticed(cells: Cells, place: Workplace) -> None:
    """A file that is another one by the time of sharing is not passed off as what was read."""
    train(cells)
    cells.tracker.hashed(30)
    Path("patients.csv").write_text("age,sugar,ill\n")
    share(cells)
    (source,) = kept(place).graph.of_kind(Kind.source)
    assert "changed" in str(source.details.get("changed"))


def test_a_model_made_of_a_release_is_derived(cells: Cells, place: Workplace) -> None:
    """Opened, tuned and shared again: the parent is named by digest, its terms are inherited."""
    own = "Our own terms\nBe kind to patients.\n"
    train(cells, "wb.dataset(patients, name='cohort', classification='internal');")
    share(cells, terms=own)
    ben = Notebook(_As(place, "ben"))
    request = ben.request_access(REF, right="retrieve", purpose="Tune it.", accept_terms=True)
    place.session("rita").decide(request["id"], "approve", "Fine.")
    cells.shell.user_ns["wb"] = ben
    cells.run("opened = wb.open('clinic/risk:1.0')\nstart = opened.load()")
    cells.run(
        "more = pd.read_csv('other.csv')\nwb.dataset(more, name='more', classification='open');"
    )
    cells.run("start.fit(more[['age', 'sugar']], more['ill']);")
    card = ben.share(cells["start"], name="ben/tuned", license="CC-BY-NC-4.0", publish=True)
    listing = place.session("ben").release("ben/tuned:1.0").listing
    assert [parent.ref for parent in listing.parents] == [REF]
    assert listing.terms == terms.of(own).key
    assert listing.sensitivity is Sensitivity.internal
    assert card["parents"][0]["ref"] == REF


def test_what_changed_since_the_version_before(cells: Cells, place: Workplace) -> None:
    """The second version differs by a setting and a cell, and both are shown."""
    train(cells)
    share(cells)
    cells.run(TRAIN.replace("0.5", "0.25"))
    share(cells, version="1.1")
    view = changes_view(place.session("rita"), "clinic/risk:1.1")
    found = {section["title"]: section["changes"] for section in view["sections"]}
    settings = {change["name"]: (change["before"], change["after"]) for change in found["Settings"]}
    assert ("0.5", "0.25") in settings.values()
    assert found["Code"]


def test_a_file_that_the_notebook_wrote(cells: Cells, place: Workplace) -> None:
    """Shared by its path, it takes the lineage of the cell that wrote it along."""
    train(cells)
    cells.run("import joblib\njoblib.dump(model.coef_, 'coefficients.bin');")
    cells.wb.share("coefficients.bin", name="clinic/risk", license="CC-BY-NC-4.0", publish=True)
    graph = kept(place).graph
    assert graph.node(graph.target).kind is Kind.file
    assert [node.label for node in graph.of_kind(Kind.source)] == ["patients.csv"]


def test_without_tracking_nothing_is_claimed(place: Workplace) -> None:
    """Settings and surroundings are kept, a lineage is not made up, and labels are unknown."""
    from_nowhere = Notebook(_As(place, "anna"))
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    from_nowhere.share(model, name="clinic/risk", license="CC-BY-NC-4.0", publish=True)
    found = kept(place)
    assert found.graph is None
    assert found.training is not None
    assert place.session("anna").release(REF).listing.facts.labels is Labelling.unknown


def test_looking_in_a_cell(cells: Cells, place: Workplace) -> None:
    """The picture of a variable, of everything, and of a release; errors say what to do."""
    train(cells)
    assert cells.wb.provenance(cells["model"]).shown.target
    whole = cells.wb.provenance().shown
    assert {"patients.csv", "other.csv"} == {n.label for n in whole.of_kind(Kind.source)}
    share(cells)
    assert isinstance(cells.wb.provenance(REF).shown, Graph)
    with pytest.raises(InputError, match="has no name in the notebook"):
        cells.wb.provenance(object())
    with pytest.raises(NotFound):
        cells.wb.provenance("clinic/other:1.0")
    tracker.stop()
    with pytest.raises(InputError, match="Nothing was tracked in this notebook yet"):
        cells.wb.provenance()
