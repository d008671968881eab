"""A model trained once more, with the same settings, on other rows.

No weights are taken over. What cannot be trained again is said by an :class:`Unrepeatable`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from workbench.training import kinds

__all__ = ["Refit", "Unrepeatable", "refitting"]

Refit = Callable[[Any, Any, int], Any]
ROUNDS = (  # every name that LightGBM has for the number of trees, and for stopping early
    *("num_iterations", "num_iteration", "n_iter", "num_tree", "num_trees", "num_round"),
    *("num_rounds", "nrounds", "num_boost_round", "n_estimators", "max_iter"),
    *("early_stopping_round", "early_stopping_rounds", "early_stopping", "n_iter_no_change"),
)


class Unrepeatable(Exception):
    """Why a model cannot be trained again; one clause for people, with no data in it."""


def refitting(model: Any) -> Refit:
    """Return a function of rows, truth and seed that trains a model like this one.

    Raises:
        Unrepeatable: nobody but its owner knows how it was trained.
    """
    if kinds.descends(model, "xgboost.core", "Booster"):
        return lambda rows, truth, seed: _xgboost(model, rows, truth, seed)
    if kinds.descends(model, "lightgbm.basic", "Booster"):
        return lambda rows, truth, seed: _lightgbm(model, rows, truth, seed)
    if kinds.descends(model, "sklearn.base", "BaseEstimator"):
        return _estimator(model)
    if kinds.descends(model, "torch.nn.modules.module", "Module"):
        raise Unrepeatable("how a network was trained is in the notebook, not in the network")
    raise Unrepeatable("it is not known how a model of this kind is trained")


def _estimator(model: Any) -> Refit:
    """Return how to train a copy; of a search, the best it found, as it found it."""
    best = getattr(model, "best_estimator_", model)
    for part in best.get_params(deep=True).values():
        if kinds.descends(part, "sklearn.frozen._frozen", "FrozenEstimator"):
            raise Unrepeatable("a part of it is frozen, so it would know the rows it should not")
    clone: Any = kinds.lookup("sklearn.base", "clone")

    def refit(rows: Any, truth: Any, seed: int) -> Any:
        fresh = clone(best)
        fresh.set_params(**_changes(best, fresh.get_params(deep=True), seed))
        return fresh.fit(rows, truth)

    return refit


def _changes(model: Any, given: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return the settings that differ: chance, and what needs more than rows and truth.

    A pipeline's cache is left alone, or what is computed from rows would be written to a disk. A
    booster that stopped early is trained for as many rounds as it was good for. Nothing is printed,
    or a notebook would show it below whatever cell ran last.
    """
    chance = np.random.default_rng(seed)
    found: dict[str, Any] = {}
    for name in sorted(given):
        last = name.rpartition("__")[2]
        if last == "random_state":
            found[name] = int(chance.integers(2**31 - 1))
        elif (last == "memory" and given[name] is not None) or (
            last == "early_stopping_rounds" and given[name] is not None
        ):
            found[name] = None
        elif last == "verbose" and isinstance(given[name], int) and given[name] > 0:
            found[name] = type(given[name])(0)
    rounds = _rounds(model)
    if rounds and "n_estimators" in given:
        found["n_estimators"] = rounds
    return found


def _rounds(model: Any) -> int:
    """Return after how many rounds a booster stopped early; 0 if it did not."""
    if kinds.descends(model, "xgboost.sklearn", "XGBModel"):
        stopped = getattr(model, "early_stopping_rounds", None)
        return int(model.best_iteration) + 1 if stopped else 0
    if kinds.descends(model, "lightgbm.sklearn", "LGBMModel"):
        return int(getattr(model, "best_iteration_", 0) or 0)
    return 0


def _xgboost(model: Any, rows: Any, truth: Any, seed: int) -> Any:
    """Return a booster with the same configuration, trained round by round."""
    xgboost: Any = kinds.loaded("xgboost")
    data = xgboost.DMatrix(rows, label=truth, enable_categorical=hasattr(rows, "dtypes"))
    configuration = model.save_config()
    shape = json.loads(configuration)["learner"]["learner_model_param"]
    fresh = xgboost.Booster({"num_class": int(shape.get("num_class", 0)), "seed": seed}, [data])
    fresh.load_config(configuration)
    fresh.set_param({"seed": seed})
    for number in range(int(model.num_boosted_rounds())):
        fresh.update(data, number)
    return fresh


def _lightgbm(model: Any, rows: Any, truth: Any, seed: int) -> Any:
    lightgbm: Any = kinds.loaded("lightgbm")
    given = {name: value for name, value in model.params.items() if name not in ROUNDS}
    rounds = int(model.best_iteration) if model.best_iteration > 0 else 0
    rounds = rounds or int(model.num_trees()) // int(model.num_model_per_iteration())
    data = lightgbm.Dataset(rows, label=truth, params={"verbosity": -1})
    return lightgbm.train({"verbosity": -1, **given, "seed": seed}, data, num_boost_round=rounds)
