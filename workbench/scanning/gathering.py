"""Instructions of a pickle that gather values: tuples, lists, dictionaries, sets."""

from __future__ import annotations

from collections.abc import Callable

from workbench.scanning.hashing import LARGEST, PARTED, bounded, together, weight
from workbench.scanning.memory import FEW_PARTS, MOST_COMPARED, Memory
from workbench.scanning.reader import Broken
from workbench.scanning.refusals import Refused
from workbench.scanning.values import (
    MOST_KEYS,
    Listing,
    Long,
    Made,
    Named,
    Role,
    Table,
    Value,
    Weight,
    described,
)

__all__ = ["GATHERING", "LONG_TUPLE", "long_tuple"]

LONG_TUPLE = 64
SET = Named("builtins", "set", Role(items="members"))
FROZEN = Named("builtins", "frozenset", Role())


def long_tuple(values: list[Value]) -> Long:
    """Return what stands for a tuple that is not kept."""
    return Long(weight=together(values))


def _hashed(m: Memory, values: list[Value], before: Weight = (0, 0)) -> Weight:
    """Weigh what becomes a key or a member of a set, and return how much all of it is."""
    if m.endless or PARTED.isdisjoint(map(type, values)):
        return before[0] + len(values), before[1]
    size, deepest = before
    for value in values:
        more, levels = weight(value) if type(value) in PARTED else (1, 0)
        size, deepest = size + more, max(deepest, levels)
        m.hashed(more)
        try:
            bounded((more, levels))
        except Refused as error:
            m.endless = True
            m.refuse(error)
            break
    return size, deepest


def _tuple_of(m: Memory, values: list[Value]) -> None:
    m.hold(values)
    if len(values) > LONG_TUPLE:
        m.stack.append(long_tuple(values))
    else:
        m.keep(len(values))
        m.stack.append(tuple(values))


def _tuple(m: Memory) -> None:
    values = m.pop_mark()
    _tuple_of(m, values)


def _last(count: int) -> Callable[[Memory], None]:
    """Make a tuple of the last values."""

    def last(m: Memory) -> None:
        if len(m.stack) < count:
            raise IndexError
        values = m.stack[-count:]
        del m.stack[-count:]
        _tuple_of(m, values)

    return last


def _put_rows(m: Memory, target: Value, values: list[Value]) -> None:
    m.hold(values)
    if m.around.doubtful:  # what it would change is that of the pickle itself
        return
    if type(target) is Listing:
        kinds = set(map(type, values))
        target.extend(values, kinds)
        if not PARTED.isdisjoint(kinds):
            _weigh_rows(m, target, values)
    elif not (isinstance(target, Made) and target.of.role.items == "rows"):
        m.refuse(
            Refused("pickle-items", f"APPEND {described(target)}", "It adds to what is no list.")
        )


def _weigh_rows(m: Memory, target: Listing, values: list[Value]) -> None:
    """Note what a set or tuple that is made of a list would be to compare."""
    (all_of, deepest), (most, levels) = target.weight, target.heaviest
    for value in values:
        kind = type(value)
        if kind is Listing:
            size, depth = value.weight  # type: ignore[attr-defined]
            size, depth = size + 1, depth + 1
        elif kind is Table or kind not in PARTED:  # a dictionary is never hashed
            continue
        else:
            size, depth = weight(value)
        all_of += size
        if depth > deepest:
            deepest = depth
        if size > most:
            most = size
        if size > FEW_PARTS:
            m.listed += size
            if size > LARGEST or m.listed > MOST_COMPARED:
                all_of = most = LARGEST + 1  # nobody may compare it
                break
    target.weight, target.heaviest = (all_of, deepest), (most, max(levels, deepest))


def _put_keys(m: Memory, target: Value, values: list[Value]) -> None:
    m.hold(values)
    if len(values) % 2:
        raise Broken("SETITEMS", "A dictionary has a key without a value.")
    if m.around.doubtful:
        return
    keys = values[::2]
    kinds = set(map(type, keys))
    weighed = () if PARTED.isdisjoint(kinds) else _hashed(m, keys)
    if type(target) is Table:
        if weighed:
            target.weight = target.weight[0] + weighed[0], max(target.weight[1], weighed[1])
        target.put(keys, values[1::2], kinds)
        m.keep(len(keys) if len(target.items) < MOST_KEYS else 0)
    elif not (isinstance(target, Made) and target.of.role.items == "keys"):
        m.refuse(
            Refused(
                "pickle-items", f"SETITEM {described(target)}", "It sets an entry of no dictionary."
            )
        )


def _append(m: Memory) -> None:
    value = m.stack.pop()
    _put_rows(m, m.stack[-1], [value])


def _appends(m: Memory) -> None:
    values = m.pop_mark()
    _put_rows(m, m.stack[-1], values)


def _list(m: Memory) -> None:
    values = m.pop_mark()
    m.stack.append(Listing())
    _put_rows(m, m.stack[-1], values)


def _setitem(m: Memory) -> None:
    value = m.stack.pop()
    key = m.stack.pop()
    _put_keys(m, m.stack[-1], [key, value])


def _setitems(m: Memory) -> None:
    values = m.pop_mark()
    _put_keys(m, m.stack[-1], values)


def _dict(m: Memory) -> None:
    values = m.pop_mark()
    m.stack.append(Table())
    _put_keys(m, m.stack[-1], values)


def _additems(m: Memory) -> None:
    values = m.pop_mark()
    m.hold(values)
    target = m.stack[-1]
    if not (isinstance(target, Made) and target.of.role.items == "members"):
        m.refuse(Refused("pickle-items", f"ADDITEMS {described(target)}", "It adds to no set."))
    _hashed(m, values)


def _frozenset(m: Memory) -> None:
    values = m.pop_mark()
    m.hold(values)
    made = Made(FROZEN)
    made.weight = _hashed(m, values)
    m.stack.append(made)


GATHERING: dict[int, Callable[[Memory], None]] = {
    ord("]"): lambda m: m.stack.append(Listing()),
    ord("}"): lambda m: m.stack.append(Table()),
    ord(")"): lambda m: m.stack.append(()),
    0x8F: lambda m: m.stack.append(Made(SET)),
    ord("t"): _tuple,
    0x85: _last(1),
    0x86: _last(2),
    0x87: _last(3),
    ord("a"): _append,
    ord("e"): _appends,
    ord("l"): _list,
    ord("s"): _setitem,
    ord("u"): _setitems,
    ord("d"): _dict,
    0x90: _additems,
    0x91: _frozenset,
}
