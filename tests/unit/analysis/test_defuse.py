"""What statements read, bind and change: held against Python itself, which runs them."""

from __future__ import annotations

import ast
import random
import symtable
from contextlib import nullcontext
from functools import partial
from textwrap import indent
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager

from workbench.analysis.defuse import Statement, statements

NAMES = ("a", "b", "c", "d")


def only(code: str) -> Statement:
    found = statements(code)
    assert len(found) == 1, found
    return found[0]


def magic(code: str) -> tuple[Statement, ...]:
    """The statements of a cell as IPython would run it."""
    transform = TransformerManager().transform_cell
    return statements(transform(code), transform)


class Listening(dict[str, Any]):
    """A namespace that notes what is asked of it and what is put into it."""

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(NAMES, 1), nullcontext=nullcontext)
        self.free: set[str] = set()  # read before they were bound
        self.bound: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        if name in NAMES and name not in self.bound:
            self.free.add(name)
        return super().__getitem__(name)

    def __setitem__(self, name: str, value: Any) -> None:
        self.bound |= {name} & set(NAMES)
        super().__setitem__(name, value)


def run(code: str) -> tuple[Listening, bool]:
    """Run a program; return its namespace, and whether it came to its end."""
    listening = Listening()
    try:
        exec(compile(code, "cell", "exec"), listening)  # noqa: S102 - the oracle
    except (NameError, TypeError):  # a name asked for too early, or that of an exception
        return listening, False
    return listening, True


class Author:
    """Writes small programs that always run: numbers, branches, loops, scopes within scopes."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def name(self) -> str:
        return self.chance.choice(NAMES)

    def value(self, depth: int = 3, walrus: bool = True) -> str:
        """An expression; ``:=`` is not allowed in every place."""
        kind = self.chance.randrange(9 if depth else 2)
        part = partial(self.value, depth - 1, walrus)
        inner = partial(self.value, depth - 1, False)
        a, b = self.name(), self.name()
        match kind:
            case 0:
                return self.chance.choice("012")
            case 1 | 2:
                return a
            case 3:
                return f"({part()} {self.chance.choice('+-')} {part()})"
            case 4:
                return f"({part()} if {part()} else {part()})"
            case 5:
                return f"({part()} {self.chance.choice(['and', 'or'])} {part()})"
            case 6:
                return f"sum([{inner()} for {a} in [{inner()}, 1] if {inner()}])"
            case 7:
                return f"len({{{a}: {b} for {a} in [{inner()}] for {b} in [{a}, {inner()}]}})"
        return f"({a} := {part()})" if walrus else f"(lambda {a}: {inner()})({inner()})"

    def line(self) -> str:
        a, b, value = self.name(), self.name(), self.value()
        return self.chance.choice(
            [
                f"{a} = {value}",
                f"{a} = {b} = {value}",
                f"{a}, *{b} = [{value}]; {b} = 1",
                f"{a} += {value}",
                f"{a}: int = {value}",
                f"{value}",
                f"import os as {a}; {a} = 1",
            ]
        )

    def block(self, depth: int) -> str:
        if depth == 0 or self.chance.random() < 0.5:
            return self.line()
        a, b, value = self.name(), self.name(), self.value()
        first, second = self.body(depth - 1), self.body(depth - 1)
        return self.chance.choice(
            [
                f"if {value}:\n{first}\nelse:\n{second}",
                f"for {a} in [{value}, 1]:\n{first}",
                f"while True:\n{first}\n    break",
                f"try:\n{first}\n    len(0)\nexcept TypeError as {a}:\n{second}\n{a} = 1",
                f"def {a}({b}={self.value()}):\n{first}\n{a} = 1",
                f"class {a}:\n    {b} = {self.value(walrus=False)}\n{a} = 1",
                f"match {value}:\n    case {a}:\n{indent(second, '    ')}",
                f"with nullcontext({value}) as {a}:\n{first}",
            ]
        )

    def body(self, depth: int) -> str:
        return indent(self.program(depth, 2), "    ")

    def program(self, depth: int, length: int) -> str:
        return "\n".join(self.block(depth) for _ in range(self.chance.randint(1, length)))


straight = st.integers().map(lambda seed: Author(seed).program(0, 5))
program = st.integers().map(lambda seed: Author(seed).program(2, 4))


def whole(found: tuple[Statement, ...]) -> tuple[set[str], set[str]]:
    """The names that statements one after the other read from before them, and those they bind."""
    free: set[str] = set()
    bound: set[str] = set()
    for one in found:
        free |= one.uses - bound
        bound |= one.sure
    return free & set(NAMES), {n for one in found for n in one.defines} & set(NAMES)


class TestAgainstPython:
    @given(program)
    @settings(deadline=None)
    def test_nothing_that_is_read_or_bound_is_missed(self, code: str) -> None:
        """Whatever a run asks for or binds, its statements were said to."""
        listening, _ = run(code)
        free, defined = whole(statements(code))
        assert listening.free <= free
        assert listening.bound <= defined

    @given(straight)
    @settings(deadline=None)
    def test_without_branches_it_is_exact(self, code: str) -> None:
        """What must be read is what was read, and what must be bound is what was bound."""
        listening, ended = run(code)
        assume(ended)
        found = statements(code)
        bound: set[str] = set()
        perhaps: set[str] = set()
        certain: set[str] = set()
        for one in found:
            certain |= one.certain - perhaps
            perhaps |= one.defines
            bound |= one.sure
        assert certain & set(NAMES) <= listening.free
        assert bound & set(NAMES) <= listening.bound

    @given(program)
    @settings(deadline=None)
    def test_the_names_are_those_of_the_symbol_table(self, code: str) -> None:
        """Python's own compiler finds the same names bound."""
        table = symtable.symtable(code, "cell", "exec")
        bound = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
        _, defined = whole(statements(code))
        assert defined == bound & set(NAMES)

    @given(program)
    @settings(deadline=None)
    def test_statements_cover_the_code(self, code: str) -> None:
        """Each line of code belongs to the statement it is in, and its text is that of the cell."""
        found = statements(code)
        lines = {line for one in found for line in range(one.first, one.last + 1)}
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.stmt):
                assert node.lineno in lines
        assert all(one.code in code for one in found)


class TestChanges:
    @pytest.mark.parametrize(
        ("code", "changed"),
        [
            ("x.append(1)", {"x"}),
            ("model.fit(a, b)", {"model"}),
            ("y = model.fit(a, b)", {"model"}),
            ("z = scaler.fit_transform(a)", {"scaler"}),
            ("x[0] = 1", {"x"}),
            ("x.y.z[0].w = 1", {"x"}),
            ("x.y += 1", {"x"}),
            ("del x[0]", {"x"}),
            ("df.drop('a', axis=1, inplace=True)", {"df"}),
            ("df.drop('a', axis=1, inplace=False)", set()),
            ("np.add(a, b, out=c)", {"c", "np"}),  # that np is a module is seen when it runs
            ("tensor.add_(1)", {"tensor"}),
            ("setattr(x, 'y', 1)", {"x"}),
            ("random.shuffle(rows)", {"rows"}),
            ("for one in [a, b]:\n    one['x'] = 1", {"one", "a", "b"}),
            ("for i, one in enumerate(all):\n    one['x'] = 1", {"one", "all", "enumerate"}),
            ("[one.append(1) for one in rows]", {"rows"}),
            ("list(map(lambda v: rows.append(v), a))", {"rows"}),
            ("x = a.copy()", set()),
            ("y = df.sort_values('a')", set()),
            ("a.b().c = 1", set()),
            ("print(x)", set()),
        ],
    )
    def test_in_place(self, code: str, changed: set[str]) -> None:
        """Stores into an object, methods known to change it, loops over what is changed."""
        assert only(code).changes == changed

    @pytest.mark.parametrize(
        ("code", "touched"),
        [
            ("trainer.run(x)", {"trainer"}),
            ("con.cursor().go('x')", {"con"}),
            ("await worker.run()", {"worker"}),
            ("df.head()", set()),
            ("model.predict(x)", set()),
            ("y = trainer.run(x)", set()),
        ],
    )
    def test_perhaps(self, code: str, touched: set[str]) -> None:
        """A method of unknown effect, called for its effect alone."""
        assert only(code).touches == touched


class TestFunctions:
    def test_a_definition_reads_only_what_it_runs(self) -> None:
        """Defaults, decorators and bases now; the body when it is called."""
        code = "@deco\ndef f(x=start, *y, z: kind = end) -> out:\n    global n\n    n = x + later"
        one = only(code)
        assert one.uses == {"deco", "start", "kind", "end", "out"}
        assert one.bodies["f"].uses == {"later"}
        assert one.bodies["f"].stores == {"n"}
        assert one.bodies["f"].parameters == ("x", "z", "y")
        assert (one.first, one.last) == (1, 4)

    def test_parameters_and_names_it_changes(self) -> None:
        """Also through nested functions, but not its own variables."""
        code = (
            "def f(rows, other):\n    mine = []\n    mine.append(1)\n    rows.append(1)\n"
            "    def g():\n        seen.add(other)\n    g()"
        )
        assert only(code).bodies["f"].changes == {"rows", "seen"}

    def test_a_class(self) -> None:
        """Its body runs at once, its methods later."""
        one = only("class A(Base):\n    size = start\n    def m(self):\n        self.x = later")
        assert one.uses == {"Base", "start"}
        assert one.bodies["A"].uses == {"later"}
        assert one.bodies["A"].methods["m"].changes == {"self"}


class TestMagics:
    @pytest.mark.parametrize(
        "cell",
        [
            "%%time\nx = a\ny = x + b",
            "%%capture\nx = a\ny = x + b",
            "%%prun -q\nx = a\ny = x + b",
            "%%time\n\nx = a\n!ls\ny = x + b",
        ],
    )
    def test_the_body_of_a_magic_is_code(self, cell: str) -> None:
        """Its statements stand for themselves, at the line of the magic."""
        found = [one for one in magic(cell) if one.defines]
        assert [(one.uses, one.defines) for one in found] == [
            ({"a"}, {"x"}),
            ({"x", "b"}, {"y"}),
        ]
        assert {one.first for one in found} == {1}
        assert found[0].inside is not None

    def test_one_line(self) -> None:
        """``%time x = a`` is ``x = a``."""
        (one,) = magic("%time x = a")
        assert (one.uses, one.defines, one.opaque) == ({"a"}, {"x"}, False)

    def test_timeit_binds_nothing(self) -> None:
        """What it assigns is its own."""
        (one,) = magic("%timeit -n 3 -r 2 x = a + b")
        assert (one.uses, one.defines) == ({"a", "b"}, set())
        (one,) = magic("%%timeit y = a\nx = y + b")
        assert (one.uses & {"a", "b", "y"}, one.defines) == ({"a", "b"}, set())

    @pytest.mark.parametrize(
        ("cell", "dynamic"),
        [
            ("%run other.py", False),
            ("exec(code)", True),
            ("y = eval(code)", True),
            ("globals()['x'] = 1", False),
            ("from pylab import *", False),
            ("get_ipython().user_ns['x'] = 1", False),
        ],
    )
    def test_what_may_do_anything(self, cell: str, dynamic: bool) -> None:
        """It is said to, so what the namespace shows can be put down to it."""
        (one,) = magic(cell)
        assert (one.opaque, one.dynamic) == (True, dynamic)

    def test_code_in_a_string(self) -> None:
        """A constant can be read like the rest."""
        one = only("exec('x = a + 1')")
        assert (one.uses, one.defines, one.opaque) == ({"exec", "a"}, {"x"}, False)
        assert only("eval('a + 1')").uses == {"eval", "a"}

    def test_a_shell_command(self) -> None:
        """Names in braces or behind a dollar are filled in."""
        (one,) = magic("out = !cat {path} $other > x")
        assert (one.uses, one.defines) == ({"path", "other"}, {"out"})

    def test_the_output_of_another_cell(self) -> None:
        """``Out[3]`` is ``_3``."""
        assert "_3" in only("x = Out[3]").uses

    @pytest.mark.parametrize(
        ("code", "name"),
        [
            ("df.query('age < @limit')", "limit"),
            ("base.sql('select * FROM df')", "df"),
            ("base.execute('select 1 from x\\njoin other using (id)')", "other"),
        ],
    )
    def test_names_in_a_query(self, code: str, name: str) -> None:
        """pandas and DuckDB look names up by themselves."""
        one = only(code)
        assert name in one.uses
        assert name not in one.certain


class TestNamesakes:
    @pytest.mark.parametrize("code", ["rows.sort()", "rows.update(other)", "wait and rows.add(1)"])
    def test_a_result_nobody_takes(self, code: str) -> None:
        """Then it was called for what it does to its owner."""
        assert only(code).changes == {"rows"}

    @pytest.mark.parametrize(
        "code",
        ["x = rows.sort('age')", "x = rows.sort('age').head()", "f(rows.update(other))"],
    )
    def test_a_result_that_is_taken(self, code: str) -> None:
        """Lists give nothing back when they are sorted, so it is a table, which gives another."""
        assert only(code).changes == set()

    @pytest.mark.parametrize("code", ["x = rows.pop()", "x = model.fit(y)", "x = rows.add_(1)"])
    def test_what_changes_its_owner_and_returns(self, code: str) -> None:
        assert only(code).changes == {code.split(".")[0].removeprefix("x = ")}


class TestWhole:
    def test_with_runs_its_body_in_order(self) -> None:
        """So each statement in it stands for itself, also two levels deep."""
        found = statements("with a as f, b(f):\n    with c:\n        x = f\n    y = x\nz = y")
        assert [(one.uses, one.defines) for one in found] == [
            ({"a", "b"}, {"f"}),
            ({"c"}, set()),
            ({"f"}, {"x"}),
            ({"x"}, {"y"}),
            ({"y"}, {"z"}),
        ]

    def test_calls_texts_and_passes(self) -> None:
        """What is called, which strings could be paths, what is handed over."""
        one = only("df = pd.read_csv(base + 'a.csv', sep=mark).pipe(clean)")
        assert one.calls == (".pipe", "pd.read_csv")
        assert one.texts == ("a.csv",)
        assert {(p.callee, p.place, p.name) for p in one.passes} == {
            (".pipe", 0, "clean"),
            ("pd.read_csv", "sep", "mark"),
        }

    @pytest.mark.parametrize("code", ["def broken(:", "x = = 1", "\x00"])
    def test_what_is_no_python(self, code: str) -> None:
        """It is said, not guessed at."""
        with pytest.raises((SyntaxError, ValueError)):
            statements(code)

    def test_deep_nesting_is_refused(self) -> None:
        """Rather than bringing down the kernel."""
        with pytest.raises((RecursionError, MemoryError, SyntaxError)):
            statements("x = " + "-" * 20_000 + "1")
