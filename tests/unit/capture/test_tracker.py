"""Tracking a real shell: what it says of cells, and that no cell ever notices."""

from __future__ import annotations

import gc
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.unit.capture.eyes import Eyes, Hashed
from tests.unit.capture.notebook import Notebook, notebook
from workbench.capture import tracker
from workbench.capture.tracker import Tracker
from workbench.errors import InputError
from workbench.origin.graph import Dataset, Kind, Mark

__all__ = ["notebook"]

HOSTILE = """class Hostile:
    def __getattribute__(self, name): raise RuntimeError(name)
    def __getattr__(self, name): raise RuntimeError(name)
    def __eq__(self, other): raise RuntimeError("eq")
    def __hash__(self): raise RuntimeError("hash")
    def __repr__(self): raise RuntimeError("repr")
    def __bool__(self): raise RuntimeError("bool")
    def __len__(self): raise RuntimeError("len")
    def __iter__(self): raise RuntimeError("iter")
    def __reduce__(self): raise RuntimeError("reduce")
class Liar:
    @property
    def __class__(self): raise RuntimeError("class")
    @property
    def __dict__(self): raise RuntimeError("dict")
    __module__ = 7
class Odd(type):
    def __getattribute__(cls, name): raise RuntimeError(name)
    def __instancecheck__(cls, one): raise RuntimeError("instance")
    def __eq__(cls, other): raise RuntimeError("eq")
    def __hash__(cls): raise RuntimeError("hash")
class Strange(metaclass=Odd): pass
"""


class TestCells:
    def test_what_ran(self, notebook: Notebook) -> None:
        """Number, cell, code, outcome and statements, in the order they ran."""
        notebook.run("x = 1", cell_id="one")
        notebook.run("y = len([x])\nz = y / 0\nw = 1", cell_id="two")
        notebook.run("def broken(:", cell_id="three")
        first, second, third = notebook.tracker.executions()
        assert (first.number, first.cell, first.code, first.outcome) == (1, "one", "x = 1", "ok")
        assert first.digest.startswith("sha256:")
        assert (second.number, second.outcome, third.outcome) == (2, "error", "error")
        assert second.statements == (
            ("y = len([x])", frozenset({"len", "x"}), ("len",), frozenset({"y"})),
            ("z = y / 0", frozenset({"y"}), (), frozenset({"z"})),
        )
        assert third.statements == ()

    def test_what_came_before_an_error_counts(self, notebook: Notebook) -> None:
        """And what stands behind it does not."""
        notebook.write("a.csv")
        notebook.write("b.csv")
        notebook.run('rows = open("a.csv").read()\n1 / 0\nrows = open("b.csv").read()')
        assert notebook.sources("rows") == {"a.csv"}
        step = notebook.graph("rows").of_kind(Kind.step)[0]
        assert step.details["outcome"] == "error"

    def test_a_statement_that_failed_bound_nothing(self, notebook: Notebook) -> None:
        """The name stands for what it stood for."""
        notebook.write("a.csv")
        notebook.ok('rows = open("a.csv").read()')
        notebook.run("rows = 1 / 0")
        notebook.ok("copy = rows + ''")
        assert notebook.steps("copy") == [1, 3]

    def test_an_interrupt_is_the_user_s(self, notebook: Notebook) -> None:
        """It reaches the user, is recorded, and what came before it counts."""
        notebook.write("a.csv")
        result = notebook.run('rows = open("a.csv").read()\nraise KeyboardInterrupt\nrows = 0')
        assert isinstance(result.error_in_exec, KeyboardInterrupt)
        assert notebook.tracker.executions()[0].outcome == "interrupted"
        assert notebook.sources("rows") == {"a.csv"}

    def test_an_error_inside_a_timed_cell(self, notebook: Notebook) -> None:
        """The lines of the magic's body are told apart as well."""
        notebook.write("a.csv")
        notebook.write("b.csv")
        notebook.run('%%time\nrows = open("a.csv").read()\n1 / 0\nrows = open("b.csv").read()')
        assert notebook.sources("rows") == {"a.csv"}

    @pytest.mark.parametrize(
        "cell",
        [
            '%time rows = open("a.csv").read()',
            '%%capture out\nrows = open("a.csv").read()',
            '%%time\nrows = open("a.csv").read()',
            "exec('rows = open(\"a.csv\").read()')",
            "code = 'rows = open(\"a.csv\").read()'\nexec(code)",
            'globals()["rows"] = open("a.csv").read()',
            "for rows in [open('a.csv').read()]: pass",
            "import contextlib\nwith open('a.csv') as file: rows = file.read()",
            "(rows := open('a.csv').read())",
            "async def load():\n    return open('a.csv').read()\nrows = await load()",
            "def load():\n    global rows\n    rows = open('a.csv').read()\nload()",
            "%run ward_script.py",
        ],
    )
    def test_however_a_name_is_bound(self, notebook: Notebook, cell: str) -> None:
        """Magics, code in strings, the namespace itself, functions, scripts."""
        notebook.write("a.csv")
        notebook.write("b.csv")
        notebook.write("ward_script.py", 'rows = open("a.csv").read()\n')
        notebook.ok('other = open("b.csv").read()', cell, "last = rows * 2")
        assert notebook.sources("last") == {"a.csv"}
        assert notebook.steps("last") == [2, 3]

    def test_code_made_at_run_time_is_said(self, notebook: Notebook) -> None:
        """What it used cannot be known, and the graph says so."""
        notebook.ok("code = 'rows = [1]'", "exec(code)")
        assert any("made as it ran" in gap for gap in notebook.graph("rows").gaps)

    def test_a_shell_command_names_what_is_filled_in(self, notebook: Notebook) -> None:
        """``!echo {name}`` uses the name."""
        notebook.ok("name = 'x'", "shown = !echo {name}")
        assert notebook.steps("shown") == [1, 2]

    def test_a_deleted_name(self, notebook: Notebook) -> None:
        """A name bound again after it was deleted takes nothing from before."""
        notebook.write("a.csv")
        notebook.ok('rows = open("a.csv").read()', "del rows", "rows = [1]")
        assert notebook.sources("rows") == set()
        assert notebook.graph("rows").target == "data:rows:2"

    def test_a_thread(self, notebook: Notebook) -> None:
        """What a thread reads while a cell runs is given to the cell, inferred."""
        notebook.write("a.csv")
        notebook.ok(
            "import threading\nbox = []",
            "thread = threading.Thread(target=lambda: box.append(open('a.csv').read()))\n"
            "thread.start()\nthread.join()",
            "rows = box[0]",
        )
        assert notebook.sources("rows") == {"a.csv"}
        reads = [edge for edge in notebook.graph("rows").edges if edge.source == "source:1"]
        assert [edge.mark for edge in reads] == [Mark.inferred]

    def test_bound_between_two_cells(self, notebook: Notebook) -> None:
        """A name that appears while no cell runs is said to have come from nowhere seen."""
        notebook.ok("x = 1")
        notebook.shell.user_ns["late"] = [1]
        notebook.ok("y = late")
        assert any(gap.startswith("late was bound after In [1]") for gap in notebook.tracker.gaps())
        assert 1 in notebook.steps("y")


class TestBefore:
    def test_names_that_were_there(self, tmp_path: Path, notebook: Notebook) -> None:
        """They are version 0, and it is said that nothing is known of them."""
        notebook.tracker.stop()
        notebook.ok("old = [1]\nunused = [2]")
        notebook.tracker.start()
        notebook.ok("new = [*old]")
        graph = notebook.graph("new")
        assert [node.id for node in graph.nodes if node.details.get("version") == 0] == [
            "data:old:0"
        ]
        assert "old was there before tracking began." in graph.gaps
        assert not any("unused" in gap for gap in graph.gaps)

    def test_started_in_the_middle_of_a_cell(self, notebook: Notebook) -> None:
        """The rest of the cell is tracked, and what it did before is read off its code."""
        notebook.tracker.stop()
        notebook.write("a.csv")
        notebook.shell.user_ns["begin"] = notebook.tracker.start
        notebook.ok('name = "a.csv"\nbegin()\nrows = open(name).read()', "last = rows[:2]")
        assert notebook.sources("last") == {"a.csv"}
        assert notebook.steps("last") == [1, 2]
        assert "In [1] had begun before tracking did." in notebook.tracker.gaps()

    def test_asked_in_the_middle_of_a_cell(self, notebook: Notebook) -> None:
        """The answer has what the cell did so far, and the cell goes on being tracked."""
        notebook.write("a.csv")
        notebook.write("b.csv")
        asked: list[Any] = []
        notebook.shell.user_ns["ask"] = lambda value: asked.append(notebook.tracker.graph(value))
        notebook.ok('rows = open("a.csv").read()\nask(rows)\nrows += open("b.csv").read()')
        assert [n.details["address"] for n in asked[0].of_kind(Kind.source)] == ["a.csv"]
        assert notebook.sources("rows") == {"a.csv", "b.csv"}
        assert len(notebook.tracker.executions()) == 1


class TestNames:
    def test_the_newest_name_counts(self, notebook: Notebook) -> None:
        """An object with two names is found under the one it got last."""
        notebook.ok("first = [1]", "second = first")
        assert notebook.tracker.name_of(notebook.shell.user_ns["first"]) == "second"

    def test_an_object_without_a_name(self, notebook: Notebook) -> None:
        """Equal is not the same."""
        notebook.ok("first = [1]")
        assert notebook.tracker.name_of([1]) is None
        with pytest.raises(InputError, match="This list has no name in the notebook") as caught:
            notebook.tracker.graph([1])
        assert "Give it a name" in caught.value.hint


class TestHarmless:
    def test_hostile_objects(self, notebook: Notebook) -> None:
        """Whatever an object raises when it is looked at, nobody looks."""
        notebook.write("a.csv")
        notebook.ok(
            HOSTILE,
            "one, two, three = Hostile(), Liar(), Strange()\nfour = [one, two, three]",
            "five = {'a': four}\nsix = (one, Strange)\nfive['b'] = one\nfour.append(two)",
            "rows = [open('a.csv').read(), five, three]",
        )
        assert notebook.sources("rows") == {"a.csv"}
        assert notebook.graph().target is None
        assert notebook.tracker.name_of(object()) is None
        assert notebook.tracker.gaps() == ()

    def test_recursive_objects(self, notebook: Notebook) -> None:
        """Going round in circles ends."""
        notebook.ok(
            "ring = []\nring.append(ring)\nloop = {}\nloop['me'] = loop",
            "class Node: pass\nnode = Node()\nnode.me = node\nnode.ring = ring",
            "ring.append(node)\nnode.loop = loop",
            "deep = []\nfor _ in range(5000): deep = [deep]",
            "deep.append(ring)",
        )
        assert notebook.steps("node")[:2] == [1, 2]
        assert notebook.tracker.gaps() == ()

    def test_no_object_is_kept_alive(self, notebook: Notebook) -> None:
        """When the notebook lets go of data, nobody else holds it."""
        notebook.ok(
            "import weakref\nclass Big: pass",
            "big = Big()\nbig.part = Big()\nref, inner = weakref.ref(big), weakref.ref(big.part)",
            "big.more = 1\nalias = big",
        )
        notebook.tracker.mark(notebook.shell.user_ns["big"], Dataset(name="Big"))
        notebook.graph("big")
        notebook.ok("del big, alias")
        gc.collect()
        assert notebook.shell.user_ns["ref"]() is None
        assert notebook.shell.user_ns["inner"]() is None

    def test_nothing_is_kept_while_a_cell_replaces_it(self, notebook: Notebook) -> None:
        """A large object is free as soon as its name stands for the next one."""
        notebook.ok(
            "import weakref\nclass Big: pass\nbig = Big()\nref = weakref.ref(big)",
            "big = None\nalive = ref() is not None",
        )
        assert notebook.shell.user_ns["alive"] is False

    def test_results_are_the_same(self, notebook: Notebook) -> None:
        """Outputs, the namespace and what a cell shows do not change by being tracked."""
        cells = ["x = [1, 2]", "x.append(3)\nx", "y = [*map(str, x)]", "_", "sorted(globals())"]
        seen = []
        for tracked in (True, False):
            if not tracked:
                notebook.tracker.stop()
                notebook.shell.reset(new_session=True)
            seen.append([notebook.run(cell).result for cell in cells])
        assert seen[0] == seen[1]

    def test_a_failure_in_tracking_is_counted_and_said(self, notebook: Notebook) -> None:
        """The cell runs on, the count is in the gaps, and later cells are tracked."""

        class Broken(Eyes):
            def end(self) -> Any:
                raise ZeroDivisionError

        broken = Tracker(notebook.shell, Broken(notebook.folder), Hashed(), notebook.folder)
        broken.start()
        assert notebook.run("x = 1 + 1\nx").result == 2
        notebook.ok("y = 2")
        assert any("failed 2 times (ZeroDivisionError)" in gap for gap in broken.gaps())
        broken.stop()

    def test_a_forked_child_records_nothing(self, notebook: Notebook) -> None:
        """What a child process does is not this session's."""
        child = os.fork()
        if child == 0:  # pragma: no cover - in the child
            notebook.run("x = 1")
            os._exit(len(notebook.tracker.executions()))
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 0

    def test_a_cell_whose_end_was_never_told(self, notebook: Notebook) -> None:
        """The next cells are tracked all the same."""
        info = notebook.run("x = 1").info
        notebook.shell.events.trigger("pre_run_cell", info)
        notebook.ok("y = [x]", "z = [*y]")
        assert notebook.steps("z") == [1, 2, 3]
        assert any("end of a cell was not told" in gap for gap in notebook.tracker.gaps())

    def test_a_cell_beside_another(self, notebook: Notebook) -> None:
        """A cell of a second thread is not mixed up with the one that runs."""

        def beside() -> None:
            worker = threading.Thread(target=notebook.run, args=("z = 3",))
            worker.start()
            worker.join()

        notebook.shell.user_ns["beside"] = beside
        notebook.ok("beside()\nw = 1")
        assert [one.code for one in notebook.tracker.executions()] == ["beside()\nw = 1"]
        assert "A cell ran beside another one; it was not tracked." in notebook.tracker.gaps()


class TestModule:
    def test_one_tracker_in_a_process(self, notebook: Notebook) -> None:
        """Starting twice is starting once; after stopping there is none."""
        notebook.tracker.stop()
        assert tracker.current() is None
        first = tracker.start(notebook.shell)
        try:
            assert tracker.start(notebook.shell) is first
            assert tracker.current() is first
            notebook.write("a.csv")
            notebook.ok("import pandas as pd", 'rows = pd.read_csv("a.csv")')
            graph = first.graph(notebook.shell.user_ns["rows"])
            assert [node.details["address"] for node in graph.of_kind(Kind.source)] == ["a.csv"]
            assert str(graph.of_kind(Kind.source)[0].details["digest"]).startswith("sha256:")
        finally:
            tracker.stop()
        assert tracker.current() is None

    def test_without_a_notebook(self) -> None:
        """There is nothing to track, and a hint what to do."""
        with pytest.raises(InputError, match="no notebook here") as caught:
            tracker.start()
        assert "IPython" in caught.value.hint
