"""What lies in the folder of a marked copy, and that nobody can put another one in its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.exchange import Exchange
from workbench.errors import TrustError
from workbench.release import copied, signing
from workbench.services import opened as opening
from workbench.stores.marks import Marks
from workbench.stores.opened import OpenedFolder


def verified(exchange: Exchange, folder: Path, **keys: str) -> opening.Verified:
    people, verifier = exchange.noor.people(), exchange.context.verifier
    return opening.verify(OpenedFolder(folder), people, verifier, **keys)


def test_what_lies_in_the_opened_folder(memory: Exchange, shelf: Marks, tmp_path: Path) -> None:
    """Enough to verify it later, elsewhere and by somebody who was given both keys."""
    grant = memory.marked()
    folder = tmp_path / "opened"
    memory.open(folder)
    names = {path.name for path in folder.iterdir()}
    assert names >= {"copy.jsonl", "copy.sig", "granter.pem", "model.sig", "owner.pem"}
    found = verified(memory, folder)
    assert found.passed == (
        *("listing", "owner", "release statement", "evidence"),
        *("model signature", "copy", "model files", "receipt"),
    )
    assert found.copy is not None
    assert (found.copy.said.grant, found.copy.said.person) == (grant.id, "noor")
    (part,) = found.copy.said.marked
    assert (part.name, part.weights, part.strength) == ("part/model.safetensors", 2048, 0.01)
    pems = {name: memory.actor(name).device.signing_key for name in ("ada", "rui", "vera")}
    stranger = opening.verify(
        OpenedFolder(folder), [], memory.context.verifier, pems["ada"], pems["rui"]
    )
    assert stranger == found
    for given, match in ((None, "nobody's device"), (pems["vera"], "not the one you gave")):
        with pytest.raises(TrustError, match=match) as caught:
            opening.verify(OpenedFolder(folder), [], memory.context.verifier, pems["ada"], given)
        assert caught.value.step == "copy"


def without_statement(folder: Path, _other: Path) -> None:
    (folder / "copy.jsonl").unlink()


def without_key(folder: Path, _other: Path) -> None:
    (folder / "granter.pem").unlink()


def another_signature(folder: Path, _other: Path) -> None:
    (folder / "copy.sig").write_bytes((folder / "model.sig").read_bytes())


def another_copy(folder: Path, other: Path) -> None:
    for name in ("copy.jsonl", "copy.sig"):
        (folder / name).write_bytes((other / name).read_bytes())


def another_model(folder: Path, other: Path) -> None:
    name = Path("model", "part", "model.safetensors")
    (folder / name).write_bytes((other / name).read_bytes())


def another_text(folder: Path, _other: Path) -> None:
    (folder / "model" / "config.json").write_text("{}")


FOLDERS = {
    "model files": (without_statement, another_copy, another_model, another_text),
    "copy": (without_key, another_signature),
}


@pytest.mark.parametrize(
    ("step", "spoil"), [(step, spoil) for step, all_ in FOLDERS.items() for spoil in all_]
)
def test_an_edited_folder(
    memory: Exchange, shelf: Marks, tmp_path: Path, step: str, spoil: Callable[[Path, Path], None]
) -> None:
    """Each at the step that it concerns."""
    memory.join("omar")
    for by in ("noor", "omar"):
        memory.marked(by)
        memory.open(tmp_path / by, by=by)
    spoil(tmp_path / "noor", tmp_path / "omar")
    with pytest.raises(TrustError) as caught:
        verified(memory, tmp_path / "noor")
    assert caught.value.step == step


@pytest.mark.parametrize("forger", ["noor", "sam", "ada"])
def test_a_copy_that_somebody_else_signed(
    memory: Exchange, shelf: Marks, tmp_path: Path, forger: str
) -> None:
    """The recipient, a member who is no reviewer, or the owner: none of them may grant."""
    memory.marked()
    folder = tmp_path / "opened"
    opened = memory.open(folder)
    assert opened.copy is not None
    actor = memory.actor(forger)
    said = actor.act("copy", opened.copy.said.model_dump(mode="json"))
    signature = signing.sign(
        "lab/model", opened.copy.resources, actor.signer.sign, actor.device.signing_key
    )
    (folder / "copy.jsonl").write_bytes(copied.compose(said, signature))
    (folder / "copy.sig").write_text(signature)
    (folder / "granter.pem").write_text(actor.device.signing_key)
    with pytest.raises(TrustError, match=f"{forger} signed it") as caught:
        verified(memory, folder)
    assert caught.value.step == "copy"


def test_each_byte_counts(memory: Exchange, shelf: Marks, tmp_path: Path) -> None:
    """Of what the granter signed, wherever it is flipped; sixty places of each document."""
    memory.marked()
    folder = tmp_path / "opened"
    memory.open(folder)
    for name in ("copy.jsonl", "copy.sig", "granter.pem"):
        path = folder / name
        good = path.read_bytes()
        for place in range(0, len(good), max(1, len(good) // 60)):
            path.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
            with pytest.raises(TrustError) as caught:
                verified(memory, folder)
            assert caught.value.step == "copy", (name, place)
        path.write_bytes(good)
    assert verified(memory, folder).copy is not None
