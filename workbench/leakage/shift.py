"""Whether training data and holdout are of one kind, as an attack on membership presumes.

If they were split by time or place, anybody could tell them apart without the model, and an attack
would seem to work on a model that gives nothing away (Das, Zhang, Tramèr 2024).
"""

from __future__ import annotations

import numpy as np

from workbench.findings.leakage import MAX_COLUMNS
from workbench.leakage.curves import area
from workbench.leakage.samples import Sample
from workbench.leakage.tables import coded, names
from workbench.training.settings import clean

__all__ = ["shifted"]

RISK = 0.01  # of naming any column where there is no difference, for all columns together
MOST = 500  # columns that are compared; then only the truth is


def shifted(whole: Sample) -> list[str]:
    """Return columns that surely differ between members and non-members, clearest first."""
    titles = [clean(name) or "column" for name in names(whole.rows)]
    if len(titles) > MOST:
        titles = []
    values = coded(whole.rows if titles else [], whole.truth)
    level = 1 - RISK / values.shape[1]
    found = []
    for title, column in zip([*titles, "truth"], values.T, strict=True):
        if np.ptp(column) == 0:
            continue
        auc, around = area(column[whole.member], column[~whole.member], level)
        if not around.low <= 0.5 <= around.high:
            found.append((-abs(auc - 0.5), title))
    return [title for _, title in sorted(found)][:MAX_COLUMNS]
