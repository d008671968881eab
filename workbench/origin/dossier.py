"""Everything an export says of one release, put together once."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.origin.graph import Graph
from workbench.origin.record import Environment, Notebook, Training

__all__ = ["Dossier"]


@dataclass(frozen=True)
class Dossier:
    """One release and where it comes from.

    Attributes:
        ref: ``org/name:version``.
        license: an SPDX expression, or ``NONE``.
        owner: the owner's name as people read it.
        published: RFC 3339.
        manifest: ``sha256:…`` of the release.
        root: hex SHA-256, the root digest of the model's files (OpenSSF Model Signing v1.0).
        files: name and hex SHA-256 of each file of the model.
    """

    ref: str
    title: str
    summary: str
    license: str
    owner: str
    published: str
    manifest: str
    root: str
    files: tuple[tuple[str, str], ...]
    graph: Graph
    training: Training | None = None
    environment: Environment | None = None
    notebook: Notebook | None = None
    regions: tuple[str, ...] = ()
    sensitivity: str = ""
    terms_title: str = ""
