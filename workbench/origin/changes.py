"""What differs between two releases: data, code, settings, surroundings, measures, files.

A part that one of the two did not record is said to be so, rather than shown as if all of it were
new. Read the other way round, what was added was removed, and nothing else differs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Final, Literal, TypeVar

from pydantic import StringConstraints

from workbench.forms import Model
from workbench.origin import cells
from workbench.origin.graph import Dataset, Graph, Kind
from workbench.origin.labels import lineage, reaching
from workbench.origin.record import Cell, Environment, Notebook, Training
from workbench.origin.rendering import text

__all__ = ["Change", "Record", "Section", "between"]

MAX_CHANGES: Final = 1000  # in one section
_LONGEST: Final = 500  # characters of a value that are shown

Text = Annotated[str, StringConstraints(max_length=_LONGEST + 1)]
Part = TypeVar("Part")
Values = dict[str, str]


class Record(Model):
    """What was kept of one release."""

    graph: Graph | None = None
    training: Training | None = None
    environment: Environment | None = None
    notebook: Notebook | None = None
    files: tuple[tuple[str, str], ...] = ()  # name, hex SHA-256


class Change(Model):
    """One thing that is not as it was; ``lines`` as in a unified diff, for code."""

    name: Text
    kind: Literal["added", "removed", "changed"]
    before: Text = ""
    after: Text = ""
    lines: tuple[str, ...] = ()


class Section(Model):
    """What changed of one sort, and how many things of that sort are as they were."""

    title: str
    changes: tuple[Change, ...] = ()
    same: int = 0
    left_out: int = 0  # changes beyond what is shown


def between(before: Record, after: Record) -> tuple[Section, ...]:
    """Return what changed from one release to another, always in the same six sections."""
    return (
        _section("Data", before.graph, after.graph, _compared(_data)),
        _section("Code", before.notebook, after.notebook, _code),
        _section("Settings", before.training, after.training, _compared(_settings)),
        _section("Environment", before.environment, after.environment, _compared(_surroundings)),
        _section("Measures", before.training, after.training, _measures),
        _section("Files", before.files, after.files, _compared(_files)),
    )


Found = tuple[list[Change], int]


def _section(
    title: str, before: Part | None, after: Part | None, compare: Callable[[Part, Part], Found]
) -> Section:
    if before is None and after is None:
        return Section(title=title)
    if before is None or after is None:
        words = {True: "not recorded", False: "recorded"}
        change = Change(
            name=title,
            kind="added" if before is None else "removed",
            before=words[before is None],
            after=words[after is None],
        )
        return Section(title=title, changes=(change,))
    changes, same = compare(before, after)
    return Section(
        title=title,
        changes=tuple(changes[:MAX_CHANGES]),
        same=same,
        left_out=max(len(changes) - MAX_CHANGES, 0),
    )


def _compared(read: Callable[[Part], Values]) -> Callable[[Part, Part], Found]:
    """Return a comparison of the named values that ``read`` finds in a part."""
    return lambda before, after: _differences(read(before), read(after))


def _differences(before: Mapping[str, str], after: Mapping[str, str]) -> Found:
    changes, same = [], 0
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old == new:
            same += 1
            continue
        changes.append(
            Change(
                name=_tail(name),
                kind="added" if old is None else "removed" if new is None else "changed",
                before=_shown(old or ""),
                after=_shown(new or ""),
            )
        )
    return changes, same


def _data(graph: Graph) -> Values:
    """Return the sources by their address, parent releases, and what was said of data."""
    digests: dict[str, set[str]] = {}
    for node in lineage(graph):
        if node.kind is Kind.source:
            where = text(node.details.get("address") or node.label)
            digests.setdefault(where, set()).add(text(node.details.get("digest") or "no digest"))
        elif node.kind is Kind.release and node.id != graph.target:
            where = f"release {text(node.details.get('ref') or node.label)}"
            digests.setdefault(where, set()).add(text(node.details.get("manifest") or "no digest"))
    marks: dict[str, set[str]] = {}
    for dataset in reaching(graph):
        for name, words in _label(dataset):
            marks.setdefault(name, set()).add(words)
    return {name: "; ".join(sorted(known)) for name, known in (digests | marks).items()}


def _label(dataset: Dataset) -> Iterator[tuple[str, str]]:
    parts = [dataset.classification.value, ", ".join(sorted(dataset.regions)), dataset.licence]
    yield f"label of {dataset.name}", " · ".join(part for part in parts if part)
    if dataset.source:
        yield f"origin of {dataset.name}", dataset.source
    for key, words in dataset.annotations.items():
        yield f"{key} of {dataset.name}", words


def _settings(training: Training) -> Values:
    """Return the parts of a model, their hyperparameters, layers and seeds."""
    values = {"model": training.type, "features": str(training.features)}
    for part in training.parts:
        values[f"{part.path} is"] = part.type
        values |= {f"{part.path}.{name}": text(it) for name, it in part.parameters.items()}
    for layer in training.layers:
        values[f"layer {layer.path}"] = " ".join(filter(None, (layer.type, layer.shape)))
    values |= {f"seed of {name}": text(value) for name, value in training.seeds.items()}
    return values | {f"note on {name}": words for name, words in training.annotations.items()}


def _surroundings(environment: Environment) -> Values:
    values = {"Python": environment.python}
    values |= {f"package {name}": version for name, version in environment.packages.items()}
    values |= {f"machine {name}": text(value) for name, value in environment.machine.items()}
    values |= {f"threads {name}": value for name, value in environment.threads.items()}
    if environment.git:
        values["git commit"] = environment.git.commit
        values["uncommitted changes"] = "yes" if environment.git.dirty else "no"
    return values | ({"container": environment.container} if environment.container else {})


def _files(files: tuple[tuple[str, str], ...]) -> Values:
    return {name: f"sha256:{digest}" for name, digest in files}


def _measures(before: Training, after: Training) -> Found:
    """Compare what was measured last on the same data; the sign says by how much it rose."""
    old, new = _measured(before), _measured(after)
    changes, same = [], 0
    for name in sorted(old.keys() | new.keys()):
        first, second = old.get(name), new.get(name)
        if first is None or second is None:
            changes.append(
                Change(
                    name=_tail(name),
                    kind="added" if first is None else "removed",
                    before=_number(first),
                    after=_number(second),
                )
            )
        elif first == second:
            same += 1
        else:
            risen = f"{_number(second)} ({second - first:+.3g})"
            changes.append(
                Change(name=_tail(name), kind="changed", before=_number(first), after=risen)
            )
    return changes, same


def _measured(training: Training) -> dict[str, float]:
    return {f"{metric.name} on {metric.on}": metric.value for metric in training.metrics}


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def _code(before: Notebook, after: Notebook) -> Found:
    """Compare cells as they ran last; a cell that only stands elsewhere changed its place."""
    old, new = cells.latest(before.cells), cells.latest(after.cells)
    pairs = cells.paired(old, new)
    elsewhere = cells.moved(pairs, old, new)
    changes, same = [], 0
    for pair in pairs:
        if pair.before is None:
            changes += [_whole(new[pair.after], "added")] if pair.after is not None else []
        elif pair.after is None:
            changes.append(_whole(old[pair.before], "removed"))
        else:
            was, now, shifted = old[pair.before], new[pair.after], pair.after in elsewhere
            if was.digest == now.digest and not shifted:
                same += 1
                continue
            places = (pair.before + 1, pair.after + 1) if shifted else None
            changes.append(_rewritten(was, now, places))
    return changes, same


def _whole(cell: Cell, kind: Literal["added", "removed"]) -> Change:
    """Return a cell that is only on one side, with all its lines."""
    added = kind == "added"
    sign, size = "+" if added else "-", _size(cell)
    return Change(
        name=f"In [{cell.execution}]",
        kind=kind,
        before="" if added else size,
        after=size if added else "",
        lines=cells.bounded([sign + line for line in cell.code.splitlines()]),
    )


def _rewritten(before: Cell, after: Cell, places: tuple[int, int] | None) -> Change:
    names = dict.fromkeys((f"In [{before.execution}]", f"In [{after.execution}]"))
    same, said = before.digest == after.digest, [_size(before), _size(after)]
    if places is not None:
        said = [
            f"place {place}" if same else f"{words}, place {place}"
            for words, place in zip(said, places, strict=True)
        ]
    return Change(
        name=" → ".join(names),
        kind="changed",
        before=said[0],
        after=said[1],
        lines=() if same else cells.lines(before.code, after.code),
    )


def _size(cell: Cell) -> str:
    if cell.withheld:
        return f"code withheld: {cell.withheld}"[:_LONGEST]
    count = len(cell.code.splitlines())
    return "1 line" if count == 1 else f"{count} lines"


def _shown(value: str) -> str:
    """Return a value as it is shown: digests by their beginning, and nothing too long."""
    short = re.sub(r"sha256:([0-9a-f]{12})[0-9a-f]{52}", r"sha256:\1…", value)
    return short if len(short) <= _LONGEST else f"{short[:_LONGEST]}…"


def _tail(name: str) -> str:
    """Return a name as it is shown; of a long one the end, which tells more."""
    return name if len(name) <= _LONGEST else f"…{name[-_LONGEST:]}"
