"""Opened models that are programs: loaded by whoever insists and may, and by nobody else."""

from __future__ import annotations

import hashlib
import os
import pickle
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from tests.integration.exchange import REF, Exchange
from workbench.app import Workplace
from workbench.converting import pickled
from workbench.errors import Denied, InputError, TrustError
from workbench.findings.scan import ScanReport
from workbench.listing import Facts
from workbench.notebook.functions import Notebook
from workbench.notebook.programs import ProgramWarning
from workbench.notebook.showing import Asking, Opened
from workbench.records import Event
from workbench.release.signing import Resource
from workbench.session import Session
from workbench.stores import folder
from workbench.stores.keystore import MemoryKeystore
from workbench.views import sentence
from workbench.vocabulary import Band, Labelling, Role, Verdict

RISK = "clinic/risk:1.0"
ROWS = np.random.default_rng(0).normal(size=(40, 3))
MODEL = LogisticRegression().fit(ROWS, ROWS[:, 0] > 0)
NET = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.ReLU())
PEOPLE = {"anna": [], "ben": [], "rita": [Role.reviewer], "sam": [Role.auditor]}
MEASURED = Facts(
    leakage=Band.low,
    retained_rows=Verdict.passed,
    hidden=Verdict.passed,
    labels=Labelling.complete,
)
WAY = ".load(insist=True)"


class _As:
    """The workplace of one person."""

    def __init__(self, place: Workplace, person: str) -> None:
        self._place, self._person = place, person

    def __getattr__(self, name: str) -> Any:
        return getattr(self._place, name)

    def session(self, person: str | None = None) -> Session:
        return self._place.session(person or self._person)


class Clinic:
    """Anna has models, Ben wants them, Rita reviews."""

    def __init__(self, home: Path) -> None:
        self.place = Workplace(home / "home", MemoryKeystore())
        self.folder = home / "model"
        self.folder.mkdir()
        for name, roles in PEOPLE.items():
            self.place.init(name, roles=roles)

    def opened(self, sensitivity: str = "internal", by: str = "ben", **fields: Any) -> Opened:
        """What somebody gets who was given what Anna has in her folder."""
        given = {"license": "CC-BY-NC-4.0", "publish": True, "sensitivity": sensitivity, **fields}
        self.notebook("anna").share(self.folder, name="clinic/risk", **given)
        notebook = self.notebook(by)
        if by != "anna":
            asked = notebook.request_access(RISK, "retrieve", "A study.", accept_terms=True)
            self.place.session("rita").decide(asked["id"], "approve", "It is fine.")
        return notebook.open(RISK)

    def notebook(self, person: str) -> Notebook:
        return Notebook(_As(self.place, person))

    def events(self, kind: str) -> list[Event]:
        return [one.event for one in self.place.session("sam").timeline(kind=kind, limit=100)]


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return Clinic(tmp_path)


def by_pickle(folder: Path) -> None:
    (folder / "model.pkl").write_bytes(pickle.dumps(MODEL))


def by_joblib(folder: Path) -> None:
    joblib.dump(MODEL, folder / "model.joblib")


def packed(form: str) -> Callable[[Path], None]:
    return lambda folder: joblib.dump(MODEL, folder / "model.joblib", compress=(form, 3))


def by_torch(folder: Path) -> None:
    torch.save(NET, folder / "model.pt")


def state_only(folder: Path) -> None:
    torch.save(NET.state_dict(), folder / "model.pt")


FORMS: dict[str, Callable[[Path], Any]] = {
    "pickle": by_pickle,
    "joblib": by_joblib,
    **{form: packed(form) for form in ("zlib", "gzip", "bz2", "xz", "lzma")},
}


def insisted(opened: Opened, **fields: Any) -> Any:
    with pytest.warns(ProgramWarning, match="It runs as you, with your files"):
        return opened.load(insist=True, **fields)


@pytest.mark.parametrize("form", FORMS)
def test_a_program_is_loaded_for_whoever_insists(clinic: Clinic, form: str) -> None:
    """Without insisting it is not, and the denial says what it is and what to do."""
    FORMS[form](clinic.folder)
    opened = clinic.opened()
    with pytest.raises(
        Denied, match="a pickle is a program: it runs as you, with your files"
    ) as no:
        opened.load()
    assert WAY in no.value.hint
    assert clinic.events("loaded") == []
    np.testing.assert_array_equal(insisted(opened).predict(ROWS), MODEL.predict(ROWS))
    assert [event.actor for event in clinic.events("loaded")] == ["ben"]


@pytest.mark.parametrize("write", [by_torch, state_only])
def test_files_of_torch(clinic: Clinic, write: Callable[[Path], None]) -> None:
    """A whole network, or its numbers."""
    write(clinic.folder)
    made = insisted(clinic.opened())
    state = made if write is state_only else made.state_dict()
    assert state.keys() == NET.state_dict().keys()
    assert all(torch.equal(state[name], value) for name, value in NET.state_dict().items())


def test_what_the_log_says(clinic: Clinic) -> None:
    """Who loaded what, of which kind, by which rules, signed; and who was refused."""
    by_joblib(clinic.folder)
    opened = clinic.opened()
    with pytest.raises(Denied):
        opened.load()
    insisted(opened)
    (refused,) = clinic.events("refused")
    assert (refused.release, refused.details) == (RISK, {"verb": "load"})
    assert "safe-forms-load" in refused.policies
    (loaded,) = clinic.events("loaded")
    assert loaded.details["insisted"] is True
    assert loaded.details["kinds"] == ["joblib pickle"]
    assert loaded.details["rules"]
    assert loaded.statement
    said = sentence(loaded, str.title)
    assert said == f"Ben loaded {RISK} as a program, having been told what that means"
    clinic.place.session("sam").verify_log()


def test_a_load_that_nobody_signed_is_found(clinic: Clinic) -> None:
    """The log holds only with the act of the person who loaded."""
    by_pickle(clinic.folder)
    clinic.opened()
    ben, sam = clinic.place.session("ben"), clinic.place.session("sam")
    with ben.context.records.writing() as writing:
        writing.append(ben.context.event(ben.actor, "loaded", release=RISK))
    with pytest.raises(TrustError):
        sam.verify_log()


@pytest.mark.parametrize("insist", [False, True])
@pytest.mark.parametrize("sensitivity", ["confidential", "restricted"])
def test_from_confidential_on_programs_stay_closed(
    memory: Exchange, tmp_path: Path, insist: bool, sensitivity: str
) -> None:
    """Even to the owner, however the files came there; insisting is not offered."""
    place = tmp_path / "model"
    place.mkdir()
    by_joblib(place)
    given = {"regions": ("eu",), "rights": ("infer",), "facts": MEASURED}
    memory.publish(place, sensitivity=sensitivity, **given)
    data = (place / "model.joblib").read_bytes()
    signed = [Resource("model.joblib", hashlib.sha256(data).hexdigest())]
    allow = partial(memory.ada.allow_load, REF)
    ask = Asking(REF, lambda: folder.scan(place), signed, allow)
    with pytest.raises(Denied, match="From confidential on") as no:
        Opened(REF, place, (), asking=ask).load(insist=insist)
    assert no.value.decision is not None
    assert "sensitive-pickles-stay-closed" in no.value.decision.policies
    assert WAY not in no.value.hint
    assert memory.events("loaded") == []


class Payload:
    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> Any:
        return os.system, (f"touch {self.canary}",)


@pytest.mark.parametrize("insist", [False, True])
@pytest.mark.parametrize("write", [pickle.dump, joblib.dump])
def test_a_payload_put_in_later_is_refused(
    clinic: Clinic, tmp_path: Path, insist: bool, write: Any
) -> None:
    """The folder is looked into again when it is loaded, and nothing of it runs."""
    by_joblib(clinic.folder)
    opened = clinic.opened()
    with (opened.path / "model.joblib").open("wb") as file:
        write(Payload(tmp_path / "canary"), file)
    with pytest.raises(Denied, match="could run somebody else's code") as no:
        opened.load(insist=insist)
    assert "model.joblib" in no.value.found
    assert not (tmp_path / "canary").exists()
    assert clinic.events("loaded") == []
    (refused,) = clinic.events("refused")
    assert refused.details == {"verb": "load"}


@pytest.mark.parametrize("form", ["pickle", "gzip"])
def test_a_payload_put_in_while_the_exchange_is_asked(
    clinic: Clinic, tmp_path: Path, form: str
) -> None:
    """What was looked into is what is loaded, whatever lies in the folder by then."""
    FORMS[form](clinic.folder)
    opened = clinic.opened()
    asking = opened.asking
    assert asking is not None

    def swapped(found: ScanReport, insist: bool) -> None:
        for path in opened.path.iterdir():
            path.write_bytes(pickle.dumps(Payload(tmp_path / "canary")))
        asking.allow(found, insist)

    again = Opened(opened.ref, opened.path, (), asking=replace(asking, allow=swapped))
    np.testing.assert_array_equal(insisted(again).predict(ROWS), MODEL.predict(ROWS))
    assert not (tmp_path / "canary").exists()


def test_unpacked_differently_than_it_was_looked_into(
    clinic: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes out of a packed file is looked into as such, once more."""
    FORMS["gzip"](clinic.folder)
    opened = clinic.opened()

    def other(stream: Any, kind: str, into: Any) -> str:
        into.write(pickle.dumps(Payload(tmp_path / "canary")))
        return "joblib pickle"

    monkeypatch.setattr(pickled, "unpacked", other)
    with pytest.raises(Denied, match="could run somebody else's code"):
        opened.load(insist=True)
    assert not (tmp_path / "canary").exists()
    assert clinic.events("loaded") == []
    assert len(clinic.events("refused")) == 1


def test_the_danger_is_spelled_out_each_time(clinic: Clinic) -> None:
    """Running a cell again shows it again."""
    by_joblib(clinic.folder)
    opened = clinic.opened()
    with warnings.catch_warnings(record=True) as shown:
        for _ in range(3):
            opened.load(insist=True)
    assert [one.category for one in shown] == [ProgramWarning] * 3
    assert all(one.filename == __file__ for one in shown)  # where the person wrote it


def test_another_harmless_model_is_not_taken_for_this_one(clinic: Clinic) -> None:
    """The log would say that a release was loaded which was not."""
    by_joblib(clinic.folder)
    opened = clinic.opened()
    joblib.dump(LogisticRegression().fit(ROWS, ROWS[:, 1] > 0), opened.path / "model.joblib")
    with pytest.raises(TrustError) as caught:
        opened.load(insist=True)
    assert caught.value.step == "model files"
    assert clinic.events("loaded") == []


def test_a_file_that_was_added_is_noticed(clinic: Clinic) -> None:
    by_joblib(clinic.folder)
    opened = clinic.opened()
    (opened.path / "more.csv").write_text("a,b\n1,2\n")
    with pytest.raises(TrustError, match=r"more\.csv"):
        opened.load(insist=True)


def test_a_link_in_the_folder_is_not_followed(clinic: Clinic, tmp_path: Path) -> None:
    by_joblib(clinic.folder)
    opened = clinic.opened()
    (opened.path / "model.joblib").rename(tmp_path / "elsewhere")
    (opened.path / "model.joblib").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="is a link") as caught:
        opened.load(insist=True)
    assert caught.value.unchanged == "Nothing was loaded."


def test_safe_forms_ask_nobody(clinic: Clinic) -> None:
    """Neither the gateway nor the person."""
    given: dict[str, Any] = {"license": "CC-BY-NC-4.0", "publish": True}
    clinic.notebook("anna").share(MODEL, name="clinic/risk", sensitivity="internal", **given)
    opened = clinic.notebook("anna").open(RISK)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = opened.load(insist=True)
    np.testing.assert_array_equal(made.predict(ROWS), MODEL.predict(ROWS))
    assert clinic.events("loaded") == clinic.events("refused") == []


def test_a_model_asked_for_as_onnx(clinic: Clinic) -> None:
    """It is proven equal, signed so, and opened without insisting; nobody is asked."""
    given: Any = {"license": "CC-BY-4.0", "publish": True, "form": "onnx"}
    clinic.notebook("anna").share(MODEL, name="clinic/risk", holdout=(ROWS, None), **given)
    opened = clinic.notebook("anna").open(RISK)
    assert [path.name for path in opened.path.iterdir()] == ["model.onnx"]
    loaded = opened.load()
    assert loaded.predict(ROWS).tolist() == MODEL.predict(ROWS).tolist()
    chances = MODEL.predict_proba(ROWS)
    np.testing.assert_allclose(loaded.predict_proba(ROWS), chances, atol=1e-5)
    assert clinic.events("loaded") == []


def test_onnx_put_in_another_s_place_is_looked_into(clinic: Clinic) -> None:
    """What lies in the folder when it is loaded counts, not what was published."""
    given: Any = {"license": "CC-BY-4.0", "publish": True, "form": "onnx"}
    clinic.notebook("anna").share(MODEL, name="clinic/risk", **given)
    opened = clinic.notebook("anna").open(RISK)
    (opened.path / "model.onnx").write_bytes(pickle.dumps(MODEL))
    with pytest.raises(TrustError, match="no model of ONNX"):
        opened.load()


def test_several_programs(clinic: Clinic) -> None:
    """Which one is the person's choice, and no other file is one."""
    by_joblib(clinic.folder)
    by_pickle(clinic.folder)
    (clinic.folder / "notes.txt").write_text("Trained in spring.\n")
    opened = clinic.opened()
    with pytest.raises(InputError, match=r"model\.joblib, model\.pkl") as caught:
        opened.load(insist=True)
    assert "file='model.joblib'" in caught.value.hint
    with pytest.raises(InputError, match=r"notes\.txt"):
        opened.load(insist=True, file="notes.txt")
    assert insisted(opened, file="model.pkl").coef_.tolist() == MODEL.coef_.tolist()


def test_nothing_to_load(clinic: Clinic) -> None:
    """As without insisting; nobody is asked about what cannot be."""
    (clinic.folder / "notes.txt").write_text("Trained in spring.\n")
    opened = clinic.opened()
    with pytest.raises(InputError, match="nor another form"):
        opened.load(insist=True)
    assert clinic.events("loaded") == []


def test_what_is_loaded_is_told_on(clinic: Clinic) -> None:
    """A tracker learns that the object came of a release."""
    by_joblib(clinic.folder)
    opened = clinic.opened()
    told: list[Any] = []
    made = insisted(Opened(opened.ref, opened.path, opened.steps, told.append, opened.asking))
    assert told == [made]


def test_a_warning_made_an_error_stops_it(clinic: Clinic) -> None:
    """The danger is spelled out before the model is made."""
    by_joblib(clinic.folder)
    opened = clinic.opened()
    told: list[Any] = []
    again = Opened(opened.ref, opened.path, opened.steps, told.append, opened.asking)
    with warnings.catch_warnings(), pytest.raises(ProgramWarning):
        warnings.simplefilter("error")
        again.load(insist=True)
    assert told == []
