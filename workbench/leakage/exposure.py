"""Which records and which groups of people are most exposed: positions and names, no values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import InputError
from workbench.findings.depth import Groups
from workbench.findings.leakage import (
    LEAST,
    MAX_GROUPS,
    MAX_POSITIONS,
    Exposure,
    Group,
    Method,
    Tail,
    Task,
)
from workbench.leakage.curves import DIGITS, area, threshold
from workbench.leakage.intervals import LEVEL, fisher
from workbench.leakage.samples import Sample
from workbench.leakage.tables import column, count, labels, names, take
from workbench.training.settings import clean

__all__ = ["Splits", "exposed", "groups_of", "splits", "tail"]

SURE = 0.01  # chance of so few non-members among the recognised, below which rows are named
TAIL = 0.1  # of all records
Floats = NDArray[np.float64]
Splits = dict[str, NDArray[Any]]


def exposed(method: Method, scores: Floats, whole: Sample, at: float, tried: int) -> Exposure:
    """Return the members that an attack recognises at a false positive rate.

    Records that are there several times count as often, and are named once. Rows are named only if
    too many are recognised for chance (Fisher's exact test, which holds as well where a rank of
    the non-members is the threshold), since chance always leaves some above any.

    Args:
        tried: of so many attacks this one recognises most, so the test is as much stricter.
    """
    inside, outside = scores[: whole.members], scores[whole.members :]
    cut = threshold(outside, at)
    places = np.flatnonzero(inside > cut)
    false = int(np.count_nonzero(outside > cut))
    sure = fisher(false, len(places) + false, len(outside), len(scores)) < SURE / tried
    first = _distinct(places[np.argsort(-inside[places], kind="stable")], whole) if sure else []
    return Exposure(
        method=method,
        at=at,
        recognised=len(places),
        expected=round(false / len(outside) * len(inside), DIGITS),
        positions=tuple(whole.inside[first[:MAX_POSITIONS]].tolist()),
    )


def splits(groups: Groups, whole: Sample, task: Task, given: tuple[int, int]) -> Splits:
    """Return for each grouping the group of every record: the classes, and what the owner named.

    Args:
        groups: columns by name, or groupings as pairs of arrays for the data and the holdout.
        given: how many rows the data and the holdout had.

    Raises:
        InputError: a column that is not there, or arrays that do not fit the rows.
    """
    found: Splits = {"class": whole.truth} if task is Task.classification else {}
    if isinstance(groups, Mapping):
        for name, pair in groups.items():
            if not isinstance(pair, tuple | list) or len(pair) != 2:
                raise _unfit(name)
            inside, outside = pair
            if (count(inside), count(outside)) != given:
                raise _unfit(name)
            kept = [labels(take(inside, whole.inside)), labels(take(outside, whole.outside))]
            found[clean(str(name)) or "group"] = np.concatenate(kept)
        return found
    for name in groups or ():
        if str(name) not in names(whole.rows):
            raise _unfit(name)
        found[clean(str(name)) or "group"] = column(whole.rows, str(name))
    return found


def groups_of(grouped: Splits, scores: Floats, whole: Sample) -> tuple[list[Group], list[str]]:
    """Return how exposed each group is, most exposed first, and a sentence for what is not shown.

    Groups with fewer than ten members or non-members would point at people, and are left out. One
    of many groups looks exposed by chance, so each interval is widened for their number.
    """
    every = [(of, name, here) for of, values in grouped.items() for name, here in _each(values)]
    sides = [(of, name, here & whole.member, here & ~whole.member) for of, name, here in every]
    large = [one for one in sides if min(one[2].sum(), one[3].sum()) >= LEAST]
    small = len(sides) - len(large)
    level = 1 - (1 - LEVEL) / max(len(large), 1)
    found = []
    for of, name, inside, outside in large:
        auc, around = area(scores[inside], scores[outside], level)
        found.append(
            Group(
                of=of,
                name=name,
                members=int(inside.sum()),
                nonmembers=int(outside.sum()),
                auc=auc,
                interval=around,
            )
        )
    found.sort(key=lambda one: (-one.interval.low, one.of, one.name))
    gaps = []
    if small:
        have = "1 group has" if small == 1 else f"{small} groups have"
        gaps.append(f"{have} fewer than {LEAST} records on a side and cannot be shown.")
    if len(found) > MAX_GROUPS:
        gaps.append(f"Of {len(found)} groups the {MAX_GROUPS} most exposed are shown.")
    return found[:MAX_GROUPS], gaps


def tail(likelihood: Floats, whole: Sample) -> Tail | None:
    """Return whether members are missing where the model is most wrong; ``None`` without a tail."""
    cut = np.quantile(likelihood, TAIL)
    low = likelihood < cut
    inside = int(low[: whole.members].sum())
    drawn = int(low.sum())
    if not drawn:
        return None
    others = len(low) - whole.members
    return Tail(
        share=round(drawn / len(low), DIGITS),
        members=round(inside / whole.members, DIGITS),
        nonmembers=round((drawn - inside) / others, DIGITS),
        p_value=round(fisher(inside, drawn, whole.members, len(low)), DIGITS),
    )


def _distinct(places: NDArray[np.int64], whole: Sample) -> list[int]:
    """Return each record once, at its first position, in the order given."""
    earliest = np.unique(whole.alike, return_index=True, return_inverse=True)[1:]
    return list(dict.fromkeys(earliest[0][earliest[1][places]].tolist()))


def _each(values: NDArray[Any]) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    words = np.array([clean(str(value)) or "(empty)" for value in values.tolist()])
    for name in np.unique(words).tolist():
        yield name, words == name


def _unfit(name: object) -> InputError:
    return InputError(
        f"The grouping {clean(str(name), 60)!r} does not fit the data.",
        unchanged="Nothing was measured.",
        hint="Name columns of the table, or give a pair of arrays, one value for each row of the "
        "data and one for each of the holdout.",
    )
