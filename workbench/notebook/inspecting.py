"""Looking into models and files before they are shared, and stand-in data."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from workbench.capture import fitting, tracker
from workbench.errors import InputError, Unavailable
from workbench.findings.depth import Depth, Groups, affordable
from workbench.findings.leakage import Tier
from workbench.findings.statement import Inspection, facts
from workbench.listing import Facts
from workbench.notebook.measured import Measured, Pair, Told, measure, measuring, namespace
from workbench.notebook.showing import Inspected, Scanned, one_line
from workbench.scanning.scan import scan
from workbench.services.context import Progress
from workbench.services.sealing import ModelFile
from workbench.session import silent
from workbench.tracing.checked import inspection_view

__all__ = ["Inspecting", "KernelInspector", "fitted_on", "tier"]


class Workplace(Protocol):
    """What inspecting uses of a workplace."""

    def files(self, path: Path) -> Sequence[ModelFile]: ...


class Inspecting:
    """The functions for inspection."""

    _workplace: Workplace

    def scan(self, path: str | Path) -> Scanned:
        """Tell whether opening files could run somebody else's code; nothing is opened.

        Raises:
            InputError: nothing there, or something that cannot be read.
        """
        files = self._workplace.files(Path(path))
        return Scanned(scan([(file.name, file.open) for file in files], clock=time.monotonic))

    def inspect(
        self,
        model: Any,
        data: Pair | None = None,
        holdout: Pair | None = None,
        *,
        thorough: bool = False,
        references: int | None = None,
        seconds: float | None = None,
        groups: Groups = None,
        sensitive: Sequence[str] | None = None,
        canaries: Any = None,
        refit: Callable[[Any, Any, int], Any] | None = None,
        form: str | None = None,
        progress: Progress | None = None,
    ) -> Inspected:
        """Measure what a model would give away about what it was trained on.

        ``data`` and ``holdout`` are ``(X, y)``, what it was trained on and what it has not seen;
        without them they are taken from what was tracked. ``thorough`` trains ``references``
        models more, to compare, for at most about ``seconds``; if neither is given, as many as a
        minute allows, from 8 to 64. ``refit`` trains one from rows, truth and a seed, where the
        model itself does not say how, as networks do not. Interrupt the kernel to stop it.
        Nothing is shared.

        ``groups`` says whose exposure is compared beside the classes': names of columns, or for
        each grouping a pair of arrays, for the data and for the holdout. ``sensitive`` names the
        columns that are tried to be guessed. ``canaries`` is what :meth:`plant` answered last;
        in a notebook it is found. ``form="onnx"`` writes the model as ONNX instead of its own
        safe form.

        Raises:
            InputError: ``canaries`` is something else.
            Unavailable: a package that is needed is not installed.
        """
        if data is None and holdout is None:
            data, holdout = fitted_on(model)
        depth = Depth(tier(thorough), references, seconds, groups, sensitive)
        with _telling(progress, thorough) as tell:
            found = measure(
                model, data, holdout, Told(tell), depth, form=form, canaries=canaries, refit=refit
            )
        return Inspected(inspection_view(found.inspection, facts(Facts(), found.inspection)))

    def plant(self, X: Any, y: Any, *, count: int = 50, seed: int = 0) -> tuple[Any, Any, Any]:
        """Return data with made-up records in it, to train on, and what was planted.

        Do it before training: ``X_train, y_train, planted = wb.plant(X_train, y_train)``. The
        inspection then tells whether the model remembers records that nothing else in its data
        explains. As many are kept aside to compare with. They make a model slightly worse.

        Raises:
            InputError: rows of another form than tables and arrays, or too few.
            Unavailable: a package that is needed is not installed.
        """
        planted = measuring().plant(X, y, count=count, seed=seed)
        return planted.X, planted.y, planted

    def synthetic(
        self, table: Any, level: str = "schema", *, rows: int | None = None, seed: int = 0,
        **options: Any,
    ) -> Any:  # fmt: skip
        """Return made-up data that looks like a table: ``.frame``, and ``.report`` on how near.

        ``level`` is ``schema`` (names and types only), ``marginals`` (each column by itself),
        ``copula`` (columns together) or ``dp`` (differentially private, ``epsilon=``).

        Raises:
            InputError: no such level, or a table that cannot be imitated.
            Unavailable: a package that is needed is not installed.
        """
        return measuring().synthetic(table, level, rows=rows, seed=seed, **options)

    def sanitise(self, model: Any, holdout: Pair | None = None) -> Any:
        """Return a copy of a model with rounded numbers, so that nothing is hidden in them.

        The copy is ``.model``; ``.report`` says what was changed, and, with ``holdout`` ``(X, y)``,
        how good the model was before and is now.

        Raises:
            InputError: a model without numbers that could be rounded.
            Unavailable: a package that is needed is not installed.
        """
        return measuring().sanitise(model, evaluate=holdout)


class KernelInspector:
    """Runs inspections for the Share form, with the data that the notebook names."""

    def __init__(self, keep: Callable[[Any, Measured], None] | None) -> None:
        self._keep = keep or (lambda _model, _measured: None)
        self._last: tuple[Any, Measured] | None = None

    def forms(self, model: Any) -> tuple[str, ...]:
        """Return the forms that a model can leave in, the one that keeps most first."""
        if isinstance(model, str | Path):
            return ()
        try:
            return tuple(str(one) for one in measuring().choices(model))
        except Unavailable:  # which the checks say
            return ()

    def suggest(self, model: Any) -> tuple[str, str, str]:
        """Return the names of what a model was trained on and has not seen, and why if not."""
        found = _fitted(model)
        if found is None:
            return "", "", ""
        return _joined(found.data), _joined(found.holdout), found.why

    def named(self, text: str) -> Pair | None:
        """Return what two names in the notebook stand for; ``None`` for an empty text.

        Raises:
            InputError: they are not two names, or stand for nothing.
        """
        names = [part.strip() for part in text.split(",") if part.strip()]
        if not names:
            return None
        space = namespace()
        missing = [name for name in names if name not in space]
        if len(names) > 2 or missing:
            said = f"{missing[0]!r} is no name in this notebook" if missing else f"{text!r}"
            raise InputError(
                f"The data cannot be found: {said}.",
                unchanged="Nothing was measured.",
                hint="Give one or two names of this notebook, such as X_train, y_train.",
            )
        return space[names[0]], (space[names[1]] if len(names) == 2 else None)

    def run(
        self,
        model: Any,
        data: Pair | None,
        holdout: Pair | None,
        depth: Depth,
        watch: Any,
        form: str | None = None,
        only_form: bool = False,
    ) -> Inspection:
        """Run all checks, and keep what was measured for when the model is published.

        With ``only_form``, those that depend on the form, if the model is what it was.
        """
        last = self._last if only_form else None
        before = last[1] if last is not None and last[0] is model else None
        found = measure(model, data, holdout, watch, depth, form=form, before=before)
        self._last = model, found
        self._keep(model, found)
        return found.inspection

    def time_one(self, model: Any, data: Pair, holdout: Pair, watch: Any) -> tuple[float, int]:
        """Return the seconds that one model to compare with takes, and how many that allows.

        Raises:
            InputError: nobody knows how it is trained, or the data cannot be used.
            Unavailable: a package that is needed is not installed.
        """
        tell = partial(watch.progress, "leakage")
        using = measuring()
        seconds = using.time_one(model, data, holdout, progress=tell)
        return seconds, affordable(seconds, using.count(data[0]) + using.count(holdout[0]))

    def sanitised(self, model: Any, holdout: Pair | None) -> tuple[Any, str]:
        """Return a copy of a model with rounded numbers, and what that cost, in words."""
        done = measuring().sanitise(model, evaluate=holdout)
        return done.model, " ".join(done.report.sentences())


def fitted_on(model: Any) -> tuple[Pair | None, Pair | None]:
    """Return the data that a model was trained on and has not seen, as far as it was tracked."""
    found = _fitted(model)
    if found is None:
        return None, None
    space = namespace()
    pairs = [
        None if names is None else (space[names[0]], space[names[1]] if names[1] else None)
        for names in (found.data, found.holdout)
    ]
    return pairs[0], pairs[1]


def _fitted(model: Any) -> fitting.Fitted | None:
    running = tracker.current()
    return None if running is None or isinstance(model, str | Path) else running.fitted_on(model)


def _telling(progress: Progress | None, thorough: bool) -> AbstractContextManager[Progress]:
    """Return who is told; of long work that nobody asked to be told of, the person."""
    if progress is None and thorough:
        return one_line()
    return nullcontext(progress or silent)


def tier(thorough: bool) -> Tier:
    """Return how much is tried."""
    return Tier.thorough if thorough else Tier.quick


def _joined(names: tuple[str, str | None] | None) -> str:
    return ", ".join(name for name in names if name) if names else ""
