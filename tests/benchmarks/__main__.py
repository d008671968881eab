"""Measure, print the table, and with ``--write`` put it into the README."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.figures import Measured, keep, report, write
from tests.benchmarks.measuring import MIB, ROOT, Row, child, machine


@dataclass(frozen=True)
class Sizes:
    """How much of everything."""

    model: int  # bytes
    rounds: int
    entries: int  # of the ledger
    peer_entries: int  # for proofs by the peer, which are slow
    decisions: int
    samples: int  # of the corpus of hostile and harmless files
    notebooks: int  # that are run with and without tracking
    big: int  # bytes of a file that is digested meanwhile
    attacked: tuple[str, ...] = ()  # models by name; all, if none is named


FULL = Sizes(1024 * MIB, 5, 1_000_000, 50_000, 2000, 10_000, 11, 10 * 1024 * MIB)
QUICK = Sizes(64 * MIB, 2, 20_000, 2_000, 200, 300, 3, 1024 * MIB)
TINY = Sizes(1 * MIB, 1, 300, 100, 5, 60, 1, 16 * MIB, ("decision tree",))


def topics(sizes: Sizes, place: Path) -> dict[str, tuple[object, ...]]:
    """Return the modules that measure, each with its arguments; each runs in its own process."""
    return {
        "sharing": (sizes.model, sizes.rounds, place),
        "tensor": ("measure", sizes.model, sizes.rounds, place),
        "ledger": ("measure", sizes.entries, sizes.peer_entries, place),
        "gateway": (sizes.decisions,),
        "startup": (sizes.rounds + 2,),
        "scanning": ("measure", sizes.samples, sizes.model, sizes.big, sizes.rounds, place),
        "leakage": ("measure", min(sizes.rounds, 3), *sizes.attacked),
        "capture": ("measure", sizes.notebooks, sizes.rounds, sizes.big, place),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="small sizes, a few minutes")
    size.add_argument("--tiny", action="store_true", help="only show that everything runs")
    parser.add_argument(
        "--write", action="store_true", help="keep the figures, and replace the tables in README.md"
    )
    parser.add_argument("--only", action="append", help="one topic (may be given several times)")
    parser.add_argument("--place", type=Path, help="a folder on the disk to be measured")
    options = parser.parse_args(arguments)
    sizes = TINY if options.tiny else QUICK if options.quick else FULL
    found = {}
    with tempfile.TemporaryDirectory(prefix="bench-", dir=options.place) as folder:
        chosen = topics(sizes, Path(folder))
        for name in options.only or chosen:
            print(f"· {name}", file=sys.stderr, flush=True)
            rows = tuple(Row(**row) for row in child(name, *chosen[name]))
            found[name] = Measured(machine(), rows)
    print(report(found))
    if options.write:
        write(report(keep(found)), ROOT / "README.md")


if __name__ == "__main__":
    main()
