"""The bill of materials, as the strict CycloneDX 1.6 schema and ``packageurl`` read it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from hypothesis import given, settings
from hypothesis import strategies as st
from packageurl import PackageURL
from packaging.utils import InvalidName, canonicalize_name
from packaging.version import InvalidVersion, Version

from tests.unit.origin.samples import (
    ANY,
    DOSSIER,
    ENVIRONMENT,
    GRAPH,
    TRAINING,
    dossiers,
    source,
    words,
)
from workbench.origin import bom, prov
from workbench.origin.dossier import Dossier
from workbench.origin.graph import Dataset, Graph, Kind
from workbench.origin.labels import lineage
from workbench.origin.record import Layer, Part, Training
from workbench.origin.rendering import as_json, purl

VALIDATOR = JsonStrictValidator(SchemaVersion.V1_6)
BOM = bom.document(DOSSIER, "0.1.0")
MODEL = BOM["metadata"]["component"]
CARD = MODEL["modelCard"]


def errors(document: dict[str, Any]) -> str:
    """What the strict validator says; nothing if all is well."""
    return str(VALIDATOR.validate_str(json.dumps(document)) or "")


def components(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = [document["metadata"]["component"], *document["components"]]
    found += document["metadata"]["component"]["components"]
    named = {component["bom-ref"]: component for component in found}
    assert len(named) == len(found), "a reference names two components"
    return named


def said(thing: dict[str, Any]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for one in thing["properties"]:
        grouped.setdefault(one["name"].removeprefix("sharing-workbench:"), []).append(one["value"])
    return grouped


def node(id_: str) -> dict[str, Any]:
    return components(BOM)[prov.name_of(GRAPH.node(id_))]


class TestSchema:
    def test_of_the_example(self) -> None:
        """The strict schema finds nothing to say."""
        assert errors(BOM) == ""

    @ANY
    @given(dossiers())
    def test_of_anything(self, dossier: Dossier) -> None:
        """Whatever the records hold; and every reference leads to one component."""
        document = bom.document(dossier)
        assert errors(document) == ""
        known = components(document)
        [depends] = document["dependencies"]
        card = document["metadata"]["component"]["modelCard"]
        refs = {one["ref"] for one in card["modelParameters"]["datasets"]}
        assert {depends["ref"], *depends["dependsOn"], *refs} <= set(known)

    @pytest.mark.parametrize(
        "change",
        [
            lambda d: d["metadata"]["component"]["modelCard"]["modelParameters"].update(
                approach={"type": "magic"}
            ),
            lambda d: d["metadata"]["component"].update(licenses=[{"license": {"id": "Nobody's"}}]),
            lambda d: d["metadata"].update(timestamp="yesterday"),
            lambda d: d["components"][0]["hashes"][0].update(content="ab"),
            lambda d: d.update(serialNumber="urn:uuid:1"),
            lambda d: d["components"][0].pop("name"),
            lambda d: d["components"].append(d["components"][0]),
        ],
    )
    def test_the_validator_refuses_what_is_wrong(
        self, change: Callable[[dict[str, Any]], None]
    ) -> None:
        """One wrong word each: the tests above can fail."""
        document = json.loads(json.dumps(BOM))
        change(document)
        assert errors(document) != ""

    @settings(ANY, max_examples=20)
    @given(dossiers())
    def test_the_same_every_time(self, dossier: Dossier) -> None:
        """Same input, same bytes."""
        copy = replace(dossier, graph=Graph.from_bytes(dossier.graph.to_bytes()))
        assert as_json(bom.document(dossier)) == as_json(bom.document(copy))

    def test_a_number_has_one_form(self) -> None:
        """What was 1.0 is signed as 1 and read back as that; the bill is the same."""
        bills = []
        for one, half in ((1, 0.5), (1.0, 0.50)):
            part = Part(path="m", type="x.M", role="model", parameters={"C": one, "l1": half})
            training = Training(name="m", type="x.M", framework="x", parts=(part,))
            graph = Graph(nodes=(source("a", size=one),))
            dossier = replace(DOSSIER, graph=graph, training=training)
            bills.append(as_json(bom.document(dossier)))
        assert bills[0] == bills[1]
        assert b'"1.0"' not in bills[0]


class TestModel:
    def test_what_it_is(self) -> None:
        """Group, name and version of the release, and the digests it is known by."""
        assert (MODEL["type"], MODEL["group"]) == ("machine-learning-model", "clinic")
        assert (MODEL["name"], MODEL["version"]) == ("readmission", "1.2")
        assert MODEL["hashes"] == [{"alg": "SHA-256", "content": DOSSIER.root}]
        [file] = MODEL["components"]
        assert (file["name"], file["hashes"][0]["content"]) == DOSSIER.files[0]
        assert said(MODEL)["manifest"] == [DOSSIER.manifest]
        assert said(MODEL)["region"] == ["de", "fr"]

    def test_the_serial_number_is_the_releases(self) -> None:
        """The same release has the same, another another; it is a UUID of version 8."""
        number = uuid.UUID(BOM["serialNumber"])
        assert (number.version, number.variant) == (8, uuid.RFC_4122)
        other = bom.document(replace(DOSSIER, manifest="sha256:" + "f" * 64))
        assert uuid.UUID(other["serialNumber"]).version == 8
        assert other["serialNumber"] != BOM["serialNumber"]
        assert bom.document(replace(DOSSIER, title="x"))["serialNumber"] == BOM["serialNumber"]

    @pytest.mark.parametrize(
        ("written", "expected"),
        [
            ("MIT", [{"license": {"id": "MIT"}}]),
            ("LicenseRef-clinic", [{"license": {"name": "LicenseRef-clinic"}}]),
            ("MIT OR Apache-2.0", [{"expression": "MIT OR Apache-2.0"}]),
            ("0BSD", [{"expression": "0BSD"}]),
            ("NONE", None),
            ("", None),
        ],
    )
    def test_its_licence(self, written: str, expected: object) -> None:
        """An identifier, a name of one's own, or an expression; none where none was named."""
        document = bom.document(replace(DOSSIER, license=written))
        assert document["metadata"]["component"].get("licenses") == expected
        assert errors(document) == ""

    def test_every_common_identifier_is_on_the_list(self) -> None:
        """What is written as an SPDX identifier is one."""
        for identifier in sorted(bom._COMMON):
            assert errors(bom.document(replace(DOSSIER, license=identifier))) == "", identifier


class TestComponents:
    def test_the_data_it_came_of(self) -> None:
        """The sources upstream with their digests, and no others."""
        data = {one["name"] for one in BOM["components"] if one["type"] == "data"}
        assert data == {"patients.csv", "ages.csv", "guideline.json"}
        digest = str(GRAPH.node("patients").details["digest"]).removeprefix("sha256:")
        assert node("patients")["hashes"] == [{"alg": "SHA-256", "content": digest}]
        assert "hashes" not in node("web")

    def test_what_was_said_of_the_data(self) -> None:
        """Classification, regions, licence and who labelled it; or that nothing was said."""
        [described] = node("patients")["data"]
        assert described["name"] == "patients"
        assert described["classification"] == "confidential"
        assert described["description"] == "Ward 7, 2019 to 2024"
        assert said(described["contents"])["annotation:labelled by"] == ["two radiologists"]
        assert said(described["contents"])["region"] == ["de", "fr"]
        assert node("patients")["licenses"] == [{"license": {"id": "CC-BY-NC-4.0"}}]
        assert said(node("ages"))["marked"] == ["no"]
        assert "classification" not in node("ages")["data"][0]

    def test_the_parent_release(self) -> None:
        """Is a model among the components, by the digest of its manifest."""
        parent = node("parent")
        assert parent["type"] == "machine-learning-model"
        manifest = GRAPH.node("parent").details["manifest"]
        assert f"sha256:{parent['hashes'][0]['content']}" == manifest

    def test_a_licence_in_words_is_a_name(self) -> None:
        """What somebody wrote about data is not taken for an identifier."""
        mark = Dataset(name="x", licence="as agreed")
        nodes = tuple(
            one.model_copy(update={"dataset": mark}) if one.id == "ages" else one
            for one in GRAPH.nodes
        )
        graph = Graph(nodes=nodes, edges=GRAPH.edges, target=GRAPH.target)
        document = bom.document(replace(DOSSIER, graph=graph))
        found = components(document)[prov.name_of(GRAPH.node("ages"))]
        assert found["licenses"] == [{"license": {"name": "as agreed"}}]
        assert errors(document) == ""

    def test_the_packages(self) -> None:
        """Under the names that package URLs have for them, as ``packageurl`` writes them."""
        found = {one["name"]: one["purl"] for one in BOM["components"] if one["type"] == "library"}
        assert set(found) == set(ENVIRONMENT.packages)
        for name, url in found.items():
            parsed = PackageURL.from_string(url)
            assert (parsed.type, parsed.version) == ("pypi", ENVIRONMENT.packages[name])
            assert PackageURL("pypi", None, name, parsed.version).to_string() == url

    @ANY
    @given(words | st.sampled_from(("a_b", "A.b")), words | st.sampled_from(("1.0+cpu", "1!2")))
    def test_any_package_url_can_be_read(self, name: str, version: str) -> None:
        """What cannot be on PyPI, as ``packaging`` has it, gets none."""
        url = purl(name, version)
        if url is None:
            with pytest.raises((InvalidName, InvalidVersion)):
                canonicalize_name(name if name.isascii() else "-", validate=True)
                Version(version if version.isascii() and version == version.strip() else "-")
        else:
            parsed = PackageURL.from_string(url)
            assert parsed.version == version
            assert parsed.name == name.lower().replace("_", "-")

    def test_where_it_ran(self) -> None:
        """Python and the machine as far as they matter; git state; the container by digest."""
        known = components(BOM)
        surroundings = said(known["python"])
        assert known["python"]["version"] == "3.11.9"
        assert surroundings["machine:cores"] == ["2"]
        assert surroundings["threads:OMP_NUM_THREADS"] == ["2"]
        assert surroundings["git:commit"] == ["ab" * 20]
        assert surroundings["git:dirty"] == ["True"]
        assert f"sha256:{known['container']['hashes'][0]['content']}" == ENVIRONMENT.container

    def test_the_model_depends_on_all_of_it(self) -> None:
        """One line of dependencies: data, parent, Python, packages, container."""
        [depends] = BOM["dependencies"]
        assert depends["ref"] == MODEL["bom-ref"]
        assert set(depends["dependsOn"]) == {one["bom-ref"] for one in BOM["components"]}
        sources = [n for n in lineage(GRAPH) if n.kind in (Kind.source, Kind.release)]
        assert len(depends["dependsOn"]) == len(sources) + 1 + len(ENVIRONMENT.packages) + 1


class TestModelCard:
    def test_how_it_learned(self) -> None:
        """Read off the classes that were fitted."""
        parameters = CARD["modelParameters"]
        assert parameters["approach"] == {"type": "supervised"}
        assert parameters["task"] == "classification"
        assert parameters["architectureFamily"] == "linear model"
        assert parameters["modelArchitecture"] == "StandardScaler → LogisticRegression"
        assert parameters["inputs"] == [{"format": "a table of 30 columns"}]
        assert parameters["outputs"] == [{"format": "a class"}]

    @pytest.mark.parametrize(
        ("type_", "task", "family"),
        [
            ("sklearn.ensemble._forest.RandomForestRegressor", "regression", "decision trees"),
            ("sklearn.linear_model._base.LinearRegression", "regression", "linear model"),
            ("sklearn.linear_model._ridge.RidgeCV", "regression", "linear model"),
            ("sklearn.svm._classes.LinearSVC", "classification", "support vector machine"),
            ("sklearn.naive_bayes.GaussianNB", "classification", "naive Bayes"),
            ("sklearn.cluster._kmeans.KMeans", "clustering", None),
            ("sklearn.decomposition._pca.PCA", "dimensionality reduction", None),
            ("xgboost.sklearn.XGBClassifier", "classification", "gradient boosted trees"),
            ("lightgbm.basic.Booster", None, "gradient boosted trees"),
            ("torch.nn.modules.container.Sequential", None, "neural network"),
            ("study.models.Own", None, None),
        ],
    )
    def test_it_says_only_what_a_class_tells(
        self, type_: str, task: str | None, family: str | None
    ) -> None:
        """A class that nobody knows says nothing about how it learned."""
        training = Training(name="m", type=type_, framework="x")
        document = bom.document(replace(DOSSIER, training=training))
        parameters = document["metadata"]["component"]["modelCard"]["modelParameters"]
        assert parameters.get("task") == task
        assert parameters.get("architectureFamily") == family
        assert parameters["modelArchitecture"] == type_.rpartition(".")[2]
        assert "inputs" not in parameters

    def test_the_layers_of_a_network(self) -> None:
        """Are its architecture, in their order."""
        layers = (Layer(path="0", type="torch.nn.Linear"), Layer(path="1", type="torch.nn.ReLU"))
        loss = Part(path="loss", type="torch.nn.MSELoss", role="loss")
        training = Training(
            name="m", type="study.Net", framework="torch", layers=layers, parts=(loss,)
        )
        card = bom.document(replace(DOSSIER, training=training))["metadata"]["component"]
        parameters = card["modelCard"]["modelParameters"]
        assert parameters["architectureFamily"] == "neural network"
        assert parameters["modelArchitecture"] == "Linear → ReLU"

    def test_how_it_did(self) -> None:
        """Each measure with the data it was taken on."""
        assert CARD["quantitativeAnalysis"]["performanceMetrics"] == [
            {"type": "accuracy", "value": "0.93", "slice": "test"},
            {"type": "recall", "value": "0.9", "slice": "test"},
        ]

    def test_what_to_know(self) -> None:
        """Terms, regions, unmarked data, and what nobody saw."""
        considerations = CARD["considerations"]
        assert considerations["useCases"] == ["Under the terms Research only"]
        assert considerations["technicalLimitations"] == [
            f"Not seen: {GRAPH.gaps[0]}",
            "Nobody said what data this is: ages.csv",
            "Nobody said what data this is: guideline.json",
        ]
        assert considerations["ethicalConsiderations"] == [
            {"name": "It came of confidential data"},
            {"name": "Its weights may go to devices in de, fr only"},
        ]

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            (("de", "us"), "Its weights may go to devices in de only"),
            ((), "Its weights may go to devices in de, fr only"),
            (("us",), "Its weights may go to no device: its data has no region in common"),
        ],
    )
    def test_the_release_cannot_widen_where_it_may_go(
        self, given: tuple[str, ...], words: str
    ) -> None:
        """Only what both the listing and the data allow."""
        document = bom.document(replace(DOSSIER, regions=given))
        card = document["metadata"]["component"]["modelCard"]
        assert card["considerations"]["ethicalConsiderations"][-1] == {"name": words}

    def test_regions_with_nothing_in_common(self) -> None:
        """Then its weights go nowhere, and the card says so."""
        nodes = tuple(
            one.model_copy(update={"dataset": Dataset(name="x", regions=("us",))})
            if one.id == "ages"
            else one
            for one in GRAPH.nodes
        )
        graph = Graph(nodes=nodes, edges=GRAPH.edges, target=GRAPH.target)
        card = bom.document(replace(DOSSIER, graph=graph))["metadata"]["component"]["modelCard"]
        risks = [one["name"] for one in card["considerations"]["ethicalConsiderations"]]
        assert "Its weights may go to no device: its data has no region in common" in risks
        assert said(card)["data:region"] == ["nowhere"]

    def test_settings_seeds_and_annotations(self) -> None:
        """Are properties of the card, by the part they belong to."""
        found = said(CARD)
        assert found["setting:pipeline.clf:C"] == ["0.5"]
        assert found["setting:pipeline.clf:random_state"] == ["None"]
        assert found["seed:numpy"] == ["7"]
        assert found["annotation:labelled by"] == ["two radiologists"]
        assert found["class"] == [TRAINING.type]
        assert found["data:classification"] == ["confidential"]


def test_no_code_and_no_folder() -> None:
    """The code of a cell and where somebody keeps files stay in the evidence."""
    text = as_json(BOM).decode()
    assert "secret_code" not in text
    assert "/home" not in text
