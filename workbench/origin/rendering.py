"""What the exports share: names, times and digests as their standards spell them.

An export shows the facts about a node that are listed here and no others: no code, and nothing that
a later version of the record may add before somebody has looked at it.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from workbench.origin.dossier import Dossier
from workbench.origin.graph import Detail, Kind, Node

__all__ = [
    "WORDS",
    "as_json",
    "began",
    "digest_hex",
    "ended",
    "local",
    "namespace",
    "percent",
    "properties",
    "purl",
    "sha256",
    "shown",
    "stamp",
    "text",
]

WORDS: Final = "urn:sharing-workbench:provenance#"

_UNRESERVED: Final = string.ascii_letters + string.digits + "-._~"  # RFC 3986 section 2.3
_SHA256: Final = re.compile(r"sha256:([0-9a-f]{64})\Z")
_ON_A_MACHINE: Final = re.compile(r"/|~|\\\\|[A-Za-z]:[/\\]|file:|[\w+.-]+:///", re.IGNORECASE)
_PROJECT: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\Z")  # PyPA, names
_VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]*\Z")  # PyPA, version specifiers
_SHOWN: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.source: ("address", "scheme", "digest", "size", "read_at", "changed", "how"),
    Kind.step: ("cell", "execution", "digest", "seconds", "outcome", "notebook"),
    Kind.data: ("name", "version", "type", "shape"),
    Kind.function: ("name", "version", "type"),
    Kind.model: ("name", "version", "type", "shape"),
    Kind.metric: ("name", "value", "on"),
    Kind.file: ("address", "digest", "size"),
    Kind.release: ("ref", "manifest"),
}


def shown(node: Node) -> dict[str, Detail]:
    """Return what an export may say of a node beyond its label and its mark."""
    details = {key: _one(node.details[key]) for key in _SHOWN[node.kind] if key in node.details}
    if "address" in details:
        details["address"] = _address(text(details["address"]))
    return details


def _address(where: str) -> str:
    """Return an address without the folders of somebody's machine, which tell who they are."""
    return re.split(r"[/\\]", where.rstrip("/\\"))[-1] if _ON_A_MACHINE.match(where) else where


def text(value: object) -> str:
    """Return a scalar as people read it."""
    if isinstance(value, str):
        return value
    return repr(_one(value) if isinstance(value, float) else value)


def _one(value: Detail) -> Detail:
    """Return a number in its one form: RFC 8785 prints 1.0 as 1, so it comes back as that."""
    exact = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
    return int(value) if exact else value


def sha256(node: Node) -> str | None:
    """Return the hex digest of a node's content; of a release, that of its manifest."""
    return digest_hex(node.details.get("manifest" if node.kind is Kind.release else "digest"))


def digest_hex(digest: object) -> str | None:
    """Return the hex part of ``sha256:…``, or ``None`` for anything else."""
    match = _SHA256.match(digest) if isinstance(digest, str) else None
    return match.group(1) if match else None


def began(step: Node) -> datetime | None:
    """Return when a step began, in UTC, where it is known."""
    try:
        moment = datetime.fromisoformat(str(step.details.get("at")))
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def ended(step: Node) -> datetime | None:
    """Return when a step ended, in UTC, where it is known."""
    start, seconds = began(step), step.details.get("seconds")
    if start is None or isinstance(seconds, bool | str) or seconds is None or seconds < 0:
        return None
    try:
        return start + timedelta(seconds=seconds)
    except OverflowError:
        return None


def stamp(moment: datetime) -> str:
    """Return a time in UTC as RFC 3339."""
    return moment.isoformat().replace("+00:00", "Z")


def percent(words: str, keep: str = _UNRESERVED) -> str:
    """Return ``words`` percent-encoded as UTF-8 (RFC 3986 section 2.1)."""
    return "".join(
        chr(byte) if chr(byte) in keep else f"%{byte:02X}" for byte in words.encode("utf-8")
    )


def namespace(dossier: Dossier) -> str:
    """Return the namespace of everything in the lineage of one release."""
    return f"urn:sharing-workbench:lineage:{dossier.manifest.removeprefix('sha256:')}#"


def local(group: str, name: str) -> str:
    """Return a name within :func:`namespace`: also a local name in PROV-N (section 3.7.1)."""
    return f"{group}.{percent(name, string.ascii_letters + string.digits + '-_')}"


def purl(package: str, version: str) -> str | None:
    """Return the package URL of a Python package, or ``None`` if it cannot be on PyPI.

    Source: package-url/purl-spec, type ``pypi``.
    """
    if not _PROJECT.match(package) or not _VERSION.match(version):
        return None
    return f"pkg:pypi/{package.lower().replace('_', '-')}@{percent(version)}"


def properties(values: Mapping[str, object]) -> list[dict[str, str]]:
    """Return CycloneDX properties under this project's own prefix, sorted; a list is repeated."""
    return [
        {"name": f"sharing-workbench:{key}", "value": text(one)}
        for key, value in sorted(values.items())
        for one in (value if isinstance(value, list) else [value])
        if one != ""
    ]


def as_json(document: Mapping[str, Any]) -> bytes:
    """Return a document for files that people open: sorted, indented, UTF-8."""
    printed = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return f"{printed}\n".encode()
