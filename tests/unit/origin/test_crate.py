"""The RO-Crate, as the ``rocrate`` package opens it, in a folder and in a zip file."""

from __future__ import annotations

import hashlib
import io
import json
import warnings
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from prov.model import ProvDocument
from rocrate.rocrate import ROCrate

from tests.unit.origin.samples import ANY, DOSSIER, GRAPH, dossiers
from workbench.errors import InputError
from workbench.origin import crate, prov
from workbench.origin.dossier import Dossier
from workbench.origin.graph import Graph, Kind
from workbench.origin.rendering import namespace

STATEMENTS = b'{"signed": true}\n'
FILES = crate.files(DOSSIER, {"statements.jsonl": STATEMENTS}, "0.1.0")


def id_of(node: str) -> str:
    return namespace(DOSSIER) + prov.name_of(GRAPH.node(node))


def metadata(files: dict[str, bytes]) -> dict[str, dict[str, Any]]:
    graph = json.loads(files[crate.METADATA])["@graph"]
    found = {entity["@id"]: entity for entity in graph}
    assert len(found) == len(graph), "an entity is described twice"
    return found


@pytest.fixture(params=["folder", "zip"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> ROCrate:
    """The same crate, unpacked and packed; nothing may look odd to the package."""
    if request.param == "zip":
        place = tmp_path / "crate.zip"
        place.write_bytes(crate.archive(FILES))
    else:
        place = tmp_path / "crate"
        place.mkdir()
        for name, content in FILES.items():
            (place / name).write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return ROCrate(place)


class TestAsTheRocratePackageOpensIt:
    def test_the_root(self, opened: ROCrate) -> None:
        """A 1.1 crate of this profile, with a name, a licence, an author and a date."""
        root = opened.root_dataset
        assert opened.version == "1.1"
        assert root["conformsTo"].id == "https://w3id.org/ro/wfrun/process/0.5"
        assert root["name"] == "Readmission within 30 days"
        assert root["license"].id == "https://spdx.org/licenses/CC-BY-NC-4.0"
        assert root["author"]["name"] == "Rita Ramos"
        assert root["datePublished"] == "2026-03-02T08:00:00Z"
        assert root["identifier"] == DOSSIER.manifest

    def test_an_action_for_each_cell(self, opened: ROCrate) -> None:
        """With its instrument, who ran it, what went in and what came out."""
        actions = opened.get_by_type("CreateAction")
        assert {one.id for one in actions} == {id_of(s.id) for s in GRAPH.of_kind(Kind.step)}
        assert {one.id for one in opened.root_dataset["mentions"]} == {one.id for one in actions}
        action = opened.get(id_of("step:3"))
        assert action["instrument"]["name"] == "train.ipynb"
        assert {"SoftwareApplication", "SoftwareSourceCode"} == set(action["instrument"].type)
        assert action["agent"]["name"] == "Rita Ramos"
        assert [thing["name"] for thing in action["object"]] == [
            "df (version 1)",
            "ages (version 1)",
            "guideline.json",
        ]
        assert [thing["name"] for thing in action["result"]] == ["df (version 2)"]
        assert action["startTime"] == "2026-03-01T12:03:00Z"
        assert action["endTime"] == "2026-03-01T12:03:00.250000Z"

    def test_a_cell_that_failed(self, opened: ROCrate) -> None:
        """Says so, in the words of schema.org."""
        action = opened.get(id_of("step:6"))
        assert action["actionStatus"] == "http://schema.org/FailedActionStatus"
        assert action["error"] == "error"
        done = opened.get(id_of("step:1"))
        assert done["actionStatus"] == "http://schema.org/CompletedActionStatus"
        assert done.get("error") is None

    def test_sources_are_named_and_not_included(self, opened: ROCrate) -> None:
        """A file entity with digest and size, and no way to fetch it."""
        files = {entity.id: entity for entity in opened.data_entities}
        source = files[id_of("patients")]
        assert source.type == "File"
        assert source["sha256"] == hashlib.sha256(b"patients").hexdigest()
        assert source["contentSize"] == "512"
        assert "the data stays where it is" in source["description"]
        assert source["conditionsOfAccess"] == "confidential; only in de, fr; CC-BY-NC-4.0"
        assert source.get("contentUrl") is None
        assert {id_of(name) for name in ("patients", "ages", "unrelated", "web", "file")} <= set(
            files
        )

    def test_the_model_is_named_and_not_included(self, opened: ROCrate) -> None:
        """Its digest is the one that the release holds it under."""
        [model] = [one for one in opened.data_entities if one["name"] == "model.skops"]
        assert model["sha256"] == DOSSIER.files[0][1]
        assert "the release holds it sealed" in model["description"]

    def test_the_records_are_included(self, opened: ROCrate) -> None:
        """Each with its digest and standard, and readable by a reader of that standard."""
        for name in ("provenance.json", "bom.json", "statements.jsonl"):
            entity = opened.get(name)
            assert entity["sha256"] == hashlib.sha256(FILES[name]).hexdigest()
            assert entity["contentSize"] == str(len(FILES[name]))
            assert entity["conformsTo"].startswith("https://")
        document = ProvDocument.deserialize(content=FILES["provenance.json"], format="json")
        names = {record.identifier.uri for record in document.records if record.identifier}
        assert {one.id for one in opened.get_by_type("CreateAction")} <= names
        assert id_of("patients") in names
        assert json.loads(FILES["bom.json"])["bomFormat"] == "CycloneDX"
        assert FILES["statements.jsonl"] == STATEMENTS

    def test_what_it_ran_on(self, opened: ROCrate) -> None:
        """The packages as they were imported."""
        needed = opened.get("#notebook")["softwareRequirements"]
        assert {one["name"]: one["softwareVersion"] for one in needed} == {
            "scikit-learn": "1.9.0",
            "torch": "2.13.0+cpu",
            "typing_extensions": "4.16.0",
        }
        assert opened.get("#notebook")["programmingLanguage"]["version"] == "3.11.9"


def dangling(entities: dict[str, dict[str, Any]]) -> set[str]:
    """References that lead to nothing in the crate, but for addresses of standards."""

    def refs(value: object) -> set[str]:
        if isinstance(value, dict):
            found = {value["@id"]} if set(value) == {"@id"} else set()
            return found.union(*(refs(one) for one in value.values()))
        return set().union(*map(refs, value)) if isinstance(value, list) else set()

    named = set().union(*(refs(entity) for entity in entities.values()))
    return {id_ for id_ in named - set(entities) if not id_.startswith(("http:", "https:"))}


class TestAnything:
    @ANY
    @given(dossiers())
    def test_it_opens(self, tmp_path: Path, dossier: Dossier) -> None:
        """Whatever the records hold: every part listed, no reference to nowhere."""
        files = crate.files(dossier)
        entities = metadata(files)
        assert dangling(entities) == set()
        place = tmp_path / "crate.zip"
        place.write_bytes(crate.archive(files))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            opened = ROCrate(place)
        assert len(opened.get_by_type("CreateAction")) == len(dossier.graph.of_kind(Kind.step))
        listed = {part["@id"] for part in entities["./"]["hasPart"]}
        assert {entity.id for entity in opened.data_entities} == listed
        root = entities["./"]
        assert all(root[key] for key in ("name", "description", "datePublished", "license"))

    def test_a_missing_reference_is_found(self) -> None:
        """The check above can fail."""
        entities = metadata(FILES)
        del entities["#notebook"]
        assert dangling(entities) == {"#notebook"}

    @settings(ANY, max_examples=20)
    @given(dossiers())
    def test_the_same_every_time(self, dossier: Dossier) -> None:
        """Same input, same bytes, also of the archive."""
        copy = replace(dossier, graph=Graph.from_bytes(dossier.graph.to_bytes()))
        assert crate.archive(crate.files(dossier)) == crate.archive(crate.files(copy))


class TestArchive:
    def test_nothing_of_the_machine_is_in_it(self) -> None:
        """One time, one mode, names in order, whatever order they came in."""
        backwards = dict(reversed(FILES.items()))
        assert list(backwards) != list(FILES)
        assert crate.archive(backwards) == crate.archive(FILES)
        with zipfile.ZipFile(io.BytesIO(crate.archive(FILES))) as archive:
            assert archive.testzip() is None
            entries = archive.infolist()
            assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
            assert {entry.create_system for entry in entries} == {3}
            assert {entry.filename: archive.read(entry) for entry in entries} == FILES

    @pytest.mark.parametrize(
        "name", ["../x", "/x", "a/b", "a\\b", "", ".hidden", "ro-crate-metadata.json", "x\n"]
    )
    def test_a_name_that_leads_out_is_refused(self, name: str) -> None:
        """Nor can the crate's own description be replaced."""
        with pytest.raises(InputError, match="A crate cannot hold a file called"):
            crate.files(DOSSIER, {name: b""})

    def test_what_is_brought_along_stands_in_for_what_would_be_written(self) -> None:
        """A record that was signed stays as it is."""
        files = crate.files(DOSSIER, {"bom.json": b"{}", "notes.txt": b"hello"})
        assert files["bom.json"] == b"{}"
        assert metadata(files)["bom.json"]["sha256"] == hashlib.sha256(b"{}").hexdigest()
        assert metadata(files)["notes.txt"]["encodingFormat"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("written", "id_", "name"),
    [
        ("MIT", "https://spdx.org/licenses/MIT", "MIT"),
        ("MIT OR Apache-2.0", "#licence", "MIT OR Apache-2.0"),
        ("LicenseRef-clinic", "#licence", "LicenseRef-clinic"),
        ("NONE", "#licence", "No licence was named"),
    ],
)
def test_the_licence(written: str, id_: str, name: str) -> None:
    """By its address where the SPDX list has it, else in its own words."""
    entities = metadata(crate.files(replace(DOSSIER, license=written)))
    assert entities["./"]["license"] == {"@id": id_}
    assert entities[id_]["name"] == name


def test_no_code_and_no_folder() -> None:
    """The code of a cell and where somebody keeps files are in none of the files."""
    everything = b"".join(FILES.values())
    assert b"secret_code" not in everything
    assert b"/home" not in everything
    assert b"read_csv" not in everything
