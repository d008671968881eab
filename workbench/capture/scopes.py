"""What names in code stand for: in a statement of the notebook, or inside a function it calls.

Code is gone through, never run. Inside a function that the notebook wrote, parameters stand for
what the call hands over, and other names for those of the notebook.
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import FunctionType, ModuleType
from typing import Any

from workbench.analysis.methods import fills
from workbench.analysis.parts import Binding, bindings, end_of, parsed
from workbench.capture.functions import is_near
from workbench.capture.history import History
from workbench.capture.looks import shape_of
from workbench.capture.versions import Key, Run, Version, is_own
from workbench.capture.writers import Place, Writers
from workbench.origin.graph import Mark, Verb

__all__ = ["Journal", "Place", "Scope", "Unclear"]

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
MAX_DEEP = 20  # calls of functions handed over
MAX_SOURCE = 500_000  # characters of a file that is read for its functions
MAX_BACK = 5000  # versions of one name that are gone back through


class Unclear(Exception):
    """What is looked for cannot be told; says why, in a sentence."""


@dataclass(frozen=True)
class Scope:
    """Code whose names stand for something.

    Attributes:
        place: the statement of the notebook that ran it.
        body: the code.
        given: inside a function, what its parameters were handed, and where that is written;
            ``None`` for the notebook itself.
        apart: inside a function of another module, whose names are its own.
    """

    place: Place
    body: tuple[ast.AST, ...]
    given: Mapping[str, tuple[ast.expr, Scope] | None] | None = None
    apart: bool = False

    def outer(self, names: Iterable[str]) -> set[str]:
        """Return those of some names that are the notebook's, not of the function itself."""
        if self.given is None:
            return set(names)
        own = {one.name for one in self.bindings(*names)}
        return set() if self.apart else {*names} - own - self.given.keys()

    def bindings(self, *names: str) -> list[Binding]:
        """Return where the code itself binds names, in order."""
        found = [one for one in bindings(self.body) if one.name in names]
        return sorted(found, key=lambda one: end_of(one.at.node))


@dataclass
class Journal:
    """The history, asked what names stood for."""

    history: History
    namespace: Mapping[str, Any]
    _scopes: dict[Place, Scope] = field(default_factory=dict)
    _writers: Writers | None = None
    _firsts: tuple[dict[Key, Key], dict[Key, Key]] = field(default_factory=lambda: ({}, {}))

    def run(self, place: Place) -> Run:
        """Return the statement at a place."""
        return self.history.executions[place[0]].runs[place[1]]

    def version(self, key: Key) -> Version:
        """Return a version."""
        return self.history.flow.versions[key]

    def scope(self, place: Place) -> Scope:
        """Return the code of a statement."""
        if place not in self._scopes:
            self._scopes[place] = Scope(place, self._code(place))
        return self._scopes[place]

    def _code(self, place: Place) -> tuple[ast.AST, ...]:
        statement = self.run(place).statement
        body = parsed(statement.code)
        beside = [  # statements on one line have the code of the line
            index
            for index, one in enumerate(self.history.executions[place[0]].runs)
            if one.statement.code == statement.code
            and (one.statement.first, one.statement.inside) == (statement.first, statement.inside)
        ]
        which = beside.index(place[1])
        return body[which : which + 1] if len(body) > 1 else body

    def handed_to(self, place: Place) -> list[Place]:
        """Return the statements that wrote the files which a statement read."""
        if self._writers is None:
            self._writers = Writers(self.history)
        readings = (one for one in self.run(place).readings if not one.wrote)
        return [writer for one in readings for writer in self._writers.of(place, one)]

    # Versions

    def used(self, place: Place, name: str) -> Key | None:
        """Return the version of a name that a statement used."""
        return next((key for key in self.run(place).uses if key[0] == name), None)

    def made(self, place: Place, name: str) -> Key | None:
        """Return the version of a name that a statement left behind."""
        return next((key for key in self.run(place).makes[::-1] if key[0] == name), None)

    def object_of(self, key: Key) -> Key:
        """Return the version in which an object got its first name, whatever was done to it."""
        return self._back(key, through_changes=True)

    def content_of(self, key: Key) -> Key:
        """Return the version since which an object is as it is, under whatever name."""
        return self._back(key, through_changes=False)

    def _back(self, key: Key, *, through_changes: bool) -> Key:
        known, passed = self._firsts[through_changes], []
        for _ in range(MAX_BACK):
            before = known.get(key) or self._before(key, through_changes)
            if before is None or before == key:
                break
            passed.append(key)
            key = before
        known.update(dict.fromkeys(passed, key))
        return key

    def _before(self, key: Key, through_changes: bool) -> Key | None:
        version, name = self.version(key), key[0]
        if version.run is None:
            return None
        statement = self.run(version.run).statement
        if version.verb is Verb.changed:
            fine = through_changes or (
                version.mark is not Mark.observed
                and name in statement.touches
                and not any(fills(one.rpartition(".")[2]) for one in statement.calls)
            )
            return self.used(version.run, name) if fine else None
        origin = statement.copies.get(name)
        if origin is None:
            return None
        look = self.made if origin in statement.defines else self.used
        return look(version.run, origin)

    def now(self, key: Key) -> str:
        """Return the name under which what a version stood for is there, unchanged.

        Raises:
            Unclear: it is not.
        """
        current, name = self.history.flow.current, key[0]
        content = self.content_of(key)
        for one in (name, *current):
            known = current.get(one)
            if known is None or one not in self.namespace or is_own(one):
                continue
            if self.content_of(known) == content and self._as_it_was(key, one):
                return one
        if name not in self.namespace or name not in current:
            raise Unclear(f"{name} was deleted since {{model}} was trained on it.")
        same = self.object_of(current[name]) == self.object_of(key)
        happened = "changed" if same else "bound anew"
        raise Unclear(f"{name} was {happened} since {{model}} was trained on it.")

    def _as_it_was(self, key: Key, name: str) -> bool:
        was, now = self.version(key).look.shape, shape_of(self.namespace[name])
        return not was or not now or was == now

    # Functions

    def enter(self, call: ast.Call, scope: Scope) -> Scope | None:
        """Return the inside of a function that a call runs, of the notebook or a file near it."""
        function, apart = self._function(call.func, scope), False
        if function is None and scope.outer({_root(call.func)}):
            function, apart = _near(self._named(call.func)), True
        if function is None:
            return None
        body = function.body if isinstance(function.body, list) else [function.body]
        return Scope(scope.place, tuple(body), _given(function.args, call, scope), apart)

    def _function(self, called: ast.expr, scope: Scope, deep: int = 0) -> Function | None:
        if not isinstance(called, ast.Name) or deep > MAX_DEEP:
            return None
        if scope.given is not None and called.id in scope.given:
            outer = scope.given[called.id]
            return None if outer is None else self._function(*outer, deep + 1)
        key = self.used(scope.place, called.id) if scope.outer({called.id}) else None
        key = None if key is None else self.object_of(key)
        place = None if key is None else self.version(key).run
        if key is None or place is None:
            return None
        for node in self.scope(place).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == key[0]:
                return node
        written = self.scope(place).bindings(key[0])
        value = written[-1].value if written else None
        return value if isinstance(value, ast.Lambda) else None

    def _named(self, called: ast.expr) -> object:
        """Return the function that ``train`` or ``module.train`` stands for now, if for one."""
        value = self.namespace.get(_root(called))
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
            value = value.__dict__.get(called.attr) if type(value) is ModuleType else None
        return value if type(value) is FunctionType else None

    def package(self, called: ast.expr) -> str:
        """Return the package that the function in ``xgb.train(…)`` comes from, if it is known."""
        value = self._named(called)
        named = value.__module__ if type(value) is FunctionType else ""
        return named.partition(".")[0] if type(named) is str else ""


def _root(called: ast.expr) -> str:
    root = called.value if isinstance(called, ast.Attribute) else called
    return root.id if isinstance(root, ast.Name) else ""


def _near(value: object) -> Function | None:
    """Return the code of a function in a file of the user's own, as it was when it was read."""
    if type(value) is not FunctionType or not is_near(value.__code__.co_filename):
        return None
    code = value.__code__
    source = "".join(linecache.getlines(code.co_filename))
    for node in parsed(source) if len(source) <= MAX_SOURCE else ():
        if isinstance(node, ast.FunctionDef) and node.name == code.co_name:
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            return node if first == code.co_firstlineno else None
    return None


def _given(
    arguments: ast.arguments, call: ast.Call, scope: Scope
) -> dict[str, tuple[ast.expr, Scope] | None]:
    """Return what a call hands to each parameter; ``None`` where that is not written there."""
    places = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
    others = [*arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    given: dict[str, tuple[ast.expr, Scope] | None] = dict.fromkeys(places)
    given |= {one.arg: None for one in others if one is not None}
    for name, value in zip(places, call.args, strict=False):
        if isinstance(value, ast.Starred):
            break
        given[name] = (value, scope)
    given |= {one.arg: (one.value, scope) for one in call.keywords if one.arg in given}
    return given
