"""What a query reads by its names: tables and quoted files, never a value."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.senses.queries import Quoted, quoted_files, tables


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("SELECT * FROM a", ["a"]),
        ("select * from a join b on a.x = b.y left outer join s.c using (x)", ["a", "b", "s.c"]),
        ("SELECT * FROM a, b AS c, d WHERE x IN (1, 2)", ["a", "b", "d"]),
        ("SELECT x FROM a ORDER BY y, z", ["a"]),
        ("SELECT * FROM (SELECT * FROM inner_one) AS t, outer_one", ["inner_one", "outer_one"]),
        ("WITH t AS (SELECT 1 FROM r.x), u (a) AS (SELECT 2) SELECT * FROM t, u, v", ["r.x", "v"]),
        ("SELECT EXTRACT(YEAR FROM born), TRIM(BOTH FROM name) FROM people", ["people"]),
        ("SELECT a IS DISTINCT FROM b FROM t", ["t"]),
        ("SELECT * FROM generate_series(1, 3)", []),
        ("SELECT * FROM a -- FROM b\n JOIN c ON 1=1 /* JOIN d */", ["a", "c"]),
        ("SELECT * FROM a WHERE x = 'from b' AND y = $$ FROM c $$", ["a"]),
        ("SELECT 'it''s from x' FROM a", ["a"]),
        ('SELECT * FROM "Odd Name"."Tab" JOIN `b` JOIN [dbo].[C]', ["Odd Name.Tab", "b", "dbo.C"]),
        ("DELETE FROM a", ["a"]),
        ("SELECT * FROM 'file.csv'", []),
        ("SELECT * FROM a LEFT JOIN LATERAL (SELECT 1 FROM b) q ON TRUE", ["a", "b"]),
        ("SELECT 1", []),
        ("", []),
    ],
)  # fmt: skip
def test_tables(query: str, found: list[str]) -> None:
    """What follows FROM and JOIN, but what the query defines itself, functions and subqueries."""
    assert list(tables(query)) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("SELECT * FROM 'a.csv' JOIN 'b' USING (x)", [Quoted("a.csv"), Quoted("b")]),
        ("SELECT * FROM read_csv('a.csv', delim=',', header=true)", [Quoted("a.csv")]),
        ("FROM read_parquet(['a', 'b'])", [Quoted("a"), Quoted("b")]),
        ("FROM parquet_scan('a') WHERE name = 'anna'", [Quoted("a")]),
        ("ATTACH 'x.db' AS x", [Quoted("x.db")]),
        ("COPY t TO 'out.csv'", [Quoted("out.csv", wrote=True)]),
        ("COPY t FROM 'in.csv'", [Quoted("in.csv")]),
        ("SELECT * FROM t WHERE name IN ('anna', 'a.csv')", []),
        ("SELECT 'a.csv' AS from_nowhere", []),
    ],
)  # fmt: skip
def test_quoted_files(query: str, found: list[Quoted]) -> None:
    """Literals where data is read from or written to, and no others."""
    assert list(quoted_files(query)) == found


@settings(deadline=None)
@given(st.text(st.characters(exclude_characters="'\\", exclude_categories=["Cs"]), max_size=30))
def test_a_literal_is_never_a_table(value: str) -> None:
    """Whatever a query compares with stays in it."""
    assert tables(f"SELECT * FROM cohort WHERE name = '{value}' AND x = 1") == ("cohort",)


@settings(deadline=None)
@given(st.text(string.printable, max_size=80))
def test_any_text(text: str) -> None:
    """Nothing raises, and a table's name is a plain one."""
    for name in tables(text):
        assert name.isprintable()
        assert "'" not in name
    assert all(isinstance(one, Quoted) for one in quoted_files(text))


def test_long_queries_are_cut() -> None:
    """A query of megabytes costs a bounded time and names a bounded number of tables."""
    assert len(tables("SELECT 1 FROM " + ", ".join(f"t{n}" for n in range(100_000)))) == 50
    assert tables("(" * 100_000) == ()
    assert tables("'" + "x" * 1_000_000) == ()
