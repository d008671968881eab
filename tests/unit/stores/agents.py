"""What tests of the agent share: a device, a broken keystore, a raw line to the socket."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from workbench.crypto.keys import DeviceSecret
from workbench.stores.keystore import MemoryKeystore

DEVICE = DeviceSecret.generate(classical=True)


class Broken(MemoryKeystore):
    """A keystore whose uses raise what it is given."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def sign(self, name: str, message: bytes) -> bytes:
        raise self.error


def raw(path: Path, *pieces: bytes, finish: bool = False) -> bytes:
    """Send bytes as they are; return all that comes back."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(os.fspath(path))
        try:
            for piece in pieces:
                connection.sendall(piece)
            if finish:
                connection.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = b""
        try:
            while piece := connection.recv(65536):
                answer += piece
        except ConnectionResetError:
            pass
        return answer
