"""Keys behind a private socket: one unlocked keystore serves a person's other programs.

As with ssh-agent: the Lab server holds the keystore, the kernels it starts hold a path. They can
sign and open, and ask who the current person is; no operation shows a secret.

The socket belongs to its owner alone (folder 0700, socket 0600) and each side also asks the kernel
who is at the other end (``SO_PEERCRED``, unix(7)). What is to be signed may be longer than a
message may be (a signed list of 10,000 files is); it is handed over in parts.
"""

from __future__ import annotations

import os
import socket
import socketserver
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from workbench.encoding import b64decode, b64encode
from workbench.errors import Conflict, InputError, TrustError, Unavailable, WorkbenchError
from workbench.stores.contracts import Keystore
from workbench.stores.durable import exclusive, make_private, refused
from workbench.stores.messages import PATIENCE, Closed, Line, answer, described, peer

__all__ = ["AgentKeystore", "AgentServer", "serve"]

MAX_SIGNED = 32 * 1024 * 1024  # bytes to sign; the longest signed list of files has 14 MiB
MAX_PATH = 100  # bytes; unix(7) allows 107, other systems 103
MAX_CLIENTS = 32  # at once; more wait for a moment and are then turned away
_PART = 512 * 1024  # bytes of a message to sign per line, before base64


class AgentKeystore:
    """The keys of an agent, over its socket (see :class:`workbench.stores.contracts.Keystore`).

    Every call is a conversation of its own, so an instance may be shared between threads and
    survives a restart of the agent.

    Raises:
        InputError: the path is too long for a socket.
        Unavailable: on use, when no agent answers there.
    """

    def __init__(self, path: Path) -> None:
        self._path = _checked_path(path)

    def names(self) -> list[str]:
        return [str(name) for name in self._call("names", list)]

    def create(self, name: str, secret: bytes) -> None:
        self._call("create", type(None), name=name, secret=b64encode(secret))

    def sign(self, name: str, message: bytes) -> bytes:
        if len(message) > MAX_SIGNED:
            raise InputError(f"A message to sign is at most {MAX_SIGNED} bytes long.")
        starts = range(0, len(message), _PART)
        parts = [{"op": "part", "data": b64encode(message[at : at + _PART])} for at in starts]
        return b64decode(self._talk([*parts, {"op": "sign", "name": name}], str))

    def open(self, name: str, sealed: bytes) -> bytes:
        if len(sealed) > _PART:
            raise TrustError("envelope", "it is larger than any envelope.")
        return b64decode(self._call("open", str, name=name, sealed=b64encode(sealed)))

    def public(self, name: str) -> dict[str, str]:
        found = self._call("public", dict, name=name)
        return {str(key): str(value) for key, value in found.items()}

    def describe(self) -> str:
        return f"held by the agent of this session, {self._call('describe', str)}"

    def current(self) -> str | None:
        """Return the person this session is of now, where the agent knows one."""
        return self._call("current", str) or None

    def play(self, person: str) -> None:
        """Choose the person a workshop's session is of.

        Raises:
            InputError: this agent serves one person only.
        """
        self._call("play", bool, person=person)

    def _call(self, op: str, kind: type[Any], **fields: str) -> Any:
        return self._talk([{"op": op, **fields}], kind)

    def _talk(self, requests: list[dict[str, str]], kind: type[Any]) -> Any:
        """Send requests in one conversation; return the last answer, of the expected type."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(PATIENCE)
                connection.connect(os.fspath(self._path))
                if peer(connection) != os.geteuid():
                    raise _no_agent("the one there belongs to somebody else")
                line = Line(connection)
                for request in requests:
                    line.send(request)
                    value = answer(_received(line))
        except TimeoutError as error:
            raise _no_agent("it did not answer in time") from error
        except OSError as error:
            raise _no_agent(os.strerror(error.errno or 0).lower()) from error
        except Closed as error:
            raise _no_agent("it hung up or makes no sense") from error
        if not isinstance(value, kind):
            raise _no_agent("its answer makes no sense")
        return value


class AgentServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """A running agent; made by :func:`serve`.

    Attributes:
        current: the person the session is of, or empty.
        path: where it listens.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = MAX_CLIENTS

    def __init__(self, keystore: Keystore, path: Path) -> None:
        self.current = ""
        self.path = path
        self.keystore = keystore
        self.closed = False
        self._places = threading.BoundedSemaphore(MAX_CLIENTS)
        super().__init__(os.fspath(path), _Conversation)
        self._identity = os.stat(path).st_ino
        self._thread = threading.Thread(target=self.serve_forever, name="key agent", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """Stop, and remove the socket if it is still this agent's."""
        if self.closed:
            return
        self.closed = True  # for conversations that are still open
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join()
        self.server_close()
        with suppress(OSError):
            if os.stat(self.path).st_ino == self._identity:
                os.unlink(self.path)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __enter__(self) -> Self:
        return self

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ARG002 - inherited
        """Let in only programs of the same user, and only so many."""
        with suppress(OSError):
            if peer(request) == os.geteuid():
                return self._places.acquire(timeout=1.0)
        return False

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that went away is no event, and a trace could hold a message."""


def serve(keystore: Keystore, path: Path) -> AgentServer:
    """Start an agent for ``keystore`` at the socket ``path``; stop it with its ``close``.

    A socket left by an agent that died is replaced.

    Raises:
        Conflict: an agent is running there, or something that is no socket is in the place.
        InputError: the path is too long, or others may enter its folder.
        Unavailable: this system cannot tell who is at the other end of a socket, or the socket
            cannot be made.
    """
    path = _checked_path(path)
    if not hasattr(socket, "SO_PEERCRED"):
        raise Unavailable(
            "This operating system cannot run the key agent.",
            unchanged="No agent was started.",
            hint="Use the operating system's keyring.",
        )
    make_private(path.parent)
    _check_folder(path.parent)
    with exclusive(path.with_name(path.name + ".lock"), "the agent's place"):
        try:
            _clear(path)
            server = AgentServer(keystore, path)
            os.chmod(path, 0o600)
        except OSError as error:
            raise refused(error, "the agent's socket") from error
    server.start()
    return server


class _Conversation(socketserver.BaseRequestHandler):
    """One client's requests, in turn, until it hangs up or its time is over."""

    server: AgentServer
    request: socket.socket

    def handle(self) -> None:
        line = Line(self.request)
        self.parts = bytearray()
        with suppress(OSError, Closed):  # whoever is gone needs no answer
            while True:
                try:
                    value = self._do(line.receive())
                except WorkbenchError as error:
                    line.send({"error": described(error)})
                    return
                line.send({"value": value})

    def _do(self, request: Any) -> Any:
        if not isinstance(request, dict) or not all(
            isinstance(value, str) for value in request.values()
        ):
            raise InputError("Not a request to the key agent.")
        op = request.get("op", "")
        wanted, act = _OPERATIONS.get(op, ((), None))
        if act is None or request.keys() != {"op", *wanted}:
            raise InputError("Not a request to the key agent.")
        if self.server.closed:
            raise Unavailable("The key agent was stopped.", unchanged="No key was used.")
        try:
            return act(self, *(request[field] for field in wanted))
        except WorkbenchError:
            raise
        except Exception as error:  # a fault of ours must not travel with what it was about
            raise Unavailable(f"The key agent failed at {op} ({type(error).__name__}).") from None

    def part(self, data: str) -> None:
        piece = b64decode(data)
        if len(self.parts) + len(piece) > MAX_SIGNED:
            raise InputError(f"A message to sign is at most {MAX_SIGNED} bytes long.")
        self.parts += piece

    def sign(self, name: str) -> str:
        message, self.parts = bytes(self.parts), bytearray()
        return b64encode(self.server.keystore.sign(name, message))

    def play(self, person: str) -> bool:
        if not self.server.current:
            raise InputError(
                "Only a workshop lets one browser play several people.",
                unchanged="You act as before.",
            )
        self.server.current = person
        return True

    def create(self, name: str, secret: str) -> None:
        self.server.keystore.create(name, b64decode(secret))

    def open(self, name: str, sealed: str) -> str:
        return b64encode(self.server.keystore.open(name, b64decode(sealed)))


# What a client may ask: the fields of each request, and what is done. There is no export.
_OPERATIONS: dict[str, tuple[tuple[str, ...], Callable[..., Any]]] = {
    "names": ((), lambda own: own.server.keystore.names()),
    "describe": ((), lambda own: own.server.keystore.describe()),
    "current": ((), lambda own: own.server.current),
    "public": (("name",), lambda own, name: own.server.keystore.public(name)),
    "play": (("person",), _Conversation.play),
    "create": (("name", "secret"), _Conversation.create),
    "part": (("data",), _Conversation.part),
    "sign": (("name",), _Conversation.sign),
    "open": (("name", "sealed"), _Conversation.open),
}


def _received(line: Line) -> Any:
    try:
        return line.receive()
    except InputError as error:  # the agent's fault, not that of what was asked
        raise Closed from error


def _no_agent(why: str) -> Unavailable:
    return Unavailable(
        f"The key agent cannot be reached: {why}.",
        unchanged="Nothing was signed or opened.",
        hint="Unlock the keys in JupyterLab, or restart the kernel if JupyterLab was restarted.",
    )


def _checked_path(path: Path) -> Path:
    path = Path(os.path.abspath(path))
    if len(os.fsencode(path)) > MAX_PATH:
        raise InputError(
            f"The path of the agent's socket is longer than {MAX_PATH} bytes.",
            unchanged="No agent was started or asked.",
            hint="Choose a shorter folder, for example under XDG_RUNTIME_DIR.",
        )
    return path


def _check_folder(folder: Path) -> None:
    status = folder.lstat()
    mine = stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()
    if not mine or stat.S_IMODE(status.st_mode) & 0o077:
        raise InputError(
            f"Others may enter {folder}, the folder of the agent's socket.",
            unchanged="No agent was started.",
            hint=f"Use a folder of your own: chmod 700 {folder}",
        )


def _clear(path: Path) -> None:
    """Remove a dead agent's socket."""
    try:
        kind = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(kind):
        raise Conflict(f"{path} is there already and is no socket.", unchanged="It was left.")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(PATIENCE)
        try:
            probe.connect(os.fspath(path))
        except ConnectionRefusedError:  # nobody listens any more
            path.unlink()
            return
    raise Conflict(
        f"An agent is running at {path} already.",
        unchanged="It was left alone.",
        hint="Use that one, or stop it first.",
    )
