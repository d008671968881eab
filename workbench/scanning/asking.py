"""Instructions of a pickle that ask for something: names, calls, instances, persistent ids."""

from __future__ import annotations

from collections.abc import Callable

from workbench.scanning.calls import call, make
from workbench.scanning.gathering import LONG_TUPLE, long_tuple
from workbench.scanning.memory import Memory
from workbench.scanning.reader import Broken
from workbench.scanning.refusals import Refused
from workbench.scanning.states import fill
from workbench.scanning.values import NOTHING, UNKNOWN, Made, Named, Value

__all__ = ["ASKING"]

HIDDEN = "pickle-hidden"


def _name_line(m: Memory) -> str | None:
    line = m.reader.line()
    try:
        return None if line is None else line.decode()
    except UnicodeDecodeError:
        raise Broken("GLOBAL", "A name in it is not text.") from None


def _named(m: Memory, module: Value, name: Value) -> Value:
    if type(module) is str and type(name) is str:
        return m.name(module, name)
    if m.around.doubtful:
        raise Broken("a name", "There is no such name.")
    m.refuse(Refused(HIDDEN, "a name", "It asks for a name that cannot be seen in the file."))
    return UNKNOWN


def _global(m: Memory) -> None:
    module = _name_line(m)
    m.stack.append(_named(m, module, _name_line(m)))


def _stack_global(m: Memory) -> None:
    name = m.stack.pop()
    module = m.stack.pop()
    m.stack.append(_named(m, module, name))


def _only_if_meant(m: Memory) -> None:
    """End where numbers are read as instructions: a program that was told of nothing stops here."""
    if m.around.doubtful:
        raise Broken("a number", "There is nothing by that number.")


def _extension(width: int) -> Callable[[Memory], None]:
    def extension(m: Memory) -> None:
        code = m.reader.number(width)
        _only_if_meant(m)
        why = "It asks for a name by a number that only the reading program knows."
        m.refuse(Refused(HIDDEN, f"EXT {code}", why))
        m.stack.append(UNKNOWN)

    return extension


def _call(m: Memory, target: Value, arguments: Value) -> Value:
    if isinstance(target, Named) and target.role.call == "nested" and m.around.nested:
        one = arguments[0] if type(arguments) is tuple and len(arguments) == 1 else None
        return m.around.nested(m, one)
    try:
        return call(target, arguments)
    except Refused as error:
        if not _follows(target, arguments):
            m.refuse(error)
        return UNKNOWN


def _follows(target: Value, arguments: Value) -> bool:
    """Tell whether something is refused only because of what was refused, and reported, before."""
    known = isinstance(target, Named) and target.role is not NOTHING
    within = type(arguments) is tuple and any(one is UNKNOWN for one in arguments)
    return target is UNKNOWN or (known and within)


def _make(m: Memory, target: Value, arguments: Value, named: Value = None) -> None:
    try:
        m.stack.append(make(target, arguments, named))
    except Refused as error:
        m.refuse(error)
        m.stack.append(UNKNOWN)


def _reduce(m: Memory) -> None:
    arguments = m.stack.pop()
    target = m.stack.pop()
    m.stack.append(_call(m, target, arguments))


def _newobj(m: Memory) -> None:
    arguments = m.stack.pop()
    _make(m, m.stack.pop(), arguments)


def _newobj_ex(m: Memory) -> None:
    named = m.stack.pop()
    arguments = m.stack.pop()
    _make(m, m.stack.pop(), arguments, named)


def _instance(m: Memory, target: Value, values: list[Value]) -> None:
    """Like a call, but without arguments Python goes past ``__init__``."""
    m.hold(values)
    if values or not isinstance(target, Named) or not target.role.new:
        short = len(values) <= LONG_TUPLE
        m.stack.append(_call(m, target, tuple(values) if short else long_tuple(values)))
    else:
        _make(m, target, ())


def _inst(m: Memory) -> None:
    module = _name_line(m)
    target = _named(m, module, _name_line(m))
    values = m.pop_mark()
    _instance(m, target, values)


def _obj(m: Memory) -> None:
    values = m.pop_mark()
    _instance(m, values.pop(0), values)


def _build(m: Memory) -> None:
    state = m.stack.pop()
    target = m.stack[-1]
    m.hold([state])
    if m.around.doubtful:  # what it would fill is that of the pickle itself
        return
    try:
        fill(target, state)
    except Refused as error:
        if target is not UNKNOWN:
            m.refuse(error)
        return
    m.weigh(target, state)
    if isinstance(target, Made) and target.of.role.call == "wrapper" and m.around.after_wrapper:
        m.stack[-1] = m.around.after_wrapper(m, state)


def _persistent(m: Memory, identity: Value) -> None:
    if not m.around.torch:
        _only_if_meant(m)
        why = "It asks the reading program for something that is not in the file."
        m.refuse(Refused(HIDDEN, "PERSID", why))
        m.stack.append(UNKNOWN)
        return
    if m.around.legacy and _is_source(identity):
        m.stack.append(identity[1])  # type: ignore[index]
        return
    known = (
        type(identity) is tuple
        and len(identity) == (6 if m.around.legacy else 5)
        and identity[0] == "storage"
        and isinstance(identity[1], Named)
        and identity[1].role.state == "storage"
        and type(identity[2]) is str
        and type(identity[3]) is str
        and type(identity[4]) is int
    )
    if not known:
        m.refuse(Refused(HIDDEN, "BINPERSID", "It asks for something else than numbers of torch."))
        m.stack.append(UNKNOWN)
        return
    _, kind, key = identity[:3]  # type: ignore[index]
    m.storages.setdefault(key, kind.role.width)
    m.keep(1)
    m.stack.append(Made(kind))


def _is_source(identity: Value) -> bool:
    """A class of a network with its source code, which torch compares and does not run."""
    return (
        type(identity) is tuple
        and len(identity) == 4
        and identity[0] == "module"
        and isinstance(identity[1], Named)
        and identity[1].role.new
    )


def _persid(m: Memory) -> None:
    m.reader.line()
    _persistent(m, None)


def _binpersid(m: Memory) -> None:
    _persistent(m, m.stack.pop())


def _readonly(m: Memory) -> None:
    """A buffer can no longer be written to; nothing else changes."""
    m.stack.append(m.stack.pop())


def _buffer(m: Memory) -> None:
    _only_if_meant(m)
    why = "Part of its data is not in the file, so nobody can tell what it is."
    m.refuse(Refused(HIDDEN, "NEXT_BUFFER", why))
    m.stack.append(UNKNOWN)


ASKING: dict[int, Callable[[Memory], None]] = {
    0x82: _extension(1),
    0x83: _extension(2),
    0x84: _extension(4),
    ord("c"): _global,
    0x93: _stack_global,
    ord("R"): _reduce,
    0x81: _newobj,
    0x92: _newobj_ex,
    ord("i"): _inst,
    ord("o"): _obj,
    ord("b"): _build,
    ord("P"): _persid,
    ord("Q"): _binpersid,
    0x97: _buffer,
    0x98: _readonly,
}
