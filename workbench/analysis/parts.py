"""The parts of code in the order in which they are written, with loops and branches around them.

Pure syntax: what binds a name, what an expression may come down to, what a function returns.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

__all__ = [
    "Binding",
    "Found",
    "alternatives",
    "bindings",
    "end_of",
    "last_part",
    "parsed",
    "returned",
    "walk",
]

Position = tuple[int, int]  # line and column
CLOSED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.comprehension)
FORKS = (ast.If, ast.IfExp, ast.BoolOp, ast.Match)


@dataclass(frozen=True)
class Found:
    """A part of code; ``forked`` if it may be passed by, ``loops`` are those around it."""

    node: ast.AST
    forked: bool
    loops: tuple[ast.AST, ...]


@dataclass(frozen=True)
class Binding:
    """A name bound to a value: to ``part`` of it where it is taken apart; ``None``: not written."""

    name: str
    value: ast.expr | None
    part: int | None
    at: Found


def last_part(called: ast.AST) -> str:
    """Return ``fit`` for ``make_pipeline(…).fit``."""
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""


def end_of(node: ast.AST) -> Position:
    """Return where a part of code ends."""
    return (
        getattr(node, "end_lineno", None) or 0,
        getattr(node, "end_col_offset", None) or 0,
    )


def walk(nodes: Iterable[ast.AST]) -> Iterator[Found]:
    """Go through code as it is written, but not into functions and classes that it defines."""
    waiting = [Found(node, False, ()) for node in nodes][::-1]
    while waiting:
        found = waiting.pop()
        yield found
        node = found.node
        if isinstance(node, CLOSED):
            continue
        loops = found.loops
        if isinstance(node, LOOPS):
            loops = (*loops, node)
        elif isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            loops = (*loops, *node.generators)
        forked = found.forked or isinstance(node, FORKS)
        for part in list(ast.iter_child_nodes(node))[::-1]:
            passed = forked or isinstance(part, ast.ExceptHandler)
            waiting.append(Found(part, passed, loops))


def alternatives(node: ast.expr) -> Iterator[ast.expr]:
    """Yield what an expression holds or comes down to: either way, or all items."""
    if isinstance(node, ast.IfExp):
        yield from (node.body, node.orelse)
    elif isinstance(node, ast.BoolOp):
        yield from node.values
    elif isinstance(node, ast.Tuple | ast.List):
        yield from node.elts
    elif isinstance(node, ast.Dict):
        yield from node.values
    elif isinstance(node, ast.ListComp | ast.GeneratorExp):
        yield node.elt
    elif isinstance(node, ast.DictComp):
        yield node.value


def bindings(body: Iterable[ast.AST]) -> Iterator[Binding]:
    """Yield the names that code binds; an item of a list or dictionary ``a`` as ``a[]``."""
    for found in walk(body):
        node = found.node
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _taken_apart(target, node.value, found)
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            yield from _taken_apart(node.target, node.value, found)
        elif isinstance(node, ast.AugAssign):
            yield from _plain(node.target, found)
        elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            yield from _plain(node.target, Found(node.target, True, (*found.loops, node)))
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            yield from _plain(node.optional_vars, found)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield Binding(node.name, None, None, found)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                yield Binding(alias.asname or alias.name.partition(".")[0], None, None, found)


def _taken_apart(target: ast.expr, value: ast.expr, found: Found) -> Iterator[Binding]:
    if isinstance(target, ast.Name):
        yield Binding(target.id, value, None, found)
    elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
        yield Binding(f"{target.value.id}[]", value, None, found)  # an item is bound, no name
    elif isinstance(target, ast.Tuple | ast.List):
        whole = any(isinstance(one, ast.Starred) for one in target.elts)
        apart = isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts)
        for part, one in enumerate(target.elts):
            if apart and not whole:
                yield from _taken_apart(one, value.elts[part], found)  # type: ignore[attr-defined]
            elif isinstance(one, ast.Name) and not whole:
                yield Binding(one.id, value, part, found)
            else:
                yield from _plain(one, found)
    else:
        yield from _plain(target, found)


def _plain(target: ast.expr, found: Found) -> Iterator[Binding]:
    for node in ast.walk(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield Binding(node.id, None, None, found)


def returned(body: Sequence[ast.AST]) -> list[ast.expr]:
    """Return what a function may return."""
    first = body[0] if body else None
    if isinstance(first, ast.expr):  # a lambda
        return [first]
    found = (one.node for one in walk(body) if isinstance(one.node, ast.Return))
    return [one.value for one in found if one.value is not None]


@functools.lru_cache(maxsize=2000)
def parsed(code: str) -> tuple[ast.AST, ...]:
    """Return the code of a statement; what stands in the body of ``with`` is moved to the left."""
    try:
        if code[:1].isspace():
            (around,) = ast.parse(f"if 1:\n{code}").body
            return tuple(around.body) if isinstance(around, ast.If) else ()
        return tuple(ast.parse(code).body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
