"""A file that one cell writes and another reads holds what was written to it, by whomever."""

from __future__ import annotations

import pytest

from tests.unit.capture.notebook import Notebook, notebook

__all__ = ["notebook"]


@pytest.mark.parametrize(
    "cells",
    [
        ["with open('z', 'w') as f:\n    f.write(open('a.csv').read())"],
        ["f = open('z', 'w')", "f.write(open('a.csv').read())", "f.close()"],
        ["f = open('z', 'w')\ng = f", "print(open('a.csv').read(), file=g, flush=True)"],
        [
            "rows = csv.reader(open('a.csv'))\nwith open('z', 'w') as f:\n"
            "    w = csv.writer(f)\n    for row in rows:\n        w.writerow(row)",
        ],
        ["with zipfile.ZipFile('z', 'w') as f:\n    f.write('a.csv')"],
        [
            "t = open('a.csv', 'rb').read()\nwith open('z', 'wb') as raw:\n"
            "    with gzip.GzipFile(fileobj=raw, mode='wb') as f:\n        f.write(t)",
        ],
    ],
)
def test_a_file_written_through_a_handle(notebook: Notebook, cells: list[str]) -> None:
    """What was written to it after it was opened is in it."""
    notebook.write("a.csv")
    notebook.write("b.csv")
    notebook.ok("import csv, gzip, os, zipfile", *cells, "back = open('z', 'rb').read()")
    assert "a.csv" in notebook.sources("back")
    assert notebook.sources("back") <= {"a.csv", "z"}


def test_what_only_takes_from_a_handle_did_not_write(notebook: Notebook) -> None:
    """A database that the notebook made and asked is not made of the answers."""
    notebook.write("a.csv")
    notebook.write("b.csv")
    notebook.ok(
        "import sqlite3\nimport pandas as pd",
        "con = sqlite3.connect('made.sqlite')\npd.read_csv('a.csv').to_sql('t', con)",
        "both = pd.read_sql('select * from t', con).merge(pd.read_csv('b.csv'))",
        "con.close()\ncon = sqlite3.connect('made.sqlite')",
        "back = pd.read_sql('select * from t', con)",
    )
    assert notebook.sources("back") <= {"a.csv", "made.sqlite"}


def test_what_a_statement_wrote_itself_is_no_source(notebook: Notebook) -> None:
    """Its own product was not there before."""
    notebook.write("a.csv")
    notebook.ok(
        "def twice(text):\n    open('z', 'w').write(text)\n    return open('z').read()",
        "back = twice(open('a.csv').read())",
    )
    assert notebook.sources("back") == {"a.csv"}
