"""Keys in the system's keyring, and the choice of where keys are kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.errors import KeyringLocked

from tests.unit.stores.keystores import DEVICE, Ring, file_keystore
from workbench.errors import TrustError, Unavailable
from workbench.stores import ring
from workbench.stores.keystore import (
    FileKeystore,
    KeyringKeystore,
    choose,
)


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
