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
MOST_KEPT = 2**28  # bytes of files that are kept in memory; larger models are written again


@dataclass(frozen=True)
class Measured:
    """An inspection, and which model it is of.

    Attributes:
        form: the form that was asked for; ``None`` for the safest there is.
        files: what the model was written to, by name, if it was the same before and after and is
            not too large to be kept.
    """

    inspection: Inspection
    identity: str | None
    depth: Depth = QUICK
    form: str | None = None
    files: Mapping[str, bytes] | None = None

    def is_of(self, model: Any) -> bool:
        """Tell whether a model is still the one that was measured."""
        return self.identity is not None and self.identity == identity(model)

    def written(self, place: Path, form: str | None) -> ConvertedReport | None:
        """Write the files that were measured into a folder, if they are in the form asked for."""
        report = self.inspection.converted
        if report is None or self.files is None or form not in (self.form, report.form):
            return None
        for name, content in self.files.items():
            (place / name).write_bytes(content)
        return report


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
    before: Measured | None = None,
) -> Measured:
    """Inspect a model; the files that it is written to on the way are kept in memory.

    If the model is still what was measured ``before``, only what depends on its form is measured
    again. Records that were planted in its data are looked for by themselves, and nowhere else.

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
    is_now = identity(model)
    known = None
    if before is not None and before.identity is not None and before.identity == is_now:
        known, depth = before.inspection, before.depth
    with TemporaryDirectory(prefix="workbench-") as scratch:
        keeping = _Keeping(watch, needed.Skipped, Path(scratch))
        found = needed.inspect(asked, Path(scratch), keeping, known)
    # Some models count how often they were asked, so what they are is looked at afterwards. The
    # files of one that changed meanwhile, for whatever reason, may be of what it was before.
    after = identity(model)
    files = keeping.files if after is not None and after == is_now else None
    return Measured(found, after, depth, form, files)


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


@dataclass
class _Keeping:
    """Keeps what a model is written to, and passes on what a watch is told, and what it wants.

    Attributes:
        skipped: raised where the person wants a check to be left out.
        folder: where the model is written.
        files: what it was written to, once it is.
    """

    watch: Any
    skipped: type[Exception]
    folder: Path
    files: dict[str, bytes] | None = None

    def progress(self, check: str, what: str, done: int, total: int) -> None:
        self.watch.progress(check, what, done, total)
        if self.watch.skipping():
            raise self.skipped

    def finished(self, check: str, so_far: Inspection) -> None:
        if self.files is None and so_far.converted is not None:
            paths = [self.folder / name for name in so_far.converted.files]
            if sum(path.stat().st_size for path in paths) <= MOST_KEPT:
                self.files = {path.name: path.read_bytes() for path in paths}
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
