"""The OCI documents of a release: one spelling each, and titles that count but do not tell."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.encoding import canonical, digest
from workbench.errors import InputError, TrustError
from workbench.release import layout, signing
from workbench.release.layout import Descriptor, Manifest

CONFIG = Descriptor.of(layout.LISTING, b"listing")
EVIDENCE = Descriptor.of(layout.EVIDENCE, b"evidence")
FILES = tuple(Descriptor.of(layout.FILE, b"%d" % number) for number in range(3))
MANIFEST = Manifest(CONFIG, EVIDENCE, FILES)
SUBJECT = Descriptor.of(layout.MANIFEST, MANIFEST.to_bytes())
ENTRY = ("lab/model:1.0", SUBJECT.digest, SUBJECT.size)
REFERRER = layout.referrer(
    SUBJECT, layout.ENVELOPE, Descriptor.of(layout.ENVELOPE, b"sealed"), {"device": "x"}
)
INDEX = layout.index(
    [ENTRY], referrers=[Descriptor(layout.MANIFEST, digest(REFERRER), len(REFERRER))]
)
PARSERS: dict[str, tuple[bytes, Callable[[bytes], object]]] = {
    "manifest": (MANIFEST.to_bytes(), Manifest.from_bytes),
    "referrer": (REFERRER, layout.parse_referrer),
    "index": (INDEX, layout.parse_index),
}


def refused(parse: Callable[[bytes], object], data: bytes) -> str:
    with pytest.raises(TrustError) as caught:
        parse(data)
    assert caught.value.step == "manifest"
    return caught.value.message


@pytest.mark.parametrize("count", [1, 2, 300, signing.MAX_FILES])
def test_a_manifest_and_back(count: int) -> None:
    """Whatever the number of files."""
    manifest = Manifest(CONFIG, EVIDENCE, FILES[:1] * count)
    assert Manifest.from_bytes(manifest.to_bytes()) == manifest


def test_what_a_manifest_looks_like() -> None:
    """An image manifest of our artifact type; titles are numbers."""
    document = json.loads(MANIFEST.to_bytes())
    assert document["schemaVersion"] == 2
    assert document["artifactType"] == layout.ARTIFACT
    assert [layer["annotations"] for layer in document["layers"]] == [
        {layout.TITLE: title}
        for title in ("evidence.age", "file-00001.age", "file-00002.age", "file-00003.age")
    ]


def test_an_index_and_a_referrer_and_back() -> None:
    """What was put in comes out."""
    assert layout.parse_index(INDEX)[0] == (ENTRY,)
    found = layout.parse_referrer(REFERRER)
    assert (found.subject, found.artifact_type) == (SUBJECT, layout.ENVELOPE)
    assert found.annotations == {"device": "x"}


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(PARSERS)), st.data())
def test_whatever_parses_is_in_its_one_spelling(kind: str, data: st.DataObject) -> None:
    """A small change is refused, or gives another document that prints as it was read."""
    good, parse = PARSERS[kind]
    changed = bytearray(good)
    place = data.draw(st.integers(0, len(good) - 1))
    width = data.draw(st.integers(0, 2))
    changed[place : place + width] = data.draw(st.sampled_from([b"", b" ", b"0", b'"', b"\xff"]))
    try:
        parse(bytes(changed))
    except TrustError as error:
        assert error.step == "manifest"  # noqa: PT017 - either outcome is right
        return
    assert canonical(json.loads(changed)) == bytes(changed)


Change = Callable[[dict[str, Any]], object]
CHANGES: dict[str, list[tuple[str, Change]]] = {
    "manifest": [
        ("another version", lambda d: d.update(schemaVersion=1)),
        ("a version that is true", lambda d: d.update(schemaVersion=True)),
        ("another media type", lambda d: d.update(mediaType=layout.INDEX)),
        ("another artifact", lambda d: d.update(artifactType="application/x")),
        ("more", lambda d: d.update(annotations={})),
        ("a subject", lambda d: d.update(subject=d["config"])),
        ("less", lambda d: d.pop("config")),
        ("no files", lambda d: d.update(layers=d["layers"][:1])),
        ("no layers", lambda d: d.update(layers=[])),
        ("layers that are none", lambda d: d.update(layers=None)),
        ("evidence last", lambda d: d["layers"].reverse()),
        ("evidence twice", lambda d: d["layers"].insert(0, d["layers"][0])),
        ("a telling title", lambda d: title(d, 1, "patients.csv")),
        ("two titles swapped", lambda d: title(d, 1, "file-00002.age")),
        ("another annotation", lambda d: d["layers"][1]["annotations"].update(x="y")),
        ("no annotation", lambda d: d["layers"][1].pop("annotations")),
        ("links", lambda d: d["layers"][1].update(urls=["https://example.org"])),
        ("inline data", lambda d: d["config"].update(data="e30=")),
        ("config of another kind", lambda d: d["config"].update(mediaType=layout.FILE)),
        ("digest of another kind", lambda d: d["config"].update(digest="sha512:" + "a" * 128)),
        ("digest in capitals", lambda d: d["config"].update(digest="sha256:" + "A" * 64)),
        ("no digest", lambda d: d["config"].update(digest=None)),
        ("negative size", lambda d: d["config"].update(size=-1)),
        ("huge size", lambda d: d["layers"][1].update(size=2**51)),
        ("a size that is true", lambda d: d["config"].update(size=True)),
        ("a size that is a text", lambda d: d["config"].update(size="7")),
        ("huge listing", lambda d: d["config"].update(size=layout.MAX_LISTING + 1)),
        ("huge evidence", lambda d: d["layers"][0].update(size=layout.MAX_EVIDENCE + 1)),
    ],
    "referrer": [
        ("no subject", lambda d: d.pop("subject")),
        ("another config", lambda d: d["config"].update(size=3)),
        ("two layers", lambda d: d["layers"].append(d["layers"][0])),
        ("no layer", lambda d: d.update(layers=[])),
        ("no artifact", lambda d: d.update(artifactType="envelope")),
        ("subject of another kind", lambda d: d["subject"].update(mediaType=layout.FILE)),
        ("annotations that are numbers", lambda d: d.update(annotations={"x": 1})),
        ("annotations that are a list", lambda d: d.update(annotations=[])),
        ("an annotated layer", lambda d: d["layers"][0].update(annotations={})),
    ],
    "index": [
        ("another media type", lambda d: d.update(mediaType=layout.MANIFEST)),
        ("entries that are none", lambda d: d.update(manifests={})),
        ("an entry that is none", lambda d: d["manifests"].append(1)),
        ("one name twice", lambda d: d["manifests"].append(d["manifests"][0])),
        ("another tag", lambda d: d["manifests"][0]["annotations"].update({layout.REF_NAME: "x"})),
        ("no name", lambda d: d["manifests"][0]["annotations"].pop(layout.TITLE)),
        ("another artifact", lambda d: d["manifests"][0].update(artifactType="application/x")),
        ("a platform", lambda d: d["manifests"][0].update(platform={})),
        ("more", lambda d: d.update(annotations={})),
    ],
}


def title(document: dict[str, Any], layer: int, text: str) -> None:
    document["layers"][layer]["annotations"][layout.TITLE] = text


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        pytest.param(kind, change, id=f"{kind}: {what}")
        for kind, changes in CHANGES.items()
        for what, change in changes
    ],
)
def test_other_documents(kind: str, change: Change) -> None:
    """Something missing, added or of another kind is refused, however canonical."""
    good, parse = PARSERS[kind]
    document = json.loads(good)
    change(document)
    assert refused(parse, canonical(document))


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"{}", b"\xff", b" " * (5 * 1024 * 1024)])
@pytest.mark.parametrize("kind", PARSERS)
def test_what_is_no_document(kind: str, data: bytes) -> None:
    """Something else entirely, or something huge."""
    assert refused(PARSERS[kind][1], data)


@pytest.mark.parametrize(
    "manifest",
    [
        Manifest(CONFIG, EVIDENCE, ()),
        Manifest(EVIDENCE, EVIDENCE, FILES),
        Manifest(CONFIG, CONFIG, FILES),
        Manifest(CONFIG, EVIDENCE, (EVIDENCE,)),
        Manifest(CONFIG, EVIDENCE, (Descriptor(layout.FILE, "x", 1),)),
        Manifest(CONFIG, EVIDENCE, (Descriptor(layout.FILE, digest(b""), 0, {"name": "x"}),)),
        Manifest(CONFIG, EVIDENCE, FILES * 10_000),
    ],
)
def test_what_is_not_written(manifest: Manifest) -> None:
    """What could not be read again, or would tell something about a file."""
    with pytest.raises(InputError):
        manifest.to_bytes()


def test_what_is_not_indexed() -> None:
    """One name for two releases; a referrer or an entry in another spelling."""
    with pytest.raises(InputError, match="one name"):
        layout.index([ENTRY, ENTRY])
    with pytest.raises(InputError, match="index"):
        layout.index([("lab/model:1.0", "x", 1)])
    with pytest.raises(InputError, match="index"):
        layout.index([], referrers=[CONFIG])
    with pytest.raises(InputError, match="refer"):
        layout.referrer(CONFIG, layout.ENVELOPE, CONFIG)
    with pytest.raises(InputError, match="Annotations"):
        layout.referrer(
            SUBJECT, layout.ENVELOPE, Descriptor(layout.FILE, digest(b""), 0, {"x": "y"})
        )


@pytest.mark.parametrize("ref", ["lab/model:1.0", "a/b:1", "a-b/c_d:1.0+2"])
def test_tags_are_names(ref: str) -> None:
    """A release is found under its own name."""
    assert layout.tag(ref) == ref


@pytest.mark.parametrize("ref", ["lab/a..b:1", "lab/a-:1", "lab/a._b:1", "lab/a:1.", "lab/a__b:1"])
def test_names_that_no_tag_can_have(ref: str) -> None:
    """They get a digest instead, and are still told apart."""
    assert layout.tag(ref) == "ref-" + digest(ref.encode()).removeprefix("sha256:")
    entry = (ref, SUBJECT.digest, SUBJECT.size)
    assert layout.parse_index(layout.index([entry]))[0] == (entry,)
