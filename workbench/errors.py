"""The error tree, by who is at fault.

::

    WorkbenchError                 what happened; what was not changed; what to do next
    ├── InputError        exit 2   what was asked or given cannot be used
    │   ├── NotFound               … because it does not exist here
    │   └── Conflict               … because something else is already there, or came first
    ├── Denied            exit 1   a policy or a lifecycle said no, with reasons and alternatives
    ├── TrustError        exit 3   what was received is not what was signed (names the failed step)
    └── Unavailable       exit 4   a part that is needed cannot be reached or unlocked

Callers branch on the class; people read the three sentences. Nothing here may ever hold a secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.records import Decision

__all__ = [
    "Conflict",
    "Denied",
    "InputError",
    "NotFound",
    "TrustError",
    "Unavailable",
    "WorkbenchError",
]


class WorkbenchError(Exception):
    """Root of everything this package raises on purpose.

    Attributes:
        message: what happened, one sentence.
        unchanged: what was *not* changed, one sentence, or empty.
        hint: what the person can do next, one sentence, or empty.
        found: what was found in the person's own files, one sentence, or empty. It may name files,
            so it is told to them alone, while the message may go into the log.
        exit_code: what the command line exits with.
    """

    exit_code = 2
    found = ""

    def __init__(self, message: str, *, unchanged: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.unchanged = unchanged
        self.hint = hint

    def __str__(self) -> str:
        parts = (self.message, self.found, self.unchanged, self.hint)
        return " ".join(part for part in parts if part)

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows in place of a traceback; IPython asks for it by this name.

        The person at fault is never this package's source, so its lines would only be in the way.
        """
        said = f"\x1b[1;31m{type(self).__name__}\x1b[0m: {self.message}"
        return [said, *(part for part in (self.found, self.unchanged, self.hint) if part)]


class InputError(WorkbenchError):
    """The caller gave something that cannot be used."""


class NotFound(InputError):
    """The thing named does not exist here."""


class Conflict(InputError):
    """Something else is already there, or somebody else was faster."""


class Denied(WorkbenchError):
    """A policy or a lifecycle refused; ``decision`` says which, why and what would be allowed."""

    exit_code = 1

    def __init__(
        self,
        message: str,
        *,
        decision: Decision | None = None,
        found: str = "",
        unchanged: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(message, unchanged=unchanged, hint=hint)
        self.decision = decision
        self.found = found


class TrustError(WorkbenchError):
    """Something received from outside failed a verification step.

    Attributes:
        step: the name of the trust step that failed, for example ``"release statement"``.
        passed: the steps that passed before it, where they have an order.
    """

    exit_code = 3

    def __init__(self, step: str, message: str, *, unchanged: str = "", hint: str = "") -> None:
        super().__init__(f"{step}: {message}", unchanged=unchanged, hint=hint)
        self.step = step
        self.passed: tuple[str, ...] = ()


class Unavailable(WorkbenchError):
    """A needed part (keystore, database, disk) cannot be reached, unlocked or written."""

    exit_code = 4
