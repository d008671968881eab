"""All instructions of pickles, protocols 0 to 5, by their byte.

The meaning is that of ``pickle.py`` and ``_pickle.c`` of CPython. Where those two differ, or where
they accept what no pickler writes, the stream counts as broken, which is unsafe.
"""

from __future__ import annotations

from collections.abc import Callable

from workbench.scanning.asking import ASKING
from workbench.scanning.constants import CONSTANTS, INDEX, SHORT, whole
from workbench.scanning.gathering import GATHERING
from workbench.scanning.memory import Memory
from workbench.scanning.reader import Broken

__all__ = ["INSTRUCTIONS", "SHORT"]


def _mark(m: Memory) -> None:
    m.marks.append(m.stack)
    m.stack = []


def _pop(m: Memory) -> None:
    if m.stack:
        m.stack.pop()
    else:
        m.pop_mark()


def _pop_mark(m: Memory) -> None:
    m.pop_mark()


def _frame(m: Memory) -> None:
    length = m.reader.number(8)
    if m.frame > m.reader.offset or length > m.reader.left:
        m.odd("a frame")  # one reader stops, another takes no notice of it
        return
    m.frame = m.reader.offset + length
    m.framed = True


def _protocol(m: Memory) -> None:
    version = m.reader.number(1)
    if version > m.VERSION:
        raise Broken(f"PROTO {version}", "It is of a version that is not known.")
    m.protocol = version


INSTRUCTIONS: dict[int, Callable[[Memory], None]] = {
    **CONSTANTS,
    **GATHERING,
    **ASKING,
    ord("("): _mark,
    ord("0"): _pop,
    ord("1"): _pop_mark,
    ord("2"): lambda m: m.stack.append(m.stack[-1]),
    ord("g"): lambda m: m.get(whole(m, m.reader.line(), INDEX)),
    ord("h"): lambda m: m.get(m.reader.number(1)),
    ord("j"): lambda m: m.get(m.reader.number(4)),
    ord("p"): lambda m: m.put(whole(m, m.reader.line(), INDEX)),
    ord("q"): lambda m: m.put(m.reader.number(1)),
    ord("r"): lambda m: m.put(m.reader.number(4)),
    0x94: lambda m: m.memoize(),
    0x80: _protocol,
    0x95: _frame,
}
