"""``workbench scan`` and ``workbench checks``: looking in without opening."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.place import InProcess
from tests.weights import weights

HOSTILE = b"cos\nsystem\n(S'echo'\ntR."
PUBLISH = ["--name", "lab/m", "--version", "1.0", "--license", "MIT"]


@pytest.fixture
def place(tmp_path: Path) -> InProcess:
    return InProcess(tmp_path)


@pytest.fixture
def model(place: InProcess) -> Path:
    folder = place.folder / "scanned"
    folder.mkdir()
    (folder / "weights.safetensors").write_bytes(weights(bytes(64)))
    return folder


def test_what_cannot_run_code_is_fine(place: InProcess, model: Path) -> None:
    outcome = place.run(["scan", "scanned"])
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("✓ safe form  weights.safetensors (safetensors)")
    assert outcome.out.endswith("Nothing in it can run code.\n")


def test_a_single_file_with_a_name_that_lies(place: InProcess, model: Path) -> None:
    """Exit 1, with the place, what is there, why and what to do; and for programs."""
    (model / "notes.txt").write_bytes(HOSTILE)
    outcome = place.run(["scan", "scanned/notes.txt"])
    assert (outcome.code, outcome.err) == (1, "")
    assert outcome.out.startswith("✗ could run code  notes.txt (pickle)")
    assert "os.system" in outcome.out
    assert outcome.out.endswith("Do not open it outside a sandbox.\n")
    plain = json.loads(place.run(["scan", "scanned", "--json"]).out)
    assert plain["outcome"] == "unsafe"
    assert [file["outcome"] for file in plain["files"]] == ["unsafe", "safe"]
    assert plain["files"][0]["findings"][0]["rule"].startswith("pickle-")


def test_nobody_has_to_be_set_up(place: InProcess, model: Path) -> None:
    """There is no exchange here, and none is made."""
    assert place.run(["scan", "scanned"]).code == 0
    assert not (place.folder / "home" / "exchange").exists()


def test_what_is_not_there(place: InProcess) -> None:
    outcome = place.run(["scan", "nowhere"])
    assert outcome.code == 2
    assert "No such file" in outcome.err


def test_the_checks_of_a_release(place: InProcess, model: Path) -> None:
    """What the listing says, and what was not measured."""
    place.run(["init", "--name", "ada"])
    assert place.run(["publish", "scanned", *PUBLISH]).code == 0
    outcome = place.run(["checks", "lab/m:1.0"])
    assert outcome.code == 0
    assert "✓ Unsafe content: No file can run somebody else's code" in outcome.out
    assert "– Leakage: Nobody has measured what the model gives away." in outcome.out
    plain = json.loads(place.run(["checks", "lab/m:1.0", "--json"]).out)
    assert plain["available"] is True
    assert plain["scan"]["files"][0]["kind"] == "safetensors"
