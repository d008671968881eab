"""The Lab's front end and its server name the same fields: ``tokens.ts`` against real answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from tests.traced import OPENABLE
from tests.traced import publish as publish_traced
from tests.unit.lab.typescript import Contract
from workbench.app import Workplace
from workbench.errors import Denied, WorkbenchError
from workbench.lab.desk import Desk
from workbench.lab.handlers import problem
from workbench.lab.routes import GET, POST, Arguments
from workbench.origin.statement import Provenance
from workbench.policy import lifecycle, terms
from workbench.policy.question import Question
from workbench.records import Parent
from workbench.services.publish import Draft
from workbench.stores import agent
from workbench.stores.agent import AgentKeystore
from workbench.stores.keystore import MemoryKeystore
from workbench.vocabulary import (
    Band,
    GrantState,
    Labelling,
    PurposeKind,
    ReleaseState,
    RequestState,
    Right,
    Role,
    Sensitivity,
    Verdict,
    VoteKind,
)

SOURCE = Path(__file__).parents[3] / "labextension" / "src"
TOKENS = Contract(SOURCE / "tokens.ts", SOURCE / "checks" / "types.ts")
OPEN, SEALED = "lab/open:1.0", "lab/sealed:1.0"
TRACED, NEWER = "lab/traced:1.0", "lab/traced:1.1"
WHY = "External validation at another site."


class Lab:
    """A workshop's desk, asked as the browser asks it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def play(self, person: str) -> Lab:
        """Act as somebody else from now on."""
        self.post("identity", person=person)
        return self

    def get(self, path: str, **query: Any) -> Any:
        """Answer a question, through JSON as over the wire."""
        return json.loads(json.dumps(GET[path](self.desk, Arguments(query))))

    def post(self, path: str, **body: Any) -> Any:
        """Do something, through JSON as over the wire."""
        return json.loads(json.dumps(POST[path](self.desk, Arguments(body))))

    def refused(self, path: str, **body: Any) -> dict[str, Any]:
        """Return the body of the answer to something that is refused."""
        with pytest.raises(Denied) as caught:
            self.post(path, **body)
        return said(caught.value)

    def ask(self, ref: str, **changes: Any) -> Any:
        """Send what the request form sends: the fields of ``IAsk``."""
        digest = self.get("release", ref=ref)["terms"]["digest"]
        ask = {
            "ref": ref,
            "right": "retrieve",
            "purpose": {"category": "evaluation", "text": WHY},
            "days": 14,
            "accepted_terms": digest,
            **changes,
        }
        assert not TOKENS.faults(ask, "IAsk")
        return self.post("request", **ask)


def said(error: WorkbenchError) -> dict[str, Any]:
    """Return an error as the browser hears it."""
    return json.loads(json.dumps(problem(error)[1]))


def publish(
    place: Workplace, ref: str, model: Path, kept: Provenance | None = None, **changes: Any
) -> None:
    """Publish a small model as Ada, with its lineage where that was kept."""
    name, _, version = ref.partition(":")
    standard = terms.standard()
    facts = {"scan": "passed", "leakage": "low", "retained_rows": "passed"}
    draft = {"name": name, "version": version, "title": "A model", "license": "CC-BY-4.0"}
    given = {**draft, "terms": standard, "facts": facts, "regions": ("eu",), **changes}
    publish_traced(
        place.session("ada"), Draft.of(**given), place.files(model), kept or Provenance(),
        bound=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Ada shared one open and one confidential release; Noor, Rui and Sam are there."""
    folder = tmp_path_factory.mktemp("contract")
    keystore = MemoryKeystore()
    owner = Workplace(folder / "home", keystore)
    people = {"ada": Role.researcher, "noor": Role.researcher, "rui": Role.reviewer}
    hosts = {"sam": Role.auditor, "eve": Role.evaluator}
    for name, role in {**people, **hosts}.items():
        owner.init(name, roles=(role,))
    model = folder / "model.bin"
    model.write_bytes(b"weights")
    publish(owner, OPEN, model, sensitivity="open")
    publish(owner, SEALED, model, sensitivity="confidential")
    publish(owner, TRACED, model, OPENABLE)
    first = owner.session("ada").release(TRACED)
    named = (Parent(ref=first.key, manifest=first.manifest),)
    publish(owner, NEWER, model, replace(OPENABLE, training=None), parents=named)
    with agent.serve(keystore, folder / "agent.sock") as server:
        server.current = "noor"
        shared = Workplace(folder / "home", AgentKeystore(folder / "agent.sock"))
        yield Lab(Desk(lambda _: shared))


@pytest.fixture(scope="module")
def story(lab: Lab) -> dict[str, Any]:
    """One request is granted, one returned, one rejected; what each person then sees."""
    lab.play("noor")
    granted = lab.ask(SEALED)["id"]
    lab.ask(OPEN)
    lab.play("rui")
    waiting = lab.get("request", id=granted)
    lab.post("decide", id=granted, vote="approve", rationale="Fine.", days=7, right="retrieve")
    lab.play("noor")
    other = lab.ask(SEALED, right="infer")["id"]
    lab.play("rui").post("decide", id=other, vote="return", rationale="Which site?")
    return {"waiting": waiting, "granted": granted, "returned": other}


ENUMERATIONS = {
    "Right": Right,
    "Sensitivity": Sensitivity,
    "PurposeKind": PurposeKind,
    "Verdict": Verdict,
    "Band": Band,
    "Labelling": Labelling,
    "VoteKind": VoteKind,
    "ReleaseState": ReleaseState,
    "GrantState": GrantState,
    "RequestState": RequestState,
}


@pytest.mark.parametrize("name", ENUMERATIONS)
def test_words_are_the_same(name: str) -> None:
    """Each closed vocabulary has the same words on both sides."""
    assert TOKENS.words(name) == {member.value for member in ENUMERATIONS[name]}


def test_turns_and_verbs_are_the_same() -> None:
    """Whose turn it is and what can be done with a release come from the lifecycle tables."""
    turns = {lifecycle.request_owner(state) for state in RequestState}
    verbs = {verb for state in ReleaseState for verb in lifecycle.release_verbs(state)}
    assert TOKENS.words("Turn") == turns
    assert TOKENS.words("ReleaseVerb") == verbs


@pytest.mark.parametrize("person", ["ada", "noor", "rui", "sam"])
def test_what_each_person_sees(lab: Lab, story: dict[str, Any], person: str) -> None:
    """Status, catalogue, requests, queue and log have exactly the fields of the contract."""
    lab.play(person)
    faults = TOKENS.faults(lab.get("status"), "IStatus")
    for release in lab.get("catalogue")["releases"]:
        faults += TOKENS.faults(release, "IRelease")
    for path in ("requests", "review"):
        for request in lab.get(path)["requests"]:
            faults += TOKENS.faults(request, "IRequest")
    faults += TOKENS.faults(lab.get("ledger"), "ILedgerPage")
    assert not faults


def test_a_request_in_full(lab: Lab, story: dict[str, Any]) -> None:
    """A request's page has the fields of the contract while it waits, when granted and returned."""
    faults = TOKENS.faults(story["waiting"], "IRequestDetail")
    for person in ("noor", "rui", "ada"):
        lab.play(person)
        for request in (story["granted"], story["returned"]):
            detail = lab.get("request", id=request)
            assert detail["votes"]["visible"]
            assert detail["history"]
            assert detail["technical"]
            faults += TOKENS.faults(detail, "IRequestDetail")
    assert not faults


def test_a_lineage(lab: Lab, story: dict[str, Any]) -> None:
    """Where a release comes from, kept or not, shown or not, has the fields of the contract."""
    faults = []
    for person in ("ada", "noor", "rui"):
        lab.play(person)
        for ref in (OPEN, SEALED, TRACED, NEWER):
            faults += TOKENS.faults(lab.get("provenance", ref=ref), "IProvenance")
            faults += TOKENS.faults(lab.get("changes", ref=ref), "IReleaseChanges")
    assert not faults
    whole = lab.play("rui").get("provenance", ref=TRACED)
    assert whole["graph"]["nodes"]
    assert whole["checks"]
    assert whole["descendants"]
    changed = lab.get("changes", ref=NEWER)
    assert changed["since"]["ref"] == TRACED
    assert any(section["changes"] for section in changed["sections"])
    assert lab.get("release", ref=NEWER)["parents"]


def test_every_part_was_there_to_be_compared(lab: Lab, story: dict[str, Any]) -> None:
    """The story fills the lists whose items the other tests compare."""
    lab.play("rui")
    detail = lab.get("request", id=story["returned"])
    assert detail["earlier"]
    assert detail["checks"]
    assert detail["release"]["holders"]
    assert story["waiting"]["decision"]["policies"]
    assert lab.play("noor").get("requests")["requests"][0]["reason"]
    assert lab.get("status")["people"]
    assert len(lab.get("ledger")["entries"]) > 5


def test_an_alternative_sets_fields_that_the_form_has(lab: Lab, story: dict[str, Any]) -> None:
    """What a denial offers has the keys of ``IChange``, and asked for, is allowed."""
    lab.play("noor")
    question = {"ref": SEALED, "right": "retrieve", "purpose_category": "research", "days": 300}
    decision = lab.post("explain", **question)
    assert not decision["allowed"]
    assert decision["alternatives"]
    assert not TOKENS.faults(decision, "IDecision")
    for alternative in decision["alternatives"]:
        change = dict(alternative["change"])
        change["purpose_category"] = change.pop("purpose", question["purpose_category"])
        assert lab.post("explain", **{**question, **change})["allowed"]


def test_a_change_names_fields_of_the_policy_question() -> None:
    """``IChange`` uses the policy's own words: no key of it is unknown to a question."""
    asked = {field.name for field in fields(Question)}
    assert {name.rstrip("?") for name in TOKENS.fields("IChange")} <= asked


def test_a_draft_that_is_denied_offers_changes_of_the_contract(lab: Lab) -> None:
    """The alternatives at publishing, which vary other fields, keep to the contract too."""
    session = lab.play("ada").desk.session()
    draft = Draft.of(name="lab/other", version="1", license="")
    decision = json.loads(session.check_publish(draft).to_bytes())
    assert not decision["allowed"]
    assert decision["alternatives"]
    faults = []
    for alternative in decision["alternatives"]:
        faults += TOKENS.faults(alternative, "IAlternative")
    assert not faults


def test_a_refusal(lab: Lab, story: dict[str, Any]) -> None:
    """A refusal has the fields the browser reads, with the decision where a policy made it."""
    lab.play("noor")
    body = {"purpose": {"category": "evaluation", "text": WHY}, "days": 14, "ref": SEALED}
    unaccepted = lab.refused("request", right="retrieve", accepted_terms="", **body)
    twice = lab.refused("request", right="infer", accepted_terms=_terms(lab), **body)
    assert unaccepted["decision"]
    assert twice["decision"] is None
    assert not TOKENS.faults(unaccepted, "IProblemBody")
    assert not TOKENS.faults(twice, "IProblemBody")


def test_what_acts_answer(lab: Lab, story: dict[str, Any]) -> None:
    """Verifying, moving a release and revoking answer what the front end expects."""
    lab.play("sam")
    assert not TOKENS.faults(lab.post("ledger/verify"), "ILedgerState")
    lab.play("ada")
    moved = lab.post("release/state", ref=OPEN, verb="deprecate", rationale="There is a newer one.")
    assert not TOKENS.faults(moved, "IRelease")
    grant = lab.get("request", id=story["granted"])["grant"]
    ended = lab.play("rui").post("revoke", grant=grant["id"], rationale="The site left.")
    assert not TOKENS.faults(ended, "IGrant")


def test_the_log_can_be_filtered_by_each_field(lab: Lab, story: dict[str, Any]) -> None:
    """Every filter of the contract narrows what the server answers."""
    lab.play("sam")
    everything = lab.get("ledger")["entries"]
    narrow = {
        "release": SEALED,
        "person": "rui",
        "kind": "granted",
        "before": everything[0]["index"],
        "limit": 1,
    }
    assert set(narrow) == {name.rstrip("?") for name in TOKENS.fields("ILedgerFilter")}
    for name, value in narrow.items():
        found = lab.get("ledger", **{name: value})["entries"]
        assert 0 < len(found) < len(everything), name


def test_a_drift_is_noticed(lab: Lab) -> None:
    """The comparison sees a missing field, an unknown one, a wrong type and a wrong word."""
    status = lab.get("status")
    missing = {name: value for name, value in status.items() if name != "locked"}
    wrong = [
        missing,
        {**status, "extra": 1},
        {**status, "pending": "2"},
        {**status, "mode": "solo"},
        {**status, "people": [{"id": "x"}]},
        {**status, "locked": 1},
    ]
    assert not TOKENS.faults(status, "IStatus")
    assert all(TOKENS.faults(value, "IStatus") for value in wrong)


def _terms(lab: Lab) -> str:
    return str(lab.get("release", ref=SEALED)["terms"]["digest"])
