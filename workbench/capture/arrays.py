"""Arrays of NumPy and the memory that they lie in; no method of them is called."""

from __future__ import annotations

from workbench.training import kinds

__all__ = ["is_array", "share_memory"]

MAX_WORK = 10_000  # candidate solutions; see numpy.shares_memory


def is_array(value: object) -> bool:
    """Tell whether a value is an array of NumPy itself; a subclass may have its own ways."""
    kind = type(value)
    return any(kind is kinds.lookup("numpy", name) for name in ("ndarray", "memmap"))


def share_memory(one: object, other: object) -> bool:
    """Tell whether two arrays have cells of memory in common; also where that is hard to tell."""
    try:
        return bool(kinds.loaded("numpy").shares_memory(one, other, max_work=MAX_WORK))
    except RuntimeError:  # TooHardError, wherever this version has it
        return True
