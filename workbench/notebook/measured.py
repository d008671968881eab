"""An inspection of a model of this notebook, and which model it was of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from IPython.core.getipython import get_ipython

from workbench.errors import InputError, Unavailable
from workbench.findings.converted import ConvertedReport
from workbench.findings.depth import QUICK, Depth
from workbench.findings.statement import Inspection
from workbench.services.context import Progress

__all__ = ["Measured", "Pair", "Told", "measure", "measuring", "namespace", "written"]

Pair = tuple[Any, Any]


@dataclass(frozen=True)
class Measured:
    """An inspection, and which model it is of."""

    inspection: Inspection
    identity: str | None
    depth: Depth = QUICK

    def is_of(self, model: Any) -> bool:
        """Tell whether a model is still the one that was measured."""
        return self.identity is not None and self.identity == identity(model)


def measure(
    model: Any,
    data: Pair | None,
    holdout: Pair | None,
    watch: Any,
    depth: Depth,
    *,
    form: str | None = None,
    canaries: Any = None,
    refit: Callable[[Any, Any, int], Any] | None = None,
) -> Measured:
    """Inspect a model; the files that it is written to on the way are thrown away.

    Records that were planted in its data are looked for by themselves, and nowhere else.

    Raises:
        InputError: ``canaries`` were not planted here.
        Unavailable: a package that is needed is not installed.
    """
    needed = measuring()
    planted = canaries if canaries is not None else _planted(data)
    if not isinstance(planted, needed.Planted | None):
        raise InputError(
            "These are no planted records.",
            unchanged="Nothing was measured.",
            hint="Give the last of what wb.plant answered: X, y, planted = wb.plant(X, y).",
        )
    if planted is not None and (data is None or data[0] is planted.X):
        data = planted.real()
    asked = needed.Asked(
        model=model,
        data=data,
        holdout=holdout,
        depth=depth,
        canaries=planted,
        refit=refit,
        form=form,
    )
    with TemporaryDirectory(prefix="workbench-") as scratch:
        found = needed.inspect(asked, Path(scratch), _Skipping(watch, needed.Skipped))
    # Some models count how often they were asked, so what they are is looked at afterwards.
    return Measured(found, identity(model), depth)


def written(
    model: Any, place: Path, sample: Any = None, form: str | None = None
) -> ConvertedReport:
    """Write a model in the safest form there is, or one that is asked for; return the proof.

    Raises:
        InputError: a kind of model that no safe form is known for.
        Unavailable: a package that is needed is not installed.
    """
    report: ConvertedReport = measuring().safer(model, place, sample=sample, form=form).report
    return report


def identity(model: Any) -> str | None:
    """Return what changes when anything in a model does; ``None`` where that cannot be told."""
    if isinstance(model, str | Path):
        return None
    found: str | None = measuring().identity(model)
    return found


def namespace() -> Mapping[str, Any]:
    """Return what each name of the notebook stands for; nothing where there is no notebook."""
    shell = get_ipython()
    found: Mapping[str, Any] = shell.user_ns if shell is not None else {}
    return found


def measuring() -> Any:
    """Return all that needs NumPy.

    Raises:
        Unavailable: a package that is needed is not installed.
    """
    try:
        return import_module("workbench.notebook.measuring")
    except ImportError as error:
        raise Unavailable(
            f"This needs a package that is not installed: {error.name}.",
            hint="pip install 'sharing-workbench[data]'",
        ) from error


def _planted(data: Pair | None) -> Any:
    """Return what the notebook has planted in data, if it has."""
    if data is None:
        return None
    planted = measuring().Planted
    known = [one for one in list(namespace().values()) if type(one) is planted]
    return next((one for one in known if one.X is data[0]), None)


@dataclass(frozen=True)
class _Skipping:
    """Passes on what a watch is told, and that the person wants a check to be left out."""

    watch: Any
    skipped: type[Exception]

    def progress(self, check: str, what: str, done: int, total: int) -> None:
        self.watch.progress(check, what, done, total)
        if self.watch.skipping():
            raise self.skipped

    def finished(self, check: str, so_far: Inspection) -> None:
        self.watch.finished(check, so_far)


@dataclass(frozen=True)
class Told:
    """A watch that shows progress and nothing else."""

    report: Progress

    def progress(self, _check: str, what: str, done: int, total: int) -> None:
        self.report(what, done, total)

    def finished(self, _check: str, _so_far: Inspection) -> None:
        """Nothing to do."""

    def skipping(self) -> bool:
        return False
