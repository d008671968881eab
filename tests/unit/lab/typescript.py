"""Reads the data types of a TypeScript module and checks JSON against them.

Only what a contract needs is understood: exported interfaces (``extends`` one other), aliases,
unions, arrays, tuples, literals and ``Record``. Anything else is an error, not a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Contract"]

_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
_INTERFACE = re.compile(r"export interface (\w+)(?: extends (\w+))? (\{.*?\n\})", re.S)
_ALIAS = re.compile(r"export type (\w+) =([^;]+);")
_TOKEN = re.compile(r"'[^']*'|\w+\??|[{}\[\]|:;,<>]")
_PLAIN = {"string": str, "number": (int, float), "boolean": bool}


@dataclass(frozen=True)
class _Type:
    """``kind`` is union, list, tuple, object, literal, plain or name."""

    kind: str
    parts: tuple[Any, ...] = ()


class Contract:
    """The types of some modules, by name."""

    def __init__(self, *modules: Path) -> None:
        text = _COMMENT.sub("", "\n".join(one.read_text(encoding="utf-8") for one in modules))
        self._types = {name: _parse(body) for name, body in _ALIAS.findall(text)}
        self._parent: dict[str, str] = {}
        for name, parent, body in _INTERFACE.findall(text):
            try:
                self._types[name] = _parse(body)
            except ValueError:
                continue  # an interface with methods is no data
            if parent:
                self._parent[name] = parent

    def words(self, name: str) -> set[str]:
        """Return the literals of an alias such as ``'a' | 'b'``."""
        kind = self._types[name]
        return {part.parts[0] for part in kind.parts} if kind.kind == "union" else set()

    def fields(self, name: str) -> dict[str, Any]:
        """Return an interface's fields; an optional one ends in ``?``."""
        own = dict(self._types[name].parts)
        return {**(self.fields(self._parent[name]) if name in self._parent else {}), **own}

    def faults(self, value: Any, name: str) -> list[str]:
        """Return where ``value`` is not what the interface ``name`` says; empty when it is."""
        return list(self._check(value, _Type("name", (name,)), name))

    def _check(self, value: Any, kind: _Type, at: str) -> Iterator[str]:
        if kind.kind == "union":
            found = [list(self._check(value, part, at)) for part in kind.parts]
            if all(found):
                yield min(found, key=len)[0]
        elif kind.kind == "list":
            if isinstance(value, list):
                for item in value:
                    yield from self._check(item, kind.parts[0], f"{at}[]")
            else:
                yield f"{at}: {value!r} is no list"
        elif kind.kind == "tuple":
            if not isinstance(value, list) or len(value) != len(kind.parts):
                yield f"{at}: {value!r} is no list of {len(kind.parts)}"
                return
            for item, part in zip(value, kind.parts, strict=True):
                yield from self._check(item, part, f"{at}[]")
        elif kind.kind == "object":
            yield from self._object(value, dict(kind.parts), at)
        elif kind.kind == "literal":
            if value != kind.parts[0] or isinstance(value, bool):
                yield f"{at}: {value!r} is not {kind.parts[0]!r}"
        elif kind.kind == "plain":
            yield from _plain(value, kind.parts[0], at)
        elif kind.parts[0] in self._parent or self._types[kind.parts[0]].kind == "object":
            yield from self._object(value, self.fields(kind.parts[0]), at)
        else:
            yield from self._check(value, self._types[kind.parts[0]], at)

    def _object(self, value: Any, fields: dict[str, Any], at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{at}: {value!r} is no object"
            return
        known = {name.rstrip("?") for name in fields}
        yield from (f"{at}.{name}: only the server knows it" for name in value.keys() - known)
        for field, kind in fields.items():
            name = field.rstrip("?")
            if name in value:
                yield from self._check(value[name], kind, f"{at}.{name}")
            elif not field.endswith("?"):
                yield f"{at}.{name}: only the front end knows it"


def _plain(value: Any, name: str, at: str) -> Iterator[str]:
    if name == "null":
        good = value is None
    elif name == "unknown":
        good = True
    elif name == "record":
        good = isinstance(value, dict)
    else:
        good = isinstance(value, _PLAIN[name]) and isinstance(value, bool) == (name == "boolean")
    if not good:
        yield f"{at}: {value!r} is no {name}"


def _parse(text: str) -> _Type:
    reader = _Reader(_TOKEN.findall(text))
    if "(" in text:
        raise ValueError("methods are not understood")
    kind = reader.union()
    if reader.tokens:
        raise ValueError(f"not understood: {reader.tokens}")
    return kind


class _Reader:
    """A recursive descent over the tokens of one type."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens

    def _take(self, *expected: str) -> str:
        token = self.tokens.pop(0)
        if expected and token not in expected:
            raise ValueError(f"{token!r} where {expected} should be")
        return token

    def _next(self) -> str:
        return self.tokens[0] if self.tokens else ""

    def union(self) -> _Type:
        if self._next() == "|":
            self._take()
        parts = [self._postfix()]
        while self._next() == "|":
            self._take()
            parts.append(self._postfix())
        return parts[0] if len(parts) == 1 else _Type("union", tuple(parts))

    def _postfix(self) -> _Type:
        kind = self._primary()
        while self.tokens[:2] == ["[", "]"]:
            self.tokens = self.tokens[2:]
            kind = _Type("list", (kind,))
        return kind

    def _primary(self) -> _Type:
        token = self._take()
        if token == "{":
            return self._object()
        if token == "[":
            parts = [self.union()]
            while self._take("]", ",") == ",":
                parts.append(self.union())
            return _Type("tuple", tuple(parts))
        if token == "Record":
            for expected in ("<", "string", ",", "unknown", ">"):
                self._take(expected)
            return _Type("plain", ("record",))
        if token.startswith("'"):
            return _Type("literal", (token.strip("'"),))
        if token in {*_PLAIN, "null", "unknown"}:
            return _Type("plain", (token,))
        if not token.isidentifier():
            raise ValueError(f"{token!r} is no type")
        return _Type("name", (token,))

    def _object(self) -> _Type:
        fields: list[tuple[str, _Type]] = []
        while self._next() != "}":
            name = self._take()
            if name == "readonly":
                name = self._take()
            self._take(":")
            fields.append((name, self.union()))
            if self._next() in {";", ","}:
                self._take()
        self._take("}")
        return _Type("object", tuple(fields))
