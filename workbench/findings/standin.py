"""Stand-in data: what was made in place of real data, how, and how close it is to it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from workbench.forms import Model, Word

__all__ = ["Closeness", "Quality", "StandInLevel", "StandInReport", "Treated", "Treatment"]

Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class StandInLevel(StrEnum):
    """How much of the data a stand-in is made of, least first."""

    schema = "schema"
    marginals = "marginals"
    copula = "copula"
    dp = "dp"


class Treatment(StrEnum):
    """What became of a column."""

    numbers = "numbers"
    dates = "dates"
    categories = "categories"
    truth = "yes or no"
    identifiers = "made-up identifiers"
    text = "text replaced"
    empty = "left empty"


class Treated(Model):
    """A column, what became of it, and how many of its rare categories were dropped."""

    column: Word
    became: Treatment
    dropped: Count = 0


class Closeness(Model):
    """How near made-up rows are to rows that were learned from, and to rows that were not.

    Attributes:
        compared: made-up rows that were compared.
        against: rows of the training data, and as many of the held-out data.
        train: median distance to the nearest training row, in standard deviations.
        holdout: the same to the held-out rows; ``None`` if there are none.
        closer: share of made-up rows that are nearer to a training row than to any held-out one;
            half is what chance gives.
        low, high: the range that share has with 95 % confidence (Wilson).
    """

    compared: Count
    against: Count
    train: Annotated[float, Field(ge=0)]
    holdout: Annotated[float, Field(ge=0)] | None = None
    closer: Share | None = None
    low: Share | None = None
    high: Share | None = None


class Quality(Model):
    """How alike the stand-in is: 0 is alike, 1 is nothing in common.

    Attributes:
        columns: mean over columns of the largest difference of their distributions
            (Kolmogorov-Smirnov for numbers, total variation for categories).
        correlations: mean absolute error of the rank correlations; ``None`` below two numbers.
    """

    columns: Share
    correlations: Annotated[float, Field(ge=0, le=2)] | None = None


REVEALS = {
    StandInLevel.schema: (
        "Made of the shape of the table alone: the names and types of its columns, which look "
        "like identifiers or text, and roughly how many categories others have. All values are "
        "made up, and none was looked at but to count the different ones."
    ),
    StandInLevel.marginals: (
        "Each column was made on its own: it has about the distribution and gaps of the real one "
        "between its 1st and 99th percentile. Nothing connects the columns."
    ),
    StandInLevel.copula: (
        "Columns have about the distributions of the real ones between their 1st and 99th "
        "percentile, and about their rank correlations. Groups that are rare, or differ in other "
        "ways, are not in it."
    ),
    StandInLevel.dp: (
        "Made of noisy counts. Whether one row was in the data changes the chance of any result "
        "by at most a factor of e to the power of epsilon."
    ),
}
SCREEN = (
    "This is no guarantee of privacy: it is learned from real rows without noise, and what is "
    "measured below is a screen, not a proof."
)
PUBLIC = (
    "Column names and types, and the ranges and categories that were given, count as public. "
    "The seed has to stay secret and must not be used again. A made-up row can by chance equal a "
    "real one; comparing with the real rows would tell something about them, and was not done."
)


class StandInReport(Model):
    """How a stand-in was made; no value of the data is in it.

    Attributes:
        rows: of the stand-in.
        copies: made-up rows that equal a training row which fewer than ``at_least`` rows share.
            They are drawn again, and left out if that does not help, so that none is left.
        redrawn, left_out: how many rows that happened to.
        epsilon: the privacy budget that was spent, with delta 0, for adding or removing one row.
    """

    level: StandInLevel
    rows: Count
    treated: Annotated[tuple[Treated, ...], Field(max_length=10_000)]
    at_least: Annotated[int, Field(ge=1)]
    copies: Count | None = None
    redrawn: Count = 0
    left_out: Count = 0
    closeness: Closeness | None = None
    quality: Quality | None = None
    epsilon: Annotated[float, Field(gt=0)] | None = None

    def sentences(self) -> tuple[str, ...]:
        """Return what the stand-in reveals, what was left out, and what was measured."""
        said = [REVEALS[self.level]]
        if self.level is StandInLevel.dp and self.epsilon is not None:
            said.append(
                f"Epsilon is {self.epsilon:g} in total and delta is 0, for adding or removing one "
                f"row. Someone with several rows is protected less."
            )
            said.append(PUBLIC)
        elif self.level is not StandInLevel.schema:
            said.append(SCREEN)
        return (*said, *self._replaced(), *self._copied(), *self._measured())

    def _replaced(self) -> list[str]:
        said = []
        for what in (Treatment.identifiers, Treatment.text, Treatment.empty):
            names = [one.column for one in self.treated if one.became is what]
            if names:
                more = f" and {len(names) - 10} more" if len(names) > 10 else ""
                said.append(f"{what.value.capitalize()}: {', '.join(names[:10])}{more}.")
        rare = sum(one.dropped for one in self.treated)
        if rare:
            said.append(
                f"{rare} categories that fewer than {self.at_least} rows have were dropped."
            )
        return said

    def _copied(self) -> list[str]:
        if self.copies is None:
            return []
        said = [
            f"{self.copies} made-up rows equal a real row that fewer than {self.at_least} share; "
            f"{self.redrawn} were drawn again for that."
        ]
        if self.left_out:
            said.append(f"{self.left_out} rows were left out, since each try gave a copy.")
        return said

    def _measured(self) -> list[str]:
        said = []
        close = self.closeness
        if close is not None and close.closer is not None and close.low is not None:
            verdict = (
                "that is more than chance gives, so it leans on the rows it was learned from"
                if close.low > 0.5
                else "chance gives 50 %"
            )
            said.append(
                f"{close.closer:.0%} of the made-up rows are nearer to a row that was learned "
                f"from than to one that was not (95 % confidence: {close.low:.0%} to "
                f"{close.high or 0:.0%}); {verdict}."
            )
        elif close is not None:
            said.append("No rows were held out, so how much it leans on real rows is not known.")
        if self.quality is not None:
            said.append(f"The columns differ from the real ones by {self.quality.columns:.2f} on")
            said[-1] += " a scale from 0 to 1"
            if self.quality.correlations is not None:
                said[-1] += f", rank correlations by {self.quality.correlations:.2f}"
            said[-1] += "."
        return said
