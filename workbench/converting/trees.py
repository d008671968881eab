"""Trees of boosters, walked through before a library that checks nothing follows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["WrongError", "follow", "numbers", "whole"]


class WrongError(ValueError):
    """What is wrong with a file, in a few words and without anything that the file says."""


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
