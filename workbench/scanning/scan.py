"""A look into the files of a model: what each is, and whether opening it could run code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import BinaryIO

from workbench.findings.scan import Outcome, ScanReport
from workbench.scanning.contents import look
from workbench.scanning.contract import Budget, Exhausted, Limits, Scan, exhausted
from workbench.scanning.onnx import outside_data

__all__ = ["RULES", "scan"]

Source = BinaryIO | Callable[[], BinaryIO]
RULES = "2026-11.3"  # changes whenever a file could be judged differently than before


def scan(
    files: Sequence[tuple[str, Source]],
    *,
    clock: Callable[[], float],
    limits: Limits | None = None,
    progress: Callable[[str, int, int], None] = lambda _what, _done, _total: None,
) -> ScanReport:
    """Look into all files of a model; nothing is loaded, executed or written.

    Args:
        files: each file's path within the model, with slashes, and its bytes as a seekable
            stream, or what opens one; that is closed again before the next is opened. Paths only
            say which file refers to which; what a file is, its bytes say.
        clock: seconds from any start, for the limit on time.
        limits: how much work it may cost, all files together.
        progress: called with what is looked at, how many files are done, and how many there are;
            it may raise to cancel.

    A file that cannot be looked into within the limits is unsafe; nothing raises for what is in
    the files.
    """
    names = frozenset(name for name, _ in files)
    done = 0

    def tick() -> None:
        progress(f"Looking into {at}", done, len(files))

    budget = Budget(clock, limits or Limits(), _seldom(tick, clock))
    found: list[Scan] = []
    claimed: set[str] = set()
    at = ""
    for at, source in files:
        tick()
        with _opened(source) as stream:
            one = _look(at, stream, budget, _beside(at, names))
            found.append(one)
            if one.kind == "onnx" and one.outcome is not Outcome.unsafe:
                folder = at.rpartition("/")[0]
                claimed |= {_join(folder, name) for name in outside_data(stream, budget)}
        done += 1
    paths = [name for name, _ in files]
    claimed |= _shards(dict(zip(paths, found, strict=True)))
    tick()
    return ScanReport(
        rules=RULES,
        files=tuple(
            _settled(name, one, claimed).of_file(name)
            for name, one in zip(paths, found, strict=True)
        ),
    )


def _opened(source: Source) -> AbstractContextManager[BinaryIO]:
    return source() if callable(source) else nullcontext(source)


def _look(name: str, stream: BinaryIO, budget: Budget, beside: frozenset[str]) -> Scan:
    budget.depth = 0
    try:
        return look(stream, name, budget, beside)
    except Exhausted as error:
        scan = Scan("not looked through")
        scan.add(exhausted(error, name))
        return scan


def _seldom(tick: Callable[[], None], clock: Callable[[], float]) -> Callable[[], None]:
    """Return a tick that passes on about four calls a second."""
    last = clock()

    def seldom() -> None:
        nonlocal last
        now = clock()
        if now - last >= 0.25:
            last = now
            tick()

    return seldom


def _beside(name: str, names: Iterable[str]) -> frozenset[str]:
    folder = name.rpartition("/")[0]
    start = f"{folder}/" if folder else ""
    return frozenset(other.removeprefix(start) for other in names if other.startswith(start))


def _join(folder: str, name: str) -> str:
    inside = name.removeprefix("./")
    return f"{folder}/{inside}" if folder else inside


def _shards(found: dict[str, Scan]) -> set[str]:
    """Return the files of raw numbers that belong to the index of a checkpoint of TensorFlow."""
    shards = set()
    for name, one in found.items():
        if one.kind == "savedmodel":
            folder = name.rpartition("/")[0]
            start = _join(folder, "variables/variables.data-")
            shards |= {other for other in found if other.startswith(start)}
            shards.add(_join(folder, "fingerprint.pb"))
        if one.kind == "tensorflow index" and name.endswith(".index"):
            start = f"{name.removesuffix('.index')}.data-"
            shards |= {other for other in found if other.startswith(start)}
    return shards


def _settled(name: str, one: Scan, claimed: set[str]) -> Scan:
    """Return what a file is, once it is known that another takes it for its raw numbers.

    Numbers have no form by which they could be known. What is a pickle or a program all the same
    stays one, whatever another file takes it for.
    """
    known = any(found.rule != "unknown" for found in one.findings)
    if name in claimed and one.kind == "unknown" and not known:
        return Scan("tensor data", reason="It holds the numbers of a model beside it.")
    return one
