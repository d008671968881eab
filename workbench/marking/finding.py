"""Whose copy a found file is: the owner's original is subtracted, and what is left compared.

The file may be in another float format, noisy, pruned, trained further, lack tensors, have other
names for them, rows for columns, scaled or moved neurons, or be the average of several copies.
Not recognised are models that were trained again from scratch or from another's answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Final

import numpy as np

from workbench.encoding import check_digest
from workbench.errors import InputError
from workbench.findings.mark import Score, Traced, Verdict
from workbench.marking import aligning
from workbench.marking.aligning import Order
from workbench.marking.carriers import Carrier, Progress, carriers, silent
from workbench.marking.embedding import FEWEST, STRENGTH
from workbench.marking.pairing import LARGEST, Pair, paired
from workbench.marking.scoring import WRONG_KEYS, Scores, false_alarm, threshold
from workbench.marking.signs import seed
from workbench.marking.tensors import Floats, as_array, layout, values

__all__ = ["MOST_GRANTS", "trace"]

MOST_GRANTS: Final = 10_000
MOST_WEIGHTS: Final = 1 << 21  # weights that are compared; a score of 1400 needs no more
DAMAGED: Final = 0.05  # spreads that a copy is off by before scaled neurons are looked for
FAINT: Final = 0.1  # likeness of a tensor so damaged that its neurons cannot be told apart
BETTER: Final = 0.5  # of the misfit that has to be left for a realignment to be kept
SUSPICIOUS: Final = 0.01  # chance of an accident below which nobody is cleared


def trace(
    original: BinaryIO,
    copy: BinaryIO,
    key: bytes,
    grants: Sequence[str],
    *,
    model: str,
    strength: float = STRENGTH,
    progress: Progress = silent,
) -> Traced:
    """Return whose copy a safetensors file is.

    Args:
        original: the unmarked file that :func:`workbench.marking.embedding.mark` was given.
        copy: the file that was found; what is in it is not trusted.
        key: the owner's key.
        grants: everybody it could be; each one more makes a mistake a little more likely, which
            is counted.
        model: digest of the manifest of the unmarked model.
        strength: that was used for marking.

    Raises:
        InputError: no proper file or argument, or no tensor of the model is in the copy.
    """
    check_digest(model)
    seed(key, model, "", "")
    if not 0 < len(grants) <= MOST_GRANTS or len(set(grants)) != len(grants):
        raise InputError(f"A copy is compared with 1 to {MOST_GRANTS} grants, each once.")
    found, other = layout(original), layout(copy)
    fit = carriers(original, found, progress)
    comparison = _Comparison(original, copy, fit)
    scores = Scores(key, model, grants, strength)
    compared = missing = 0
    for pair in paired(original, copy, fit, other, progress):
        differences = comparison.differences(pair)
        if differences is None:
            missing += 1
        else:
            compared += scores.add(pair.carrier.tensor.name, differences, progress)
    if not compared:
        raise InputError(
            "No weights of this model are in the file.",
            hint="Check that it is a copy of this model and version.",
        )
    return _traced(model, grants, scores, (len(fit) - missing, missing, compared), comparison)


@dataclass
class _Comparison:
    """The original and the copy, and what was found out about the copy so far."""

    original: BinaryIO
    copy: BinaryIO
    fit: Sequence[Carrier]
    orders: list[Order] = field(default_factory=list)
    renamed: int = 0
    moved: int = 0
    scaled: int = 0

    def differences(self, pair: Pair) -> Floats | None:
        """Return copy minus original in spreads of the original, NaN where nothing is known."""
        if pair.tensor is None:
            return None
        tensor, count = pair.carrier.tensor, self._share(pair.carrier)
        first, second = self._beginning(pair, count)
        bearable = DAMAGED * pair.carrier.spread
        if second is None or aligning.misfit(first, second) > bearable:
            if tensor.size <= LARGEST:
                first = as_array(self.original, tensor)
                second = self._aligned(first, pair)
            if second is None:
                return None
            first, second = first.reshape(-1)[:count], second.reshape(-1)[:count]
        self.renamed += pair.tensor.name != tensor.name
        with np.errstate(all="ignore"):
            found = (second - first) / pair.carrier.spread
        return np.where(np.isfinite(found) & (first != 0), found, np.nan)

    def notes(self) -> tuple[str, ...]:
        """Return how the copy had been changed, in sentences."""
        said = (
            (self.renamed, "had other names"),
            (self.moved, "had their neurons in another order"),
            (self.scaled, "had their neurons scaled"),
        )
        return tuple(f"{count} tensors of the copy {what}." for count, what in said if count)

    def _share(self, carrier: Carrier) -> int:
        """Return how many weights of a tensor are compared, so that all of them have a part."""
        total = sum(one.tensor.size for one in self.fit)
        if total <= MOST_WEIGHTS:
            return carrier.tensor.size
        return max(-(-carrier.tensor.size * MOST_WEIGHTS // total // 64) * 64, 64)

    def _beginning(self, pair: Pair, count: int) -> tuple[Floats, Floats | None]:
        """Return the beginning of a tensor in both files, if the copy has it in its place."""
        first = values(self.original, pair.carrier.tensor, 0, count)
        if pair.tensor is None or pair.turned or not pair.alike:
            return first, None
        second = values(self.copy, pair.tensor, 0, count)
        return first, second / aligning.factor(first, second)

    def _aligned(self, first: Floats, pair: Pair) -> Floats | None:
        """Return a whole tensor of the copy as the original would have it, if it can be told."""
        if pair.tensor is None:
            return None
        second = as_array(self.copy, pair.tensor)
        second = second.T if pair.turned else second
        if not pair.alike:
            moved = aligning.reordered(first, second, self.orders)
            if moved is not None:
                self.orders.append(moved.order)
                self.moved += 1
                second = moved.copy
            elif abs(aligning.correlation(first, second)) < FAINT:
                return None
        plain = second / aligning.factor(first, second)
        off = aligning.misfit(first, plain)
        if off > DAMAGED * pair.carrier.spread:
            scaled = aligning.rescaled(first, second)
            if aligning.misfit(first, scaled) < BETTER * off:
                self.scaled += 1
                return scaled
        return plain


def _traced(
    model: str,
    grants: Sequence[str],
    scores: Scores,
    counts: tuple[int, int, int],
    comparison: _Comparison,
) -> Traced:
    found = scores.of_grants()
    ranked = sorted(zip(found.tolist(), grants, strict=True), key=lambda one: (-one[0], one[1]))
    least, wrong = threshold(len(grants)), scores.wrong_largest()
    named = tuple(grant for z, grant in ranked if z >= least) if wrong < least else ()
    chance = false_alarm(ranked[0][0], len(grants))
    tensors, missing, weights = counts
    cleared = chance > SUSPICIOUS and weights >= FEWEST and wrong < least
    verdict = Verdict.named if named else Verdict.nobody if cleared else Verdict.unclear
    return Traced(
        model=model,
        verdict=verdict,
        named=named,
        scores=tuple(Score(grant=grant, z=z) for z, grant in ranked[:5]),
        tested=len(grants),
        threshold=least,
        false_alarm=chance,
        wrong_keys=WRONG_KEYS,
        wrong_largest=wrong,
        tensors=tensors,
        missing=missing,
        weights=weights,
        notes=comparison.notes(),
    )
