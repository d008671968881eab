"""Which cell is which, and what changed in its lines: the same from both ends."""

from __future__ import annotations

import difflib

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.origin.samples import ANY, notebook, notebooks, turned_lines
from workbench.encoding import digest
from workbench.origin import cells
from workbench.origin.record import Cell, Notebook

CODE_LINES = st.lists(st.sampled_from("abc"), max_size=9)


@ANY
@given(CODE_LINES, CODE_LINES)
def test_the_lines_rebuild_both_sides(old: list[str], new: list[str]) -> None:
    """Short code is shown whole, so each side can be read off; as difflib does it."""
    shown = cells.lines("\n".join(old), "\n".join(new))
    if len(old) <= 3 and len(new) <= 3 and old != new:
        assert [line[1:] for line in shown if line[0] in " -"] == old
        assert [line[1:] for line in shown if line[0] in " +"] == new
    theirs = [
        line
        for line in difflib.unified_diff(old, new, lineterm="")
        if not line.startswith(("---", "+++", "@@"))
    ]
    if old <= new:
        assert [line for line in shown if line != " …"] == theirs
    assert bool(shown) == (old != new)


@ANY
@given(CODE_LINES, CODE_LINES)
def test_the_lines_are_mirrored(old: list[str], new: list[str]) -> None:
    """Also where difflib alone would choose others."""
    before, after = "\n".join(old), "\n".join(new)
    assert turned_lines(cells.lines(before, after)) == cells.lines(after, before)


@ANY
@given(st.permutations(range(6)), st.permutations(range(6)), st.sampled_from((1, 2, 6)))
def test_pairs_and_places_are_mirrored(old: list[int], new: list[int], kinds: int) -> None:
    """Cells that are alike or the same, in any two orders, known by identifier or not."""
    for known in (True, False):
        before, after = (
            tuple(
                Cell(
                    execution=place,
                    cell=f"cell-{n}" if known else "",
                    digest=digest(b"%d" % (n % kinds)),
                    code=f"fit(x, {n % kinds})",
                )
                for place, n in enumerate(order)
            )
            for order in (old, new)
        )
        there, back = cells.paired(before, after), cells.paired(after, before)
        assert {(p.after, p.before) for p in there} == {(p.before, p.after) for p in back}
        places = {pair.after: pair.before for pair in there}
        elsewhere = {places[place] for place in cells.moved(there, before, after)}
        assert elsewhere == cells.moved(back, after, before)
        if kinds == 1:
            assert elsewhere == set()


@ANY
@given(st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=4), max_size=8))
def test_likeness_is_mirrored(code: list[list[str]]) -> None:
    """Where several cells are equally alike, the same ones belong together."""
    half = len(code) // 2
    old, new = (
        cells.latest(notebook(*(" ".join(words) for words in some), ids=False).cells)
        for some in (code[:half], code[half:])
    )
    there, back = cells.paired(old, new), cells.paired(new, old)
    assert {(p.after, p.before) for p in there} == {(p.before, p.after) for p in back}


@ANY
@given(notebooks(), notebooks())
def test_every_cell_is_in_one_pair(before: Notebook, after: Notebook) -> None:
    """None is lost, none is counted twice, and none is paired with nothing on both sides."""
    old, new = cells.latest(before.cells), cells.latest(after.cells)
    pairs = cells.paired(old, new)
    assert [p.after for p in pairs if p.after is not None] == list(range(len(new)))
    assert sorted(p.before for p in pairs if p.before is not None) == list(range(len(old)))


def test_long_changes_are_cut_and_say_so() -> None:
    """Neither lines nor characters are without bound."""
    many = "\n".join(f"line {n}" for n in range(cells.MAX_COMPARED + 5))
    shown = cells.lines("", many)
    assert len(shown) == cells.MAX_LINES + 2
    assert shown[-2:] == (
        f" … {cells.MAX_COMPARED - cells.MAX_LINES} more lines are not shown",
        " … 5 more lines were not compared",
    )
    [line] = cells.lines("", "x" * 5000)
    assert len(line) < 500
    assert line.endswith("x…")


def test_lines_far_apart_are_shown_apart() -> None:
    """With dots between, where what is the same was left out."""
    old = [f"line {n}" for n in range(30)]
    new = ["first", *old[1:-1], "last"]
    shown = cells.lines("\n".join(old), "\n".join(new))
    assert shown.count(" …") == 1
    assert [line for line in shown if line[0] != " "] == [
        *("-line 0", "+first", "-line 29", "+last"),
    ]
