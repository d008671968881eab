"""Which lines of a loop or branch lead to what it makes: a slice backwards through its body.

A loop over files may read one for the table it builds and another one for a note beside it. The
slice follows names from what is wanted back to what they are made of, in any order, since a loop
runs again; what it leaves out did not lead there by any name.

Source: Weiser, "Program Slicing", 1984; here without the order of statements.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Collection
from dataclasses import dataclass

from workbench.analysis.defuse import Statement, statements

__all__ = ["leading_lines"]

BODIES = ("body", "orelse", "finalbody")


@dataclass(frozen=True)
class _Atom:
    """A statement without a body, or the head of one with; ``around`` are the heads around it."""

    lines: range
    does: Statement
    around: tuple[int, ...]


def leading_lines(code: str, wanted: Collection[str]) -> frozenset[int] | None:
    """Return the lines of a compound statement that lead to names, from 1; ``None`` for others.

    Args:
        code: of one statement.
        wanted: names that it binds or changes.
    """
    tree = _parsed(code)
    if tree is None or len(tree.body) != 1 or not _inner(tree.body[0]):
        return None
    atoms: list[_Atom] = []
    _collect(tree.body, code, (), atoms)
    names, chosen = set(wanted), set[int]()
    grown = True
    while grown:
        grown = False
        for place, atom in enumerate(atoms):
            if place not in chosen and (atom.does.opaque or _touches(atom.does) & names):
                for one in (place, *atom.around):
                    chosen.add(one)
                    names |= atoms[one].does.uses
                grown = True
    return frozenset(line for place in chosen for line in atoms[place].lines)


def _touches(does: Statement) -> frozenset[str]:
    """Return all that a statement may bind or change.

    What it hands to a call too, where it takes no result: then the call is made for its effect.
    """
    handed = set() if does.defines else {one.name for one in does.passes}
    return does.defines | does.changes | does.touches | does.spreads | does.augmented | handed


def _collect(body: list[ast.stmt], code: str, around: tuple[int, ...], atoms: list[_Atom]) -> None:
    for statement in body:
        inner = _inner(statement)
        if inner:
            last, text = min(part.lineno for part in inner) - 1, _head(statement)
        else:
            last = statement.end_lineno or 0
            text = ast.get_source_segment(code, statement, padded=True) or ""
        lines = range(statement.lineno, max(last, statement.lineno) + 1)
        atoms.append(_Atom(lines, _all_of(text), around))
        _collect(inner, code, (*around, len(atoms) - 1), atoms)


def _inner(statement: ast.stmt) -> list[ast.stmt]:
    """Return the statements that run inside one; a definition runs none."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return []
    inner: list[ast.stmt] = [part for name in BODIES for part in getattr(statement, name, [])]
    for block in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        inner += block.body
    return inner


def _head(statement: ast.stmt) -> str:
    """Return what the head of a block does, as statements of its own."""
    if isinstance(statement, ast.For | ast.AsyncFor):
        return f"{ast.unparse(statement.target)} = {ast.unparse(statement.iter)}"
    if isinstance(statement, ast.While | ast.If):
        return ast.unparse(statement.test)
    if isinstance(statement, ast.Match):
        return ast.unparse(statement.subject)
    if isinstance(statement, ast.With | ast.AsyncWith):
        return "\n".join(
            (f"{ast.unparse(one.optional_vars)} = " if one.optional_vars else "")
            + ast.unparse(one.context_expr)
            for one in statement.items
        )
    return ""


def _all_of(text: str) -> Statement:
    """Return what a piece of code does as one; opaque where it cannot be read."""
    found = statements(textwrap.dedent(text))
    if len(found) == 1:
        return found[0]
    if not found:
        return Statement(0, 0, text)
    return Statement(
        0,
        0,
        text,
        uses=frozenset[str]().union(*(one.uses for one in found)),
        defines=frozenset[str]().union(*(_touches(one) for one in found)),
        opaque=any(one.opaque for one in found),
    )


def _parsed(code: str) -> ast.Module | None:
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
