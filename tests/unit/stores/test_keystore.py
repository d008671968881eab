"""Keystores: one suite over memory, file, keyring and agent, then what is special to each."""

from __future__ import annotations

import json
import os
import tempfile
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

from tests.unit.stores.keystores import DEVICE, LOG, OTHER, Ring, file_keystore
from workbench.crypto import age
from workbench.encoding import b64decode
from workbench.errors import Conflict, InputError, NotFound, TrustError
from workbench.stores.agent import AgentKeystore, serve
from workbench.stores.contracts import Keystore
from workbench.stores.keystore import (
    DeviceSigner,
    KeyringKeystore,
    MemoryKeystore,
)


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
