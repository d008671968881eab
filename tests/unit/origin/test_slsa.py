"""SLSA provenance, as ``in_toto_attestation`` reads statement and predicate."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import given
from in_toto_attestation.predicates.provenance.v1.provenance_pb2 import Provenance
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement
from in_toto_attestation.v1.statement_pb2 import Statement as StatementProto

from tests.unit.origin.samples import (
    ANY,
    DOSSIER,
    ENVIRONMENT,
    GRAPH,
    TRAINING,
    dossiers,
    notebook,
    step,
)
from workbench.crypto import dsse
from workbench.encoding import canonical, digest
from workbench.origin import slsa
from workbench.origin.dossier import Dossier
from workbench.origin.graph import Graph

PREDICATE = slsa.predicate(GRAPH, TRAINING, ENVIRONMENT, DOSSIER.notebook, version="0.1.0")


def of(dossier: Dossier) -> dict[str, Any]:
    return slsa.predicate(
        dossier.graph, dossier.training, dossier.environment, dossier.notebook, model="m"
    )


def checked(payload: bytes) -> Provenance:
    """The predicate of a statement that the package accepts, field by field."""
    proto = json_format.Parse(payload, StatementProto())
    statement = Statement.copy_from_pb(proto)
    statement.validate()
    assert statement.pb.predicate_type == slsa.PREDICATE_TYPE
    provenance = Provenance()
    json_format.ParseDict(json_format.MessageToDict(statement.pb.predicate), provenance)
    for dependency in provenance.build_definition.resolved_dependencies:
        ResourceDescriptor.copy_from_pb(dependency).validate()
    assert provenance.build_definition.build_type
    assert provenance.run_details.builder.id
    return provenance


def payload(predicate: dict[str, Any], root: str = DOSSIER.root) -> bytes:
    return dsse.statement([("model", root)], slsa.PREDICATE_TYPE, predicate)


class TestAsTheInTotoPackageReadsIt:
    def test_of_the_example(self) -> None:
        """Every field that SLSA wants, under its own name."""
        provenance = checked(payload(PREDICATE))
        built = provenance.build_definition
        assert built.build_type == "urn:sharing-workbench:notebook-run:v1"
        assert provenance.run_details.builder.id == "urn:sharing-workbench:kernel:v1"
        asked = json_format.MessageToDict(built.external_parameters)
        assert (asked["notebook"], asked["model"]) == ("train.ipynb", "clf")
        assert asked["parameters"]["pipeline.clf"]["C"] == 0.5
        assert asked["parameters"]["pipeline.clf"]["random_state"] is None
        assert asked["seeds"] == {"numpy": 7}
        ran = json_format.MessageToDict(built.internal_parameters)
        assert ran["python"] == "3.11.9"
        assert ran["dirty"] is True

    def test_what_went_in(self) -> None:
        """Sources and parent by digest, the notebook, the commit, the container, the packages."""
        built = checked(payload(PREDICATE)).build_definition
        went = {one.name: one for one in built.resolved_dependencies}
        assert list(went) == [
            *("patients.csv", "ages.csv", "guideline.json", "clinic/base:1.0"),
            *("train.ipynb", "repository of the notebook", "container"),
            *("scikit-learn 1.9.0", "torch 2.13.0+cpu", "typing_extensions 4.16.0"),
        ]
        assert went["patients.csv"].digest["sha256"] == digest(b"patients").removeprefix("sha256:")
        assert went["clinic/base:1.0"].digest["sha256"] == digest(b"base").removeprefix("sha256:")
        assert went["repository of the notebook"].digest["gitCommit"] == "ab" * 20
        assert went["guideline.json"].uri == "https://example.org/guideline.json"
        assert went["torch 2.13.0+cpu"].uri == "pkg:pypi/torch@2.13.0%2Bcpu"
        assert went["patients.csv"].uri == ""
        assert not went["guideline.json"].digest

    def test_when_it_ran(self) -> None:
        """From the first cell that matters to the end of the last."""
        metadata = checked(payload(PREDICATE)).run_details.metadata
        assert metadata.started_on.ToJsonString() == "2026-03-01T12:01:00Z"
        assert metadata.finished_on.ToJsonString() == "2026-03-01T12:04:00.250Z"
        assert metadata.invocation_id == digest(GRAPH.to_bytes())

    @ANY
    @given(dossiers())
    def test_of_anything(self, dossier: Dossier) -> None:
        """Whatever the records hold, it is accepted and has one byte form."""
        predicate = of(dossier)
        assert canonical(predicate) == canonical(of(dossier))
        built = checked(payload(predicate)).build_definition
        assert len(built.resolved_dependencies) == len(
            predicate["buildDefinition"]["resolvedDependencies"]
        )

    def test_of_hardly_anything(self) -> None:
        """With a lineage alone, the rest is left out rather than made up."""
        graph = Graph(nodes=(step(1, at="x"),))
        predicate = slsa.predicate(graph, model="clf")
        assert predicate["buildDefinition"]["externalParameters"] == {"model": "clf"}
        assert set(predicate["runDetails"]["metadata"]) == {"invocationId"}
        checked(payload(predicate))

    @pytest.mark.parametrize(
        ("change", "error", "words"),
        [
            (lambda s: s["subject"][0].pop("digest"), ValueError, "At least one digest required"),
            (lambda s: s.update(subject=[]), ValueError, "At least one subject required"),
            (lambda s: s.update(_type="other"), ValueError, "Wrong statement type"),
            (lambda s: s.update(predicate={}), ValueError, "Predicate object required"),
            (
                lambda s: s["predicate"]["buildDefinition"].update(resolvedDependencies=[{}]),
                ValueError,
                "name, URI, or digest",
            ),
            (
                lambda s: s["predicate"]["runDetails"].update(when="now"),
                json_format.ParseError,
                'no field named "when"',
            ),
            (
                lambda s: s["predicate"]["runDetails"]["metadata"].update(startedOn="today"),
                json_format.ParseError,
                "startedOn",
            ),
        ],
    )
    def test_it_refuses_what_is_wrong(
        self, change: Any, error: type[Exception], words: str
    ) -> None:
        """A missing digest first of all: the tests above can fail."""
        statement = json.loads(payload(PREDICATE))
        change(statement)
        with pytest.raises(error, match=words):
            checked(json.dumps(statement).encode())


class TestWhatIsInIt:
    def test_no_code_and_no_folder(self) -> None:
        """The code of a cell is in a statement of its own; folders are in none of this."""
        text = canonical(PREDICATE)
        assert b"secret_code" not in text
        assert b"/home" not in text

    def test_another_run_is_another_invocation(self) -> None:
        """It is known by its lineage."""
        other = slsa.predicate(Graph(nodes=(step(1),)))
        assert (
            other["runDetails"]["metadata"]["invocationId"]
            != PREDICATE["runDetails"]["metadata"]["invocationId"]
        )

    def test_a_notebook_without_a_name(self) -> None:
        """Is still there by its digest."""
        book = notebook("a = 1").model_copy(update={"name": ""})
        predicate = slsa.predicate(GRAPH, None, None, book)
        names = [one["name"] for one in predicate["buildDefinition"]["resolvedDependencies"]]
        assert names[-1] == "notebook"
