"""Figures that were measured, kept by topic, and the tables they end in.

What one run measured replaces what is known of its topics and no other, so that a long topic need
not be measured again for the sake of a short one.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.benchmarks.measuring import Row, table

__all__ = ["FIGURES", "TITLES", "Measured", "keep", "kept", "report", "write"]

FIGURES = Path(__file__).with_name("figures.json")
BLOCK = re.compile(r"(<!-- benchmarks -->\n).*?(<!-- /?benchmarks -->)", re.DOTALL)
TITLES = {
    "sharing": "Publishing and opening",
    "tensor": "One tensor of a large model",
    "ledger": "The log",
    "gateway": "The policy gateway",
    "startup": "Start",
    "scanning": "Looking into files",
    "leakage": "Leakage, beside sacroml",
    "capture": "Tracking a notebook",
}
FOLDED = ("leakage",)  # long, and of interest to few
NOTES = """\
Medians of interleaved runs. A ratio above 1 means that ours is faster. *Ours* verifies, signs, logs
and brings everything to the disk; *durable* peers are age and model_signing followed by an `fsync`
of what they wrote. Files are in the page cache for both. Memory is the peak of one whole process.
"""
NOTES_OF = {
    "leakage": """\
Of membership, sacroml's figures were recorded once (`sacroml_figures.json`); its seconds are from
then, ours from now, both of the processor on one thread. *Control* is a model that saw none of the
records: what is found there is chance.
"""
}


@dataclass(frozen=True)
class Measured:
    """The rows of a topic, and the machine that they were measured on."""

    machine: str
    rows: tuple[Row, ...]


def kept(path: Path = FIGURES) -> dict[str, Measured]:
    """Return what was measured so far, by topic."""
    known = json.loads(path.read_text()) if path.exists() else {}
    return {
        topic: Measured(one["machine"], tuple(Row(**row) for row in one["rows"]))
        for topic, one in known.items()
    }


def keep(found: Mapping[str, Measured], path: Path = FIGURES) -> dict[str, Measured]:
    """Take what was measured in; return all that is known now, in the order of the titles."""
    known = {**kept(path), **found}
    ordered = {topic: known[topic] for topic in TITLES if topic in known}
    text = json.dumps({topic: asdict(one) for topic, one in ordered.items()}, indent=1)
    path.write_text(f"{text}\n")
    return ordered


def report(found: Mapping[str, Measured]) -> str:
    """Return the Markdown that goes into the README."""
    parts = [_part(topic, one.rows) for topic, one in found.items()]
    machines: dict[str, list[str]] = {}
    for topic, one in found.items():
        machines.setdefault(one.machine, []).append(TITLES[topic])
    lines = [
        f"Machine: {machine}." if len(machines) == 1 else f"Machine of {', '.join(of)}: {machine}."
        for machine, of in machines.items()
    ]
    return "\n".join([*parts, NOTES, "\n\n".join(lines), ""])


def _part(topic: str, rows: Sequence[Row]) -> str:
    title, shown = TITLES[topic], table(rows)
    note = f"\n{NOTES_OF[topic]}" if topic in NOTES_OF else ""
    if topic in FOLDED:
        return f"<details><summary>{title}</summary>\n\n{shown}\n{note}\n</details>\n"
    return f"**{title}**\n\n{shown}\n{note}"


def write(text: str, readme: Path) -> None:
    """Replace the block between the markers."""
    old = readme.read_text()
    new, count = BLOCK.subn(lambda match: match[1] + text + match[2], old)
    if count != 1:
        sys.exit(f"{readme.name} has no block between <!-- benchmarks --> markers.")
    readme.write_text(new)
