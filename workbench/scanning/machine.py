"""One pickle, interpreted from its first instruction to STOP; nothing is imported or called."""

from __future__ import annotations

from workbench.scanning.memory import Memory
from workbench.scanning.quick import ELSEWHERE, STEPS, STOPPED, THOROUGH
from workbench.scanning.reader import Broken
from workbench.scanning.values import Value

__all__ = ["interpret"]


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
    reader, steps = m.reader, THOROUGH if m.around.doubtful else STEPS
    data, at, edge = reader.data, reader.at, reader.edge
    while True:
        while at < edge:
            at = steps[data[at]](m, data, at)
        if at == STOPPED:
            return _stop(m)
        if at == ELSEWHERE:
            edge = m.within(reader.edge) if m.framed else reader.edge
        else:
            reader.at = at
            edge = _more(m)
        data, at = reader.data, reader.at


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


def _stop(m: Memory) -> Value:
    value = m.stack.pop()
    if m.frame > m.reader.offset:
        raise Broken("STOP", "It ends within a frame, where readers do not agree what comes next.")
    return value
