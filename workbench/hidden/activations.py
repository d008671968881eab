"""Groups of rows inside a network that do not belong together.

Rows with a trigger reach the last layer on another way than the rest of their class. Each class is
split in two there (Chen et al. 2018, activation clustering), and the rows that stick out along the
main direction are measured (Tran et al. 2018, spectral signatures).

These are numbers for a person to read, and no verdict: in small networks on handwritten digits,
classes of clean networks fell apart as far as poisoned ones, and no bound told the two apart.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from workbench.findings.hidden import Grouping
from workbench.training import kinds
from workbench.training.measuring import at_rest

__all__ = ["groupings", "inside", "split"]

Array = np.ndarray[Any, Any]
LEAST = 30  # rows of a class
MOST = 2000
DIRECTIONS = 10
ROUNDS = 50
STARTS = 5


def groupings(
    model: Any, training: tuple[Any, Any], seed: int, gaps: list[str]
) -> tuple[Grouping, ...]:
    """Return how each class falls into two groups inside a network.

    Args:
        model: a PyTorch network with a linear layer last, or scikit-learn's ``MLPClassifier``.
        training: the rows and classes it was trained on.
        seed: of the starting points.
        gaps: gets a sentence for what could not be done.
    """
    X, y = training
    labels = np.asarray(y)
    try:
        rows = np.asarray(getattr(X, "to_numpy", lambda: X)(), dtype=float)
    except (TypeError, ValueError):
        rows = np.full((0, 0), np.nan)
    if labels.shape != rows.shape[:1] or not np.isfinite(rows).all():
        gaps.append("Groups inside the model were not looked for; that needs rows of numbers.")
        return ()
    seen = inside(model, rows)
    if seen is None:
        gaps.append("Groups inside the model were not looked for; it has no layers that are known.")
        return ()
    rng = np.random.default_rng(seed)
    classes = np.unique(labels)
    centres = {one: seen[labels == one].mean(axis=0) for one in classes}
    measured = []
    for number, one in enumerate(classes):
        own = seen[labels == one]
        if len(own) < LEAST:
            gaps.append(f"Class {number + 1} has too few rows to look for groups.")
            continue
        own = own[rng.permutation(len(own))[:MOST]]
        others = np.array([centres[other] for other in classes if other != one])
        smaller, separation, elsewhere, outlying = _measure(own, others, rng)
        measured.append(
            Grouping(
                target=number + 1,
                rows=len(own),
                smaller=smaller,
                separation=separation,
                elsewhere=elsewhere,
                outlying=outlying,
            )
        )
    return tuple(measured)


def inside(model: Any, rows: Array) -> Array | None:
    """Return what reaches the last layer for each row, n × units; ``None`` if that is unknown."""
    if kinds.framework(model) == "torch":
        return _of_network(model, rows)
    if kinds.descends(model, "sklearn.neural_network._multilayer_perceptron", "MLPClassifier"):
        return _of_perceptron(model, rows)
    return None


def split(points: Array, rng: np.random.Generator) -> Array:
    """Return which of two groups each point is in, by k-means from several starts."""
    best, chosen = np.inf, np.zeros(len(points), dtype=bool)
    for _ in range(STARTS):
        first = points[rng.integers(len(points))]
        away = ((points - first) ** 2).sum(axis=1)
        if away.sum() == 0:
            break
        second = points[rng.choice(len(points), p=away / away.sum())]
        for _ in range(ROUNDS):
            near = ((points - second) ** 2).sum(axis=1) < ((points - first) ** 2).sum(axis=1)
            if near.all() or not near.any():
                break
            moved = points[~near].mean(axis=0), points[near].mean(axis=0)
            if np.array_equal(moved[0], first) and np.array_equal(moved[1], second):
                break
            first, second = moved
        cost = np.minimum(((points - first) ** 2).sum(axis=1), ((points - second) ** 2).sum(axis=1))
        if cost.sum() < best:
            best, chosen = float(cost.sum()), near
    return chosen


def _measure(
    own: Array, others: Array, rng: np.random.Generator
) -> tuple[float, float, float, float]:
    """Return share of the smaller group, separation, share of it elsewhere, spectral outlier."""
    centred = own - own.mean(axis=0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    points = centred @ directions[:DIRECTIONS].T
    second = split(points, rng)
    if second.mean() > 0.5:
        second = ~second
    small, large = own[second], own[~second]
    elsewhere = 0.0
    if len(small) and len(others):
        home = ((small - large.mean(axis=0)) ** 2).sum(axis=1)
        away = np.min([((small - one) ** 2).sum(axis=1) for one in others], axis=0)
        elsewhere = float((away < home).mean())
    scores = points[:, 0] ** 2
    middle = np.median(scores)
    spread = 1.4826 * np.median(np.abs(scores - middle))
    outlying = float((scores.max() - middle) / spread) if spread > 0 else 0.0
    return float(second.mean()), _silhouette(points, second), elsewhere, outlying


def _silhouette(points: Array, second: Array) -> float:
    """Return the mean silhouette of two groups (Rousseeuw 1987)."""
    if min(second.sum(), (~second).sum()) < 2:
        return 0.0
    square = (points**2).sum(axis=1)
    far = np.sqrt(np.maximum(square[:, None] + square[None, :] - 2 * points @ points.T, 0))
    sizes = np.array([(~second).sum(), second.sum()])
    sums = np.stack([far[:, ~second].sum(axis=1), far[:, second].sum(axis=1)], axis=1)
    mine = second.astype(int)
    at = np.arange(len(points))
    near = sums[at, mine] / (sizes[mine] - 1)
    other = sums[at, 1 - mine] / sizes[1 - mine]
    largest = np.maximum(np.maximum(near, other), 1e-300)
    return float(np.clip(((other - near) / largest).mean(), -1, 1))


def _of_network(model: Any, rows: Array) -> Array | None:
    torch = kinds.loaded("torch")
    layers = [m for m in model.modules() if kinds.descends(m, "torch.nn.modules.linear", "Linear")]
    if not layers:
        return None
    seen: list[Any] = []
    hook = layers[-1].register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    first = next(model.parameters())
    try:
        with at_rest(torch, model):
            model(torch.as_tensor(rows).to(first.dtype).to(first.device))
    finally:
        hook.remove()
    return np.asarray(seen[-1].float().cpu().numpy()).reshape(len(rows), -1) if seen else None


def _of_perceptron(model: Any, rows: Array) -> Array | None:
    ways: dict[str, Callable[[Array], Array]] = {
        "relu": lambda x: np.maximum(x, 0),
        "tanh": np.tanh,
        "logistic": lambda x: 1 / (1 + np.exp(-x)),
        "identity": lambda x: x,
    }
    way = ways.get(str(model.activation))
    if way is None:
        return None
    for weights, offset in zip(model.coefs_[:-1], model.intercepts_[:-1], strict=True):
        rows = way(rows @ weights + offset)
    return np.asarray(rows)
