"""What was looked for behind the numbers of a model: hidden content and planted behaviour."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from workbench.findings.finding import Finding, Level
from workbench.forms import Model, Prose, Word

__all__ = [
    "Explained",
    "Grouping",
    "HiddenReport",
    "Plane",
    "SanitiseReport",
    "ScreenReport",
    "Trigger",
]

Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Size = Annotated[float, Field(ge=0)]
Findings = Annotated[tuple[Finding, ...], Field(max_length=200)]
Sentences = Annotated[tuple[Prose, ...], Field(max_length=100)]


class Plane(Model):
    """One low bit of all numbers of a tensor, read in a row, against what chance would give.

    Attributes:
        where: the tensor.
        bit: which one; 0 is the lowest.
        ones: share of ones; about one half by chance.
        uneven: how far the counts of its bytes are from even, as standard deviations of a
            chi-square with 255 degrees of freedom; the largest over the whole and its windows.
        serial: correlation of each bit with the next; about 0 by chance.
        entropy: of its bytes, in bits; a little below 8 by chance.
        compressed: size after compression, as a share; about 1 by chance.
    """

    where: Word
    bit: Annotated[int, Field(ge=0, le=63)]
    ones: Share
    uneven: float
    serial: Annotated[float, Field(ge=-1, le=1)]
    entropy: Annotated[float, Field(ge=0, le=8)]
    compressed: Size


class Explained(Model):
    """Why the low bits of some tensors are no noise, and yet hide nothing."""

    reason: Word
    tensors: Count


class HiddenReport(Model):
    """What was looked for in the numbers of a model.

    Attributes:
        tensors: how many there are.
        numbers: how many numbers are in them.
        examined: how many of those were looked at for content.
        found: what was found, worst first.
        planes: the low bits that are furthest from chance, at most 64.
        explained: tensors whose low bits have a harmless reason.
        gaps: what could not be looked at.
        unseen: what nobody can see this way.
    """

    tensors: Count
    numbers: Count
    examined: Count
    found: Findings = ()
    planes: Annotated[tuple[Plane, ...], Field(max_length=64)] = ()
    explained: Annotated[tuple[Explained, ...], Field(max_length=20)] = ()
    gaps: Sentences = ()
    unseen: Sentences = ()

    @property
    def alarms(self) -> tuple[Finding, ...]:
        """The findings that somebody has to act on."""
        return tuple(one for one in self.found if one.level is not Level.note)

    def sentences(self) -> tuple[str, ...]:
        """Return what the record says, in words."""
        what = f"{self.examined} of {self.numbers} numbers in {self.tensors} tensors"
        said = [f"{what} were searched for hidden content."]
        if not self.alarms:
            said.append("Nothing was found, which does not prove that nothing is there.")
        said += [f"{one.what} in {one.where}. {one.why} {one.remedy}" for one in self.found]
        return (*said, *self.gaps, *self.unseen)


class SanitiseReport(Model):
    """A copy of a model whose low bits were emptied, and what that cost.

    Attributes:
        method: what was done to each number.
        tensors: how many tensors were changed.
        numbers: how many numbers were changed.
        relative: the largest change of a number, as a share of it.
        measure: what was measured before and after: accuracy, R², or what was given; empty if
            nothing was.
        before: of the model as it was.
        after: of the copy.
        gaps: what could not be cleaned.
    """

    method: Word
    tensors: Count
    numbers: Count
    relative: Size
    measure: Annotated[str, Field(max_length=100)] = ""
    before: float | None = None
    after: float | None = None
    gaps: Sentences = ()

    @model_validator(mode="after")
    def _is_measured_twice(self) -> SanitiseReport:
        if len({bool(self.measure), self.before is not None, self.after is not None}) != 1:
            raise ValueError("a measure has a value before and one after")
        return self

    def sentences(self) -> tuple[str, ...]:
        """Return what the record says, in words."""
        said = [
            f"In {self.tensors} tensors {self.numbers} numbers were changed: {self.method}.",
            f"No number changed by more than {self.relative:.2g} of itself.",
        ]
        if self.before is not None and self.after is not None:
            said.append(f"{self.measure}: {self.before:.4f} before, {self.after:.4f} after.")
        return (*said, "A fingerprint in the low bits is gone as well.", *self.gaps)


class Trigger(Model):
    """The strongest way found to push rows into a class by setting a few features.

    Attributes:
        target: which class it pushes into, counted from 1 in the model's order.
        features: the features that are set, by name or position.
        places: where each is set: below, within or above what the data has.
        rate: share of rows of other classes that end up in this one; on rows not used to find it.
        expected: the same share for models trained afresh on parts of the same data, the highest.
        gap: by how much the model follows the trigger more than those.
        usual: the largest gap that was found for one of those models in its turn.
        index: how far ``gap`` is from what is usual, in median absolute deviations.
        suspicious: strong, and beyond what is usual.
    """

    target: Annotated[int, Field(ge=1)]
    features: Annotated[tuple[Word, ...], Field(min_length=1, max_length=3)]
    places: Annotated[tuple[Word, ...], Field(min_length=1, max_length=3)]
    rate: Share
    expected: Share
    gap: Annotated[float, Field(ge=-1, le=1)]
    usual: Annotated[float, Field(ge=-1, le=1)]
    index: float
    suspicious: bool


class Grouping(Model):
    """How the rows of one class fall into two groups inside a network; no verdict.

    Attributes:
        target: the class, counted from 1.
        rows: how many it has.
        smaller: share of rows in the smaller group.
        separation: the mean silhouette of the two groups; near 1 they are far apart.
        elsewhere: share of the smaller group that lies closer to another class.
        outlying: the largest spectral score, in median absolute deviations.
    """

    target: Annotated[int, Field(ge=1)]
    rows: Count
    smaller: Share
    separation: Annotated[float, Field(ge=-1, le=1)]
    elsewhere: Share
    outlying: Size


class ScreenReport(Model):
    """What a search for planted behaviour found.

    Attributes:
        classes: of the model.
        rows: that were used.
        features: of each row.
        tried: how many triggers were tried.
        references: models trained afresh to compare with; 0 if that was not possible.
        triggers: the strongest for each class.
        groupings: of each class, where a network and its training data were given.
        found: what was found.
        gaps: what could not be done.
        unseen: what nobody can see this way.
    """

    classes: Annotated[int, Field(ge=2)]
    rows: Count
    features: Count
    tried: Count
    references: Count
    triggers: Annotated[tuple[Trigger, ...], Field(max_length=100)] = ()
    groupings: Annotated[tuple[Grouping, ...], Field(max_length=100)] = ()
    found: Findings = ()
    gaps: Sentences = ()
    unseen: Sentences = ()

    def sentences(self) -> tuple[str, ...]:
        """Return what the record says, in words."""
        said = [f"{self.tried} small changes were tried on {self.rows} rows."]
        if not self.found:
            said.append("No backdoor was found, which does not prove that there is none.")
        said += [f"{one.what}. {one.why} {one.remedy}" for one in self.found]
        return (*said, *self.gaps, *self.unseen)
