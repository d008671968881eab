"""How XGBoost and LightGBM were set, through their own interfaces and through scikit-learn's."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from workbench.origin.record import Settings
from workbench.training import kinds
from workbench.training.settings import settings

__all__ = ["features", "objective", "parameters"]

# XGBoost writes four settings under two names each: the native one, and scikit-learn's.
NATIVE = {"eta", "gamma", "alpha", "lambda"}
SPOKEN = {"learning_rate", "min_split_loss", "reg_alpha", "reg_lambda"}
# Parts of XGBoost's configuration that hold what was learned, or only how it was computed.
ASIDE = {"learner_model_param", "debug_synchronize", "max_cached_hist_node", "updater_seq"}
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?\Z")
DIGITS = 7  # as many as single precision holds


def parameters(model: Any) -> Settings:
    """Return what a booster was set to and how long it trained; nothing that it learned."""
    if kinds.descends(model, "xgboost.core", "Booster"):
        return _of_xgboost(model, SPOKEN)
    if kinds.descends(model, "lightgbm.basic", "Booster"):
        return _of_lightgbm(model)
    given = settings({k: v for k, v in model.get_params(deep=False).items() if v is not None})
    if not kinds.is_fitted(model):
        return given
    if kinds.framework(model) == "xgboost":
        return {**_of_xgboost(model.get_booster(), NATIVE), **given}
    return {**_of_lightgbm(model.booster_), **given}


def features(model: Any) -> int:
    """Return how many columns a native booster expects."""
    if kinds.descends(model, "xgboost.core", "Booster"):
        return int(model.num_features())
    return int(model.num_feature())


def objective(model: Any) -> str:
    """Return what a native booster was trained for, such as ``binary:logistic`` or ``l2``."""
    return str(parameters(model).get("objective", ""))


def _of_xgboost(model: Any, other_names: set[str]) -> Settings:
    configuration = json.loads(model.save_config())
    found = {name: value for name, value in _leaves(configuration) if name not in other_names}
    learner = configuration.get("learner", {})
    found["objective"] = learner.get("objective", {}).get("name", "")
    found["booster"] = learner.get("gradient_booster", {}).get("name", "")
    metrics = [one.get("name", "") for one in learner.get("metrics", ())]
    if metrics:
        found["eval_metric"] = ", ".join(metrics)
    if learner.get("learner_model_param", {}).get("num_class", "0") != "0":
        found["num_class"] = _number(learner["learner_model_param"]["num_class"])
    found["num_boosted_rounds"] = model.num_boosted_rounds()
    for name, value in model.attributes().items():
        found[name] = _number(value)
    return settings(found)


def _leaves(tree: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """Return the single settings in XGBoost's configuration, which are all texts."""
    for name, value in tree.items():
        if name in ASIDE:
            continue
        if isinstance(value, dict):
            yield from _leaves(value)
        elif isinstance(value, list):
            for item in value:
                yield from _leaves(item) if isinstance(item, dict) else ()
        elif isinstance(value, str) and value and name != "name":
            yield name, _number(value)


def _number(text: str) -> int | float | str:
    """Return the number a text spells, as the person wrote it and not as 32 bits hold it."""
    if not NUMBER.match(text):
        return text
    return int(text) if text.lstrip("-").isdigit() else float(f"{float(text):.{DIGITS}g}")


def _of_lightgbm(model: Any) -> Settings:
    found: dict[str, object] = dict(model.params)
    found["num_trees"] = model.num_trees()
    found["best_iteration"] = model.best_iteration
    for data, scores in dict(model.best_score).items():
        for name, value in scores.items():
            found[f"best_score.{data}.{name}"] = value
    return settings(found)
