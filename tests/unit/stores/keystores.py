"""Keystores for tests: fast to unlock, and a keyring in memory."""

from __future__ import annotations

from pathlib import Path

from keyring.backend import KeyringBackend

from workbench.crypto.keys import DeviceSecret, LogSecret
from workbench.stores.keystore import (
    FileKeystore,
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
