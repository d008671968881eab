"""Cells that train models, for tests of what was seen of it."""

from __future__ import annotations

from tests.unit.capture.notebook import Notebook
from workbench.capture.fitting import Fitted

__all__ = ["DATA", "FIT", "IMPORTS", "SPLIT", "TEST", "TRAIN", "WHOLE", "fitted"]

IMPORTS = """import copy
import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.metrics import accuracy_score, confusion_matrix, roc_auc_score
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score, train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler"""
DATA = """rng = np.random.default_rng(0)
df = pd.DataFrame(rng.normal(size=(60, 3)), columns=["a", "b", "c"])
df["y"] = (df.a + df.b > 0).astype(int)
X = df[["a", "b", "c"]]
y = df["y"]"""
SPLIT = "X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)"
FIT = "model = GaussianNB().fit(X_train, y_train)"
TRAIN = ("X_train", "y_train")
TEST = ("X_test", "y_test")
WHOLE = ("X", "y")


def fitted(notebook: Notebook, *cells: str, name: str = "model") -> Fitted:
    notebook.ok(IMPORTS, DATA, *cells)
    return notebook.tracker.fitted_on(notebook.shell.user_ns[name])
