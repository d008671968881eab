"""What IPython tells of a cell: its code and how it ended, and of the notebook it is in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.capture.history import Ending, Execution

__all__ = ["Ran", "ending", "notebook_name", "ran"]


@dataclass(frozen=True)
class Ran:
    """One execution as it ran: its code, and by statement what that used, called and bound.

    ``outcome`` is ok, error, interrupted, or running; ``statements`` are those that ran.
    """

    number: int | None
    cell: str
    code: str
    digest: str
    outcome: str
    statements: tuple[tuple[str, frozenset[str], tuple[str, ...], frozenset[str]], ...]


def ending(result: Any, namespace: Mapping[str, Any]) -> Ending:
    """Return how a cell ended and where it stopped."""
    if result is None:
        return Ending("interrupted")
    if result.error_before_exec is not None:
        return Ending("error", 0)
    error = result.error_in_exec
    if error is None:
        return Ending()
    outcome = "interrupted" if isinstance(error, KeyboardInterrupt) else "error"
    lines = []
    trace = BaseException.__dict__["__traceback__"].__get__(error)
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_name == "<module>" and trace.tb_frame.f_globals is namespace:
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    return Ending(outcome, *lines[:2])


def ran(one: Execution) -> Ran:
    """Return an execution of the journal as it is told outside."""
    return Ran(
        one.number,
        one.cell,
        one.written,
        one.digest,
        one.outcome,
        tuple(
            (run.statement.code, run.statement.uses, run.statement.calls, run.statement.defines)
            for run in one.runs
        ),
    )


def notebook_name(namespace: Mapping[str, Any]) -> str:
    """Return the notebook's file name, where the front end tells it."""
    told = namespace.get("__vsc_ipynb_file__") or os.environ.get("JPY_SESSION_NAME", "")
    return Path(told).name if type(told) is str and told.endswith(".ipynb") else ""
