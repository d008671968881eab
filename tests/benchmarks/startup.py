"""How long it takes until a program is there, as whole processes."""

from __future__ import annotations

import sys

from tests.benchmarks.measuring import BIN, Cost, Row, emit, median, run, seconds

PROGRAMS = {
    "pass": (sys.executable, "-c", "pass"),
    "pydantic": (sys.executable, "-c", "import pydantic"),
    "workbench": (sys.executable, "-c", "import workbench"),
    "notebook": (sys.executable, "-c", "import workbench; workbench.share"),
    "help": (BIN / "workbench", "--help"),
}


def measure(rounds: int) -> list[Row]:
    """Return the rows; every program once per round, after one round that warms up."""
    costs: dict[str, list[Cost]] = {name: [] for name in PROGRAMS}
    for number in range(rounds + 1):
        for name, command in PROGRAMS.items():
            cost = run(*command)
            if number:
                costs[name].append(cost)
    return [
        _row("`import workbench`", costs, "workbench", "pass", "`python -c pass`"),
        _row("`workbench.share` at hand", costs, "notebook", "pydantic", "`import pydantic`"),
        _row("`workbench --help`", costs, "help", "pydantic", "`import pydantic`"),
    ]


def _row(what: str, costs: dict[str, list[Cost]], ours: str, peer: str, named: str) -> Row:
    mine = median([cost.seconds for cost in costs[ours]])
    theirs = median([cost.seconds for cost in costs[peer]])
    memory = f"{max(cost.peak for cost in costs[ours]):.0f} MiB"
    return Row(what, seconds(mine), f"{seconds(theirs)} {named}", theirs / mine, memory)


if __name__ == "__main__":
    emit(measure(int(sys.argv[1])))
