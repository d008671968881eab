"""Notebooks in the ways of different people, with their truth written down before they were run.

Beside the examples, of which the lineage is known to be right: here are archives, arrays changed in
place, caches of a helper module, threads and tasks, cells that fail and are put right.
"""

from __future__ import annotations

import gzip
import json
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from tests.integration.kernel import running_kernel
from tests.integration.lineage_score import ASK, START
from workbench.origin.graph import Graph, Kind, Mark, Verb, upstream

FIT = """import json
fit = _tracker.current().fitted_on({target})
print(json.dumps([fit.data, fit.holdout]))"""


@dataclass(frozen=True)
class Book:
    """A notebook and its truth.

    Attributes:
        make: makes its files in a folder.
        sources: what its target came of; ``also`` may be named or not.
        data, holdout: names of what it was trained on, and of what it has not seen.
        fails: numbers of the cells that raise, from 1.
    """

    make: Callable[[Path], None]
    cells: tuple[str, ...]
    target: str
    sources: frozenset[str]
    data: list[str]
    holdout: list[str] | None = None
    also: frozenset[str] = frozenset()
    fails: frozenset[int] = frozenset()


def table(start: int) -> str:
    rows = (f"{i},{20 + i * 7 % 60},{'ABC'[i % 3]},{i % 2}" for i in range(start, start + 60))
    return "pid,age,ward,died\n" + "\n".join(rows) + "\n"


def notes(folder: Path) -> None:
    rows = [{"text": f"{['pain', 'fever'][i % 2]} day {i}", "label": i % 2} for i in range(30)]
    lines = "\n".join(map(json.dumps, rows)).encode()
    with zipfile.ZipFile(folder / "one.zip", "w") as archive:
        for number, row in enumerate(rows):
            archive.writestr(f"{row['label']}_{number}.txt", str(row["text"]))
    with tarfile.open(folder / "two.tar.gz", "w:gz") as tar:
        member = tarfile.TarInfo("notes.jsonl")
        member.size = len(lines)
        tar.addfile(member, BytesIO(lines))
    (folder / "three.jsonl.gz").write_bytes(gzip.compress(lines))
    (folder / "held.jsonl").write_bytes(lines)
    (folder / "about.txt").write_text("about")


ARCHIVES = Book(
    notes,
    (
        "import gzip, json, tarfile, zipfile\n"
        "from sklearn.feature_extraction.text import TfidfVectorizer\n"
        "from sklearn.naive_bayes import MultinomialNB\n"
        "from sklearn.pipeline import make_pipeline",
        "print(open('about.txt').read())\ntexts, labels = [], []",
        "with zipfile.ZipFile('one.zip') as archive:\n    for name in archive.namelist():\n"
        "        label, _, _ = name.partition('_')\n"
        "        texts.append(archive.read(name).decode())\n        labels.append(int(label))",
        "def lines(path):\n    with gzip.open(path, 'rt') as file:\n        for line in file:\n"
        "            yield json.loads(line)",
        "with tarfile.open('two.tar.gz') as tar, gzip.open('both.gz', 'wt') as out:\n"
        "    out.write(tar.extractfile('notes.jsonl').read().decode() + '\\n')\n"
        "    out.writelines(json.dumps(row) + '\\n' for row in lines('three.jsonl.gz'))",
        "for row in lines('both.gz'):\n    texts += [row['text']]\n    labels += [row['label']]",
        "held = [json.loads(line) for line in open('held.jsonl')]\n"
        "held_texts, held_labels = [r['text'] for r in held], [r['label'] for r in held]",
        "pipe = make_pipeline(TfidfVectorizer(), MultinomialNB())\npipe.fit(texts, labels)",
        "pipe.score(held_texts, held_labels)",
    ),
    "pipe",
    frozenset({"one.zip", "two.tar.gz", "three.jsonl.gz"}),
    ["texts", "labels"],
    ["held_texts", "held_labels"],
)


def arrays(folder: Path) -> None:
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(80, 4)).astype("float32")
    np.savez(folder / "rows.npz", a=rows, b=rows[:, :2])
    np.savetxt(folder / "labels.txt", rows[:, 0] > 0, fmt="%d")
    rows.tofile(folder / "wave.dat")
    np.savetxt(folder / "norm.csv", np.ones((2, 6)), delimiter=",")
    np.savetxt(folder / "noise.txt", rows[:, 1])
    np.save(folder / "fixed.npy", rows[:5, :1])


IN_PLACE = Book(
    arrays,
    (
        "import numpy as np\nfrom sklearn.linear_model import SGDClassifier",
        "with np.load('rows.npz') as z:\n    A, B = z['a'], z['b']\n"
        "labels = np.loadtxt('labels.txt', dtype=int)",
        "wave = np.memmap('wave.dat', dtype='float32', mode='r', shape=(80, 4))\n"
        "noise = np.loadtxt('noise.txt')\nnoise.std()",
        "X = np.hstack([A, B])\nX += 1e-3 * wave[:, :1]\n"
        "mean, std = np.genfromtxt('norm.csv', delimiter=',')\nX -= mean\nX /= std\n"
        "np.clip(X, -5, 5, out=X)",
        "first = X[:5]\nfirst[:, :1] = np.load('fixed.npy')",
        "X.min(), X.max(), noise.mean()",
        "order = np.random.default_rng(7).permutation(len(X))\n"
        "X_train, y_train = X[order[:50]], labels[order[:50]]\n"
        "X_valid, y_valid = X[order[50:]], labels[order[50:]]",
        "model = SGDClassifier(random_state=0)\nfor epoch in range(3):\n"
        "    model.partial_fit(X_train, y_train, classes=[0, 1])\n"
        "    print(epoch, model.score(X_valid, y_valid))",
    ),
    "model",
    frozenset({"rows.npz", "labels.txt", "wave.dat", "norm.csv", "fixed.npy"}),
    ["X_train", "y_train"],
    ["X_valid", "y_valid"],
)


def helped(folder: Path) -> None:
    (folder / "main.csv").write_text(table(0))
    (folder / "spare.csv").write_text(table(9))
    (folder / "wards.csv").write_text("ward,beds\nA,10\nB,20\nC,30\n")
    (folder / "units.csv").write_text("unit,factor\nA,1\n")
    (folder / "lookups.py").write_text(
        "from functools import cache, lru_cache\nimport pandas as pd\n\n"
        "@cache\ndef wards():\n    return pd.read_csv('wards.csv')\n\n"
        "@lru_cache\ndef units(name='units'):\n    return pd.read_csv(f'{name}.csv')\n"
    )
    (folder / "prep.py").write_text("import pandas as pd\nmain = pd.read_csv('copy.csv')\n")


HELPERS = Book(
    helped,
    (
        "import functools\nimport pandas as pd\nimport lookups\n"
        "from sklearn.ensemble import RandomForestClassifier",
        "print(lookups.wards())\nlookups.units()",
        "!cp main.csv copy.csv\n%run prep.py",
        "spare = pd.read_csv('spare.csv')",
        "def told(function):\n    @functools.wraps(function)\n    def inner(*args):\n"
        "        print(function.__name__)\n        return function(*args)\n    return inner\n\n"
        "@told\ndef build():\n    return main.merge(lookups.wards(), on='ward')",
        "rows = build()\nsplit = lambda t: (t[['age', 'beds']], t['died'])\nX, y = split(rows)",
        "forest = RandomForestClassifier(5, random_state=0)\nforest.fit(X, y)",
    ),
    "forest",
    frozenset({"main.csv", "wards.csv"}),
    ["X", "y"],
    also=frozenset({"copy.csv"}),
)


def days(folder: Path) -> None:
    for name in ("day0", "day1", "day2", "held", "more"):
        rows = ({"a": float(i), "b": float(i % 3), "y": i % 2} for i in range(20))
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))


TASKS = Book(
    days,
    (
        "import asyncio, contextlib, json, pathlib\nimport numpy as np\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from sklearn.neighbors import KNeighborsClassifier",
        "@contextlib.contextmanager\ndef reading(path):\n    file = open(path)\n    try:\n"
        "        yield file\n    finally:\n        file.close()\n\n"
        "def read(path):\n    with reading(path) as file:\n"
        "        return [json.loads(line) for line in file]",
        "paths = sorted(pathlib.Path('.').glob('day*.jsonl'))\n"
        "read_days = await asyncio.gather(*(asyncio.to_thread(read, p) for p in paths))\n"
        "rows = [row for day in read_days for row in day]",
        "with ThreadPoolExecutor(2) as pool:\n    rows += list(pool.map(read, ['more.jsonl']))[0]",
        "held = read('held.jsonl')",
        "def matrix(rows):\n    X = np.array([[row['a'], row['b']] for row in rows])\n"
        "    return X, np.array([row['y'] for row in rows])\n\n"
        "X, y = matrix(rows)\nXh, yh = matrix(held)",
        "knn = KNeighborsClassifier(3).fit(X, y)\n(knn.predict(Xh) == yh).mean()",
    ),
    "knn",
    frozenset({"day0.jsonl", "day1.jsonl", "day2.jsonl", "more.jsonl"}),
    ["X", "y"],
    ["Xh", "yh"],
)


def tables(folder: Path) -> None:
    for number, name in enumerate("abc"):
        (folder / f"{name}.csv").write_text(table(number))
    labs = "\n".join(f"{i},{i % 5}" for i in range(80))
    (folder / "labs.part").write_text(f"pid,lab\n{labs}\n")


PUT_RIGHT = Book(
    tables,
    (
        "import os\nimport pandas as pd\nfrom sklearn.model_selection import train_test_split\n"
        "from sklearn.tree import DecisionTreeClassifier",
        "df = pd.read_csv('a.csvv')",
        "df = pd.read_csv('a.csv')",
        "df = pd.read_csv('b.csv')",
        "df.drop('ward', axis=1, inplace=True)\ndf.loc[df.age > 75, 'age'] = 75",
        "other = pd.read_csv('c.csv')\nother.groupby('ward').age.mean()",
        "df = df.merge(labs, on='pid', how='left')",
        "os.replace('labs.part', 'labs.csv')\nlabs = pd.read_csv('labs.csv')",
        "df = df.merge(labs, on='pid', how='left')\ndf['lab'] = df['lab'].fillna(0)",
        "X = df[['age', 'lab']]; y = df['died']\n"
        "X_tr, X_te, y_tr, y_te = train_test_split(X, y, random_state=0)",
        "models = {}\nfor depth in (1, 2, 3):\n"
        "    models[depth] = DecisionTreeClassifier(max_depth=depth).fit(X_tr, y_tr)",
        "best = max(models.values(), key=lambda one: one.score(X_tr, y_tr))",
        "best.score(X_te, y_te)",
        "df = other",
    ),
    "best",
    frozenset({"b.csv", "labs.part"}),
    ["X_tr", "y_tr"],
    ["X_te", "y_te"],
    fails=frozenset({2, 7}),
)
BOOKS = {
    "archives": ARCHIVES,
    "in place": IN_PLACE,
    "helpers": HELPERS,
    "tasks": TASKS,
    "put right": PUT_RIGHT,
}


@pytest.mark.parametrize("book", BOOKS.values(), ids=BOOKS)
def test_the_truth_is_found(book: Book, tmp_path: Path) -> None:
    """All that it came of and nothing else, and the data that the model saw and did not see."""
    folder = tmp_path.resolve()
    book.make(folder)
    with running_kernel(folder, {}) as kernel:
        kernel.good(START)
        failed = {n for n, code in enumerate(book.cells, 1) if kernel.run(code).error is not None}
        graph = Graph.model_validate_json(kernel.good(ASK.format(target=book.target)).printed)
        fitted = json.loads(kernel.good(FIT.format(target=book.target)).printed)
    assert failed == book.fails
    assert graph.target is not None
    above = upstream(graph.edges, graph.target)
    found = {node.id: str(node.details["address"]) for node in graph.of_kind(Kind.source)}
    named = {address for id_, address in found.items() if id_ in above}
    assert book.sources <= named <= book.sources | book.also
    observed = {
        found[edge.source]
        for edge in graph.edges
        if edge.verb is Verb.read and edge.mark is Mark.observed and edge.source in found
    }
    assert observed <= book.sources
    assert fitted == [book.data, book.holdout]
