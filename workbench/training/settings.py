"""A setting of a model as a plain value that can be signed; what may hold data, as its type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isfinite
from numbers import Integral, Real
from typing import Any

from workbench.origin.record import Scalar
from workbench.training import kinds

__all__ = ["MAX_TEXT", "clean", "setting", "settings"]

MAX_TEXT = 200  # characters of one setting
MAX_ITEMS = 8  # such as layer sizes; a longer list may be data
MAX_SETTINGS = 300  # of one object
# What `workbench.forms.no_controls` refuses, and halves of characters that no encoding has.
UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
# A folder tells whose machine it was, and an address may hold a password.
PLACE = re.compile(r"[~/]|\\\\|[A-Za-z]:[\\/]|file:|[a-z+]+://\S*@")


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """Return a text without what a record may not hold, cut to ``limit`` characters."""
    return UNWRITABLE.sub("", str(text[: 2 * limit]))[:limit]


def setting(value: object) -> Scalar:
    """Return a setting as a plain value; anything that could hold data, as its type only."""
    try:
        return _plain(value)
    except Exception:  # a user's object may raise anything when it is looked at
        return clean(kinds.word(value))


def settings(values: Mapping[str, object], prefix: str = "") -> dict[str, Scalar]:
    """Return settings by name, sorted, as plain values; ``prefix`` goes before each name."""
    found = {}
    for name in sorted(name for name in values if type(name) is str and name)[:MAX_SETTINGS]:
        key = clean(prefix + name)
        if key:
            found[key] = setting(values[name])
    return found


def _plain(value: Any) -> Scalar:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return "path" if PLACE.match(value) else clean(value)
    if isinstance(value, Integral):
        whole = int(value)
        return whole if abs(whole) < 2**53 else str(whole)[:MAX_TEXT]
    if isinstance(value, Real):
        number = float(value)
        return number if isfinite(number) else str(number)
    if type(value) in (list, tuple) and len(value) <= MAX_ITEMS:
        return ", ".join(str(_plain(item)) for item in value)[:MAX_TEXT]
    return clean(kinds.word(value))
