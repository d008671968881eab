"""The lineage of a release in formats that other programs read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from workbench._version import __version__
from workbench.encoding import canonical
from workbench.errors import InputError
from workbench.origin import bom, crate, prov, slsa
from workbench.origin.rendering import as_json
from workbench.tracing.trail import NOT_KEPT, Trail

__all__ = ["FORMATS", "Exported", "export"]


@dataclass(frozen=True)
class Exported:
    """A file to keep."""

    name: str
    data: bytes
    type: str  # of media


def export(found: Trail, form: str) -> Exported:
    """Return the lineage of a release in one of :data:`FORMATS`.

    Raises:
        InputError: no such format, or no lineage was kept.
    """
    if form not in FORMATS:
        raise InputError(
            f"There is no format called {form[:40]!r}.",
            unchanged="Nothing was written.",
            hint=f"Possible are {', '.join(FORMATS)}.",
        )
    if not found.provenance:
        raise InputError(f"{found.listing.ref}: {NOT_KEPT}", unchanged="Nothing was written.")
    name = found.listing.ref.replace("/", "-").replace(":", "-")
    suffix, kind, write = FORMATS[form]
    return Exported(f"{name}{suffix}", write(found), kind)


def _prov(found: Trail) -> bytes:
    return as_json(prov.document(found.dossier(), __version__))


def _bom(found: Trail) -> bytes:
    return as_json(bom.document(found.dossier(), __version__))


def _slsa(found: Trail) -> bytes:
    """Return the statement as the owner signed it; the signature is in the evidence."""
    for statement in found.evidence.statements:
        if statement["predicateType"] == slsa.PREDICATE_TYPE:
            return as_json(statement)
    raise InputError(f"{found.listing.ref}: {NOT_KEPT}", unchanged="Nothing was written.")


def _crate(found: Trail) -> bytes:
    statements = b"".join(canonical(one) + b"\n" for one in found.evidence.statements)
    inside = {
        "provenance.json": _prov(found),
        "bom.json": _bom(found),
        "statements.jsonl": statements,
    }
    return crate.archive(crate.files(found.dossier(), inside))


FORMATS: dict[str, tuple[str, str, Callable[[Trail], bytes]]] = {
    "prov": (".prov.json", "application/json", _prov),
    "crate": (".crate.zip", "application/zip", _crate),
    "bom": (".bom.json", "application/json", _bom),
    "slsa": (".slsa.json", "application/json", _slsa),
}
