"""Where a person's private keys are kept: in memory, in a file under a passphrase, in a keyring.

``choose`` takes the operating system's keyring where there is a real one, and otherwise the file;
never silently plain text. The fourth kind, behind another process's socket, is
:mod:`workbench.stores.agent`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from workbench.crypto import age
from workbench.crypto.keys import parse_secret
from workbench.encoding import b64decode, b64encode, canonical, parse_canonical
from workbench.errors import InputError, TrustError, Unavailable
from workbench.stores.contracts import Keystore
from workbench.stores.durable import exclusive, make_private, read_small, refused, replacing
from workbench.stores.holding import DeviceSigner, Keys, MemoryKeystore, Secret, absent, taken
from workbench.stores.ring import KeyringKeystore

__all__ = ["DeviceSigner", "FileKeystore", "KeyringKeystore", "MemoryKeystore", "choose"]

MAX_FILE = 1024 * 1024  # bytes of a keystore file; a thousand keys stay below
WORK_FACTOR = 18  # scrypt, 2^18: about a second per guess; what age chooses


class FileKeystore(Keys):
    """Keys in one file under a passphrase, which the stock ``age`` program opens too.

    The file is an age file for a passphrase (scrypt, C2SP age); in it lies
    ``{"keys":{NAME:BASE64},"version":1}``. It is opened once and read again when it changed.

    Args, in prose: ``passphrase`` is asked when it is needed first; ``None`` or ``""`` is its
    "not now". ``work_factor`` is scrypt's cost for files written from now on.
    """

    def __init__(
        self,
        path: Path,
        passphrase: Callable[[], str | None],
        *,
        work_factor: int = WORK_FACTOR,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._path = path
        self._ask = passphrase
        self._work_factor = work_factor
        self._random = random
        self._guard = threading.RLock()
        self._passphrase: str | None = None
        self._seen: tuple[int, int, int] | None = None  # inode, time, size of what was read
        self._secrets: dict[str, Secret] = {}

    @property
    def locked(self) -> bool:
        """Whether the next use will ask for the passphrase."""
        return self._passphrase is None

    def lock(self) -> None:
        """Forget the passphrase and the keys until the passphrase is given again."""
        with self._guard:
            self._passphrase, self._seen, self._secrets = None, None, {}

    def names(self) -> list[str]:
        return sorted(self._load())

    def describe(self) -> str:
        return f"in a file under a passphrase ({self._path})"

    def _secret(self, name: str) -> Secret:
        try:
            return self._load()[name]
        except KeyError:
            raise absent(name) from None

    def _keep(self, name: str, secret: Secret) -> None:
        with self._guard:
            passphrase = self._unlock()  # before the lock: nobody waits while a person types
            make_private(self._path.parent)
            with exclusive(self._path.with_name(self._path.name + ".lock"), "the keystore"):
                secrets = self._load()
                if name in secrets:
                    raise taken(name)
                self._write({**secrets, name: secret}, passphrase)

    def _load(self) -> dict[str, Secret]:
        """Return all secrets, from memory unless the file is another one than last time."""
        with self._guard:
            seen = self._stamp()
            if seen is None or seen != self._seen:
                data = read_small(self._path, MAX_FILE, "the keystore file") if seen else None
                self._secrets = {} if data is None else self._read(data)
                self._seen = seen
            return self._secrets

    def _read(self, data: bytes) -> dict[str, Secret]:
        identity = age.ScryptIdentity(self._unlock())
        try:
            text = age.decrypt_bytes(data, [identity], limit=MAX_FILE)
        except TrustError as error:
            if error.step != "age key" or b"-> scrypt " not in data[:64]:
                raise _damaged() from error
            self.lock()
            raise Unavailable(
                "The passphrase does not open the keystore.",
                unchanged="Nothing was changed.",
                hint="Type it again, or check WORKBENCH_PASSPHRASE.",
            ) from error
        return _parse(text)

    def _write(self, secrets: Mapping[str, Secret], passphrase: str) -> None:
        keys = {name: b64encode(secret.to_bytes()) for name, secret in secrets.items()}
        text = canonical({"version": 1, "keys": keys})
        recipient = age.ScryptRecipient(passphrase, self._work_factor)
        sealed = age.encrypt_bytes(text, [recipient], random=self._random)
        with replacing(self._path, "the keystore file", mode=0o600) as file:
            file.write(sealed)
        self._secrets, self._seen = dict(secrets), self._stamp()

    def _unlock(self) -> str:
        """Return the passphrase, asking for it if need be."""
        if self._passphrase is None:
            answer = self._ask()
            if not answer:
                raise Unavailable(
                    "The keystore is locked.",
                    unchanged="Nothing was changed.",
                    hint="Set WORKBENCH_PASSPHRASE, or unlock in JupyterLab's dialog.",
                )
            if not answer.strip():
                raise InputError(
                    "A passphrase of nothing but spaces protects nothing.",
                    unchanged="Nothing was changed.",
                    hint="Choose a passphrase of several words.",
                )
            self._passphrase = answer
        return self._passphrase

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise refused(error, "the keystore file") from error
        return status.st_ino, status.st_mtime_ns, status.st_size


def choose(path: Path, passphrase: Callable[[], str | None]) -> Keystore:
    """Return the keystore for this machine: the file at ``path`` if there is one already, else the
    operating system's keyring if there is a real one, else a file to be made at ``path``.
    """
    path = Path(os.path.abspath(path))
    if not path.exists():
        try:
            lock = path.with_name(path.name + ".lock")
            return KeyringKeystore(f"sharing-workbench {path}", lock=lock)
        except Unavailable:
            pass  # said by `describe` of what is returned instead
    return FileKeystore(path, passphrase)


def _damaged() -> TrustError:
    return TrustError(
        "keystore",
        "the keystore file is damaged.",
        unchanged="Nothing was changed.",
        hint="Restore it from a backup; without one, make new keys and enrol again.",
    )


def _parse(text: bytes) -> dict[str, Secret]:
    try:
        document = parse_canonical(text, limit=MAX_FILE)
        if not isinstance(document, dict) or document.keys() != {"version", "keys"}:
            raise _damaged()
        if document["version"] != 1 or not isinstance(document["keys"], dict):
            raise _damaged()
        return {name: parse_secret(b64decode(data)) for name, data in document["keys"].items()}
    except (InputError, AttributeError) as error:
        raise _damaged() from error
