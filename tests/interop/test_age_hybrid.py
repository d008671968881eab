"""Hybrid (ML-KEM-768 and X25519) files against the npm package of age's own author."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from random import Random

import pytest

from workbench.crypto import age
from workbench.errors import TrustError

SCRIPT = Path(__file__).parents[1] / "node" / "age.mjs"
CHUNK = 64 * 1024
SIZES = [0, CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK + 7]


def node(*arguments: str, data: bytes = b"", armor: bool = False) -> bytes:
    """Run the script; its output is what it sealed or opened."""
    environment = {**os.environ, **({"ARMOR": "1"} if armor else {})}
    done = subprocess.run(
        ["node", SCRIPT, *arguments],
        input=data,
        capture_output=True,
        env=environment,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.fixture(scope="module")
def person() -> age.HybridIdentity:
    return age.HybridIdentity.generate(os.urandom)


@pytest.mark.parametrize("size", SIZES)
def test_they_open_what_we_seal(person: age.HybridIdentity, size: int) -> None:
    """Whatever the size, their program gets our bytes back."""
    data = Random(size).randbytes(size)
    sealed = age.encrypt_bytes(data, [person.recipient], random=os.urandom)
    assert node("open", str(person), data=sealed) == data


@pytest.mark.parametrize("size", SIZES)
def test_we_open_what_they_seal(person: age.HybridIdentity, size: int) -> None:
    """The other way round."""
    data = Random(size).randbytes(size)
    sealed = node("seal", str(person.recipient), data=data)
    assert age.decrypt_bytes(sealed, [person], limit=size) == data


def test_armor(person: age.HybridIdentity) -> None:
    """The text form passes in both directions."""
    ours = age.encrypt_bytes(b"text", [person.recipient], random=os.urandom, armor=True)
    assert node("open", str(person), data=ours, armor=True) == b"text"
    theirs = node("seal", str(person.recipient), data=b"text", armor=True)
    assert theirs.startswith(b"-----BEGIN")
    assert age.decrypt_bytes(theirs, [person]) == b"text"


def test_several_recipients() -> None:
    """A file for two is opened by each of them and by nobody else."""
    one, two, stranger = (age.HybridIdentity.generate(os.urandom) for _ in range(3))
    ours = age.encrypt_bytes(b"text", [one.recipient, two.recipient], random=os.urandom)
    theirs = node("seal", str(one.recipient), str(two.recipient), data=b"text")
    for person in (one, two):
        assert node("open", str(person), data=ours) == b"text"
        assert age.decrypt_bytes(theirs, [person]) == b"text"
    with pytest.raises(TrustError) as refused:
        age.decrypt_bytes(theirs, [stranger])
    assert refused.value.step == "age key"


def test_their_keys_are_ours() -> None:
    """An identity made by their program has the same recipient here, and the same spelling."""
    identity, recipient = node("keygen").decode().split()
    parsed = age.parse_identity(identity)
    assert str(parsed) == identity
    assert str(parsed.recipient) == recipient
    assert age.parse_recipient(recipient) == parsed.recipient
