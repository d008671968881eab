"""Signatures over models against the reference implementation of OpenSSF Model Signing."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration import owner as arrays
from tests.integration.exchange import Exchange, Keys
from tests.interop.conftest import Shared
from tests.interop.peers import Failed, run
from tests.interop.workplace import BIN, save
from workbench.crypto.keys import SigningKey, VerifyingKey
from workbench.errors import TrustError
from workbench.release import signing

PEER = BIN / "model_signing"


@pytest.fixture
def opened(shared: Shared, tmp_path: Path) -> Path:
    """A copy of an opened folder, to be spoilt."""
    return Path(shutil.copytree(shared.opened, tmp_path / "opened"))


def verify(folder: Path) -> bytes:
    """Let the peer look at an opened folder, with nothing but what lies in it."""
    signature, key = folder / "model.sig", folder / "owner.pem"
    return run(
        [PEER, "verify", "key", folder / "model", "--signature", signature, "--public_key", key]
    )


def found(model: Path) -> list[signing.Resource]:
    return [
        signing.Resource(
            path.relative_to(model).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()
        )
        for path in model.rglob("*")
        if path.is_file()
    ]


def changed_byte(model: Path) -> None:
    data = bytearray((model / "weights.bin").read_bytes())
    data[100] ^= 1
    (model / "weights.bin").write_bytes(data)


def extra_file(model: Path) -> None:
    (model / "weights" / "extra.py").write_text("print('hello')")


def missing_file(model: Path) -> None:
    (model / "weights" / "part.bin").unlink()


def renamed_file(model: Path) -> None:
    (model / "config.json").rename(model / "config2.json")


ATTACKS = [changed_byte, extra_file, missing_file, renamed_file]


def test_they_accept_an_opened_folder(opened: Path) -> None:
    """`model_signing verify key` needs nothing but the folder that `workbench open` wrote."""
    assert b"Verification succeeded" in verify(opened)


def test_they_accept_a_marked_copy(tmp_path: Path) -> None:
    """With the granter's signature and key; by the owner's signature it is another model."""
    exchange = Exchange.on_disk(tmp_path / "exchange", Keys()).enrol()
    arrays.save(tmp_path / "model" / "model.safetensors", arrays.layer(1))
    exchange.publish(tmp_path / "model")
    exchange.give_room("rui", tmp_path)
    exchange.marked()
    folder = tmp_path / "opened"
    exchange.open(folder)
    exchange.close()
    granter = ["--signature", folder / "copy.sig", "--public_key", folder / "granter.pem"]
    said = run([PEER, "verify", "key", folder / "model", *granter])
    assert b"Verification succeeded" in said
    with pytest.raises(Failed):
        verify(folder)


@pytest.mark.parametrize("attack", ATTACKS)
def test_they_refuse_an_opened_folder_that_was_changed(
    opened: Path, attack: Callable[[Path], None]
) -> None:
    """One changed byte, an added, missing or renamed file: each is noticed by the peer too."""
    attack(opened / "model")
    with pytest.raises(Failed, match="Verification failed"):
        verify(opened)


def test_they_refuse_another_key(opened: Path) -> None:
    """The signature is the owner's, not anybody's."""
    (opened / "owner.pem").write_text(SigningKey.generate().public.pem)
    with pytest.raises(Failed, match="Verification failed"):
        verify(opened)


@pytest.fixture
def theirs(tmp_path: Path) -> tuple[Path, str, VerifyingKey]:
    """A folder signed by the peer: the model, the signature, and the key."""
    model, key = save(tmp_path / "model"), SigningKey.generate()
    # "d/f" and "d.txt" are where its order of names differs from the specification's.
    save(model, {"d/f": b"1", "d.txt": b"2"})
    (tmp_path / "key.pem").write_text(key.pem)
    signature = tmp_path / "model.sig"
    private = tmp_path / "key.pem"
    run([PEER, "sign", "key", model, "--signature", signature, "--private_key", private])
    return model, signature.read_text(), key.public


def test_we_accept_what_they_sign(theirs: tuple[Path, str, VerifyingKey]) -> None:
    """The list of files and the root digest are the ones we compute."""
    model, bundle, key = theirs
    signed = signing.verify(bundle, key)
    signing.check_files(signed, found(model))
    assert {item.name for item in signed} == {item.name for item in found(model)}


@pytest.mark.parametrize("attack", ATTACKS)
def test_we_refuse_what_was_changed_since(
    theirs: tuple[Path, str, VerifyingKey], attack: Callable[[Path], None]
) -> None:
    """The same attacks on a folder of theirs."""
    model, bundle, key = theirs
    attack(model)
    with pytest.raises(TrustError) as refused:
        signing.check_files(signing.verify(bundle, key), found(model))
    assert refused.value.step == "model files"


def test_we_refuse_another_key(theirs: tuple[Path, str, VerifyingKey]) -> None:
    """A signature of theirs holds for the signer's key alone."""
    _, bundle, _ = theirs
    with pytest.raises(TrustError) as refused:
        signing.verify(bundle, SigningKey.generate().public)
    assert refused.value.step == "model signature"
