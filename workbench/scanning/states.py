"""What an instance may be filled with after it was made (BUILD), by the role of its class."""

from __future__ import annotations

from collections.abc import Callable

from workbench.scanning.hashing import bounded, weight
from workbench.scanning.layouts import check_array, check_dtype
from workbench.scanning.refusals import Refused
from workbench.scanning.values import Made, Table, Value

__all__ = ["STATES", "fill"]


def fill(target: Value, state: Value) -> None:
    """Give an instance its state, if the role of its class allows that.

    Raises:
        Refused: it is no instance of an allowed class, or the state is not what it may have.
    """
    if not isinstance(target, Made):
        raise Refused(
            "pickle-state",
            "BUILD",
            "It would change something that the pickle did not make itself.",
        )
    check = STATES.get(target.of.role.state)
    if check is None:
        raise Refused(
            "pickle-state",
            f"BUILD {target.of}",
            "It fills an object that is complete when it is made.",
        )
    check(target, state)


def _attributes(target: Made, state: Value) -> None:
    """Attributes by name; none of Python's own, which could change how the object behaves."""
    if not isinstance(state, Table) or state.odd:
        raise Refused(
            "pickle-state", f"BUILD {target.of}", "It fills an object with more than attributes."
        )
    _no_special(target, state)
    if target.state is None:
        target.state = state


def _own(target: Made, state: Value) -> None:
    """Whatever the class itself reads: tables, tuples, numbers, bytes."""
    parts = state if type(state) is tuple else (state,)
    for part in parts:
        if isinstance(part, Table):
            _no_special(target, part)
    if target.state is None:
        target.state = state


def _no_special(target: Made, state: Table) -> None:
    if state.special:
        raise Refused(
            "pickle-state",
            f"BUILD {target.of}",
            "It sets attributes that Python itself uses (their names begin with two underscores).",
        )


def _dtype(target: Made, state: Value) -> None:
    target.weight = bounded(weight(state))
    target.state = check_dtype(target, state)


def _array(_: Made, state: Value) -> None:
    check_array(state)


def _masked(target: Made, state: Value) -> None:
    """Like an array, and its mask and the value that stands for what is masked."""
    if type(state) is not tuple or len(state) != 7:
        raise Refused("pickle-array", str(target.of), "An array is filled in an unusual way.")
    check_array(state[:5])


STATES: dict[str, Callable[[Made, Value], None]] = {
    "attributes": _attributes,
    "own": _own,
    "dtype": _dtype,
    "array": _array,
    "masked": _masked,
}
