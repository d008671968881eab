"""Sealed files against two independent programs: they open ours, and we open theirs."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
from pathlib import Path
from random import Random

import pytest

from tests.interop.peers import PASSPHRASE, Debian, Failed, Pyrage, run
from workbench.crypto import age
from workbench.errors import TrustError

CHUNK = 64 * 1024
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 32 * CHUNK, 33 * CHUNK, 34 * CHUNK + 5]
LARGE = 200 * 1024 * 1024
PEERS = [Debian, Pyrage]


@pytest.fixture(params=PEERS, ids=lambda kind: kind.__name__)
def peer(request: pytest.FixtureRequest, tmp_path: Path) -> Debian | Pyrage:
    return request.param(tmp_path)


def people(count: int) -> list[age.X25519Identity]:
    return [age.X25519Identity.generate(os.urandom) for _ in range(count)]


class Content:
    """A large plaintext that exists only while it is read, the same each time."""

    def __init__(self, size: int) -> None:
        self._block = Random(1).randbytes(1024 * 1024)
        self._left = size
        self.hash = hashlib.sha256()

    def read(self, size: int, /) -> bytes:
        block = self._block[: min(size, self._left)]
        self._left -= len(block)
        self.hash.update(block)
        return block


class Sum:
    """Counts and hashes what is written to it, and keeps nothing."""

    def __init__(self) -> None:
        self.size = 0
        self.hash = hashlib.sha256()

    def write(self, data: memoryview, /) -> int:
        self.size += len(data)
        self.hash.update(data)
        return len(data)


@pytest.mark.parametrize("armor", [False, True], ids=["binary", "armored"])
@pytest.mark.parametrize("size", SIZES)
def test_they_open_what_we_seal(peer: Debian | Pyrage, size: int, armor: bool) -> None:
    """Whatever the size, around every boundary of chunks and batches, in both spellings."""
    (person,) = people(1)
    data = Random(size).randbytes(size)
    sealed = age.encrypt_bytes(data, [person.recipient], random=os.urandom, armor=armor)
    assert peer.open(sealed, str(person)) == data


@pytest.mark.parametrize("armor", [False, True], ids=["binary", "armored"])
@pytest.mark.parametrize("size", SIZES)
def test_we_open_what_they_seal(peer: Debian | Pyrage, size: int, armor: bool) -> None:
    """The other way round."""
    (person,) = people(1)
    data = Random(size).randbytes(size)
    sealed = peer.seal(data, [str(person.recipient)], armor=armor)
    assert age.decrypt_bytes(sealed, [person], limit=size) == data


def test_several_recipients(peer: Debian | Pyrage) -> None:
    """A file for three is opened by each of them and by nobody else, in both directions."""
    *three, stranger = people(4)
    ours = age.encrypt_bytes(b"text", [one.recipient for one in three], random=os.urandom)
    theirs = peer.seal(b"text", [str(one.recipient) for one in three], armor=False)
    for one in three:
        assert peer.open(ours, str(one)) == age.decrypt_bytes(theirs, [one]) == b"text"
    with pytest.raises(TrustError) as refused:
        age.decrypt_bytes(theirs, [stranger])
    assert refused.value.step == "age key"
    with pytest.raises(Failed, match=r"(?i)no (identity|matching keys)"):
        peer.open(ours, str(stranger))


def test_passphrases(peer: Debian | Pyrage, tmp_path: Path) -> None:
    """Files under a passphrase, as our keystore is one, pass in both directions."""
    recipient = age.ScryptRecipient(PASSPHRASE, work_factor=12)
    ours = age.encrypt_bytes(b"text", [recipient], random=os.urandom)
    assert peer.open_secretly(ours, tmp_path) == b"text"
    theirs = peer.seal_secretly(b"text", tmp_path)
    assert age.decrypt_bytes(theirs, [age.ScryptIdentity(PASSPHRASE)]) == b"text"
    with pytest.raises(TrustError) as refused:
        age.decrypt_bytes(theirs, [age.ScryptIdentity("another")])
    assert refused.value.step == "age key"


def test_a_large_file_of_ours_opens_with_age(tmp_path: Path) -> None:
    """200 MB, sealed by us as a stream, comes out of the program as a stream with the same hash."""
    (person,) = people(1)
    key, sealed = tmp_path / "key", tmp_path / "large.age"
    key.write_text(str(person))
    content = Content(LARGE)
    with sealed.open("wb") as target:
        assert age.encrypt(content, target, [person.recipient], random=os.urandom) == LARGE
    with subprocess.Popen(["age", "-d", "-i", key, sealed], stdout=subprocess.PIPE) as process:
        found = hashlib.file_digest(process.stdout, "sha256")  # type: ignore[arg-type] - a pipe
    sealed.unlink()
    assert process.returncode == 0
    assert found.digest() == content.hash.digest()


def test_we_open_a_large_file_of_theirs(tmp_path: Path) -> None:
    """200 MB of zeroes, sealed by the program from a stream, opens as a stream."""
    (person,) = people(1)
    sealed = tmp_path / "large.age"
    with subprocess.Popen(["head", "-c", str(LARGE), "/dev/zero"], stdout=subprocess.PIPE) as head:
        subprocess.run(
            ["age", "-r", str(person.recipient), "-o", sealed], stdin=head.stdout, check=True
        )
    target, zeroes = Sum(), hashlib.sha256()
    with sealed.open("rb") as source:
        assert age.decrypt(source, target, [person]) == target.size == LARGE
    sealed.unlink()
    for _ in range(LARGE // CHUNK):
        zeroes.update(bytes(CHUNK))
    assert target.hash.digest() == zeroes.digest()


def test_random_access_to_their_files(peer: Debian | Pyrage) -> None:
    """A slice of a file that somebody else sealed is the slice of its content."""
    (person,) = people(1)
    data = Random(1).randbytes(5 * CHUNK + 3)
    reader = age.AgeReader(
        io.BytesIO(peer.seal(data, [str(person.recipient)], armor=False)), [person]
    )
    for start, size in [(0, 8), (CHUNK - 1, 2), (3 * CHUNK, CHUNK), (len(data) - 5, 50)]:
        reader.seek(start)
        assert reader.read(size) == data[start : start + size]


def test_their_keys_are_ours(tmp_path: Path) -> None:
    """A key file made by ``age-keygen`` is read as it is, and gives the same recipient."""
    written = run(["age-keygen"]).decode()
    (identity,) = age.parse_identities(written)
    expected = run(["age-keygen", "-y"], written.encode()).decode().strip()
    assert str(identity.recipient) == expected
    assert age.parse_recipient(expected) == identity.recipient
