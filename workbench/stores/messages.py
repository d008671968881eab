"""What is said over a private socket: one canonical JSON document per line, bounded and in time.

An answer is ``{"value": …}`` or ``{"error": …}``; an error travels as its sentences and arrives in
the class it left in.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable
from typing import Any

from workbench.encoding import canonical, parse_canonical
from workbench.errors import (
    Conflict,
    Denied,
    InputError,
    NotFound,
    TrustError,
    Unavailable,
    WorkbenchError,
)

__all__ = ["MAX_LINE", "PATIENCE", "Closed", "Line", "answer", "described", "peer"]

MAX_LINE = 1024 * 1024  # bytes of one message
PATIENCE = 60.0  # seconds for one whole conversation
_MAX_SENTENCE = 4000  # characters; ours have a tenth
_CLASSES: dict[str, Callable[..., WorkbenchError]] = {
    kind.__name__: kind for kind in (Conflict, Denied, InputError, NotFound, Unavailable)
}


class Closed(Exception):
    """The other side hung up, or said what makes no sense."""


class Line:
    """Messages over a connection that ends when :data:`PATIENCE` is over."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._rest = b""
        self._deadline = time.monotonic() + PATIENCE

    def send(self, message: dict[str, Any]) -> None:
        """Send one message.

        Raises:
            InputError: it is too large.
            OSError: the other side is gone, or the time is over.
        """
        data = canonical(message) + b"\n"
        if len(data) > MAX_LINE:
            raise InputError(f"A message to or from the key agent is over {MAX_LINE} bytes.")
        self._hurry()
        self._connection.sendall(data)

    def receive(self) -> Any:
        """Wait for one message.

        Raises:
            Closed: the other side hung up.
            InputError: too large, or not canonical JSON.
            OSError: the connection broke, or the time is over.
        """
        data = bytearray(self._rest)
        while b"\n" not in data:
            if len(data) > MAX_LINE:
                raise InputError(f"A message to or from the key agent is over {MAX_LINE} bytes.")
            self._hurry()
            piece = self._connection.recv(65536)
            if not piece:
                raise Closed
            data += piece
        line, _, rest = bytes(data).partition(b"\n")
        self._rest = rest
        return parse_canonical(line, limit=MAX_LINE)

    def _hurry(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)


def peer(connection: socket.socket) -> int:
    """Return the user id at the other end."""
    data = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", data)[1])


def described(error: WorkbenchError) -> dict[str, str]:
    """Return an error as a message: its class, its three sentences and its trust step."""
    kind = next((base for base in type(error).__mro__ if base.__name__ in _CLASSES), Unavailable)
    name = "TrustError" if isinstance(error, TrustError) else kind.__name__
    step = error.step if isinstance(error, TrustError) else ""
    message = (
        error.message.removeprefix(f"{step}: ") if isinstance(error, TrustError) else error.message
    )
    return {
        "class": name,
        "message": message[:_MAX_SENTENCE],
        "unchanged": error.unchanged[:_MAX_SENTENCE],
        "hint": error.hint[:_MAX_SENTENCE],
        "step": step,
    }


def answer(message: Any) -> Any:
    """Return the value of an answer, or raise the error it brings, in the class it had.

    Raises:
        Closed: it is no answer.
        WorkbenchError: the error in it.
    """
    if isinstance(message, dict) and message.keys() == {"value"}:
        return message["value"]
    try:
        error = {key: str(message["error"][key]) for key in ("message", "unchanged", "hint")}
        name, step = message["error"]["class"], str(message["error"]["step"])
        if name == "TrustError":
            raise TrustError(step, **error)
        raise _CLASSES[name](**error)
    except (KeyError, TypeError) as error:
        raise Closed from error
