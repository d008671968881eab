"""Rules of our own for secrets in a cell's code, beside those of detect-secrets.

They add what notebooks spell differently: any literal given to a name such as ``password``, keys of
several lines, credentials in addresses and their queries, shell lines and comments.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from workbench.analysis.syntax import parse

__all__ = ["Place", "stands_for", "suspects"]

SECRET_NAME = re.compile(
    r"passw(?:or)?d|passphrase|(?:^|_)(?:pass|pw|pwd|pin)(?:$|_)|secret|token|credential|bearer|"
    r"(?:api|access|private|auth|account|sas|client|signing|encryption)_?key|(?:^|_)auth$",
    re.IGNORECASE,
)
# What language models call by the same word.
HARMLESS_NAME = re.compile(
    r"tokeni[sz]|tokens$|token_?(?:pattern|ids?|types?|count|len|index|col)|num_token|max_token|"
    r"(?:pad|unk|eos|bos|cls|sep|mask|special|stop|start|end)_?token",
    re.IGNORECASE,
)
BLANK = re.compile(r"|\*+|\.{3}|x{3,}", re.IGNORECASE)  # left to be filled in
NUMBERS_TOO = re.compile(r"passw|pwd|(?:^|_)pin(?:$|_)|secret", re.IGNORECASE)
QUOTED = re.compile(r"""[A-Za-z]{0,2}("{3}|'{3}|"|')""")

FLAGS = re.IGNORECASE | re.MULTILINE
WORD = r"(?<!\w)\w*(?:passw(?:or)?d|passphrase|pwd|secret|token|api_?key|access_?key|auth_?key)\w*"
RULES = (
    (
        "Private Key",
        re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----(.*?)(?:-----END|\Z)", re.DOTALL),
    ),
    (
        "Credentials in an address",
        re.compile(r"://[^\s/@'\":]{0,200}:([^\s'\"]{1,300})@(?=[\w.\[{-])"),
    ),
    (
        "Key in an address",
        re.compile(rf"[?&](?:{WORD}|sig|signature|key|X-Amz-\w+)=([^&\s'\"]+)", re.IGNORECASE),
    ),
    (
        "Authorisation header",
        re.compile(r"\b(?:Bearer|Basic|Token)\s+(?=[^\s'\"]*[0-9=+/])([A-Za-z0-9._~+/=-]{8,})"),
    ),
    (
        "Secret in a comment",
        re.compile(rf"(?:^|[ \t])#.{{0,200}}?{WORD}[ \t]*[:=][ \t]*([^\s'\"]+)", FLAGS),
    ),
)
# Lines that IPython hands to a shell or to a magic; all lines, where a cell starts with two signs.
SHELL_LINE = re.compile(r"^[ \t]*+(?:[\w,][\w ,]*+=[ \t]*+)?[!%].*$", re.MULTILINE)
SHELL_RULES = (
    ("Secret in a command", re.compile(rf"{WORD}[ \t=:]+[\"']?([^\s\"']+)", re.IGNORECASE)),
    ("Credentials in a command", re.compile(r"\s(?:-u|--user)[ \t=]+[\"']?[^\s:]+:([^\s\"']+)")),
)
# As the first rule of a shell, for code that is no Python and so has no syntax tree.
UNREAD_RULE = re.compile(rf"{WORD}[\"'\]]*\s*[:=]+>?\s*[\"']([^\"'\n]+)", re.IGNORECASE)


@dataclass(frozen=True, order=True)
class Place:
    """Where a secret stands in code, as offsets in characters, and of which kind it is."""

    start: int
    end: int
    kind: str


def suspects(code: str) -> list[Place]:
    """Return where these rules find secrets in the code of a cell; places may overlap."""
    found = [Place(*match.span(1), kind) for kind, rule in RULES for match in rule.finditer(code)]
    lines = [match.span() for match in SHELL_LINE.finditer(code)]
    for start, end in [(0, len(code))] if code.lstrip().startswith("%%") else lines:
        for kind, rule in SHELL_RULES:
            found += [Place(*m.span(1), kind) for m in rule.finditer(code, start, end)]
    tree = parse(code)
    if tree is None:
        found += [Place(*m.span(1), "Secret Keyword") for m in UNREAD_RULE.finditer(code)]
    else:
        found += _named(tree, code)
    return [place for place in found if not stands_for(code[place.start : place.end])]


def stands_for(text: str) -> bool:
    """Tell whether a text only stands for a secret that is somewhere else."""
    return bool(re.fullmatch(r"\{[^{}]*\}|\$\{?\w+\}?", text)) or bool(BLANK.fullmatch(text))


def _named(tree: ast.Module, code: str) -> Iterator[Place]:
    """Return literals that code gives to a name, key or argument that speaks of a secret."""
    lines = code.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    for node in ast.walk(tree):
        for name, value in _given(node):
            if SECRET_NAME.search(name) and not HARMLESS_NAME.search(name):
                for literal in _literals(value, numbers=bool(NUMBERS_TOO.search(name))):
                    yield _inside(literal, code, lines, starts)


def _inside(literal: ast.expr, code: str, lines: list[str], starts: list[int]) -> Place:
    """Return the place between a literal's quotes; Python counts columns in bytes of UTF-8."""
    first, last = literal.lineno - 1, (literal.end_lineno or literal.lineno) - 1
    start = starts[first] + len(lines[first].encode()[: literal.col_offset].decode(errors="ignore"))
    to = lines[last].encode()[: literal.end_col_offset or 0].decode(errors="ignore")
    end = starts[last] + len(to)
    opened = QUOTED.match(code, start)
    if opened and code[:end].endswith(opened.group(1)) and opened.end() <= end - 1:
        return Place(opened.end(), end - len(opened.group(1)), "Secret Keyword")
    if code[start:end].isdigit():
        return Place(start, end, "Secret Keyword")
    # A magic before it has moved the columns: nothing of these lines is kept.
    return Place(starts[first], starts[last + 1] - 1, "Secret Keyword")


def _literals(value: ast.expr, *, numbers: bool) -> Iterator[ast.expr]:
    if isinstance(value, ast.Constant):
        said = value.value
        number = numbers and type(said) is int and said >= 1000
        if number or (isinstance(said, str | bytes) and said):
            yield value
    elif isinstance(value, ast.JoinedStr):
        if any(isinstance(part, ast.Constant) for part in value.values):
            yield value
    elif isinstance(value, ast.BinOp):
        yield from _literals(value.left, numbers=numbers)
        yield from _literals(value.right, numbers=numbers)
    elif isinstance(value, ast.List | ast.Tuple):
        for one in value.elts:
            yield from _literals(one, numbers=numbers)
    elif isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        yield from _literals(value.func.value, numbers=numbers)  # "…".encode()


def _given(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Return each name that a piece of code gives a value, and the value."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _pairs(target, node.value)
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
        yield from _pairs(node.target, node.value)
    elif isinstance(node, ast.keyword) and node.arg:
        yield node.arg, node.value
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            yield from _said(key, value)
    elif isinstance(node, ast.Compare):
        yield from _pairs(node.left, node.comparators[0])
        yield from _pairs(node.comparators[0], node.left)
    elif isinstance(node, ast.arguments):
        plain = [*node.posonlyargs, *node.args]
        filled = plain[len(plain) - len(node.defaults) :]
        for argument, default in zip(filled, node.defaults, strict=True):
            yield argument.arg, default
        for argument, chosen in zip(node.kwonlyargs, node.kw_defaults, strict=True):
            if chosen is not None:
                yield argument.arg, chosen
    elif isinstance(node, ast.Call) and len(node.args) >= 2:
        yield from _said(node.args[0], node.args[1])  # such as os.environ.get("PASSWORD", "…")


def _said(key: ast.expr | None, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        yield key.value, value


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Attribute):
        yield target.attr, value
    elif isinstance(target, ast.Subscript):
        yield from _said(target.slice, value)
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, held in zip(target.elts, value.elts, strict=False):
            yield from _pairs(one, held)
