"""The attack that learns, against one written out record by record and fitted by scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from workbench.findings.leakage import Task
from workbench.leakage import learned as module
from workbench.leakage.attacks import References
from workbench.leakage.curves import area
from workbench.leakage.learned import learned
from workbench.leakage.signals import Signals, signals

RECORDS, MODELS = 400, 8


def world(seed: int, gain: float) -> tuple[Signals, References, np.ndarray]:
    """Models whose answers are surer by ``gain`` where they saw the record."""
    chance = np.random.default_rng(seed)
    ease = chance.normal(0, 2, RECORDS)
    halves = [chance.permutation(np.arange(RECORDS) % 2 == 0) for _ in range(MODELS // 2)]
    inside = np.array([mask for half in halves for mask in (half, ~half)])
    member = chance.permutation(np.arange(RECORDS) % 2 == 0)

    def said(saw: np.ndarray) -> Signals:
        odds = ease + gain * saw + chance.normal(0, 0.7, saw.shape)
        given = 1 / (1 + np.exp(-odds))
        return signals(np.stack([given, 1 - given], axis=-1), Task.classification)

    return said(member), References(said(inside), inside), member


def written_out(
    answer: tuple[float, float], others: list[tuple[float, float, bool]], spreads: list[float]
) -> list[float]:
    """What is known of one record, from other references' answers and their common variances."""
    odds, likelihood = answer
    told: dict[bool, tuple[float, float, float, float]] = {}
    for saw in (True, False):
        theirs = [other for other in others if other[2] is saw]
        mean = float(np.mean([one[0] for one in theirs]))
        squares = sum((one[0] - mean) ** 2 for one in theirs)
        spread = float(np.sqrt((8 * spreads[saw] + squares) / (8 + len(theirs) - 1)))
        told[saw] = (
            mean,
            spread,
            float(np.mean([one[1] for one in theirs])),
            float(np.mean([np.log(one[1] + 1e-3) for one in theirs])),
        )
    (inner, close, sure, _), (outer, wide, usual, logarithm) = told[True], told[False]
    density = norm.logpdf(odds, inner, close) - norm.logpdf(odds, outer, wide)
    return [
        odds, inner, outer, (odds - inner) / close, (odds - outer) / wide,
        np.log(close), np.log(wide), np.arcsinh(density),
        np.log(likelihood + 1e-3) - np.log(0.65 * usual + 0.35),
        np.log(likelihood + 1e-3) - logarithm, likelihood, sure, usual,
    ]  # fmt: skip


def table(answers: Signals, references: References, aside: int) -> np.ndarray:
    """The same for all records, with the pair of one reference set aside."""
    kept = [one for one in range(MODELS) if one // 2 != aside // 2]
    spreads = [0.0, 0.0]
    for saw in (True, False):
        squares = free = 0.0
        for at in range(RECORDS):
            theirs = [
                references.signals.odds[one, at]
                for one in kept
                if references.inside[one, at] == saw
            ]
            squares += float(np.var(theirs) * len(theirs))
            free += len(theirs) - 1
        spreads[saw] = squares / free
    return np.array(
        [
            written_out(
                (answers.odds[at], answers.likelihood[at]),
                [
                    (
                        references.signals.odds[one, at],
                        references.signals.likelihood[one, at],
                        bool(references.inside[one, at]),
                    )
                    for one in kept
                ],
                spreads,
            )
            for at in range(RECORDS)
        ]
    )


def test_it_is_what_it_says_it_is() -> None:
    target, references, _ = world(1, 1.0)
    own = [
        Signals(references.signals.likelihood[one], references.signals.odds[one])
        for one in range(MODELS)
    ]
    told = np.vstack([table(own[one], references, one) for one in range(MODELS)])
    scaling = StandardScaler().fit(told)

    def near(rows: np.ndarray) -> np.ndarray:
        return np.clip(scaling.transform(rows), -6, 6)

    model = LogisticRegression(C=1.0, tol=1e-10, max_iter=5000)
    model.fit(near(told), references.inside.ravel())
    expected = np.mean(
        [
            model.decision_function(near(table(target, references, one)))
            for one in range(0, MODELS, 2)
        ],
        axis=0,
    )
    assert learned(target, references, 0) == pytest.approx(expected, abs=1e-4)


def test_it_finds_members_and_nothing_where_nothing_is() -> None:
    """Its score is that of the best possible test, up to what eight references can tell."""
    areas = []
    for seed in range(10):
        target, references, member = world(seed, 1.0)
        scores = learned(target, references, seed)
        areas.append(area(scores[member], scores[~member])[0])
    best = norm.cdf(1.0 / 0.7 / np.sqrt(2))  # who knows how easy each record is
    assert best - 0.06 < np.mean(areas) <= best + 0.02
    areas = []
    for seed in range(10):
        target, references, member = world(seed, 0.0)
        scores = learned(target, references, seed)
        areas.append(area(scores[member], scores[~member])[0])
    assert abs(np.mean(areas) - 0.5) < 0.03


def test_the_score_is_log_odds() -> None:
    """Of records with a score around 1, as many are members as log-odds of 1 say."""
    scores, truth = [], []
    for seed in range(20):
        target, references, member = world(seed, 1.0)
        scores.append(learned(target, references, seed))
        truth.append(member)
    told, known = np.concatenate(scores), np.concatenate(truth)
    for low in (-2.0, -1.0, 0.0, 1.0):
        here = (told >= low) & (told < low + 1)
        expected = (1 / (1 + np.exp(-told[here]))).mean()
        assert known[here].mean() == pytest.approx(expected, abs=0.05)


def test_answers_of_one_kind_are_no_harm() -> None:
    """A model that always says the same, and a tree that says 0 or 1."""
    _, references, _ = world(3, 1.0)
    same = signals(np.tile([0.5, 0.5], (MODELS, RECORDS, 1)), Task.classification, soft=1e-3)
    steps = np.where(references.inside[..., None], [1.0, 0.0], [0.0, 1.0])
    for others in (same, signals(steps, Task.classification, soft=1e-3)):
        target = Signals(others.likelihood[0], others.odds[0])
        scores = learned(target, References(others, references.inside), 0)
        assert np.isfinite(scores).all()


def test_very_many_records_are_learned_from_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    target, references, member = world(4, 1.0)
    whole = learned(target, references, 0)
    monkeypatch.setattr(module, "EXAMPLES", MODELS * 100)
    part = learned(target, references, 0)
    assert len(part) == RECORDS
    assert not np.allclose(part, whole)
    assert area(part[member], part[~member])[0] == pytest.approx(
        area(whole[member], whole[~member])[0], abs=0.03
    )
    assert (part == learned(target, references, 0)).all()
