"""A recipient's mark in the weights of a model, and whose copy a found file is."""

from __future__ import annotations

from enum import StrEnum
from math import log10
from typing import Annotated

from pydantic import Field

from workbench.forms import Digest, Model, Prose, Word

__all__ = ["Mark", "Score", "Traced", "Verdict"]

Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]

EVIDENCE = (
    "This is statistical evidence of whose copy it is. It proves nothing about intent, nor who "
    "passed it on: the recipient's machine may have been read by somebody else."
)
LIMITS = (
    "Somebody who holds the unmarked model, averages many copies, or trains the model again can "
    "remove a mark."
)


class Mark(Model):
    """What was put into one recipient's copy; neither the key nor the mark itself is here.

    Attributes:
        model: digest of the manifest of the unmarked model.
        grant: what the copy was made for.
        tensors, weights: how many carry the mark.
        strength: of the change to a weight, in standard deviations of its tensor.
        expected_z: what tracing the untouched copy gives; about the root of ``weights``.
        before, after: how good the model was, if that was measured.
    """

    model: Digest
    grant: Word
    tensors: Count
    weights: Count
    strength: Annotated[float, Field(gt=0)]
    expected_z: float
    before: float | None = None
    after: float | None = None

    def sentences(self) -> tuple[str, ...]:
        """Return what was done, in plain words."""
        said = [
            f"{self.weights} weights in {_tensors(self.tensors)} were changed by "
            f"{self.strength:g} standard deviations each, in a pattern that only the key of "
            f"whoever marked it and this grant make."
        ]
        if self.before is not None and self.after is not None:
            said.append(f"Quality was {self.before:.4g} before and is {self.after:.4g} with it.")
        else:
            said.append("How good the model is with it was not measured.")
        return (*said, LIMITS)


class Verdict(StrEnum):
    """Whose copy it is."""

    named = "named"  # the copies of these recipients, with hardly any chance of error
    nobody = "nobody"  # no recipient's mark is there
    unclear = "unclear"  # too little to name anyone, too much to say nobody


class Score(Model):
    """How well a recipient's mark fits a copy; under a wrong name about normal, mean 0, sd 1."""

    grant: Word
    z: float


class Traced(Model):
    """Whose copy a found file is.

    Attributes:
        model: digest of the manifest of the unmarked model.
        named: the grants whose mark is there, best first; several if copies were averaged.
        scores: the five best, best first.
        tested: how many grants were tried.
        threshold: the ``z`` from which a grant is named.
        false_alarm: an upper bound on the chance that any of the tested grants reaches the best
            score although none of their marks is there.
        wrong_keys, wrong_largest: how many made-up keys were tried on this very file, and the
            largest score in either direction that one of them had.
        tensors, missing: how many tensors were compared, and how many the copy does not have.
        weights: how many weights were compared.
        notes: how the copy had to be brought back into the order of the original.
    """

    model: Digest
    verdict: Verdict
    named: Annotated[tuple[Word, ...], Field(max_length=10_000)] = ()
    scores: Annotated[tuple[Score, ...], Field(max_length=5)] = ()
    tested: Count
    threshold: float
    false_alarm: Share
    wrong_keys: Count
    wrong_largest: float
    tensors: Count
    missing: Count = 0
    weights: Count
    notes: Annotated[tuple[Prose, ...], Field(max_length=50)] = ()

    def sentences(self) -> tuple[str, ...]:
        """Return the answer and what it rests on, in plain words."""
        best = self.scores[0].z if self.scores else 0.0
        said = [_answer(self, best)]
        if self.verdict is Verdict.named:
            one = "the one grant" if self.tested == 1 else f"one of the {self.tested} grants"
            said.append(
                f"The chance that {one} tested would fit as well by accident is "
                f"{_chance(self.false_alarm)}."
            )
        said.append(
            f"Compared were {self.weights} weights in {_tensors(self.tensors)}; "
            f"{self.wrong_keys} made-up keys reached {self.wrong_largest:.1f} on the same file."
        )
        if self.missing:
            verb = "is" if self.missing == 1 else "are"
            said.append(f"{_tensors(self.missing)} of the model {verb} not in the copy.")
        said += self.notes
        if self.verdict is Verdict.named:
            said.append(EVIDENCE)
        elif self.verdict is Verdict.nobody:
            said.append(f"That does not show that it is nobody's copy. {LIMITS}")
        return tuple(said)


def _tensors(count: int) -> str:
    return "1 tensor" if count == 1 else f"{count} tensors"


def _answer(traced: Traced, best: float) -> str:
    if traced.verdict is Verdict.named and len(traced.named) == 1:
        return (
            f"The copy carries the mark of {traced.named[0]} "
            f"(score {best:.1f}, named from {traced.threshold:.1f} on)."
        )
    if traced.verdict is Verdict.named:
        shown = ", ".join(traced.named[:10])
        more = f" and {len(traced.named) - 10} more" if len(traced.named) > 10 else ""
        return (
            f"The copy carries the marks of {len(traced.named)} grants: {shown}{more}. "
            "It was made of several copies."
        )
    if traced.verdict is Verdict.unclear:
        return (
            f"It is unclear whose copy it is: the best score is {best:.1f}, and a grant is named "
            f"from {traced.threshold:.1f} on."
        )
    none = "The one mark tested is not"
    if traced.tested != 1:
        none = f"None of the {traced.tested} marks tested is"
    return f"{none} in the copy (best score {best:.1f}, named from {traced.threshold:.1f} on)."


def _chance(share: float) -> str:
    if share < 1e-30:
        return "below 1 in 10^30"
    return f"at most 1 in 10^{int(-log10(share))}" if share < 1e-4 else f"at most {share:.2g}"
