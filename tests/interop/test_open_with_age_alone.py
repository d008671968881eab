"""A release outlives this program: with the stock tools alone its files come out, byte for byte."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pyrage
import pytest

from tests.interop.conftest import Shared
from tests.interop.peers import PASSPHRASE, Failed, at_terminal, run
from tests.interop.workplace import BIN, FILES
from workbench.encoding import b64decode, parse
from workbench.records import Envelope
from workbench.release import layout

SCRIPT = Path(__file__).with_name("open_with_age.sh")


@pytest.fixture
def carried(shared: Shared, tmp_path: Path) -> Path:
    """A folder with what the recipient has: the file, the keystore, and the owner's public key."""
    shutil.copy(shared.file, tmp_path / "model.share")
    shutil.copy(shared.installation.home / "keystore.age", tmp_path)
    shared.installation.workbench("identity", "--out", tmp_path / "owner.pem")
    return tmp_path


def play(folder: Path) -> bytes:
    """Run the commands that the README shows, and type the passphrase when age asks for it."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    command = ["env", "-C", folder, f"PATH={path}", "NAME=ada", "bash", "-eo", "pipefail", SCRIPT]
    return at_terminal(command, [PASSPHRASE])


def test_the_commands_of_the_readme(carried: Path) -> None:
    """A sealed file, opened by `age` with the device's key from the keystore file."""
    assert b"Verification succeeded" in play(carried)
    model = carried / "model"
    found = {
        path.relative_to(model).as_posix(): path.read_bytes()
        for path in model.rglob("*")
        if path.is_file()
    }
    assert found == dict(FILES)


def test_the_commands_fail_for_another_owner(carried: Path, shared: Shared) -> None:
    """The last of them tells whether the files are the owner's."""
    key = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"
    (carried / "owner.pem").write_text(key)
    with pytest.raises(Failed, match="Verification failed"):
        play(carried)


def sealing_key(shared: Shared) -> str:
    """Take the device's age identity out of the keystore, with a stock tool."""
    opened = pyrage.passphrase.decrypt(
        (shared.installation.home / "keystore.age").read_bytes(), PASSPHRASE
    )
    return str(parse(b64decode(parse(opened)["keys"]["ada"]))["sealing"])


def test_a_published_release(shared: Shared, tmp_path: Path) -> None:
    """From the exchange's folder: the envelope's text is the identity file for the blobs."""
    database = shared.installation.home / "exchange" / "exchange.db"
    with closing(sqlite3.connect(database)) as connection:
        query = "SELECT body FROM records WHERE kind = 'envelope' AND release = ? AND person = ?"
        (body,) = connection.execute(query, (shared.ref, "ada")).fetchone()
    device, keys = tmp_path / "device.key", tmp_path / "release.keys"
    device.write_text(sealing_key(shared))
    sealed = b64decode(Envelope.from_bytes(body.encode()).sealed)
    keys.write_bytes(run(["age", "-d", "-i", device], sealed))
    reference = f"oci:{shared.installation.store}:{shared.ref}"
    manifest = layout.Manifest.from_bytes(run(["skopeo", "inspect", "--raw", reference]))
    blobs = shared.installation.store / "blobs" / "sha256"
    found = [
        run(["age", "-d", "-i", keys, blobs / file.digest.removeprefix("sha256:")])
        for file in manifest.files
    ]
    assert found == [data for _, data in sorted(FILES.items())]
    with pytest.raises(Failed, match="no identity matched"):
        run(["age", "-d", "-i", device, blobs / manifest.files[0].digest.removeprefix("sha256:")])
