"""What functions of the user do with names, followed through calls without calling any."""

from __future__ import annotations

import functools
import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.analysis.defuse import Pass, statements
from workbench.capture.functions import Effect, Functions, is_near, of_code


def learned(code: str) -> tuple[Functions, dict[str, Any]]:
    """What is known of the names of a notebook, by looking at what they stand for alone."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(code, "<cell>", "exec"), namespace)  # noqa: S102 - the notebook
    functions = Functions()
    for name, value in list(namespace.items()):
        if not name.startswith("__"):
            functions.learn(name, value, namespace)
    return functions, namespace


def written(code: str) -> Functions:
    """The same, by the text of the code alone."""
    functions = Functions()
    for one in statements(code):
        for name, body in one.bodies.items():
            functions.bind(name, body)
    return functions


def effect(functions: Functions, code: str) -> Effect:
    (one,) = statements(code)
    return functions.reach(one.uses, one.calls, one.passes)


CHAIN = """
limit = 3
def inner(x): return x + limit
def outer(x): return [inner(one) for one in x]
def unrelated(): return other
"""


class TestUses:
    @pytest.mark.parametrize("known", [written, lambda code: learned(code)[0]])
    def test_through_functions(self, known: Any) -> None:
        """A call reads what the functions it leads to read, and nothing of the others."""
        assert effect(known(CHAIN), "y = outer(rows)").uses >= {"inner", "limit"}
        assert "other" not in effect(known(CHAIN), "y = outer(rows)").uses

    @pytest.mark.parametrize("known", [written, lambda code: learned(code)[0]])
    def test_nested_code_methods_and_lambdas(self, known: Any) -> None:
        """However deep the code lies."""
        code = (
            "def f():\n    def g(): return (lambda: [deep for _ in range(2)])()\n    return g\n"
            "class A:\n    def m(self): return mine\n    @staticmethod\n    def s(): return still\n"
            "h = lambda: low\n"
        )
        functions = known(code)
        assert "deep" in effect(functions, "f()").uses
        assert effect(functions, "A().m()").uses >= {"mine", "still"}
        assert "low" in effect(functions, "map(h, x)").uses

    def test_objects_partials_and_decorated_functions(self) -> None:
        """What is wrapped by the standard library is looked into."""
        functions, _ = learned(
            "import functools\ndef f(x): return x + limit\n"
            "part = functools.partial(f, 1)\nkept = functools.lru_cache(f)\n"
            "@functools.wraps(f)\ndef around(*a): return f(*a)\n"
            "class A:\n    def m(self): return limit\none = A()\nbound = one.m\n"
        )
        for call in ("part()", "kept(1)", "around(1)", "one.m()", "bound()"):
            assert "limit" in effect(functions, call).uses, call

    def test_functions_that_call_each_other(self) -> None:
        """Going round ends."""
        functions = written("def f(): return g() + a\ndef g(): return f() + b")
        assert effect(functions, "f()").uses == {"a", "b", "f", "g"}

    def test_what_is_installed_is_a_closed_box(self) -> None:
        """Its names are not the notebook's."""
        functions, _ = learned("import json, textwrap\nfrom json import dumps\n")
        assert functions == Functions(_files=functions._files)
        assert effect(functions, "dumps(x)") == Effect()
        assert not is_near(json.__file__)
        assert not is_near(pytest.__file__)

    @given(st.sampled_from(["f", "g", "h"]), st.integers(0, 63))
    @settings(deadline=None)
    def test_text_and_compiled_code_agree(self, name: str, shape: int) -> None:
        """Reading the text finds what the compiler found."""
        parts = [
            "a = 1\n    b = a + first",
            "b = [second for c in third]",
            "global fourth\n    fourth = fifth",
            "b = lambda x, y=sixth: x + y + seventh",
            "import os\n    del os",
            "for i in eighth:\n        ninth(i)",
        ]
        chosen = [part for bit, part in enumerate(parts) if shape >> bit & 1] or ["pass"]
        code = f"def {name}(x):\n    " + "\n    ".join(chosen)
        namespace: dict[str, Any] = {}
        exec(code, namespace)  # noqa: S102 - the compiler is the oracle
        compiled = of_code(namespace[name].__code__)
        body = statements(code)[0].bodies[name]
        assert body.uses == compiled.uses
        assert body.stores == compiled.stores
        assert body.parameters == compiled.parameters


class TestChanges:
    @pytest.mark.parametrize(
        ("code", "call", "changed"),
        [
            ("def f(x): x['a'] = 1", "f(df)", {"df"}),
            ("def f(x): x.append(1)", "y = f(x=rows)", {"rows"}),
            ("def f(a, *, b): b.fit(a)", "f(X, b=model)", {"model"}),
            ("def g(y): y.fit()\ndef f(x): g(x)", "f(model)", {"model"}),
            ("def f(): seen.add(1)", "f()", {"seen"}),
            ("def g(y): y.fit()\ndef f(): g(model)", "f()", {"model"}),
            ("def f(x): return x + 1", "f(df)", set()),
            ("def f(x):\n    x = []\n    x.append(1)", "f(rows)", {"rows"}),
            ("class T:\n    def __init__(self, m): m.fit()", "t = T(model)", {"model"}),
            ("def f(x): seen.add(1)", "kept = [f]", set()),
        ],
    )
    def test_what_a_call_changes(self, code: str, call: str, changed: set[str]) -> None:
        """Parameters and names of the notebook, on through other functions."""
        assert effect(written(code), call).changes == changed

    def test_methods_of_an_object(self) -> None:
        """A method changes its object, what it is handed, and names."""
        functions, _ = learned(
            "class T:\n    def run(self, m): m.fit(); self.n = 1; seen.add(1)\n"
            "    def look(self, m): return m\none = T()\n"
        )
        found = functions.instances["one"].methods
        assert set(found) == {"run", "look"}

    def test_methods_written_in_a_cell(self) -> None:
        """The text of the class says what its methods change."""
        functions = written("class T:\n    def run(self, m): m.fit(); self.n = 1\n")
        functions.instances["one"] = functions.bodies["T"]
        assert effect(functions, "one.run(model)").changes == {"model", "one"}

    def test_names_that_a_function_binds(self) -> None:
        """``global`` reaches out."""
        assert effect(written("def f():\n    global x\n    x = 1"), "f()").stores == {"x"}
        assert effect(written("def f():\n    global x\n    x = 1"), "kept = f").stores == set()


@pytest.fixture
def near(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A module beside the notebook."""
    (tmp_path / "ward_tools.py").write_text(
        "LIMIT = 3\n"
        "def inner(f): f['x'] = LIMIT\n"
        "def clean(frame, other=None): inner(frame)\n"
        "class Tool:\n    def apply(self, frame): frame['y'] = 1\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("ward_tools")
    del sys.modules["ward_tools"]


class TestNear:
    def test_what_it_changes(self, near: Any) -> None:
        """Its functions are read for what they do to what they are given."""
        functions = Functions()
        functions.learn("tools", near, {})
        functions.learn("clean", near.clean, {})
        functions.learn("one", near.Tool(), {})
        assert effect(functions, "tools.clean(df)").changes == {"df"}
        assert effect(functions, "clean(df)").changes == {"df"}
        assert effect(functions, "clean(1, df)").changes == set()
        assert effect(functions, "one.apply(df)").changes == {"df"}

    def test_its_names_are_its_own(self, near: Any) -> None:
        """A constant of the same name in the notebook has nothing to do with it."""
        functions = Functions()
        functions.learn("clean", near.clean, {})
        assert effect(functions, "clean(df)").uses == set()


class TestSafe:
    def test_nothing_is_called(self) -> None:
        """Not even what pretends to be a function."""
        functions, namespace = learned(
            "class Odd:\n    def __getattr__(self, name): raise RuntimeError(name)\n"
            "    def __call__(self): raise RuntimeError('called')\none = Odd()\n"
        )
        functions.learn("part", functools.partial(namespace["one"]), namespace)
        assert not functions.changes_argument(Pass("one", 0, "x"))

    def test_names_are_kept_up_to_date(self) -> None:
        """Renaming, binding again and forgetting."""
        functions = written("def f(): return a")
        functions.rename("g", "f")
        assert "a" in effect(functions, "g()").uses
        functions.rename("g", "nothing")
        functions.forget("f")
        assert functions.bodies == {}
        other = functions.copy()
        other.bind("h", written("def h(): return b").bodies["h"])
        assert functions.bodies == {}
