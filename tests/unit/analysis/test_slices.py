"""Which lines of a loop lead to what it makes."""

from __future__ import annotations

import pytest

from workbench.analysis.slices import leading_lines

LOOP = """for week in weeks:
    try:
        frame = read(week)
    except OSError:
        continue
    frames.append(frame)
    checks = read_checks(week)
    drift.append(checks.mean())
"""


def test_two_things_made_in_one_loop_are_told_apart() -> None:
    """The head and the lines of the one; the other's are left out, and the other way round."""
    assert leading_lines(LOOP, {"frames"}) == {1, 2, 3, 6}
    assert leading_lines(LOOP, {"drift"}) == {1, 7, 8}
    assert leading_lines(LOOP, {"frames", "drift"}) == {1, 2, 3, 6, 7, 8}


@pytest.mark.parametrize(
    ("code", "wanted", "lines"),
    [
        ("if a:\n    x = read()\nelse:\n    y = read2()\n", {"y"}, {1, 4}),
        ("with open(p) as f:\n    x = f.read()\n    z = other()\n", {"x"}, {1, 2}),
        ("for i in r:\n    b = a\n    a = read(i)\n    c = log(i)\n", {"b"}, {1, 2, 3}),
        ("while more():\n    a, b = read()\n    d = c\n    c = a\n", {"d"}, {1, 2, 3, 4}),
        ("for i in r:\n    store(box, read(i))\n    n = count(i)\n", {"box"}, {1, 2}),
        ("for i in r:\n    exec(code)\n    n = count(i)\n", {"x"}, {1, 2}),
        ("for i in r:\n    x = (\n        read(i)\n    )\n    y = 1\n", {"x"}, {1, 2, 3, 4}),
        (
            "match kind:\n    case 1:\n        x = read()\n    case _:\n        y = 2\n",
            {"x"},
            {1, 2, 3},
        ),
    ],
)
def test_by_names_in_any_order(code: str, wanted: set[str], lines: set[int]) -> None:
    """Through aliases and earlier rounds, changes by calls included; code unseen may do all."""
    assert leading_lines(code, wanted) == lines


@pytest.mark.parametrize("code", ["x = 1", "def f():\n    x = 1", "class A:\n    x = 1", "for", ""])
def test_only_of_blocks_that_run(code: str) -> None:
    """A plain statement, a definition, or what is no Python has no slice."""
    assert leading_lines(code, {"x"}) is None
