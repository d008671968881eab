"""JSON documents, parsed strictly and within bounds, and walked without recursion."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from workbench.scanning.contract import Budget
from workbench.scanning.streams import Malformed

__all__ = ["LONGEST", "objects", "parsed", "texts"]

LONGEST = 24 << 20  # bytes; what a document comes to in memory is up to twenty times as much

_BATCH = 512  # steps that are counted together
_INNER = (dict, list)


def parsed(data: bytes) -> Any:
    """Return the value of a JSON document; NaN and infinities are taken as Python writes them.

    Raises:
        Malformed: too long, too deep, not UTF-8, not JSON, or an object that has a name twice.
    """
    if len(data) > LONGEST:
        raise Malformed(f"it is longer than {LONGEST >> 20} MiB")
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        if isinstance(error, _Twice):
            raise Malformed("it says something twice, and readers may take either") from None
        raise Malformed("it is not a JSON document") from None


class _Twice(ValueError):
    pass


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _Twice
    return value


def objects(value: Any, budget: Budget) -> Iterator[dict[str, Any]]:
    """Yield every object in a document, in no order.

    Raises:
        Exhausted: as the budget says.
    """
    waiting = [value]
    steps = 0
    while waiting:
        one = waiting.pop()
        steps += 1 + len(one) // 8 if isinstance(one, dict | list) else 1
        if steps > _BATCH:
            budget.spend(steps)
            steps = 0
        if isinstance(one, dict):
            yield one
            waiting += [v for v in one.values() if type(v) in _INNER]
        elif isinstance(one, list):
            waiting += [v for v in one if type(v) in _INNER]
    budget.spend(steps)


def texts(value: Any, budget: Budget) -> Iterator[str]:
    """Yield every string in a document that is a value, not a name."""
    if isinstance(value, str):
        yield value
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict | list):
            budget.spend(1 + len(one) // 8)
            inner = list(one.values()) if isinstance(one, dict) else one
            yield from (v for v in inner if isinstance(v, str))
            waiting.extend(v for v in inner if isinstance(v, dict | list))
