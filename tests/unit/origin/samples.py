"""A training as it happens in a hospital, and any other that the records allow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from tests.properties import SHARED
from workbench.encoding import digest
from workbench.origin.dossier import Dossier
from workbench.origin.graph import Dataset, Detail, Edge, Graph, Kind, Mark, Node, Verb
from workbench.origin.record import (
    Cell,
    Environment,
    Git,
    Layer,
    Metric,
    Notebook,
    Part,
    Training,
)
from workbench.vocabulary import Sensitivity

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PATIENTS = Dataset(
    name="patients",
    classification=Sensitivity.confidential,
    regions=("de", "fr"),
    licence="CC-BY-NC-4.0",
    source="Ward 7, 2019 to 2024",
    annotations={"labelled by": "two radiologists", "guideline": "v3"},
)


def source(id_: str, content: str = "", **more: Any) -> Node:
    details: dict[str, Detail] = {
        "address": f"/home/rita/study/{id_}.csv",
        "scheme": "file",
        "digest": digest((content or id_).encode()),
        "size": 512,
        "read_at": "2026-03-01T12:00:01Z",
        "how": "open",
    }
    dataset = more.pop("dataset", None)
    return Node(
        id=id_, kind=Kind.source, label=f"{id_}.csv", details=details | more, dataset=dataset
    )


def step(number: int, **more: Any) -> Node:
    details: dict[str, Detail] = {
        "cell": f"cell-{number}",
        "execution": number,
        "at": (NOON + timedelta(minutes=number)).isoformat(),
        "seconds": 0.25,
        "digest": digest(str(number).encode()),
        "code": f"secret_code_{number} = 1",
        "outcome": "ok",
        "notebook": "train.ipynb",
    }
    return Node(id=f"step:{number}", kind=Kind.step, label=f"In [{number}]", details=details | more)


def version(kind: Kind, name: str, number: int = 1, dataset: Dataset | None = None) -> Node:
    return Node(
        id=f"{kind}:{name}:{number}",
        kind=kind,
        label=f"{name} (version {number})",
        details={"name": name, "version": number, "type": "DataFrame", "shape": "569×30"},
        dataset=dataset,
    )


def arrow(before: str, verb: Verb, after: str, mark: Mark = Mark.observed) -> Edge:
    return Edge(source=before, target=after, verb=verb, mark=mark)


GRAPH = Graph(
    nodes=(
        source("patients", dataset=PATIENTS),
        source("ages", scheme="file", how="polars.read_parquet"),
        source("unrelated"),
        Node(
            id="web",
            kind=Kind.source,
            label="guideline.json",
            details={"address": "https://example.org/guideline.json", "scheme": "https"},
        ),
        Node(
            id="parent",
            kind=Kind.release,
            label="clinic/base:1.0",
            details={"ref": "clinic/base:1.0", "manifest": digest(b"base")},
        ),
        *(step(number) for number in range(1, 6)),
        step(6, outcome="error", seconds=0),
        version(Kind.data, "df"),
        version(Kind.data, "df", 2),
        version(Kind.data, "ages"),
        version(Kind.function, "split"),
        version(Kind.model, "clf"),
        Node(
            id="metric",
            kind=Kind.metric,
            label="accuracy",
            details={"name": "accuracy", "value": 0.93, "on": "test"},
        ),
        Node(
            id="file",
            kind=Kind.file,
            label="clf.joblib",
            details={"address": "out/clf.joblib", "digest": digest(b"clf"), "size": 99},
        ),
    ),
    edges=(
        arrow("patients", Verb.read, "step:1"),
        arrow("step:1", Verb.made, "data:df:1"),
        arrow("ages", Verb.read, "step:2", Mark.resolved),
        arrow("step:2", Verb.made, "data:ages:1"),
        arrow("step:2", Verb.made, "function:split:1"),
        arrow("data:df:1", Verb.used, "step:3"),
        arrow("data:ages:1", Verb.used, "step:3"),
        arrow("web", Verb.read, "step:3", Mark.inferred),
        arrow("step:3", Verb.changed, "data:df:2"),
        arrow("data:df:2", Verb.used, "step:4"),
        arrow("function:split:1", Verb.used, "step:4", Mark.inferred),
        arrow("parent", Verb.read, "step:4"),
        arrow("step:4", Verb.made, "model:clf:1"),
        arrow("model:clf:1", Verb.used, "step:5"),
        arrow("step:5", Verb.made, "metric"),
        arrow("step:5", Verb.wrote, "file"),
        arrow("unrelated", Verb.read, "step:6"),
    ),
    target="model:clf:1",
    gaps=("A program was started in In [2]; what it read is not known.",),
)
TRAINING = Training(
    name="clf",
    type="sklearn.pipeline.Pipeline",
    framework="scikit-learn",
    features=30,
    parts=(
        Part(
            path="pipeline.scale",
            type="sklearn.preprocessing._data.StandardScaler",
            role="preprocessing",
            parameters={"with_mean": True},
        ),
        Part(
            path="pipeline.clf",
            type="sklearn.linear_model._logistic.LogisticRegression",
            role="model",
            parameters={"C": 0.5, "penalty": "l2", "random_state": None, "max_iter": 100},
        ),
    ),
    seeds={"numpy": 7},
    metrics=(
        Metric(name="accuracy", value=0.93, on="test", where="In [5]", mark=Mark.observed),
        Metric(name="recall", value=0.9, on="test", where="at Share", mark=Mark.observed),
    ),
    annotations={"labelled by": "two radiologists"},
)
ENVIRONMENT = Environment(
    python="3.11.9",
    packages={"scikit-learn": "1.9.0", "typing_extensions": "4.16.0", "torch": "2.13.0+cpu"},
    machine={"system": "Linux", "cores": 2, "memory": 8.0, "gpu": None},
    threads={"OMP_NUM_THREADS": "2"},
    git=Git(commit="ab" * 20, dirty=True),
    container=digest(b"container"),
)
CODE = (
    "import pandas as pd\ndf = pd.read_csv('patients.csv')",
    "ages = pl.read_parquet('ages.parquet')\n\ndef split(d):\n    return d",
    "df['age'] = ages['age']",
    "clf = make_pipeline(StandardScaler(), LogisticRegression(C=0.5)).fit(*split(df))",
    "print(accuracy_score(y, clf.predict(X)))",
)


def notebook(*code: str, ids: bool = True) -> Notebook:
    cells = tuple(
        Cell(
            execution=number,
            cell=f"cell-{number}" if ids else "",
            digest=digest(text.encode()),
            code=text,
        )
        for number, text in enumerate(code, 1)
    )
    return Notebook(name="train.ipynb", digest=digest(b"notebook"), cells=cells)


DOSSIER = Dossier(
    ref="clinic/readmission:1.2",
    title="Readmission within 30 days",
    summary="Predicts readmission from routine data.",
    license="CC-BY-NC-4.0",
    owner="Rita Ramos",
    published="2026-03-02T08:00:00Z",
    manifest=digest(b"manifest"),
    root=digest(b"root").removeprefix("sha256:"),
    files=(("model.skops", digest(b"model").removeprefix("sha256:")),),
    graph=GRAPH,
    training=TRAINING,
    environment=ENVIRONMENT,
    notebook=notebook(*CODE),
    regions=("de", "fr"),
    sensitivity="confidential",
    terms_title="Research only",
)


def turned_lines(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines of a diff the other way round: each stretch of changes with its signs swapped."""
    found: list[str] = []
    for same, stretch in groupby(lines, key=lambda line: line.startswith(" ")):
        run = list(stretch)
        if not same:
            swapped = [("+" if line[0] == "-" else "-") + line[1:] for line in run]
            run = sorted(swapped, key=lambda line: line[0] == "+")
        found += run
    return tuple(found)


# Anything the records allow -----------------------------------------------------------------------

ANY = settings(SHARED, max_examples=60)
SAFE = st.characters(exclude_categories=("C", "Zl", "Zp"))
words = st.text(SAFE, min_size=1, max_size=12)
ids = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=8)
digests = st.binary(max_size=4).map(digest)
regions = st.lists(st.sampled_from(("de", "fr", "eu", "us")), max_size=3, unique=True).map(tuple)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    words,
)
details = st.dictionaries(
    st.sampled_from(
        ("address", "digest", "size", "at", "seconds", "name", "version", "outcome", "value")
    ),
    scalars.filter(lambda value: value is not None),
    max_size=5,
)


def datasets() -> st.SearchStrategy[Dataset]:
    return st.builds(
        Dataset,
        name=words,
        classification=st.sampled_from(Sensitivity),
        regions=regions,
        licence=st.sampled_from(("", "MIT", "as agreed", "CC-BY-4.0 OR MIT")),
        source=st.text(SAFE, max_size=12),
        annotations=st.dictionaries(words, words, max_size=2),
    )


@st.composite
def graphs(draw: st.DrawFn, most: int = 8, targeted: bool | None = None) -> Graph:
    """Any lineage: nodes in an order in which edges point onwards, then shuffled.

    Where a step has a usual time, the times follow that order, as they do in a kernel.
    """
    names = draw(st.lists(ids, min_size=1, max_size=most, unique=True))
    nodes = []
    for place, name in enumerate(names):
        kind = draw(st.sampled_from(Kind))
        known = draw(details)
        if kind is Kind.step:
            known["at"] = (NOON + timedelta(seconds=place)).isoformat()
        dataset = draw(st.none() | datasets()) if kind is not Kind.step else None
        nodes.append(Node(id=name, kind=kind, label=draw(words), details=known, dataset=dataset))
    pairs = [(a, b) for b in range(len(names)) for a in range(b)]
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=2 * most)) if pairs else []
    edges = tuple(
        arrow(names[a], draw(st.sampled_from(Verb)), names[b], draw(st.sampled_from(Mark)))
        for a, b in chosen
    )
    target = draw(st.sampled_from(names)) if targeted else None
    if targeted is None:
        target = draw(st.none() | st.sampled_from(names))
    return Graph(
        nodes=tuple(draw(st.permutations(nodes))),
        edges=edges,
        target=target,
        gaps=tuple(draw(st.lists(words, max_size=2))),
    )


def trainings() -> st.SearchStrategy[Training]:
    chosen = st.dictionaries(words, scalars, max_size=3)
    numbers = st.floats(allow_nan=False, allow_infinity=False)
    return st.builds(
        Training,
        name=words,
        type=words | st.sampled_from(("sklearn.svm._classes.SVC", "xgboost.sklearn.XGBRegressor")),
        framework=words,
        features=st.integers(0, 99),
        parts=st.lists(
            st.builds(Part, path=words, type=words, role=words, parameters=chosen), max_size=3
        ).map(tuple),
        layers=st.lists(st.builds(Layer, path=words, type=words), max_size=2).map(tuple),
        seeds=chosen,
        metrics=st.lists(
            st.builds(
                Metric, name=words, value=numbers, on=words, where=words, mark=st.sampled_from(Mark)
            ),
            max_size=3,
        ).map(tuple),
        annotations=st.dictionaries(words, words, max_size=2),
    )


def environments() -> st.SearchStrategy[Environment]:
    return st.builds(
        Environment,
        python=words,
        packages=st.dictionaries(words | st.sampled_from(("numpy", "a_b")), words, max_size=3),
        machine=st.dictionaries(words, scalars, max_size=2),
        threads=st.dictionaries(words, words, max_size=2),
        git=st.none() | st.builds(Git, commit=st.just("ab" * 32), dirty=st.booleans()),
        container=st.none() | digests,
    )


def notebooks() -> st.SearchStrategy[Notebook]:
    lines = st.lists(st.sampled_from(("a = 1", "b = a", "fit(a, b)", "")), max_size=5)
    return st.lists(lines.map("\n".join), max_size=6).flatmap(
        lambda code: st.booleans().map(lambda known: notebook(*code, ids=known))
    )


def dossiers() -> st.SearchStrategy[Dossier]:
    return st.builds(
        Dossier,
        ref=st.sampled_from(("lab/model:1.0", "lab/m:2.0+x-1")),
        title=words,
        summary=st.text(SAFE, max_size=12),
        license=st.sampled_from(("MIT", "NONE", "LicenseRef-own", "MIT OR Apache-2.0", "0BSD")),
        owner=words,
        published=st.just("2026-03-02T08:00:00Z"),
        manifest=digests,
        root=digests.map(lambda it: it.removeprefix("sha256:")),
        files=st.dictionaries(
            words, digests.map(lambda it: it.removeprefix("sha256:")), max_size=2
        ).map(lambda found: tuple(found.items())),
        graph=graphs(),
        training=st.none() | trainings(),
        environment=st.none() | environments(),
        notebook=st.none() | notebooks(),
        regions=regions,
        sensitivity=st.sampled_from([word.value for word in Sensitivity]),
        terms_title=words,
    )
