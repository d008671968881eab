"""What functions remember between calls: the caches of ``functools`` in the notebook and near it.

A call may return what an earlier cell has read. The cache's counters tell whether it did, so no
cache is looked into, and none is kept alive.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import FunctionType, ModuleType
from typing import Any

from workbench.capture.looks import attributes, refer

__all__ = ["Memories", "Recall"]

CACHE: type = type(functools.lru_cache(lambda: None))
MAX_CACHES = 1000  # followed in one session
_info: Callable[[object], tuple[int, int, int | None, int]] = CACHE.__dict__["cache_info"]


@dataclass(frozen=True)
class Recall:
    """What the calls of one execution did with a cache.

    Attributes:
        name: of the cache, such as ``tables.wards.cache``; ``function`` that of what it belongs to.
        roots: the names in the notebook that lead to it.
        hit: something was taken out of it.
        filled: something was put into it.
    """

    name: str
    function: str
    roots: frozenset[str]
    hit: bool
    filled: bool


@dataclass(frozen=True)
class _Cache:
    """A cache, and its hits and misses when it was last looked at."""

    name: str
    function: str
    ref: Callable[[], object]
    roots: frozenset[str]
    counts: tuple[int, int] = (0, 0)


@dataclass
class Memories:
    """The caches that names of the notebook lead to."""

    _caches: dict[int, _Cache] = field(default_factory=dict)  # by identity

    def copy(self) -> Memories:
        """Return one that can go on by itself."""
        return Memories(dict(self._caches))

    def learn(self, root: str, value: object, namespace: Mapping[str, Any]) -> None:
        """Look for caches in what a name stands for now.

        Args:
            root: the name.
            value: a function with a cache, or a function or module of the user's own, beside which
                there may be some.
            namespace: of the notebook, whose caches have names of their own there.
        """
        inner = value
        if type(value) is CACHE:
            self._add(root, value)
            inner = (attributes(value) or {}).get("__wrapped__")
        space: Mapping[str, Any] = namespace
        if type(inner) is FunctionType:
            space = inner.__globals__
        elif type(inner) is ModuleType:
            space = inner.__dict__
        if space is not namespace:
            for held in list(space.values()):
                if type(held) is CACHE:
                    self._add(root, held)

    def _add(self, root: str, cache: object) -> None:
        known, ref = self._caches.get(id(cache)), refer(cache)
        if known is not None and known.ref() is cache:
            self._caches[id(cache)] = replace(known, roots=known.roots | {root})
        elif ref is not None and len(self._caches) < MAX_CACHES:
            held = attributes(cache) or {}
            words = [held.get(word) for word in ("__module__", "__qualname__", "__name__")]
            module, path, function = (one if type(one) is str else "" for one in words)
            name = f"{path}.cache" if module == "__main__" else f"{module}.{path}.cache"
            self._caches[id(cache)] = _Cache(name, function, ref, frozenset({root}))

    def moved(self) -> Iterator[Recall]:
        """Yield what was done with each cache since this was asked last."""
        for identity, one in list(self._caches.items()):
            cache = one.ref()
            if cache is None:
                del self._caches[identity]
                continue
            hits, misses = _info(cache)[:2]
            self._caches[identity] = replace(one, counts=(hits, misses))
            before = one.counts if misses >= one.counts[1] else (0, 0)  # it was cleared
            hit, filled = hits > before[0], misses > before[1]
            if hit or filled:
                yield Recall(one.name, one.function, one.roots, hit, filled)
