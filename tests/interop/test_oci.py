"""A release in the store and in a sealed file, as a stock container tool reads it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.interop.conftest import Shared
from tests.interop.peers import Failed, run
from tests.interop.workplace import FILES
from workbench.encoding import digest
from workbench.release import layout


def places(shared: Shared) -> dict[str, str]:
    return {
        "store": f"oci:{shared.installation.store}:{shared.ref}",
        "share": f"oci-archive:{shared.file}:{shared.ref}",
    }


@pytest.mark.parametrize("form", ["store", "share"])
def test_inspect_reads_a_release(shared: Shared, form: str) -> None:
    """`skopeo inspect --raw` finds the release under its own name; its bytes are ours."""
    raw = run(["skopeo", "inspect", "--raw", places(shared)[form]])
    manifest = layout.Manifest.from_bytes(raw)
    assert len(manifest.files) == len(FILES)
    assert json.loads(raw)["artifactType"] == layout.ARTIFACT
    config = json.loads(run(["skopeo", "inspect", "--raw", "--config", places(shared)[form]]))
    assert (config["name"], config["version"], config["owner"]) == ("lab/model", "1.0", "ada")


def test_the_digest_is_the_one_that_was_signed(shared: Shared) -> None:
    """The manifest that the tool reads has the digest that the catalogue names."""
    raw = run(["skopeo", "inspect", "--raw", places(shared)["store"]])
    listed = json.loads(shared.installation.workbench("show", shared.ref, "--json"))
    assert digest(raw) == listed["manifest"]


@pytest.mark.parametrize("form", ["store", "share"])
def test_copies_keep_every_digest(shared: Shared, tmp_path: Path, form: str) -> None:
    """`skopeo copy` takes each blob as it is and finds each under its own digest."""
    run(["skopeo", "copy", "--preserve-digests", places(shared)[form], f"dir:{tmp_path / 'copy'}"])
    raw = (tmp_path / "copy" / "manifest.json").read_bytes()
    assert raw == run(["skopeo", "inspect", "--raw", places(shared)[form]])
    manifest = layout.Manifest.from_bytes(raw)
    for blob in (manifest.config, *manifest.layers):
        name = blob.digest.removeprefix("sha256:")
        data = (tmp_path / "copy" / name).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (name, blob.size)


def test_nothing_is_found_under_another_name(shared: Shared) -> None:
    """Another version of the same name is not there."""
    with pytest.raises(Failed, match="no descriptor found"):
        run(["skopeo", "inspect", "--raw", f"oci:{shared.installation.store}:lab/model:2.0"])


def test_names_and_contents_stay_inside(shared: Shared) -> None:
    """Neither file names nor contents can be read in what the store holds."""
    blobs = (shared.installation.store / "blobs" / "sha256").iterdir()
    everything = b"".join(path.read_bytes() for path in blobs)
    for name, data in FILES.items():
        assert name.encode() not in everything
        assert not data or data not in everything
