"""An attack that learns from the references, whose training data are known, what members look like.

After Shokri, Stronati, Song, Shmatikov 2017 (S&P), who train an attack on the answers of models
trained for it; here it is not told the answer alone, but also how other references answer the same
record, having seen it or not, as the attacks do that compare it with them by a formula. A logistic
regression weighs what each of those goes by. It knows nothing of who is a member of the model that
is attacked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.leakage.attacks import PRIOR, References, marginal
from workbench.leakage.references import PAIR
from workbench.leakage.signals import Signals

__all__ = ["LEAST_TO_LEARN", "learned"]

LEAST_TO_LEARN = 6  # references: with two aside, others of both kinds are left for each record
EXAMPLES = 200_000  # answers that are learned from; more would only take longer
FAR = 6.0  # standard deviations, beyond which all is alike
PENALTY = 1.0  # on squared weights
ROUNDS = 30  # of Newton's method, which needs a handful
SOFT = 1e-3  # likelihoods below are alike
TINY = 1e-9
Floats = NDArray[np.float64]
Masks = NDArray[np.bool_]


@dataclass(frozen=True)
class _Side:
    """Sums over the references that saw a record, or over those that did not; for n records."""

    held: Floats
    odds: Floats
    squares: Floats
    likelihood: Floats
    logarithm: Floats

    @classmethod
    def of(cls, odds: Floats, likelihood: Floats, among: Masks) -> _Side:
        """Add up what some references say; each is references × records."""
        each = np.ones_like(odds), odds, odds**2, likelihood, np.log(likelihood + SOFT)
        return cls(*(np.where(among, one, 0.0).sum(axis=0) for one in each))

    def __sub__(self, other: _Side) -> _Side:
        pairs = zip(astuple(self), astuple(other), strict=True)
        return _Side(*(one - less for one, less in pairs))

    def usual(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Return the means of odds, likelihood and its logarithm, and the spread of odds."""
        held = np.maximum(self.held, 1)
        mean = self.odds / held
        squares = np.maximum(self.squares - held * mean**2, 0.0)
        free = np.maximum(self.held - 1, 0)
        common = squares.sum() / max(float(free.sum()), 1.0) + TINY
        spread = np.sqrt((PRIOR * common + squares) / (PRIOR + free))
        return mean, self.likelihood / held, self.logarithm / held, spread


def learned(target: Signals, references: References, seed: int) -> Floats:
    """Return a score for each of n records: the logarithm of the odds that it is a member.

    Every two references that share the records between them are set aside in turn. How the others
    answer is what theirs are compared with, and those of the model that is attacked.

    Args:
        references: in such pairs, :data:`LEAST_TO_LEARN` or more.
        seed: which records are learned from, where there are very many.
    """
    count, records = references.inside.shape
    many = max(EXAMPLES // count, 1)
    chance = np.random.default_rng(seed)
    chosen = np.sort(chance.permutation(records)[:many])
    told: list[Floats] = []
    for pair, seen, unseen in _aside(references, chosen):
        for one in pair:
            odds, likelihood = references.signals.odds[one], references.signals.likelihood[one]
            told.append(_described(odds[chosen], likelihood[chosen], seen, unseen))
    truth = np.concatenate(list(references.inside[:, chosen])).astype(np.float64)
    model = _Logistic.fitted(np.vstack(told), truth)
    every = np.arange(records)
    scores = [
        model.score(_described(target.odds, target.likelihood, seen, unseen))
        for _, seen, unseen in _aside(references, every)
    ]
    found: Floats = np.mean(scores, axis=0)
    return found


def _aside(
    references: References, records: NDArray[np.int64]
) -> Iterator[tuple[range, _Side, _Side]]:
    """Yield each pair, and what all others say of these records, having seen them or not."""
    odds = references.signals.odds[:, records]
    likelihood = references.signals.likelihood[:, records]
    inside = references.inside[:, records]
    seen, unseen = _Side.of(odds, likelihood, inside), _Side.of(odds, likelihood, ~inside)
    for first in range(0, len(inside), PAIR):
        pair = range(first, first + PAIR)
        own = odds[pair], likelihood[pair]
        yield pair, seen - _Side.of(*own, inside[pair]), unseen - _Side.of(*own, ~inside[pair])


def _described(odds: Floats, likelihood: Floats, seen: _Side, unseen: _Side) -> Floats:
    """Return what is known of each record, records × features."""
    in_mean, in_likelihood, _, in_spread = seen.usual()
    out_mean, out_likelihood, out_logarithm, out_spread = unseen.usual()
    far_in, far_out = (odds - in_mean) / in_spread, (odds - out_mean) / out_spread
    normal = 0.5 * (far_out**2 - far_in**2) + np.log(out_spread / in_spread)
    ratio = np.log(likelihood + SOFT) - np.log(marginal(out_likelihood))
    return np.column_stack([
        odds, in_mean, out_mean, far_in, far_out, np.log(in_spread), np.log(out_spread),
        np.arcsinh(normal), ratio, np.log(likelihood + SOFT) - out_logarithm,
        likelihood, in_likelihood, out_likelihood,
    ])  # fmt: skip


@dataclass(frozen=True)
class _Logistic:
    """A logistic regression on standardised features."""

    middle: Floats
    spread: Floats
    weights: Floats

    @classmethod
    def fitted(cls, features: Floats, truth: Floats) -> _Logistic:
        """Fit it by Newton's method, with a small penalty on the weights but not on the offset."""
        fresh = cls(
            features.mean(axis=0),
            features.std(axis=0) + TINY,
            np.zeros(features.shape[1] + 1),
        )
        table = fresh._prepared(features)
        penalty = np.full(table.shape[1], PENALTY)
        penalty[-1] = 0.0
        weights = fresh.weights
        for _ in range(ROUNDS):
            share = 1 / (1 + np.exp(-table @ weights))
            slope = table.T @ (truth - share) - penalty * weights
            curve = (table.T * (share * (1 - share))) @ table + np.diag(penalty + TINY)
            step = np.linalg.solve(curve, slope)
            weights = weights + step
            if float(np.abs(step).max()) < TINY:
                break
        return cls(fresh.middle, fresh.spread, weights)

    def score(self, features: Floats) -> Floats:
        """Return the logarithm of the odds."""
        found: Floats = self._prepared(features) @ self.weights
        return found

    def _prepared(self, features: Floats) -> Floats:
        near = np.clip((features - self.middle) / self.spread, -FAR, FAR)
        return np.column_stack([near, np.ones(len(near))])
