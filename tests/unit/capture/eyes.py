"""A plain watcher of files for tests: what the interpreter opens while a cell runs."""

from __future__ import annotations

import hashlib
import os
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.origin.graph import Mark
from workbench.senses.readings import Address, Reading

_open_eyes: list[Eyes] = []


class Eyes:
    """Sees the files below one folder; written by audit events alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: list[Reading] = []
        self.namespace: dict[str, Any] | None = None
        self.thread = 0

    def start(self) -> None:
        if not _open_eyes:
            sys.addaudithook(_hook)
        _open_eyes.append(self)

    def watch(self, folder: Path) -> None:
        self.folder = folder

    def stop(self) -> None:
        self.namespace = None

    def begin(self, namespace: dict[str, Any], code: str) -> None:
        self.namespace, self.thread = namespace, threading.get_ident()

    def rest(self) -> None:
        self.namespace = None

    def end(self) -> list[Reading]:
        self.rest()
        seen, self.seen = self.seen, []
        return seen

    def gaps(self) -> tuple[str, ...]:
        return ()

    def notice(self, path: str, mode: object, flags: int) -> None:
        path = os.path.abspath(path)
        if not path.startswith(str(self.folder)) or path.endswith((".py", ".pyc")):
            return
        wrote = bool(flags & (os.O_WRONLY | os.O_RDWR))
        size = changed = -1
        if not wrote:
            state = os.stat(path)
            size, changed = state.st_size, state.st_mtime_ns
        line = self.line() if threading.get_ident() == self.thread else None
        mark = Mark.observed if line is not None else Mark.inferred
        self.seen.append(Reading(Address(path), mark, "open", line, wrote, size, changed))

    def line(self) -> int | None:
        frame, line = sys._getframe(), None
        while frame is not None:
            if frame.f_code.co_name == "<module>" and frame.f_globals is self.namespace:
                line = frame.f_lineno
            frame = frame.f_back  # type: ignore[assignment]
        return line


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if event != "open" or not isinstance(args[0], str):
        return
    for eyes in _open_eyes:
        if eyes.namespace is not None:
            try:
                eyes.notice(*args)
            except OSError:
                continue


@dataclass(frozen=True)
class Digested:
    digest: str
    changed: str = ""


class Hashed:
    """Takes digests at once."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, int, int], Digested] = {}

    def ask(self, path: str, size: int, changed_ns: int) -> None:
        content = Path(path).read_bytes()
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        self.known[path, size, changed_ns] = Digested(digest)

    def get(self, path: str, size: int, changed_ns: int) -> Digested | None:
        return self.known.get((path, size, changed_ns))

    def wait(self, seconds: float | None) -> bool:
        return True

    def close(self) -> None:
        self.known = dict(self.known)
