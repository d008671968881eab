"""Which statements wrote what was in a file when it was read.

The one that opened it, and those that wrote to it since through what that left behind: a handle, an
archive, a connection, and what was made of these, such as a writer of CSV.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workbench.analysis.defuse import Statement
from workbench.capture.history import History
from workbench.capture.versions import Key, Run, Version
from workbench.origin.graph import Mark, Verb
from workbench.senses.readings import Reading

__all__ = ["Handed", "Place", "Writers"]

Place = tuple[int, int]  # execution and statement
TAKING = ("read", "load", "get", "fetch", "parse")  # how calls begin that only take from a handle


@dataclass(frozen=True)
class Handed:
    """A file written by some statements, first things first, and read by a later one."""

    writers: tuple[Place, ...]
    reader: Place
    reading: Reading


class Writers:
    """Who wrote which file, of all statements that ran, in order."""

    def __init__(self, history: History) -> None:
        self._opened: dict[str, list[Place]] = {}
        self._through: dict[str, list[Place]] = {}
        self._own: dict[Place, set[str]] = {}  # written and then read by one statement
        self._handles: dict[Key, frozenset[str]] = {}
        for place, run in _ran(history):
            held = {key[0]: self._handles[key] for key in run.uses if key in self._handles}
            opened = self._open(place, run, held)
            written = {
                address
                for name, addresses in held.items()
                if _writes_through(run.statement, name)
                for address in addresses
            }
            for address in sorted(written):
                self._through.setdefault(address, []).append(place)
            for version in (history.flow.versions[key] for key in run.makes):
                name, new = version.name, version.verb is Verb.made
                found = held.get(run.statement.copies.get(name, "") if new else name, frozenset())
                if new and _is_handle(version):
                    found |= opened | written
                if found:
                    self._handles[version.key] = found

    def _open(self, place: Place, run: Run, held: Mapping[str, frozenset[str]]) -> set[str]:
        """Note the files that a statement wrote, but for what a handle it uses is open on.

        That a file was written to while a handle of it was used, the file system tells as well.
        """
        known = {address for addresses in held.values() for address in addresses}
        opened: set[str] = set()
        for reading in run.readings:
            address = reading.address.text
            if reading.wrote and (reading.mark is not Mark.inferred or address not in known):
                opened.add(address)
                self._opened.setdefault(address, []).append(place)
            elif address in opened:
                self._own.setdefault(place, set()).add(address)
        return opened

    def of(self, place: Place, reading: Reading) -> tuple[Place, ...]:
        """Return the statements that wrote what one read; none where it was there before."""
        address = reading.address.text
        if address in self._own.get(place, ()):
            return (place,)
        first = max((one for one in self._opened.get(address, ()) if one < place), default=None)
        if first is None:
            return ()
        through = self._through.get(address, ())
        return (first, *dict.fromkeys(one for one in through if first < one < place))


def _ran(history: History) -> Iterator[tuple[Place, Run]]:
    for execution, one in enumerate(history.executions):
        for statement, run in enumerate(one.runs):
            yield (execution, statement), run


def _is_handle(version: Version) -> bool:
    """Tell whether a version may be something to write through; of one gone by, nobody knows."""
    return version.look.handle or not version.look.type


def _writes_through(statement: Statement, name: str) -> bool:
    """Tell whether a statement may write through a handle, rather than only take from it."""
    if name in statement.changes | statement.touches | statement.spreads:
        return True
    handed = (one.callee for one in statement.passes if one.name == name)
    called = (one for one in statement.calls if one.partition(".")[0] == name and "." in one)
    last = (one.rpartition(".")[2].lower() for one in (*handed, *called))
    return any(not one.startswith(TAKING) for one in last)
