"""Wrapped readers: noted once, pickled and inspected as before, put back exactly as they were."""

from __future__ import annotations

import gc
import importlib
import importlib.util
import inspect
import io
import pickle
import subprocess
import sys
import warnings
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cloudpickle
import duckdb
import h5py
import httpx
import lightgbm
import pandas as pd
import polars as pl
import psycopg
import pyarrow.parquet as pq
import pytest
import sqlalchemy
import xgboost

from tests.unit.senses.cells import Cells, listening, make_files
from workbench.origin.graph import Mark
from workbench.senses import observing, readers
from workbench.senses.reader_table import READERS
from workbench.senses.readings import Address, Reading

CLASSES = [h5py.File, pq.ParquetFile, xgboost.DMatrix, lightgbm.Dataset, httpx.Client]
# Packages of the table that are not installed for the tests; their rows are only spelled.
ABSENT = {"geopandas", "netCDF4", "xarray", "datasets"}
# Names that some version of a package has and the installed one does not.
GONE = {"read_csv_batched", "LazyFrame.sink_json"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def cells(folder: Path) -> Iterator[Cells]:
    with listening(folder) as one:
        yield one


@pytest.fixture
def wrapped() -> Iterator[list[Reading]]:
    told: list[Reading] = []
    observing.install()
    readers.wrap(told.append)
    yield told
    readers.unwrap()


def looked_up() -> dict[tuple[str, str], Any]:
    """Every reader of the table that is installed, as its owner holds it."""
    found = {}
    for reader in READERS:
        if reader.module.partition(".")[0] not in ABSENT:
            holder: Any = importlib.import_module(reader.module)
            *path, name = reader.name.split(".")
            for part in path:
                holder = getattr(holder, part)
            value = vars(holder).get(name, getattr(holder, name, None))
            if isinstance(value, type):
                value = vars(value).get("__init__")
            found[reader.module, reader.name] = value
    return found


class TestTable:
    def test_every_row_is_spelled_as_its_package_spells_it(self) -> None:
        """A typing error would be a reader that is never seen."""
        missing = {name for (_, name), value in looked_up().items() if value is None}
        assert missing <= GONE

    def test_absent_packages_are_absent(self) -> None:
        """Whoever installs one gets its rows tested."""
        assert [name for name in ABSENT if importlib.util.find_spec(name) is not None] == []


class TestRestoring:
    def test_everything_is_put_back(self) -> None:
        """After unwrapping each reader is the object that it was, where it was."""
        before = looked_up()
        readers.wrap(print)
        during = looked_up()
        readers.unwrap()
        assert looked_up() == before
        same = {key for key in before if before[key] is during[key] and before[key] is not None}
        assert same == set()

    def test_wrapping_twice_wraps_once(self) -> None:
        """The second time only changes who is told."""
        original = pd.read_parquet
        readers.wrap(print)
        once = pd.read_parquet
        readers.wrap(repr)
        assert pd.read_parquet is once
        readers.unwrap()
        assert pd.read_parquet is original

    def test_a_later_wrapper_of_somebody_else_stays(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What was put on top of ours is not taken away; ours does nothing by then."""
        original = pd.read_orc
        readers.wrap(print)
        ours = pd.read_orc

        def theirs(*args: Any) -> Any:
            return ours(*args)

        pd.read_orc = theirs
        readers.unwrap()
        assert pd.read_orc is theirs
        pd.read_orc = original

    def test_packages_imported_later_are_wrapped(self) -> None:
        """And not those imported after listening has ended."""
        program = (
            "from workbench.senses import readers\n"
            "readers.wrap(print)\n"
            "import pyarrow.parquet\n"
            "assert pyarrow.parquet.read_table.__module__ == 'pyarrow.parquet'\n"
            "readers.unwrap()\n"
            "import pandas\n"
            "assert 'workbench' not in pandas.read_orc.__code__.co_filename\n"
            "readers.wrap(print)\n"
            "assert 'workbench' in pandas.read_orc.__code__.co_filename\n"
        )
        subprocess.run([sys.executable, "-c", program], check=True)

    def test_a_package_made_in_another_way_is_left_alone(
        self, wrapped: list[Reading], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Importing it succeeds, and what will not be noticed is said."""

        class Closed:
            def __getattr__(self, name: str) -> Any:
                raise RuntimeError("not so fast")

        said: list[str] = []
        readers.wrap(wrapped.append, said.append)
        strange = type(sys)("h5py")
        monkeypatch.setattr(strange, "File", Closed(), raising=False)
        readers._imported(strange)
        assert said == ["What h5py.File reads is not noticed."]


class TestUnchanged:
    def test_pickled_by_name(self, wrapped: list[Reading]) -> None:
        """A wrapped reader travels to another process as the name of the reader."""
        for key, reader in looked_up().items():
            if not inspect.isfunction(reader) or reader.__name__ == "__init__":
                continue
            assert pickle.loads(pickle.dumps(reader)) is reader, key  # noqa: S301 - our own
            assert len(cloudpickle.dumps(reader)) < 200, key

    def test_what_is_pickled_loads_where_nothing_is_wrapped(self, wrapped: list[Reading]) -> None:
        """The other process gets the reader itself."""
        sent = pickle.dumps([pd.read_parquet, pl.scan_csv, pq.read_table, duckdb.sql])
        program = (
            "import pickle, sys\n"
            "names = [f.__name__ for f in pickle.loads(sys.stdin.buffer.read())]\n"
            "assert names == ['read_parquet', 'scan_csv', 'read_table', 'module_sql'], names\n"
        )
        subprocess.run([sys.executable, "-c", program], input=sent, check=True)

    def test_signatures_stay(self) -> None:
        """Completion and help show what they showed."""
        before = {key: shown(reader) for key, reader in looked_up().items()}
        readers.wrap(print)
        after = {key: shown(reader) for key, reader in looked_up().items()}
        readers.unwrap()
        assert after == before

    @pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
    def test_classes_stay_themselves(self, kind: type, wrapped: list[Reading]) -> None:
        """Only how they are made is wrapped: a class is what ``isinstance`` knows it as."""
        assert isinstance(kind, type)
        assert getattr(importlib.import_module(kind.__module__), kind.__name__) is kind
        if kind is h5py.File:
            made = kind(io.BytesIO(), "w")
            assert isinstance(made, h5py.File)
            assert type(made) is h5py.File

    @pytest.mark.parametrize("code", ["pd.read_parquet()", "pd.read_parquet('gone')"])
    def test_tracebacks_show_no_frame_of_ours(self, cells: Cells, code: str) -> None:
        """However an error is printed, it looks as it does where nothing is wrapped."""
        frames = []
        for end in (lambda: None, readers.unwrap):
            end()
            with pytest.raises((TypeError, FileNotFoundError)) as caught:
                cells.run(f"import pandas as pd\n{code}")
            frames.append([entry.frame.code.raw for entry in caught.traceback[1:]])
        assert frames[0] == frames[1]

    def test_the_same_result_and_the_same_error(self, cells: Cells) -> None:
        """What a reader returns and raises goes through untouched."""
        cells.run("import pandas as pd\ntable = pd.read_parquet('a.parquet')")
        pd.testing.assert_frame_equal(cells.names["table"], pd.read_parquet("a.parquet"))
        with pytest.raises(FileNotFoundError, match=r"none\.parquet"):
            cells.run("pd.read_parquet('none.parquet')")
        with pytest.raises(TypeError, match="unexpected keyword argument 'colums'"):
            cells.run("pd.read_sas('a.csv', colums=3)")

    def test_duckdb_finds_the_names_of_its_caller(self, cells: Cells) -> None:
        """A query names variables of the function that it stands in, wrapped or not."""
        code = (
            "import duckdb, pandas as pd\n"
            "whole = pd.DataFrame({'a': [1, 2]})\n"
            "def inner():\n"
            "    local = pd.DataFrame({'a': [3]})\n"
            "    own = duckdb.connect()\n"
            "    ways = (duckdb.sql, duckdb.execute, own.sql, own.execute, own.query)\n"
            "    query = 'SELECT a FROM local UNION ALL SELECT a FROM whole'\n"
            "    found = []\n    for run in ways:\n        found.append(run(query).fetchall())\n"
            "    return found\n"
            "found = inner()\n"
        )
        assert cells.run(code) == []
        assert cells.names["found"] == [[(3,), (1,), (2,)]] * 5

    def test_warnings_are_laid_to_the_same_line(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Warnings of a reader are about the line that called it, not about the wrapper."""

        def warner() -> None:
            warnings.warn("Do not.", FutureWarning, stacklevel=2)

        def blamed() -> list[tuple[str, int]]:
            code = compile("\npd.read_fwf()\npd.read_csv('a.csv', sep='::')", "<notebook>", "exec")
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                exec(code, {"pd": pd})  # noqa: S102 - as a kernel does
            return [(one.filename, one.lineno) for one in caught]

        monkeypatch.setattr(pd, "read_fwf", warner)
        assert blamed() == [("<notebook>", 2), ("<notebook>", 3)]
        readers.wrap(print)
        assert pd.read_fwf is not warner
        assert blamed() == [("<notebook>", 2), ("<notebook>", 3)]
        readers.unwrap()

    def test_no_reference_is_kept(self, cells: Cells) -> None:
        """What a reader was given and what it returned are free when the notebook drops them."""
        path = "class Path:\n    def __fspath__(self):\n        return 'a.parquet'\npath = Path()"
        cells.run(f"import pandas as pd\n{path}")
        cells.run("table = pd.read_parquet(path)")
        kept = [weakref.ref(cells.names.pop(name)) for name in ("path", "table")]
        cells.run("x = 1")
        gc.collect()
        assert [one() for one in kept] == [None, None]


class TestNoting:
    def test_one_call_is_one_reading(self, cells: Cells) -> None:
        """A reader that calls another one that is wrapped is told of once, under its own name."""
        (one,) = cells.run("import pandas as pd\npd.read_parquet('a.parquet')")
        assert (one.how, one.line, one.mark) == ("pandas.read_parquet", 2, Mark.resolved)
        assert one.size == (cells.folder / "a.parquet").stat().st_size
        assert one.changed == (cells.folder / "a.parquet").stat().st_mtime_ns

    def test_a_line_inside_a_function_is_the_line_that_called_it(self, cells: Cells) -> None:
        """What the history needs is the statement of the cell."""
        code = (
            "import polars as pl\ndef load(path):\n    return pl.read_parquet(path)\n"
            "tables = [load(path) for path in ('parts/0.parquet', 'parts/1.parquet')]\n"
        )
        assert [one.line for one in cells.run(code)] == [4, 4]

    def test_nothing_is_noted_between_cells(self, wrapped: list[Reading], folder: Path) -> None:
        """Wrapped readers that are called while no cell runs only call through."""
        pd.read_parquet("a.parquet")
        assert wrapped == []

    def test_in_a_thread_it_is_only_inferred(self, cells: Cells) -> None:
        """The call was seen, but not that the cell made it."""
        code = (
            "import polars as pl\nfrom concurrent.futures import ThreadPoolExecutor\n"
            "with ThreadPoolExecutor(1) as pool:\n"
            "    tables = list(pool.map(pl.read_parquet, ['a.parquet']))\n"
        )
        (one,) = cells.run(code)
        assert (one.mark, one.how, one.line) == (Mark.inferred, "polars.read_parquet", None)

    def test_an_object_that_raises_when_looked_at(self, cells: Cells) -> None:
        """The reader gets it, and says of it what it would have said."""
        code = (
            "import pandas as pd\n"
            "class Hostile:\n"
            "    def __fspath__(self):\n        raise ZeroDivisionError('do not')\n"
            "try:\n    pd.read_parquet(Hostile())\n"
            "except ZeroDivisionError as error:\n    said = str(error)\n"
        )
        assert cells.run(code) == []
        assert cells.names["said"] == "do not"
        assert cells.senses.gaps() == ("Some of what was opened could not be looked at.",)

    def test_data_is_no_address(self, cells: Cells) -> None:
        """Arrays, tables, buffers and raw bytes name nothing."""
        code = (
            "import io, numpy as np, polars as pl, xgboost, lightgbm, pyarrow.parquet as pq\n"
            "rows = np.arange(12.0).reshape(4, 3)\n"
            "xgboost.DMatrix(rows, label=[0, 1, 0, 1])\n"
            "lightgbm.Dataset(rows, label=[0, 1, 0, 1])\n"
            "pl.read_csv(b'a,b\\n1,2\\n')\n"
            "buffer = io.BytesIO()\npl.DataFrame({'a': [1]}).write_parquet(buffer)\n"
            "pq.read_table(io.BytesIO(buffer.getvalue()))\n"
        )
        assert cells.run(code) == []

    def test_hdf5_and_databases_that_are_made(self, cells: Cells) -> None:
        """Opened to be made anew, they are written; made by the opening, too."""
        assert cells.written("import h5py\nh5py.File('new.h5', 'w').close()") == {
            "new.h5": "resolved"
        }
        code = "import duckdb\nduckdb.connect('new.duckdb').close()"
        assert cells.written(code) == {"new.duckdb": "resolved"}
        assert cells.marks(code) == {"new.duckdb": "resolved"}

    def test_models_in_native_files(self, cells: Cells) -> None:
        """Boosters and tensors are saved and loaded past the interpreter."""
        cells.run("import xgboost, lightgbm, torch\nmade = xgboost.Booster()")
        code = (
            "import numpy as np\nrows = np.arange(60.0).reshape(20, 3) % 7\n"
            "made = xgboost.train({}, xgboost.DMatrix(rows, label=rows[:, 0]), 1)\n"
            "made.save_model('model.json')\ntorch.save({'a': 1}, 'model.pt')\n"
        )
        assert cells.written(code) == {"model.json": "resolved", "model.pt": "resolved"}
        assert cells.marks("xgboost.Booster().load_model('model.json')") == {
            "model.json": "resolved"
        }
        assert cells.marks("torch.load('model.pt')") == {"model.pt": "observed"}

    def test_tables_of_a_server(self, cells: Cells, postgres_url: str) -> None:
        """Host, database and table are told, and nothing of who asked or of what for."""
        url = sqlalchemy.make_url(postgres_url).set(drivername="postgresql+psycopg")
        engine = sqlalchemy.create_engine(url)
        pd.DataFrame({"age": [61], "name": ["anna"]}).to_sql("patients", engine, index=False)
        cells.names["engine"] = engine
        query = "SELECT * FROM patients WHERE name = 'anna'"
        code = f"import pandas as pd\npd.read_sql({query!r}, engine)"
        place = f"postgresql://localhost/{url.database}"
        (one,) = cells.run(code)
        assert one.address == Address(f"{place}#patients", "sql")
        assert (one.mark, one.line) == (Mark.resolved, 2)
        assert cells.marks("pd.read_sql_table('patients', engine)") == {
            f"{place}#patients": "resolved"
        }
        cells.names["link"] = link = psycopg.connect(postgres_url)
        code = "import polars as pl\npl.read_database('SELECT age FROM patients', link)"
        assert cells.marks(code) == {f"{place}#patients": "resolved"}
        link.close()
        engine.dispose()


def shown(reader: object) -> str:
    try:
        return str(inspect.signature(reader))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return "none"
