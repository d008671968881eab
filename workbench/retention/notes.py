"""What was noted while a model was looked at, until it becomes a report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from workbench.findings.finding import Level
from workbench.findings.retained import (
    MOST,
    MOST_GAPS,
    SHOWN,
    How,
    Keeping,
    Kept,
    RetainedReport,
)
from workbench.retention.keys import Ints
from workbench.retention.remedies import remedy, why
from workbench.training.settings import clean

__all__ = ["LEVELS", "Notes"]

LEVELS = {
    Keeping.rows: Level.unsafe,
    Keeping.targets: Level.unsafe,
    Keeping.categories: Level.unsafe,
    Keeping.vocabulary: Level.unsafe,
    Keeping.values: Level.concern,
    Keeping.leaves: Level.concern,
    Keeping.extremes: Level.concern,
    Keeping.labels: Level.note,
    Keeping.aligned: Level.note,
}
ORDER = list(Level)


@dataclass
class Notes:
    """What is kept where, and which training rows are concerned in all."""

    size: int
    k: int
    found: dict[tuple[str, Keeping], Kept] = field(default_factory=dict)
    gaps: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rows = np.zeros(self.size, dtype=bool)
        self.targets = np.zeros(self.size, dtype=bool)

    def add(
        self,
        where: str,
        kind: Keeping,
        owner: str,
        positions: Ints,
        *,
        how: How = How.exact,
        after: str = "",
        transposed: bool = False,
        columns: Sequence[str] = (),
        level: Level | None = None,
        also: str = "",
    ) -> None:
        """Note that a place keeps something of training rows; once for each place and kind."""
        positions = np.unique(positions)
        if not len(positions):
            return
        if kind is Keeping.rows:
            self.rows[positions] = True
        if kind is Keeping.targets:
            self.targets[positions] = True
        self._put(
            Kept(
                where=_word(where),
                kind=kind,
                how=how,
                level=level or LEVELS[kind],
                after=clean(after),
                transposed=transposed,
                count=len(positions),
                of=self.size,
                positions=tuple(int(one) for one in positions[:SHOWN]),
                columns=tuple(_word(one) for one in columns[:SHOWN]),
                why=" ".join(part for part in (why(kind, self.k), also) if part),
                remedy=remedy(kind, owner, self.k),
            )
        )

    def add_leaves(
        self, where: str, owner: str, count: int, of: int, positions: Ints, also: str = ""
    ) -> None:
        """Note how many leaves hold few people, and who is alone in one."""
        self._put(
            Kept(
                where=_word(where),
                kind=Keeping.leaves,
                how=How.counted,
                level=Level.concern,
                count=count,
                of=of,
                positions=tuple(int(one) for one in positions[:SHOWN]),
                why=" ".join(part for part in (why(Keeping.leaves, self.k), also) if part),
                remedy=remedy(Keeping.leaves, owner, self.k),
            )
        )

    def _put(self, kept: Kept) -> None:
        name = (kept.where, kept.kind)
        before = self.found.get(name)
        if before is None or kept.count > before.count:
            self.found[name] = kept

    def report(self, gaps: Iterable[str]) -> RetainedReport:
        """Return everything noted, the worst first."""
        kinds = list(Keeping)
        every = sorted(
            self.found.values(),
            key=lambda one: (ORDER.index(one.level), kinds.index(one.kind), -one.count, one.where),
        )
        sentences = list(dict.fromkeys(filter(None, map(clean, (*self.gaps, *gaps)))))
        if len(sentences) > MOST_GAPS:
            more = len(sentences) - MOST_GAPS + 1
            sentences = [*sentences[: MOST_GAPS - 1], f"{more} more parts were not looked into."]
        return RetainedReport(
            k=self.k,
            of=self.size,
            rows=int(self.rows.sum()),
            targets=int(self.targets.sum()),
            found=tuple(every[:MOST]),
            more=max(0, len(every) - MOST),
            gaps=tuple(sentences),
        )


def _word(text: str) -> str:
    return clean(text) or "model"
