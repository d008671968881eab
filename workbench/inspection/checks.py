"""The checks of a model at Share, one after the other; one that fails stops no other."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from workbench.converting.safer import safer
from workbench.errors import WorkbenchError
from workbench.findings.depth import QUICK, Depth
from workbench.findings.statement import Inspection
from workbench.hidden.looking import look as look_behind
from workbench.hidden.screening import screen
from workbench.leakage.canaries import Planted, measure_canaries
from workbench.leakage.measuring import measure
from workbench.leakage.refits import Refit
from workbench.retention.looking import look as look_for_rows
from workbench.scanning.scan import scan

__all__ = ["TITLES", "Asked", "Check", "Skipped", "Watch", "inspect"]

Progress = Callable[[str, int, int], None]
Pair = tuple[Any, Any]


class Check(StrEnum):
    """What is checked, in this order: what takes long comes last."""

    form = "form"
    scan = "scan"
    retained = "retained"
    hidden = "hidden"
    canaries = "canaries"
    leakage = "leakage"
    backdoors = "backdoors"


TITLES = {
    Check.form: "Safe form",
    Check.scan: "Unsafe content",
    Check.retained: "Training rows inside the model",
    Check.hidden: "Hidden content",
    Check.canaries: "Planted records",
    Check.leakage: "Leakage",
    Check.backdoors: "Backdoors",
}

OF_THE_FORM = (Check.form, Check.scan)


class Skipped(Exception):
    """Raised by who watches, to leave out the rest of the check that runs."""


class Watch(Protocol):
    """Who is told how an inspection goes; what its methods raise stops the inspection."""

    def progress(self, check: Check, what: str, done: int, total: int) -> None:
        """Something happens; may raise :class:`Skipped`."""

    def finished(self, check: Check, so_far: Inspection) -> None:
        """A check is over, whatever came of it."""


@dataclass(frozen=True)
class Asked:
    """What is to be inspected, and how closely.

    Attributes:
        model: a fitted model of the notebook, or the path of files.
        data: ``(X, y)`` that it was trained on, without planted records.
        holdout: ``(X, y)`` that it has not seen.
        depth: how closely.
        canaries: records that were planted before it was trained.
        refit: trains a model like this one from rows, truth and a seed; networks need it.
        form: the form to write the model in, as :func:`workbench.converting.safer.safer` takes it.
    """

    model: Any
    data: Pair | None = None
    holdout: Pair | None = None
    depth: Depth = QUICK
    canaries: Planted | None = None
    refit: Refit | None = None
    seed: int = 0
    form: str | None = None

    @property
    def is_path(self) -> bool:
        """Whether there are only files."""
        return isinstance(self.model, str | Path)


def inspect(
    asked: Asked, folder: Path, watch: Watch, known: Inspection | None = None
) -> Inspection:
    """Measure what a model would give away.

    Args:
        folder: the model is written there, in the safest form there is or the one asked for.
        watch: told how it goes.
        known: what was measured of the same model in another form; only what depends on the form
            is measured again.
    """
    return _Inspector(asked, folder, watch, known).run()


class _Inspector:
    """One inspection."""

    def __init__(self, asked: Asked, folder: Path, watch: Watch, known: Inspection | None) -> None:
        self._asked, self._folder, self._watch = asked, folder, watch
        self._only = OF_THE_FORM if known is not None else tuple(Check)
        self._found = Inspection() if known is None else known.without_form()
        self._stopped: BaseException | None = None

    def run(self) -> Inspection:
        steps: dict[Check, Callable[[Progress], Inspection]] = {
            Check.form: self._form,
            Check.scan: self._scan,
            Check.retained: self._retained,
            Check.hidden: self._hidden,
            Check.canaries: self._canaries,
            Check.leakage: self._leakage,
            Check.backdoors: self._backdoors,
        }
        for check in self._only:
            self._one(check, steps[check])
            self._watch.finished(check, self._found)
        return self._found

    def _one(self, check: Check, step: Callable[[Progress], Inspection]) -> None:
        def progress(what: str, done: int, total: int) -> None:
            try:
                self._watch.progress(check, what, done, total)
            except BaseException as error:
                self._stopped = error
                raise

        try:
            progress(TITLES[check], 0, 1)
            self._found = step(progress)
        except Skipped:
            self._miss(check, "it was stopped before it was done")
        except WorkbenchError as error:
            if error is self._stopped:
                raise
            self._miss(check, " ".join(part for part in (error.message, error.hint) if part))
        except Exception as error:  # a model may raise anything; its words may repeat data
            if error is self._stopped:
                raise
            self._miss(check, f"it ended with {type(error).__name__}")

    def _miss(self, check: Check, why: str) -> None:
        sentence = f"{TITLES[check]}: {why.rstrip('.')}."[:1000]
        self._found = replace(self._found, gaps=(*self._found.gaps, sentence))

    def _form(self, progress: Progress) -> Inspection:
        if self._asked.is_path:
            return self._found
        pair = self._asked.holdout or self._asked.data
        sample = pair[0] if pair is not None else None
        done = safer(
            self._asked.model,
            self._folder,
            sample=sample,
            seed=self._asked.seed,
            form=self._asked.form,
            progress=progress,
        )
        return replace(self._found, converted=done.report)

    def _scan(self, progress: Progress) -> Inspection:
        place = Path(self._asked.model) if self._asked.is_path else self._folder
        paths = sorted(path for path in place.rglob("*") if path.is_file())
        if place.is_file():
            paths, place = [place], place.parent
        files = [(path.relative_to(place).as_posix(), partial(_opened, path)) for path in paths]
        return replace(self._found, scan=scan(files, clock=time.monotonic, progress=progress))

    def _retained(self, progress: Progress) -> Inspection:
        if not self._can_measure(Check.retained) or self._asked.data is None:
            return self._found
        found = look_for_rows(self._asked.model, self._asked.data, progress=progress)
        return replace(self._found, retained=found)

    def _hidden(self, progress: Progress) -> Inspection:
        if self._asked.is_path:
            return self._found
        return replace(self._found, hidden=look_behind(self._asked.model, progress=progress))

    def _canaries(self, progress: Progress) -> Inspection:
        """Look for planted records; whoever planted none is not told that there are none."""
        asked = self._asked
        if asked.is_path or asked.canaries is None:
            return self._found
        progress("Asking about planted records", 0, 1)
        return replace(self._found, canaries=measure_canaries(asked.model, asked.canaries))

    def _leakage(self, progress: Progress) -> Inspection:
        asked = self._asked
        if not self._can_measure(Check.leakage) or asked.data is None:
            return self._found
        if asked.holdout is None:
            self._miss(Check.leakage, "it needs data that the model has not seen")
            return self._found
        found = measure(
            asked.model,
            asked.data,
            asked.holdout,
            tier=asked.depth.tier,
            references=asked.depth.references,
            seconds=asked.depth.seconds,
            groups=asked.depth.groups,
            sensitive=asked.depth.sensitive,
            refit=asked.refit,
            seed=asked.seed,
            progress=progress,
        )
        return replace(self._found, leakage=found)

    def _backdoors(self, progress: Progress) -> Inspection:
        """Search a classifier for planted behaviour; fresh models to compare with take time."""
        asked = self._asked
        if asked.is_path or not asked.depth.thorough or asked.holdout is None:
            return self._found
        found = screen(
            asked.model, *asked.holdout, training=asked.data, seed=asked.seed, progress=progress
        )
        return replace(self._found, screen=found)

    def _can_measure(self, check: Check) -> bool:
        """Tell whether model and data are both here; note what is missing."""
        if self._asked.is_path:
            self._miss(check, "only files were given; share the model from the notebook it is in")
            return False
        if self._asked.data is None:
            self._miss(check, "it needs the data that the model was trained on")
            return False
        return True


def _opened(path: Path) -> BinaryIO:
    return path.open("rb")
