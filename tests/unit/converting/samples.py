"""Data and fitted models that the tests of safer forms share."""

from __future__ import annotations

from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import xgboost
from sklearn.ensemble import (
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

RNG = np.random.default_rng(7)
X = RNG.normal(size=(240, 4))
X[3, 1] = np.nan
FULL = np.nan_to_num(X)
Y = (FULL[:, 0] + 0.3 * FULL[:, 1] > 0).astype(int)
NAMES = np.array(["no", "yes"])[Y]
THREE = RNG.integers(0, 3, len(X))
AMOUNT = FULL @ [1.0, -2.0, 0.5, 0.0] + RNG.normal(size=len(X))
FRAME = pd.DataFrame(
    {"age": FULL[:, 0], "dose": FULL[:, 1], "ward": pd.Categorical(RNG.choice(list("abc"), 240))}
)


def of_scikit_learn() -> dict[str, Any]:
    return {
        "logistic": LogisticRegression().fit(FULL, NAMES),
        "linear": LinearRegression().fit(FULL, AMOUNT),
        "pipeline": make_pipeline(StandardScaler(), SVC()).fit(FULL, THREE),
        "forest": RandomForestClassifier(5, random_state=0).fit(FULL, NAMES),
        "boosting": GradientBoostingRegressor(n_estimators=5, random_state=0).fit(FULL, AMOUNT),
        "histograms": HistGradientBoostingClassifier(max_iter=5).fit(X, Y),
        "neighbours": KNeighborsClassifier().fit(FULL, Y),
        "network": MLPClassifier((5,), max_iter=20, random_state=0).fit(FULL, Y),
        "several": MultiOutputClassifier(LogisticRegression()).fit(FULL, np.c_[Y, THREE]),
    }


def of_xgboost() -> dict[str, Any]:
    few: dict[str, Any] = {"n_estimators": 4, "n_jobs": 1}
    native = xgboost.train({"nthread": 1}, xgboost.DMatrix(X, AMOUNT), 3)
    return {
        "classifier": xgboost.XGBClassifier(**few).fit(X, Y),
        "three classes": xgboost.XGBClassifier(**few).fit(X, THREE),
        "regressor": xgboost.XGBRegressor(**few).fit(X, AMOUNT),
        "two targets": xgboost.XGBRegressor(**few).fit(X, np.c_[AMOUNT, Y]),
        "dart": xgboost.XGBRegressor(booster="dart", **few).fit(X, AMOUNT),
        "linear": xgboost.XGBRegressor(booster="gblinear", **few).fit(FULL, AMOUNT),
        "forest": xgboost.XGBRFClassifier(**few).fit(X, Y),
        "stump": xgboost.XGBClassifier(gamma=1e9, **few).fit(X, Y),
        "native": native,
    }


def of_lightgbm() -> dict[str, Any]:
    few: dict[str, Any] = {"n_estimators": 4, "n_jobs": 1, "verbose": -1}
    settings = {"verbose": -1, "num_threads": 1}
    native = lightgbm.train(settings, lightgbm.Dataset(X, AMOUNT), 3)
    sampled = {"boosting_type": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}
    return {
        "classifier": lightgbm.LGBMClassifier(**few).fit(X, NAMES),
        "three classes": lightgbm.LGBMClassifier(**few).fit(X, THREE),
        "regressor": lightgbm.LGBMRegressor(**few).fit(X, AMOUNT),
        "dart": lightgbm.LGBMRegressor(boosting_type="dart", **few).fit(X, AMOUNT),
        "forest": lightgbm.LGBMClassifier(**sampled, **few).fit(X, Y),
        "stump": lightgbm.LGBMRegressor(min_child_samples=500, **few).fit(X, AMOUNT),
        "one way": lightgbm.LGBMRegressor(monotone_constraints=[1, 0, 0, 0], **few).fit(X, AMOUNT),
        "native": native,
    }
