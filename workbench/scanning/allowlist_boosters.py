"""Names in pickles of XGBoost and LightGBM, by role."""

from __future__ import annotations

__all__ = ["NAMES"]

NAMES: dict[str, dict[str, str]] = {
    "model": {
        "lightgbm.compat": "_LGBMLabelEncoder",
        "lightgbm.sklearn": "LGBMClassifier LGBMModel LGBMRanker LGBMRegressor",
        "xgboost.compat": "XGBoostLabelEncoder",
        "xgboost.sklearn": (
            "XGBClassifier XGBModel XGBRFClassifier XGBRFRegressor XGBRanker XGBRegressor"
        ),
    },
    "native-model": {
        "lightgbm.basic": "Booster",
        "xgboost.core": "Booster",
    },
}
