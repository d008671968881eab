"""What a cached function had read in an earlier cell belongs to whoever is given it later."""

from __future__ import annotations

import gc
import weakref

import pytest

from tests.unit.capture.notebook import Notebook, notebook
from workbench.capture.memories import Memories

__all__ = ["notebook"]

CACHED = """import functools
import pandas as pd

@functools.lru_cache
def table(name):
    return pd.read_csv(f"{name}.csv")

def both():
    return [table("a"), table("b")]

def other():
    return pd.read_csv("c.csv")
"""


@pytest.fixture
def ward(notebook: Notebook) -> Notebook:
    for name in "abc":
        notebook.write(f"{name}.csv")
    notebook.write("ward_tables.py", CACHED)
    return notebook


@pytest.mark.parametrize(
    ("cell", "call"),
    [
        ("import ward_tables", "ward_tables.table"),
        ("from ward_tables import table", "table"),
        ("import ward_tables as w\ndef call(name):\n    return w.table(name)", "call"),
        (CACHED, "table"),
    ],
)
def test_read_in_an_earlier_cell(ward: Notebook, cell: str, call: str) -> None:
    """The cell that read it is part of it, and no other."""
    ward.ok(cell, f"{call}('a')", f"x = {call}('a')", f"fresh = {call}('b')", "y = x.shape")
    assert ward.sources("x") == {"a.csv"}
    assert ward.sources("y") == {"a.csv"}
    assert ward.sources("fresh") == {"b.csv"}


def test_through_another_name(ward: Notebook) -> None:
    """One cache is one, by whichever way it is reached."""
    ward.ok(
        "import ward_tables\nfrom ward_tables import both, other",
        "ward_tables.table('a')",
        "ward_tables.table('b')",
        "x = both()",
        "y = other()",
    )
    assert ward.sources("x") == {"a.csv", "b.csv"}
    assert ward.sources("y") == {"c.csv"}


def test_a_cache_that_was_emptied(ward: Notebook) -> None:
    """What is read again is read by whoever does."""
    ward.ok("import ward_tables", "ward_tables.table('a')", "ward_tables.table.cache_clear()")
    ward.ok("x = ward_tables.table('a')")
    assert ward.sources("x") == {"a.csv"}
    assert ward.steps("x") == [4]


def test_nothing_is_kept_alive() -> None:
    """A cache goes with the function it belongs to."""
    space: dict[str, object] = {"__name__": "__main__"}
    exec(CACHED, space)  # noqa: S102 - written here
    memories = Memories()
    memories.learn("table", space["table"], space)
    ref = weakref.ref(space["table"])
    space.clear()
    gc.collect()
    assert ref() is None
    assert list(memories.moved()) == []
