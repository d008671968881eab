"""Which files a command line names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from workbench.senses.commands import arguments, named_files, shell_words


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["cat", "a.csv", b"b.csv", Path("c.csv")], ["a.csv", "b.csv", "c.csv"]),
        ("cat 'a b.csv'", ["a b.csv"]),
        (["/bin/sh", "-c", "sort < a.csv > out.csv"], ["sort", "<", "a.csv", ">"]),
        (["bash", "run.sh"], ["run.sh"]),
        (["true"], []),
    ],
)  # fmt: skip
def test_arguments(words: Any, found: list[str]) -> None:
    """Those of a program, and those that a shell will make; not where output goes."""
    assert arguments(words) == found


def test_an_unclosed_quote_ends_the_words() -> None:
    """What came before it counts."""
    assert list(shell_words("cat a.csv 'b")) == ["cat", "a.csv"]


def test_options_may_have_files(tmp_path: Path) -> None:
    """``--data=a.csv`` is looked at as a whole and by what follows the sign."""
    assert list(named_files(["--data=a.csv", ""], str(tmp_path))) == [
        f"{tmp_path}/--data=a.csv",
        f"{tmp_path}/a.csv",
    ]


def test_long_command_lines_are_cut() -> None:
    """A command of a million words costs a bounded time."""
    assert len(arguments(["ls", *map(str, range(1_000_000))])) < 1000
