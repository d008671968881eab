"""What a column is, and what of it may be used for a stand-in.

Identifiers and free text are never used, nor are categories that fewer than ``at_least`` rows have.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workbench.errors import InputError
from workbench.findings.standin import Treatment
from workbench.standin.tables import Bools, Raw

__all__ = ["FEWEST", "Floats", "Plan", "Progress", "coded", "placed", "planned", "silent"]

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]

FEWEST: Final = 20  # values from which a distribution is made
UNIQUE: Final = 0.98  # different values per row: whole numbers that name rows
NEARLY: Final = 0.9  # the same of texts
FEW: Final = 20  # different whole numbers that are taken for categories
LONG: Final = 50  # characters of what is no category any more
COVERED: Final = 0.5  # of the rows, that categories which are not rare have to have
DECIMALS: Final = 6
LOOKED_AT: Final = 5000  # values of which the decimals are counted
SECONDS: Final = (86_400, 3600, 60, 1)


def silent(_what: str, _done: int, _total: int) -> None:
    """Report nothing."""


@dataclass(frozen=True)
class Plan:
    """A column ready to be learned from.

    Attributes:
        became: what it is, and will be.
        numbers: of its values; for categories their place in ``categories``, NaN where a category
            is rare; for dates their count of time units. Of no meaning for what is replaced.
        categories: the values that may appear.
        dropped: how many categories were too rare.
        step: numbers are multiples of it; 0 if of nothing.
        different: how many different values there are.
    """

    raw: Raw
    became: Treatment
    numbers: Floats
    categories: tuple[Any, ...] = ()
    dropped: int = 0
    step: float = 0.0
    different: int = 0

    @property
    def is_learned(self) -> bool:
        """It has a distribution of its own, rather than being replaced."""
        return bool(self.categories) or self.became in (Treatment.numbers, Treatment.dates)

    def rounded(self, numbers: Floats) -> Floats:
        """Return numbers as the column would keep them."""
        if self.categories:
            return numbers
        if 0 < self.step < 1:
            numbers = np.round(numbers, round(-np.log10(self.step)))
        elif self.step:
            numbers = np.rint(numbers / self.step) * self.step
        if self.raw.values.dtype.kind == "f":
            numbers = numbers.astype(self.raw.values.dtype).astype(np.float64)
        return numbers + 0.0  # there is one zero

    def restored(self, numbers: Floats, missing: Bools) -> Any:
        """Return a column of the original type; whatever numbers are where it is missing."""
        numbers = np.where(missing, 0.0, numbers)
        if self.categories:
            held = np.empty(len(self.categories), dtype=object)
            held[:] = self.categories
            return self.raw.restore(held[numbers.astype(np.intp)], missing)
        kept = self.raw.values.dtype
        if kept.kind in "Mm":
            whole = numbers.astype(np.int64).view(f"{kept.kind}8[{np.datetime_data(kept)[0]}]")
            return self.raw.restore(whole, missing)
        if kept.kind in "iu":
            limits = np.iinfo(kept)
            numbers = np.clip(numbers, float(limits.min), np.nextafter(float(limits.max), 0))
            return self.raw.restore(np.rint(numbers).astype(kept), missing)
        return self.raw.restore(numbers, missing)


def coded(raw: Raw) -> tuple[Floats, list[Any]]:
    """Return each value's place in the list of different values, NaN where it is missing."""
    places: dict[Any, int] = {}
    codes = np.full(len(raw.values), np.nan)
    try:
        for row in np.flatnonzero(~raw.missing).tolist():
            codes[row] = places.setdefault(raw.values[row], len(places))
    except TypeError:  # lists and the like, which nothing can be compared with
        return codes, []
    return codes, list(places)


def placed(plan: Plan, raw: Raw) -> Floats:
    """Return the numbers that a column's values have in another table, NaN where they have none.

    Raises:
        InputError: the other table has values of another type in that column.
    """
    try:
        if plan.categories:
            places = {value: place for place, value in enumerate(plan.categories)}
            held = raw.values.tolist() if raw.values.dtype.kind in "biuf" else raw.values
            found = [
                np.nan if gone else places.get(one, np.nan)
                for one, gone in zip(held, raw.missing, strict=True)
            ]
            return np.array(found, dtype=np.float64)
        values = raw.values
        if plan.raw.values.dtype.kind in "Mm":
            values = values.astype(plan.raw.values.dtype).view(np.int64)
        elif raw.values.dtype.kind == "O":
            values = np.where(raw.missing, np.nan, values)
        numbers = values.astype(np.float64)
        return np.where(raw.missing | ~np.isfinite(numbers), np.nan, numbers)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"The held-out rows have another type of values in the column {raw.name}.",
            hint="Take the held-out rows from the same table.",
        ) from error


def planned(raw: Raw, at_least: int) -> Plan:
    """Return what a column is, and what of it may be used."""
    there = int((~raw.missing).sum())
    kind = raw.values.dtype.kind
    nothing = np.full(len(raw.values), np.nan)
    if kind == "O" and raw.levels is None:
        raw = _unboxed(raw)
        kind = raw.values.dtype.kind
    if not there:
        return Plan(raw, Treatment.empty, nothing)
    if kind == "b":
        numbers = np.where(raw.missing, np.nan, raw.values.astype(float))
        return _common(Plan(raw, Treatment.truth, numbers, (False, True), different=2), at_least)
    if kind in "iuf":
        return _of_numbers(raw, there, at_least)
    if kind in "Mm":
        return _of_dates(raw, there)
    if kind in "OUS" and raw.holds_texts:
        return _of_texts(raw, there, at_least)
    return Plan(raw, Treatment.empty, nothing)


def _unboxed(raw: Raw) -> Raw:
    """Return objects that are all numbers or all booleans as such."""
    kinds = {type(one) for one in raw.values[~raw.missing]}
    if kinds and (kinds <= {bool, np.bool_} or kinds <= {int, float, np.int64, np.float64}):
        wanted = bool if kinds <= {bool, np.bool_} else float
        values = np.zeros(len(raw.values), dtype=wanted)
        values[~raw.missing] = raw.values[~raw.missing].astype(wanted)
        return replace(raw, values=values)
    return raw


def _of_numbers(raw: Raw, there: int, at_least: int) -> Plan:
    numbers = np.where(raw.missing, np.nan, raw.values.astype(np.float64))
    numbers = np.where(np.isfinite(numbers), numbers, np.nan)
    held = numbers[~np.isnan(numbers)]
    if not len(held):
        return Plan(raw, Treatment.empty, numbers)
    found = np.unique(held)
    step = 1.0 if raw.values.dtype.kind in "iu" else _decimals(held)
    if step == 1.0 and there >= FEWEST and len(found) >= UNIQUE * there:
        return Plan(raw, Treatment.identifiers, numbers, different=len(found))
    if len(found) <= (FEW if step == 1.0 else FEW // 2):
        # By the values themselves: large whole numbers are others in 64 bits with a point.
        known = np.unique(raw.values[~np.isnan(numbers)])
        places = np.searchsorted(known, raw.values).astype(np.float64)
        places[np.isnan(numbers)] = np.nan
        plan = Plan(raw, Treatment.categories, places, tuple(known), different=len(known))
        plan = _common(plan, at_least)
        if np.isfinite(plan.numbers).sum() >= COVERED * there:
            return plan
    if there < FEWEST:
        return Plan(raw, Treatment.empty, numbers, different=len(found))
    return Plan(raw, Treatment.numbers, numbers, step=step, different=len(found))


def _decimals(numbers: Floats) -> float:
    """Return the power of ten that numbers are multiples of, 0 if of none."""
    sample = numbers[:: max(len(numbers) // LOOKED_AT, 1)]
    if np.abs(sample).max() > 1e12:
        return 0.0
    for digits in range(DECIMALS + 1):
        scaled = sample * 10.0**digits
        if np.all(np.abs(scaled - np.rint(scaled)) <= 1e-6 * np.maximum(1, np.abs(scaled))):
            return 10.0**-digits
    return 0.0


def _of_dates(raw: Raw, there: int) -> Plan:
    whole = raw.values.view(np.int64)
    numbers = np.where(raw.missing, np.nan, whole.astype(np.float64))
    if there < FEWEST:
        return Plan(raw, Treatment.empty, numbers)
    unit, count = np.datetime_data(raw.values.dtype)
    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}.get(unit, 0) // count
    held = whole[~raw.missing]
    step = 1.0
    for seconds in SECONDS:
        if per_second and not (held % (seconds * per_second)).any():
            step = float(seconds * per_second)
            break
    different = len(np.unique(held))
    return Plan(raw, Treatment.dates, numbers, step=step, different=different)


def _of_texts(raw: Raw, there: int, at_least: int) -> Plan:
    codes, values = coded(raw)
    if not values or not all(isinstance(one, str | int | float | bytes) for one in values):
        return Plan(raw, Treatment.text, codes)
    lengths = [len(str(one)) for one in values]
    if raw.levels is None and there >= FEWEST and len(values) >= NEARLY * there:
        spaces = sum(" " in str(one).strip() for one in values)
        words = spaces > len(values) / 2 or max(lengths) > LONG
        became = Treatment.text if words else Treatment.identifiers
        return Plan(raw, became, codes, different=len(values))
    if sum(lengths) / len(lengths) > LONG:
        return Plan(raw, Treatment.text, codes, different=len(values))
    if raw.levels is not None:
        order = {level: place for place, level in enumerate(raw.levels)}
        ranks = np.array([order.get(one, 0) for one in values], dtype=float)
        codes[~raw.missing] = ranks[codes[~raw.missing].astype(np.intp)]
        values = list(raw.levels)
    plan = Plan(raw, Treatment.categories, codes, tuple(values), different=len(values))
    plan = _common(plan, at_least)
    if np.isfinite(plan.numbers).sum() < COVERED * there:
        return Plan(raw, Treatment.text, codes, different=len(values))
    return plan


def _common(plan: Plan, at_least: int) -> Plan:
    """Return a column without its rare categories."""
    held = np.isfinite(plan.numbers)
    places = plan.numbers[held].astype(np.intp)
    counts = np.bincount(places, minlength=len(plan.categories))
    kept = np.flatnonzero(counts >= at_least)
    if not len(kept):
        return Plan(plan.raw, Treatment.empty, np.full(len(plan.numbers), np.nan))
    new = np.full(len(plan.categories), np.nan)
    new[kept] = np.arange(len(kept))
    numbers = np.full(len(plan.numbers), np.nan)
    numbers[held] = new[places]
    dropped = int(((counts > 0) & (counts < at_least)).sum())
    values = tuple(plan.categories[place] for place in kept.tolist())
    return replace(plan, numbers=numbers, categories=values, dropped=dropped)
