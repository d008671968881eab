"""The statements of a cell: which names each reads, binds and changes. Pure syntax.

A statement is what stands at the left margin. The body of ``with`` runs once and in order, so its
statements stand for themselves, and so do those in the body of a magic that runs Python, such as
``%%time``; all else counts as one.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from workbench.analysis import magics
from workbench.analysis.names import Body, Pass, Transform
from workbench.analysis.walk import Walk

__all__ = ["Body", "Pass", "Statement", "Transform", "statements"]


@dataclass(frozen=True)
class Statement:
    """What one statement does with the names of the notebook.

    Attributes:
        first, last: lines of the cell, from 1; those of the magic for what is inside one.
        inside: lines of the magic's body, or ``None``.
        code: as it is written.
        uses: names read that it does not bind itself before; ``certain`` are those it reads
            whatever branch it takes.
        defines, deletes: names it binds or unbinds; ``sure`` are bound whatever branch it takes.
        changes: names whose object it changes in place; ``touches`` perhaps, by a method of unknown
            effect; ``spreads`` are collections whose items it changes; ``augmented`` by
            ``x += …``, which may do either.
        calls: what it calls, as written (``pd.read_csv``); magics with ``%``.
        passes: names it hands to calls.
        texts: string constants that could be paths.
        imports: names of modules and what is imported from them.
        bodies: of the functions and classes it defines.
        copies: ``b`` to ``a`` for ``b = a``.
        opaque: may do anything to the notebook's names; ``dynamic`` if by code nobody has seen.
    """

    first: int
    last: int
    code: str
    inside: tuple[int, int] | None = None
    uses: frozenset[str] = frozenset()
    certain: frozenset[str] = frozenset()
    defines: frozenset[str] = frozenset()
    sure: frozenset[str] = frozenset()
    deletes: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    touches: frozenset[str] = frozenset()
    spreads: frozenset[str] = frozenset()
    augmented: frozenset[str] = frozenset()
    calls: tuple[str, ...] = ()
    passes: tuple[Pass, ...] = ()
    texts: tuple[str, ...] = ()
    imports: frozenset[str] = frozenset()
    bodies: dict[str, Body] = field(default_factory=dict)
    copies: dict[str, str] = field(default_factory=dict)
    opaque: bool = False
    dynamic: bool = False


def statements(code: str, transform: Transform = str) -> tuple[Statement, ...]:
    """Return the statements of a cell, in order.

    Args:
        code: the cell as Python, magics turned into calls.
        transform: does that for the body of a magic.

    Raises:
        SyntaxError, ValueError: it is no Python.
        RecursionError: it is nested too deeply to be gone through.
    """
    return tuple(_Cell(code, transform).block(ast.parse(code).body))


class _Cell:
    """Cuts code into statements."""

    def __init__(
        self, code: str, transform: Transform, outer: tuple[int, int] | None = None
    ) -> None:
        self._lines = code.splitlines(keepends=True)
        self._transform = transform
        self._outer = outer  # the lines of the magic that this is the body of

    def block(self, nodes: list[ast.stmt]) -> list[Statement]:
        found: list[Statement] = []
        for node in nodes:
            if isinstance(node, ast.With | ast.AsyncWith):
                found.append(self._statement(node, list(node.items), node.body[0].lineno - 1))
                found += self.block(node.body)
            else:
                found += self._inside_magic(node) or [self._statement(node, [node])]
        return found

    def _inside_magic(self, node: ast.stmt) -> list[Statement]:
        """Return the statements in the body of a magic, if it runs any in the notebook."""
        if self._outer or not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
            return []
        magic = magics.found(node.value)
        if magic is None or magic.apart or not magic.code:
            return []
        try:
            code = self._transform(magic.code)
            body = ast.parse(code).body
        except (SyntaxError, ValueError):
            return []
        lines = (node.lineno, node.end_lineno or node.lineno)
        found = _Cell(code, self._transform, lines).block(body)
        if magic.defined:
            found.append(Statement(*lines, code="", defines=magic.defined, sure=magic.defined))
        return found

    def _statement(self, node: ast.stmt, parts: list[ast.AST], last: int = 0) -> Statement:
        walk = Walk(self._transform)
        walk.each(parts)
        lines = (node.lineno, max(node.lineno, last or node.end_lineno or node.lineno))
        if getattr(node, "decorator_list", None):
            lines = (min(one.lineno for one in node.decorator_list), lines[1])  # type: ignore[attr-defined]
        first, last = self._outer or lines
        return Statement(
            first=first,
            last=last,
            inside=lines if self._outer else None,
            code="".join(self._lines[lines[0] - 1 : lines[1]]).rstrip("\n"),
            uses=frozenset(walk.uses),
            certain=frozenset(walk.certain),
            defines=frozenset(walk.defines),
            sure=frozenset(walk.assigned),
            deletes=frozenset(walk.deletes),
            changes=frozenset(walk.changes),
            touches=frozenset(walk.touches - walk.changes),
            spreads=frozenset(walk.spreads),
            augmented=frozenset(walk.augmented),
            calls=tuple(walk.calls),
            passes=tuple(walk.passes),
            texts=tuple(walk.texts),
            imports=frozenset(walk.imports),
            bodies=walk.bodies,
            copies=walk.copies,
            opaque=walk.opaque,
            dynamic=walk.dynamic,
        )
