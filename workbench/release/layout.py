"""The OCI documents of a release: image manifest, index and referrers (OCI image spec v1.1).

A release is one image manifest: config = the listing, first layer = the evidence, then one layer
per model file in the order of the names that the model signature lists (the order in which
:mod:`workbench.release.signing` writes them). Titles of layers count, they do not tell: a file's
name is known only to those who can open the evidence.

Each document has one spelling, canonical JSON, so whoever edits one changes its digest.

In an index the release is found under its whole ``org/name:version``, which is a valid
``org.opencontainers.image.ref.name`` and what ``skopeo inspect --raw oci:FOLDER:org/name:version``
asks for; :func:`tag` says what happens to the few names that this grammar excludes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.encoding import canonical, digest, parse_canonical
from workbench.errors import InputError, TrustError

__all__ = [
    "ARTIFACT",
    "EMPTY",
    "EMPTY_BYTES",
    "ENVELOPE",
    "EVIDENCE",
    "FILE",
    "INDEX",
    "LISTING",
    "MANIFEST",
    "MAX_EVIDENCE",
    "MAX_LISTING",
    "MAX_MANIFEST",
    "RECEIPT",
    "REF_NAME",
    "STATEMENT",
    "TITLE",
    "Descriptor",
    "Manifest",
    "Referrer",
    "index",
    "parse_index",
    "parse_referrer",
    "referrer",
    "tag",
]

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
ARTIFACT = "application/vnd.sharing-workbench.release.v1+json"
LISTING = "application/vnd.sharing-workbench.listing.v1+json"
EVIDENCE = "application/vnd.sharing-workbench.evidence.v1+age"
FILE = "application/vnd.sharing-workbench.file.v1+age"
ENVELOPE = "application/vnd.sharing-workbench.envelope.v1+age"
STATEMENT = "application/vnd.dev.sigstore.bundle.v0.3+json"
RECEIPT = "application/vnd.sharing-workbench.receipt.v1+text"

TITLE = "org.opencontainers.image.title"
REF_NAME = "org.opencontainers.image.ref.name"

MAX_MANIFEST = 4 * 1024 * 1024  # bytes; OCI distribution spec, "pushing manifests"
MAX_LISTING = (
    256 * 1024
)  # bytes; a summary of 20,000 characters, at most 6 bytes each, and the rest
MAX_EVIDENCE = 64 * 1024 * 1024  # bytes; a provenance graph of 100,000 nodes stays below 32 MiB
_MAX_SIZE = 2**50  # bytes of one blob; far above any model file, far below what JSON holds exactly

_STEP = "manifest"
_HINT = "Do not use it; fetch the release again, and tell its owner if this happens again."
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\Z")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
_COMPONENT = r"[A-Za-z0-9]+(?:(?:[-._:@+]|--)[A-Za-z0-9]+)*"
_TAG = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*\Z")  # OCI image layout, annotation ref.name


@dataclass(frozen=True)
class Descriptor:
    """Where some bytes are and what they are (OCI image spec, descriptor)."""

    media_type: str
    digest: str
    size: int
    annotations: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, media_type: str, data: bytes) -> Descriptor:
        """Describe ``data``."""
        return cls(media_type, digest(data), len(data))


EMPTY_BYTES = b"{}"  # what a config says that has nothing to say (OCI image spec, empty descriptor)
EMPTY = Descriptor.of("application/vnd.oci.empty.v1+json", EMPTY_BYTES)


@dataclass(frozen=True)
class Manifest:
    """The image manifest of a release; everything else hangs from its digest."""

    config: Descriptor
    evidence: Descriptor
    files: tuple[Descriptor, ...]

    def to_bytes(self) -> bytes:
        """Return the manifest's bytes, with titles that count the layers.

        Raises:
            InputError: no files, a descriptor of another kind of blob, or too many files.
        """
        data = canonical(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "artifactType": ARTIFACT,
                "config": _written(self.config),
                "layers": [
                    {**_written(layer), "annotations": {TITLE: title}}
                    for layer, title in zip(self.layers, _titles(len(self.files)), strict=True)
                ],
            }
        )
        try:
            read = self.from_bytes(data)
        except TrustError as error:
            raise InputError(f"This is not a manifest of a release ({error.message})") from error
        if read != self:  # annotations have no place here: they could say what a file is
            raise InputError("The layers of a release carry no annotations of their own.")
        return data

    @property
    def layers(self) -> tuple[Descriptor, ...]:
        """The evidence, then the files."""
        return (self.evidence, *self.files)

    @classmethod
    def from_bytes(cls, data: bytes) -> Manifest:
        """Read what :meth:`to_bytes` wrote, and nothing else.

        Raises:
            TrustError: anything else (step ``"manifest"``).
        """
        document = _document(
            data, ("schemaVersion", "mediaType", "artifactType", "config", "layers")
        )
        if document["mediaType"] != MANIFEST or document["artifactType"] != ARTIFACT:
            raise _refused("it does not describe a shared model")
        entries = document["layers"]
        if not isinstance(entries, list) or len(entries) < 2:
            raise _refused("it lacks the evidence or the model's files")
        config = _read(document["config"], LISTING)
        layers = []
        kinds = [EVIDENCE] + [FILE] * (len(entries) - 1)
        for entry, kind, title in zip(entries, kinds, _titles(len(entries) - 1), strict=True):
            layer = _read(entry, kind, annotated=True)
            if layer.annotations != {TITLE: title}:
                raise _refused("a title of a layer says more than its number")
            layers.append(Descriptor(layer.media_type, layer.digest, layer.size))
        if config.size > MAX_LISTING or layers[0].size > MAX_EVIDENCE:
            raise _refused("its listing or evidence is larger than allowed")
        return cls(config, layers[0], tuple(layers[1:]))


@dataclass(frozen=True)
class Referrer:
    """A manifest that hangs something on another one: an envelope, a statement, a receipt."""

    subject: Descriptor
    artifact_type: str
    layer: Descriptor
    annotations: Mapping[str, str] = field(default_factory=dict)


def tag(ref: str) -> str:
    """Return what ``ref`` is called in an index (OCI image layout, annotation ``ref.name``).

    That is ``ref`` itself, unless it has what the grammar excludes: two separators in a row, or one
    at the end of a part. Those get ``ref-`` and the hex SHA-256 of the name; two different
    releases never share a tag.
    """
    if _TAG.match(ref):
        return ref
    return "ref-" + hashlib.sha256(ref.encode("utf-8")).hexdigest()


def index(
    entries: Sequence[tuple[str, str, int]], *, referrers: Sequence[Descriptor] = ()
) -> bytes:
    """Return ``index.json``: releases as (ref, manifest digest, manifest size), then referrers.

    ``referrers`` describes manifests written by :func:`referrer`, which have no name.

    Raises:
        InputError: a digest or size in another spelling, or one name for two releases.
    """
    if len({ref for ref, _, _ in entries}) != len(entries):
        raise InputError("Two releases cannot have one name in an index.")
    named = [
        {
            **_written(Descriptor(MANIFEST, manifest, size)),
            "artifactType": ARTIFACT,
            "annotations": {REF_NAME: tag(ref), TITLE: ref},
        }
        for ref, manifest, size in entries
    ]
    data = canonical(
        {
            "schemaVersion": 2,
            "mediaType": INDEX,
            "manifests": named + [_written(item) for item in referrers],
        }
    )
    try:
        parse_index(data)
    except TrustError as error:
        raise InputError(f"This cannot be an index ({error.message})") from error
    return data


def parse_index(
    data: bytes,
) -> tuple[tuple[tuple[str, str, int], ...], tuple[Descriptor, ...]]:
    """Read what :func:`index` wrote: the named releases, and the referrers.

    Raises:
        TrustError: anything else (step ``"manifest"``).
    """
    document = _document(data, ("schemaVersion", "mediaType", "manifests"))
    if document["mediaType"] != INDEX or not isinstance(document["manifests"], list):
        raise _refused("it is not an index of releases")
    named: list[tuple[str, str, int]] = []
    others: list[Descriptor] = []
    for entry in document["manifests"]:
        if not isinstance(entry, dict) or "artifactType" not in entry:
            others.append(_read(entry, MANIFEST))
            continue
        plain = {key: value for key, value in entry.items() if key != "artifactType"}
        item = _read(plain, MANIFEST, annotated=True)
        ref = item.annotations.get(TITLE, "")
        expected = {REF_NAME: tag(ref), TITLE: ref}
        if entry["artifactType"] != ARTIFACT or item.annotations != expected or not ref:
            raise _refused("an entry of the index is not a named release")
        named.append((ref, item.digest, item.size))
    if len({ref for ref, _, _ in named}) != len(named):
        raise _refused("the index gives one name to two releases")
    return tuple(named), tuple(others)


def referrer(
    subject: Descriptor,
    artifact_type: str,
    layer: Descriptor,
    annotations: Mapping[str, str] | None = None,
) -> bytes:
    """Return a manifest that hangs ``layer`` on ``subject`` (OCI image spec, ``subject``).

    The blob of :data:`EMPTY` must be stored beside it.

    Raises:
        InputError: a descriptor in another spelling, or annotations that are not texts.
    """
    data = canonical(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": artifact_type,
            "config": _written(EMPTY),
            "layers": [_written(layer)],
            "subject": _written(subject),
            "annotations": dict(annotations or {}),
        }
    )
    try:
        read = parse_referrer(data)
    except TrustError as error:
        raise InputError(f"This cannot refer to a release ({error.message})") from error
    if read.layer != layer or read.subject != subject:
        raise InputError("Annotations belong on the referrer, not on its layer or subject.")
    return data


def parse_referrer(data: bytes) -> Referrer:
    """Read what :func:`referrer` wrote, and nothing else.

    Raises:
        TrustError: anything else (step ``"manifest"``).
    """
    fields = ("schemaVersion", "mediaType", "artifactType", "config", "layers", "subject")
    document = _document(data, (*fields, "annotations"))
    layers, kind = document["layers"], document["artifactType"]
    if document["mediaType"] != MANIFEST or document["config"] != _written(EMPTY):
        raise _refused("it does not refer to another document")
    if not isinstance(layers, list) or len(layers) != 1:
        raise _refused("a referrer has exactly one layer")
    if not isinstance(kind, str) or not _MEDIA_TYPE.match(kind):
        raise _refused("it does not say what it adds")
    return Referrer(
        _read(document["subject"], MANIFEST),
        kind,
        _read(layers[0]),
        _read_annotations(document["annotations"]),
    )


def _titles(files: int) -> list[str]:
    return ["evidence.age", *(f"file-{number:05}.age" for number in range(1, files + 1))]


def _refused(reason: str) -> TrustError:
    return TrustError(_STEP, f"the document cannot be used: {reason}.", hint=_HINT)


def _document(data: bytes, fields: Sequence[str]) -> dict[str, Any]:
    """Parse one document with exactly these fields."""
    try:
        document = parse_canonical(data, limit=MAX_MANIFEST)
    except InputError as error:
        raise _refused("it is not written in the one way such documents are") from error
    if not isinstance(document, dict) or document.keys() != set(fields):
        raise _refused("it lacks a field or has one too many")
    version = document["schemaVersion"]
    if isinstance(version, bool) or version != 2:
        raise _refused("it is of another version")
    return document


def _written(descriptor: Descriptor) -> dict[str, Any]:
    return {
        "mediaType": descriptor.media_type,
        "digest": descriptor.digest,
        "size": descriptor.size,
    }


def _read(entry: Any, media_type: str | None = None, *, annotated: bool = False) -> Descriptor:
    fields = {"mediaType", "digest", "size"} | ({"annotations"} if annotated else set())
    if not isinstance(entry, dict) or entry.keys() != fields:
        raise _refused("a blob is not described as it should be")
    kind, blob, size = entry["mediaType"], entry["digest"], entry["size"]
    if not isinstance(kind, str) or not _MEDIA_TYPE.match(kind):
        raise _refused("a blob has no media type")
    if media_type is not None and kind != media_type:
        raise _refused("a blob is of another kind than its place asks for")
    if not isinstance(blob, str) or not _DIGEST.match(blob):
        raise _refused("a blob has no SHA-256 digest")
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= _MAX_SIZE:
        raise _refused("a blob has no size")
    return Descriptor(
        kind, blob, size, _read_annotations(entry["annotations"]) if annotated else {}
    )


def _read_annotations(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise _refused("its annotations are not texts")
    return value
