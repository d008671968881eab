"""Goes through Python as it would run and collects names; nothing is run.

Python's own order of evaluation is followed, so a name counts as read only where it can still be
the one from outside. Branches are taken together: what every branch binds is bound for certain.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence

from workbench.analysis import magics
from workbench.analysis.methods import (
    changes_alone,
    changes_first,
    changes_owner,
    gives_nothing,
    leaves_alone,
)
from workbench.analysis.names import (
    Body,
    Collected,
    Transform,
    base_of,
    dotted,
    parameters,
    root_of,
    whole_class,
)
from workbench.analysis.queried import is_query, names_in

__all__ = ["Walk"]

HIDDEN = frozenset({"exec", "eval", "globals", "locals", "vars", "get_ipython"})
Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Walk(Collected):
    """One walk through the code of a statement, a function or a class."""

    def __init__(self, transform: Transform, nested: bool = False) -> None:
        super().__init__(nested)
        self.transform = transform
        self._taken: set[ast.AST] = set()  # calls whose result something is done with

    def visit(self, node: ast.AST) -> None:
        """Go through a node and all below it."""
        handler = HANDLERS.get(type(node))
        if handler is not None:
            handler(self, node)
        else:
            self.below(node)

    def below(self, node: ast.AST) -> None:
        """Go through all below a node, in the order of its grammar."""
        for name in node._fields:
            value = getattr(node, name, None)
            if type(value) is list:
                self.each(value)
            elif isinstance(value, ast.AST) and value._fields:
                self.visit(value)

    def each(self, nodes: Iterable[ast.AST | None]) -> None:
        """Go through nodes in order."""
        for node in nodes:
            if isinstance(node, ast.AST):  # `global` and others have lists of plain texts
                self.visit(node)

    # Expressions

    def name(self, node: ast.Name) -> None:
        if type(node.ctx) is ast.Load:
            self.load(node.id)
        elif type(node.ctx) is ast.Del:
            self.delete(node.id)
        elif not self.is_inner(node.id):
            self.store(node.id)

    def constant(self, node: ast.Constant) -> None:
        self.text(node.value)

    def part(self, node: ast.Attribute | ast.Subscript) -> None:
        self._taken.add(node.value)
        self.below(node)
        if type(node.ctx) is not ast.Load:
            self.change(base_of(node))
        elif isinstance(node, ast.Subscript) and dotted(node.value) == "Out":
            number = node.slice.value if isinstance(node.slice, ast.Constant) else None
            self.load(f"_{number!r}")  # what IPython calls it as well

    def named(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self.store(node.target.id)

    def either(self, node: ast.BoolOp) -> None:
        self.visit(node.values[0])
        with self.branch():
            self.each(node.values[1:])

    def choice(self, node: ast.IfExp) -> None:
        self._two_ways(node.test, [node.body], [node.orelse])

    def _two_ways(
        self, test: ast.expr, first: Sequence[ast.AST], second: Sequence[ast.AST]
    ) -> None:
        self.visit(test)
        with self.branch() as one:
            self.each(first)
        with self.branch() as other:
            self.each(second)
        self.assigned |= one & other

    def comprehension(self, node: Comprehension) -> None:
        first, *others = node.generators
        self.visit(first.iter)
        names = self.comes_from(first.target, first.iter)
        for one in others:
            names |= self.comes_from(one.target, one.iter)
        with self.comprehension_over(names):
            self.each([first.target, *first.ifs])
            for one in others:
                self.each([one.iter, one.target, *one.ifs])
            self.each([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt])

    def unnamed(self, node: ast.Lambda) -> None:
        self.each([*node.args.defaults, *node.args.kw_defaults])
        self.perhaps_run(self.body_of(node.args, [node.body]))

    def call(self, node: ast.Call, alone: bool = False) -> None:
        magic = magics.found(node)
        if magic is not None:
            self.magic(magic)
            return
        called = dotted(node.func)
        self.calls[called] = None
        self._taken.update(node.args)
        self.below(node)
        self._effects(node, called, alone)
        self._spelt_out(node, called)
        for place, argument in enumerate(node.args):
            self.hand_over(called, place, argument)
        for keyword in node.keywords:
            if keyword.arg is not None:
                self.hand_over(called, keyword.arg, keyword.value)
            if keyword.arg == "out":
                self.change(base_of(keyword.value))

    def _effects(self, node: ast.Call, called: str, alone: bool) -> None:
        method = called.rpartition(".")[2]
        if isinstance(node.func, ast.Attribute):
            owner = base_of(node.func.value)
            known = changes_owner(method) and not (node in self._taken and gives_nothing(method))
            if known or _in_place(node) or (alone and changes_alone(method)):
                self.change(owner)
            elif alone and not leaves_alone(method):
                self.touches |= {owner or root_of(node.func) or ""} - {""}
        elif called in HIDDEN:
            self._hidden(node, called)
        if changes_first(method) and node.args:
            self.change(base_of(node.args[0]))

    def _spelt_out(self, node: ast.Call, called: str) -> None:
        """Take names from a query in a string, as pandas and DuckDB look them up."""
        if is_query(called):
            with self.branch():
                for arg in node.args:
                    text = arg.value if isinstance(arg, ast.Constant) else None
                    for name in names_in(called, text):
                        self.load(name)

    def _hidden(self, node: ast.Call, called: str) -> None:
        """Go through code in a string; what is made at run time cannot be."""
        if called in ("exec", "eval") and node.args:
            text = node.args[0].value if isinstance(node.args[0], ast.Constant) else None
            if type(text) is str and len(node.args) == 1:
                self.each(self.parsed(text))
                return
            self.dynamic = True
        self.opaque = True

    def magic(self, magic: magics.Magic) -> None:
        """Go through what a magic runs."""
        self.calls[f"%{magic.name}"] = None
        for name in sorted(magic.used):
            self.load(name)
        code = self.parsed(magic.code)
        if magic.apart:
            self.perhaps_run(self.body_of(None, code))
        else:
            self.each(code)
        for name in sorted(magic.defined):
            self.store(name)
        self.opaque |= magic.opaque

    def parsed(self, code: str) -> list[ast.stmt]:
        """Return the statements of code inside code; none, and opaque, if it cannot be read."""
        try:
            return ast.parse(self.transform(code)).body if code else []
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            self.opaque = self.dynamic = True
            return []

    # Functions and classes

    def body_of(self, arguments: ast.arguments | None, code: Sequence[ast.AST]) -> Body:
        """Return what running a function does with names."""
        walk = Walk(self.transform, nested=True)
        walk.each(code)
        taken = tuple(one.arg for one in parameters(arguments)) if arguments is not None else ()
        local = walk.defines - walk.outer - set(taken)
        return Body(
            parameters=taken,
            uses=frozenset(walk.uses - local - set(taken)),
            stores=frozenset(walk.defines & walk.outer),
            changes=frozenset(walk.changes - local),
            passes=tuple(one for one in walk.passes if one.name not in local),
        )

    def perhaps_run(self, body: Body) -> None:
        """Note what a function does that may be run right here."""
        with self.branch():
            for name in sorted(body.uses):
                self.load(name)
        for name in sorted(body.changes.difference(body.parameters)):
            self.change(name)

    def define(self, node: Function) -> None:
        arguments = node.args
        self.each([*node.decorator_list, *arguments.defaults, *arguments.kw_defaults])
        self.each([one.annotation for one in parameters(arguments)])
        self.each([node.returns])
        self._bind(node.name, self.body_of(arguments, node.body))

    def define_class(self, node: ast.ClassDef) -> None:
        self.each([*node.decorator_list, *node.bases, *(one.value for one in node.keywords)])
        inner = Walk(self.transform)
        inner.each(node.body)
        for name in sorted(inner.uses):
            self.load(name)
        for name in sorted(inner.changes - inner.defines):
            self.change(name)
        self.calls |= inner.calls
        self.texts |= inner.texts
        self._bind(node.name, whole_class(inner.bodies))

    def _bind(self, name: str, body: Body) -> None:
        if self.nested:
            self.perhaps_run(body)
        self.store(name)
        self.bodies[name] = body

    # Statements

    def expression(self, node: ast.Expr) -> None:
        value = node.value.value if isinstance(node.value, ast.Await) else node.value
        if isinstance(value, ast.Call):
            self.call(value, alone=True)
        else:
            self.visit(value)

    def assign(self, node: ast.Assign) -> None:
        names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        if names and isinstance(node.value, ast.Lambda):
            self.each([*node.value.args.defaults, *node.value.args.kw_defaults])
            body = self.body_of(node.value.args, [node.value.body])
            if self.nested:
                self.perhaps_run(body)
            self.bodies |= dict.fromkeys(names, body)
        else:
            self._taken.add(node.value)
            self.visit(node.value)
        self.each(node.targets)
        first = node.value.id if isinstance(node.value, ast.Name) else next(iter(names), "")
        self.copies |= {name: first for name in names if name != first}

    def augment(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.load(node.target.id)
            self.visit(node.value)
            self.store(node.target.id)
            self.augmented.add(node.target.id)
        else:
            self.below(node.target)
            self.visit(node.value)
            self.change(base_of(node.target))

    def annotated(self, node: ast.AnnAssign) -> None:
        self.each([node.value, node.annotation])
        if node.value is not None or not isinstance(node.target, ast.Name):
            self.visit(node.target)

    def importing(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                self.opaque = True
                continue
            name = alias.asname or alias.name.partition(".")[0]
            self.store(name)
            self.imports.add(name)

    def declare(self, node: ast.Global) -> None:
        self.outer |= set(node.names)

    def condition(self, node: ast.If) -> None:
        self._two_ways(node.test, node.body, node.orelse)

    def loop(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        with self.branch():
            self.visit(node.target)
            self.comes_from(node.target, node.iter)
            self.each(node.body)
        with self.branch():
            self.each(node.orelse)

    def repeat(self, node: ast.While) -> None:
        self.visit(node.test)
        with self.branch():
            self.each(node.body)
        with self.branch():
            self.each(node.orelse)

    def attempt(self, node: ast.Try | ast.TryStar) -> None:
        with self.branch() as whole:
            self.each([*node.body, *node.orelse])
        ends = [whole]
        for handler in node.handlers:
            with self.branch() as bound:
                self.each([handler.type])
                if handler.name:
                    self.store(handler.name)
                self.each(handler.body)
                if handler.name:
                    self.delete(handler.name)
            ends.append(bound)
        self.each(node.finalbody)
        self.assigned |= set.intersection(*ends)

    def match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        for case in node.cases:
            with self.branch():
                self.each([case.pattern, case.guard, *case.body])

    def capture(self, node: ast.MatchAs | ast.MatchStar | ast.MatchMapping) -> None:
        self.below(node)
        name = node.rest if isinstance(node, ast.MatchMapping) else node.name
        if name:
            self.store(name)


def _in_place(node: ast.Call) -> bool:
    return any(
        one.arg in ("inplace", "in_place")
        and isinstance(one.value, ast.Constant)
        and one.value.value is True
        for one in node.keywords
    )


HANDLERS: dict[type[ast.AST], Callable[..., None]] = {
    ast.AnnAssign: Walk.annotated,
    ast.Assign: Walk.assign,
    ast.AsyncFor: Walk.loop,
    ast.AsyncFunctionDef: Walk.define,
    ast.Attribute: Walk.part,
    ast.AugAssign: Walk.augment,
    ast.BoolOp: Walk.either,
    ast.Call: Walk.call,
    ast.ClassDef: Walk.define_class,
    ast.Constant: Walk.constant,
    ast.DictComp: Walk.comprehension,
    ast.Expr: Walk.expression,
    ast.For: Walk.loop,
    ast.FunctionDef: Walk.define,
    ast.GeneratorExp: Walk.comprehension,
    ast.Global: Walk.declare,
    ast.If: Walk.condition,
    ast.IfExp: Walk.choice,
    ast.Import: Walk.importing,
    ast.ImportFrom: Walk.importing,
    ast.Lambda: Walk.unnamed,
    ast.ListComp: Walk.comprehension,
    ast.Match: Walk.match,
    ast.MatchAs: Walk.capture,
    ast.MatchMapping: Walk.capture,
    ast.MatchStar: Walk.capture,
    ast.Name: Walk.name,
    ast.NamedExpr: Walk.named,
    ast.SetComp: Walk.comprehension,
    ast.Subscript: Walk.part,
    ast.Try: Walk.attempt,
    ast.TryStar: Walk.attempt,
    ast.While: Walk.repeat,
}
