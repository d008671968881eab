"""The code that ran, fit to travel: secrets taken out, outputs left behind, rows in them listed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import Unavailable
from workbench.hygiene.outputs import repeats
from workbench.hygiene.redaction import Finding, redact_all
from workbench.origin.graph import MAX_CODE
from workbench.origin.record import Cell, Notebook, Repeat
from workbench.training.settings import clean

__all__ = ["Executed", "cells", "notebook_file", "repeats"]

MAX_CELLS = 2000
MAX_SECRETS = 200
MAX_READ = 200_000  # characters of one cell that are searched; no person writes as much
VS_CODE = "__vsc_ipynb_file__"
CUT = "The code is cut here: a record holds 20,000 characters of one cell."
TAKEN_OUT = "Secrets were taken out; the digest is of the code without them."
MISSING = "The code stays here: detect-secrets, which searches it for secrets, is not installed."


@dataclass(frozen=True)
class Executed:
    """One execution of a cell: its number, the cell's id where it is known, and the code."""

    execution: int
    code: str
    cell: str = ""


def cells(
    executions: Iterable[Executed],
    *,
    file: Path | None = None,
    repeats: Iterable[Repeat] = (),
) -> Notebook:
    """Return the code of executions with secrets out, and what says which notebook it was.

    Of more than 2000 executions the last are kept. A digest is of the code as it ran; where a
    secret was taken out it is of what is left, or trying passwords against the digest would give
    the secret away. For the same reason a notebook with secrets goes without its file's digest.

    Args:
        executions: in the order in which they ran.
        file: of the notebook, as :func:`notebook_file` finds it; only its name is kept.
        repeats: what :func:`repeats` found.
    """
    ran = list(executions)[-MAX_CELLS:]
    try:
        cleaned = redact_all([one.code[:MAX_READ] for one in ran])
    except Unavailable:
        kept = tuple(_withheld(one) for one in ran)
        found: list[str] = []
    else:
        kept = tuple(_kept(one, *clean) for one, clean in zip(ran, cleaned, strict=True))
        found = [
            f"{finding.kind} in In [{one.execution}] line {finding.line}"
            for one, (_, findings) in zip(ran, cleaned, strict=True)
            for finding in findings
        ]
    return Notebook(
        name=clean(file.name) if file is not None else "",
        digest=_file_digest(file) if file is not None and not found else None,
        cells=kept,
        secrets=tuple(found[:MAX_SECRETS]),
        repeats=tuple(repeats)[:MAX_SECRETS],
    )


def _kept(ran: Executed, code: str, findings: list[Finding]) -> Cell:
    says = [TAKEN_OUT] if findings else []
    if len(code) > MAX_CODE or len(ran.code) > MAX_READ:
        says.append(CUT)
    return Cell(
        execution=ran.execution,
        cell=clean(ran.cell),
        digest=_digest(code if findings else ran.code),
        code=code[:MAX_CODE],
        withheld=" ".join(says),
    )


def _withheld(ran: Executed) -> Cell:
    """Return a cell without its code, which nobody could search."""
    return Cell(
        execution=ran.execution,
        cell=clean(ran.cell),
        digest=_digest(ran.code),
        code="",
        withheld=MISSING,
    )


def _digest(code: str) -> str:
    return "sha256:" + hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()


def notebook_file(namespace: Mapping[str, object]) -> Path | None:
    """Return the file of the notebook that runs here, where its front end says which it is.

    VS Code puts the path among the notebook's names, a Jupyter server in ``JPY_SESSION_NAME``.
    """
    for said in (namespace.get(VS_CODE), os.environ.get("JPY_SESSION_NAME")):
        if not isinstance(said, str) or not said.endswith(".ipynb"):
            continue
        path = Path(said)
        together = path.name.removeprefix("RTC:")  # while several people edit one notebook
        for found in (path, path.with_name(together)):
            if found.is_file():
                return found
    return None


def _file_digest(file: Path) -> str | None:
    try:
        with file.open("rb") as stream:
            return "sha256:" + hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None
