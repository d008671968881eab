"""Real files through real readers: each is found, with the right mark, and nothing else is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.senses.cells import Cells, listening, make_files
from workbench.origin.graph import Mark
from workbench.senses import together as senses_module
from workbench.senses.hashing import Digests
from workbench.senses.readings import Address, Reading

# What the interpreter sees opened.
OBSERVED = [
    ("import pandas as pd\npd.read_csv('a.csv')", {"a.csv"}),
    ("import pandas as pd\npd.read_csv('a.csv', engine='pyarrow')", {"a.csv"}),
    ("import pandas as pd\npd.read_json('a.json')", {"a.json"}),
    ("import pandas as pd\npd.read_pickle('a.pkl')", {"a.pkl"}),
    ("import numpy as np\nnp.load('a.npy')\nnp.load('a.npz')['rows']", {"a.npy", "a.npz"}),
    ("import numpy as np\nnp.load('a.npy', mmap_mode='r')", {"a.npy"}),
    ("import numpy as np\nnp.memmap('a.npy')\nnp.fromfile('a.npy')", {"a.npy"}),
    ("import numpy as np\nnp.loadtxt('a.txt')", {"a.txt"}),
    ("import joblib\njoblib.load('a.joblib')", {"a.joblib"}),
    ("import scipy.io\nscipy.io.loadmat('a.mat')", {"a.mat"}),
    ("import sqlite3\nsqlite3.connect('a.sqlite').execute('SELECT 1')", {"a.sqlite"}),
    ("import sqlite3\nsqlite3.connect('file:a.sqlite?mode=ro', uri=True)", {"a.sqlite"}),
    (
        "import pandas as pd, sqlalchemy\n"
        "engine = sqlalchemy.create_engine('sqlite:///a.sqlite')\n"
        "pd.read_sql('SELECT * FROM patients', engine)",
        {"a.sqlite"},
    ),
    ("from pathlib import Path\nPath('a.csv').read_text()", {"a.csv"}),
    ("import os\nos.read(os.open('a.csv', os.O_RDONLY), 9)", {"a.csv"}),
    ("import fsspec\nfsspec.filesystem('file').open('a.csv').read()", {"a.csv"}),
    ("import shutil\nshutil.copy('a.csv', 'copy.csv')", {"a.csv"}),
]
# What is opened in native code, by a reader whose arguments are known.
RESOLVED = [
    ("import pandas as pd\npd.read_parquet('a.parquet')", {"a.parquet"}),
    ("import pandas as pd\npd.read_parquet(path='parts')", {"parts/0.parquet", "parts/1.parquet"}),
    ("import pyarrow.parquet as pq\npq.read_table('a.parquet')", {"a.parquet"}),
    ("import pyarrow.parquet as pq\npq.ParquetFile('a.parquet').read()", {"a.parquet"}),
    ("import pyarrow.csv\npyarrow.csv.read_csv('a.csv')", {"a.csv"}),
    (
        "import pyarrow.dataset as ds\nds.dataset('parts').head(1)",
        {f"parts/{n}.parquet" for n in "01"},
    ),
    ("import pyarrow.feather as pf\npf.read_table('a.feather')", {"a.feather"}),
    ("import pyarrow.orc as po\npo.read_table('a.orc')", {"a.orc"}),
    ("import pyarrow\npyarrow.memory_map('a.parquet').close()", {"a.parquet"}),
    ("import polars as pl\npl.read_csv('a.csv')", {"a.csv"}),
    (
        "import polars as pl\npl.read_parquet('parts/*.parquet')",
        {f"parts/{n}.parquet" for n in "01"},
    ),
    ("import polars as pl\npl.scan_csv(['a.csv']).collect()", {"a.csv"}),
    ("import polars as pl\npl.read_ndjson('a.ndjson')", {"a.ndjson"}),
    ("import polars as pl\npl.read_ipc('a.arrow')", {"a.arrow"}),
    ("import h5py\nh5py.File('a.h5')['rows'][:]", {"a.h5"}),
    ("import duckdb\nduckdb.sql(\"SELECT * FROM 'a.csv'\").fetchall()", {"a.csv"}),
    ("import duckdb\nduckdb.read_parquet('a.parquet').fetchall()", {"a.parquet"}),
    (
        "import duckdb\nduckdb.connect().execute("
        "\"SELECT * FROM read_parquet(['a.parquet', 'parts/0.parquet'])\").fetchall()",
        {"a.parquet", "parts/0.parquet"},
    ),
    ("import xgboost\nxgboost.DMatrix('a.libsvm?format=libsvm')", {"a.libsvm"}),
    (
        "import lightgbm\nlightgbm.Dataset('lgb.csv', params={'verbose': -1}).construct()",
        {"lgb.csv"},
    ),
]
# What only the file system tells of: no wrapped reader, or another process.
INFERRED = [
    ("import pyarrow\npyarrow.OSFile('a.parquet').close()", {"a.parquet"}),
    ("import subprocess\nsubprocess.run(['cat', 'a.csv'], capture_output=True)", {"a.csv"}),
    ("import subprocess\nsubprocess.run('cat a.csv > out.csv', shell=True)", {"a.csv"}),
    ("import os\nos.system('cat a.csv > out.csv')", {"a.csv"}),
    ("import pty, os\npid, fd = pty.fork()\nif pid == 0:\n    os.execvp('cat', ['cat', 'a.csv'])\n"
     "os.waitpid(pid, 0)", {"a.csv"}),
    ("import os\npid = os.fork()\nif pid == 0:\n    open('a.csv').read()\n    os._exit(0)\n"
     "os.waitpid(pid, 0)", {"a.csv"}),
    ("import threading\nthread = threading.Thread(target=lambda: open('a.csv').read())\n"
     "thread.start()\nthread.join()", {"a.csv"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("notebook")
    make_files(made)
    return made


@pytest.fixture
def cells(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cells]:
    monkeypatch.chdir(folder)
    with listening(folder) as one:
        yield one


def first_line(value: object) -> str:
    return str(value).partition("\n")[2].splitlines()[-1][:50] if "\n" in str(value) else ""


class TestReaders:
    @pytest.mark.parametrize(("code", "files"), OBSERVED, ids=first_line)
    def test_the_interpreter_sees(self, cells: Cells, code: str, files: set[str]) -> None:
        """Opened through Python: observed, and nothing but what was read."""
        assert cells.marks(code) == dict.fromkeys(files, "observed")

    @pytest.mark.parametrize(("code", "files"), RESOLVED, ids=first_line)
    def test_arguments_resolve(self, cells: Cells, code: str, files: set[str]) -> None:
        """Opened natively by a reader that is known: resolved, and nothing but what was read."""
        assert cells.marks(code) == dict.fromkeys(files, "resolved")

    @pytest.mark.parametrize(("code", "files"), INFERRED, ids=first_line)
    def test_the_file_system_tells(self, cells: Cells, code: str, files: set[str]) -> None:
        """Opened unseen or by somebody else: inferred, and nothing but what was read."""
        assert cells.marks(code) == dict.fromkeys(files, "inferred")

    def test_feather_and_orc_of_pandas(self, cells: Cells) -> None:
        """Whichever way a version of pandas opens them, they are found with their reader's name."""
        found = cells.run("import pandas as pd\npd.read_feather('a.feather')\npd.read_orc('a.orc')")
        assert {(cells.short(one), one.how, one.line) for one in found} == {
            ("a.feather", "pandas.read_feather", 2),
            ("a.orc", "pandas.read_orc", 3),
        }
        assert all(one.mark.rank < Mark.inferred.rank for one in found)

    def test_what_was_imported_before_is_found_all_the_same(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A reader that was imported by name before tracking: the file system tells of it."""
        monkeypatch.chdir(folder)
        from polars import read_parquet

        with listening(folder) as cells:
            cells.names["read_parquet"] = read_parquet
            assert cells.marks("read_parquet('a.parquet')") == {"a.parquet": "inferred"}


class TestPrecision:
    def test_importing_reads_no_data(self, folder: Path) -> None:
        """Big libraries open thousands of files when they load; none is a source."""
        program = (
            "import sys\nfrom pathlib import Path\n"
            "from workbench.senses.together import Senses\n"
            "senses = Senses()\nsenses.start()\nsenses.watch(Path('.'))\n"
            "names = {'__name__': '__main__'}\n"
            "code = 'import pandas, numpy, sklearn.ensemble, scipy.stats, polars, xgboost, '\n"
            "code += 'lightgbm, h5py, duckdb, pyarrow.parquet, requests, httpx, sqlalchemy'\n"
            "senses.begin(names, code)\nexec(compile(code, '<cell>', 'exec'), names)\n"
            "assert senses.end() == [], senses.end()\n"
            "assert names['pandas'].read_parquet.__code__.co_filename.startswith('<workbench')\n"
        )
        subprocess.run([sys.executable, "-c", program], check=True, cwd=folder)

    def test_a_data_set_inside_a_package(self, cells: Cells) -> None:
        """It is the one file of the package that is data."""
        (one,) = cells.run("from sklearn.datasets import load_breast_cancer\nload_breast_cancer()")
        assert one.address.text.endswith("/sklearn/datasets/data/breast_cancer.csv")
        assert (one.mark, one.line, one.how) == (Mark.observed, 2, "sklearn.load_breast_cancer")

    def test_what_is_not_there_is_not_read(self, cells: Cells) -> None:
        """A reader that fails has read nothing."""
        for reader in ("open('none.csv')", "import polars\npolars.read_csv('none.csv')"):
            code = (
                f"try:\n    {reader.replace(chr(10), chr(10) + '    ')}\nexcept OSError:\n    pass"
            )
            assert cells.run(code) == []

    def test_modules_and_notebooks_are_not_sources(self, cells: Cells) -> None:
        """A module of one's own is code; the notebook beside it is where the cell is."""
        (cells.folder / "own_module_of_this_test.py").write_text("VALUE = 1\n")
        (cells.folder / "study.ipynb").write_text("{}")
        code = (
            "import importlib, sys\nimportlib.invalidate_caches()\nsys.path.insert(0, '.')\n"
            "import own_module_of_this_test\nsys.path.pop(0)\n"
        )
        assert cells.run(code) == []
        assert cells.run("open('study.ipynb').read()") == []

    def test_between_cells_nothing_counts(self, cells: Cells) -> None:
        """What another program, or this test, opens before the cell is none of its doing."""
        (cells.folder / "a.csv").read_text()
        assert cells.run("x = 1") == []


class TestOneReading:
    def test_the_strongest_mark_wins(self) -> None:
        """What three senses tell is one reading, with the line that one of them knew."""
        address = Address("https://host/a.csv", "https")
        told = [
            Reading(address, Mark.inferred, "inotify"),
            Reading(address, Mark.resolved, "pandas.read_csv", 3),
            Reading(address, Mark.observed, "open", 3),
        ]
        assert list(senses_module._merged(told)) == [
            Reading(address, Mark.observed, "pandas.read_csv", 3)
        ]

    def test_each_line_is_kept(self, cells: Cells) -> None:
        """The same file read on two lines led to two things; a loop is one line."""
        code = "for _ in range(9):\n    open('a.csv')\nopen('a.csv')"
        assert [(one.line, one.how) for one in cells.run(code)] == [(2, "open"), (3, "open")]

    def test_written_and_read_are_two_things(self, cells: Cells) -> None:
        """The size of what was written is that at the end of the cell."""
        found = cells.run("open('new.csv', 'w').write('1,2')\nopen('new.csv').read()")
        assert [(one.wrote, one.line, one.mark) for one in found] == [
            (True, 1, Mark.observed),
            (False, 2, Mark.observed),
        ]
        assert found[0].size == 3

    def test_what_is_made_and_gone_again_is_not_told(self, cells: Cells) -> None:
        """A scratch file leaves nothing; under its last name it is what was written."""
        code = "import os\nopen('x.tmp', 'w').write('1'); os.replace('x.tmp', 'kept.csv')"
        assert [(cells.short(one), one.wrote) for one in cells.run(code)] == [("kept.csv", True)]

    def test_a_table_is_put_into_a_database(self, cells: Cells) -> None:
        """What else is in its file stays; a new file has nothing else."""
        cells.run("import sqlite3, pandas as pd\ntable = pd.DataFrame({'a': [1]})")
        cells.run("made = sqlite3.connect('made.sqlite')")
        put = "table.to_sql({!r}, made)"
        assert [one.wrote for one in cells.run(put.format("first"))] == [True]
        found = cells.run(put.format("second"))
        assert {(cells.short(one), one.wrote, one.mark) for one in found} == {
            ("made.sqlite", False, Mark.resolved),
            ("made.sqlite", True, Mark.resolved),
        }
        cells.run("made.close()")

    def test_native_writers(self, cells: Cells) -> None:
        """A file written past the interpreter is told of, by argument or by the file system."""
        cells.run("import pandas as pd, duckdb\ntable = pd.DataFrame({'a': [1]})")
        assert cells.written("table.to_parquet('out.parquet')") == {"out.parquet": "resolved"}
        code = "duckdb.sql('SELECT 1').write_parquet('out2.parquet')"
        assert cells.written(code) == {"out2.parquet": "inferred"}


class TestLimits:
    def test_many_files_of_one_folder_are_cut_and_it_is_said(
        self, cells: Cells, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A folder of images cannot fill the lineage."""
        monkeypatch.setattr(senses_module.observing, "MAX_OF_FOLDER", 3)
        (cells.folder / "many").mkdir()
        for number in range(5):
            (cells.folder / "many" / f"{number}.csv").touch()
        found = cells.run("for n in range(5):\n    open(f'many/{n}.csv')")
        assert sum(one.mark is Mark.observed for one in found) == 3
        assert any("More than 3 files in" in gap for gap in cells.senses.gaps())

    def test_more_readings_than_fit_are_cut_and_it_is_said(
        self, cells: Cells, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The limit is of one cell; the next has its own."""
        monkeypatch.setattr(senses_module, "MAX_READINGS", 1)
        assert len(cells.run("open('a.csv')\nopen('a.json')")) == 1
        assert cells.senses.gaps() == (
            "One cell read more than 1 things; the others are not named.",
        )
        assert cells.marks("open('a.txt')") == {"a.txt": "observed"}

    def test_no_file_system_to_ask_is_a_gap(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Without inotify the other senses go on, and what is missing is said."""
        monkeypatch.chdir(folder)
        monkeypatch.setitem(sys.modules, "inotify_simple", None)
        with listening(folder) as cells:
            assert "not noticed on this system" in cells.senses.gaps()[0]
            assert cells.marks("open('a.csv').read()") == {"a.csv": "observed"}


class TestFolders:
    def test_a_folder_that_code_names_is_watched(self, cells: Cells, tmp_path: Path) -> None:
        """In a text, in a query, or by a name: native code opens what is there unseen."""
        make_files(tmp_path)
        cells.run("import pyarrow\nfrom pathlib import Path")
        elsewhere = str(tmp_path / "a.parquet")
        assert cells.marks(f"pyarrow.OSFile({elsewhere!r}).close()") == {elsewhere: "inferred"}
        cells.names["where"] = tmp_path / "parts"
        code = "pyarrow.OSFile(str(where / '0.parquet')).close()"
        assert cells.marks(code) == {str(tmp_path / "parts" / "0.parquet"): "inferred"}

    def test_a_folder_that_was_read_from_is_watched_afterwards(
        self, cells: Cells, tmp_path: Path
    ) -> None:
        """What native code opens beside a file that was seen is found from the next cell on."""
        make_files(tmp_path)
        cells.names["one"] = [str(tmp_path / "a.csv"), str(tmp_path / "a.parquet")]
        cells.run("import pyarrow\nopen(one[0]).read()")
        code = "pyarrow.OSFile(one[1]).close()"
        assert cells.marks(code) == {str(tmp_path / "a.parquet"): "inferred"}

    def test_made_during_a_cell_it_is_watched_from_the_next(self, cells: Cells) -> None:
        """Files in it that nobody else told of are found then."""
        cells.run("import os, pyarrow\nos.makedirs('later/on')")
        cells.run("import shutil\nx = shutil.copy('a.parquet', 'later/on/b.parquet')")
        code = "pyarrow.OSFile('later/on/b.parquet').close()"
        assert cells.marks(code) == {"later/on/b.parquet": "inferred"}


class TestDigests:
    def test_what_was_read_is_digested_and_that_is_nobodys_reading(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The background opens files too; no cell is said to have read them."""
        monkeypatch.chdir(folder)
        digests = Digests()
        with listening(folder, digests) as cells:
            (one,) = cells.run("open('a.csv').read()")
            for _ in range(20):
                assert cells.run("sum(range(1000))") == []
            assert digests.wait(30)
            known = digests.get(one.address.text, one.size, one.changed)
            assert known is not None
            assert known.digest.startswith("sha256:")
            assert known.size == (folder / "a.csv").stat().st_size
        digests.close()

    def test_a_reading_survives_its_own_digesting(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """That the background opened the file as well does not hide that the cell did."""
        monkeypatch.chdir(folder)
        digests = Digests()
        with listening(folder, digests) as cells:
            cells.run("import pyarrow")
            code = "pyarrow.OSFile('a.parquet').close()"
            assert cells.marks(code) == {"a.parquet": "inferred"}
            assert digests.wait(30)
            assert cells.marks(code) == {"a.parquet": "inferred"}
        digests.close()
