"""The weakest sense: what the file system says was opened in the folders around a notebook.

For files that native code opens and no wrapped reader was given (inotify, Linux only). It does not
say which program it was, so what is found here is only inferred: it happened while the cell ran.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Any

from workbench.origin.graph import Mark
from workbench.senses.addresses import file_address
from workbench.senses.observing import stat_of
from workbench.senses.readings import Reading
from workbench.senses.sources import is_source

__all__ = ["Watcher"]

MAX_FOLDERS = 1000  # watched; the system allows some 8000 for all of a person's programs
MAX_ENTRIES = 50_000  # looked at to find them
SKIPPED = {"node_modules", "site-packages", "dist-packages", "__pycache__", "conda-meta", "proc"}


class Watcher:
    """Notes which files in the watched folders are opened between `begin` and `end`.

    Folders are watched one by one: those below a folder when it is given, those made later from
    the next cell on.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        """``say`` takes a sentence on what could not be seen."""
        self._say = say
        self._pid = os.getpid()
        self._library: Any = None
        self._inotify: Any = None
        self._folders: dict[int, str] = {}  # by watch descriptor
        self._watched: dict[tuple[int, int], int] = {}  # by device and inode
        self._new: list[str] = []
        self._late: Counter[str] = Counter()

    def start(self) -> None:
        """Begin to listen, where the system can."""
        try:
            self._library = import_module("inotify_simple")
            self._inotify = self._library.INotify(nonblocking=True)
        except (ImportError, OSError, AttributeError, TypeError):  # ctypes finds no libc function
            self._inotify = None
            self._say(
                "Files that programs open past the interpreter are not noticed on this system, "
                "unless a reader that is known was given their path."
            )

    def stop(self) -> None:
        """Stop listening."""
        if self._is_here():
            self._inotify.close()
        self._inotify = None
        self._folders.clear()
        self._watched.clear()

    def watch(self, folder: str, *, below: bool = True) -> None:
        """Watch a folder and, if asked, those below it, symbolic links to folders included."""
        if not self._is_here():
            return
        waiting, looked_at = [folder], 0
        while waiting:
            here = waiting.pop(0)
            if not self._add(here):
                continue
            if len(self._folders) >= MAX_FOLDERS or looked_at > MAX_ENTRIES:
                self._say(f"Not all folders below {folder} are watched: there are too many.")
                return
            inner = list(_folders_in(here)) if below else []
            looked_at += len(inner)
            waiting += inner

    def begin(self, hashed: Callable[[], Counter[str]]) -> None:
        """A cell starts: what happened before it is forgotten, new folders are watched.

        ``hashed`` tells how often which files were opened to digest them, since it last did.
        """
        if not self._is_here():
            return
        hashed()
        for _ in self._events():
            pass
        self._late = hashed()
        new, self._new = self._new, []
        for folder in new:
            self.watch(folder)

    def end(self, seen: Iterable[Reading], hashed: Callable[[], Counter[str]]) -> list[Reading]:
        """A cell has run: return what was opened meanwhile and is not among what was ``seen``.

        Args:
            seen: what the other senses told of.
            hashed: as for :meth:`begin`.
        """
        if not self._is_here():
            return []
        ours = self._late + hashed()
        files: dict[str, _File] = {}
        for path, mask in self._events():
            files.setdefault(path, _File()).note(mask, self._library.flags)
        self._late = hashed()  # may have been in time or not
        ours += self._late
        found = []
        if files:
            known = {(_real(one.address.text), one.wrote) for one in seen}
            own = Counter({_real(path): count for path, count in ours.items()})
            for path, file in files.items():
                real = _real(path)
                # Opened to be written to, and then it was not: that opening is no reading either.
                idle = (real, True) in known and not file.wrote
                found += [
                    _reading(path, wrote=wrote)
                    for wrote in file.uses(own[real] + idle)
                    if (real, wrote) not in known and is_source(os.path.abspath(path))
                ]
        return [one for one in found if one.size >= 0]

    def _is_here(self) -> bool:
        """Whether there is something to read; a forked child shares the queue and leaves it be."""
        return self._inotify is not None and os.getpid() == self._pid

    def _add(self, folder: str) -> bool:
        """Watch one folder; return whether it is a new one."""
        flags = self._library.flags
        wanted = flags.OPEN | flags.CLOSE_NOWRITE | flags.MODIFY | flags.CLOSE_WRITE
        wanted |= flags.CREATE | flags.MOVED_TO | flags.ONLYDIR | flags.EXCL_UNLINK
        try:
            status = os.stat(folder)
            if (status.st_dev, status.st_ino) in self._watched:
                return False
            number = self._inotify.add_watch(folder, wanted)
        except (OSError, ValueError) as error:
            if os.path.isdir(folder):
                reason = getattr(error, "strerror", None) or type(error).__name__
                self._say(f"The folder {folder} cannot be watched: {reason}.")
            return False
        self._watched[status.st_dev, status.st_ino] = number
        self._folders[number] = folder
        return True

    def _events(self) -> Iterator[tuple[str, int]]:
        """Yield the path and mask of what happened to files."""
        flags = self._library.flags
        for event in self._inotify.read(timeout=0):
            folder = self._folders.get(event.wd)
            if event.mask & flags.Q_OVERFLOW:
                self._say("More was opened at once than the system reports; some was not seen.")
            elif folder is None:
                continue
            elif event.mask & flags.IGNORED:
                self._forget(event.wd)
            elif event.mask & flags.ISDIR:
                if event.mask & (flags.CREATE | flags.MOVED_TO) and not _is_skipped(event.name):
                    self._new.append(os.path.join(folder, event.name))
            elif event.name:
                yield os.path.join(folder, event.name), event.mask

    def _forget(self, number: int) -> None:
        """A folder is gone; another may get its inode."""
        del self._folders[number]
        self._watched = {inode: one for inode, one in self._watched.items() if one != number}


class _File:
    """What happened to one file, from its events in order."""

    def __init__(self) -> None:
        self.opened = 0
        self.wrote = False
        self.writing = False

    def note(self, mask: int, flags: Any) -> None:
        if mask & flags.OPEN:
            self.opened += 1
        if mask & (flags.CREATE | flags.MODIFY | flags.MOVED_TO):
            self.wrote = True
        if mask & (flags.CREATE | flags.MODIFY) and not self.writing:
            self.writing = True
        if mask & flags.CLOSE_WRITE and self.writing:
            self.writing = False
            self.opened -= 1  # that opening was the writer's

    def uses(self, own: int) -> Iterator[bool]:
        """Yield False if it was read, True if written; ``own`` openings were to digest it."""
        if self.opened - self.writing - own > 0:
            yield False
        if self.wrote:
            yield True


def _folders_in(folder: str) -> Iterator[str]:
    """Yield the folders in a folder that may hold data."""
    try:
        with os.scandir(folder) as entries:
            for _, entry in zip(range(MAX_ENTRIES), entries, strict=False):
                if not _is_skipped(entry.name) and entry.is_dir():
                    inner = os.path.join(folder, entry.name)
                    if not os.path.exists(os.path.join(inner, "pyvenv.cfg")):
                        yield inner
    except OSError:
        return


def _is_skipped(name: str) -> bool:
    return name.startswith(".") or name in SKIPPED


def _real(path: str) -> str:
    return os.path.realpath(path)


def _reading(path: str, *, wrote: bool) -> Reading:
    size, changed = stat_of(path)
    address = file_address(path)
    return Reading(address, Mark.inferred, "inotify", wrote=wrote, size=size, changed=changed)
