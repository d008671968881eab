"""Names as code uses them: read, bound, changed; collected while code is gone through."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from workbench.analysis.methods import is_view

__all__ = [
    "Body",
    "Collected",
    "Pass",
    "Transform",
    "base_of",
    "dotted",
    "parameters",
    "root_of",
    "whole_class",
]

Transform = Callable[[str], str]
"""Turns a cell with magics into plain Python, as IPython does it."""

MAX_TEXT = 4096  # characters of a string that could be a path


@dataclass(frozen=True)
class Pass:
    """A name handed to a call: ``model`` in ``train(model)``, at a position or by keyword."""

    callee: str
    place: int | str
    name: str


@dataclass(frozen=True)
class Body:
    """What running a function does with names; of a class, what running its methods does.

    Attributes:
        parameters: in order, those by keyword last.
        uses: names of the module that it reads.
        stores: names of the module that it binds (``global``).
        changes: parameters and names of the module that it changes in place.
        passes: those handed on to other calls.
        methods: of a class.
    """

    parameters: tuple[str, ...] = ()
    uses: frozenset[str] = frozenset()
    stores: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    passes: tuple[Pass, ...] = ()
    methods: dict[str, Body] = field(default_factory=dict)


def base_of(node: ast.AST) -> str | None:
    """Return the name that an attribute, item or view belongs to: ``a`` in ``a.b[0].ravel()``."""
    while True:
        if isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
            node = node.value
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and is_view(node.func.attr)
        ):
            node = node.func.value
        else:
            return node.id if isinstance(node, ast.Name) else None


def dotted(node: ast.AST) -> str:
    """Return ``a.b.c`` as it is written; a part that is no name becomes empty."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    parts.append(node.id if isinstance(node, ast.Name) else "")
    return ".".join(reversed(parts))


def root_of(node: ast.AST) -> str | None:
    """Return the name a chain of calls begins with: ``con`` in ``con.cursor().execute(…)``."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def parameters(arguments: ast.arguments) -> tuple[ast.arg, ...]:
    """Return all parameters: by position, by keyword, then those with stars."""
    stars = [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
    return (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *stars)


def whole_class(methods: dict[str, Body]) -> Body:
    """Return what a class does: whatever any of its methods does to names around it."""
    each = methods.values()
    return Body(
        uses=frozenset(name for one in each for name in one.uses),
        stores=frozenset(name for one in each for name in one.stores),
        changes=frozenset(n for one in each for n in one.changes.difference(one.parameters)),
        methods=methods,
    )


class Collected:
    """What is known so far of the names in code that is gone through in order.

    Attributes:
        uses: names read that are not bound by the code itself before.
        certain: those read whatever branch is taken.
        defines, deletes: names bound or unbound; ``assigned`` are bound for certain by now.
        changes: names whose object is changed in place; ``touches`` perhaps, by a method of unknown
            effect; ``spreads`` are collections whose items are changed in a loop.
        augmented: names of ``x += …``, which may do either.
        imports: names of modules and what is imported from them.
        outer: names declared ``global``.
        calls: what is called, as it is written.
        copies: ``b`` to ``a`` for ``b = a``.
        opaque: may do anything to the names of the notebook.
        dynamic: runs code made at run time, of which nothing is known.
    """

    def __init__(self, nested: bool = False) -> None:
        self.nested = nested  # a function: names are local wherever they are bound in it
        self.uses: set[str] = set()
        self.certain: set[str] = set()
        self.assigned: set[str] = set()
        self.defines: set[str] = set()
        self.deletes: set[str] = set()
        self.changes: set[str] = set()
        self.spreads: set[str] = set()
        self.touches: set[str] = set()
        self.augmented: set[str] = set()
        self.imports: set[str] = set()
        self.outer: set[str] = set()
        self.calls: dict[str, None] = {}
        self.passes: dict[Pass, None] = {}
        self.texts: dict[str, None] = {}
        self.bodies: dict[str, Body] = {}
        self.copies: dict[str, str] = {}
        self.opaque = False
        self.dynamic = False
        self._branches = 0
        self._inner: list[set[str]] = []  # the names of comprehensions around
        self._elements: dict[str, set[str]] = {}  # loop variable to what the loop goes over

    def load(self, name: str) -> None:
        """Note a read."""
        if self.is_inner(name):
            return
        if self.nested or name not in self.assigned:
            self.uses.add(name)
            if not self._branches and name not in self.defines:
                self.certain.add(name)

    def store(self, name: str) -> None:
        """Note a binding."""
        self.defines.add(name)
        self.assigned.add(name)
        self._elements.pop(name, None)
        self.copies.pop(name, None)

    def delete(self, name: str) -> None:
        """Note that a name is unbound."""
        self.deletes.add(name)
        self.assigned.discard(name)

    def change(self, name: str | None) -> None:
        """Note a change in place; of a loop variable, also of what the loop goes over."""
        if name is not None:
            origins = self._elements.get(name, set())
            self.changes |= origins
            self.spreads |= origins
            if not self.is_inner(name):
                self.changes.add(name)

    def hand_over(self, callee: str, place: int | str, argument: ast.expr) -> None:
        """Note a name among the arguments of a call."""
        name = base_of(argument)
        if name is None:
            return
        origins = self._elements.get(name, set())
        for one in sorted(origins if self.is_inner(name) else origins | {name}):
            self.passes[Pass(callee, place, one)] = None

    def text(self, value: object) -> None:
        """Note a constant, if it is a text that could be a path."""
        if type(value) is str and 0 < len(value) <= MAX_TEXT:
            self.texts[value] = None

    def is_inner(self, name: str) -> bool:
        """Tell whether a name belongs to a comprehension around."""
        return any(name in names for names in self._inner)

    def comes_from(self, target: ast.expr, whole: ast.expr) -> set[str]:
        """Note that the names of a loop's target are parts of what it goes over; return them."""
        origins = {part.id for part in ast.walk(whole) if isinstance(part, ast.Name)}
        names = {
            part.id
            for part in ast.walk(target)
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
        }
        for name in names:
            self._elements[name] = origins - {name}
        return names

    @contextmanager
    def branch(self) -> Iterator[set[str]]:
        """Go through something that may not run; yields a set, filled with what it binds."""
        before = set(self.assigned)
        bound: set[str] = set()
        self._branches += 1
        try:
            yield bound
        finally:
            self._branches -= 1
            bound |= self.assigned
            self.assigned = before

    @contextmanager
    def comprehension_over(self, names: set[str]) -> Iterator[None]:
        """Go through a comprehension, whose names are its own."""
        self._inner.append(names)
        try:
            with self.branch():
                yield
        finally:
            self._inner.pop()
