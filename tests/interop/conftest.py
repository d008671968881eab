"""A release published, opened and packed once, for every program that looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.interop.workplace import Installation, save

REF = "lab/model:1.0"


@dataclass(frozen=True)
class Shared:
    """One release of one person, in every form it has on disk."""

    installation: Installation
    ref: str
    model: Path  # what was published
    opened: Path  # what `workbench open` wrote
    file: Path  # what `workbench pack` wrote


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    """What a person with an X25519 device publishes, opens and packs."""
    folder = tmp_path_factory.mktemp("shared")
    installation = Installation(folder / "home")
    found = Shared(
        installation, REF, save(folder / "model"), folder / "opened", folder / "model.share"
    )
    name, version = REF.split(":")
    named = ["--name", name, "--version", version, "--license", "Apache-2.0"]
    installation.workbench("init", "--name", "ada", "--classical")
    installation.workbench("publish", found.model, *named, "--classical")
    installation.workbench("open", REF, "--to", found.opened)
    installation.workbench("pack", found.model, "--to", "ada", "--out", found.file, *named)
    return found
