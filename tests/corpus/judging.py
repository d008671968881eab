"""What the scanner says about each sample, and whether that is what it should say."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.corpus.sample import Benign, Hostile, built, opened
from workbench.scanning.scan import scan

__all__ = ["Verdict", "judged", "report", "right", "wanted"]


@dataclass(frozen=True)
class Verdict:
    """The outcome for a sample, the scanner's first reason, and the seconds it took."""

    sample: Hostile | Benign
    outcome: str
    reason: str
    seconds: float


def wanted(sample: Hostile | Benign) -> frozenset[str]:
    """Return the outcomes that are right."""
    return frozenset({"unsafe"}) if isinstance(sample, Hostile) else sample.wanted


def right(verdict: Verdict) -> bool:
    """Tell whether a hostile sample was called unsafe and a benign one was not."""
    return verdict.outcome in wanted(verdict.sample)


def report(paths: Sequence[Path], folder: Path) -> Any:
    """Return the scanner's report about files below a folder."""
    with ExitStack() as stack:
        files = [(name, stack.enter_context(stream)) for name, stream in opened(paths, folder)]
        return scan(files, clock=time.monotonic)


def judged(
    samples: Iterable[Hostile | Benign], progress: Callable[[str], None] = lambda name: None
) -> list[Verdict]:
    """Build, scan and remove each sample; an error of the scanner is an outcome of its own."""
    verdicts = []
    for sample in samples:
        progress(sample.name)
        with tempfile.TemporaryDirectory(prefix="corpus-") as folder:
            paths = built(sample, Path(folder))
            started = time.perf_counter()
            try:
                said = report(paths, Path(folder) / sample.name)
                outcome = str(getattr(said.outcome, "value", said.outcome))
                reason = "; ".join(f"{file.kind}: {file.reason}" for file in said.files)
            except Exception as error:
                outcome, reason = "error", f"{type(error).__name__}: {error}"
            took = time.perf_counter() - started
        verdicts.append(Verdict(sample, outcome, reason, took))
    return verdicts
