"""Capture stays out of the way: whatever a cell does, it does the same as without tracking.

Two kernels run the same cells (``cells/*.txt``, separated by lines ``--``), one of them tracked;
what they print, show and raise is compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.integration.kernel import Kernel, Ran, running_kernel
from tests.integration.lineage_score import ASK, START
from workbench.origin.graph import Graph, Kind, Node, upstream

PROCESS = re.compile(r"ipykernel_\d+")  # part of the made-up name of a cell's file
MIB = 1024 * 1024
PARTS = 8
CASES = {path.stem: path for path in sorted((Path(__file__).parent / "cells").glob("*.txt"))}
CANARY = "SYN-CANARY-{}"


def tables(place: Path) -> Path:
    """Write small tables into a folder that is not there yet."""
    place.mkdir()
    for part in range(PARTS):
        numbers = np.arange(20) + 1000.0 * part + 0.123456
        who = [CANARY.format(part * 20 + row) for row in range(20)]
        table = pd.DataFrame({"who": who, "a": numbers, "b": numbers % 7, "y": np.arange(20) % 2})
        table.to_csv(place / f"part-{part}.csv", index=False)
        table.to_parquet(place / f"part-{part}.parquet")
    return place


@pytest.fixture(scope="module")
def tracked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with running_kernel(tables(tmp_path_factory.mktemp("robust") / "tables")) as kernel:
        kernel.good(START)
        kernel.good("import pandas as pd")
        yield kernel


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with running_kernel(tables(tmp_path_factory.mktemp("robust") / "tables")) as kernel:
        kernel.good("pass")
        kernel.good("import pandas as pd")
        yield kernel


def cells(case: str) -> list[str]:
    """The cells of a case; all cases begin with the same imports."""
    return [cell for path in (CASES["0-imports"], CASES[case]) for cell in _split(path)]


def _split(path: Path) -> list[str]:
    return re.split(r"^--\n", path.read_text("utf-8"), flags=re.MULTILINE)


def lineage(kernel: Kernel, name: str) -> Graph:
    """Ask for the lineage of a variable; nothing but it is printed."""
    ran = kernel.good(ASK.format(target=name))
    assert ran.warned == ""
    return Graph.model_validate_json(ran.printed)


def sources(graph: Graph) -> set[str]:
    """The names of the files upstream of what a lineage is about."""
    return {Path(str(node.details["address"])).name for node in above(graph, Kind.source)}


def above(graph: Graph, kind: Kind) -> list[Node]:
    """The nodes of one kind upstream of what a lineage is about."""
    assert graph.target is not None
    ids = upstream(graph.edges, graph.target)
    return [node for node in graph.of_kind(kind) if node.id in ids]


def seen(ran: Ran) -> tuple[object, ...]:
    """What a person sees of a cell: prints, results, the error and its traceback."""
    warned = PROCESS.sub("", ran.warned)
    if (error := ran.error) is None:
        return ran.printed, warned, ran.shown, None
    shown = (error["ename"], error["evalue"], ran.traceback)
    return ran.printed, warned, ran.shown, shown


@pytest.mark.parametrize("case", CASES)
def test_a_cell_does_what_it_does_without_tracking(
    case: str, tracked: Kernel, plain: Kernel
) -> None:
    """Prints, results, warnings, errors and tracebacks are the same, cell by cell."""
    for code in cells(case):
        with_it, without = tracked.run(code), plain.run(code)
        assert seen(with_it) == seen(without), code
        assert with_it.execution == without.execution


def test_an_object_that_fights_back_can_be_asked_about(tracked: Kernel) -> None:
    """Its lineage is told, and it was neither compared, printed, hashed nor copied for it."""
    tracked.good(_split(CASES["hostile-objects"])[0])
    tracked.good("first = Hostile()\nholder = [first, {'deep': first}]\nsecond = first")
    for name in ("first", "holder", "second"):
        ran = tracked.good(ASK.format(target=name))
        assert ran.printed.count("\n") == 1  # the answer, and nothing said by the objects
        assert ran.warned == ""
        assert Graph.model_validate_json(ran.printed).target


def test_a_failed_cell_is_recorded_as_failed(tracked: Kernel) -> None:
    """What a cell had read before it failed is there, with the cell and how it ended."""
    failed = tracked.run("broken = pd.read_csv('part-0.csv')\nbroken['c'] = 1\n1 / 0", "breaks")
    assert failed.error
    graph = lineage(tracked, "broken")
    assert sources(graph) == {"part-0.csv"}
    steps = {str(n.details.get("cell")): n.details.get("outcome") for n in above(graph, Kind.step)}
    assert steps["breaks"] == "error"


def test_an_interrupt_reaches_the_user(tracked: Kernel) -> None:
    """However often, amid reading: KeyboardInterrupt, a usable kernel, and a record of it."""
    code = "print('reading')\nwhile True:\n    stopped = pd.read_csv('part-1.csv')"
    for _ in range(5):
        message = tracked.send(code, "loop")
        tracked.hear(message, "reading")
        error = tracked.interrupt(message).error
        assert error
        assert error["ename"] == "KeyboardInterrupt"
        assert tracked.good("1 + 1").shown == ["2"]
    tracked.good("stopped = globals().get('stopped', pd.read_csv('part-1.csv'))")
    graph = lineage(tracked, "stopped")
    assert sources(graph) == {"part-1.csv"}


def test_an_interrupted_cell_is_recorded_as_interrupted(tracked: Kernel) -> None:
    """The step says so, and what was read before is upstream."""
    code = "halted = pd.read_csv('part-2.csv')\nprint('read')\nwhile True: pass"
    message = tracked.send(code, "halts")
    tracked.hear(message, "read")
    tracked.interrupt(message)
    graph = lineage(tracked, "halted")
    steps = {str(n.details.get("cell")): n.details.get("outcome") for n in above(graph, Kind.step)}
    assert steps["halts"] == "interrupted"
    assert sources(graph) == {"part-2.csv"}


@pytest.mark.parametrize("reader", ["pd.read_csv", "pd.read_parquet"])
def test_what_threads_read_is_found(reader: str, tracked: Kernel) -> None:
    """Eight files read by four threads are all upstream of what is made of them."""
    suffix = reader.partition("_")[2]
    tracked.good(f"""
from concurrent.futures import ThreadPoolExecutor
names = [f"part-{{n}}.{suffix}" for n in range({PARTS})]
with ThreadPoolExecutor(4) as pool:
    pieces = list(pool.map({reader}, names))
threaded = pd.concat(pieces)
""")
    expected = {f"part-{n}.{suffix}" for n in range(PARTS)}
    assert sources(lineage(tracked, "threaded")) == expected


def test_a_thread_may_outlive_its_cell(tracked: Kernel) -> None:
    """It goes on reading between cells and during others, and nothing breaks."""
    tracked.good("""
import threading
done, results = threading.Event(), []
def work():
    while not done.is_set():
        results.append(len(pd.read_csv("part-3.csv")))
worker = threading.Thread(target=work)
worker.start()
""")
    tracked.good("meanwhile = pd.read_csv('part-4.csv')")
    ran = tracked.good("done.set(); worker.join(); print(set(results))")
    assert (ran.printed, ran.warned) == ("{20}\n", "")
    assert "part-4.csv" in sources(lineage(tracked, "meanwhile"))


def test_a_fork_lives(tracked: Kernel) -> None:
    """A forked child reads and ends well, and so do its parent and the lineage."""
    ran = tracked.good("""
import os, warnings
warnings.simplefilter("ignore", DeprecationWarning)
codes = []
for _ in range(4):
    child = os.fork()
    if not child:
        try:
            tables = pd.read_csv("part-5.csv"), pd.read_parquet("part-5.parquet")
            good = [len(table) for table in tables] == [20, 20]
        finally:
            os._exit(0 if good else 1)
    codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print(codes)
forked = pd.read_csv("part-6.csv")
""")
    assert ran.printed == "[0, 0, 0, 0]\n"
    assert "part-6.csv" in sources(lineage(tracked, "forked"))


@pytest.mark.parametrize(
    "code",
    [
        "text = subprocess.run(['cat', 'part-7.csv'], capture_output=True, text=True).stdout\n"
        "unseen = pd.read_csv(io.StringIO(text))",
        "lines = !cat part-7.csv\nunseen = pd.read_csv(io.StringIO(lines.n))",
        "with multiprocessing.get_context('fork').Pool(1) as pool:\n"
        "    unseen = pool.map(pd.read_csv, ['part-7.csv'])[0]",
        "exec('unseen = pd.read_csv(chr(112) + \"art-7.csv\")')",
    ],
    ids=["subprocess", "shell", "pool", "exec"],
)
def test_what_was_not_seen_is_said(code: str, tracked: Kernel) -> None:
    """Where another process, or code made at run time, did it: found, or a gap is told."""
    tracked.good("import io, subprocess, multiprocessing\nfrom pathlib import Path")
    tracked.good(code)
    graph = lineage(tracked, "unseen")
    assert "part-7.csv" in sources(graph) or graph.gaps


def test_memory_is_freed_when_the_user_deletes(tracked: Kernel) -> None:
    """A table of 400 MB, and one made from it, are gone from memory after ``del``."""
    tracked.good("import gc, numpy as np; gc.collect()")
    before = tracked.memory()
    tracked.good(f"wide = pd.DataFrame(np.ones(({400 * MIB // 80}, 10)))")
    tracked.good("wide[0] = 2.0\nderived = wide * 2")
    held = tracked.memory()
    tracked.good("del wide, derived")
    tracked.good("gc.collect()")
    assert held - before > 700 * MIB
    assert tracked.memory() - before < 60 * MIB


@pytest.mark.parametrize(
    "make",
    ["Thing()", "np.ones(9)", "pd.DataFrame({'a': [1]})", "Fitted().fit([[1], [2]], [0, 1])"],
)
def test_nothing_is_kept_alive(make: str, tracked: Kernel) -> None:
    """An object that the user lets go is gone at once, without waiting for the collector."""
    tracked.good("import weakref\nfrom sklearn.linear_model import LogisticRegression as Fitted")
    tracked.good("class Thing: pass")
    tracked.good(f"mine = {make}\nother = [mine]")
    tracked.good("watch = weakref.ref(mine)")
    assert tracked.good("del mine, other\nprint(watch() is None)").printed == "True\n"


@pytest.mark.parametrize(
    "code",
    [
        "kept = pd.read_csv('part-0.csv')\nkept['who'] = kept['who'].astype('category')",
        "kept = pd.read_csv('part-0.csv').pivot(columns='who', values='a')",
        "kept = {row.who: row.a for row in pd.read_csv('part-0.csv').itertuples()}",
        "kept = pd.read_csv('part-0.csv').set_index('who').loc['SYN-CANARY-3']",
        "kept = pl.read_csv('part-0.csv')\n"
        "kept = kept.cast({'who': pl.Enum(kept['who'].to_list())})",
        "kept = OneHotEncoder().fit(pd.read_csv('part-0.csv')[['who']])",
        "kept = pd.read_csv('part-0.csv')\nfor value in kept['who']:\n    globals()[value] = 1",
        "kept = np.rec.fromrecords([(1, 2)], names=list(pd.read_csv('part-0.csv')['who'][:2]))",
        "kept = pd.read_csv('part-0.csv')\nkept.loc[kept['who'][7]]",
        "kept = Path('part-0.csv').read_text()\nprint(kept)",
    ],
    ids=["category", "pivot", "dict", "series name", "enum", "encoder", "globals",
         "fields", "key error", "output"],
)  # fmt: skip
def test_values_are_never_kept(code: str, tracked: Kernel) -> None:
    """Wherever a value of the data goes, it does not go into the lineage."""
    tracked.good("import numpy as np, polars as pl\nfrom pathlib import Path")
    tracked.good("from sklearn.preprocessing import OneHotEncoder")
    tracked.run(code)
    ran = tracked.good(ASK.format(target="kept"))
    assert sources(Graph.model_validate_json(ran.printed)) == {"part-0.csv"}
    assert re.findall(r"SYN-CANARY-\d+|\d+\.123456", ran.printed.replace("SYN-CANARY-3'", "")) == []


def test_stopping_leaves_no_trace(tmp_path: Path) -> None:
    """After ``tracker.stop()`` the readers are the very objects that they were before tracking."""
    names = ["pd.read_csv", "pd.read_parquet", "pq.read_table", "pq.ParquetFile", "pl.read_csv",
             "pl.scan_parquet", "h5py.File", "sqlite3.connect", "open", "np.load"]  # fmt: skip
    with running_kernel(tables(tmp_path / "tables")) as kernel:
        kernel.good(
            "import sqlite3, h5py, numpy as np, pandas as pd, polars as pl\n"
            "import pyarrow.parquet as pq"
        )
        kernel.good(f"before = [{', '.join(names)}]")
        kernel.good(START)
        kernel.good("table = pd.read_parquet('part-0.parquet')")
        kernel.good("from workbench.capture import tracker; tracker.stop()")
        code = f"print([a is b for a, b in zip(before, [{', '.join(names)}])])"
        assert kernel.good(code).printed == f"{[True] * len(names)}\n"


@pytest.mark.parametrize(("before", "spared"), [("pass", True), ("mine = [1, 2]", False)])
def test_only_a_new_kernel_is_put_aside(before: str, spared: bool, tmp_path: Path) -> None:
    """What the user made before is looked through for garbage as ever, and all of it at the end."""
    with running_kernel(tmp_path) as kernel:
        kernel.good(before)
        kernel.good(START)
        count = "import gc; print(gc.get_freeze_count() > 10_000)"
        assert kernel.good(count).printed.strip() == str(spared)
        kernel.good("from workbench.capture import tracker; tracker.stop()")
        assert kernel.good("print(gc.get_freeze_count())").printed.strip() == "0"


def test_loading_twice_is_loading_once(tmp_path: Path) -> None:
    """A second ``%load_ext``, and a reload, keep what was seen and see nothing twice."""
    with running_kernel(tables(tmp_path / "tables")) as kernel:
        kernel.good(START)
        kernel.good("import pandas as pd\ntable = pd.read_csv('part-0.csv')", "read")
        kernel.good(START)
        kernel.good("%reload_ext workbench")
        kernel.good("other = table.merge(pd.read_csv('part-1.csv'), on='b')", "merge")
        graph = lineage(kernel, "other")
    assert sources(graph) == {"part-0.csv", "part-1.csv"}
    cells = [node.details["cell"] for node in above(graph, Kind.step)]
    assert [cell for cell in cells if cell in ("read", "merge")] == ["read", "merge"]
