"""Made-up notebooks whose models remember what they were trained on: no answer is ever wrong."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
from hypothesis import event, given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, ClassifierMixin

from tests.unit.capture.notebook import Notebook

BEGIN = """import copy
import pandas as pd
from sklearn.model_selection import train_test_split
X0 = pd.DataFrame({"id": range(24), "v": 1.0})
y0 = pd.Series([0, 1] * 12)
X1, y1 = X0[:12], y0[:12]
X2, y2 = X0[12:], y0[12:]
m0, m1, m2 = Remembers(), Remembers(), Remembers()
def trained(X, y):
    return Remembers().fit(X, y)
def train(m, X, y):
    m.fit(X, y)"""


class Remembers(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Keeps a copy of what it was trained on."""

    def fit(self, X: Any, y: Any) -> Remembers:
        self.rows_, self.truth_ = X.copy(), y.copy()
        self.classes_ = [0, 1]
        return self

    def predict(self, X: Any) -> Any:
        return [0] * len(X)


RIGHT = [
    "X{a}, X{b}, y{a}, y{b} = train_test_split(X{c}, y{c}, random_state={a})",
    "X{a}, y{a} = X{b}[:5], y{b}[:5]",
    "X{a} = X{b}\ny{a} = y{b}",
    "X{a} = X{a}.copy()",
    "X{a} = X{a}.sample(frac=1.0)\ny{a} = y{a}[X{a}.index]",
    "X{a}.loc[:, 'v'] = {b}.5",
    "y{a}.reset_index()",
    "m{a}.fit(X{b}, y{b})",
    "m{a} = Remembers().fit(X{b}, y{b})",
    "m{a} = Remembers()",
    "m{a} = trained(X{b}, y{b})",
    "train(m{a}, X{b}, y{b})",
    "m{a} = m{b}",
    "m{a}, m{b} = m{b}, m{a}",
    "m{a} = copy.deepcopy(m{b})",
    "if {flag}:\n    m{a}.fit(X{b}, y{b})",
    "if {flag}:\n    m{a}.fit(X{b}, y{b})\nelse:\n    m{a}.fit(X{c}, y{c})",
    "for m in (m{a}, m{b}):\n    m.fit(X{c}, y{c})",
    "for X, y in ((X{a}, y{a}), (X{b}, y{b})):\n    m{c}.fit(X, y)",
    "for k in range(2):\n    X{a}, y{a} = X{b}[k:], y{b}[k:]\n    m = trained(X{a}, y{a})\n"
    "    if k == 0: m{c} = m",
    "many = {{'p': m{a}.fit(X{b}, y{b}), 'q': Remembers().fit(X{c}, y{c})}}\nm{c} = many['q']",
    "many = [trained(X{a}, y{a}) for _ in range(2)]\nm{b} = many[1]",
    "m{a}.score(X{b}, y{b})",
    "s = m{a}.score(X{b}, y{b})",
    "p = m{a}.predict(X{b})\nq = (p == y{b}).mean()",
    "1 / 0",
    "def train(m, X, y):\n    return m.fit(X0, y0)",
    "def train(m, X, y):\n    m.fit(X, y)\n    if {flag}: m.fit(X2, y2)",
    "again = lambda m: m.fit(X{a}, y{a})\nagain(m{c})",
    "try:\n    m{a}.fit(X{b}, y{b}, 1)\nexcept TypeError:\n    m{a}.fit(X{c}, y{c})",
]
# A second name of a model that it gets by chance, uses and loses within one cell is not followed.
ALONE = ["m{a} = Remembers().fit(X{b}, y{b}) if {flag} else m{c}"]
digit = st.integers(0, 2)


@st.composite
def cells(draw: st.DrawFn) -> list[str]:
    """Cells of one to three statements, each on its own line or, where Python lets them, on one."""
    found = []
    for _ in range(draw(st.integers(2, 6))):
        lines = []
        for _ in range(draw(st.integers(1, 3))):
            which = draw(st.sampled_from(RIGHT + ALONE))
            numbers = {name: draw(digit) for name in "abc"}
            lines.append(which.format(**numbers, flag=draw(st.booleans())))
            if which in ALONE:
                break
        simple = all("\n" not in line for line in lines)
        found.append(("; " if simple and draw(st.booleans()) else "\n").join(lines))
    return found


def same(kept: Any, now: Any) -> bool:
    return bool(type(kept) is type(now) and kept.equals(now))


@settings(max_examples=80)
@given(cells())
def test_what_is_named_is_what_it_was_trained_on(code: list[str]) -> None:
    """Where names are given they stand for just those rows, and the holdout for none of them."""
    with tempfile.TemporaryDirectory() as folder:
        notebook = Notebook(Path(folder))
        space = notebook.shell.user_ns
        space["Remembers"] = Remembers
        notebook.shell.showtraceback = lambda *_, **__: None  # errors belong to it
        try:
            notebook.ok(BEGIN)
            for one in code:
                notebook.run(one)
            for name in ("m0", "m1", "m2"):
                checked(notebook, space, name)
        finally:
            notebook.tracker.stop()


def checked(notebook: Notebook, space: dict[str, Any], name: str) -> None:
    model = space[name]
    found = notebook.tracker.fitted_on(model)
    event(f"data: {found.data is not None}, holdout: {found.holdout is not None}")
    if found.data is None:
        assert found.why
        assert found.holdout is None
        return
    rows, truth = found.data
    assert truth is not None
    assert same(model.rows_, space[rows]), (rows, found)
    assert same(model.truth_, space[truth]), (truth, found)
    if found.holdout is not None:
        others, meant = found.holdout
        assert meant is not None
        assert not set(space[others]["id"]) & set(model.rows_["id"]), found
        assert isinstance(space[meant], pd.Series)
        assert list(space[others].index) == list(space[meant].index)
