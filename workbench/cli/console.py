"""What every command shares: who acts, progress, printing, and errors as three sentences."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from workbench.errors import Denied, InputError, WorkbenchError
from workbench.records import Alternative, Decision
from workbench.services.context import Progress as Report
from workbench.services.marks import Aside, Shelf
from workbench.services.opened import OpenedFolder
from workbench.services.pack import SharedFile
from workbench.services.sealing import ModelFile
from workbench.session import Folder, Session, silent
from workbench.stores.contracts import Blobs, Keystore
from workbench.vocabulary import Role

__all__ = [
    "INTERRUPTED", "Desk", "Workplace", "desk", "fail", "progress", "reasons", "show", "table",
    "write_new",
]  # fmt: skip

INTERRUPTED = 130  # as shells count it: 128 and the signal's number
PATIENCE = 1.0  # seconds; what is over sooner needs no bar that flickers
errors = Console(stderr=True, highlight=False, soft_wrap=True)


class Workplace(Protocol):
    """What the command line uses of a workplace."""

    @property
    def home(self) -> Path: ...
    @property
    def keystore(self) -> Keystore: ...
    def profiles(self) -> list[str]: ...
    def session(self, person: str | None = None) -> Session: ...
    def init(
        self,
        name: str,
        *,
        display: str | None = None,
        roles: Sequence[Role] = ...,
        region: str = ...,
        classical: bool = False,
    ) -> Session: ...
    def files(self, path: Path) -> Sequence[ModelFile]: ...
    def target(self, path: Path) -> AbstractContextManager[Folder]: ...
    def opened(self, path: Path) -> OpenedFolder: ...
    def scratch(self) -> AbstractContextManager[Blobs]: ...
    def aside(self) -> AbstractContextManager[Aside]: ...
    def marks(self, person: str) -> Shelf: ...
    def write_share(self, path: Path, share: SharedFile, blobs: Blobs) -> None: ...
    def read_share(self, path: Path) -> AbstractContextManager[tuple[SharedFile, Blobs]]: ...


@dataclass
class Desk:
    """The options before the command, and the workplace, opened when it is first needed."""

    open_workplace: Callable[[Callable[[], str | None]], Workplace]
    profile: str | None = None
    _workplace: Workplace | None = None

    @property
    def workplace(self) -> Workplace:
        """The workplace of this user."""
        if self._workplace is None:
            self._workplace = self.open_workplace(_passphrase)
        return self._workplace

    @property
    def session(self) -> Session:
        """The session of whoever acts."""
        return self.workplace.session(self.profile)


def desk(context: typer.Context) -> Desk:
    """Return the desk that the assembly put into Typer's context."""
    found = context.find_object(Desk)
    if found is None:
        raise RuntimeError("the command line was not assembled")
    return found


def _passphrase() -> str | None:
    """Take it from the environment, or ask where there is somebody to ask."""
    if given := os.environ.get("WORKBENCH_PASSPHRASE"):
        return given
    if not sys.stdin.isatty():
        return None
    try:
        return str(typer.prompt("Passphrase of the keystore", hide_input=True, err=True))
    except typer.Abort:  # the answer was "not now"
        return None


def show(value: Any, as_json: bool, text: Callable[[], str]) -> None:
    """Print a result for programs or for people."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False) if as_json else text())


def write_new(path: Path, data: bytes) -> None:
    """Write a file that is not there yet.

    Raises:
        InputError: it is there already.
    """
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError as error:
        raise InputError(
            f"{path} is already there.",
            unchanged="It was left as it was.",
            hint="Choose another name, or move this file away.",
        ) from error


def table(rows: Sequence[Sequence[str]], empty: str) -> str:
    """Return rows in aligned columns, or what to do when there are none."""
    if not rows:
        return empty
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


@contextmanager
def progress(quiet: bool) -> Iterator[Report]:
    """Show a bar on the terminal's error stream while something runs that takes long."""
    if quiet or not sys.stderr.isatty():
        yield silent
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=errors, transient=True)
    task, began = bar.add_task("…"), time.monotonic()

    def tell(what: str, done: int, total: int) -> None:
        if not bar.live.is_started and time.monotonic() - began >= PATIENCE:
            bar.start()
        bar.update(task, description=what, completed=done, total=total or 1)

    try:
        yield tell
    finally:
        if bar.live.is_started:
            bar.stop()


def fail(error: WorkbenchError) -> int:
    """Print an error for a person; return the exit code."""
    errors.print(f"[bold red]{_KINDS[error.exit_code]}[/]: ", end="")
    decision = error.decision if isinstance(error, Denied) else None
    if decision is None:
        lines = [error.message, error.found, error.unchanged, error.hint]
    else:
        lines = [error.unchanged or error.message, *reasons(decision), error.found]
    for line in lines:
        if line:
            errors.print(line, markup=False)
    return error.exit_code


def reasons(decision: Decision) -> list[str]:
    """Return which policies decided, why, and what they would allow instead."""
    pairs = zip(decision.policies, decision.rationale, strict=False)
    return [
        *(f"  policy {policy}: {reason}" for policy, reason in pairs),
        *(f"  first: {advice}" for advice in decision.advice),
        *(
            f"  allowed instead: {other.sentence} ({_options(other)})"
            for other in decision.alternatives
        ),
    ]


_KINDS = {1: "Denied", 2: "Cannot be done", 3: "Not to be trusted", 4: "Not available"}
_OPTIONS = {
    "days": "--days",
    "right": "--right",
    "rights": "--right",
    "purpose": "--category",
    "license": "--license",
}


def _options(alternative: Alternative) -> str:
    """Return an alternative as the options to run the same command with."""
    change = alternative.change
    words = ["--accept-terms"] if change.get("terms_accepted") else []
    words += ["--terms FILE"] if change.get("terms_present") else []
    for name, option in _OPTIONS.items():
        value = change.get(name, ())
        for item in value if isinstance(value, list | tuple) else (value,):
            words.append(f"{option} {item}")
    return " ".join(words)
