"""Private keys in the operating system's keyring.

The ``keyring`` package takes whatever backend it finds, plain files included. Here a backend is
refused unless it is meant to keep secrets from those who can merely read the disk.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keyring
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend

from workbench.crypto.keys import parse_secret
from workbench.encoding import b64decode, b64encode, canonical, parse_canonical
from workbench.errors import InputError, TrustError, Unavailable, WorkbenchError
from workbench.stores.durable import exclusive, make_private
from workbench.stores.holding import Keys, Secret, absent, taken

__all__ = ["KeyringKeystore"]

# keyrings.alt keeps plain or home-made encrypted files; fail and null keep nothing.
_REFUSED = ("keyrings.alt", "keyring.backends.fail", "keyring.backends.null")
_INDEX = "names"  # keyrings cannot list what they hold, so the names are an entry of their own


class KeyringKeystore(Keys):
    """Keys in the OS keyring, one entry each under ``service``.

    Args, in prose: ``backend`` is the keyring to use instead of the configured one; ``lock`` is a
    file that keeps processes apart while a key is made.

    Raises:
        Unavailable: there is no keyring that keeps secrets.
    """

    def __init__(
        self, service: str, *, backend: KeyringBackend | None = None, lock: Path | None = None
    ) -> None:
        with _speaking():
            found = _real(keyring.get_keyring() if backend is None else backend)
        if found is None:
            raise Unavailable(
                "There is no operating system keyring here that keeps secrets.",
                unchanged="No key was kept.",
                hint="Use the keystore file: set WORKBENCH_PASSPHRASE or type a passphrase.",
            )
        self._service = service
        self._backend = found
        self._lock = lock
        self._guard = threading.RLock()
        self._secrets: dict[str, Secret] = {}  # read once: each reading may ask the person

    def names(self) -> list[str]:
        return sorted(name for name in self._index() if self._find(name) is not None)

    def describe(self) -> str:
        return f"in the operating system's keyring ({self._backend.name})"

    def _secret(self, name: str) -> Secret:
        secret = self._find(name)
        if secret is None:
            raise absent(name)
        return secret

    def _keep(self, name: str, secret: Secret) -> None:
        with self._alone():
            if self._find(name) is not None:
                raise taken(name)
            # The name first: a name without a key is passed over, a key without a name is lost.
            self._set(_INDEX, canonical(sorted({*self._index(), name})).decode("ascii"))
            self._set(_entry(name), b64encode(secret.to_bytes()))
            self._secrets[name] = secret

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._guard:
            if self._lock is None:
                yield
                return
            make_private(self._lock.parent)
            with exclusive(self._lock, "the keystore"):
                yield

    def _find(self, name: str) -> Secret | None:
        with self._guard:
            if name not in self._secrets:
                text = self._get(_entry(name))
                if text is None:
                    return None
                try:
                    self._secrets[name] = parse_secret(b64decode(text))
                except InputError as error:
                    raise _damaged() from error
            return self._secrets[name]

    def _index(self) -> list[str]:
        text = self._get(_INDEX)
        try:
            names = [] if text is None else parse_canonical(text.encode())
        except (InputError, UnicodeEncodeError) as error:
            raise _damaged() from error
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise _damaged()
        return names

    def _get(self, entry: str) -> str | None:
        with _speaking():
            return self._backend.get_password(self._service, entry)

    def _set(self, entry: str, text: str) -> None:
        with _speaking():
            self._backend.set_password(self._service, entry, text)
        if self._get(entry) != text:  # better no key than one that is gone tomorrow
            raise Unavailable(
                "The operating system's keyring did not keep the key.",
                unchanged="No key was made.",
                hint="Use the keystore file: set WORKBENCH_PASSPHRASE or type a passphrase.",
            )


def _entry(name: str) -> str:
    return f"key {name}"  # the space keeps it apart from the index, whatever the name


def _real(backend: KeyringBackend) -> KeyringBackend | None:
    """Return the backend that would keep the secret, if it is one to trust."""
    if isinstance(backend, ChainerBackend):
        found = (_real(inner) for inner in backend.backends)
        return next((inner for inner in found if inner is not None), None)
    modules = {kind.__module__ for kind in type(backend).__mro__}
    for module in modules:
        if any(module == bad or module.startswith(bad + ".") for bad in _REFUSED):
            return None
    return backend


@contextmanager
def _speaking() -> Iterator[None]:
    """Turn whatever a keyring raises into words; its own may quote what it was given."""
    try:
        yield
    except WorkbenchError:
        raise
    except Exception as error:  # each backend has the exceptions of its system library
        raise Unavailable(
            f"The operating system's keyring cannot be used ({type(error).__name__}).",
            unchanged="Nothing was changed.",
            hint="Unlock the keyring, or use the keystore file.",
        ) from None


def _damaged() -> TrustError:
    return TrustError(
        "keystore",
        "what the operating system's keyring holds is damaged.",
        unchanged="Nothing was changed.",
        hint="Restore it from a backup; without one, make new keys and enrol again.",
    )
