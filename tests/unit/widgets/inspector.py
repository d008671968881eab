"""An inspector that answers as it is told to, and checks that ask it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from workbench.errors import InputError
from workbench.findings.depth import Depth, affordable
from workbench.findings.statement import Inspection
from workbench.widgets.checks import ORDER, Checks, Remedies

MODEL = object()
PAIR = (np.zeros((3, 2)), np.zeros(3))


class Inspector:
    """Answers as it is told to."""

    def __init__(self, found: Inspection, names: tuple[str, str, str] = ("", "", "")) -> None:
        self.found, self.names = found, names
        self.asked: list[tuple[Any, Any, bool]] = []
        self.depth = Depth()
        self.timed = 0
        self.seconds: float | Exception = 2.5
        self.meanwhile: Callable[[Any], None] = lambda _watch: None
        self.error: Exception | None = None
        self.offered: tuple[str, ...] = ()
        self.forms_asked: list[tuple[str | None, bool]] = []

    def forms(self, model: Any) -> tuple[str, ...]:
        return self.offered

    def suggest(self, model: Any) -> tuple[str, str, str]:
        return self.names

    def named(self, text: str) -> Any:
        if text == "nothing":
            raise InputError("The data cannot be found: 'nothing' is no name in this notebook.")
        return PAIR if text else None

    def run(
        self,
        model: Any,
        data: Any,
        holdout: Any,
        depth: Depth,
        watch: Any,
        form: str | None,
        only_form: bool,
    ) -> Inspection:
        self.forms_asked.append((form, only_form))
        self.asked.append((data is not None, holdout is not None, depth.thorough))
        self.depth = depth
        if self.error is not None:
            raise self.error
        self.meanwhile(watch)
        watch.progress("leakage", "Refitting 3 of 8", 3, 8)
        for key in ORDER:
            watch.finished(key, self.found)
        return self.found

    def time_one(self, model: Any, data: Any, holdout: Any, watch: Any) -> tuple[float, int]:
        self.timed += 1
        watch.progress("leakage", "Timing a training", 0, 1)
        if isinstance(self.seconds, Exception):
            raise self.seconds
        return self.seconds, affordable(self.seconds, 1000)

    def sanitised(self, model: Any, holdout: Any) -> tuple[Any, str]:
        return "clean", "In 2 tensors 9 numbers were changed."


class Shown:
    """What the form does when it is told."""

    def __init__(self) -> None:
        self.changed = 0
        self.hosted = False
        self.replacement: tuple[Any, str] | None = None

    def remedies(self) -> Remedies:
        return Remedies(self._changed, self._hosted, self._replaced)

    def _changed(self) -> None:
        self.changed += 1

    def _hosted(self) -> None:
        self.hosted = True

    def _replaced(self, model: Any, words: str) -> None:
        self.replacement = model, words


def checks(inspector: Inspector, form: Shown | None = None, given: Any = None) -> Checks:
    return Checks(inspector, (form or Shown()).remedies(), given)


def done(one: Checks) -> None:
    assert one.thread is not None
    one.thread.join(60)
    assert not one.thread.is_alive()
