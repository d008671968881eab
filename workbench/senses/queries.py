"""What a query reads, as far as names say: its tables, and the files that it quotes.

A tolerant scanner, no parser: dialects differ, and a query that is not understood names nothing. A
literal is never returned as a table, and only a literal that stands where data is read from is
returned as a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Quoted", "quoted_files", "tables"]

MAX_QUERY = 200_000  # characters looked at
MAX_TABLES = 50
MAX_COLUMNS = 100  # words looked at in the bracket after a name that WITH defines
_TOKEN = re.compile(
    r"""
    (?P<comment> --[^\n]* | \#(?![>-])[^\n]* | /\*.*?(?:\*/|\Z) )
  | (?P<dollar>  \$(\w*)\$.*?(?:\$\3\$|\Z) )
  | (?P<literal> '(?:[^'\\]|''|\\.)*(?:'|\Z) )
  | (?P<name>    "(?:[^"]|"")+" | `[^`]+` | \[[^\]\[']+\] | [^\W\d][\w$]* )
  | (?P<other>   \S )
    """,
    re.VERBOSE | re.DOTALL,
)
_PLAIN = re.compile(r"[\w$-]{1,128}(?: [\w$-]{1,128}){0,4}")
_NOT_TABLES = {
    *("select", "lateral", "unnest", "values", "only", "where", "set", "table", "dual"),
    *("group", "order", "limit", "on", "using", "union", "inner", "left", "right", "join"),
}
_WITH_FROM = {"extract", "substring", "trim", "overlay", "position"}  # FROM is no clause in these
_AS = {"as", "using", "where", "on", "join", "group", "order", "limit", "union", "inner", "left"}


@dataclass(frozen=True)
class _Word:
    kind: str
    text: str

    @property
    def lower(self) -> str:
        return self.text.lower() if self.kind == "name" else self.text


@dataclass(frozen=True)
class Quoted:
    """A literal in a place where a file is named; ``wrote`` where it is written to."""

    text: str
    wrote: bool = False


def tables(query: str) -> tuple[str, ...]:
    """Return the tables that follow FROM and JOIN, in order: ``cohort``, ``icu.stays``.

    Names that the query itself defines (WITH) are left out, and so are functions and subqueries.
    """
    words = list(_words(query))
    defined = _defined(words)
    found: dict[str, None] = {}
    for start in _places(words):
        name = _name(words, start)
        if name and name.lower() not in defined:
            found.setdefault(name)
    return tuple(found)[:MAX_TABLES]


def quoted_files(query: str) -> tuple[Quoted, ...]:
    """Return the literals that stand where DuckDB reads or writes a file.

    After FROM, JOIN, ATTACH and TO; as an argument of a reading function; in a list of those.
    """
    words = list(_words(query))
    found: dict[Quoted, None] = {}
    inside = False
    for index, word in enumerate(words):
        before = words[index - 1].lower if index else ""
        if word.text == "(":
            inside = bool(re.match(r"(?:read_|parquet_|sniff_|glob\b|\w+_scan)", before))
        elif word.text == ")":
            inside = False
        elif word.kind == "literal":
            place = before in ("from", "join", "attach", "database", "to")
            if place or (inside and before in ("(", "[", ",")):
                text = word.text[1:-1].replace("''", "'")
                found.setdefault(Quoted(text, wrote=before == "to"))
    return tuple(found)[:MAX_TABLES]


def _words(query: str) -> Iterator[_Word]:
    for match in _TOKEN.finditer(query[:MAX_QUERY]):
        kind = match.lastgroup or "other"
        if kind not in ("comment", "dollar"):
            yield _Word(kind, match[0])


def _places(words: list[_Word]) -> Iterator[int]:
    """The positions at which a table may be named."""
    functions: list[str] = []  # the word before each bracket that is open
    listing: list[bool] = [False]  # in each bracket: are we between FROM and the next clause
    for index, word in enumerate(words):
        if word.text == "(":
            functions.append(words[index - 1].lower if index else "")
            listing.append(False)
        elif word.text == ")" and functions:
            functions.pop()
            listing.pop()
        elif word.lower in ("from", "join") and not (functions and functions[-1] in _WITH_FROM):
            if index and words[index - 1].lower == "distinct" and word.lower == "from":
                continue  # IS DISTINCT FROM
            listing[-1] = True
            yield index + 1
        elif word.text == "," and listing[-1]:
            yield index + 1
        elif word.lower in _NOT_TABLES:
            listing[-1] = False


def _name(words: list[_Word], start: int) -> str:
    parts: list[str] = []
    index = start
    while index < len(words) and words[index].kind == "name":
        word = words[index]
        if not parts and (word.lower in _NOT_TABLES):
            return ""
        plain = word.text.strip('"`[]').replace('""', '"')
        if not _PLAIN.fullmatch(plain):
            return ""
        parts.append(plain)
        if index + 1 >= len(words) or words[index + 1].text != ".":
            break
        index += 2
    followed = words[index + 1].text if parts and index + 1 < len(words) else ""
    return "" if followed == "(" else ".".join(parts)


def _defined(words: list[_Word]) -> set[str]:
    """The names that WITH gives to parts of the query: ``name AS (`` or ``name (columns) AS (``."""
    if not any(word.lower == "with" for word in words):
        return set()
    found = set()
    for index, word in enumerate(words[:-2]):
        if word.kind != "name" or word.lower in _AS:
            continue
        after = [one.lower for one in words[index + 1 : index + 4]]
        if after[:2] == ["as", "("] or (after[:1] == ["as"] and after[1:] == ["materialized", "("]):
            found.add(word.text.strip('"`[]').lower())
        if after[:1] == ["("] and _as_follows(words[index + 1 : index + MAX_COLUMNS]):
            found.add(word.text.strip('"`[]').lower())
    return found


def _as_follows(words: list[_Word]) -> bool:
    """Whether ``AS (`` follows the bracket that words begin with: a part with named columns."""
    close = next((index for index, word in enumerate(words) if word.text == ")"), len(words))
    return [word.lower for word in words[close + 1 : close + 3]] == ["as", "("]
