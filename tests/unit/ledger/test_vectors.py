"""Every vector is refused at the step, and for the reason, that it names."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from workbench.errors import InputError, TrustError, WorkbenchError
from workbench.ledger import checkpoint, merkle, proof

FOLDER = Path(__file__).parent / "vectors"
FILES = sorted(FOLDER.glob("*/*.json"))


def check_inclusion(vector: dict[str, Any]) -> None:
    hashes = [bytes.fromhex(item) for item in vector["proof"]]
    leaf, root = bytes.fromhex(vector["leaf"]), bytes.fromhex(vector["root"])
    merkle.verify_inclusion(leaf, vector["index"], vector["size"], hashes, root)


def check_consistency(vector: dict[str, Any]) -> None:
    hashes = [bytes.fromhex(item) for item in vector["proof"]]
    old_root, new_root = bytes.fromhex(vector["old_root"]), bytes.fromhex(vector["new_root"])
    merkle.verify_consistency(vector["old"], vector["new"], hashes, old_root, new_root)


def check_checkpoint(vector: dict[str, Any]) -> None:
    found = checkpoint.verify(content(vector["note"]), vector["verifier"])
    assert content(vector["note"]).startswith(found.body())


def check_receipt(vector: dict[str, Any]) -> None:
    parsed = proof.parse(content(vector["file"]))
    parsed.verify(bytes.fromhex(vector["leaf_data"]), vector["verifier"])


def check_verifier(vector: dict[str, Any]) -> None:
    name, _, public = checkpoint.parse_verifier(vector["verifier"])
    assert checkpoint.verifier_key(name, public) == vector["verifier"]


CHECKS = {
    "inclusion": check_inclusion,
    "consistency": check_consistency,
    "checkpoint": check_checkpoint,
    "receipt": check_receipt,
    "verifier": check_verifier,
}
ERRORS: dict[str, type[WorkbenchError]] = {"TrustError": TrustError, "InputError": InputError}


def content(value: str | dict[str, str]) -> bytes:
    return value.encode() if isinstance(value, str) else base64.b64decode(value["base64"])


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_vector(file: Path) -> None:
    """A vector named good is accepted; any other is refused with its error, step and reason."""
    vector = json.loads(file.read_text(encoding="utf-8"))
    check, expected = CHECKS[file.parent.name], vector["expect"]
    assert (expected is None) == file.stem.startswith("good")
    if expected is None:
        check(vector)
        return
    with pytest.raises(ERRORS[expected["error"]]) as caught:
        check(vector)
    assert getattr(caught.value, "step", None) == expected.get("step")
    assert expected["says"] in caught.value.message


def test_the_script_writes_these_vectors(reference: SimpleNamespace) -> None:
    """The files are what their recorded origin prints, no more and no less."""
    printed = {
        name: reference.print_vector(vector) for name, vector in reference.everything().items()
    }
    stored = {f"{file.parent.name}/{file.name}": file.read_text(encoding="utf-8") for file in FILES}
    assert stored == printed
