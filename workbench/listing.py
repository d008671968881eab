"""The only thing that a catalogue shows of a release."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, StringConstraints

from workbench.forms import (
    RELEASE_NAME,
    VERSION,
    Digest,
    Grown,
    Model,
    PersonId,
    Prose,
    Region,
    Word,
    no_controls,
)
from workbench.vocabulary import Band, Labelling, Right, Sensitivity, Verdict

__all__ = ["Facts", "Listing", "Parent"]


class Facts(Grown):
    """What was measured about a release; unknown is a fact too."""

    LATER: ClassVar[frozenset[str]] = frozenset({"labels", "safe_form", "hidden"})

    scan: Verdict = Verdict.unknown
    leakage: Band = Band.unknown
    retained_rows: Verdict = Verdict.unknown
    isolation: Literal["none", "sandbox"] = "none"
    labels: Labelling = Labelling.unknown
    safe_form: Verdict = Verdict.unknown  # no file is in a form that could run code
    hidden: Verdict = Verdict.unknown  # failed: something else is stored in the weights


class Parent(Model):
    """A release that another was derived from, as it was then."""

    ref: Annotated[str, StringConstraints(pattern=rf"^{RELEASE_NAME}:{VERSION}$")]
    manifest: Digest


class Listing(Grown):
    """The only thing a catalogue shows of a release (OCI config blob).

    File names, data sizes, paths, host names and people beyond the owner stay out.
    ``commitment`` is HMAC-SHA256 of the OMS root digest under a key that travels in the evidence.
    """

    LATER: ClassVar[frozenset[str]] = frozenset({"parents"})

    schema_version: Literal[1] = 1
    name: Annotated[str, StringConstraints(pattern=rf"^{RELEASE_NAME}$")]
    version: Annotated[str, StringConstraints(pattern=rf"^{VERSION}$")]
    title: Word
    summary: Prose = ""
    task: Annotated[str, StringConstraints(max_length=100), AfterValidator(no_controls)] = ""
    license: Word  # SPDX identifier
    terms: Digest
    sensitivity: Sensitivity
    regions: tuple[Region, ...] = ()  # empty: the data binds the release to no region
    rights: Annotated[tuple[Right, ...], Field(min_length=1)]
    attribution: Annotated[str, StringConstraints(max_length=500), AfterValidator(no_controls)] = ""
    owner: PersonId
    exchange_is_custodian: bool
    facts: Facts
    commitment: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    parents: Annotated[tuple[Parent, ...], Field(max_length=20)] = ()  # what it was derived from

    @property
    def ref(self) -> str:
        """``org/name:version``, how people name a release."""
        return f"{self.name}:{self.version}"
