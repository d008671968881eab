"""What functions written by the user do with names, so that a call can be followed inwards.

Functions and classes of the notebook read its names when they run, not when they are written;
those of modules near the notebook read names of their own, but can change what they are given.
Everything installed is a closed box. No function is called and no installed source is read.
"""

from __future__ import annotations

import ast
import dis
import functools
import linecache
import sys
import sysconfig
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any, TypeVar

from workbench.analysis.names import Body, Pass, whole_class
from workbench.analysis.walk import Walk
from workbench.capture.looks import attributes, is_class, is_one_of, types_of

__all__ = ["Effect", "Functions", "is_near", "is_users", "of_code"]

MAX_SOURCE = 500_000  # characters of a module that is read for its functions
MAX_DEEP = 20  # calls followed inwards
INSTALLED = (
    Path(__file__).parent.parent,
    *(Path(sysconfig.get_path(kind)).absolute() for kind in ("stdlib", "purelib", "platlib")),
)
Found = TypeVar("Found")
_mro: Callable[[type], tuple[type, ...]] = type.__dict__["__mro__"].__get__
_own: Callable[[type], Mapping[str, Any]] = type.__dict__["__dict__"].__get__
INSIDE: dict[int, Callable[[Any], object]] = {
    id(functools.partial): lambda value: value.func,
    id(functools.cached_property): lambda value: value.func,
    id(MethodType): lambda value: value.__func__,
    id(classmethod): lambda value: value.__func__,
    id(staticmethod): lambda value: value.__func__,
    id(property): lambda value: value.fget,
}
WRAPPING = types_of(FunctionType, type(functools.lru_cache(lambda: None)))


@dataclass(frozen=True)
class Effect:
    """What a statement does through the functions it calls."""

    uses: frozenset[str] = frozenset()
    stores: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()


@dataclass
class Functions:
    """The functions, classes and objects of user classes that names stand for at one moment."""

    bodies: dict[str, Body] = field(default_factory=dict)
    instances: dict[str, Body] = field(default_factory=dict)
    modules: dict[str, dict[str, Body]] = field(default_factory=dict)  # near ones, by name here
    _files: dict[str, dict[str, Body]] = field(default_factory=dict)

    def copy(self) -> Functions:
        """Return one that can go on by itself."""
        return Functions(
            dict(self.bodies), dict(self.instances), dict(self.modules), dict(self._files)
        )

    def bind(self, name: str, body: Body) -> None:
        """Note that a name stands for a function or class just written."""
        self.forget(name)
        self.bodies[name] = body

    def rename(self, name: str, origin: str) -> None:
        """Note ``name = origin``."""
        _move(self.bodies, name, origin)
        _move(self.instances, name, origin)
        _move(self.modules, name, origin)

    def forget(self, name: str) -> None:
        """Note that a name stands for something else now."""
        self.bodies.pop(name, None)
        self.instances.pop(name, None)
        self.modules.pop(name, None)

    def learn(self, name: str, value: object, namespace: Mapping[str, Any]) -> None:
        """Look at what a name stands for, where the code that bound it does not say."""
        self.forget(name)
        value = _unwrapped(value)
        kind = type(value)
        if kind is FunctionType:
            _put(self.bodies, name, self._of_function(value, namespace))
        elif kind is ModuleType:
            if is_users(value):
                self.modules[name] = self._of_file(value.__dict__["__file__"])
        elif is_class(value):
            _put(self.bodies, name, self._of_class(value, namespace))
        else:
            _put(self.instances, name, self._of_class(kind, namespace))

    def reach(self, names: Iterable[str], calls: Iterable[str], passes: Iterable[Pass]) -> Effect:
        """Return what a statement does through functions, followed inwards.

        Args:
            names: what it reads; functions among them may run.
            calls: what it calls, as written.
            passes: what it hands to calls.
        """
        uses: set[str] = set()
        stores: set[str] = set()
        changes = {one.name for one in passes if self.changes_argument(one)}
        run = {called.partition(".")[0] for called in calls} | {one.name for one in passes}
        waiting = list(names)
        seen = set(waiting)
        while waiting:
            name = waiting.pop()
            for body in (self.bodies.get(name), self.instances.get(name)):
                if body is None:
                    continue
                uses |= body.uses
                if name in run:
                    run |= body.uses
                    stores |= body.stores
                    changes |= body.changes.difference(body.parameters)
                    changes |= {one.name for one in self._handed_on(body)}
                waiting += [one for one in sorted(body.uses) if one not in seen]
                seen |= body.uses
        changes |= {called.partition(".")[0] for called in calls if self._changes_self(called)}
        return Effect(frozenset(uses), frozenset(stores), frozenset(changes))

    def _handed_on(self, body: Body) -> list[Pass]:
        """Return names of the notebook that a function hands to one that changes them."""
        return [
            one
            for one in body.passes
            if one.name not in body.parameters and self.changes_argument(one)
        ]

    def changes_argument(self, handed: Pass, deep: int = 0) -> bool:
        """Tell whether a call changes what it is handed in place."""
        body, bound = self._called(handed.callee)
        if body is None or deep > MAX_DEEP:
            return False
        parameter = _parameter(body, handed.place, bound)
        if parameter in body.changes:
            return True
        return any(
            one.name == parameter and self.changes_argument(one, deep + 1) for one in body.passes
        )

    def is_own(self, called: str) -> bool:
        """Tell whether a call, as written, runs a function of the user's own."""
        owner, _, method = called.partition(".")
        if owner in self.bodies or owner in self.instances:
            return True
        return method in self.modules.get(owner, ())

    def _changes_self(self, called: str) -> bool:
        """Tell whether a method changes the object, or the class, that it is called on."""
        owner, _, method = called.partition(".")
        whole = self.instances.get(owner) or self.bodies.get(owner)
        body = whole.methods.get(method) if whole is not None else None
        if body is None or not body.parameters or body.parameters[0] not in body.changes:
            return False
        return owner in self.instances or body.parameters[0] == "cls"

    def _called(self, callee: str) -> tuple[Body | None, int]:
        """Return what a call runs, and how many parameters are filled in before its arguments."""
        owner, _, method = callee.partition(".")
        if not method:
            body = self.bodies.get(owner)
            if body is not None and body.methods:
                return body.methods.get("__init__"), 1
            if body is None and owner in self.instances:
                methods = self.instances[owner].methods
                return methods.get("__call__") or methods.get("forward"), 1
            return body, 0
        if owner in self.instances:
            return self.instances[owner].methods.get(method), 1
        return self.modules.get(owner, {}).get(method), 0

    def _of_function(self, value: Any, namespace: Mapping[str, Any]) -> Body | None:
        code = value.__code__
        here = value.__globals__ is namespace
        if not here and not is_near(code.co_filename):
            return None
        written = self._of_file(code.co_filename).get(code.co_name)
        if here:
            seen = of_code(code)
            return replace(written, uses=seen.uses, stores=seen.stores) if written else seen
        return written

    def _of_class(self, kind: Any, namespace: Mapping[str, Any]) -> Body | None:
        methods: dict[str, Body] = {}
        for one in reversed([one for one in _mro(kind) if _is_users_class(one)]):
            for name, value in list(_own(one).items()):
                inner = _unwrapped(value)
                if type(inner) is FunctionType:
                    _put(methods, name, self._of_function(inner, namespace))
        return whole_class(methods) if methods else None

    def _of_file(self, file: str) -> dict[str, Body]:
        """Return the functions written in a file, methods included, without names it reads."""
        if file not in self._files:
            self._files[file] = _written_in(file)
        return self._files[file]


@functools.lru_cache(maxsize=1000)
def is_near(file: str) -> bool:
    """Tell whether a file is the user's own, no installed package."""
    if not file or file.startswith("<"):
        return False
    path = Path(file).absolute()
    return not {"site-packages", "dist-packages"} & {*path.parts} and not any(
        path.is_relative_to(folder) for folder in INSTALLED
    )


def is_users(value: object) -> bool:
    """Tell whether a value is a function or module of the notebook or near it."""
    value = _unwrapped(value)
    if type(value) is ModuleType:
        file = value.__dict__.get("__file__")
        return type(file) is str and is_near(file)
    if type(value) is not FunctionType:
        return False
    return value.__globals__.get("__name__") == "__main__" or is_near(value.__code__.co_filename)


def _is_users_class(kind: type) -> bool:
    """Tell whether a class was written in the notebook or in a module near it."""
    module = _own(kind).get("__module__")
    if type(module) is not str or module == "builtins":
        return False
    file = getattr(sys.modules.get(module), "__file__", None)
    return module == "__main__" or (type(file) is str and is_near(file))


def _put(known: dict[str, Body], name: str, body: Body | None) -> None:
    if body is not None:
        known[name] = body


def _move(known: dict[str, Found], name: str, origin: str) -> None:
    if origin in known:
        known[name] = known[origin]
    else:
        known.pop(name, None)


def of_code(code: CodeType) -> Body:
    """Return what compiled code does with the names of its module, where its text is lost."""
    uses: set[str] = set()
    stores: set[str] = set()
    waiting = [code]
    while waiting:
        one = waiting.pop()
        for instruction in dis.get_instructions(one):
            if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
                uses.add(str(instruction.argval))
            elif instruction.opname in ("STORE_GLOBAL", "DELETE_GLOBAL"):
                stores.add(str(instruction.argval))
        waiting += [part for part in one.co_consts if type(part) is CodeType]
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return Body(parameters=names, uses=frozenset(uses), stores=frozenset(stores))


def _unwrapped(value: object) -> object:
    """Return the function inside what the standard library wraps around one."""
    for _ in range(MAX_DEEP):
        inner = INSIDE.get(id(type(value)))
        held = attributes(value) if is_one_of(value, WRAPPING) else None
        if inner is not None:
            value = inner(value)
        elif held and "__wrapped__" in held:
            value = held["__wrapped__"]
        else:
            break
    return value


def _parameter(body: Body, place: int | str, bound: int) -> str:
    if isinstance(place, str):
        return place
    index = place + bound
    return body.parameters[index] if index < len(body.parameters) else ""


def _written_in(file: str) -> dict[str, Body]:
    source = "".join(linecache.getlines(file))
    if not source or len(source) > MAX_SOURCE:
        return {}
    try:
        walk = Walk(str)
        walk.each(ast.parse(source).body)
    except (SyntaxError, ValueError, RecursionError):
        return {}
    found = dict(walk.bodies)
    for body in walk.bodies.values():
        found |= {name: one for name, one in body.methods.items() if name not in found}
    settled = Functions(bodies=found)
    return {name: _settle(body, settled) for name, body in found.items()}


def _settle(body: Body, around: Functions) -> Body:
    """Return a body that says for itself what it changes, without names of its module."""
    handed = {one.name for one in body.passes if around.changes_argument(one)}
    changed = (body.changes | handed) & set(body.parameters)
    methods = {name: _settle(one, around) for name, one in body.methods.items()}
    return Body(parameters=body.parameters, changes=frozenset(changed), methods=methods)
