"""SQLite databases: values only; what acts when it is used is told of, pickles are looked into.

Triggers and views are statements that run when a table is used, and a virtual table is read by a
module that its name asks for. None of them reaches beyond the database by itself. A value may be a
pickle, as caches and shelves keep them.
"""

from __future__ import annotations

import io
import re
from typing import BinaryIO

from workbench.findings.finding import Level
from workbench.findings.scan import Outcome
from workbench.scanning.contract import Budget, Scan, Scanner, finding
from workbench.scanning.sqlite_pages import Pages, Value
from workbench.scanning.streams import Malformed
from workbench.scanning.wording import escaped, within

__all__ = ["scan_sqlite"]

_COLUMNS = 5  # of the schema: type, name, table, first page, SQL
_ACTS = {"trigger": "a trigger", "view": "a view"}
# What every pickle that asks for a name has: a mark at its start, or an instruction that asks; the
# two that are letters are followed by lines.
_ASKS = re.compile(rb"\A\x80|[\x82-\x84\x93\n]")
_CALLS = {"pickle-call", "pickle-load", "pickle-state"}  # what a text seldom reads as by chance


def scan_sqlite(stream: BinaryIO, place: str, budget: Budget, *, pickles: Scanner) -> Scan:
    """Return what was found in the schema and the rows.

    Args:
        pickles: looks into a value that is a pickle.

    Raises:
        Exhausted: as the budget says.
    """
    scan = Scan("sqlite", reason="It is a database of plain values, and cannot run code.")
    try:
        pages = Pages(stream, budget)
        for row in list(pages.rows(1)):
            what, name, root = _described(row)
            if what == "table" and root:
                for values in pages.rows(root):
                    for value in values:
                        _check_value(value, within(place, name), budget, scan, pickles)
            elif what != "index":
                why = "It keeps a statement that a program runs when it uses a table of it."
                shown = f"{_ACTS.get(what, 'a virtual table')} {escaped(name)}"
                scan.add(finding("sql-kept", place, shown, why, level=Level.note))
    except Malformed as error:
        why = f"It is damaged, so what is in it cannot be known: {error}."
        remedy = "Write the database again, with VACUUM INTO."
        scan.add(finding("damaged", place, "database", why, remedy=remedy))
    return scan


def _described(row: list[Value]) -> tuple[str, str, int]:
    """Return what a row of the schema stands for, its name, and the page that it starts at."""
    if len(row) != _COLUMNS or any(kind < 13 or not kind % 2 for kind, _ in row[:2]):
        raise Malformed("a row of its schema is not known")
    what, name = (raw.replace(b"\0", b"").decode("utf-8", "replace") for _, raw in row[:2])
    what = what.lower()
    kind, raw = row[3]
    if what not in ("table", "index", *_ACTS) or kind > 9:
        raise Malformed("a row of its schema is not known")
    return what, name, 1 if kind == 9 else int.from_bytes(raw, "big")


def _check_value(value: Value, where: str, budget: Budget, scan: Scan, pickles: Scanner) -> None:
    """Look into bytes, and into texts that go over several lines, as a pickle."""
    kind, raw = value
    text = kind >= 13 and kind % 2 == 1
    if kind < 12 or not _ASKS.search(raw) or (text and raw.count(b"\n") < 2):
        return
    found = pickles(io.BytesIO(raw), where, budget)
    if text and not any(one.rule in _CALLS for one in found.findings):
        return
    if found.names or (found.outcome is not Outcome.unsafe and raw[:1] == b"\x80"):
        scan.absorb(found)
