"""PROV-JSON, as the ``prov`` package reads it and as PROV-CONSTRAINTS wants it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from prov.model import (
    ProvActivity,
    ProvAgent,
    ProvAssociation,
    ProvAttribution,
    ProvDerivation,
    ProvDocument,
    ProvEntity,
    ProvGeneration,
    ProvUsage,
)

from tests.unit.origin.samples import (
    ANY,
    DOSSIER,
    GRAPH,
    arrow,
    dossiers,
    source,
    step,
    version,
)
from workbench.origin import prov
from workbench.origin.dossier import Dossier
from workbench.origin.graph import Graph, Kind, Node, Verb
from workbench.origin.rendering import as_json, namespace

DOCUMENT = prov.document(DOSSIER, "0.1.0")


def read(document: dict[str, Any]) -> ProvDocument:
    return ProvDocument.deserialize(content=json.dumps(document), format="json")


def ends(document: ProvDocument, kind: type) -> set[tuple[str, str]]:
    """The first two ends of each relation of one kind, by local name."""
    return {
        tuple(value.localpart for _, value in record.formal_attributes[:2])  # type: ignore[misc]
        for record in document.get_records(kind)
    }


def node(id_: str) -> str:
    return prov.name_of(GRAPH.node(id_))


def violations(document: dict[str, Any]) -> list[str]:
    """What of PROV-CONSTRAINTS a document breaks, written from the recommendation.

    Names are of one type (constraint 55), an entity is generated once (39), and with
    generation-within-activity, usage-within-activity and generation-precedes-usage (33, 34, 37) no
    activity ended before one began whose output it used.
    """
    found = []
    kinds = ("entity", "activity", "agent")
    names = {kind: set(document.get(kind, {})) for kind in kinds}
    if names["entity"] & names["activity"]:
        found.append("an entity is an activity")
    ends_of = {
        "used": (("prov:activity", "activity"), ("prov:entity", "entity")),
        "wasGeneratedBy": (("prov:entity", "entity"), ("prov:activity", "activity")),
        "wasDerivedFrom": (("prov:generatedEntity", "entity"), ("prov:usedEntity", "entity")),
        "wasAttributedTo": (("prov:entity", "entity"), ("prov:agent", "agent")),
        "wasAssociatedWith": (("prov:activity", "activity"), ("prov:agent", "agent")),
        "wasInformedBy": (("prov:informed", "activity"), ("prov:informant", "activity")),
        "hadMember": (("prov:collection", "entity"), ("prov:entity", "entity")),
    }
    for relation, both in ends_of.items():
        for record in document.get(relation, {}).values():
            found += [
                f"{relation} has an end that is not there"
                for key, kind in both
                if record[key] not in names[kind]
            ]
    made: dict[str, str] = {}
    for record in document.get("wasGeneratedBy", {}).values():
        if record["prov:entity"] in made:
            found.append(f"{record['prov:entity']} is generated twice")
        made[record["prov:entity"]] = record["prov:activity"]

    def time(activity: str, key: str) -> datetime | None:
        text = document["activity"][activity].get(key)
        return datetime.fromisoformat(text) if text else None

    for activity in document.get("activity", {}):
        start, end = time(activity, "prov:startTime"), time(activity, "prov:endTime")
        if start and end and end < start:
            found.append(f"{activity} ends before it starts")
    for record in document.get("used", {}).values():
        maker = made.get(record["prov:entity"])
        if maker:
            began = time(maker, "prov:startTime")
            over = time(record["prov:activity"], "prov:endTime")
            if began and over and over < began:
                found.append(f"{record['prov:entity']} is used before it is generated")
    return found


class TestAsTheProvPackageReadsIt:
    def test_round_trip(self) -> None:
        """Read, written and read again it is the same document, with nothing lost."""
        document = read(DOCUMENT)
        again = ProvDocument.deserialize(content=document.serialize(format="json"), format="json")
        assert again == document
        written = sum(len(part) for title, part in DOCUMENT.items() if title != "prefix")
        assert len(document.records) == written

    @ANY
    @given(dossiers())
    def test_round_trip_of_anything(self, dossier: Dossier) -> None:
        """Whatever the records hold."""
        document = read(prov.document(dossier))
        again = ProvDocument.deserialize(content=document.serialize(format="json"), format="json")
        assert again == document
        assert document.get_provn().endswith("endDocument")

    def test_the_parts(self) -> None:
        """Cells are activities, two agents, and everything else is an entity."""
        document = read(DOCUMENT)
        steps = GRAPH.of_kind(Kind.step)
        assert len(list(document.get_records(ProvActivity))) == len(steps) == 6
        entities = len(GRAPH.nodes) - len(steps) + len(DOSSIER.files) + 1
        assert len(list(document.get_records(ProvEntity))) == entities
        agents = {agent.identifier.localpart for agent in document.get_records(ProvAgent)}
        assert agents == {prov.OWNER, prov.TOOL}

    def test_the_relations(self) -> None:
        """Each edge is there as PROV calls it, between the right two."""
        document = read(DOCUMENT)
        used = {
            (node(edge.target), node(edge.source))
            for edge in GRAPH.edges
            if GRAPH.node(edge.target).kind is Kind.step
        }
        made = {
            (node(edge.target), node(edge.source))
            for edge in GRAPH.edges
            if GRAPH.node(edge.source).kind is Kind.step
        }
        assert ends(document, ProvUsage) == used
        assert ends(document, ProvGeneration) == made
        assert ends(document, ProvAttribution) == {(prov.RELEASE, prov.OWNER)}
        assert ends(document, ProvAssociation) == {
            (node(one.id), agent)
            for one in GRAPH.of_kind(Kind.step)
            for agent in (prov.OWNER, prov.TOOL)
        }

    def test_only_stated_derivations(self) -> None:
        """A new version of the same variable, and the release of the model."""
        assert ends(read(DOCUMENT), ProvDerivation) == {
            (node("data:df:2"), node("data:df:1")),
            (prov.RELEASE, node("model:clf:1")),
        }

    def test_a_revision_is_of_the_last_version_before(self) -> None:
        """Of several that were used; neither of itself nor of another variable."""
        used = [version(Kind.data, "x", n) for n in (1, 2, 4)] + [version(Kind.data, "y", 2)]
        edges = [arrow(one.id, Verb.used, "step:1") for one in used]
        edges += [arrow("step:1", Verb.changed, "data:x:3")]
        nodes = (*used, version(Kind.data, "x", 3), step(1))
        graph = Graph(nodes=nodes, edges=tuple(edges))
        document = read(prov.document(replace(DOSSIER, graph=graph)))
        assert ends(document, ProvDerivation) == {
            (prov.name_of(nodes[4]), prov.name_of(nodes[1])),
        }
        [one] = document.get_records(ProvDerivation)
        assert "prov:Revision" in one.get_provn()

    def test_provn_says_it_in_words(self) -> None:
        """Times, marks and digests are in the notation that people read."""
        text = read(DOCUMENT).get_provn()
        assert "used(lineage:node.step%3A1, lineage:node.patients, -" in text
        assert 'wb:mark="observed"' in text
        assert "activity(lineage:node.step%3A1, 2026-03-01T12:01:00+00:00" in text
        assert str(GRAPH.node("patients").details["digest"]) in text
        assert 'wb:classification="confidential"' in text

    def test_times_of_steps(self) -> None:
        """A step starts when it ran and ends as much later as it took."""
        first = next(
            one
            for one in read(DOCUMENT).get_records(ProvActivity)
            if one.identifier.localpart == node("step:1")
        )
        assert first.get_startTime().isoformat() == "2026-03-01T12:01:00+00:00"
        assert first.get_endTime().isoformat() == "2026-03-01T12:01:00.250000+00:00"


class TestConstraints:
    def test_of_the_example(self) -> None:
        """It breaks none."""
        assert violations(DOCUMENT) == []

    @ANY
    @given(dossiers())
    def test_of_anything_whose_times_follow_the_edges(self, dossier: Dossier) -> None:
        """Even where two steps say that they made the same thing."""
        assert violations(prov.document(dossier)) == []

    def test_the_checks_find_what_is_wrong(self) -> None:
        """Each of them, on a document broken in one place."""
        for change, words in (
            (lambda d: d["used"]["_:used1"].update({"prov:entity": "x"}), "not there"),
            (
                lambda d: d["wasGeneratedBy"].update(
                    again=d["wasGeneratedBy"]["_:wasGeneratedBy1"]
                ),
                "generated twice",
            ),
            (
                lambda d: d["activity"]["lineage:node.step%3A3"].update(
                    {
                        "prov:endTime": "2026-03-01T11:00:00Z",
                        "prov:startTime": "2026-03-01T11:00:00Z",
                    }
                ),
                "used before",
            ),
            (
                lambda d: d["activity"]["lineage:node.step%3A1"].update(
                    {"prov:endTime": "2026-03-01T11:00:00Z"}
                ),
                "ends before it starts",
            ),
        ):
            document = json.loads(json.dumps(DOCUMENT))
            change(document)
            assert words in " ".join(violations(document))

    def test_what_two_steps_made_is_generated_once(self) -> None:
        """The second influenced it: a file that two cells wrote."""
        file = Node(id="f", kind=Kind.file, label="f")
        edges = (arrow("step:1", Verb.wrote, "f"), arrow("step:2", Verb.wrote, "f"))
        graph = Graph(nodes=(step(1), step(2), file), edges=edges)
        document = prov.document(replace(DOSSIER, graph=graph))
        assert len(document["wasGeneratedBy"]) == 1
        assert document["wasInfluencedBy"]["_:wasInfluencedBy1"]["prov:influencer"] == (
            "lineage:node.step%3A2"
        )


class TestWhatIsInIt:
    def test_no_code_and_no_folder(self) -> None:
        """The code of a cell and where somebody keeps files stay in the evidence."""
        text = as_json(DOCUMENT).decode()
        assert "secret_code" not in text
        assert "/home" not in text
        assert "patients.csv" in text
        assert "https://example.org/guideline.json" in text

    def test_only_what_is_listed(self) -> None:
        """A detail that nobody thought of does not travel by itself."""
        graph = Graph(nodes=(source("a", rows="12, 13, 14"), version(Kind.data, "x")))
        assert "12, 13" not in as_json(prov.document(replace(DOSSIER, graph=graph))).decode()

    def test_names_are_unique_across_releases(self) -> None:
        """Two releases can be merged into one document; each keeps its own nodes."""
        other = replace(DOSSIER, manifest="sha256:" + "0" * 64)
        assert namespace(other) != namespace(DOSSIER)
        merged = read(DOCUMENT)
        merged.update(read(prov.document(other)))
        names = {record.identifier.uri for record in merged.get_records(ProvActivity)}
        assert len(names) == 12

    @pytest.mark.parametrize(
        ("target", "section", "key"),
        [
            ("step:1", "wasGeneratedBy", "prov:activity"),
            ("model:clf:1", "wasDerivedFrom", "prov:usedEntity"),
            ("parent", "wasDerivedFrom", "prov:usedEntity"),
            ("this", "alternateOf", "prov:alternate2"),
        ],
    )
    def test_the_release_comes_of_the_target(self, target: str, section: str, key: str) -> None:
        """Whatever kind of thing it is; the release itself is another name for the same."""
        this = Node(id="this", kind=Kind.release, label="x", details={"ref": DOSSIER.ref})
        graph = Graph(nodes=(*GRAPH.nodes, this), edges=GRAPH.edges, target=target)
        document = prov.document(replace(DOSSIER, graph=graph))
        releases = [
            record[key]
            for record in document[section].values()
            if f"lineage:{prov.RELEASE}" in record.values()
        ]
        assert [name.removeprefix("lineage:") for name in releases] == [
            prov.name_of(graph.node(target))
        ]

    def test_times_that_are_none_are_left_out(self) -> None:
        """A step whose time cannot be read has none; so has one without a zone or duration."""
        steps = [
            step(1, at="yesterday"),
            step(2, at="2026-03-01T12:00:00"),
            step(3, seconds="long"),
            step(4, seconds=1e30),
            step(5, seconds=-1),
            step(6, at="0001-01-01T00:00:00+14:00"),
        ]
        document = prov.document(replace(DOSSIER, graph=Graph(nodes=tuple(steps))))
        known = [
            sorted(set(one) & {"prov:startTime", "prov:endTime"})
            for one in document["activity"].values()
        ]
        start = ["prov:startTime"]
        assert known == [[], [], start, start, start, []]

    @settings(ANY, max_examples=30)
    @given(dossiers())
    def test_the_same_every_time(self, dossier: Dossier) -> None:
        """Same input, same bytes."""
        copy = replace(dossier, graph=Graph.from_bytes(dossier.graph.to_bytes()))
        assert as_json(prov.document(dossier)) == as_json(prov.document(copy))
