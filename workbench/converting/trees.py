"""Models of boosters in files: what XGBoost's and LightGBM's share.

Their trees are walked through before a library that checks nothing follows them, and what is wrong
is said in one way.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.errors import Unavailable

__all__ = [
    "MAX_TREES",
    "WrongError",
    "content",
    "count",
    "follow",
    "missing",
    "numbers",
    "reason",
    "whole",
]

MAX_FILE = 2**30  # bytes
MAX_TREES = 1_000_000


class WrongError(ValueError):
    """What is wrong with a file, in a few words and without anything that the file says."""


def content(path: Path) -> bytes:
    """Return what is in a file.

    Raises:
        WrongError: it is larger than any model.
    """
    if path.stat().st_size > MAX_FILE:
        raise WrongError("it is larger than a gibibyte")
    return path.read_bytes()


def reason(error: Exception) -> str:
    """Return what is wrong, without what a library may have repeated of the file."""
    return str(error) if isinstance(error, WrongError) else type(error).__name__


def missing(library: str, package: str) -> Unavailable:
    """Return the error that a library is not installed."""
    return Unavailable(f"Opening this model needs {library}.", hint=f"pip install {package}")


def count(text: object, limit: int = 10**9) -> int:
    """Return a whole number that is written as text, up to a limit.

    Raises:
        WrongError: it is none, or a larger one.
    """
    if not isinstance(text, str) or not re.fullmatch(r"[0-9]{1,12}", text):
        raise WrongError("a number of it is none")
    if int(text) > limit:
        raise WrongError("a number of it is too large")
    return int(text)


def follow(left: Sequence[int], right: Sequence[int]) -> set[int]:
    """Walk a tree from its first node, and return the nodes that were reached.

    Args:
        left: of each node its left child; negative for a leaf.
        right: of each node its right child, likewise.

    Raises:
        WrongError: two ways lead to one node, which is also how a circle begins.
    """
    seen = {0} if left else set()
    waiting = list(seen)
    while waiting:
        node = waiting.pop()
        for child in (left[node], right[node]):
            if child < 0:
                continue
            if child in seen:
                raise WrongError("a tree leads back into itself")
            seen.add(child)
            waiting.append(child)
    return seen


def numbers(values: object, length: int | None, what: str) -> list[Any]:
    """Return a list of numbers of a known length.

    Raises:
        WrongError: another length, or something that is no number.
    """
    if not isinstance(values, list) or (length is not None and len(values) != length):
        raise WrongError(f"{what} have another length than they should")
    if not all(type(one) in (int, float, bool) for one in values):
        raise WrongError(f"{what} are not all numbers")
    return values


def whole(values: object, length: int | None, end: int, what: str, *, lowest: int = 0) -> list[int]:
    """Return a list of whole numbers from ``lowest`` to below ``end``.

    Raises:
        WrongError: another length, something that is no whole number, or one that is out of range.
    """
    found = numbers(values, length, what)
    if not all(type(one) is int and lowest <= one < end for one in found):
        raise WrongError(f"{what} lead out of the model")
    return found
