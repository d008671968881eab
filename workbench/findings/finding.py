"""One thing that an inspection found, in words a reviewer understands."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from workbench.forms import Model, Prose, Word

__all__ = ["Finding", "Level"]

Rule = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,60}$")]


class Level(StrEnum):
    """What a finding means for sharing, worst first."""

    unsafe = "unsafe"  # stops sharing and opening
    concern = "concern"  # a person has to weigh it
    note = "note"  # worth knowing, nothing to do


class Finding(Model):
    """One thing that was found, why it matters, and what to do about it.

    Attributes:
        rule: a stable name of the kind of finding, such as ``pickle-global``.
        where: the place, outermost first, such as ``model.zip → data.pkl``.
        offset: bytes from the start of the innermost place; ``None`` where that says nothing.
        what: what is there, such as ``GLOBAL os system``.
        why: why it matters, one sentence.
        remedy: what to do, one sentence; empty where there is nothing to do.
    """

    rule: Rule
    level: Level
    where: Word
    offset: Annotated[int, Field(ge=0)] | None = None
    what: Word
    why: Prose
    remedy: Prose = ""
