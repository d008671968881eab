"""Outputs of a notebook that show rows of the training data, found by matching values.

What shows a row, and not by chance:

* a table: a line below the names of columns, or beside them, that has the values of one row in at
  least four fifths of the columns named, and in three columns or all there are;
* a line without names, whose values are those of one row in three or more columns (all, where
  there are fewer), and so rare that fewer than one line in ten would match by chance;
* a list: three or more texts or five or more numbers of one column, each held by at most four
  rows and not there by chance, that make up most of an output.

In each case at most four rows of the data may fit: what five people share tells on none of them.
Lines of statistics (``mean``, ``25%`` …) show no rows. Values are compared as they are printed, to
the digits that are there; none is kept.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.hygiene.columns import SPLIT, Words, columns_of
from workbench.hygiene.rows import Line, Table, lines_of
from workbench.origin.record import Repeat
from workbench.training import kinds
from workbench.training.settings import clean

__all__ = ["Output", "outputs_of", "repeats"]

MAX_FILE = 200 * 2**20  # bytes of a notebook
MAX_TEXT = 2_000_000  # characters of one output
MAX_LINES = 3000  # of all outputs
MAX_WORDS = 300  # of one line
MAX_REPEATS = 200
CELL_END = re.compile(r"</t[dh]\s*>", re.IGNORECASE)
ROW_END = re.compile(r"</tr\s*>|<br\s*/?>|</p>|</div>", re.IGNORECASE)
HIDDEN = re.compile(r"<(style|script)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
TAG = re.compile(r"<[^<>]*>")
FORMS = ("text/html", "text/plain", "text/markdown", "text/latex", "application/json")


@dataclass(frozen=True)
class Output:
    """What one cell shows, as text with one row of a table in a line."""

    where: str  # In [7]
    text: str


def outputs_of(file: Path) -> tuple[list[Output], list[str]]:
    """Return the outputs of a notebook's file, and a sentence for what could not be read."""
    try:
        if file.stat().st_size > MAX_FILE:
            return [], ["The notebook is too large to look for rows of data in its outputs."]
        cells = list(json.loads(file.read_text("utf-8"))["cells"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return [], ["The notebook's file could not be read to look for rows in its outputs."]
    found: list[Output] = []
    for number, cell in enumerate(cells, 1):
        try:
            run = cell.get("execution_count")
            where = f"In [{run}]" if type(run) is int else f"cell {number}"
            found += [
                Output(where, text) for one in cell.get("outputs", ()) for text in _texts(one)
            ]
        except (AttributeError, TypeError):  # not as the format has it
            continue
    return found, []


def _texts(output: Mapping[str, Any]) -> Iterator[str]:
    if "text" in output:
        yield _joined(output["text"])
    if "evalue" in output:
        yield _joined(output["evalue"])
    data = output.get("data", {})
    for form in FORMS:
        if form in data:
            text = _joined(data[form])
            yield _as_lines(text) if form == "text/html" else text


def _joined(text: object) -> str:
    if isinstance(text, str):
        return text
    if isinstance(text, list) and all(isinstance(one, str) for one in text):
        return "".join(text)
    return json.dumps(text)


def _as_lines(page: str) -> str:
    """Return a page's text with one row of a table in a line."""
    page = HIDDEN.sub(" ", page[: 5 * MAX_TEXT].replace("\n", " "))
    page = ROW_END.sub("\n", CELL_END.sub("\t", page))
    return html.unescape(TAG.sub(" ", page))


def repeats(
    outputs: Path | Iterable[Output], frames: Mapping[str, object]
) -> tuple[tuple[Repeat, ...], list[str]]:
    """Return which outputs show how many rows of the data, and a sentence for what was not read.

    Args:
        outputs: a notebook's file, or what cells showed.
        frames: the training data by name: tables, or arrays of n or n × columns.
    """
    gaps: list[str] = []
    if isinstance(outputs, Path):
        outputs, gaps = outputs_of(outputs)
    if kinds.loaded("numpy") is None:
        return (), gaps
    pages = list(_pages(outputs, gaps))
    words = Words.of(line.texts for _, lines in pages for line in lines)
    known = []
    for name, value in frames.items():
        columns, more = columns_of(name, value, words)
        gaps += more
        known.append(Table(columns))
    shown: dict[str, _Shown] = {}
    for where, lines in pages:
        for number, table in enumerate(known):
            rows, names = table.shown(lines)
            if rows:
                shown.setdefault(where, _Shown()).add(number, rows, names)
    found = [one.repeat(where) for where, one in shown.items()]
    return tuple(found[:MAX_REPEATS]), gaps


@dataclass
class _Shown:
    """What the outputs of one cell show: a table may be there as text and once more as HTML."""

    rows: dict[int, set[int]] = field(default_factory=dict)
    names: dict[str, None] = field(default_factory=dict)

    def add(self, table: int, rows: set[int], names: list[str]) -> None:
        self.rows.setdefault(table, set()).update(rows)
        self.names |= dict.fromkeys(clean(name) or "column" for name in names)

    def repeat(self, where: str) -> Repeat:
        most = max(len(rows) for rows in self.rows.values())  # X and y are of the same rows
        return Repeat(where=clean(where), rows=most, columns=tuple(self.names))


def _pages(outputs: Iterable[Output], gaps: list[str]) -> Iterator[tuple[str, list[Line]]]:
    """Return the lines of each cell's outputs, together at most 3000."""
    left = MAX_LINES
    for output in outputs:
        text = output.text[:MAX_TEXT]
        lines = [line for line in text.split("\n") if line.strip()]
        if len(lines) > left or len(output.text) > MAX_TEXT:
            gaps.append(f"Only the beginning of the output of {clean(output.where)} was searched.")
        words = [list(filter(None, SPLIT.split(line)))[:MAX_WORDS] for line in lines[:left]]
        left -= len(words)
        yield output.where, lines_of(words)
