"""``synthetic``: a table of made-up rows in place of a real one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Literal

import numpy as np

from workbench.errors import InputError
from workbench.findings.standin import Closeness, Quality, StandInLevel, StandInReport, Treated
from workbench.standin import copula, private, schema
from workbench.standin.closeness import Rows, closeness, quality
from workbench.standin.columns import FEWEST, Floats, Plan, Progress, placed, planned, silent
from workbench.standin.copies import Rare
from workbench.standin.domains import domain
from workbench.standin.noise import Noise
from workbench.standin.tables import Bools, Table, opened

__all__ = ["StandIn", "synthetic"]

Level = Literal["schema", "marginals", "copula", "dp"]

OF_SCHEMA: Final = 100  # rows; how many the data has is not told
MOST_ROWS: Final = 10_000_000
MOST_COUNTED: Final = 200  # columns; the budget of one would be next to nothing
TRIES: Final = 20
SECRET: Final = 128  # bits of a seed that nobody can guess


@dataclass(frozen=True)
class StandIn:
    """A table of the same kind as the real one, and how it was made."""

    frame: Any
    report: StandInReport


def synthetic(
    table: Any,
    level: Level = "schema",
    rows: int | None = None,
    seed: int = 0,
    *,
    holdout: Any = None,
    at_least: int = 5,
    epsilon: float = 1.0,
    bounds: Mapping[str, tuple[Any, Any]] | None = None,
    categories: Mapping[str, Sequence[Any]] | None = None,
    progress: Progress = silent,
) -> StandIn:
    """Return made-up rows in place of a table, and a report of what they reveal.

    Args:
        table: a pandas DataFrame, a dict of arrays of one dimension, or a structured array.
        level: ``schema`` uses names, types and rough counts of categories; ``marginals`` each
            column on its own; ``copula`` their rank correlations as well; ``dp`` noisy counts with
            differential privacy.
        rows: how many; by default 100 for ``schema``, else as many as there are, for ``dp`` about.
        seed: where chance begins. For ``dp`` it is a secret of more than 128 bits, used once.
        holdout: rows of the same table that are not in it, to measure how much the stand-in leans
            on those that are; for ``marginals`` and ``copula``.
        at_least: rows that have to share a category, a gap or a whole row, for it to appear.
        epsilon: the privacy budget of ``dp``, for adding or removing one row.
        bounds: for ``dp`` the range of each column of numbers or dates, known without the data.
        categories: for ``dp`` the values of columns, known without the data; a column of texts
            without is replaced.

    Raises:
        InputError: no such table or level, too few rows, a seed that is no secret, or columns
            without ranges.
    """
    if level not in {one.value for one in StandInLevel}:
        raise InputError("A stand-in has the level schema, marginals, copula or dp.")
    if at_least < 2 or (rows is not None and not 0 < rows <= MOST_ROWS):
        raise InputError(f"A stand-in has 1 to {MOST_ROWS} rows, and at_least is 2 or more.")
    real = opened(table)
    if level == "dp":
        budget = _Budget(bounds or {}, categories or {}, epsilon, seed)
        return _of_counts(real, budget, rows, at_least, progress)
    plans = []
    for number, raw in enumerate(real.columns):
        progress("Reading the columns", number, len(real.columns))
        plans.append(planned(raw, at_least))
    chance = np.random.default_rng(seed)
    if level == "schema":
        count = rows or OF_SCHEMA
        frame = real.build([schema.made_up(plan, count, chance) for plan in plans])
        report = StandInReport(
            level=StandInLevel.schema, rows=count, treated=_treated(plans), at_least=at_least
        )
        return StandIn(frame, report)
    if real.rows < FEWEST:
        raise InputError(
            f"A stand-in that is learned needs {FEWEST} rows; there are {real.rows}.",
            hint="Make one of the schema: level='schema'.",
        )
    learning = _Learning(real, plans, StandInLevel(level), at_least, chance, progress)
    return learning.stand_in(rows or real.rows, holdout)


def _treated(plans: Sequence[Plan]) -> tuple[Treated, ...]:
    return tuple(
        Treated(column=_word(one.raw.name), became=one.became, dropped=one.dropped) for one in plans
    )


def _word(name: str) -> str:
    return "".join(c for c in name if c.isprintable())[:200] or "column"


@dataclass
class _Learning:
    """A stand-in that is learned from rows: drawn, rid of copies, measured."""

    real: Table
    plans: list[Plan]
    level: StandInLevel
    at_least: int
    chance: np.random.Generator
    progress: Progress

    def stand_in(self, rows: int, holdout: Any) -> StandIn:
        learned = [i for i, plan in enumerate(self.plans) if plan.is_learned]
        own = [self.plans[i] for i in learned]
        self.progress("Learning the columns", 0, 1)
        make = copula.independent if self.level is StandInLevel.marginals else copula.fitted
        if own:
            model = make(own, self.at_least, self.progress)
            own = [one.plan for one in model.marginals]
            other = self._other(holdout, learned, own)
            columns, gaps, redrawn, left_out = self._without_copies(model, own, rows)
        else:
            other, columns, gaps, redrawn, left_out = None, [], [], 0, 0
        count = rows - left_out
        close, alike = self._measured(columns, gaps, own, other)
        self.progress("Putting the rows together", 0, 1)
        made = [schema.replaced(plan, count) for plan in self.plans]
        for at, i in enumerate(learned):
            made[i] = own[at].restored(columns[at], gaps[at])
        report = StandInReport(
            level=self.level,
            rows=count,
            treated=_treated(self.plans),
            at_least=self.at_least,
            copies=0,
            redrawn=redrawn,
            left_out=left_out,
            closeness=close,
            quality=alike,
        )
        return StandIn(self.real.build(made), report)

    def _without_copies(
        self, model: copula.Copula, own: Sequence[Plan], rows: int
    ) -> tuple[list[Floats], list[Bools], int, int]:
        """Return made-up rows of which none is a rare real one, and how often that was needed."""
        # A value that cannot be drawn, such as a rare category, is another one than a gap.
        train = [
            np.where(np.isnan(one.numbers) & ~one.raw.missing, np.inf, one.rounded(one.numbers))
            for one in own
        ]
        rare = Rare(train, [plan.raw.missing for plan in own], self.at_least)
        columns, gaps = model.drawn(rows, self.chance, self.progress)
        bad = np.flatnonzero(rare.among(columns, gaps))
        first = len(bad)
        for number in range(TRIES):
            self.progress("Drawing rows again that are somebody's", number, TRIES)
            if not len(bad):
                break
            fresh, lost = model.drawn(len(bad), self.chance)
            for old, new in zip([*columns, *gaps], [*fresh, *lost], strict=True):
                old[bad] = new
            bad = bad[rare.among(fresh, lost)]
        if len(bad) == rows:
            raise InputError(
                "Every row that can be made up is one that the data has.",
                unchanged="Nothing was made.",
                hint="Make a stand-in of the schema: level='schema'.",
            )
        kept = np.ones(rows, bool)
        kept[bad] = False
        return [one[kept] for one in columns], [one[kept] for one in gaps], first, len(bad)

    def _other(self, holdout: Any, learned: Sequence[int], own: Sequence[Plan]) -> Rows | None:
        if holdout is None:
            return None
        other = opened(holdout)
        if [one.name for one in other.columns] != [one.name for one in self.real.columns]:
            raise InputError("The held-out rows have other columns than the table.")
        if not other.rows:
            raise InputError("There are no held-out rows in the table that was given for them.")
        raws = [other.columns[i] for i in learned]
        numbers = [placed(plan, raw) for plan, raw in zip(own, raws, strict=True)]
        return _rows(numbers, [raw.missing for raw in raws], own)

    def _measured(
        self,
        columns: Sequence[Floats],
        gaps: Sequence[Bools],
        own: Sequence[Plan],
        other: Rows | None,
    ) -> tuple[Closeness | None, Quality | None]:
        if not own:
            return None, None
        self.progress("Comparing with the real rows", 0, 2)
        made = _rows(columns, gaps, own)
        train = _rows([one.numbers for one in own], [one.raw.missing for one in own], own)
        close = closeness(made, train, other, self.chance)
        self.progress("Comparing with the real rows", 1, 2)
        return close, quality(made, train, self.chance)


def _rows(numbers: Sequence[Floats], gaps: Sequence[Bools], own: Sequence[Plan]) -> Rows:
    return Rows(numbers, gaps, [bool(one.categories) for one in own])


@dataclass(frozen=True)
class _Budget:
    bounds: Mapping[str, tuple[Any, Any]]
    categories: Mapping[str, Sequence[Any]]
    epsilon: float
    seed: int


def _of_counts(
    real: Table, given: _Budget, rows: int | None, at_least: int, progress: Progress
) -> StandIn:
    """Return a stand-in with differential privacy; the data is looked at in ``private`` only."""
    if not 0 < given.epsilon <= 100:
        raise InputError("Epsilon is above 0 and at most 100.")
    if given.seed.bit_length() <= SECRET:
        raise InputError(
            "With differential privacy the seed is a secret: whoever guesses it can take the "
            "noise off.",
            unchanged="Nothing was made, and no privacy budget was spent.",
            hint="Give a random number that is used once: seed=secrets.randbits(256).",
        )
    unknown = {*given.bounds, *given.categories} - {one.name for one in real.columns}
    if unknown:
        raise InputError(f"There is no column {sorted(unknown)[0]} in the table.")
    domains = [domain(raw, given.bounds, given.categories) for raw in real.columns]
    learned = [i for i, one in enumerate(domains) if one.cells]
    # Rounded down: no more is spent than was said.
    epsilon = Fraction(int(given.epsilon * 10**6), 10**6)
    if len(learned) > MOST_COUNTED:
        raise InputError(
            f"With differential privacy a stand-in has at most {MOST_COUNTED} columns to learn.",
            hint="Leave out columns that the code does not need.",
        )
    if not learned or not epsilon:
        raise InputError("There is no column to learn from, or no budget to do it with.")
    progress("Counting with noise", 0, 1)
    tree = private.learned([domains[i] for i in learned], epsilon, Noise(given.seed))
    count = min(rows or tree.rows, MOST_ROWS)
    chance = np.random.default_rng(given.seed)
    made = [schema.replaced(one.plan, count) for one in domains]
    for i, cells in zip(learned, tree.drawn(count, chance), strict=True):
        made[i] = domains[i].plan.restored(*domains[i].drawn(cells, chance))
    report = StandInReport(
        level=StandInLevel.dp,
        rows=count,
        treated=_treated([one.plan for one in domains]),
        at_least=at_least,
        epsilon=float(epsilon),
    )
    return StandIn(real.build(made), report)
