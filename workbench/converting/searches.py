"""A search over settings, without the distributions that it drew them from.

A distribution of ``scipy.stats`` is no inert thing: making one again runs a text that it brings as
code (``rv_generic._attach_argparser_methods``, SciPy 1.17), so no list of safe types can have it.
No prediction needs it. In its place a search keeps the words for it, with which it can be read but
not fitted again.
"""

from __future__ import annotations

import copy
from typing import Any

from workbench.converting.sound import parts
from workbench.training import kinds
from workbench.training.settings import MAX_TEXT

__all__ = ["LEFT_OUT", "without_distributions"]

LEFT_OUT = (
    "The distributions that its settings were drawn from are in it as words only, since making "
    "one runs code from the file; no prediction needs them."
)


def without_distributions(model: Any) -> tuple[Any, tuple[str, ...]]:
    """Return a model that holds no distribution, and what was left out, in words.

    The model itself is returned if there is none in it, and is never changed.
    """
    frozen = kinds.lookup("scipy.stats._distn_infrastructure", "rv_frozen")
    if frozen is None:  # there is none that was not made by this
        return model, ()
    found = {id(one): one for one in parts(model) if isinstance(one, frozen)}
    if not found:
        return model, ()
    words = {key: [_in_words(one)] for key, one in found.items()}  # a list: one choice, of words
    return copy.deepcopy(model, dict(words)), (LEFT_OUT,)


def _in_words(frozen: Any) -> str:
    named = (f"{name}={value!r}" for name, value in frozen.kwds.items())
    inside = ", ".join([*map(repr, frozen.args), *named])
    return f"{frozen.dist.name}({inside[:MAX_TEXT]}), left out"
