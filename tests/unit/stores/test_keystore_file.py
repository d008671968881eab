"""Keys in a file under a passphrase, which a stock age opens."""

from __future__ import annotations

import fcntl
import os
import pty
import stat
import subprocess
import sys
import termios
from pathlib import Path

import pyrage
import pytest

from tests.unit.stores.keystores import DEVICE, FAST, LOG, OTHER, file_keystore
from workbench.crypto import age
from workbench.encoding import b64encode, canonical
from workbench.errors import Conflict, InputError, TrustError, Unavailable
from workbench.stores.keystore import (
    FileKeystore,
)


def stock_age(path: Path, passphrase: str) -> bytes:
    """Open a file with the ``age`` program, typing the passphrase at its terminal."""
    outside, inside = pty.openpty()

    def take_terminal() -> None:
        fcntl.ioctl(inside, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        ["age", "-d", str(path)],
        stdin=inside,
        stdout=subprocess.PIPE,
        stderr=inside,
        start_new_session=True,
        preexec_fn=take_terminal,
    )
    os.close(inside)
    prompt = b""
    while b"assphrase" not in prompt:
        prompt += os.read(outside, 1000)
    os.write(outside, passphrase.encode() + b"\n")
    output = process.communicate()[0]
    os.close(outside)
    assert process.returncode == 0
    return output


class TestFile:
    def test_stock_age_opens_it(self, tmp_path: Path) -> None:
        """With the passphrase alone, nobody depends on this program to get at their keys."""
        path = tmp_path / "keystore.age"
        keystore = file_keystore(path)
        keystore.create("alice", DEVICE.to_bytes())
        keystore.create("log", LOG.to_bytes())
        expected = canonical(
            {
                "version": 1,
                "keys": {"alice": b64encode(DEVICE.to_bytes()), "log": b64encode(LOG.to_bytes())},
            }
        )
        assert stock_age(path, "correct horse") == expected
        assert pyrage.passphrase.decrypt(path.read_bytes(), "correct horse") == expected

    def test_reads_what_stock_age_wrote(self, tmp_path: Path) -> None:
        """A person may restore the file with another program."""
        path = tmp_path / "keystore.age"
        text = canonical({"version": 1, "keys": {"alice": b64encode(DEVICE.to_bytes())}})
        path.write_bytes(pyrage.passphrase.encrypt(text, "correct horse"))
        assert file_keystore(path).names() == ["alice"]

    def test_the_file_is_the_owners_and_costs_a_second_per_guess(self, tmp_path: Path) -> None:
        """Mode 0600 in a folder 0700, scrypt with 2^18, and the keys are nowhere in clear."""
        path = tmp_path / "keys" / "keystore.age"
        FileKeystore(path, lambda: "correct horse").create("alice", DEVICE.to_bytes())
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        header = path.read_bytes().split(b"\n")[:2]
        assert header[0] == b"age-encryption.org/v1"
        assert header[1].startswith(b"-> scrypt ")
        assert header[1].endswith(b" 18")
        assert b"PRIVATE" not in path.read_bytes()
        assert sorted(os.listdir(path.parent)) == ["keystore.age", "keystore.age.lock"]

    def test_the_passphrase_is_asked_once_and_only_when_needed(self, tmp_path: Path) -> None:
        """Not at all while there is no file, once from then on, again after locking."""
        asked = []

        def ask() -> str:
            asked.append(1)
            return "correct horse"

        path = tmp_path / "keystore.age"
        keystore = FileKeystore(path, ask, work_factor=FAST)
        assert keystore.names() == []
        assert (len(asked), keystore.locked) == (0, True)
        keystore.create("alice", DEVICE.to_bytes())
        keystore.create("bob", OTHER.to_bytes())
        keystore.sign("alice", b"m")
        assert (len(asked), keystore.locked) == (1, False)
        keystore.lock()
        assert keystore.locked
        assert keystore.names() == ["alice", "bob"]
        assert len(asked) == 2

    @pytest.mark.parametrize("answer", [None, ""])
    def test_no_passphrase_means_locked(self, tmp_path: Path, answer: str | None) -> None:
        """Whoever cannot answer now gets told how to, in every operation."""
        path = tmp_path / "keystore.age"
        with pytest.raises(Unavailable, match=r"locked.*WORKBENCH_PASSPHRASE"):
            file_keystore(path, answer).create("alice", DEVICE.to_bytes())
        assert not path.exists()
        file_keystore(path).create("alice", DEVICE.to_bytes())
        keystore = file_keystore(path, answer)
        for use in (
            keystore.names,
            lambda: keystore.sign("alice", b""),
            lambda: keystore.open("alice", b""),
            lambda: keystore.public("alice"),
            lambda: keystore.create("bob", OTHER.to_bytes()),
        ):
            with pytest.raises(Unavailable, match=r"locked.*WORKBENCH_PASSPHRASE"):
                use()

    def test_a_blank_passphrase_is_refused(self, tmp_path: Path) -> None:
        """A keystore under spaces would only look protected."""
        with pytest.raises(InputError, match="protects nothing"):
            file_keystore(tmp_path / "keystore.age", "  ").create("alice", DEVICE.to_bytes())
        assert not (tmp_path / "keystore.age").exists()

    def test_a_wrong_passphrase_is_unavailable_and_asked_again(self, tmp_path: Path) -> None:
        """A typing mistake changes nothing, and the next try can be right."""
        path = tmp_path / "keystore.age"
        file_keystore(path).create("alice", DEVICE.to_bytes())
        before = path.read_bytes()
        answers = ["wrong", "wrong again", "correct horse"]
        keystore = FileKeystore(path, lambda: answers.pop(0), work_factor=FAST)
        with pytest.raises(Unavailable, match=r"does not open the keystore") as caught:
            keystore.names()
        assert "wrong" not in str(caught.value)
        with pytest.raises(Unavailable, match="does not open"):
            keystore.create("bob", OTHER.to_bytes())
        assert path.read_bytes() == before
        assert keystore.names() == ["alice"]

    def test_a_change_by_another_process_is_seen(self, tmp_path: Path) -> None:
        """Keys made elsewhere appear, and none is lost by making one here."""
        path = tmp_path / "keystore.age"
        first, second = file_keystore(path), file_keystore(path)
        first.create("alice", DEVICE.to_bytes())
        assert second.names() == ["alice"]
        second.create("bob", OTHER.to_bytes())
        assert first.names() == ["alice", "bob"]
        with pytest.raises(Conflict):
            first.create("bob", LOG.to_bytes())
        path.unlink()
        assert first.names() == []

    def test_processes_that_make_keys_at_once_lose_none(self, tmp_path: Path) -> None:
        """Each waits for the other; all keys are there in the end."""
        program = (
            "import sys, pathlib\n"
            "from workbench.stores.keystore import FileKeystore\n"
            "from workbench.crypto.keys import LogSecret\n"
            "keys = FileKeystore(pathlib.Path(sys.argv[1]), lambda: 'pass', work_factor=10)\n"
            "keys.create(sys.argv[2], LogSecret.generate('example.org/log').to_bytes())\n"
        )
        path = tmp_path / "keys" / "keystore.age"
        started = [
            subprocess.Popen([sys.executable, "-c", program, str(path), f"key{number}"])
            for number in range(4)
        ]
        assert [process.wait() for process in started] == [0] * 4
        assert file_keystore(path, "pass").names() == [f"key{number}" for number in range(4)]

    @pytest.mark.parametrize(
        "damage", ["empty", "text", "cut", "flipped", "header", "large", "not ours", "bad key"]
    )
    def test_a_damaged_file_is_a_failure_of_trust(self, tmp_path: Path, damage: str) -> None:
        """Damage is told from a wrong passphrase, and the file is left alone."""
        path = tmp_path / "keystore.age"
        file_keystore(path).create("alice", DEVICE.to_bytes())
        good = path.read_bytes()

        def sealed(text: bytes) -> bytes:
            recipient = age.ScryptRecipient("correct horse", FAST)
            return age.encrypt_bytes(text, [recipient], random=os.urandom)

        bad = {
            "empty": b"",
            "text": b"hello",
            "cut": good[:-1],
            "flipped": good[:-1] + bytes([good[-1] ^ 1]),
            "header": good.replace(b"scrypt", b"script", 1),
            "large": good + bytes(2 << 20),
            "not ours": sealed(b"{}"),
            "bad key": sealed(canonical({"version": 1, "keys": {"alice": "AAAA"}})),
        }[damage]
        path.write_bytes(bad)
        with pytest.raises(TrustError) as caught:
            file_keystore(path).names()
        assert caught.value.step == "keystore"
        with pytest.raises(TrustError):
            file_keystore(path).create("bob", OTHER.to_bytes())
        assert path.read_bytes() == bad

    def test_a_file_that_cannot_be_written_is_unavailable(self, tmp_path: Path) -> None:
        """The folder's place is taken by a file."""
        (tmp_path / "keys").write_bytes(b"")
        with pytest.raises(Unavailable):
            file_keystore(tmp_path / "keys" / "keystore.age").create("alice", DEVICE.to_bytes())
