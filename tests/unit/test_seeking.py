"""A stream that is read from any place behaves as one in memory does."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.seeking import Seeking

DATA = bytes(range(100))


class Few(Seeking):
    """Gives a few bytes at a time, as files and unpackers may."""

    def fill(self, start: int, view: memoryview) -> int:
        piece = DATA[start : start + min(7, len(view))]
        view[: len(piece)] = piece
        return len(piece)


MOVES = st.tuples(st.integers(-120, 120), st.sampled_from([0, 1, 2]), st.integers(0, 30))


@given(st.lists(MOVES, max_size=20), st.booleans())
def test_it_reads_like_a_stream_in_memory(moves: list[tuple[int, int, int]], raw: bool) -> None:
    ours = io.BufferedReader(Few(len(DATA)), 16)
    theirs = io.BytesIO(DATA)
    if raw:
        assert Few(len(DATA)).readall() == DATA
    for offset, whence, size in moves:
        place = {0: 0, 1: theirs.tell(), 2: len(DATA)}[whence] + offset
        if place < 0:  # in memory, such a place is the start; in a file there is none
            with pytest.raises((ValueError, OSError)):
                ours.seek(offset, whence)
            ours.seek(theirs.tell())
            continue
        assert ours.seek(offset, whence) == theirs.seek(offset, whence) == ours.tell()
        assert ours.read(size) == theirs.read(size)


def test_there_is_no_place_from_nowhere() -> None:
    with pytest.raises(ValueError, match="no such place"):
        Few(len(DATA)).seek(0, 3)
