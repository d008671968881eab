"""The code of a cell as Python's own syntax tree; what only IPython understands is set aside."""

from __future__ import annotations

import ast
import re
import warnings

__all__ = ["dotted", "imports_only", "parse"]

# `%time x = f()` runs `x = f()` here; `x = !ls` binds x; anything else of the kind binds nothing.
TIMED = re.compile(r"^([ \t]*)%time[ \t]+(?=\S)", re.MULTILINE)
BOUND = re.compile(r"^([ \t]*+[\w,][\w ,]*+=[ \t]*+)[!%].*$", re.MULTILINE)
OTHER = re.compile(r"^([ \t]*+)(?:[!%?].*|[\w.]++\?{1,2}[ \t]*)$", re.MULTILINE)


def parse(code: str) -> ast.Module | None:
    """Return the syntax tree of a cell, or ``None`` where it is not Python; line numbers stay."""
    for text in (code, OTHER.sub(r"\1pass", BOUND.sub(r"\1None", TIMED.sub(r"\1", code)))):
        try:
            with warnings.catch_warnings():  # the person has seen what Python warns of, once
                warnings.simplefilter("ignore")
                return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


def dotted(node: ast.AST) -> str:
    """Return ``np.random.seed`` for the node of it, and nothing for what is no such name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])


def imports_only(code: str, until: int) -> bool:
    """Tell whether a cell does nothing but import before a line."""
    tree = parse(code)
    if tree is None:
        return False
    before = [one for one in tree.body if (one.end_lineno or 0) < until]
    return all(isinstance(one, ast.Import | ast.ImportFrom) for one in before)
