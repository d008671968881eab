"""Names of the notebook inside the text of a query, as pandas and DuckDB look them up."""

from __future__ import annotations

import re

__all__ = ["is_query", "names_in"]

MAX_QUERY = 20_000  # characters gone through
AFTER_AT = re.compile(r"@([^\W\d]\w*)")  # pandas: df.query("age < @limit")
AFTER_FROM = re.compile(r"\b(?:from|join)\s+([^\W\d]\w*)", re.IGNORECASE)
QUERIES = {
    **dict.fromkeys(("query", "eval"), AFTER_AT),
    **dict.fromkeys(("sql", "execute", "sqldf", "from_query"), AFTER_FROM),
}


def is_query(called: str) -> bool:
    """Tell whether a call, as written, is one that takes a query."""
    return called.rpartition(".")[2] in QUERIES


def names_in(called: str, text: object) -> list[str]:
    """Return the names in a text that is handed to a call; none if it takes no query."""
    pattern = QUERIES.get(called.rpartition(".")[2])
    if pattern is None or type(text) is not str:
        return []
    return pattern.findall(text[:MAX_QUERY])
