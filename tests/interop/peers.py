"""Other people's age programs, each with the same two verbs."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyrage

__all__ = ["PASSPHRASE", "Debian", "Failed", "Pyrage", "at_terminal", "run"]

PASSPHRASE = "correct horse battery staple"


class Failed(Exception):
    """A program refused; what it said."""


def run(
    command: Sequence[str | Path],
    data: bytes = b"",
    *,
    environment: Mapping[str, str] | None = None,
) -> bytes:
    """Run a program to its end.

    Raises:
        Failed: it did not exit with 0.
    """
    done = subprocess.run(command, input=data, capture_output=True, timeout=120, env=environment)
    if done.returncode != 0:
        raise Failed((done.stderr + done.stdout).decode())
    return done.stdout


def at_terminal(command: Sequence[str | Path], answers: Sequence[str]) -> bytes:
    """Run a program that asks questions at a terminal; return what it writes elsewhere."""
    master, terminal = os.openpty()
    try:
        process = subprocess.Popen(
            ["setsid", "--ctty", *command],
            stdin=terminal,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        os.close(terminal)
        for answer in answers:
            asked = b""
            while b"passphrase" not in asked or not asked.rstrip(b" ").endswith(b":"):
                asked += os.read(master, 1000)
            os.write(master, answer.encode() + b"\n")
        output, errors = process.communicate(timeout=120)
        if process.returncode != 0:
            raise Failed(errors.decode())
        return output
    finally:
        os.close(master)


class Debian:
    """The ``age`` program of the operating system."""

    def __init__(self, folder: Path) -> None:
        self._key = folder / "device.key"

    def seal(self, data: bytes, recipients: Sequence[str], *, armor: bool) -> bytes:
        to = [part for recipient in recipients for part in ("-r", recipient)]
        return run(["age", *(["-a"] if armor else []), *to], data)

    def open(self, data: bytes, identity: str) -> bytes:
        self._key.write_text(identity + "\n")
        return run(["age", "-d", "-i", self._key], data)

    def seal_secretly(self, data: bytes, folder: Path) -> bytes:
        (folder / "plain").write_bytes(data)
        return at_terminal(["age", "-p", folder / "plain"], [PASSPHRASE, PASSPHRASE])

    def open_secretly(self, data: bytes, folder: Path) -> bytes:
        (folder / "sealed.age").write_bytes(data)
        return at_terminal(["age", "-d", folder / "sealed.age"], [PASSPHRASE])


class Pyrage:
    """The Rust implementation, through its Python binding."""

    def __init__(self, folder: Path) -> None:
        pass

    def seal(self, data: bytes, recipients: Sequence[str], *, armor: bool) -> bytes:
        to = [pyrage.x25519.Recipient.from_str(recipient) for recipient in recipients]
        return pyrage.encrypt(data, to, armored=armor)

    def open(self, data: bytes, identity: str) -> bytes:
        try:
            return pyrage.decrypt(data, [pyrage.x25519.Identity.from_str(identity)])
        except pyrage.DecryptError as error:
            raise Failed(str(error)) from error

    def seal_secretly(self, data: bytes, folder: Path) -> bytes:
        return pyrage.passphrase.encrypt(data, PASSPHRASE)

    def open_secretly(self, data: bytes, folder: Path) -> bytes:
        return pyrage.passphrase.decrypt(data, PASSPHRASE)
