"""Attacks on membership: one score for each record, high where it looks like training data.

``loss``           Yeom, Giacomelli, Fredrikson, Jha 2018 (CSF), section 3
``by_class``       the same, compared with the median for the class: Watson et al. 2022 (ICLR)
``by_neighbours``  the ratio below, with the model's own answers for similar other records in
                   place of references; after Long et al. 2020 and Mattern et al. 2023
``ratio``          RMIA, offline: Zarifzadeh, Liu, Shokri 2024 (ICML), with one population. The
                   comparison with other records then keeps the order of the ratio.
``difference``     log-likelihood against the mean of references: Watson et al. 2022
``offline``        LiRA: Carlini et al. 2022 (S&P), algorithm 1 without the models that saw it
``online``         LiRA with both; that a reference may see a true member is the owner's privilege
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.findings.leakage import Method
from workbench.leakage.signals import Signals

__all__ = ["LEAST_FOR_NORMAL", "PRIOR", "References", "comparing", "marginal", "quick"]

CALIBRATION = 0.3  # a in RMIA: how much likelier a record is to a model that saw it
TINY = 1e-12
PRIOR = 8.0  # how many references the common variance counts as
LEAST_FOR_NORMAL = 4  # references in which a record is not, to tell a normal distribution
Floats = NDArray[np.float64]
Masks = NDArray[np.bool_]


@dataclass(frozen=True)
class References:
    """What models say that were trained on other parts of the data.

    Attributes:
        signals: of each model and record, references × records.
        inside: whether the record was in that model's training data.
    """

    signals: Signals
    inside: Masks


def quick(
    target: Signals,
    classes: NDArray[np.int64],
    around: Floats | None,
) -> dict[Method, Floats]:
    """Return the scores of attacks that only ask the model.

    A class is known by the median of all its records. Were it that of non-members, these would be
    compared with themselves: in a class of few they would all be close to it, and members seem to
    stand out.

    Args:
        target: what the model says of n records.
        classes: of each record; all alike for regression.
        around: the likelihood of each record's truth if the model is asked about its neighbours.
    """
    found = {Method.loss: np.log(target.likelihood + TINY)}
    if len(np.unique(classes)) > 1:
        found[Method.by_class] = found[Method.loss] - _medians(found[Method.loss], classes)
    if around is not None:
        found[Method.by_neighbours] = _ratio(target.likelihood, around)
    return found


def comparing(target: Signals, references: References) -> dict[Method, Floats]:
    """Return the scores of attacks that compare the model with references."""
    outside = ~references.inside
    usual = _mean(references.signals.likelihood, outside)
    found = {
        Method.ratio: _ratio(target.likelihood, usual),
        Method.difference: np.log(target.likelihood + TINY)
        - _mean(np.log(references.signals.likelihood + TINY), outside),
    }
    if int(outside.sum(axis=0).min()) >= LEAST_FOR_NORMAL:
        found |= _normal(target.odds, references.signals.odds, references.inside)
    return found


def marginal(usual: Floats) -> Floats:
    """Return the likelihood to be expected if it is not known whether a model saw the record.

    The mean of both worlds. With ``a`` = 0.3, a record that is as likely to models that never saw
    it as can be is expected to gain nothing.

    Args:
        usual: the likelihood to models that never saw the record.
    """
    expected: Floats = 0.5 * ((1 + CALIBRATION) * usual + (1 - CALIBRATION))
    return expected


def _ratio(likelihood: Floats, usual: Floats) -> Floats:
    ratio: Floats = likelihood / marginal(usual)
    return ratio


def _medians(values: Floats, classes: NDArray[np.int64]) -> Floats:
    found = np.zeros_like(values)
    for one in np.unique(classes):
        found[classes == one] = np.median(values[classes == one])
    return found


def _normal(value: Floats, others: Floats, inside: Masks) -> dict[Method, Floats]:
    """Return both attacks with normal distributions.

    The variance of one record from a few references is hardly known. It is drawn to the common
    one, which counts as :data:`PRIOR` references; with many references it is the record's own.
    """
    out_mean, out_spread = _spread(others, ~inside)
    in_mean, in_spread = _spread(others, inside)
    far_out = (value - out_mean) / out_spread
    far_in = (value - in_mean) / in_spread
    online = 0.5 * (far_out**2 - far_in**2) + np.log(out_spread / in_spread)
    return {Method.offline: far_out, Method.online: online}


def _spread(others: Floats, among: Masks) -> tuple[Floats, Floats]:
    held = among.sum(axis=0)
    mean = _mean(others, among)
    squares = (np.where(among, others - mean, 0.0) ** 2).sum(axis=0)
    free = max(float((held - 1).sum()), 1.0)
    common = float(squares.sum()) / free + TINY
    variance = (PRIOR * common + squares) / (PRIOR + np.maximum(held - 1, 0))
    return mean, np.sqrt(variance)


def _mean(values: Floats, among: Masks) -> Floats:
    held = np.maximum(among.sum(axis=0), 1)
    mean: Floats = np.where(among, values, 0.0).sum(axis=0) / held
    return mean
