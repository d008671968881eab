"""Keystores: one suite over memory, file, keyring and agent, then what is special to each."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import stat
import subprocess
import sys
import tempfile
import termios
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyrage
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.errors import KeyringLocked

from workbench.crypto import age
from workbench.crypto.keys import DeviceSecret, LogSecret
from workbench.encoding import b64decode, b64encode, canonical
from workbench.errors import Conflict, InputError, NotFound, TrustError, Unavailable
from workbench.stores import ring
from workbench.stores.agent import AgentKeystore, serve
from workbench.stores.contracts import Keystore
from workbench.stores.keystore import (
    DeviceSigner,
    FileKeystore,
    KeyringKeystore,
    MemoryKeystore,
    choose,
)

FAST = 10  # scrypt's work factor in tests: 2^10 instead of 2^18
DEVICE = DeviceSecret.generate(classical=True)
OTHER = DeviceSecret.generate()
LOG = LogSecret.generate("example.org/log")


class Ring(KeyringBackend):
    """A keyring in memory, to stand for the one of an operating system."""

    priority = 5  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


def file_keystore(path: Path, passphrase: str | None = "correct horse") -> FileKeystore:
    return FileKeystore(path, lambda: passphrase, work_factor=FAST)


@pytest.fixture(params=["memory", "file", "keyring", "agent"])
def keystore(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Keystore]:
    """Every test with this fixture holds for all four."""
    if request.param == "memory":
        yield MemoryKeystore()
    elif request.param == "file":
        yield file_keystore(tmp_path / "keys" / "keystore.age")
    elif request.param == "keyring":
        yield KeyringKeystore("test", backend=Ring(), lock=tmp_path / "ring" / "lock")
    else:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "agent" / "socket"
            with serve(MemoryKeystore(), path):
                yield AgentKeystore(path)


def check_device_signature(pem: str, message: bytes, signature: bytes) -> None:
    public = load_pem_public_key(pem.encode())
    assert isinstance(public, EllipticCurvePublicKey)
    public.verify(signature, message, ECDSA(hashes.SHA256()))


class TestAll:
    def test_a_new_keystore_is_empty(self, keystore: Keystore) -> None:
        """Nothing is there until something is made."""
        assert keystore.names() == []

    def test_names_are_sorted(self, keystore: Keystore) -> None:
        """Whatever the order of making."""
        keystore.create("log", LOG.to_bytes())
        keystore.create("alice", DEVICE.to_bytes())
        keystore.create("bob", OTHER.to_bytes())
        assert keystore.names() == ["alice", "bob", "log"]

    @pytest.mark.parametrize("size", [0, 1, 3_000_000])
    def test_a_device_signs_with_ecdsa(self, keystore: Keystore, size: int) -> None:
        """Another implementation verifies the signature, for long messages too."""
        keystore.create("alice", DEVICE.to_bytes())
        message = b"m" * size
        signature = keystore.sign("alice", message)
        check_device_signature(keystore.public("alice")["signing_key"], message, signature)

    def test_a_log_signs_with_ed25519(self, keystore: Keystore) -> None:
        """The raw signature fits the public key in the C2SP verifier."""
        keystore.create("log", LOG.to_bytes())
        verifier = keystore.public("log")["verifier"]
        name, _, rest = verifier.partition("+")
        key = b64decode(rest.partition("+")[2])
        assert (name, key[:1]) == ("example.org/log", b"\x01")
        Ed25519PublicKey.from_public_bytes(key[1:]).verify(
            keystore.sign("log", b"checkpoint"), b"checkpoint"
        )

    def test_public_is_the_public_half(self, keystore: Keystore) -> None:
        """Exactly what a device record says of it, and nothing more."""
        keystore.create("alice", DEVICE.to_bytes())
        device = DEVICE.device("laptop", "eu")
        assert keystore.public("alice") == {
            "signing_key": device.signing_key,
            "recipient": device.recipient,
        }

    def test_opens_what_another_age_sealed(self, keystore: Keystore) -> None:
        """An envelope made by pyrage opens with the device's key."""
        keystore.create("alice", DEVICE.to_bytes())
        recipient = pyrage.x25519.Recipient.from_str(keystore.public("alice")["recipient"])
        assert keystore.open("alice", pyrage.encrypt(b"keys", [recipient])) == b"keys"

    def test_opens_what_is_sealed_to_a_hybrid_recipient(self, keystore: Keystore) -> None:
        """The default kind of device opens its envelopes."""
        keystore.create("bob", OTHER.to_bytes())
        recipient = age.parse_recipient(keystore.public("bob")["recipient"])
        sealed = age.encrypt_bytes(b"keys", [recipient], random=os.urandom)
        assert keystore.open("bob", sealed) == b"keys"

    @pytest.mark.parametrize("what", ["other key", "cut", "flipped", "text", "empty", "large"])
    def test_what_is_not_for_this_key_fails_at_the_envelope(
        self, keystore: Keystore, what: str
    ) -> None:
        """Wrong key, damage and oversize are failures of the trust step ``envelope``."""
        keystore.create("alice", DEVICE.to_bytes())
        own = age.parse_recipient(keystore.public("alice")["recipient"])
        other = age.parse_recipient(OTHER.device("x", "eu").recipient)
        sealed = age.encrypt_bytes(b"keys", [own], random=os.urandom)
        bad = {
            "other key": age.encrypt_bytes(b"keys", [other], random=os.urandom),
            "cut": sealed[:-1],
            "flipped": sealed[:-1] + bytes([sealed[-1] ^ 1]),
            "text": b"hello",
            "empty": b"",
            "large": age.encrypt_bytes(bytes(70_000), [own], random=os.urandom),
        }[what]
        with pytest.raises(TrustError) as caught:
            keystore.open("alice", bad)
        assert caught.value.step == "envelope"
        assert caught.value.message.startswith("envelope: ")
        assert "envelope: envelope" not in caught.value.message

    def test_a_log_key_opens_nothing(self, keystore: Keystore) -> None:
        """A key that only signs is no key to open with."""
        keystore.create("log", LOG.to_bytes())
        with pytest.raises(NotFound):
            keystore.open("log", b"age-encryption.org/v1\n")

    @pytest.mark.parametrize("secret", [DEVICE, LOG], ids=["same kind", "other kind"])
    def test_a_name_is_taken_once(self, keystore: Keystore, secret: Any) -> None:
        """Keys are never replaced, not even by themselves."""
        keystore.create("alice", DEVICE.to_bytes())
        with pytest.raises(Conflict):
            keystore.create("alice", secret.to_bytes())
        assert keystore.public("alice")["recipient"] == DEVICE.device("x", "eu").recipient

    def test_an_unknown_name_is_not_found(self, keystore: Keystore) -> None:
        """In every operation."""
        for use in (
            lambda: keystore.sign("nobody", b""),
            lambda: keystore.open("nobody", b""),
            lambda: keystore.public("nobody"),
        ):
            with pytest.raises(NotFound, match="nobody"):
                use()

    @pytest.mark.parametrize("name", ["", " ", "a b", "names\n", "-x", "é", "a" * 200, "a\0"])
    def test_other_names_are_refused(self, keystore: Keystore, name: str) -> None:
        """A name is short plain text."""
        with pytest.raises(InputError, match="cannot be called"):
            keystore.create(name, DEVICE.to_bytes())
        assert keystore.names() == []

    @pytest.mark.parametrize("secret", [b"", b"{}", b"hello", b'{"type":"device"}', b"\xff"])
    def test_what_is_no_secret_is_refused(self, keystore: Keystore, secret: bytes) -> None:
        """Nothing is kept that could not be used."""
        with pytest.raises(InputError):
            keystore.create("alice", secret)
        assert keystore.names() == []

    def test_says_where_the_keys_are(self, keystore: Keystore) -> None:
        """In words, for a person."""
        assert len(keystore.describe().split()) > 3

    def test_shows_no_secret(self, keystore: Keystore) -> None:
        """Neither in its own text nor in errors about its keys."""
        keystore.create("alice", DEVICE.to_bytes())
        shown = [repr(keystore), str(keystore), keystore.describe()]
        with pytest.raises(Conflict) as taken:
            keystore.create("alice", DEVICE.to_bytes())
        with pytest.raises(TrustError) as refused:
            keystore.open("alice", b"nonsense")
        shown += [repr(taken.value), str(taken.value), str(refused.value)]
        secrets = [json.loads(DEVICE.to_bytes())[field] for field in ("signing", "sealing")]
        secrets += ["PRIVATE KEY", "AGE-SECRET", "correct horse"]
        assert not [secret for secret in secrets for text in shown if secret in text]

    def test_threads_may_share_it(self, keystore: Keystore) -> None:
        """Of eight that make one name at once, one wins; all can sign then."""

        def make(_number: int) -> bool:
            try:
                keystore.create("alice", DEVICE.to_bytes())
            except Conflict:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(make, range(8))) == 1
            signatures = list(pool.map(lambda n: keystore.sign("alice", b"%d" % n), range(8)))
        for number, signature in enumerate(signatures):
            pem = keystore.public("alice")["signing_key"]
            check_device_signature(pem, b"%d" % number, signature)

    def test_a_signer_is_one_device_at_work(self, keystore: Keystore) -> None:
        """It carries the public half and uses the private one, and shows neither."""
        keystore.create("alice", DEVICE.to_bytes())
        signer = DeviceSigner(keystore, "alice", DEVICE.device("laptop", "eu"))
        check_device_signature(signer.device.signing_key, b"m", signer.sign(b"m"))
        sealed = age.encrypt_bytes(
            b"keys", [age.parse_recipient(signer.device.recipient)], random=os.urandom
        )
        assert signer.open(sealed) == b"keys"
        assert "AGE-SECRET" not in repr(signer)


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


class Alt(Ring):
    """A keyring as ``keyrings.alt`` has them."""


Alt.__module__ = "keyrings.alt.file"


class Sub(Alt):
    """… and one derived from it."""


class Null(Ring):
    """A keyring that keeps nothing."""


Null.__module__ = "keyring.backends.null"


class Fail(Ring):
    """A keyring that only fails."""


Fail.__module__ = "keyring.backends.fail"


def chain(*backends: KeyringBackend) -> ChainerBackend:
    class Chain(ChainerBackend):
        pass

    Chain.backends = list(backends)  # type: ignore[assignment]
    return Chain()


class TestKeyring:
    @pytest.mark.parametrize("kind", [Alt, Sub, Null, Fail])
    @pytest.mark.parametrize("chained", [False, True])
    def test_backends_that_keep_no_secret_are_refused(
        self, kind: type[Ring], chained: bool
    ) -> None:
        """Plain files and nothing at all are no keyrings, alone or in a chain."""
        backend = chain(kind(), kind()) if chained else kind()
        with pytest.raises(Unavailable, match="no operating system keyring"):
            KeyringKeystore("test", backend=backend)

    def test_an_empty_chain_is_refused(self) -> None:
        """What a machine without a keyring has."""
        with pytest.raises(Unavailable):
            KeyringKeystore("test", backend=chain())

    def test_of_a_chain_only_the_real_keyring_is_used(self) -> None:
        """The plain file in the chain never sees a secret, though it comes first."""
        plain, real = Alt(), Ring()
        keystore = KeyringKeystore("test", backend=chain(plain, chain(Null(), real)))
        keystore.create("alice", DEVICE.to_bytes())
        assert plain.kept == {}
        assert len(real.kept) == 2

    def test_keys_outlive_the_program_and_services_are_apart(self) -> None:
        """A second instance finds them; another service does not."""
        backend = Ring()
        KeyringKeystore("one", backend=backend).create("alice", DEVICE.to_bytes())
        assert KeyringKeystore("one", backend=backend).names() == ["alice"]
        assert KeyringKeystore("two", backend=backend).names() == []
        assert {service for service, _ in backend.kept} == {"one"}

    def test_what_a_crash_left_does_not_block_the_name(self) -> None:
        """A name without its key is passed over and can be made."""
        backend = Ring()
        backend.kept["test", "names"] = '["alice"]'
        keystore = KeyringKeystore("test", backend=backend)
        assert keystore.names() == []
        keystore.create("alice", DEVICE.to_bytes())
        assert keystore.names() == ["alice"]

    def test_a_locked_keyring_is_unavailable(self) -> None:
        """The keyring's own words, which may hold anything, are not repeated."""

        class Locked(Ring):
            def get_password(self, service: str, username: str) -> str | None:
                raise KeyringLocked("secret words")

        with pytest.raises(Unavailable, match="KeyringLocked") as caught:
            KeyringKeystore("test", backend=Locked()).names()
        assert "secret words" not in str(caught.value)

    def test_a_keyring_that_forgets_is_found_out_at_once(self) -> None:
        """A key that would be gone tomorrow is not made."""

        class Forgetful(Ring):
            def set_password(self, service: str, username: str, password: str) -> None:
                pass

        with pytest.raises(Unavailable, match="did not keep"):
            KeyringKeystore("test", backend=Forgetful()).create("alice", DEVICE.to_bytes())

    @pytest.mark.parametrize(
        ("entry", "text"),
        [("names", "{"), ("names", "[1]"), ("names", "é"), ("key alice", "AAA"), ("key alice", "")],
    )
    def test_damaged_entries_are_a_failure_of_trust(self, entry: str, text: str) -> None:
        """What the keyring holds is not believed blindly."""
        backend = Ring()
        KeyringKeystore("test", backend=backend).create("alice", DEVICE.to_bytes())
        backend.kept["test", entry] = text
        with pytest.raises(TrustError) as caught:
            KeyringKeystore("test", backend=backend).names()
        assert caught.value.step == "keystore"


class TestChoose:
    def test_the_keyring_is_taken_where_there_is_a_real_one(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Each home has keys of its own in it; no passphrase is asked."""
        backend = Ring()
        monkeypatch.setattr(ring.keyring, "get_keyring", lambda: backend)
        first = choose(tmp_path / "a" / "keystore.age", lambda: pytest.fail("asked"))
        second = choose(tmp_path / "b" / "keystore.age", lambda: pytest.fail("asked"))
        assert isinstance(first, KeyringKeystore)
        first.create("alice", DEVICE.to_bytes())
        assert (first.names(), second.names()) == (["alice"], [])

    @pytest.mark.parametrize("kind", [Alt, Null, Fail])
    def test_without_a_real_keyring_it_is_the_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[Ring]
    ) -> None:
        """Never plain text, whatever else is installed."""
        monkeypatch.setattr(ring.keyring, "get_keyring", kind)
        assert isinstance(choose(tmp_path / "keystore.age", lambda: None), FileKeystore)

    def test_a_broken_keyring_is_no_keyring(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its configuration may name a backend that is not installed."""

        def broken() -> KeyringBackend:
            raise ModuleNotFoundError("no such backend")

        monkeypatch.setattr(ring.keyring, "get_keyring", broken)
        assert isinstance(choose(tmp_path / "keystore.age", lambda: None), FileKeystore)

    def test_a_file_once_made_stays_in_use(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A keyring that appears later does not hide the keys a person has."""
        path = tmp_path / "keystore.age"
        file_keystore(path).create("alice", DEVICE.to_bytes())
        monkeypatch.setattr(ring.keyring, "get_keyring", Ring)
        assert choose(path, lambda: "correct horse").names() == ["alice"]
