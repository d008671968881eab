"""What tracking a notebook costs: cell by cell, against no tracking, and against MLflow's autolog.

Each example notebook runs in three kernels at the same time of day: with tracking, without, and
with ``mlflow.autolog`` (scikit-learn and XGBoost, without saving models). Cells are timed by the
kernel, from the request's start to its reply, so what runs before and after a cell is in it.
``first`` is a new kernel with its imports; ``again`` is the whole notebook run once more in it.
Much of the work is done between cells, while the kernel is idle. ``Run All`` sends all cells of a
notebook at once and takes the time until the last has run: there that work is in it too.

``cells NOTEBOOKS ROUNDS FOLDER`` instead of ``measure NOTEBOOKS ROUNDS BYTES FOLDER`` prints a
table of every cell.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.measuring import MIB, Row, emit, median, seconds, size
from tests.integration.kernel import Kernel, running_kernel
from tests.integration.lineage_score import NAMES, START, TOKEN, copied, plan, registry, served

MODES = {
    "off": "pass",
    "on": START,
    "mlflow": """
import logging, mlflow
logging.getLogger("mlflow").setLevel(logging.CRITICAL)
mlflow.set_tracking_uri("sqlite:///mlflow.db")
mlflow.set_experiment("lineage")
mlflow.autolog(log_models=False, silent=True)
""",
}
APPLIES = ("sklearn", "xgboost")  # what MLflow's autolog knows of what the notebooks use
AGAIN = 3  # how often a notebook is run once more in a kernel
ENOUGH = (0.001, 0.02)  # what is aimed at: at most so many seconds or such a share, per cell
WORK = "sum(number * number for number in range(1_000_000))"
ALL = "Run All"
BIG = "with open('big.bin', 'rb') as file: file.read(1)"


@dataclass(frozen=True)
class Cell:
    """One cell of one notebook, in a new kernel or run again there."""

    notebook: str
    number: int
    name: str
    again: bool


Times = dict[Cell, dict[str, list[float]]]  # s, by mode


def times(names: Sequence[str], rounds: int, place: Path) -> Times:
    """Run notebooks in all modes, in turns; return the seconds that each cell took."""
    found: Times = defaultdict(lambda: defaultdict(list))
    for turn in range(rounds):
        for name in names:
            print(f"  {name} {turn + 1}/{rounds}", file=sys.stderr, flush=True)
            _notebook(name, place / f"{name}-{turn}", found)
    return found


def _notebook(name: str, place: Path, found: Times) -> None:
    steps = [step for step in plan(name) if step.code.strip() != START]
    with ExitStack() as stack:
        place.mkdir()
        kernels = {
            mode: stack.enter_context(_kernel(place / mode)) for mode in MODES if _fits(mode, name)
        }
        for mode, kernel in kernels.items():
            found[Cell("", 0, "start", False)][mode].append(kernel.good(MODES[mode]).seconds)
        for turn in range(1 + AGAIN):
            for number, step in enumerate(steps):
                for mode in _rotated([*kernels], number + turn):
                    took = kernels[mode].good(step.code, step.cell).seconds
                    found[Cell(name, number, step.cell, turn > 0)][mode].append(took)
        cells = [(step.code, step.cell) for step in steps]
        for turn in range(AGAIN):
            for mode in _rotated([*kernels], turn):
                found[Cell(name, len(cells), ALL, True)][mode].append(kernels[mode].all(cells))


def _rotated(modes: list[str], count: int) -> list[str]:
    """Begin with another mode each time: the first one warms up files for the others."""
    first = count % len(modes)
    return modes[first:] + modes[:first]


@contextmanager
def _kernel(folder: Path) -> Iterator[Kernel]:
    copied(folder)
    with registry(served(folder)) as address:
        env = {"REGISTRY": address, "REGISTRY_TOKEN": TOKEN, "GIT_PYTHON_REFRESH": "quiet"}
        with running_kernel(folder, env) as kernel:
            yield kernel


def _fits(mode: str, name: str) -> bool:
    code = "\n".join(step.code for step in plan(name))
    return mode != "mlflow" or any(package in code for package in APPLIES)


def measure(notebooks: int, rounds: int, big: int, place: Path) -> list[Row]:
    """Return the rows; ``big`` is the size of the file to be hashed and of the table, in bytes."""
    found = times(NAMES[:notebooks], rounds, place)
    start = found.pop(next(cell for cell in found if not cell.notebook))
    rows = [_row(f"`{START}`", {Cell("", 0, "start", False): start}, "mlflow", "`mlflow.autolog`")]
    whole = {cell: found.pop(cell) for cell in [*found] if cell.name == ALL}
    for again, words in ((False, "first run"), (True, "run again")):
        rows += _sums({cell: t for cell, t in found.items() if cell.again is again}, words)
    return [*rows, *_whole(whole), *_hashing(big, place), *_table(big // 2, place)]


def _sums(found: Times, words: str) -> list[Row]:
    costs = {cell: median(t["on"]) - median(t["off"]) for cell, t in found.items()}
    within = sum(
        cost <= max(ENOUGH[0], ENOUGH[1] * median(found[cell]["off"]))
        for cell, cost in costs.items()
    )
    each = f"{median(list(costs.values())) * 1000:+.2f} ms per cell"
    mean = f"mean {sum(costs.values()) / len(costs) * 1000:+.2f}"
    note = f"{each} ({mean}); {within} of {len(costs)} within 1 ms or 2 %"
    rows = [_row(f"{len(found)} cells, {words}", found, "off", "no tracking", note)]
    shared = {cell: t for cell, t in found.items() if "mlflow" in t}
    if shared:
        what = f"{len(shared)} cells with scikit-learn or XGBoost, {words}"
        rows.append(_row(what, shared, "mlflow", "`mlflow.autolog`"))
    worst = max(costs, key=lambda cell: costs[cell])
    what = f"costliest cell, {words} ({worst.notebook}, `{worst.name}`)"
    note = f"{costs[worst] * 1000:+.2f} ms"
    return [*rows, _row(what, {worst: found[worst]}, "off", "no tracking", note)]


def _whole(found: Times) -> list[Row]:
    """Whole notebooks with all cells sent at once; ``Cell.number`` is how many those are."""
    count = sum(cell.number for cell in found)
    costs = [median(t["on"]) - median(t["off"]) for t in found.values()]
    note = f"{sum(costs) / count * 1000:+.2f} ms per cell, all of the work counted"
    rows = [_row(f"{count} cells, {ALL}", found, "off", "no tracking", note)]
    shared = {cell: t for cell, t in found.items() if "mlflow" in t}
    if shared:
        count = sum(cell.number for cell in shared)
        rows.append(_row(f"{count} cells with them, {ALL}", shared, "mlflow", "`mlflow.autolog`"))
    return rows


def _row(what: str, found: Times, peer: str, named: str, note: str = "") -> Row:
    ours, theirs = (sum(median(t[mode]) for t in found.values()) for mode in ("on", peer))
    return Row(what, seconds(ours), f"{seconds(theirs)} {named}", theirs / ours, note)


def _hashing(big: int, place: Path) -> list[Row]:
    """A sparse file was read: do the cells after it wait while its digest is taken?"""
    took: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    with ExitStack() as stack:
        for mode in ("off", "on"):
            kernel = _alone(stack, place / f"hash-{mode}", MODES[mode])
            with (place / f"hash-{mode}" / "big.bin").open("wb") as file:
                file.truncate(big)
            kernel.good(WORK)
            took["read"][mode].append(kernel.good(BIG).seconds)
            for _ in range(9):
                took["empty"][mode].append(kernel.good("pass").seconds)
                took["work"][mode].append(kernel.good(WORK).seconds)
    words = {
        "read": f"cell that reads the first byte of {size(big)}",
        "empty": "empty cell while that is hashed",
        "work": "busy cell while that is hashed",
    }
    return [_pair(words[what], by["on"], by["off"]) for what, by in took.items()]


def _table(count: int, place: Path) -> list[Row]:
    """A large table: is it copied, looked through, or kept when the user deletes it?"""
    took: dict[str, list[float]] = {}
    note = ""
    for mode in ("off", "on"):
        with ExitStack() as stack:
            kernel = _alone(stack, place / f"table-{mode}", MODES[mode])
            kernel.good("import numpy as np, pandas as pd")
            before = kernel.memory()
            kernel.good(f"big = pd.DataFrame(np.ones(({count // 80}, 10)))", "make")
            held = kernel.memory()
            took[mode] = [
                kernel.good(code).seconds
                for code in ("big[0] = 2.0", "part = big.iloc[:10]", "again = big", "big.shape")
            ]
            kernel.good("del big, part, again")
            left = (kernel.memory() - before) // MIB
            note = f"{(held - before) // MIB:,} MiB held, {left:,} MiB after `del`"
    on, off = (sum(took[mode]) for mode in ("on", "off"))
    return [Row(f"four cells on a table of {size(count)}", seconds(on),
                f"{seconds(off)} no tracking", off / on, note)]  # fmt: skip


def _alone(stack: ExitStack, folder: Path, start: str) -> Kernel:
    folder.mkdir()
    kernel = stack.enter_context(running_kernel(folder))
    kernel.good(start)
    return kernel


def _pair(what: str, on: Sequence[float], off: Sequence[float]) -> Row:
    ours, theirs = median(on), median(off)
    note = f"{(ours - theirs) * 1000:+.2f} ms"
    return Row(what, seconds(ours), f"{seconds(theirs)} no tracking", theirs / ours, note)


def cells(notebooks: int, rounds: int, place: Path) -> None:
    """Print every cell: milliseconds without, what tracking adds, what MLflow adds."""
    print("| notebook | cell | run | off (ms) | tracking adds | `mlflow.autolog` adds |")
    print("|---|---|---|---|---|---|")
    for cell, took in times(NAMES[:notebooks], rounds, place).items():
        off = median(took["off"])
        added = [
            f"{(median(took[mode]) - off) * 1000:+.2f}" if mode in took else "–"
            for mode in ("on", "mlflow")
        ]
        run = "again" if cell.again else "first"
        print(f"| {cell.notebook} | {cell.name} | {run} | {off * 1000:.2f} | {' | '.join(added)} |")


if __name__ == "__main__":
    if sys.argv[1] == "cells":
        cells(int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
    else:
        emit(measure(int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), Path(sys.argv[5])))
