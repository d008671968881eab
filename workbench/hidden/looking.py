"""A search for content that hides in the numbers of a model.

What can be found is content that was not encrypted: it is recognised by how it begins, or its bits
are not as even as chance would make them. Encrypted or well compressed content in the low bits of
full-precision weights looks like those bits, and nobody can tell it from them; emptying the bits
(:mod:`workbench.hidden.sanitising`) destroys it all the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import Any

from workbench.findings.finding import Finding, Level
from workbench.findings.hidden import Explained, HiddenReport, Plane
from workbench.hidden.arrays import Held, arrays_of, grouped
from workbench.hidden.payloads import Payload, recognise, search
from workbench.hidden.placement import odd_notes, odd_tensors
from workbench.hidden.planes import REPEATED, SHORT, Low, filled_part, low_bits, reason
from workbench.training import kinds
from workbench.training.settings import clean

__all__ = ["look"]

Progress = Callable[[str, int, int], None]
MAX_EACH = 2**20  # numbers of one tensor that are searched for content
MAX_ALL = 2**25
MAX_SHOWN = 64
MAX_FOUND = 200
RAW = 2**24  # bytes of one tensor that are read as they are
SANITISE = "Round the weights before they are shared; that destroys whatever is in the low bits."
UNSEEN = (
    "Encrypted or compressed content without a header cannot be told from the low bits of weights; "
    "rounding them destroys it.",
    "Content in the high bits, in the choice of values or in their order is not searched for.",
)
ORDER = list(Level)
WEIGHTS = re.compile(r"(^|\.)(coefs?_|intercepts?_)")


def _quiet(_: str, __: int, ___: int) -> None:
    return None


def look(
    model: Any,
    *,
    expected: Collection[str] | None = None,
    notes: Mapping[str, str] | None = None,
    progress: Progress = _quiet,
) -> HiddenReport:
    """Search the numbers of a model for content that is not its own.

    Of each tensor the first million numbers are read in every usual way, of all tensors together 33
    million; the statistics are of all numbers.

    Args:
        model: a fitted model, a network, or tensors or arrays by name. It is not changed.
        expected: the names that the model uses, to find tensors that it does not.
        notes: what a safetensors file says in ``__metadata__``.
        progress: told what is happening; may raise to stop.
    """
    held, gaps = arrays_of(model)
    trained = kinds.framework(model) in (None, "torch")  # a network, or tensors by name
    found = [*odd_tensors(held, expected), *odd_notes(notes or {})]
    groups = grouped([one for one in held if not one.labels])
    reasons: Counter[str] = Counter()
    planes: list[tuple[str, Low]] = []
    left = MAX_ALL
    for number, one in enumerate(groups):
        progress(f"searching {one.name}", number, len(groups))
        limit = min(left, MAX_EACH)
        left -= min(one.array.size, limit)
        why = reason(one) if one.is_float else ""
        found += _content(one, limit, text=why not in (REPEATED, SHORT))
        if one.is_float:
            reasons[why] += 1
            found += _part(one)
            if not why:
                lows = low_bits(one)
                planes += [(one.name, low) for low in lows]
                found += _odd(one, lows, trained=trained)
    progress("searching", len(groups), len(groups))
    if left <= 0 < len(groups):
        gaps.append("The model is so large that the last tensors were not searched for content.")
    numbers = sum(one.array.size for one in held)
    long = sum(max(one.array.size - MAX_EACH, 0) for one in groups)
    if long:
        gaps.append(f"Of large tensors the first {MAX_EACH} numbers were searched for content.")
    return HiddenReport(
        tensors=len(held),
        numbers=numbers,
        examined=MAX_ALL - left,
        found=tuple(sorted(found, key=lambda one: ORDER.index(one.level))[:MAX_FOUND]),
        planes=_furthest(planes),
        explained=tuple(
            Explained(reason=why, tensors=count) for why, count in sorted(reasons.items()) if why
        ),
        gaps=tuple(dict.fromkeys(gaps))[:100],
        unseen=UNSEEN,
    )


def _content(held: Held, limit: int, *, text: bool) -> list[Finding]:
    """Return what the bits of numbers spell."""
    if limit <= 0:
        return []
    whole = recognise(held.array.tobytes()[:RAW], text=False)
    if whole is not None:
        kind, offset, runs = whole
        return [_spelled(held, kind, "as it is", offset, runs=runs)]
    payload: Payload | None = search(held, limit, text=text) if held.is_float else None
    if payload is None:
        return []
    words = payload.layout.words()
    return [_spelled(held, payload.kind, words, payload.offset, runs=payload.runs)]


def _spelled(held: Held, kind: str, how: str, offset: int, *, runs: bool) -> Finding:
    return Finding(
        rule="hidden-content",
        level=Level.unsafe if runs else Level.concern,
        where=clean(held.name),
        offset=offset,
        what=f"{kind[:1].upper()}{kind[1:]}, read from the numbers: {how}",
        why="Weights do not spell files or text; somebody wrote it there.",
        remedy=SANITISE,
    )


def _part(held: Held) -> list[Finding]:
    share = filled_part(held)
    if not share:
        return []
    return [
        Finding(
            rule="low-bits-filled",
            level=Level.concern,
            where=clean(held.name),
            what=f"{share:.1%} of the numbers, in one piece, are longer than all the rest",
            why="The rest was rounded; the room this leaves can hold content, also encrypted. "
            "Rows that were trained further look alike.",
            remedy=SANITISE,
        )
    ]


def _odd(held: Held, lows: list[Low], *, trained: bool) -> list[Finding]:
    """Return a finding where low bits are not random and some above them are.

    The highest bits behind the point are uneven by themselves: small numbers are more frequent.
    Weights that were trained are random below; what is calculated in one step need not be.
    """
    highest = max((low.bit for low in lows if not low.is_odd), default=-1)
    odd = [low for low in lows if low.is_odd and low.bit < highest]
    if not odd:
        return []
    bits = ", ".join(str(low.bit) for low in odd)
    worst = max(odd, key=lambda low: low.uneven)
    mixed = trained or bool(WEIGHTS.search(held.name))
    return [
        Finding(
            rule="low-bits-odd",
            level=Level.concern if mixed else Level.note,
            where=clean(held.name),
            what=f"Low bits that are not random: {bits} (chi-square {worst.uneven:.0f} deviations)",
            why="The bits above them are as random as those of trained weights are."
            if mixed
            else "Numbers that are calculated from a few others in one step have that too.",
            remedy=SANITISE if mixed else "",
        )
    ]


def _furthest(planes: list[tuple[str, Low]]) -> tuple[Plane, ...]:
    ordered = sorted(planes, key=lambda one: -abs(one[1].uneven))[:MAX_SHOWN]
    return tuple(
        Plane(
            where=clean(name),
            bit=low.bit,
            ones=low.ones,
            uneven=low.uneven,
            serial=low.serial,
            entropy=low.entropy,
            compressed=low.compressed,
        )
        for name, low in ordered
    )
