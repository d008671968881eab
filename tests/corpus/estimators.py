"""Models that people fit every day, small and fitted here."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import xgboost
from sklearn import (
    calibration,
    cluster,
    compose,
    decomposition,
    discriminant_analysis,
    ensemble,
    feature_extraction,
    gaussian_process,
    impute,
    isotonic,
    linear_model,
    model_selection,
    naive_bayes,
    neighbors,
    neural_network,
    pipeline,
    preprocessing,
    svm,
    tree,
)

__all__ = ["ESTIMATORS", "fitted", "rows"]

Make = Callable[[], Any]
COUNT = 60
WORDS = ["fever and cough", "no complaints", "cough at night", "headache and fever"]


def _forest(**more: Any) -> Any:
    return ensemble.RandomForestClassifier(5, random_state=0, **more)


def _table() -> Any:
    numbers = pipeline.make_pipeline(impute.SimpleImputer(), preprocessing.StandardScaler())
    return pipeline.Pipeline([
        ("prepare", compose.ColumnTransformer([
            ("numbers", numbers, ["age", "stay"]),
            ("words", preprocessing.OneHotEncoder(handle_unknown="ignore"), ["ward"]),
        ])),
        ("model", linear_model.LogisticRegression()),
    ])  # fmt: skip


ESTIMATORS: dict[str, Make] = {
    "logistic": linear_model.LogisticRegression,
    "linear": linear_model.LinearRegression,
    "ridge": linear_model.Ridge,
    "lasso": lambda: linear_model.Lasso(alpha=0.01),
    "elastic-net-cv": lambda: linear_model.ElasticNetCV(cv=3),
    "sgd": lambda: linear_model.SGDClassifier(random_state=0, loss="log_loss"),
    "poisson": linear_model.PoissonRegressor,
    "svc": svm.SVC,
    "linear-svc": svm.LinearSVC,
    "one-class": svm.OneClassSVM,
    "neighbours": neighbors.KNeighborsClassifier,
    "outliers": neighbors.LocalOutlierFactor,
    "gaussian-bayes": naive_bayes.GaussianNB,
    "bernoulli-bayes": naive_bayes.BernoulliNB,
    "tree": lambda: tree.DecisionTreeClassifier(random_state=0),
    "forest": _forest,
    "extra-trees": lambda: ensemble.ExtraTreesRegressor(5, random_state=0),
    "boosting": lambda: ensemble.GradientBoostingClassifier(n_estimators=5, random_state=0),
    "histograms": lambda: ensemble.HistGradientBoostingClassifier(max_iter=5, random_state=0),
    "adaboost": lambda: ensemble.AdaBoostClassifier(n_estimators=5, random_state=0),
    "bagging": lambda: ensemble.BaggingClassifier(n_estimators=3, random_state=0),
    "voting": lambda: ensemble.VotingClassifier(
        [("a", linear_model.LogisticRegression()), ("b", _forest())], voting="soft"),
    "stacking": lambda: ensemble.StackingClassifier(
        [("a", linear_model.LogisticRegression()), ("b", naive_bayes.GaussianNB())], cv=3),
    "isolation": lambda: ensemble.IsolationForest(n_estimators=5, random_state=0),
    "network": lambda: neural_network.MLPClassifier((4,), max_iter=2000, random_state=0),
    "gaussian-process": lambda: gaussian_process.GaussianProcessClassifier(random_state=0),
    "discriminant": discriminant_analysis.LinearDiscriminantAnalysis,
    "k-means": lambda: cluster.KMeans(3, n_init=1, random_state=0),
    "components": lambda: decomposition.PCA(2),
    "quantiles": lambda: preprocessing.QuantileTransformer(n_quantiles=10),
    "bins": lambda: preprocessing.KBinsDiscretizer(3, quantile_method="averaged_inverted_cdf"),
    "logarithm": lambda: pipeline.make_pipeline(
        preprocessing.FunctionTransformer(np.abs), linear_model.Ridge()),
    "polynomial": lambda: pipeline.make_pipeline(
        preprocessing.PolynomialFeatures(2), preprocessing.StandardScaler(),
        linear_model.LogisticRegression(max_iter=300)),
    "grid": lambda: model_selection.GridSearchCV(
        linear_model.LogisticRegression(), {"C": [0.1, 1.0]}, cv=3),
    "calibrated": lambda: calibration.CalibratedClassifierCV(_forest(), cv=3),
    "isotonic": isotonic.IsotonicRegression,
    "table": _table,
    "text": lambda: pipeline.make_pipeline(
        feature_extraction.text.TfidfVectorizer(), naive_bayes.MultinomialNB()),
    "xgboost": lambda: xgboost.XGBClassifier(n_estimators=3, max_depth=2, n_jobs=1),
    "lightgbm": lambda: lightgbm.LGBMClassifier(
        n_estimators=3, min_child_samples=5, n_jobs=1, verbose=-1),
}  # fmt: skip


def rows(name: str) -> tuple[Any, Any]:
    """Return what an estimator of this name is fitted to: rows and labels."""
    rng = np.random.default_rng(7)
    numbers = rng.normal(size=(COUNT, 4))
    labels = (numbers[:, 0] + numbers[:, 1] > 0).astype(int)
    if name == "table":
        wards = np.where(labels, "east", "west")
        return pd.DataFrame({"age": numbers[:, 0], "stay": numbers[:, 1], "ward": wards}), labels
    if name == "text":
        return [WORDS[label * 2] for label in labels], labels
    return (numbers[:, 0], labels) if name == "isotonic" else (numbers, labels)


@cache
def fitted(name: str) -> Any:
    """Return an estimator, fitted once."""
    return ESTIMATORS[name]().fit(*rows(name))
