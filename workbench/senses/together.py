"""All senses together: what a cell read and wrote, each with the strongest evidence there is.

Between ``begin`` and ``end`` three senses listen: the interpreter's own word, the arguments of
readers that are known, and the file system. What several of them tell is one reading. Files are
digested in the background from the moment the cell has ended.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path, PurePath

from workbench.senses import observing, readers
from workbench.senses.hashing import Digests
from workbench.senses.observing import stat_of
from workbench.senses.readings import Address, Reading
from workbench.senses.sources import is_source
from workbench.senses.watching import Watcher

__all__ = ["Senses"]

MAX_READINGS = 5000  # told of one cell
MAX_GAPS = 200
MAX_NAMED = 50  # texts of one cell looked at for folders
_TEXT = re.compile(r"""(['"])((?:\\.|(?!\1)[^\n\\]){1,1000})\1""")
_NAME = re.compile(r"[^\W\d]\w*")


class Senses:
    """What is read and written while the cells of one notebook run.

    Only one notebook's senses can listen in a process.
    """

    def __init__(self, digests: Digests | None = None) -> None:
        self._digests = digests
        self._watcher = Watcher(self._say)
        self._told: list[Reading] = []
        self._gaps: dict[str, None] = {}
        self._cell: observing.Cell | None = None  # that has ended, until it is asked for
        self._pid = os.getpid()

    def start(self) -> None:
        """Listen from the next cell on."""
        refused = observing.install()
        if refused:
            self._say(refused)
        self._watcher.start()
        readers.wrap(self._take, self._say)

    def stop(self) -> None:
        """Listen no more, and put the readers back as they were."""
        observing.end()
        readers.unwrap()
        self._watcher.stop()

    def watch(self, folder: Path) -> None:
        """Have the file system tell of a folder and those below it, from the next cell on."""
        self._watcher.watch(os.path.abspath(folder))

    def begin(self, namespace: dict[str, object], code: str = "") -> None:
        """A cell starts whose global names are ``namespace``.

        Folders that the cell's ``code`` names are watched, so that what native code opens there is
        not missed.
        """
        self._told = []
        for folder in _folders(code, namespace):
            self._watcher.watch(folder, below=False)
        self._watcher.begin(self._hashed)
        observing.begin(namespace, self._take)

    def rest(self) -> None:
        """The cell has run: nothing from here on is its doing."""
        self._cell = observing.end()

    def end(self) -> list[Reading]:
        """Return what the cell read and wrote, first things first; end it if it still runs."""
        cell, self._cell = self._cell or observing.end(), None
        if cell is None or os.getpid() != self._pid:
            return []
        told = self._told
        for one in self._watcher.end(tuple(told), self._hashed):
            self._take(one)
        if cell.unseen:
            self._say("Some of what was opened could not be looked at.")
        for folder in sorted(cell.crowded):
            self._say(
                f"More than {observing.MAX_OF_FOLDER} files in {folder} were opened by one cell; "
                "only so many are named."
            )
        found = _merged(told)
        self._follow(found)
        return found

    def gaps(self) -> tuple[str, ...]:
        """Return sentences on what could not be seen, so far."""
        return tuple(self._gaps)

    def _take(self, reading: Reading) -> None:
        if len(self._told) < MAX_READINGS:
            self._told.append(reading)
        else:
            self._say(f"One cell read more than {MAX_READINGS} things; the others are not named.")

    def _say(self, sentence: str) -> None:
        if len(self._gaps) < MAX_GAPS:
            self._gaps.setdefault(sentence)

    def _hashed(self) -> Counter[str]:
        return self._digests.opened_recently() if self._digests is not None else Counter()

    def _follow(self, found: Iterable[Reading]) -> None:
        """Digest what was read, and watch the folders it lies in for what else is read there."""
        files = [one for one in found if one.size >= 0]
        if self._digests is not None:
            for one in files:
                self._digests.ask(one.address.text, one.size, one.changed)
        for folder in dict.fromkeys(os.path.dirname(one.address.text) for one in files):
            if is_source(os.path.join(folder, "data")):
                self._watcher.watch(folder, below=False)


def _merged(told: Iterable[Reading]) -> list[Reading]:
    """Make one reading of what was told of an address, or one for each line that is known.

    The strongest evidence counts for all of it. What read it is best told by the reader itself.
    They stay in the order in which they were told: what a cell reads behind writing it is its own.
    """
    order: dict[tuple[Address, bool, int | None], int] = {}
    groups: dict[tuple[Address, bool], list[Reading]] = {}
    for number, one in enumerate(told):
        order.setdefault((one.address, one.wrote, one.line), number)
        groups.setdefault((one.address, one.wrote), []).append(one)
    found = []
    for group in groups.values():
        best = min(group, key=lambda one: one.mark.rank)
        size, changed = _as_it_was(group)
        gone = best.wrote and best.address.scheme == "file" and size < 0
        if gone and (best.address, False) not in groups:
            continue
        lines = dict.fromkeys(one.line for one in group)
        if len(lines) > 1:
            lines.pop(None, None)  # the same, seen from further off
        for line in lines:
            there = [one for one in group if one.line == line]
            how = max(there, key=lambda one: ("." in one.how, -one.mark.rank)).how
            found.append(replace(best, line=line, how=how, size=size, changed=changed))
    return sorted(found, key=lambda one: order[one.address, one.wrote, one.line])


def _as_it_was(group: list[Reading]) -> tuple[int, int]:
    """Return size and time of change of a file: when it was first read, or after it was written."""
    first = group[0]
    if first.address.scheme != "file":
        return -1, -1
    if first.wrote:
        return stat_of(first.address.text)
    return next(((one.size, one.changed) for one in group if one.size >= 0), (-1, -1))


def _folders(code: str, namespace: dict[str, object]) -> Iterator[str]:
    """Yield folders that a cell's code names: in its texts, and in the texts and paths it uses.

    A text without a slash names nothing but what lies in the notebook's own folder, watched anyway.
    """
    texts = (text for text in _texts(code, namespace) if "/" in text)
    for _, text in zip(range(MAX_NAMED), texts, strict=False):
        path = os.path.expanduser(re.split(r"[*?\[{]", text, maxsplit=1)[0])
        folder = path if os.path.isdir(path) else os.path.dirname(path)
        if (
            folder
            and os.path.isdir(folder)
            and is_source(os.path.join(os.path.abspath(folder), "x"))
        ):
            yield folder


def _texts(code: str, namespace: dict[str, object]) -> Iterator[str]:
    for match in _TEXT.finditer(code):
        yield match[2]
        for inner in _TEXT.finditer(match[2]):  # a path in a query
            yield inner[2]
    for name in dict.fromkeys(_NAME.findall(code)):
        value = namespace.get(name)
        if type(value) is str and len(value) < 4096:
            yield value
        elif issubclass(type(value), PurePath):  # past ``__class__``, which may raise
            yield str(value)
