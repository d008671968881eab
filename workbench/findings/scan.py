"""What was found inside the files of a model: whether opening one of them could run code."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from workbench.findings.finding import Finding, Level
from workbench.forms import Model, Prose, Word
from workbench.vocabulary import Verdict

__all__ = ["MOST", "FileScan", "Outcome", "ScanReport"]

MOST = 200  # findings of a file, and names it asks for; more are counted

Kind = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9 .+-]{0,59}$")]
Rules = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{0,59}$")]


class Outcome(StrEnum):
    """What looking into a file came to, best first."""

    safe = "safe"  # a form that cannot run code
    allowed = "allowed"  # a form that can, but all that it asks for is known and harmless
    unsafe = "unsafe"  # opening it could run code of somebody else, or nobody can tell

    @property
    def rank(self) -> int:
        """0 for safe up to 2 for unsafe."""
        return list(Outcome).index(self)


class FileScan(Model):
    """What was found in one file.

    Attributes:
        path: the file's name within the model, as it can be shown.
        kind: what its content is, such as ``pickle`` or ``safetensors``, whatever its name says.
        reason: why the outcome is what it is, one sentence.
        findings: at most :data:`MOST`, the worst are kept.
        dropped: how many more findings there were.
        names: what the file asks Python for, as ``module.name``, sorted; at most :data:`MOST`.
        more_names: how many more names there were.
    """

    path: Word
    kind: Kind
    outcome: Outcome
    reason: Prose
    findings: Annotated[tuple[Finding, ...], Field(max_length=MOST)] = ()
    dropped: Annotated[int, Field(ge=0)] = 0
    names: Annotated[tuple[Word, ...], Field(max_length=MOST)] = ()
    more_names: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        found = any(one.level is Level.unsafe for one in self.findings)
        if found and self.outcome is not Outcome.unsafe:
            raise ValueError("a file with an unsafe finding is unsafe")
        return self


class ScanReport(Model):
    """What was found in all the files of a model.

    Attributes:
        rules: the version of the rules that the files were looked at with.
    """

    rules: Rules
    files: tuple[FileScan, ...]

    @property
    def outcome(self) -> Outcome:
        """The worst outcome of a file; safe where there is no file."""
        return max(
            (file.outcome for file in self.files), key=lambda one: one.rank, default=Outcome.safe
        )

    @property
    def verdict(self) -> Verdict:
        """Passed if no file is unsafe; unknown where there was no file to look at."""
        if not self.files:
            return Verdict.unknown
        return Verdict.failed if self.outcome is Outcome.unsafe else Verdict.passed
