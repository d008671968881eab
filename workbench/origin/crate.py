"""The lineage as an RO-Crate that conforms to the Process Run Crate profile.

Each executed cell is a ``CreateAction`` whose instrument is the notebook. Sources, written files
and the model's own files are in it by name, size and digest, under the same identifiers as in the
PROV-JSON beside it; their content stays where it is. What is in the crate are the records.

Source: RO-Crate 1.1; Workflow Run RO-Crate, Process Run Crate 0.5.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any, Final

from workbench.errors import InputError
from workbench.origin import bom, prov
from workbench.origin.dossier import Dossier
from workbench.origin.graph import Edge, Kind, Node
from workbench.origin.rendering import (
    as_json,
    began,
    ended,
    local,
    namespace,
    percent,
    sha256,
    shown,
    stamp,
    text,
)

__all__ = ["METADATA", "archive", "files"]

METADATA: Final = "ro-crate-metadata.json"
CRATE: Final = "https://w3id.org/ro/crate/1.1"
PROFILE: Final = "https://w3id.org/ro/wfrun/process/0.5"
CONTEXT: Final = (f"{CRATE}/context", "https://w3id.org/ro/terms/workflow-run/context")

_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)  # a zip file knows no earlier time
_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")
_SPDX_ID: Final = re.compile(r"(?!LicenseRef-|NONE\Z)[A-Za-z0-9.-]+\+?\Z")
_KNOWN: Final[Mapping[str, tuple[str, str, str]]] = {  # media type, standard, in words
    "provenance.json": (
        "application/json",
        "https://www.w3.org/submissions/2013/SUBM-prov-json-20130424/",
        "Where the model comes from, as W3C PROV-JSON",
    ),
    "bom.json": (
        "application/vnd.cyclonedx+json",
        "https://cyclonedx.org/schema/bom-1.6.schema.json",
        "What the model is made of, as a CycloneDX bill of materials with a model card",
    ),
    "statements.jsonl": (
        "application/jsonl",
        "https://in-toto.io/Statement/v1",
        "What was measured about the model, signed by its owner, one statement a line",
    ),
}
_NOT_INCLUDED: Final = "Not included: the data stays where it is. Known by name, size and digest."
_SEALED: Final = "Not included: the release holds it sealed. Known by name and digest."

Entity = dict[str, Any]


def files(
    dossier: Dossier, extra: Mapping[str, bytes] | None = None, version: str = ""
) -> dict[str, bytes]:
    """Return the crate's files by name.

    ``provenance.json`` and ``bom.json`` are written here unless ``extra`` brings them;
    ``statements.jsonl`` and whatever else travels along is in ``extra``. ``version`` is that of the
    program that writes it.

    Raises:
        InputError: a name in ``extra`` that is not a plain file name, or is the crate's own.
    """
    brought = dict(extra or {})
    for name in brought:
        if not _PLAIN.match(name) or name == METADATA:
            raise InputError(
                f"A crate cannot hold a file called {name[:80]!r}.",
                unchanged="Nothing was written.",
                hint="Use letters, digits, dots and dashes, and no folder.",
            )
    content = {
        "provenance.json": as_json(prov.document(dossier, version)),
        "bom.json": as_json(bom.document(dossier, version)),
        **brought,
    }
    entities = _entities(dossier, content)
    metadata = as_json({"@context": list(CONTEXT), "@graph": entities})
    return {METADATA: metadata, **dict(sorted(content.items()))}


def archive(content: Mapping[str, bytes]) -> bytes:
    """Return files as a zip archive: the same bytes for the same files, everywhere.

    They are stored as they are, for what a compressor makes of them depends on its version.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as out:
        for name in sorted(content):
            entry = zipfile.ZipInfo(name, _EARLIEST)
            entry.create_system = 3  # Unix, also where it is written on Windows
            entry.external_attr = 0o100644 << 16
            out.writestr(entry, content[name])
    return buffer.getvalue()


def _entities(dossier: Dossier, content: Mapping[str, bytes]) -> list[Entity]:
    graph = dossier.graph
    here = [_included(name, data) for name, data in sorted(content.items())]
    stays = [
        _absent(dossier, node) for node in graph.nodes if node.kind in (Kind.source, Kind.file)
    ]
    sealed = [_model_file(dossier, name, digest) for name, digest in dossier.files]
    others = [
        _thing(dossier, node)
        for node in graph.nodes
        if node.kind not in (Kind.source, Kind.file, Kind.step)
    ]
    actions = _actions(dossier)
    parts = [*here, *stays, *sealed]
    return [
        {
            "@id": METADATA,
            "@type": "CreativeWork",
            "conformsTo": _ref(CRATE),
            "about": _ref("./"),
        },
        _root(dossier, parts, actions),
        {"@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"},
        _license(dossier.license),
        {"@id": "#owner", "@type": "Person", "name": dossier.owner},
        *_software(dossier),
        *parts,
        *others,
        *actions,
    ]


def _root(dossier: Dossier, parts: Iterable[Entity], actions: Iterable[Entity]) -> Entity:
    about = dossier.summary or dossier.title
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": dossier.title,
        "description": f"{about} ({dossier.ref}): where it comes from, without the data.",
        "identifier": dossier.manifest,
        "datePublished": dossier.published,
        "license": _ref(_license(dossier.license)["@id"]),
        "author": _ref("#owner"),
        "conformsTo": _ref(PROFILE),
        "hasPart": _refs(parts),
        "mentions": _refs(actions),
    }


def _license(expression: str) -> Entity:
    """Return the licence: by its address where it is one on the SPDX list, else as written."""
    listed = bool(_SPDX_ID.match(expression))
    return {
        "@id": f"https://spdx.org/licenses/{percent(expression)}" if listed else "#licence",
        "@type": "CreativeWork",
        "name": "No licence was named" if expression in ("", "NONE") else expression,
    }


def _software(dossier: Dossier) -> list[Entity]:
    """Return the instrument of every step, and what it ran on."""
    environment, notebook = dossier.environment, dossier.notebook
    packages = sorted(environment.packages.items()) if environment else []
    requirements = [
        {
            "@id": f"#package-{percent(name)}",
            "@type": "SoftwareApplication",
            "name": name,
            "softwareVersion": package,
        }
        for name, package in packages
    ]
    python: Entity = {"@id": "#python", "@type": "ComputerLanguage", "name": "Python"}
    if environment:
        python["version"] = environment.python
    instrument: Entity = {
        "@id": "#notebook",
        "@type": ["SoftwareSourceCode", "SoftwareApplication"],
        "name": (notebook.name if notebook else "") or "Notebook",
        "programmingLanguage": _ref("#python"),
    }
    if notebook and notebook.digest:
        instrument["sha256"] = notebook.digest.removeprefix("sha256:")
    if requirements:
        instrument["softwareRequirements"] = _refs(requirements)
    return [instrument, python, *requirements]


def _actions(dossier: Dossier) -> list[Entity]:
    before: dict[str, list[Edge]] = {}
    after: dict[str, list[Edge]] = {}
    for edge in dossier.graph.edges:
        before.setdefault(edge.target, []).append(edge)
        after.setdefault(edge.source, []).append(edge)
    nodes = {node.id: node for node in dossier.graph.nodes}
    return [
        _action(
            dossier,
            step,
            [nodes[edge.source] for edge in before.get(step.id, ())],
            [nodes[edge.target] for edge in after.get(step.id, ())],
        )
        for step in dossier.graph.of_kind(Kind.step)
    ]


def _action(dossier: Dossier, step: Node, used: list[Node], made: list[Node]) -> Entity:
    start, end = began(step), ended(step)
    outcome = step.details.get("outcome", "ok")
    action: Entity = {
        "@id": _id(dossier, step),
        "@type": "CreateAction",
        "name": f"Ran {step.label}",
        "description": "; ".join(f"{key}: {text(it)}" for key, it in shown(step).items()),
        "instrument": _ref("#notebook"),
        "agent": _ref("#owner"),
        "object": [_ref(id_) for id_ in dict.fromkeys(_id(dossier, node) for node in used)],
        "result": [_ref(id_) for id_ in dict.fromkeys(_id(dossier, node) for node in made)],
        "actionStatus": _ref(
            "http://schema.org/" + ("Completed" if outcome == "ok" else "Failed") + "ActionStatus"
        ),
    }
    if outcome != "ok":
        action["error"] = text(outcome)
    if start:
        action["startTime"] = stamp(start)
    if end:
        action["endTime"] = stamp(end)
    return action


def _included(name: str, data: bytes) -> Entity:
    media, standard, words = _KNOWN.get(name, ("application/octet-stream", "", name))
    entity: Entity = {
        "@id": name,
        "@type": "File",
        "name": name,
        "description": words,
        "encodingFormat": media,
        "contentSize": str(len(data)),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    return entity | ({"conformsTo": _ref(standard)} if standard else {})


def _absent(dossier: Dossier, node: Node) -> Entity:
    """Return a source or a file that was written, without its content."""
    entity: Entity = {
        "@id": _id(dossier, node),
        "@type": "File",
        "name": node.label,
        "description": _NOT_INCLUDED,
    }
    details, digest = shown(node), sha256(node)
    size = details.get("size")
    if digest:
        entity["sha256"] = digest
    if isinstance(size, int) and size >= 0:
        entity["contentSize"] = text(size)
    if address := details.get("address"):
        entity["identifier"] = address
    return entity | _said(node)


def _said(node: Node) -> Entity:
    """Return what somebody said of data, in the words of schema.org."""
    if node.dataset is None:
        return {}
    mark = node.dataset
    where = f"only in {', '.join(mark.regions)}" if mark.regions else "bound to no region"
    conditions = [mark.classification.value, where, *([mark.licence] if mark.licence else [])]
    return {"alternateName": mark.name, "conditionsOfAccess": "; ".join(conditions)}


def _model_file(dossier: Dossier, name: str, digest: str) -> Entity:
    return {
        "@id": namespace(dossier) + local("file", name),
        "@type": "File",
        "name": name,
        "description": _SEALED,
        "sha256": digest,
    }


def _thing(dossier: Dossier, node: Node) -> Entity:
    """Return a version, a model, a measure or a release."""
    details = shown(node)
    entity: Entity = {
        "@id": _id(dossier, node),
        "@type": "CreativeWork",
        "name": node.label,
        "additionalType": node.kind.value,
    }
    if node.kind is Kind.metric and "value" in details:
        return entity | {"@type": "PropertyValue", "value": details["value"]}
    if described := "; ".join(f"{key}: {text(it)}" for key, it in details.items()):
        entity["description"] = described
    return entity | _said(node)


def _id(dossier: Dossier, node: Node) -> str:
    return namespace(dossier) + prov.name_of(node)


def _ref(id_: str) -> Entity:
    return {"@id": id_}


def _refs(entities: Iterable[Entity]) -> list[Entity]:
    return [_ref(entity["@id"]) for entity in entities]
