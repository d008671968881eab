"""How much of the true lineage of the example notebooks is captured.

Each notebook of ``examples/lineage`` runs in a real kernel, in a copy of its folder with freshly
made data; then one more cell asks for the lineage of its model, as a user would. What comes back is
compared with the truth written beside the notebook (``truth/NAME.json``)::

    target        the variable that the lineage is of
    sources       what was read and reached it: paths in the folder, or ``{registry}/…``
    not_sources   what was read, or nearly, and did not reach it
    also          what may be named or not, such as a file in between
    cells         the ids of the cells that it came of; ``read:2`` is the second run of ``read``
    not_cells     the ids of those that it did not come of; imports and seeds are in neither list
    parameters    some settings that the model was trained with
    why           what makes it hard

``python -m tests.integration.lineage_score [NAME …]`` prints the table.
"""

from __future__ import annotations

import json
import runpy
import shutil
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import nbformat

from tests.integration.kernel import Kernel, Ran, running_kernel
from workbench.origin.graph import Graph, Kind, Mark, Node, Verb, upstream
from workbench.origin.record import Training

__all__ = [
    "FOLDER",
    "NAMES",
    "TOKEN",
    "Run",
    "Score",
    "Step",
    "Truth",
    "copied",
    "plan",
    "played",
    "read_truth",
    "registry",
    "run_notebook",
    "score",
    "served",
    "table",
]  # fmt: skip

FOLDER = Path(__file__).parents[2] / "examples" / "lineage"
NAMES = sorted(path.stem for path in FOLDER.glob("*.ipynb"))
START = "%load_ext workbench"
TOKEN = "tok-9f8e7d6c5b4a39281706"  # the made-up secret of notebook 05
ASK = """\
from workbench.capture import tracker as _tracker
print(_tracker.current().graph({target}).model_dump_json())
"""
DESCRIBE = """\
from workbench.training import record as _training
print(_training.describe({target}, "{target}", namespace=globals()).model_dump_json())
"""


@dataclass(frozen=True)
class Truth:
    """What the lineage of a notebook's model is; see the module's text."""

    target: str
    why: str
    sources: tuple[str, ...]
    not_sources: tuple[str, ...]
    cells: tuple[str, ...]
    not_cells: tuple[str, ...]
    parameters: Mapping[str, object]
    also: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """One execution of a cell, in the order of execution; ``cell`` may not be there any more."""

    cell: str
    code: str


@dataclass(frozen=True)
class Run:
    """A notebook that was run: by cell and turn (``read:2``) what came of it, and the lineage."""

    folder: Path
    registry: str
    ran: Mapping[str, Ran]
    graph: Graph = field(default_factory=Graph)
    answer: str = ""  # the lineage as it was said
    training: Training | None = None


@dataclass(frozen=True)
class Score:
    """A lineage beside the truth; see :func:`score`."""

    name: str
    expected: int
    missed: tuple[str, ...]
    named: int
    false: tuple[str, ...]  # sources that are not true, however marked
    false_observed: tuple[str, ...]
    cells_missed: tuple[str, ...]
    cells_false: tuple[str, ...]
    marks: Mapping[str, int]
    settings_missed: tuple[str, ...]

    @property
    def recall(self) -> float:
        """The share of true sources that were found, 0 to 1."""
        return 1 - len(self.missed) / self.expected

    @property
    def precision(self) -> float:
        """The share of named sources that are true, 0 to 1; nothing named, nothing false."""
        return 1 - len(self.false) / self.named if self.named else 1.0


def read_truth(name: str) -> Truth:
    """Read the truth beside a notebook."""
    content = json.loads((FOLDER / "truth" / f"{name}.json").read_text("utf-8"))
    fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in content.items()}
    return Truth(**fields)


def plan(name: str) -> list[Step]:
    """Return what is run of a notebook: its code cells, or what its metadata says was run."""
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", 4)  # type: ignore[no-untyped-call]
    code = {cell.id: cell.source for cell in notebook.cells if cell.cell_type == "code"}
    order = notebook.metadata.get("order") or [{"run": cell} for cell in code]
    return [Step(turn["run"], turn.get("code") or code[turn["run"]]) for turn in order]


def copied(into: Path) -> Path:
    """Copy the notebooks' folder and make the data in it."""
    skipped = shutil.ignore_patterns("data", "work", "__pycache__", ".ipynb_checkpoints")
    shutil.copytree(FOLDER, into, ignore=skipped)
    runpy.run_path(str(into / "make_data.py"))["make"](into / "data")
    shutil.move(into / "data" / "registry", served(into))
    return into


def served(folder: Path) -> Path:
    """Return where the web server's files lie: not below the notebook, whose reads are watched."""
    return folder.with_name(f"{folder.name}-registry")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


@contextmanager
def registry(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine; give its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def played(kernel: Kernel, steps: Sequence[Step], *, tracked: bool = True) -> dict[str, Ran]:
    """Run steps one by one; return what came of each by cell, or ``cell:turn`` where run again.

    Raises:
        AssertionError: a step raised; with its traceback.
    """
    turns, seen = Counter(step.cell for step in steps), Counter[str]()
    ran = {}
    for step in steps:
        seen[step.cell] += 1
        name = f"{step.cell}:{seen[step.cell]}" if turns[step.cell] > 1 else step.cell
        if tracked or step.code.strip() != START:
            ran[name] = kernel.good(step.code, step.cell)
    return ran


def run_notebook(name: str, folder: Path, *, tracked: bool = True) -> Run:
    """Run a notebook in a prepared ``folder``; ask for the lineage where it is tracked."""
    steps = plan(name)
    with registry(served(folder)) as address:
        env = {"REGISTRY": address, "REGISTRY_TOKEN": TOKEN}
        with running_kernel(folder, env) as kernel:
            ran = played(kernel, steps, tracked=tracked)
            if not tracked:
                return Run(folder, address, ran)
            target = read_truth(name).target
            answer = kernel.good(ASK.format(target=target)).printed
            described = kernel.good(DESCRIBE.format(target=target)).printed
    training = Training.model_validate_json(described)
    return Run(folder, address, ran, Graph.model_validate_json(answer), answer, training)


def score(name: str, run: Run, truth: Truth) -> Score:
    """Compare the lineage of a run with the truth.

    A true source is found where a source upstream of the target is that file, a table in it, or a
    folder that holds it. A source is false where it is none of these for any true source, nor one
    of those that may be named or not; it is *observed* where an edge into a step upstream says so.
    """
    graph = run.graph
    above = upstream(graph.edges, graph.target) if graph.target else set()
    found = [node for node in graph.of_kind(Kind.source) if node.id in above]
    fine = (*truth.sources, *truth.also)
    false = [node for node in found if not any(_is(node, entry, run) for entry in fine)]
    reads = [edge for edge in graph.edges if edge.verb is Verb.read and edge.target in above]
    observed = {edge.source for edge in reads if edge.mark is Mark.observed}
    names = {ran.execution: cell for cell, ran in run.ran.items()}
    steps = [node for node in graph.of_kind(Kind.step) if node.id in above]
    cells = {names.get(_number(node), "?") for node in steps}
    return Score(
        name=name,
        expected=len(truth.sources),
        missed=tuple(e for e in truth.sources if not any(_is(node, e, run) for node in found)),
        named=len(found),
        false=tuple(_short(node, run) for node in false),
        false_observed=tuple(_short(node, run) for node in false if node.id in observed),
        cells_missed=tuple(cell for cell in truth.cells if cell not in cells),
        cells_false=tuple(cell for cell in truth.not_cells if cell in cells),
        settings_missed=_unsaid(truth.parameters, run.training),
        marks=Counter(edge.mark.value for edge in reads if edge.source in {n.id for n in found}),
    )


def table(scores: Sequence[Score]) -> str:
    """Return the scores as a Markdown table."""
    head = ("notebook", "recall", "precision", "false observed", "cells missed", "cells false",
            "observed", "resolved", "inferred", "what is wrong")  # fmt: skip
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for one in scores:
        wrong = [f"missed {e}" for e in (*one.missed, *one.cells_missed)]
        wrong += [f"missed setting {name}" for name in one.settings_missed]
        wrong += [f"false {e}" for e in (*one.false, *one.cells_false)]
        counts = (len(one.false_observed), len(one.cells_missed), len(one.cells_false))
        marks = (one.marks.get(mark.value, 0) for mark in Mark)
        share = (f"{one.recall:.2f}", f"{one.precision:.2f}")
        row = (one.name, *share, *map(str, counts), *map(str, marks), ", ".join(wrong) or "–")
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines)


def _is(node: Node, entry: str, run: Run) -> bool:
    """Is this source that entry of the truth?"""
    address = str(node.details.get("address", ""))
    if entry.startswith("{registry}"):
        return address == entry.format(registry=run.registry)
    if "://" in address:
        return False
    path, true = ((run.folder / place).resolve() for place in (address.partition("#")[0], entry))
    return path == true or (path in true.parents and run.folder.resolve() in path.parents)


def _unsaid(parameters: Mapping[str, object], training: Training | None) -> tuple[str, ...]:
    """Return the true settings that no part of a described training has with that value.

    A learning rate is counted as it was at first: a schedule has changed it since.
    """
    parts = training.parts if training else ()
    said = [
        (name.removeprefix("initial_"), value)
        for part in parts
        for name, value in part.parameters.items()
    ]
    return tuple(name for name, value in parameters.items() if (name, value) not in said)


def _number(node: Node) -> int:
    return int(node.details.get("execution", 0))


def _short(node: Node, run: Run) -> str:
    address = str(node.details.get("address", node.label))
    return address.replace(f"{run.folder.resolve()}/", "").replace(run.registry, "{registry}")


def main(arguments: Sequence[str]) -> None:
    """Run the named notebooks, or all, and print the table."""
    scores = []
    with tempfile.TemporaryDirectory(prefix="lineage-") as place:
        for name in arguments or NAMES:
            print(f"· {name}", file=sys.stderr, flush=True)
            run = run_notebook(name, copied(Path(place) / name))
            scores.append(score(name, run, read_truth(name)))
    print(table(scores))


if __name__ == "__main__":
    main(sys.argv[1:])
