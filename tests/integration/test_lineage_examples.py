"""The example notebooks: clean as they ship, and their lineage captured as it truly is.

The table of scores is printed at the end, whether anything failed or not.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import h5py
import nbformat
import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.integration.kernel import running_kernel
from tests.integration.lineage_score import (
    FOLDER,
    NAMES,
    START,
    TOKEN,
    Run,
    copied,
    plan,
    played,
    read_truth,
    registry,
    run_notebook,
    score,
    served,
    table,
)
from workbench.origin.graph import Kind

each = pytest.mark.parametrize("name", NAMES)
MACHINE = re.compile(r"/(home|root|tmp|work/|Users)/")
LONG = 6  # characters; a shorter value may well be in a digest or a date by chance


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lineage")


@pytest.fixture(scope="module")
def tracked(place: Path) -> Iterator[Callable[[str], Run]]:
    """A function that gives a notebook's run with tracking; two run at a time, each once."""
    pool = ThreadPoolExecutor(2)
    runs = {
        name: pool.submit(lambda name=name: run_notebook(name, copied(place / name)))
        for name in NAMES
    }
    yield lambda name: runs[name].result()
    pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="module")
def untracked(place: Path) -> Iterator[Callable[[str], Run]]:
    """A function that runs a notebook without tracking; all in one kernel, emptied in between."""
    folder = copied(place / "untracked")
    with (
        registry(served(folder)) as address,
        running_kernel(folder, {"REGISTRY": address, "REGISTRY_TOKEN": TOKEN}) as kernel,
    ):

        def played_alone(name: str) -> Run:
            kernel.good("%reset -f")
            return Run(folder, address, played(kernel, plan(name), tracked=False))

        yield played_alone


def test_there_are_at_least_ten() -> None:
    """Ten notebooks, each with its truth beside it, and no truth without a notebook."""
    assert len(NAMES) >= 10
    assert sorted(path.stem for path in (FOLDER / "truth").glob("*.json")) == NAMES


@each
def test_a_notebook_ships_clean(name: str) -> None:
    """Valid, for the ordinary kernel, never run, nothing of anybody's machine in it."""
    path = FOLDER / f"{name}.ipynb"
    notebook = nbformat.read(path, 4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert notebook.metadata.kernelspec.name == "python3"
    assert code[0].source == START
    assert [cell.id for cell in code if cell.outputs or cell.execution_count] == []
    assert MACHINE.search(path.read_text("utf-8")) is None


@each
def test_the_truth_speaks_of_what_is_there(name: str, place: Path) -> None:
    """It names cells that are run, says nothing twice, and its settings stand in the code."""
    truth = read_truth(name)
    steps = plan(name)
    ids = {step.cell for step in steps}
    assert {cell.partition(":")[0] for cell in (*truth.cells, *truth.not_cells)} <= ids
    assert not set(truth.cells) & set(truth.not_cells)
    assert not set(truth.sources) & {*truth.not_sources, *truth.also}
    assert truth.why
    code = "\n".join(step.code for step in steps)
    assert [key for key in truth.parameters if key not in code] == []
    assert re.search(rf"^{truth.target} = ", code, re.MULTILINE)


@each
def test_every_true_source_is_found(name: str, tracked) -> None:
    """What reached the model is upstream of it, none left out."""
    assert score(name, tracked(name), read_truth(name)).missed == ()


@each
def test_nothing_false_is_marked_observed(name: str, tracked) -> None:
    """No source that did not reach the model is upstream of it with the strongest mark."""
    assert score(name, tracked(name), read_truth(name)).false_observed == ()


@each
def test_the_cells_it_came_of_are_upstream(name: str, tracked) -> None:
    """The steps upstream of the model are its true cells; those that only looked are not there."""
    found = score(name, tracked(name), read_truth(name))
    assert found.cells_missed == ()
    assert found.cells_false == ()


@each
def test_the_settings_it_was_trained_with_are_described(name: str, tracked) -> None:
    """Hyperparameters that the code sets are in the record of the training, with their values."""
    assert score(name, tracked(name), read_truth(name)).settings_missed == ()


@each
def test_results_are_the_same_without_tracking(name: str, tracked, untracked) -> None:
    """Every cell prints and shows with tracking what it prints and shows without."""
    with_it, without = tracked(name).ran, untracked(name).ran
    for cell, ran in without.items():
        assert (with_it[cell].printed, with_it[cell].shown) == (ran.printed, ran.shown), cell


@each
def test_files_that_were_read_carry_their_digest(name: str, tracked) -> None:
    """Every file that is a source upstream has its size, and none is a secret or a query."""
    run = tracked(name)
    files = [n for n in run.graph.of_kind(Kind.source) if n.details.get("scheme") == "file"]
    whole = [n for n in files if (run.folder / str(n.details["address"])).is_file()]
    assert [
        n.label for n in whole if not str(n.details.get("digest", "")).startswith("sha256:")
    ] == []
    assert TOKEN not in run.answer
    assert str(run.folder) not in run.answer


@each
def test_no_value_of_the_data_is_kept(name: str, tracked) -> None:
    """Nothing that stands in a file's cells stands in the lineage, unless the code says it."""
    run = tracked(name)
    code = "\n".join(step.code for step in plan(name))
    said = "\n".join(_words(json.loads(run.answer)))
    values = _values(run.folder / "data") | _values(served(run.folder))
    secrets = {value for value in values if value not in code}
    assert len(secrets) > 5000
    assert sorted(value for value in secrets if value in said) == []


def test_what_is_false_is_only_ever_inferred(tracked, capsys: pytest.CaptureFixture[str]) -> None:
    """Over all notebooks, a source that did not lead to the model is rare and never surer.

    A loop that reads a note beside each table may have used it: it stays, marked as a guess. Prints
    the table of scores.
    """
    scores = [score(name, tracked(name), read_truth(name)) for name in NAMES]
    with capsys.disabled():
        print(f"\n\n{table(scores)}")
    for one in scores:
        assert len(one.false) <= one.marks.get("inferred", 0)
    assert {one.name for one in scores if one.precision < 1} <= {"06-loops"}


def _words(content: object) -> Iterator[str]:
    """Every value in a lineage but digests, in which chance may spell anything."""
    if isinstance(content, dict):
        for key, value in content.items():
            if key != "digest":
                yield from (key, *_words(value))
    elif isinstance(content, list):
        for value in content:
            yield from _words(value)
    else:
        yield str(content)


@cache
def _values(folder: Path) -> frozenset[str]:
    """Every long value in the files of a folder, as it would be written."""
    found: set[object] = set()
    for path in (path for path in folder.rglob("*") if path.is_file()):
        match path.suffix:
            case ".parquet":
                for column in pq.ParquetFile(path).read().to_pydict().values():
                    found |= set(column)
            case ".sqlite":
                found |= set(_rows(path))
            case ".npz" | ".npy":
                loaded = np.load(path)
                for array in loaded.values() if path.suffix == ".npz" else (loaded,):
                    found |= set(array.ravel().tolist())
            case ".h5":
                with h5py.File(path) as file:
                    found |= {v for array in file.values() for v in array[:].ravel().tolist()}
            case _:
                _, _, rows = path.read_text("utf-8").partition("\n")  # a header may be known
                between = r"[\s:]+" if path.suffix in (".svm", ".txt") else r"[,\t\n\"]+"
                found |= set(re.split(between, rows))
    written = {repr(v) if isinstance(v, float) else str(v) for v in found}
    return frozenset(v for v in written if len(v) >= LONG)


def _rows(path: Path) -> Iterator[object]:
    connection = sqlite3.connect(path)
    tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
    for (name,) in tables:
        for row in connection.execute(f"SELECT * FROM {name}"):
            yield from row
    connection.close()
