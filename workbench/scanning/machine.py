"""One pickle, interpreted from its first instruction to STOP; nothing is imported or called.

The most frequent instructions are written out in the loop, and runs of plain numbers that go into
a list or dictionary are recognised as a whole: the rest is a table of small functions.
"""

from __future__ import annotations

import re

from workbench.scanning.instructions import INSTRUCTIONS, SHORT
from workbench.scanning.memory import Memory
from workbench.scanning.reader import Broken
from workbench.scanning.values import EMPTY, NUMBER, TEXT, Listing, Table, Value

__all__ = ["interpret"]

STOP = 0x2E
THREE = b"\0\0\0"  # of the length of a short text
_PLAIN = rb"(?:G.{8}|K.|M..|J.{4}|[N\x88\x89])"
ROWS = re.compile(rb"\(" + _PLAIN + rb"*+e", re.DOTALL)
KEYS = re.compile(rb"\((?:" + _PLAIN + _PLAIN + rb")*+u", re.DOTALL)


def interpret(m: Memory) -> Value:
    """Return what stands for the result of the pickle; the reader is behind its STOP afterwards.

    Raises:
        Broken: it is not what a pickle may be; what was found before that is kept.
        Exhausted: it costs more than the budget allows.
    """
    try:
        return _run(m)
    except UnicodeDecodeError:
        raise Broken("a text", "A text in it is not in the encoding of pickles.") from None
    except IndexError:
        raise Broken("an empty stack", "It uses something that it did not make.") from None


def _run(m: Memory) -> Value:
    reader = m.reader
    stack, memo = m.stack, m.memo
    data, at, edge = reader.data, reader.at, reader.edge
    get, short, watch = INSTRUCTIONS.get, SHORT, m.watch
    while True:
        if at >= edge:
            reader.at = at
            edge = _more(m)
            data, at = reader.data, reader.at
        op = data[at]
        if op == 0x94:  # MEMOIZE
            memo.append(stack[-1])
            at += 1
        elif op == 0x8C and data[at + 1] <= short:  # SHORT_BINUNICODE
            end = at + 2 + data[at + 1]
            stack.append(data[at + 2 : end].decode("utf-8", "surrogatepass"))
            at = end
        elif op == 0x58 and data[at + 1] <= short and data[at + 2 : at + 5] == THREE:  # BINUNICODE
            end = at + 5 + data[at + 1]
            stack.append(data[at + 5 : end].decode("utf-8", "surrogatepass"))
            at = end
        elif op == 0x72 and int.from_bytes(data[at + 1 : at + 5], "little") == len(memo):
            memo.append(stack[-1])  # LONG_BINPUT
            at += 5
        elif op == 0x71 and data[at + 1] == len(memo):  # BINPUT
            memo.append(stack[-1])
            at += 2
        elif op == 0x4B:  # BININT1
            stack.append(data[at + 1])
            at += 2
        elif op == 0x68:  # BINGET
            value = memo[data[at + 1]]
            if value is EMPTY:
                raise IndexError
            stack.append(value)
            at += 2
        elif op == 0x6A:  # LONG_BINGET
            value = memo[int.from_bytes(data[at + 1 : at + 5], "little")]
            if value is EMPTY or at + 5 > len(data):
                raise IndexError
            stack.append(value)
            at += 5
        elif op == 0x47:  # BINFLOAT
            stack.append(NUMBER)
            at += 9
        elif op == 0x28:  # MARK
            match = _batch(data, at, stack[-1]) if stack else None
            if match:
                at = match.end()
            else:
                m.marks.append(stack)
                m.stack = stack = []
                at += 1
        elif op == 0x86 and not watch:  # TUPLE2
            second = stack.pop()
            stack.append((stack.pop(), second))
            m.held += 2
            at += 1
        elif op == 0x4D:  # BININT2
            stack.append(data[at + 1] | data[at + 2] << 8)
            at += 3
        elif op == STOP:
            reader.at = at + 1
            return _stop(m)
        else:
            m.started = reader.start + at
            reader.at = at + 1
            instruction = get(op)
            if instruction is None:
                raise Broken(f"the byte {op:#04x}", "There is an instruction that no pickle has.")
            instruction(m)
            stack, memo, watch = m.stack, m.memo, m.watch
            data, at, edge = reader.data, reader.at, reader.edge
            if m.framed:
                end = m.frame - reader.start
                if at > end:
                    m.within(edge)
                if end < edge:
                    edge = end


def _more(m: Memory) -> int:
    """Read on, beyond the end of a frame or of the window; return how far."""
    m.check_size()
    reader = m.reader
    if m.framed:
        m.within(reader.edge)
        m.framed = reader.offset < m.frame
    if reader.at < reader.edge:
        return reader.edge
    if reader.offset > reader.size:
        raise Broken("the end of the stream", "It ends in the middle of an instruction.")
    reader.fill()
    if reader.at >= reader.edge:
        raise Broken("the end of the stream", "It ends before its last instruction.")
    return m.within(reader.edge) if m.framed else reader.edge


def _batch(data: bytes, at: int, target: Value) -> re.Match[bytes] | None:
    """Return where a run of plain numbers ends that goes into the list or dictionary before it."""
    kind = type(target)
    if kind is Listing:
        match = ROWS.match(data, at)
        if match and isinstance(target, Listing):
            target.extend([TEXT])
        return match
    if kind is Table:
        match = KEYS.match(data, at)
        if match and isinstance(target, Table):
            target.odd = True
        return match
    return None


def _stop(m: Memory) -> Value:
    value = m.stack.pop()
    if m.frame > m.reader.offset:
        raise Broken("STOP", "It ends within a frame, where readers do not agree what comes next.")
    return value
