"""Which cell of one notebook is which of another, and what changed in its lines.

Everything here is symmetric: read the other way round, what was added was removed and nothing else
differs. ``difflib`` is not, so each comparison is made in one order and turned round after it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, TypeVar

from workbench.origin.record import Cell

__all__ = ["MAX_COMPARED", "MAX_LINES", "Pair", "bounded", "latest", "lines", "moved", "paired"]

MAX_LINES: Final = 400  # of one cell's changes that are shown
MAX_COMPARED: Final = 2000  # lines of one cell that are compared
MAX_PAIRS: Final = 40_000  # of cells without a match by identifier or digest

_CONTEXT: Final = 3
_LONGEST: Final = 400  # characters of one line that are shown
_ALIKE: Final = 0.5
_TOKEN: Final = re.compile(r"\w+|[^\w\s]")

Item = TypeVar("Item", bound=Hashable)
Placed = tuple[int, Cell]


@dataclass(frozen=True)
class Pair:
    """The places of a cell, from 0; one is missing where it was added or removed."""

    before: int | None
    after: int | None


def latest(cells: Iterable[Cell]) -> tuple[Cell, ...]:
    """Return the cells in their order, each as it ran last; without an identifier each counts."""
    found: dict[object, Cell] = {}
    for place, cell in enumerate(cells):
        key = cell.cell or place
        found.pop(key, None)
        found[key] = cell
    return tuple(found.values())


def paired(before: Sequence[Cell], after: Sequence[Cell]) -> tuple[Pair, ...]:
    """Return which cells belong together: in the order of ``after``, then those that are gone.

    By their identifier, then by their code, then by how much of it is the same, most first.
    """
    old, new = dict(enumerate(before)), dict(enumerate(after))
    match: dict[int, int] = {}  # from after to before

    def keep(found: Iterable[tuple[int, int]]) -> None:
        for b, a in found:
            if b in old and a in new:
                match[a] = b
                del old[b], new[a]

    keep(_same(old.items(), new.items(), lambda cell: cell.cell))
    keep(_same(old.items(), new.items(), lambda cell: cell.digest))
    keep(_similar(list(old.items()), list(new.items())))
    return (
        *(Pair(match.get(place), place) for place in range(len(after))),
        *(Pair(place, None) for place in old),
    )


def _same(
    old: Iterable[Placed], new: Iterable[Placed], key: Callable[[Cell], str]
) -> list[tuple[int, int]]:
    """Return the places of cells with the same key; several in the order in which they come."""
    waiting: dict[str, list[int]] = {}
    for place, cell in old:
        if key(cell):
            waiting.setdefault(key(cell), []).append(place)
    found = []
    for place, cell in new:
        if waiting.get(key(cell)):
            found.append((waiting[key(cell)].pop(0), place))
    return found


def _similar(old: Sequence[Placed], new: Sequence[Placed]) -> list[tuple[int, int]]:
    """Return the places of similar cells, the most similar and nearest first."""
    if len(old) * len(new) > MAX_PAIRS:
        return []
    before = [(place, Counter(_TOKEN.findall(cell.code))) for place, cell in old]
    after = [(place, Counter(_TOKEN.findall(cell.code))) for place, cell in new]
    scored = [
        (-score, abs(b - a), min(b, a), max(b, a), b, a)
        for b, first in before
        for a, second in after
        if (score := _alike(first, second)) >= _ALIKE
    ]
    return [(b, a) for *_, b, a in sorted(scored)]


def _alike(first: Counter[str], second: Counter[str]) -> float:
    """Return the share of words that two cells have in common (Dice's coefficient)."""
    total = first.total() + second.total()
    return 2 * (first & second).total() / total if total else 0.0


def moved(pairs: Iterable[Pair], before: Sequence[Cell], after: Sequence[Cell]) -> set[int]:
    """Return the places after of the cells that have another order among those in both."""
    both = [
        (pair.before, pair.after)
        for pair in pairs
        if pair.before is not None and pair.after is not None
    ]
    names = {pair: _name(before[pair[0]], after[pair[1]]) for pair in both}
    old, new = sorted(both), sorted(both, key=lambda pair: pair[1])
    first, second = [names[pair] for pair in old], [names[pair] for pair in new]
    if first == second:
        return set()
    if first > second:
        old, new = new, old
    stayed = set()
    for start, _, size in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        stayed.update(old[start : start + size])
    return {pair[1] for pair in both if pair not in stayed}


def _name(before: Cell, after: Cell) -> tuple[str, str]:
    first, second = sorted((before.digest, after.digest))
    return first, second


def lines(before: str, after: str) -> tuple[str, ...]:
    """Return the lines that changed, marked ``-`` and ``+``, with those around them.

    What is left out between them is a line with three dots; what is too long is cut, and says so.
    """
    old, new = before.splitlines(), after.splitlines()
    cut = max(len(old), len(new)) - MAX_COMPARED
    shown: list[str] = []
    for number, group in enumerate(_groups(old[:MAX_COMPARED], new[:MAX_COMPARED])):
        shown += [" …"] if number else []
        for same, (i, j), (k, m) in group:
            if same:
                shown += [f" {line}" for line in old[i:j]]
            else:
                shown += [f"-{line}" for line in old[i:j]]
                shown += [f"+{line}" for line in new[k:m]]
    return bounded(shown, more=max(cut, 0))


def bounded(shown: Sequence[str], more: int = 0) -> tuple[str, ...]:
    """Return at most :data:`MAX_LINES` lines, none too long, and a last one that says what is cut.

    ``more`` lines were not even compared.
    """
    short = [line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…" for line in shown[:MAX_LINES]]
    left = len(shown) - len(short)
    said = [f" … {left} more lines are not shown"] if left else []
    said += [f" … {more} more lines were not compared"] if more else []
    return (*short, *said)


Stretch = tuple[bool, tuple[int, int], tuple[int, int]]


def _groups(old: list[str], new: list[str]) -> list[list[Stretch]]:
    """Return the stretches of lines around each change: the same or not, where before and after."""
    turned = old > new
    first, second = (new, old) if turned else (old, new)
    groups = []
    for group in SequenceMatcher(None, first, second).get_grouped_opcodes(_CONTEXT):
        stretches = []
        for tag, i, j, k, m in group:
            ends = ((k, m), (i, j)) if turned else ((i, j), (k, m))
            stretches.append((tag == "equal", *ends))
        groups.append(stretches)
    return groups
