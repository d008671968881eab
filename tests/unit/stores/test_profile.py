"""What a client remembers: it survives crashes and never goes back."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import random
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from workbench.crypto.keys import LogSecret
from workbench.errors import Conflict, InputError, NotFound, TrustError, Unavailable
from workbench.ledger.checkpoint import CheckpointSigner
from workbench.stores import durable
from workbench.stores.profile import Profile

LOG = LogSecret.generate("example.org/log")
OTHER = LogSecret.generate("example.org/log")


def note(size: int, fork: str = "", log: LogSecret = LOG) -> bytes:
    root = hashlib.sha256(f"{size}{fork}".encode() if size else b"").digest()
    return CheckpointSigner("example.org/log", log.verifier, log.sign_raw).sign(size, root)


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    """Alice's, fresh."""
    return make(tmp_path / "alice")


def make(folder: Path, name: str = "alice", device: str = "d" * 64) -> Profile:
    return Profile.create(folder, name=name, device=device, verifier=LOG.verifier)


class TestProfile:
    def test_is_found_again(self, profile: Profile, tmp_path: Path) -> None:
        """Who, which device, which log; nothing seen yet."""
        again = Profile(tmp_path / "alice")
        assert again.exists
        assert (again.name, again.device, again.verifier) == ("alice", "d" * 64, LOG.verifier)
        assert again.checkpoint() is None

    def test_is_the_owners_alone(self, profile: Profile, tmp_path: Path) -> None:
        """The folder is 0700 and the file 0600."""
        assert stat.S_IMODE((tmp_path / "alice").stat().st_mode) == 0o700
        assert stat.S_IMODE((tmp_path / "alice" / "profile.json").stat().st_mode) == 0o600

    def test_no_profile_is_not_found(self, tmp_path: Path) -> None:
        """With the command that makes one; looking makes nothing."""
        missing = Profile(tmp_path / "nobody")
        assert not missing.exists
        for use in (lambda: missing.name, missing.checkpoint, lambda: missing.remember(note(1))):
            with pytest.raises(NotFound, match="workbench init"):
                use()
        assert os.listdir(tmp_path) == []

    def test_making_it_again_keeps_the_checkpoint(self, profile: Profile, tmp_path: Path) -> None:
        """Beginning anew does not mean forgetting."""
        profile.remember(note(3))
        assert make(tmp_path / "alice").checkpoint() == note(3)

    def test_another_persons_or_devices_or_logs_is_a_conflict(
        self, profile: Profile, tmp_path: Path
    ) -> None:
        """A pinned key is never changed by the way."""
        with pytest.raises(Conflict):
            make(tmp_path / "alice", name="bob")
        with pytest.raises(Conflict):
            make(tmp_path / "alice", device="e" * 64)
        with pytest.raises(Conflict, match="profile of alice"):
            Profile.create(
                tmp_path / "alice", name="alice", device="d" * 64, verifier=OTHER.verifier
            )
        assert profile.verifier == LOG.verifier

    def test_what_cannot_be_a_profile_is_bad_input(self, tmp_path: Path) -> None:
        """Names as people have them here, and a real verifier key."""
        with pytest.raises(InputError, match="cannot be called"):
            make(tmp_path / "x", name="Not A Name")
        with pytest.raises(InputError):
            Profile.create(tmp_path / "x", name="alice", device="d", verifier="nonsense")
        assert os.listdir(tmp_path) == []

    @pytest.mark.parametrize(
        "damage",
        [
            lambda data: b"",
            lambda data: data[:-1],
            lambda data: data + b"\n",
            lambda data: data.replace(b"alice", b"Alice"),
            lambda data: data.replace(b'"device"', b'"devise"'),
            lambda data: json.dumps(json.loads(data)).encode(),
            lambda data: b"\xff" * 10,
            lambda data: data + b" " * (2 << 20),
        ],
    )
    def test_a_damaged_file_is_a_failure_of_trust(
        self, profile: Profile, tmp_path: Path, damage: Callable[[bytes], bytes]
    ) -> None:
        """It is neither believed nor replaced."""
        path = tmp_path / "alice" / "profile.json"
        bad = damage(path.read_bytes())
        path.write_bytes(bad)
        for use in (
            lambda: profile.name,
            lambda: profile.exists,
            profile.checkpoint,
            lambda: profile.remember(note(1)),
            lambda: make(tmp_path / "alice"),
        ):
            with pytest.raises(TrustError) as caught:
                use()
            assert caught.value.step == "profile"
        assert path.read_bytes() == bad

    def test_an_edited_checkpoint_is_a_failure_of_trust(
        self, profile: Profile, tmp_path: Path
    ) -> None:
        """Nobody gets a client to accept a younger log by editing its memory."""
        profile.remember(note(5))
        path = tmp_path / "alice" / "profile.json"
        path.write_bytes(path.read_bytes().replace(b"\\n5\\n", b"\\n4\\n"))
        with pytest.raises(TrustError) as caught:
            profile.remember(note(6))
        assert caught.value.step == "profile"


class TestRemember:
    def test_grows(self, profile: Profile) -> None:
        """A newer checkpoint takes the place of the older, from the empty log on."""
        for size in (0, 1, 2, 10):
            profile.remember(note(size))
            assert profile.checkpoint() == note(size)

    def test_never_goes_back(self, profile: Profile) -> None:
        """An older checkpoint, even a validly signed one, changes nothing."""
        profile.remember(note(5))
        profile.remember(note(4))
        profile.remember(note(0))
        assert profile.checkpoint() == note(5)

    def test_two_trees_of_one_size_are_a_failure_of_trust(self, profile: Profile) -> None:
        """A log that shows each client another history is caught."""
        profile.remember(note(5))
        profile.remember(note(5))
        with pytest.raises(TrustError, match="two different trees") as caught:
            profile.remember(note(5, fork="!"))
        assert caught.value.step == "checkpoint"
        assert profile.checkpoint() == note(5)

    @pytest.mark.parametrize("bad", [b"", b"hello", note(9)[:-1], note(9, log=OTHER)])
    def test_only_the_pinned_key_counts(self, profile: Profile, bad: bytes) -> None:
        """What another key signed, or nobody, is not remembered."""
        profile.remember(note(1))
        with pytest.raises(TrustError) as caught:
            profile.remember(bad)
        assert caught.value.step == "checkpoint"
        assert profile.checkpoint() == note(1)

    def test_the_newest_wins_whatever_the_order(self, profile: Profile, tmp_path: Path) -> None:
        """Many programs of one person at once: the newest of all is kept."""
        sizes = random.Random(7).sample(range(1, 100), 24)
        notes = [note(size) for size in sizes]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda one: Profile(tmp_path / "alice").remember(one), notes))
        assert profile.checkpoint() == note(max(sizes))
        assert sorted(os.listdir(tmp_path / "alice")) == ["profile.json", "profile.lock"]

    def test_a_full_disk_keeps_the_older_one(
        self, profile: Profile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """Unavailable, nothing lost, nothing left lying about."""
        profile.remember(note(1))

        def full(_descriptor: int) -> None:
            raise OSError(errno.ENOSPC, "full")

        monkeypatch.setattr(durable.os, "fsync", full)
        with pytest.raises(Unavailable, match="disk is full"):
            profile.remember(note(2))
        assert profile.checkpoint() == note(1)
        assert sorted(os.listdir(tmp_path / "alice")) == ["profile.json", "profile.lock"]
