"""A lineage travels with its release: signed, sealed, shown to its holders, found when altered."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from tests.integration.exchange import REF, Exchange, draft
from tests.traced import KEPT, OPENABLE, publish, relabelled
from tests.unit.origin.samples import CODE, GRAPH, notebook
from workbench.crypto import dsse
from workbench.crypto.keys import VerifyingKey
from workbench.encoding import digest
from workbench.errors import Denied, InputError, NotFound, TrustError
from workbench.origin.graph import Dataset, Graph
from workbench.origin.labels import NOWHERE
from workbench.origin.statement import Provenance
from workbench.policy import terms
from workbench.records import Release
from workbench.release import evidence
from workbench.stores import folder
from workbench.stores.opened import OpenedFolder
from workbench.tracing.changed import changes_view
from workbench.tracing.drafting import label, labelling, parents, shaped
from workbench.tracing.exported import FORMATS, export
from workbench.tracing.family import recall
from workbench.tracing.shown import checks, provenance_view
from workbench.tracing.trail import trail, trail_in
from workbench.views import request_detail
from workbench.vocabulary import Labelling, Sensitivity

SECOND = "lab/model:1.1"
LABELLED = relabelled(
    KEPT.graph or Graph(),
    ages={"dataset": Dataset(name="ages", classification=Sensitivity.open)},
    web={"dataset": Dataset(name="guideline", classification=Sensitivity.open)},
)


def share(
    exchange: Exchange, model: Path, ref: str = REF, kept: Provenance = KEPT, **fields: Any
) -> Release:
    bound = fields.pop("bound", True)
    return publish(exchange.ada, draft(ref, **fields), folder.scan(model), kept, bound=bound)


def outcome(exchange: Exchange, title: str, ref: str = REF) -> tuple[str, str]:
    """What one check of the lineage says to the reviewer."""
    (found,) = [row for row in checks(trail(exchange.rui, ref)) if row["title"] == title]
    return found["outcome"], found["sentence"]


def test_the_lineage_binds_the_release(exchange: Exchange, model: Path) -> None:
    """The most restrictive label wins over what the owner chose; what is not labelled is said."""
    listing = share(exchange, model, sensitivity="internal", regions=("fr", "us")).listing
    assert listing.sensitivity is Sensitivity.confidential
    assert listing.regions == ("fr",)
    assert listing.facts.labels is Labelling.partial
    stricter = share(exchange, model, SECOND, sensitivity="restricted").listing
    assert stricter.sensitivity is Sensitivity.restricted
    assert stricter.regions == ("de", "fr")


def test_regions_with_nothing_in_common(exchange: Exchange) -> None:
    """Then the weights may go nowhere, rather than anywhere."""
    assert shaped(draft(regions=("us",)), KEPT.graph).regions == (NOWHERE,)
    assert shaped(draft(), None) == draft()
    assert label(GRAPH).regions == ("de", "fr")


def test_labelled_sources_complete_it() -> None:
    """Complete when every way from a source passes a label; unknown where nothing was seen."""
    assert labelling(LABELLED) is Labelling.complete
    assert labelling(GRAPH) is Labelling.partial
    assert labelling(Graph()) is Labelling.unknown


def test_a_parent_in_the_lineage_is_a_parent_of_the_release(
    exchange: Exchange, model: Path
) -> None:
    """The release opened on the way is named by digest; where it is unknown, nothing is shared."""
    (named,) = parents(GRAPH)
    assert (named.ref, named.manifest) == ("clinic/base:1.0", digest(b"base"))
    with pytest.raises(InputError, match=r"derived from clinic/base:1\.0, which is not a release"):
        share(exchange, model, kept=replace(KEPT, graph=GRAPH))


def test_weights_wait_for_labels(exchange: Exchange, model: Path) -> None:
    """Confidential with data that nobody labelled: the policy says what is missing."""
    facts = {"scan": "passed", "leakage": "low", "retained_rows": "passed"}
    share(exchange, model, facts=facts, regions=("de",))
    with pytest.raises(Denied) as caught:
        exchange.ask()
    assert caught.value.decision is not None
    assert "labels-before-weights-leave" in caught.value.decision.policies


def test_open_needs_labels(exchange: Exchange, model: Path) -> None:
    """What nobody labelled is not given to everybody."""
    graph = relabelled(KEPT.graph or Graph(), patients={"dataset": None})
    with pytest.raises(Denied) as caught:
        share(exchange, model, kept=replace(KEPT, graph=graph), sensitivity="open")
    assert caught.value.decision is not None
    assert caught.value.decision.policies == ("open-needs-labels",)


def test_who_sees_it(exchange: Exchange, model: Path) -> None:
    """Owner and reviewer see the graph; somebody without keys is told who does."""
    share(exchange, model)
    for session in (exchange.ada, exchange.rui):
        view = provenance_view(session, REF)
        assert view["available"]
        assert Graph.model_validate(view["graph"]) == KEPT.graph
    view = provenance_view(exchange.noor, REF)
    assert (view["available"], view["graph"], view["checks"]) == (False, None, [])
    assert "You hold no keys to the evidence of lab/model:1.0" in view["why"]
    with pytest.raises(NotFound):
        trail(exchange.noor, REF)


def test_a_release_without_lineage_says_so(exchange: Exchange, model: Path) -> None:
    """Nothing is made up for a model that was published from files."""
    exchange.publish(model)
    view = provenance_view(exchange.rui, REF)
    assert (view["available"], view["graph"]) == (False, None)
    assert "lineage was not kept" in view["why"]
    assert [row["outcome"] for row in view["checks"]] == ["unknown"]
    with pytest.raises(InputError, match="lineage was not kept"):
        export(trail(exchange.rui, REF), "prov")


def test_what_the_reviewer_is_told(exchange: Exchange, model: Path) -> None:
    """Each check in words, from what was signed: labels, level, data as it was read, gaps."""
    share(exchange, model)
    assert outcome(exchange, "Labels") == ("failed", "Nobody labelled ages.csv, guideline.json.")
    assert outcome(exchange, "Level")[0] == "passed"
    assert outcome(exchange, "Data as read")[0] == "passed"
    assert outcome(exchange, "What could not be seen")[1].startswith("A program was started")
    graph = relabelled(LABELLED, patients={"details": {"changed": "It changed."}})
    share(exchange, model, SECOND, replace(KEPT, graph=graph))
    assert outcome(exchange, "Labels", SECOND)[0] == "passed"
    assert outcome(exchange, "Data as read", SECOND) == (
        "failed",
        "Changed since it was read: patients.csv.",
    )


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"sensitivity": "internal", "regions": ("de",)},
            "labelled confidential, the release",
        ),
        ({"sensitivity": "restricted", "regions": ("us",)}, "belongs to de, fr; the release does"),
        ({"sensitivity": "restricted"}, "belongs to de, fr; the release does not"),
    ],
)
def test_a_listing_looser_than_its_data_is_noticed(
    exchange: Exchange, model: Path, fields: dict[str, Any], sentence: str
) -> None:
    """An owner who goes round the notebook is found out by the evidence they signed."""
    share(exchange, model, bound=False, **fields)
    verdict, said = outcome(exchange, "Level")
    assert verdict == "failed"
    assert sentence in said


def test_the_review_shows_it_as_tables(exchange: Exchange, model: Path) -> None:
    """Sources with labels, settings, measures, surroundings and code, besides the files."""
    share(exchange, model, regions=("eu",), bound=False)
    detail = request_detail(exchange.rui, exchange.ask())
    shown = {table["title"]: dict(table["rows"]) for table in detail["evidence"]["statements"]}
    assert {"Model files", "Lineage", "Training", "Surroundings", "Code"} <= shown.keys()
    assert "patients, confidential" in shown["Lineage"]["patients.csv"]
    assert shown["Training"]["pipeline.clf · C"] == "0.5"
    assert shown["Measured on named data"]["accuracy on test"] == "0.93 (In [5])"
    assert "not committed" in shown["Surroundings"]["Git commit"]


def test_changes_since_the_version_before(exchange: Exchange, model: Path) -> None:
    """Data, code, settings and measures that differ, each side proved by signature and log."""
    before = share(exchange, model)
    assert changes_view(exchange.rui, REF)["since"] is None
    code = [*CODE[:3], CODE[3].replace("0.5", "0.7"), CODE[4]]
    changed = relabelled(LABELLED, patients={"details": {"digest": digest(b"new")}})
    training = KEPT.training.model_copy(  # type: ignore[union-attr]
        update={"metrics": ()}
    )
    after = share(
        exchange, model, SECOND, Provenance(changed, training, KEPT.environment, notebook(*code))
    )
    view = changes_view(exchange.rui, SECOND)
    assert view["since"]["ref"] == REF
    found = {section["title"]: section["changes"] for section in view["sections"]}
    assert any(change["name"].startswith("patients.csv") for change in found["Data"])
    (cell,) = found["Code"]
    assert any(line.startswith("+") and "0.7" in line for line in cell["lines"])
    assert {change["kind"] for change in found["Measures"]} == {"removed"}
    proof = dict(view["proof"])
    assert proof[f"{REF}: published as"] == before.manifest
    assert proof[f"{SECOND}: entry in the log"] == str(after.entry)
    assert changes_view(exchange.rui, SECOND, "1.1")["sections"] is not None
    other = changes_view(exchange.noor, SECOND)
    assert not other["available"]
    assert "You hold no keys" in other["why"]
    assert "no release" in changes_view(exchange.rui, SECOND, "9.9")["why"]


def test_a_recalled_dataset_finds_every_release(exchange: Exchange, model: Path) -> None:
    """By the label's name or the file's digest; what was not kept or cannot be opened is named."""
    share(exchange, model)
    exchange.publish(model, "lab/bare:1.0")
    for dataset in ("patients", digest(b"patients")):
        view = recall(exchange.rui, dataset)
        assert [found["ref"] for found in view["releases"]] == [REF]
        assert (view["untraced"], view["unsearched"]) == (["lab/bare:1.0"], [])
    assert recall(exchange.rui, "other")["releases"] == []
    assert recall(exchange.noor, "patients")["unsearched"] == [REF, "lab/bare:1.0"]


def test_exports_agree_with_the_evidence(exchange: Exchange, model: Path) -> None:
    """Four formats; the crate holds the others and the statements as they were signed."""
    share(exchange, model)
    found = trail(exchange.rui, REF)
    written = {form: export(found, form) for form in FORMATS}
    assert written["prov"].name == "lab-model-1.0.prov.json"
    slsa = json.loads(written["slsa"].data)
    assert slsa["subject"][0]["digest"]["sha256"] == found.evidence.root
    with zipfile.ZipFile(BytesIO(written["crate"].data)) as crate:
        assert crate.read("provenance.json") == written["prov"].data
        assert crate.read("bom.json") == written["bom"].data
        lines = crate.read("statements.jsonl").splitlines()
    assert [json.loads(line) for line in lines] == list(found.evidence.statements)
    with pytest.raises(InputError, match="no format called 'word'"):
        export(found, "word")


def test_it_is_verified_from_the_folder_alone(
    exchange: Exchange, model: Path, tmp_path: Path
) -> None:
    """Whoever has the opened folder and the owner's key has the lineage, every step checked."""
    share(exchange, model, kept=OPENABLE)
    exchange.open(tmp_path / "mine", by="ada")
    opened = OpenedFolder(tmp_path / "mine")
    pem = exchange.keys.signer("ada").device.signing_key
    found = trail_in(opened, [], exchange.keys.verifier, pem)
    assert found.provenance == OPENABLE
    assert (found.listing.ref, found.published) == (REF, "2026-03-01T12:00:00Z")
    assert found.manifest == exchange.ada.release(REF).manifest


@pytest.mark.parametrize("line", range(2, 8))
def test_any_altered_record_is_found(
    exchange: Exchange, model: Path, tmp_path: Path, line: int
) -> None:
    """A statement edited after signing, in any of its parts, fails by name and shows nothing."""
    share(exchange, model, kept=OPENABLE)
    exchange.open(tmp_path / "mine", by="ada")
    path = tmp_path / "mine" / "evidence.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    assert len(lines) == 8
    payload = dsse.peek(lines[line].rstrip("\n"))
    payload["predicate"] = {**payload["predicate"], "python": "2.7"}
    forged = dsse.bundle(
        dsse.statement(
            [(payload["subject"][0]["name"], payload["subject"][0]["digest"]["sha256"])],
            payload["predicateType"],
            payload["predicate"],
        ),
        exchange.keys.signer("noor").sign,
        exchange.keys.signer("noor").device.signing_key,
    )
    pem = exchange.keys.signer("ada").device.signing_key
    for altered in (forged + "\n", lines[line].replace('"sig":"', '"sig":"A')):
        path.write_text("".join([*lines[:line], altered, *lines[line + 1 :]]))
        with pytest.raises(TrustError) as caught:
            trail_in(OpenedFolder(tmp_path / "mine"), [], exchange.keys.verifier, pem)
        assert caught.value.step == "evidence"


def test_a_statement_about_another_model_is_refused(exchange: Exchange, model: Path) -> None:
    """A lineage signed by the owner for another model does not pass for this one's."""
    share(exchange, model)
    found = trail(exchange.ada, REF)
    signer = exchange.keys.signer("ada")
    other = dsse.bundle(
        dsse.statement([("lab/model", "ab" * 32)], "urn:sharing-workbench:lineage:v1", {}),
        signer.sign,
        signer.device.signing_key,
    )
    key = VerifyingKey.from_pem(signer.device.signing_key)
    first = dsse.bundle(
        evidence.commitment_statement(bytes(32), "lab/model", found.evidence.root),
        signer.sign,
        signer.device.signing_key,
    )
    data = evidence.compose([first, found.evidence.model_bundle, other])
    with pytest.raises(TrustError, match="about another model"):
        evidence.read(data, key)


def test_standard_terms_let_a_derived_model_be_published() -> None:
    """What the policy inherits, the words of the standard terms allow."""
    assert "may be published" in terms.standard().text
