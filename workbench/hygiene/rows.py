"""Which rows of a table an output shows, by the rules in :mod:`workbench.hygiene.outputs`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Set
from dataclasses import dataclass
from math import ceil, lgamma, log
from typing import Any

from workbench.hygiene.columns import LONGEST, Column, key
from workbench.training import kinds

__all__ = ["Line", "Table", "lines_of"]

SHARED_BY = 4  # rows that may fit; what five people share tells on none of them
MOST = 0.8  # of the columns that a table names
BY_CHANCE = 0.1  # lines of other numbers that may match
TRIED = 1000  # rows that are compared with one line, or
TRIED_OF_MANY = 50  # one in so many of a large table
LIST_OF_NUMBERS = 5
LIST_OF_TEXTS = 3
SPARSE = 0.1  # of the numbers between lowest and highest that a column may hold, to know one again
STATISTICS = re.compile(
    r"(?:count|mean|std|min|max|median|sum|var|sem|nunique|unique|top|freq|\d{1,2}(?:\.\d+)?%)\Z"
)

Span = tuple[int, int]  # of a column's order
Fit = tuple[int, list[int]]  # a row, and the columns in which it fits


@dataclass(frozen=True)
class Line:
    """A line of output: its words, and these with the texts that several words make together."""

    words: tuple[str, ...]
    texts: frozenset[str]

    @classmethod
    def of(cls, words: list[str], longest: int = LONGEST) -> Line:
        """Return a line with all runs of up to ``longest`` of its words."""
        runs = {
            " ".join(words[i : i + n]) for n in range(1, longest + 1) for i in range(len(words))
        }
        return cls(tuple(words), frozenset(runs))


def lines_of(text: list[list[str]], longest: int = LONGEST) -> list[Line]:
    """Return lines without those that show statistics."""
    return [Line.of(words, longest) for words in text if words and not STATISTICS.match(words[0])]


class Table:
    """Training data, ready to be recognised in lines of output."""

    def __init__(self, columns: list[Column]) -> None:
        self.columns = columns
        self.needed = min(3, len(columns))
        self.size = len(columns[0].order) if columns else 0
        self.titles: dict[str, int] = {key(one.name): i for i, one in enumerate(columns)}

    def shown(self, lines: list[Line]) -> tuple[set[int], list[str]]:
        """Return the rows that lines of one output show, and the names of their columns."""
        found = [*self._in_tables(lines), *self._upright(lines)]
        found = found or list(self._in_lists(lines))
        seen = sorted({i for _, columns in found for i in columns})
        return {row for row, _ in found}, [self.columns[i].name for i in seen]

    def _in_tables(self, lines: list[Line]) -> Iterator[Fit]:
        """Return rows in lines below a line of column names, beside names, or without any."""
        header: list[int] = []
        for line in lines:
            named = self._named(line)
            if len(named) >= max(self.needed, 2):
                if len(line.words) < 2 * len(named):
                    header = named
                    continue
                found = self._row(line, named)  # as a record, each name beside its value
            else:
                found = self._aligned(line, header) or self._row(line, header)
            found = found or self._by_values(line)
            if found is not None:
                yield found

    def _named(self, line: Line) -> list[int]:
        """Return the columns that a line names, in its order."""
        if not line.texts & self.titles.keys():
            return []
        runs = (
            " ".join(line.words[at : at + n])
            for at in range(len(line.words))
            for n in range(LONGEST, 0, -1)
        )
        return list(dict.fromkeys(self.titles[run] for run in runs if run in self.titles))

    def _aligned(self, line: Line, header: list[int]) -> Fit | None:
        """Return the row of a line in which each column's value is one word, in the order named."""
        if not header or len(line.words) < len(header):
            return None
        words = line.words[-len(header) :]
        ranges = {i: self._ranges(i, {word}) for i, word in zip(header, words, strict=True)}
        return self._fitting(ranges, max(self.needed, ceil(MOST * len(header))))

    def _row(self, line: Line, named: list[int]) -> Fit | None:
        needed = max(self.needed, ceil(MOST * len(named)))
        if not named or len(line.words) < needed:
            return None
        return self._fitting({i: self._ranges(i, line.texts) for i in named}, needed)

    def _ranges(self, column: int, texts: Set[str]) -> list[Span]:
        found = self.columns[column].found
        return [found[text] for text in texts if text in found]

    def _fitting(self, ranges: dict[int, list[Span]], needed: int) -> Fit | None:
        """Return the row that has values in most columns, if at least ``needed`` and few others."""
        held = {i: one for i, one in ranges.items() if one}
        if len(held) < needed:
            return None
        sizes = {i: sum(hi - lo for lo, hi in one) for i, one in held.items()}
        # A row that fits in all but some columns fits in one of any so many and one.
        rarest = sorted(sizes, key=lambda i: sizes[i])[: len(held) - needed + 1]
        return self._best([(sizes[i], i, held[i]) for i in rarest], held, needed)

    def _best(
        self, rarest: list[tuple[int, int, list[Span]]], ranges: dict[int, list[Span]], needed: int
    ) -> Fit | None:
        """Return the row that fits best of those with the rarest values, which come first."""
        numpy = kinds.loaded("numpy")
        parts, tried = [], 0
        for size, i, spans in rarest:
            tried += size
            if tried > max(TRIED, self.size // TRIED_OF_MANY):
                break
            parts += [self.columns[i].order[lo:hi] for lo, hi in spans]
        if not parts:
            return None
        rows = numpy.unique(numpy.concatenate(parts))
        fits = {i: self._fits(i, rows, one) for i, one in ranges.items()}
        votes = numpy.sum(list(fits.values()), axis=0)
        most = int(votes.max())
        if most < needed or int((votes == most).sum()) > SHARED_BY:
            return None
        best = int(numpy.argmax(votes))
        return int(rows[best]), [i for i, fit in fits.items() if fit[best]]

    def _fits(self, column: int, rows: Any, ranges: list[Span]) -> Any:
        rank = self.columns[column].rank[rows]
        fit = rank < 0
        for lo, hi in ranges:
            fit |= (rank >= lo) & (rank < hi)
        return fit

    def _by_values(self, line: Line) -> Fit | None:
        """Return the row whose values a line without names has, unless chance would do as much."""
        if len(line.words) < self.needed or len(self.columns) < 2:
            return None
        every = {i: self._ranges(i, line.texts) for i in range(len(self.columns))}
        ranges = {i: one for i, one in every.items() if one}
        if len(ranges) < self.needed:
            return None
        spans = [(hi - lo, i, [(lo, hi)]) for i, one in ranges.items() for lo, hi in one]
        found = self._best(sorted(spans), ranges, self.needed)
        return found if found and self._is_rare(found, ranges, len(line.words)) else None

    def _is_rare(self, found: Fit, ranges: dict[int, list[Span]], words: int) -> bool:
        """Tell whether fewer than one line in ten would match some row in as many columns.

        The expected number of matches is rows x ways to choose columns and words x the share of
        rows that each value has, as if columns knew nothing of each other.
        """
        row, columns = found
        expected = log(self.size) + _choices(len(self.columns), len(columns))
        expected += _choices(max(words, len(columns)), len(columns))
        for i in columns:
            rank = self.columns[i].rank[row]
            sizes = [hi - lo for lo, hi in ranges[i] if lo <= rank < hi]
            expected += log(max(sizes) / self.size)
        return expected < log(BY_CHANCE)

    def _upright(self, lines: list[Line]) -> Iterator[Fit]:
        """Return rows that stand upright: each line a column's name and its values."""
        block: dict[int, list[str]] = {}
        for line in [*lines, Line((), frozenset())]:
            name = next(
                (n for n in range(LONGEST, 0, -1) if " ".join(line.words[:n]) in self.titles), 0
            )
            values = list(line.words[name:])
            if name and values and self.titles[" ".join(line.words[:name])] not in block:
                block[self.titles[" ".join(line.words[:name])]] = values
                continue
            yield from self._block(block)
            block = {}

    def _block(self, block: dict[int, list[str]]) -> Iterator[Fit]:
        needed = max(self.needed, 2, ceil(MOST * len(block)))
        if len(block) < needed:
            return
        widths = Counter(len(values) for values in block.values())
        width = widths.most_common(1)[0][0]
        if width == 1:  # one row; some of its texts have several words
            whole = {i: self._ranges(i, Line.of(v).texts) for i, v in block.items()}
            rows = [whole]
        else:  # several rows; where a text has several words, no word is surely of one row
            even = {i: v if len(v) == width else [] for i, v in block.items()}
            rows = [
                {i: self._ranges(i, set(v[at : at + 1])) for i, v in even.items()}
                for at in range(width)
            ]
            needed = max(self.needed, ceil(MOST * widths[width]))
        for ranges in rows:
            found = self._fitting(ranges, needed)
            if found is not None:
                yield found

    def _in_lists(self, lines: list[Line]) -> Iterator[Fit]:
        """Return rows whose value in one column a list has, among others of the same column."""
        texts = frozenset().union(*(line.texts for line in lines))
        words = {word for line in lines for word in line.words}
        for i, column in enumerate(self.columns):
            if column.counts_up:
                continue
            few = {
                text
                for text in texts & column.found.keys()
                if column.found[text][1] - column.found[text][0] <= SHARED_BY
            }
            known = {text for text in few if _tells(column, text)}
            long = {text for text in few if len(text) >= 4 and text.isdigit()}
            if _share(long, words, lines) >= MOST:  # such as 1003, 1010, 1022 and little else
                known |= long
            least = LIST_OF_TEXTS if column.is_text else LIST_OF_NUMBERS
            if len(known) >= least and _share(known, words, lines) >= 0.5:
                yield from ((int(column.order[column.found[text][0]]), [i]) for text in known)


def _tells(column: Column, text: str) -> bool:
    """Tell whether a single value is of a column by more than chance."""
    if column.is_text:
        return len(text) >= 3
    digits = len(text.partition(".")[2])
    return column.filled(digits) < SPARSE


def _share(known: set[str], words: set[str], lines: list[Line]) -> float:
    """Return which part of an output's words, or of its lines, a list makes up."""
    by_line = sum(1 for line in lines if line.texts & known) / max(len(lines), 1)
    spoken = {word for text in known for word in text.split()}
    return max(by_line, len(spoken & words) / max(len(words), 1))


def _choices(of: int, chosen: int) -> float:
    """Return the logarithm of the number of ways to choose."""
    return lgamma(of + 1) - lgamma(chosen + 1) - lgamma(of - chosen + 1)
