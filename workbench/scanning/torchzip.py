"""Zip archives of torch: one pickle whose tensors lie beside it, or a program (TorchScript)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Layout", "layout_of"]

_RAW = re.compile(r"(?:data/\d{1,12}|\.data/serialization_id|constants/\d{1,12})\Z")
_SMALL = {"version", "byteorder", ".format_version", ".storage_alignment", ".data/version"}
_PICKLES = {
    "data.pkl",
    "constants.pkl",
    "attributes.pkl",
    "bytecode.pkl",
    "mobile_debug_handles.pkl",
}


@dataclass(frozen=True)
class Layout:
    """Which members of an archive torch reads, and how.

    Attributes:
        pickles: members that are pickles with tensors beside them.
        raw: numbers without a form of their own, and marks of a few bytes.
        programs: members that are code, which torch runs.
    """

    pickles: frozenset[str]
    raw: frozenset[str]
    programs: frozenset[str]


def layout_of(names: Sequence[str]) -> Layout | None:
    """Return how torch reads an archive with these members; none if torch does not."""
    top = {name.partition("/")[0] for name in names}
    root = next(iter(top)) + "/" if len(top) == 1 else ""
    if f"{root}data.pkl" not in names:
        return None
    inside = {name: name.removeprefix(root) for name in names}
    return Layout(
        frozenset(name for name, short in inside.items() if short in _PICKLES),
        frozenset(n for n, short in inside.items() if short in _SMALL or _RAW.match(short)),
        frozenset(
            n for n, short in inside.items() if short.startswith("code/") or "bytecode" in short
        ),
    )
