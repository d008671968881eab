"""What differs between two versions of a release, and where each side is proved."""

from __future__ import annotations

from typing import Any

from workbench.errors import WorkbenchError
from workbench.origin import changes
from workbench.records import Release
from workbench.session import Session
from workbench.tracing.trail import Trail, trail

__all__ = ["changes_view"]


def changes_view(session: Session, ref: str, since: str | None = None) -> dict[str, Any]:
    """Return what differs from the version before, or from ``since``, with where each is proved."""
    release = session.release(ref)
    nothing: dict[str, Any] = {
        "ref": ref, "available": False, "why": None, "since": None, "proof": [], "sections": [],
    }  # fmt: skip
    try:
        before = _since(session, release, since)
        if before is None:
            return {**nothing, "available": True}
        old, new = trail(session, before.key), trail(session, ref)
    except WorkbenchError as error:
        return {**nothing, "why": str(error)}
    sections = changes.between(_record(old), _record(new))
    return {
        **nothing,
        "available": True,
        "since": {"ref": before.key, "published": old.published, "entry": before.entry},
        "proof": [
            row for item, its in ((before, old), (release, new)) for row in _proof(item, its)
        ],
        "sections": [section.model_dump(mode="json") for section in sections],
    }


def _since(session: Session, release: Release, version: str | None) -> Release | None:
    """Return the release to compare with; none for the first of its name.

    Raises:
        NotFound: there is no such version.
    """
    name = release.listing.name
    if version is not None:
        return session.release(f"{name}:{version}")
    earlier = [
        other
        for other in session.catalogue()
        if other.listing.name == name and other.entry < release.entry
    ]
    return max(earlier, key=lambda other: other.entry, default=None)


def _record(found: Trail) -> changes.Record:
    parts = found.provenance
    return changes.Record(
        graph=parts.graph,
        training=parts.training,
        environment=parts.environment,
        notebook=parts.notebook,
        files=tuple((item.name, item.digest) for item in found.evidence.resources),
    )


def _proof(release: Release, found: Trail) -> list[list[str]]:
    """Where what a release says of itself is proved: signed by its owner, published in the log."""
    return [
        [f"{release.key}: signed about the model", found.evidence.root],
        [f"{release.key}: published as", release.manifest],
        [f"{release.key}: entry in the log", str(release.entry)],
    ]
