"""What a model is made of, as a CycloneDX 1.6 bill of materials with a model card.

The model is what the bill is about; its files, the data it came of and the packages it was trained
with are its components. What the model card says was recorded while the model was made; a field
that nothing was recorded for is left out.

Source: ECMA-424 (CycloneDX 1.6), JSON schema ``bom-1.6``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from workbench.origin.card import model_card
from workbench.origin.dossier import Dossier
from workbench.origin.graph import Dataset, Kind, Node
from workbench.origin.labels import lineage
from workbench.origin.prov import name_of
from workbench.origin.rendering import (
    digest_hex,
    local,
    properties,
    purl,
    sha256,
    shown,
)

__all__ = ["document"]

MODEL: Final = "model"

# Written as one SPDX identifier; any other expression is written as an expression.
_COMMON: Final = frozenset(
    {
        *("Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MPL-2.0", "Unlicense"),
        *("GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0-only", "GPL-3.0-or-later"),
        *("AGPL-3.0-only", "AGPL-3.0-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later", "EUPL-1.2"),
        *("CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-ND-4.0"),
        *("CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", "CC-BY-NC-ND-4.0"),
        *("ODbL-1.0", "ODC-By-1.0", "PDDL-1.0", "CDLA-Permissive-2.0"),
    }
)
_OWN: Final = re.compile(r"LicenseRef-[A-Za-z0-9.-]+\Z")  # SPDX 2.3, annex D.2

Block = dict[str, Any]


def document(dossier: Dossier, version: str = "") -> Block:
    """Return the bill of materials; ``version`` is that of the program that writes it."""
    tool = {"type": "application", "name": "sharing-workbench"}
    data, packages = _data(dossier), _packages(dossier)
    needed = [component["bom-ref"] for component in (*data, *packages)]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": _serial(dossier.manifest),
        "version": 1,
        "metadata": {
            "timestamp": dossier.published,
            "tools": {"components": [tool | ({"version": version} if version else {})]},
            "authors": [{"name": dossier.owner}],
            "component": _model(dossier, [component["bom-ref"] for component in data]),
        },
        "components": [*data, *packages],
        "dependencies": [{"ref": MODEL, "dependsOn": needed}],
    }


def _serial(manifest: str) -> str:
    """Return the release's own identifier as a UUID, version 8 (RFC 9562 section 5.8)."""
    digits = list(manifest.removeprefix("sha256:")[:32])
    digits[12] = "8"
    digits[16] = "89ab"[int(digits[16], 16) % 4]
    one = "".join(digits)
    return f"urn:uuid:{one[:8]}-{one[8:12]}-{one[12:16]}-{one[16:20]}-{one[20:]}"


def _model(dossier: Dossier, data: Iterable[str]) -> Block:
    path, _, version = dossier.ref.rpartition(":")
    group, _, name = path.rpartition("/")
    return {
        "type": "machine-learning-model",
        "bom-ref": MODEL,
        **({"group": group} if group else {}),
        "name": name or dossier.ref,
        "version": version,
        "description": dossier.summary or dossier.title,
        "hashes": _hashes(dossier.root),
        **_licenses(dossier.license),
        "components": [
            {
                "type": "file",
                "bom-ref": local("file", file),
                "name": file,
                "hashes": _hashes(digest),
            }
            for file, digest in dossier.files
        ],
        "modelCard": model_card(dossier, data),
        "properties": properties(
            {
                "manifest": dossier.manifest,
                "hash": "the root digest of the model's files (OpenSSF Model Signing v1.0)",
                "terms": dossier.terms_title,
                "sensitivity": dossier.sensitivity,
                "region": list(dossier.regions),
            }
        ),
    }


def _licenses(expression: str) -> Block:
    """Return an SPDX expression as the schema wants it: an identifier, a name, an expression."""
    if expression in ("", "NONE"):
        return {}
    if expression in _COMMON:
        return {"licenses": [{"license": {"id": expression}}]}
    if _OWN.match(expression):
        return {"licenses": [{"license": {"name": expression}}]}
    return {"licenses": [{"expression": expression}]}


def _data(dossier: Dossier) -> list[Block]:
    """Return the sources and parent releases of the model, and other data somebody marked."""
    found = []
    for node in lineage(dossier.graph):
        inherited = node.kind is Kind.release and node.id != dossier.graph.target
        if node.kind is Kind.source or inherited or node.dataset is not None:
            found.append(_datum(node))
    return found


def _datum(node: Node) -> Block:
    mark, digest = node.dataset, sha256(node)
    block: Block = {
        "type": "machine-learning-model" if node.kind is Kind.release else "data",
        "bom-ref": name_of(node),
        "name": node.label,
        "properties": properties(
            {"kind": node.kind.value, "marked": "yes" if mark else "no", **shown(node)}
        ),
    }
    if digest:
        block["hashes"] = _hashes(digest)
    if mark and mark.licence:
        known = mark.licence in _COMMON
        block["licenses"] = [{"license": {"id" if known else "name": mark.licence}}]
    if block["type"] == "data":
        block["data"] = [_described(mark) if mark else {"type": "dataset", "name": node.label}]
    return block


def _described(mark: Dataset) -> Block:
    said = {"region": list(mark.regions)} | {
        f"annotation:{key}": value for key, value in mark.annotations.items()
    }
    return {
        "type": "dataset",
        "name": mark.name,
        "classification": mark.classification.value,
        **({"description": mark.source} if mark.source else {}),
        "contents": {"properties": properties(said)},
    }


def _packages(dossier: Dossier) -> list[Block]:
    """Return Python, its packages as they were imported, and the container, if known."""
    environment = dossier.environment
    if environment is None:
        return []
    return [
        {
            "type": "platform",
            "bom-ref": "python",
            "name": "Python",
            "version": environment.python,
            "properties": properties(dict(_surroundings(dossier))),
        },
        *(_package(name, version) for name, version in sorted(environment.packages.items())),
        *_container(environment.container),
    ]


def _package(name: str, version: str) -> Block:
    url = purl(name, version)
    return {
        "type": "library",
        "bom-ref": local("package", name),
        "name": name,
        "version": version,
        **({"purl": url} if url else {}),
    }


def _container(digest: str | None) -> list[Block]:
    content = digest_hex(digest)
    if content is None:
        return []
    return [
        {
            "type": "container",
            "bom-ref": "container",
            "name": "container",
            "hashes": _hashes(content),
        }
    ]


def _surroundings(dossier: Dossier) -> Iterator[tuple[str, object]]:
    """Return what else has to be alike to train it again."""
    environment = dossier.environment
    if environment is None:
        return
    yield from ((f"machine:{key}", value) for key, value in environment.machine.items())
    yield from ((f"threads:{key}", value) for key, value in environment.threads.items())
    if environment.git:
        yield "git:commit", environment.git.commit
        yield "git:dirty", environment.git.dirty


def _hashes(content: str) -> list[Mapping[str, str]]:
    return [{"alg": "SHA-256", "content": content}]
