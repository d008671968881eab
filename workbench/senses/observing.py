"""The strongest sense: what the interpreter itself tells of while a cell runs (an audit hook).

One hook per process, for it cannot be taken out again (PEP 578). It does nothing unless a cell runs
in this process, and what goes wrong in it never reaches the code that it watches. Libraries that
open files in native code pass it by; see :mod:`workbench.senses.readers` for those.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from stat import S_ISREG
from threading import get_ident
from types import FrameType
from typing import Any
from urllib.parse import unquote

from workbench.origin.graph import Mark
from workbench.senses.addresses import file_address
from workbench.senses.commands import arguments, named_files, shell_words
from workbench.senses.readings import Address, Reading, Sink
from workbench.senses.sources import PROGRAM, is_source
from workbench.senses.urls import printable, server, url_address

__all__ = ["Cell", "Place", "begin", "end", "install", "place", "running", "seen_as", "stat_of"]

MAX_OF_FOLDER = 1000  # files of one folder that are told of in one cell
MAX_FRAMES = 1000  # walked outwards from an event
_WRITES = os.O_WRONLY | os.O_RDWR
_ANEW = os.O_TRUNC | os.O_APPEND | os.O_EXCL
_REQUEST = re.compile(rb"([A-Z]+) (\S+) HTTP/1\.[01]\r\n")
_HOST = re.compile(rb"\r\nhost:[ \t]*([^\r\n]+)", re.IGNORECASE)
_OWN, _LIBRARY = "own", "library"
_PROBE = "workbench.probe"
DATA_PORTS = {1433, 1521, 3306, 5432, 5433, 6379, 7687, 8123, 9000, 9042, 9200, 27017, 50051}


@dataclass
class Cell:
    """A cell that runs: whose names these are, who is told, and what the hook must remember."""

    namespace: dict[str, object]
    sink: Sink
    pid: int = field(default_factory=os.getpid)
    told: set[tuple[str, int | None, int]] = field(default_factory=set)  # path, line, flags
    named: dict[str, set[str]] = field(default_factory=dict)  # files told of, by folder
    crowded: set[str] = field(default_factory=set)  # folders of which not all files are told
    written: dict[str, int | None] = field(default_factory=dict)  # by path, the last line
    looked_up: dict[int, tuple[str, int]] = field(default_factory=dict)  # by thread
    spoken_to: set[tuple[str, int]] = field(default_factory=set)  # hosts better known than by port
    elsewhere: bool = False  # an object store or the like was named by a reader
    connected: list[tuple[str, int, Place]] = field(default_factory=list)
    unseen: int = 0  # events that could not be looked at


@dataclass(frozen=True)
class Place:
    """From where something was done: the running cell's line, and the library called from there."""

    line: int | None = None
    how: str = ""


_cell: Cell | None = None
_installed = False


def install() -> str:
    """Add the hook to this process, once; return a sentence if it cannot be.

    Another hook may refuse new ones; then ``sys.addaudithook`` returns as if nothing had happened,
    so the hook is called to see.
    """
    global _installed
    if not _installed:
        sys.addaudithook(_hook)
        sys.audit(_PROBE)
        os.register_at_fork(after_in_child=_forget)
    return "" if _installed else "What the interpreter opens cannot be observed in this process."


def begin(namespace: dict[str, object], sink: Sink) -> None:
    """A cell whose global names are ``namespace`` starts to run; ``sink`` is told what it reads."""
    global _cell
    _cell = Cell(namespace, sink)


def end() -> Cell | None:
    """The cell has run; return what is known of it beyond what its sink was told."""
    global _cell
    cell, _cell = _cell, None
    if cell is None or cell.pid != os.getpid():
        return None
    for host, port, where in cell.connected:
        known = (host, port) in cell.spoken_to or (cell.elsewhere and port in (80, 443))
        if not known:
            address = Address(f"tcp://{printable(host)}:{port}", "tcp")
            cell.sink(Reading(address, Mark.inferred, where.how or "socket", where.line))
    return cell


def running() -> Cell | None:
    """Return the cell that runs in this process, if one does."""
    cell = _cell
    return cell if cell is not None and cell.pid == os.getpid() else None


def place(cell: Cell, frame: FrameType | None) -> Place | None:
    """Find from where in the cell something was done, walking outwards from ``frame``.

    The line is that of the outermost frame that runs the cell's own code. Where there is none (a
    thread, a task), the line is not known. ``None`` if this package did it for itself.
    """
    line, how, entered = None, "", False
    inner: FrameType | None = None
    for _ in range(MAX_FRAMES):
        if frame is None:
            break
        if frame.f_globals is cell.namespace:
            if inner is not None and not entered:
                how = _name(inner)
            entered = True
            if frame.f_code.co_name == "<module>" or frame.f_code.co_name.startswith("<cell line"):
                line = frame.f_lineno
        elif not entered:
            role = _role(str(frame.f_globals.get("__name__")))
            if role is _OWN:
                return None
            if role is _LIBRARY and not (inner and "<locals>" in frame.f_code.co_qualname):
                inner = frame  # rather the function than what decorates it
        frame = frame.f_back
    return Place(line, how)


def seen_as(where: Place, otherwise: Mark) -> Mark:
    """Return how surely something was the cell's doing: without a line of it, only inferred."""
    return Mark.inferred if where.line is None else otherwise


def stat_of(path: str) -> tuple[int, int]:
    """Return size and time of change (ns) of an ordinary file; -1, -1 where there is none."""
    status = _status(path)
    if status is None or not S_ISREG(status.st_mode):
        return -1, -1
    return status.st_size, status.st_mtime_ns


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=2048)
def _role(module: str) -> str:
    """Whether a module's frames are a library's, this package's own doing, or only in between.

    The senses wrap what the user calls, so most of them is in between; but digests read files too.
    """
    if module.startswith("workbench.senses."):
        return _OWN if module.endswith((".hashing", ".watching")) else ""
    if module == "workbench" or module.startswith("workbench."):
        return _OWN
    return "" if module.startswith(("importlib", "IPython.", "ipykernel.")) else _LIBRARY


def _name(frame: FrameType) -> str:
    """Name the function of a library that the cell called: ``joblib.load``."""
    package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    function = frame.f_code.co_qualname.removesuffix(".__init__").rpartition("<locals>.")[2]
    return f"{package}.{function}" if package and not function.startswith("<") else package


def _forget() -> None:
    global _cell
    _cell = None


def _hook(event: str, args: tuple[Any, ...]) -> None:
    cell = _cell
    if cell is None:
        if event == _PROBE:
            _answer()
        return
    notice = _NOTICES.get(event)
    if notice is None:
        return
    try:
        notice(cell, args)
    except Exception:  # the code that opened something must not feel that it was seen
        cell.unseen += 1


def _answer() -> None:
    global _installed
    _installed = True


def _opened(cell: Cell, args: tuple[Any, ...]) -> None:
    path, _, flags = args
    if type(path) is bytes:
        path = os.fsdecode(path)
    if type(path) is not str or path.endswith(PROGRAM):
        return
    path = os.path.abspath(path)
    if not is_source(path) or cell.pid != os.getpid() or _is_enough(cell, path):
        return
    where = place(cell, sys._getframe(2))
    if where is None or (path, where.line, flags) in cell.told:
        return
    status = _status(path)
    wrote = bool(flags & _WRITES) and (
        flags & _WRITES == os.O_WRONLY or bool(flags & _ANEW) or status is None
    )
    if not wrote and not _can_be_read(path, status):
        return
    cell.told.add((path, where.line, flags))
    cell.named[os.path.dirname(path)].add(path)
    size, changed = (status.st_size, status.st_mtime_ns) if status else (-1, -1)
    if wrote:
        cell.written[path] = where.line
    there = size > 0 and flags & os.O_APPEND and not flags & os.O_TRUNC
    if wrote and there:  # and it stays
        _tell(cell, path, where, "append", mark=Mark.inferred, size=size, changed=changed)
    _tell(cell, path, where, "open", wrote=wrote, size=size, changed=changed)


def _is_enough(cell: Cell, path: str) -> bool:
    """Whether so many files of one folder were named that this one goes unnamed."""
    folder = os.path.dirname(path)
    named = cell.named.setdefault(folder, set())
    if path in named or len(named) < MAX_OF_FOLDER:
        return False
    cell.crowded.add(folder)
    return True


def _can_be_read(path: str, status: os.stat_result | None) -> bool:
    """Whether opening will succeed; what fails was not read. Only ordinary files count."""
    if status is None or not S_ISREG(status.st_mode):
        return False
    return status.st_mode & 0o444 == 0o444 or os.access(path, os.R_OK)


def _tell(
    cell: Cell, path: str, where: Place, how: str, *, mark: Mark = Mark.observed, **known: Any
) -> None:
    cell.sink(
        Reading(
            file_address(path),
            seen_as(where, mark),
            where.how or how,
            where.line,
            **known,
        )
    )


def _named_anew(cell: Cell, args: tuple[Any, ...]) -> None:
    """What a file holds gets another name: the one is read, so to say, and the other written.

    Careful programs write under another name first; that is nothing to tell of. A symbolic link
    has three arguments, and leads on from the folder that it lies in.
    """
    source, target = map(os.fsdecode, args[:2])
    how = "link" if len(args) == 3 else "rename"
    source = os.path.join(os.path.dirname(target), source) if how == "link" else source
    source, target = os.path.abspath(source), os.path.abspath(target)
    size, changed = stat_of(source)
    where = place(cell, sys._getframe(2)) if size >= 0 and is_source(target) else None
    if where is None:
        return
    if is_source(source) and cell.written.get(source, -1) != where.line:
        _tell(cell, source, where, how, size=size, changed=changed)
    cell.written[target] = where.line
    _tell(cell, target, where, how, wrote=True)


def _sqlite(cell: Cell, args: tuple[Any, ...]) -> None:
    path = os.fsdecode(args[0])
    if path.startswith("file:"):
        if "mode=memory" in path:
            return
        path = unquote(path.removeprefix("file:").partition("?")[0])
        path = "/" + path[2:].partition("/")[2] if path.startswith("//") else path
    if path in ("", ":memory:") or not is_source(os.path.abspath(path)):
        return
    where = place(cell, sys._getframe(2))
    if where is not None:
        size, changed = stat_of(path)
        how = "sqlite3.connect"
        _tell(cell, path, where, how, wrote=size < 0, size=size, changed=changed)


def _requested(cell: Cell, args: tuple[Any, ...]) -> None:
    url, _, _, method = args
    _fetched(cell, str(url), str(method), "urllib")


def _sent(cell: Cell, args: tuple[Any, ...]) -> None:
    """The first bytes of a request name what is asked for: ``GET /path HTTP/1.1``, ``Host: …``."""
    connection, data = args
    match = _REQUEST.match(data) if type(data) is bytes else None
    if match is None:
        return
    target = match[2].decode("ascii", "replace")
    host = _HOST.search(data)
    if not target.startswith("http"):
        name = host[1].decode("ascii", "replace").strip() if host else connection.host
        scheme = "https" if getattr(connection, "default_port", 80) == 443 else "http"
        target = f"{scheme}://{name}{target}"
    _fetched(cell, target, match[1].decode("ascii"), "http.client")


def _fetched(cell: Cell, url: str, method: str, how: str) -> None:
    """Asking for something is reading it; posting may be a query, or may hand something over."""
    if url.startswith("file:"):
        return  # opened in a moment
    address = url_address(url)
    if address is None or method not in ("GET", "POST", "PUT"):
        return
    where = place(cell, sys._getframe(3))
    if where is None:
        return
    host = server(address)
    if host is not None:
        cell.spoken_to.add(host)
    mark = Mark.inferred if method == "POST" else Mark.observed
    mark = seen_as(where, mark)
    cell.sink(Reading(address, mark, where.how or how, where.line, wrote=method == "PUT"))


def _spoke(cell: Cell, args: tuple[Any, ...]) -> None:
    _, host, port = args[:3]
    cell.spoken_to.add((str(host).lower(), int(port)))


def _looked_up(cell: Cell, args: tuple[Any, ...]) -> None:
    host, port = args[:2]
    if isinstance(host, str) and isinstance(port, int):
        cell.looked_up[get_ident()] = (host.lower(), port)


def _connected(cell: Cell, args: tuple[Any, ...]) -> None:
    """A last resort for whatever speaks another protocol; this machine's own talk is left out."""
    if not isinstance(args[1], tuple) or len(args[1]) < 2:
        return
    host, port = str(args[1][0]), int(args[1][1])
    name, port_then = cell.looked_up.pop(get_ident(), ("", 0))
    if port_then == port:
        host = name
    local = host == "localhost" or host.startswith("127.") or host in ("::1", "0.0.0.0")  # noqa: S104
    if port == 53 or (local and port not in DATA_PORTS):
        return
    where = place(cell, sys._getframe(2))
    if where is not None and where.line is not None:
        cell.connected.append((host, port, where))


def _started(cell: Cell, args: tuple[Any, ...]) -> None:
    _, words, folder, _ = args
    _given(cell, arguments(words), os.fsdecode(folder) if folder else "", "subprocess")


def _system(cell: Cell, args: tuple[Any, ...]) -> None:
    _given(cell, list(shell_words(os.fsdecode(args[0]))), "", "os.system")


def _given(cell: Cell, words: list[str], folder: str, how: str) -> None:
    """Files that a program is given by name, it may read."""
    where = place(cell, sys._getframe(3))
    if where is None:
        return
    for path in named_files(words, folder):
        size, changed = stat_of(path)
        if size >= 0 and is_source(path):
            address = file_address(path)
            cell.sink(Reading(address, Mark.inferred, how, where.line, size=size, changed=changed))


_NOTICES: dict[str, Callable[[Cell, tuple[Any, ...]], None]] = {
    "open": _opened,
    "os.rename": _named_anew,
    "os.link": _named_anew,
    "os.symlink": _named_anew,
    "sqlite3.connect": _sqlite,
    "urllib.Request": _requested,
    "http.client.connect": _spoke,
    "ftplib.connect": _spoke,
    "http.client.send": _sent,
    "socket.getaddrinfo": _looked_up,
    "socket.connect": _connected,
    "subprocess.Popen": _started,
    "os.system": _system,
}
