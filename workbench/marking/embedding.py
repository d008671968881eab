"""A recipient's copy of a model: each weight moved a little, in a pattern only a key makes.

``w' = w + strength x spread of the tensor x sign``; see :mod:`workbench.marking.signs` for the
signs and :mod:`workbench.marking.carriers` for the weights. File to file, a piece at a time; the
header and everything that carries no mark are copied byte for byte.

A copy is marked before it is signed, and after its weights were rounded: each recipient has a
file, and so a digest, of their own.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from workbench.encoding import check_digest
from workbench.errors import InputError
from workbench.findings.mark import Mark
from workbench.marking.carriers import FORMATS, Carrier, Progress, carriers, chunks, silent
from workbench.marking.signs import Signs, seed
from workbench.marking.tensors import Layout, Tensor, encoded, layout, values

__all__ = ["FEWEST", "STRENGTH", "TOLERANCE", "check_quality", "mark"]

STRENGTH: Final = 0.01  # standard deviations of a tensor; more is seen in a model's quality
STRONGEST: Final = 0.1
TOLERANCE: Final = 0.01  # by how much a model may be worse with a mark
FEWEST: Final = 1000  # weights; below, a mark does not outlast the mildest changes
SURVIVING: Final = 0.5  # of a mark's score, when weights are rounded to the format of the file
PIECE: Final = 1 << 22  # bytes that are copied together

Quality = Callable[[BinaryIO], float]


def mark(
    source: BinaryIO,
    target: BinaryIO,
    key: bytes,
    *,
    model: str,
    grant: str,
    strength: float = STRENGTH,
    evaluate: Quality | None = None,
    tolerance: float = TOLERANCE,
    progress: Progress = silent,
) -> Mark:
    """Write a marked copy of a safetensors file, and return what was done.

    Args:
        source: the unmarked file, seekable.
        target: where the copy goes; seekable, and readable if ``evaluate`` is given. If anything
            goes wrong it is as long as it was.
        key: 32 secret bytes of the owner, the same for all recipients of a model.
        model: digest of the manifest of the unmarked model.
        grant: what the copy is for; a recipient is found again by it.
        strength: in standard deviations of each tensor, above 0 and at most 0.1.
        evaluate: says how good the model in a file is, more being better; it is asked about both.
        tolerance: by how much the copy may be worse.

    Raises:
        InputError: no proper file or argument; weights that cannot carry a mark (fewer than 1000
            fit ones, integers, too coarse a format); or the copy is worse than tolerated.
    """
    check_digest(model)
    if not 0 < strength <= STRONGEST:
        raise _refused(f"The strength of a mark is above 0 and at most {STRONGEST}.", "")
    seed(key, model, grant, "")
    found = layout(source)
    fit = carriers(source, found, progress, total=2 * found.end)
    _check(found, fit)
    begin = target.tell()
    try:
        written = _write(source, target, _Recipe(key, model, grant, strength), found, fit, progress)
        before, after = _compared(source, target, begin, evaluate, tolerance)
    except BaseException:
        target.seek(begin)
        target.truncate()
        raise
    return Mark(
        model=model,
        grant=grant,
        tensors=len(fit),
        weights=sum(one.weights for one in fit),
        strength=strength,
        expected_z=written,
        before=before,
        after=after,
    )


@dataclass(frozen=True)
class _Recipe:
    key: bytes
    model: str
    grant: str
    strength: float


def _check(found: Layout, fit: list[Carrier]) -> None:
    """Refuse weights in which a mark would be fragile."""
    count = sum(one.weights for one in fit)
    coarse = sum(one.size for one in found.tensors if one.dtype not in FORMATS)
    if coarse > sum(one.size for one in found.tensors) / 2:
        raise _refused(
            "Most numbers of this model are integers or quantised, with no room for a mark.",
            "Mark the model before it is quantised.",
        )
    if count < FEWEST:
        raise _refused(
            f"Only {count} weights of this model can carry a mark; {FEWEST} are the fewest with "
            "which it outlasts rounding.",
            "Offer the model for use without handing over the weights.",
        )


def _write(
    source: BinaryIO,
    target: BinaryIO,
    recipe: _Recipe,
    found: Layout,
    fit: list[Carrier],
    progress: Progress,
) -> float:
    """Write the copy, and return the score that tracing it as it is will give."""
    marked = {one.tensor.name: one for one in fit}
    agreeing = squares = 0.0
    _copy(source, target, 0, found.start)
    for tensor in found.tensors:
        carrier = marked.get(tensor.name)
        if carrier is None:
            for at in range(tensor.start, tensor.end, PIECE):
                _copy(source, target, at, min(at + PIECE, tensor.end))
                progress("Marking the weights", found.end + at, 2 * found.end)
            continue
        signs = Signs(seed(recipe.key, recipe.model, recipe.grant, tensor.name))
        done = tensor.start
        for piece in chunks(source, tensor):
            own = signs.take(len(piece))
            data, moved = _moved(piece, own, carrier, recipe.strength)
            target.write(data)
            agreeing += float(moved @ own)
            squares += float(moved @ moved)
            done += len(data)
            progress("Marking the weights", found.end + done, 2 * found.end)
    score = agreeing / sqrt(squares) if squares else 0.0
    if score < SURVIVING * sqrt(sum(one.weights for one in fit)):
        raise _refused(
            "The weights are kept in so coarse a format that the mark is lost in rounding.",
            "Save the weights as float32, or give a greater strength.",
        )
    return score


def _moved(
    piece: NDArray[np.float64], signs: NDArray[np.float32], carrier: Carrier, strength: float
) -> tuple[bytes, NDArray[np.float64]]:
    """Return marked weights as the file keeps them, and how far each went, in spreads."""
    tensor = carrier.tensor
    wanted = np.where(piece != 0, piece + signs * np.float64(strength * carrier.spread), 0.0)
    kept = _rounded(wanted, tensor)
    # What the format cannot hold, or would be taken for one of the zeros, stays as it is.
    kept = np.where(np.isfinite(kept) & ((kept != 0) | (piece == 0)), kept, piece)
    return encoded(kept, tensor.dtype), (kept - piece) / carrier.spread


def _rounded(numbers: NDArray[np.float64], tensor: Tensor) -> NDArray[np.float64]:
    data = encoded(numbers, tensor.dtype)
    whole = Tensor(tensor.name, tensor.dtype, (len(numbers),), 0, len(data))
    return values(io.BytesIO(data), whole)


def _copy(source: BinaryIO, target: BinaryIO, start: int, end: int) -> None:
    """Copy bytes; a header is at most 16 MB, so that it fits into memory."""
    source.seek(start)
    target.write(source.read(end - start))


def _compared(
    source: BinaryIO, target: BinaryIO, begin: int, evaluate: Quality | None, tolerance: float
) -> tuple[float | None, float | None]:
    if evaluate is None:
        return None, None
    source.seek(0)
    before = float(evaluate(source))
    target.seek(begin)
    after = float(evaluate(target))
    target.seek(0, io.SEEK_END)
    check_quality(before, after, tolerance)
    return before, after


def check_quality(before: float, after: float, tolerance: float = TOLERANCE) -> None:
    """Check how good a model is without and with a mark, more being better.

    Raises:
        InputError: it is worse than tolerated, or not a number.
    """
    if not after >= before - tolerance:
        raise _refused(
            f"With the mark the model's quality falls from {before:.4g} to {after:.4g}, by more "
            f"than the {tolerance:g} that is tolerated.",
            "Give a smaller strength, or a greater tolerance.",
        )


def _refused(message: str, hint: str) -> InputError:
    return InputError(message, unchanged="No marked copy was made.", hint=hint)
