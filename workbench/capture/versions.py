"""Versions of variables, and what was seen of the namespace while a cell ran."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain, compress
from operator import ne
from types import FunctionType, ModuleType
from typing import Any

from workbench.analysis.defuse import Statement
from workbench.capture.looks import holds, is_class, print_of, refer, shape_of
from workbench.origin.graph import Kind, Mark, Verb
from workbench.senses.readings import Reading
from workbench.training import kinds

__all__ = ["Key", "Look", "Names", "Run", "Seen", "Version", "Watch", "describe", "is_own"]

Key = tuple[str, int]
"""A name and its version; 0 is what was there before tracking began."""

OWN = re.compile(
    r"_+\Z|_i+\Z|_i?\d+\Z|__\w+__\Z|_(?:ih|oh|dh)\Z|(?:In|Out|get_ipython|exit|quit)\Z"
)
HANDLES = ("close", "flush", "writerow", "create_dataset")  # methods of what is written through
_mro: Callable[[type], tuple[type, ...]] = type.__dict__["__mro__"].__get__
_own: Callable[[type], Mapping[str, Any]] = type.__dict__["__dict__"].__get__


@dataclass(frozen=True)
class Look:
    """What a value is, without any of it.

    Attributes:
        kind, type, shape: as a node shows them.
        imported: a module, or something out of one.
        learns: an estimator or a network, fitted or not.
        holds: other objects, which may have names of their own.
        handle: something that can be written through, such as an open file.
    """

    kind: Kind = Kind.data
    type: str = ""
    shape: str = ""
    imported: bool = False
    learns: bool = False
    holds: bool = False
    handle: bool = False


@dataclass(frozen=True)
class Version:
    """One version of a variable.

    Attributes:
        run: execution and statement that made it, both from 0; ``None``: there before.
        verb: made, or changed in place.
    """

    name: str
    number: int
    run: tuple[int, int] | None = None
    mark: Mark = Mark.inferred
    verb: Verb = Verb.made
    look: Look = Look()

    @property
    def key(self) -> Key:
        """Return name and number."""
        return self.name, self.number


@dataclass
class Run:
    """One statement of one execution: what it used, made, read and wrote."""

    statement: Statement
    uses: dict[Key, Mark] = field(default_factory=dict)
    makes: list[Key] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    releases: list[tuple[str, str]] = field(default_factory=list)  # opened here: ref, manifest

    def use(self, key: Key, mark: Mark) -> None:
        """Note a use; the stronger mark stays."""
        known = self.uses.get(key)
        if known is None or mark.rank < known.rank:
            self.uses[key] = mark


@dataclass(frozen=True)
class Names:
    """Which object each name of a namespace stood for at one moment; holds no object."""

    names: list[str]
    ids: list[int]

    @classmethod
    def of(cls, namespace: Mapping[str, Any]) -> Names:
        """Look at a namespace; quick, whatever is in it."""
        names, ids = list(namespace), list(map(id, namespace.values()))
        if len(names) != len(ids):  # another thread came between the two steps
            now = dict(namespace)
            names, ids = list(now), list(map(id, now.values()))
        return cls(names, ids)

    def rebound(self, later: Names) -> set[str]:
        """Return the names that stand for another object later, new ones included."""
        if self.ids == later.ids and self.names == later.names:
            return set()
        count = len(self.names)
        if self.names == later.names[:count]:  # as is usual: new names come last
            differ = compress(later.names, map(ne, self.ids, later.ids))
            found = chain(differ, later.names[count:])
        else:
            where = dict(zip(self.names, self.ids, strict=True))
            pairs = zip(later.names, later.ids, strict=True)
            found = chain(name for name, one in pairs if where.get(name) != one)
        return {name for name in found if not is_own(name)}

    def called(self, identity: int) -> list[str]:
        """Return the names of one object."""
        found, start = [], 0
        for _ in range(self.ids.count(identity)):
            start = self.ids.index(identity, start) + 1
            found.append(self.names[start - 1])
        return found


class Watch:
    """Looks at the objects that a cell names before it and after it; holds none of them alive.

    Attributes:
        was: what the names stood for, by identity.
    """

    def __init__(
        self, names: Iterable[str], changing: Iterable[str], namespace: Mapping[str, Any]
    ) -> None:
        self.was = {name: id(namespace[name]) for name in {*names, *changing}}
        self._refs = {name: refer(namespace[name]) for name in changing}
        self._prints = {name: print_of(namespace[name]) for name in self._refs}

    def same(self, name: str, namespace: Mapping[str, Any]) -> bool:
        """Tell whether a name surely stands for the object it stood for before."""
        ref = self._refs.get(name)
        return ref is not None and name in namespace and ref() is namespace[name]

    def replaced(self, namespace: Mapping[str, Any]) -> set[str]:
        """Return the names whose object is gone, though another lies in its place in memory."""
        return {
            name
            for name, ref in self._refs.items()
            if ref is not None and self._in_place(name, namespace) and ref() is not namespace[name]
        }

    def altered(self, namespace: Mapping[str, Any]) -> set[str]:
        """Return the names whose object was changed in place."""
        return {
            name
            for name, before in self._prints.items()
            if self._in_place(name, namespace) and print_of(namespace[name]) != before
        }

    def _in_place(self, name: str, namespace: Mapping[str, Any]) -> bool:
        return name in namespace and id(namespace[name]) == self.was.get(name)


@dataclass(frozen=True)
class Seen:
    """What was seen of one execution.

    Attributes:
        before: the names before it.
        rebound: names that stand for another object now, new ones included.
        watch: the objects that its code names.
        namespace: as it is now.
        reached: how many statements ran to their end, or into their error.
        whole: the last of those ran to its end.
        number: of the prompt, where it has one.
    """

    before: Names
    rebound: set[str]
    watch: Watch
    namespace: Mapping[str, Any]
    reached: int
    whole: bool
    number: int | None = None

    def was(self, name: str) -> int | None:
        """Return the identity of what a name stood for before; ``None`` if for nothing known."""
        known = self.watch.was.get(name)
        if known is None and name not in self.rebound and name in self.namespace:
            return id(self.namespace[name])
        return known

    def now(self, name: str) -> int | None:
        """Return the identity of what a name stands for now, if for anything."""
        return id(self.namespace[name]) if name in self.namespace else None


def is_own(name: str) -> bool:
    """Tell whether a name is IPython's or Python's own."""
    return OWN.match(name) is not None


def describe(value: object) -> Look:
    """Return what a value is: kind, type and shape."""
    kind, imported, learns = Kind.data, False, False
    if type(value) is ModuleType:
        imported = True
    elif type(value) is FunctionType:
        kind = Kind.function
        imported = not _is_here(value.__module__)
    elif is_class(value):
        kind = Kind.function
        imported = not _is_here(_own(value).get("__module__"))  # type: ignore[arg-type]
    elif kinds.framework(value) is not None:
        learns = True
        fitted = kinds.is_model(value) and kinds.is_fitted(value)
        kind = Kind.model if fitted else Kind.data
    return Look(
        kind,
        kinds.type_name(value),
        shape_of(value),
        imported,
        learns,
        holds(value),
        not imported and _is_handle(value),
    )


def _is_handle(value: object) -> bool:
    return any(word in _own(one) for one in _mro(type(value)) for word in HANDLES)


def _is_here(module: object) -> bool:
    return type(module) is str and module == "__main__"
