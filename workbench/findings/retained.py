"""What of the training data is kept inside a model: rows, targets, values, texts, small leaves."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from workbench.findings.finding import Level
from workbench.forms import Model, Prose, Word
from workbench.vocabulary import Verdict

__all__ = ["MOST", "SHOWN", "How", "Keeping", "Kept", "RetainedReport"]

MOST = 200  # places that are listed; more are counted
SHOWN = 20  # positions and names of columns that are listed of one place
MOST_GAPS = 50

Count = Annotated[int, Field(ge=0)]


class Keeping(StrEnum):
    """What is kept, and what is counted of it."""

    rows = "rows"  # rows of the data; training rows are counted
    targets = "targets"  # what was to be predicted; training rows are counted
    values = "values"  # values of single columns; training rows that have one are counted
    categories = "categories"  # texts of the data; training rows that have one are counted
    vocabulary = "vocabulary"  # words of the data; training rows that have one are counted
    leaves = "leaves"  # groups of a tree with fewer than k people; leaves are counted
    extremes = "extremes"  # the smallest and largest values; training rows that have one
    labels = "labels"  # the class of each training row, in order; training rows are counted
    aligned = "aligned"  # something computed for each training row, in order; training rows


class How(StrEnum):
    """In which form it is kept, closest first."""

    exact = "exact"  # to the last bit
    rounded = "rounded"  # as a number of fewer bits holds it
    near = "near"  # within a millionth
    affine = "affine"  # each column shifted and scaled
    monotone = "monotone"  # each column changed, its order kept
    linear = "linear"  # the columns mixed
    counted = "counted"  # of leaves: people in them were counted


class Kept(Model):
    """One place in a model that keeps something of the training data; never a value itself.

    Attributes:
        where: the place, outermost first, such as ``steps.knn._fit_X``.
        after: the part of the model whose output the kept rows are; empty for the data as it is.
        transposed: rows stand where columns would be expected.
        count: how many; :class:`Keeping` says of what.
        of: how many there could be: all training rows, or all leaves.
        positions: of training rows concerned, from 0; at most :data:`SHOWN`.
        columns: names of columns concerned; at most :data:`SHOWN`.
        why: why it matters, in plain words.
        remedy: what to do, in plain words; empty where there is nothing to do.
    """

    where: Word
    kind: Keeping
    how: How
    level: Level
    after: Annotated[str, Field(max_length=200)] = ""
    transposed: bool = False
    count: Annotated[int, Field(ge=1)]
    of: Annotated[int, Field(ge=1)]
    positions: Annotated[tuple[Count, ...], Field(max_length=SHOWN)] = ()
    columns: Annotated[tuple[Word, ...], Field(max_length=SHOWN)] = ()
    why: Prose
    remedy: Prose = ""

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.count > self.of:
            raise ValueError("no more can be kept than there is")
        return self

    def sentence(self) -> str:
        """Return what is kept where, as one sentence."""
        form = _FORMS[self.how] + (", transposed" if self.transposed else "")
        after = f" as they are after {self.after}" if self.after else ""
        return _SENTENCES[self.kind].format(
            count=self.count, of=self.of, where=self.where, form=form, after=after
        )


class RetainedReport(Model):
    """What a model keeps of its training data, as found by comparing the two.

    Attributes:
        k: how many people have to share something before it tells on none of them.
        of: how many training rows there are.
        rows: how many of them sit inside the model, wherever.
        targets: of how many the value to be predicted sits inside, wherever.
        found: the places, worst first; at most :data:`MOST`.
        more: how many further places there are.
        gaps: a sentence for each part that could not be looked into.
    """

    k: Annotated[int, Field(ge=2, le=1000)]
    of: Annotated[int, Field(ge=1)]
    rows: Count = 0
    targets: Count = 0
    found: Annotated[tuple[Kept, ...], Field(max_length=MOST)] = ()
    more: Count = 0
    gaps: Annotated[tuple[Word, ...], Field(max_length=MOST_GAPS)] = ()

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if max(self.rows, self.targets) > self.of:
            raise ValueError("no more rows can be kept than there are")
        return self

    @property
    def verdict(self) -> Verdict:
        """Failed where rows, targets, rare texts or dense values of people are kept.

        Small leaves, extremes and sparse values are concerns with numbers, which a person weighs;
        they fail nothing. Unknown where part of the model could not be looked into.
        """
        if self.rows or any(one.level is Level.unsafe for one in self.found):
            return Verdict.failed
        return Verdict.unknown if self.gaps else Verdict.passed

    def sentences(self) -> tuple[str, ...]:
        """Return the result in plain words: the summary, each place, what could not be seen."""
        return tuple(self._sentences())

    def _sentences(self) -> Iterator[str]:
        if self.rows:
            yield f"{self.rows} of {self.of} training rows sit inside the model."
        elif self.gaps:
            yield "No training row was found in what could be looked into."
        else:
            yield "No training row was found in the model."
        if self.targets:
            yield f"The value to be predicted is kept for {self.targets} of {self.of} rows."
        for one in self.found:
            yield " ".join(part for part in (one.sentence(), one.why, one.remedy) if part)
        if self.more:
            yield f"{self.more} more places are not listed."
        yield from self.gaps


_FORMS = {
    How.exact: "exactly",
    How.rounded: "rounded",
    How.near: "to within a millionth",
    How.affine: "shifted and scaled",
    How.monotone: "with their order kept",
    How.linear: "with their columns mixed",
    How.counted: "",
}
_SENTENCES = {
    Keeping.rows: "{where} holds {count} of {of} training rows{after}, {form}.",
    Keeping.targets: "{where} holds the value to be predicted of {count} of {of} rows, {form}.",
    Keeping.values: "{where} holds single values that {count} of {of} training rows have.",
    Keeping.categories: "{where} holds texts that only {count} of {of} training rows have.",
    Keeping.vocabulary: "{where} holds words that only {count} of {of} training rows have.",
    Keeping.leaves: "{where} has {count} of {of} leaves with too few people.",
    Keeping.extremes: "{where} holds smallest or largest values, of {count} of {of} rows.",
    Keeping.labels: "{where} holds the class of each of the {of} training rows, in order.",
    Keeping.aligned: "{where} has as many entries as there are training rows ({of}).",
}
