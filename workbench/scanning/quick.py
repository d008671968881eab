"""The frequent instructions of a pickle, read right from the window on the stream.

Models and tables of many small parts are made of millions of these. Each gets the memory, the
bytes of the window and its own place in them, and returns the place of the next instruction; the
window reaches far enough beyond an instruction that none has to read on. What is not as simple as
it mostly is, such as a long text, is left to the thorough form of the same instruction. Runs of
plain numbers that go into a list or dictionary are recognised as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from struct import Struct

from workbench.scanning.constants import SHORT
from workbench.scanning.hashing import PARTED
from workbench.scanning.instructions import INSTRUCTIONS
from workbench.scanning.memory import Memory
from workbench.scanning.reader import Broken
from workbench.scanning.values import NUMBER, ONLY_TEXTS, Listing, Table

__all__ = ["ELSEWHERE", "STEPS", "STOPPED", "THOROUGH"]

Step = Callable[[Memory, bytes, int], int]  # memory, window, place → the next place
ELSEWHERE = 1 << 62  # the window may have moved: the reader knows the place
STOPPED = ELSEWHERE + 1
_FOUR = Struct("<I").unpack_from
_SIGNED = Struct("<i").unpack_from
_PLAIN = rb"(?:G.{8}|K.|M..|J.{4}|[N\x88\x89])"
_ROWS = re.compile(rb"\(" + _PLAIN + rb"*+e", re.DOTALL)
_NUMBERS = re.compile(rb"\]\x94(?:" + _PLAIN + rb"a|\(" + _PLAIN + rb"*+e)", re.DOTALL)
_KEYS = re.compile(rb"\((?:" + _PLAIN + _PLAIN + rb")*+u", re.DOTALL)


def _thorough(m: Memory, data: bytes, at: int) -> int:
    m.started = m.reader.start + at
    m.reader.at = at + 1
    instruction = INSTRUCTIONS.get(data[at])
    if instruction is None:
        what = f"the byte {data[at]:#04x}"
        raise Broken(what, "There is an instruction that no pickle has.")
    instruction(m)
    return ELSEWHERE


def _still(instruction: Callable[[Memory], None]) -> Step:
    """Return an instruction that is a single byte and leaves the window where it is."""

    def step(m: Memory, _: bytes, at: int) -> int:
        m.started = m.reader.start + at
        instruction(m)
        return at + 1

    return step


def _memoize(m: Memory, _: bytes, at: int) -> int:
    memo = m.memo
    if memo.gapped:
        m.memoize()
    else:
        memo.append(m.stack[-1])
    return at + 1


def _binput(m: Memory, data: bytes, at: int) -> int:
    memo = m.memo
    if data[at + 1] != len(memo) or memo.gapped:
        return _thorough(m, data, at)
    memo.append(m.stack[-1])
    return at + 2


def _long_binput(m: Memory, data: bytes, at: int) -> int:
    memo = m.memo
    if len(data) < at + 5 or _FOUR(data, at + 1)[0] != len(memo) or memo.gapped:
        return _thorough(m, data, at)
    memo.append(m.stack[-1])
    return at + 5


def _binget(m: Memory, data: bytes, at: int) -> int:
    memo = m.memo
    if memo.gapped:
        return _thorough(m, data, at)
    value = memo[data[at + 1]]
    m.stack.append(value)
    return at + 2


def _long_binget(m: Memory, data: bytes, at: int) -> int:
    memo = m.memo
    if len(data) < at + 5 or memo.gapped:
        return _thorough(m, data, at)
    value = memo[_FOUR(data, at + 1)[0]]
    m.stack.append(value)
    return at + 5


def _short_text(m: Memory, data: bytes, at: int) -> int:
    length = data[at + 1]
    if length > SHORT:
        return _thorough(m, data, at)
    end = at + 2 + length
    value = data[at + 2 : end].decode("utf-8", "surrogatepass")
    m.stack.append(value)
    if data[end : end + 1] != b"\x94" or m.memo.gapped:
        return end
    m.memo.append(value)  # as nearly all texts are, at once
    return end + 1


def _text(m: Memory, data: bytes, at: int) -> int:
    if len(data) < at + 5:
        return _thorough(m, data, at)
    length = _FOUR(data, at + 1)[0]
    if length > SHORT:
        return _thorough(m, data, at)
    end: int = at + 5 + length
    m.stack.append(data[at + 5 : end].decode("utf-8", "surrogatepass"))
    return end


def _short_bytes(m: Memory, data: bytes, at: int) -> int:
    length = data[at + 1]
    if length > SHORT:
        return _thorough(m, data, at)
    end = at + 2 + length
    m.stack.append(data[at + 2 : end])
    return end


def _int1(m: Memory, data: bytes, at: int) -> int:
    m.stack.append(data[at + 1])
    return at + 2


def _int2(m: Memory, data: bytes, at: int) -> int:
    m.stack.append(data[at + 1] | data[at + 2] << 8)
    return at + 3


def _int4(m: Memory, data: bytes, at: int) -> int:
    if len(data) < at + 5:
        return _thorough(m, data, at)
    m.stack.append(_SIGNED(data, at + 1)[0])
    return at + 5


def _float(m: Memory, _: bytes, at: int) -> int:
    m.stack.append(NUMBER)
    return at + 9


def _none(m: Memory, _: bytes, at: int) -> int:
    m.stack.append(None)
    return at + 1


def _true(m: Memory, _: bytes, at: int) -> int:
    m.stack.append(True)
    return at + 1


def _false(m: Memory, _: bytes, at: int) -> int:
    m.stack.append(False)
    return at + 1


def _empty_list(m: Memory, data: bytes, at: int) -> int:
    made = Listing()
    m.stack.append(made)
    match = _NUMBERS.match(data, at)
    if match is None or m.memo.gapped:
        return at + 1
    m.memo.append(made)
    made.plain = False
    return match.end()


def _empty_dict(m: Memory, _: bytes, at: int) -> int:
    m.stack.append(Table())
    return at + 1


def _empty_tuple(m: Memory, _: bytes, at: int) -> int:
    m.stack.append(())
    return at + 1


def _tuple1(m: Memory, data: bytes, at: int) -> int:
    if m.watch:
        return _thorough(m, data, at)
    stack = m.stack
    stack[-1] = (stack[-1],)
    m.held += 1
    return at + 1


def _tuple2(m: Memory, data: bytes, at: int) -> int:
    if m.watch:
        return _thorough(m, data, at)
    stack = m.stack
    last = stack.pop()
    stack[-1] = (stack[-1], last)
    m.held += 2
    return at + 1


def _tuple3(m: Memory, data: bytes, at: int) -> int:
    if m.watch:
        return _thorough(m, data, at)
    stack = m.stack
    last = stack.pop()
    second = stack.pop()
    stack[-1] = (stack[-1], second, last)
    m.held += 3
    return at + 1


def _mark(m: Memory, data: bytes, at: int) -> int:
    stack = m.stack
    target = stack[-1] if stack else None
    if isinstance(target, Table) and (match := _KEYS.match(data, at)):
        target.odd = target.odd or match.end() > at + 2
        return match.end()
    if isinstance(target, Listing) and (match := _ROWS.match(data, at)):
        if match.end() > at + 2:
            target.plain, target.texts = False, ()
        return match.end()
    m.marks.append(stack)
    m.stack = []
    return at + 1


def _append(m: Memory, data: bytes, at: int) -> int:
    """Anything that has no parts, into a list."""
    stack = m.stack
    value = stack.pop()
    target = stack[-1]
    if m.watch or type(value) in PARTED or not isinstance(target, Listing):
        stack.append(value)
        return _thorough(m, data, at)
    if type(value) is str:
        target.extend([value], ONLY_TEXTS)
    else:
        target.plain, target.texts = False, ()
    return at + 1


def _stop(m: Memory, _: bytes, at: int) -> int:
    m.reader.at = at + 1
    return STOPPED


_STILL = b"R\x81\x92\x93Qotelsud012\x8f\x90\x91\x98"
_QUICK: dict[int, Step] = {
    ord("."): _stop,
    ord("("): _mark,
    ord("N"): _none,
    0x88: _true,
    0x89: _false,
    ord("K"): _int1,
    ord("M"): _int2,
    ord("J"): _int4,
    ord("G"): _float,
    ord("C"): _short_bytes,
    ord("X"): _text,
    0x8C: _short_text,
    0x94: _memoize,
    ord("q"): _binput,
    ord("r"): _long_binput,
    ord("h"): _binget,
    ord("j"): _long_binget,
    ord("]"): _empty_list,
    ord("}"): _empty_dict,
    ord(")"): _empty_tuple,
    0x85: _tuple1,
    0x86: _tuple2,
    0x87: _tuple3,
    ord("a"): _append,
}
# What to do at each byte; and the same without any haste, which the other is measured against.
THOROUGH: list[Step] = [_thorough] * 256
THOROUGH[ord(".")] = _stop
STEPS = THOROUGH[:]
for _byte in _STILL:
    STEPS[_byte] = _still(INSTRUCTIONS[_byte])
for _byte, _step in _QUICK.items():
    STEPS[_byte] = _step
