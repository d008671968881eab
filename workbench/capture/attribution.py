"""Which statement of a cell it was: for what was seen of the cell as a whole."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import PosixPath, PurePosixPath, PureWindowsPath, WindowsPath

from workbench.analysis.defuse import Statement
from workbench.analysis.methods import leaves_alone
from workbench.capture.functions import Effect
from workbench.capture.looks import is_one_of, types_of
from workbench.origin.graph import Mark
from workbench.senses.readings import Reading

__all__ = ["Attribution", "give_out"]

PATHS = types_of(PosixPath, WindowsPath, PurePosixPath, PureWindowsPath)


class Attribution:
    """The statements of one execution, asked which of them may have done something.

    Args:
        statements, effects: what they do, themselves and through functions.
        own: names of objects of the user's own classes, which may remember what is asked of them.
    """

    def __init__(
        self, statements: Sequence[Statement], effects: Sequence[Effect], own: Collection[str]
    ) -> None:
        self._statements = statements
        self._effects = effects
        self._own = own

    def unexplained(self, names: Iterable[str]) -> dict[str, int]:
        """Return the statement that bound each name no statement says it binds.

        The last one that may do anything (``%run``, ``exec``), else the last that calls something.
        """
        indexes = range(len(self._statements))
        opaque = [index for index in indexes if self._statements[index].opaque]
        calling = [index for index in indexes if self._statements[index].calls]
        for candidates in (opaque, calling, list(indexes)):
            if candidates:
                return dict.fromkeys(names, candidates[-1])
        return {}

    def hidden(self, names: Iterable[str]) -> dict[int, set[str]]:
        """Return, by statement, the names whose object was seen to change without a word of it.

        Whoever hands it to a call or calls a method of unknown effect on it; else whoever uses it
        in a function that is called. A look at it (``model.predict``) is nobody's change, but of an
        object of the user's own class: a property of it may keep what it has read.
        """
        found: dict[int, set[str]] = {}
        for name in names:
            indexes = range(len(self._statements))
            direct = [index for index in indexes if self._handles(index, name)]
            reaching = direct or [index for index in indexes if self._reaches(index, name)]
            if not reaching and name in self._own:
                reaching = [index for index in indexes if name in self._statements[index].uses]
            for index in reaching:
                found.setdefault(index, set()).add(name)
        return found

    def _handles(self, index: int, name: str) -> bool:
        statement = self._statements[index]
        return name in statement.touches or any(one.name == name for one in statement.passes)

    def _reaches(self, index: int, name: str) -> bool:
        statement = self._statements[index]
        if name in self._effects[index].uses:
            return bool(statement.calls)
        return name in statement.uses and any(_may_change(one, name) for one in statement.calls)


def _may_change(call: str, name: str) -> bool:
    owner, _, method = call.partition(".")
    return owner == name and not leaves_alone(method.rpartition(".")[2])


def give_out(
    readings: Iterable[Reading],
    statements: Sequence[Statement],
    value_of: Callable[[str], object],
) -> dict[int, list[Reading]]:
    """Return the readings of a cell by the statement that made them.

    A line tells, where only one statement is on it; among several, one that spells out the file's
    name, itself or in a variable. Whatever stays open goes to all that may have been it, inferred.
    """
    found: dict[int, list[Reading]] = {}
    for reading in readings:
        at = _on_line(reading.line, statements)
        named = [index for index in at if _names(statements[index], reading, value_of)]
        calling = [index for index in at if statements[index].calls]
        chosen = named or calling or at
        if reading.line is None or len(chosen) > 1:
            reading = replace(reading, mark=Mark.inferred)
        for index in chosen:
            found.setdefault(index, []).append(reading)
    return found


def _on_line(line: int | None, statements: Sequence[Statement]) -> list[int]:
    everywhere = list(range(len(statements)))
    if line is None:
        return everywhere
    at = [n for n in everywhere if statements[n].first <= line <= statements[n].last]
    written = {name for index in at for name in statements[index].bodies}
    callers = [n for n in everywhere if written & statements[n].uses and n not in at]
    return callers or at or everywhere  # a line inside a function: whoever calls it


def _names(statement: Statement, reading: Reading, value_of: Callable[[str], object]) -> bool:
    """Tell whether a statement spells out what was read."""
    name = os.path.basename(reading.address.text.rstrip("/")) or reading.address.text
    if any(name in text for text in statement.texts):
        return True
    for used in statement.uses:
        value = value_of(used)
        spelt = str(value) if is_one_of(value, PATHS) else value
        if type(spelt) is str and name in spelt:
            return True
    return False
