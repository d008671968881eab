"""A copy of a model whose low bits are empty, and what that cost.

Rounding destroys whatever was written into the bits that are rounded away, encrypted or not. It
also destroys a fingerprint in them: mark a model after this, never before.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from workbench.errors import InputError
from workbench.findings.hidden import SanitiseReport
from workbench.hidden.arrays import MANTISSA, Held, arrays_of
from workbench.training import kinds

__all__ = ["Sanitised", "sanitise"]

Progress = Callable[[str, int, int], None]
Array = np.ndarray[Any, Any]
SINGLE = MANTISSA["float32"]
HIGHEST_HALF = 65504.0
KEPT = {"bf16": MANTISSA["bfloat16"], "fp16": MANTISSA["float16"]}
WORDS = {
    "bf16": "rounded to the precision of bfloat16",
    "fp16": "rounded to half precision",
}


@dataclass(frozen=True)
class Sanitised:
    """The copy, and what it cost."""

    model: Any
    report: SanitiseReport


def _quiet(_: str, __: int, ___: int) -> None:
    return None


def sanitise(
    model: Any,
    *,
    bits: int | Literal["bf16", "fp16"] = 12,
    evaluate: Callable[[Any], float] | tuple[Any, Any] | None = None,
    progress: Progress = _quiet,
) -> Sanitised:
    """Return a copy of a model with the low bits of its numbers rounded away.

    Numbers keep their type. Those of double precision are rounded to what single precision would
    keep, or 29 more bits would stay for content. Names of classes and categories stay as they are.

    Args:
        model: a fitted scikit-learn model, a network, or tensors or arrays by name; never changed.
        bits: how many of the 23 bits of single precision are emptied, or the precision to keep.
        evaluate: ``(X, y)`` to measure accuracy (of a classifier) or R² before and after, or a
            function that returns a number for a model.
        progress: told what is happening; may raise to stop.

    Raises:
        InputError: a kind of model whose numbers cannot be changed or copied, numbers that half
            precision cannot hold, or ``bits`` outside 1 to 22.
    """
    kept = _kept(bits)
    if kinds.framework(model) in ("xgboost", "lightgbm"):
        raise InputError(
            f"The numbers of a {kinds.word(model)} cannot be changed from here.",
            unchanged="Nothing was changed.",
            hint="Its trees hold few numbers; share it as text or JSON, where each can be read.",
        )
    try:
        copied = _copy(model)
    except Exception as error:  # parts of a model may raise anything when they are copied
        raise InputError(
            f"This {kinds.word(model)} cannot be copied ({type(error).__name__}).",
            unchanged="Nothing was changed.",
            hint="Leave out what holds files, connections or functions made in the notebook.",
        ) from error
    held, gaps = arrays_of(copied)
    floats = [one for one in held if one.is_float and not one.labels]
    if not floats:
        raise InputError(
            "There are no numbers with low bits in this model.", unchanged="Nothing was changed."
        )
    tensors = numbers = 0
    largest = 0.0
    for place, one in enumerate(floats):
        progress(f"rounding {one.name}", place, len(floats))
        changed, relative = _round(one, kept, half=bits == "fp16")
        tensors, numbers = tensors + (changed > 0), numbers + changed
        largest = max(largest, relative)
    short = sum(1 for one in floats if MANTISSA[one.kind] <= kept)
    if short:
        gaps.append(f"{short} tensors of lower precision were left as they are.")
    measure, before, after = _measured(model, copied, evaluate)
    progress("rounding", len(floats), len(floats))
    report = SanitiseReport(
        method=WORDS.get(str(bits), f"the lowest {bits} bits of single precision were emptied"),
        tensors=tensors,
        numbers=numbers,
        relative=largest,
        measure=measure,
        before=before,
        after=after,
        gaps=tuple(gaps[:100]),
    )
    return Sanitised(copied, report)


def _kept(bits: int | str) -> int:
    """Return how many bits behind the point are kept."""
    if isinstance(bits, str) and bits in KEPT:
        return KEPT[bits]
    if type(bits) is int and 1 <= bits < SINGLE:
        return SINGLE - bits
    raise InputError(
        "That is not a precision to round to.",
        unchanged="Nothing was changed.",
        hint='Give 1 to 22 bits to empty, "bf16" or "fp16".',
    )


def _copy(model: Any) -> Any:
    """Return a copy that shares no numbers with the model, and can be changed in place."""
    if isinstance(model, Mapping):
        return {name: _own(value) for name, value in model.items()}
    return copy.deepcopy(model)


def _own(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.copy()
    return value.detach().clone() if hasattr(value, "detach") else copy.deepcopy(value)


def _round(held: Held, kept: int, *, half: bool) -> tuple[int, float]:
    """Round numbers in place; return how many changed, and the largest change as a share."""
    if MANTISSA[held.kind] <= kept:
        return 0, 0.0
    before = held.values().astype(np.float64)
    if half and bool((np.abs(before[np.isfinite(before)]) > HIGHEST_HALF).any()):
        raise InputError(
            f"{held.name} has numbers that half precision cannot hold.",
            unchanged="Nothing was changed.",
            hint='Round to "bf16" instead, which holds numbers of any size.',
        )
    words = _rounded(held.words(), MANTISSA[held.kind], MANTISSA[held.kind] - kept, before)
    changed = int((words != held.words()).sum())
    if not changed:
        return 0, 0.0
    if held.kind == "bfloat16":
        _write(held.array, words)
    else:
        _write(held.array, words.view(np.dtype(held.kind).newbyteorder("<")))
    after = held.values().astype(np.float64)
    there = np.isfinite(before) & (before != 0)
    apart = np.abs(after[there] / before[there] - 1)
    return changed, float(apart.max(initial=0.0))


def _rounded(words: Array, mantissa: int, empty: int, values: Array) -> Array:
    """Return numbers to the nearest with ``empty`` low bits; of two as near, the even one.

    What is not finite, or would become so, is cut instead; a missing number stays missing and
    loses what its spelling could carry.
    """
    kind = words.dtype.type
    mask = kind(~np.uint64((1 << empty) - 1) & np.uint64(np.iinfo(words.dtype).max))
    cut = words & mask
    odd = (words >> kind(empty)) & kind(1)
    nearest = (words + kind((1 << (empty - 1)) - 1) + odd) & mask
    exponent = kind(((1 << (8 * words.dtype.itemsize - 1)) - 1) >> mantissa << mantissa)
    grown = (nearest & exponent) == exponent
    result = np.where(np.isfinite(values) & ~grown, nearest, cut)
    quiet = exponent | kind(1 << (mantissa - 1))
    return np.asarray(np.where(np.isnan(values), quiet, result), dtype=words.dtype)


def _write(array: Array, values: Array) -> None:
    """Put numbers into an array that may be fixed, as those of a joined pipeline can be."""
    if not array.flags.writeable:
        array.flags.writeable = True
    array[...] = values


def _measured(
    before: Any, after: Any, evaluate: Callable[[Any], float] | tuple[Any, Any] | None
) -> tuple[str, float | None, float | None]:
    if evaluate is None:
        return "", None, None
    if callable(evaluate):
        return "the given measure", float(evaluate(before)), float(evaluate(after))
    X, y = evaluate
    if not hasattr(before, "score"):
        raise InputError(
            f"How good a {kinds.word(before)} is on rows is not known.",
            unchanged="Nothing was changed.",
            hint="Give evaluate a function that takes the model and returns a number.",
        )
    base = kinds.loaded("sklearn.base")
    measure = "accuracy" if base is not None and base.is_classifier(before) else "R²"
    return measure, float(before.score(X, y)), float(after.score(X, y))
