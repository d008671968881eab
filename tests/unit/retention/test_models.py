"""What well-known models keep: each against its own attributes, place and number exactly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import lightgbm
import numpy as np
import pytest
import torch
import xgboost
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import DBSCAN, OPTICS, AffinityPropagation, Birch, KMeans, MiniBatchKMeans
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.covariance import EllipticEnvelope
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import NMF, PCA, FastICA, KernelPCA, TruncatedSVD
from sklearn.discriminant_analysis import (
    LinearDiscriminantAnalysis,
    QuadraticDiscriminantAnalysis,
)
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.feature_selection import SelectKBest
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.kernel_approximation import Nystroem, RBFSampler
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import (
    ElasticNet,
    HuberRegressor,
    Lasso,
    LogisticRegression,
    Perceptron,
    Ridge,
    SGDClassifier,
)
from sklearn.manifold import Isomap
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputRegressor
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import (
    KernelDensity,
    KNeighborsClassifier,
    KNeighborsRegressor,
    LocalOutlierFactor,
    NearestCentroid,
    NearestNeighbors,
    NeighborhoodComponentsAnalysis,
    RadiusNeighborsClassifier,
)
from sklearn.neural_network import BernoulliRBM, MLPClassifier
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import (
    MinMaxScaler,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.semi_supervised import LabelPropagation, LabelSpreading
from sklearn.svm import SVC, SVR, LinearSVC, NuSVC, OneClassSVM
from sklearn.tree import DecisionTreeClassifier

from tests.unit.retention.people import SIZE, X, Y, Z, held
from workbench.findings.retained import Keeping
from workbench.retention.looking import look
from workbench.vocabulary import Verdict

Truth = Callable[[Any], dict[str, set[int]]]
EVERY = set(range(SIZE))


def whole(*places: str) -> Truth:
    """All training rows in each place."""
    return lambda model: dict.fromkeys(places, EVERY)


def attribute(name: str) -> Truth:
    """Those that the attribute has, compared the slow way."""
    return lambda model: {name: held(getattr(model, name))}


def part(place: str, inner: Callable[[Any], Any], given: Callable[[Any], Any] | None = None) -> Any:
    """Those that an array of a part has, compared with what the part was given."""
    return lambda model: {place: held(inner(model), given(model) if given else X)}


def bagged(model: Any) -> dict[str, set[int]]:
    return {
        f"estimators_[{i}]._fit_X": held(one._fit_X, X[:, model.estimators_features_[i]])
        for i, one in enumerate(model.estimators_)
    }


def calibrated(model: Any) -> dict[str, set[int]]:
    return {
        f"calibrated_classifiers_[{i}].estimator.support_vectors_": held(
            one.estimator.support_vectors_
        )
        for i, one in enumerate(model.calibrated_classifiers_)
    }


def birch(model: Any) -> dict[str, set[int]]:
    return {"subcluster_centers_": held(model.subcluster_centers_)}


# How it is trained, and which training rows are where.
KEEPS: dict[str, tuple[Any, Any, Truth]] = {
    "neighbours": (KNeighborsClassifier(), Y, whole("_fit_X")),
    "neighbours brute": (KNeighborsClassifier(algorithm="brute"), Y, whole("_fit_X")),
    "neighbours ball tree": (KNeighborsRegressor(algorithm="ball_tree"), Z, whole("_fit_X")),
    "radius": (RadiusNeighborsClassifier(1e4), Y, whole("_fit_X")),
    "unsupervised": (NearestNeighbors(), None, whole("_fit_X")),
    "outlier factor": (LocalOutlierFactor(novelty=True), None, whole("_fit_X")),
    "density": (KernelDensity(), None, whole("tree_.data")),
    "density ball tree": (KernelDensity(algorithm="ball_tree"), None, whole("tree_.data")),
    "imputer": (KNNImputer(), None, whole("_fit_X")),
    "machine": (SVC(), Y, attribute("support_vectors_")),
    "machine nu": (NuSVC(nu=0.2), Y, attribute("support_vectors_")),
    "machine regression": (SVR(epsilon=1.0), Z, attribute("support_vectors_")),
    "machine one class": (OneClassSVM(nu=0.2), None, attribute("support_vectors_")),
    "process": (GaussianProcessRegressor(), Z, whole("X_train_")),
    "process scaled": (GaussianProcessRegressor(normalize_y=True), Z, whole("X_train_")),
    "process classes": (GaussianProcessClassifier(), Y, whole("base_estimator_.X_train_")),
    "kernel ridge": (KernelRidge(kernel="rbf"), Z, whole("X_fit_")),
    "kernel components": (KernelPCA(3, kernel="rbf"), None, whole("X_fit_")),
    "kernel components linear": (KernelPCA(3), None, whole("X_fit_", "eigenvectors_")),
    "nystroem": (Nystroem(n_components=50), None, attribute("components_")),
    "dbscan": (DBSCAN(60), None, attribute("components_")),
    "affinity": (AffinityPropagation(max_iter=30), None, attribute("cluster_centers_")),
    "birch": (Birch(), None, birch),
    "propagation": (LabelPropagation(), Y, whole("X_")),
    "spreading": (LabelSpreading(), Y, whole("X_")),
    "isomap": (Isomap(), None, whole("nbrs_._fit_X")),
    "least squares": (PLSRegression(), Z, whole("_x_scores")),
    "bag": (BaggingClassifier(KNeighborsClassifier(), 3, max_features=0.5), Y, bagged),
    "calibrated": (CalibratedClassifierCV(SVC(), cv=2), Y, calibrated),
    "search": (
        GridSearchCV(KNeighborsClassifier(), {"n_neighbors": [3]}, cv=2),
        Y,
        whole("best_estimator_._fit_X"),
    ),
    "search in a pipeline": (
        make_pipeline(StandardScaler(), GridSearchCV(SVC(), {"C": [1]}, cv=2)),
        Y,
        part(
            "steps.gridsearchcv.best_estimator_.support_vectors_",
            lambda model: model[-1].best_estimator_.support_vectors_,
            lambda model: model[:-1].transform(X),
        ),
    ),
    "vote": (
        VotingClassifier([("near", KNeighborsClassifier()), ("bayes", GaussianNB())]),
        Y,
        whole("estimators_[0]._fit_X"),
    ),
    "stack": (
        StackingClassifier([("svm", SVC()), ("bayes", GaussianNB())], cv=2),
        Y,
        part("estimators_[0].support_vectors_", lambda m: m.estimators_[0].support_vectors_),
    ),
    "one against rest": (
        OneVsRestClassifier(SVC()),
        Y,
        part("estimators_[0].support_vectors_", lambda m: m.estimators_[0].support_vectors_),
    ),
    "changed target": (
        TransformedTargetRegressor(KNeighborsRegressor()),
        Z,
        whole("regressor_._fit_X"),
    ),
    "several targets": (
        MultiOutputRegressor(KNeighborsRegressor()),
        np.column_stack([Z, Z**2]),
        whole("estimators_[0]._fit_X"),
    ),
    "scaled": (
        make_pipeline(StandardScaler(), KNeighborsClassifier()),
        Y,
        whole("steps.kneighborsclassifier._fit_X"),
    ),
    "scaled twice, rotated": (
        make_pipeline(PowerTransformer(), RobustScaler(), PCA(4), SVC()),
        Y,
        part(
            "steps.svc.support_vectors_",
            lambda model: model[-1].support_vectors_,
            lambda model: model[:-1].transform(X),
        ),
    ),
    "nested pipelines": (
        make_pipeline(make_pipeline(StandardScaler(), MinMaxScaler()), KNeighborsClassifier()),
        Y,
        whole("steps.kneighborsclassifier._fit_X"),
    ),
    "columns": (
        make_pipeline(
            ColumnTransformer([("a", StandardScaler(), [0, 1]), ("b", PowerTransformer(), [4])]),
            KNeighborsClassifier(),
        ),
        Y,
        whole("steps.kneighborsclassifier._fit_X"),
    ),
    "union": (
        make_pipeline(
            FeatureUnion([("a", PCA(2)), ("b", PolynomialFeatures())]), KNeighborsClassifier()
        ),
        Y,
        whole("steps.kneighborsclassifier._fit_X"),
    ),
    "chosen columns": (
        make_pipeline(SelectKBest(k=3), KNeighborsClassifier()),
        Y,
        whole("steps.kneighborsclassifier._fit_X"),
    ),
}  # fmt: skip
KEEPS_NONE: dict[str, tuple[Any, Any]] = {
    "centroids": (NearestCentroid(), Y),
    "means": (KMeans(3, n_init=1), None),
    "means of batches": (MiniBatchKMeans(3, n_init=1), None),
    "ordering": (OPTICS(), None),
    "linear machine": (LinearSVC(), Y),
    "logistic": (LogisticRegression(max_iter=20), Y),
    "ridge": (Ridge(), Z),
    "lasso": (Lasso(), Z),
    "elastic": (ElasticNet(), Z),
    "huber": (HuberRegressor(max_iter=10), Z),
    "perceptron": (Perceptron(), Y),
    "gradient descent": (SGDClassifier(), Y),
    "bayes": (GaussianNB(), Y),
    "discriminant": (LinearDiscriminantAnalysis(), Y),
    "quadratic": (QuadraticDiscriminantAnalysis(), Y),
    "network": (MLPClassifier((20, SIZE), max_iter=5), Y),
    "boltzmann": (BernoulliRBM(n_iter=1), None),
    "mixture": (GaussianMixture(2), None),
    "bayesian mixture": (BayesianGaussianMixture(n_components=2), None),
    "components": (PCA(), None),
    "independent components": (FastICA(max_iter=50), None),
    "truncated": (TruncatedSVD(3), None),
    "factors": (make_pipeline(MinMaxScaler(), NMF(2, max_iter=20)), None),
    "neighbourhood components": (NeighborhoodComponentsAnalysis(max_iter=3), Y),
    "fourier": (make_pipeline(RBFSampler(), LogisticRegression(max_iter=5)), Y),
    "covariance": (EllipticEnvelope(random_state=0), None),
    "median": (SimpleImputer(strategy="median"), None),
    "tree": (DecisionTreeClassifier(), Y),
    "forest": (RandomForestClassifier(20), Y),
    "extra trees": (ExtraTreesClassifier(20), Y),
    "boosting": (GradientBoostingClassifier(n_estimators=10), Y),
    "adaptive boosting": (AdaBoostClassifier(n_estimators=5), Y),
    "isolation": (IsolationForest(n_estimators=20), None),
    "xgboost": (xgboost.XGBClassifier(n_estimators=5, n_jobs=1), Y),
    "lightgbm": (lightgbm.LGBMClassifier(n_estimators=5, verbose=-1, n_jobs=1), Y),
    "quantiles": (QuantileTransformer(n_quantiles=20), None),
}  # fmt: skip


def fitted(model: Any, truth: Any) -> Any:
    np.random.seed(0)  # what scikit-learn draws from
    return model.fit(X) if truth is None else model.fit(X, truth)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", KEEPS)
def test_rows_are_found_where_they_are(name: str) -> None:
    """Place, number and positions are those of the model's own attributes, and no others."""
    model, truth, expected = KEEPS[name]
    fitted(model, truth)
    report = look(model, X if truth is None else (X, truth))
    rows = {one.where: one for one in report.found if one.kind is Keeping.rows}
    if name == "birch":  # the tree of it holds the same centres again, in parts
        rows = {"subcluster_centers_": rows["subcluster_centers_"]}
    want = expected(model)
    assert {place: one.count for place, one in rows.items()} == {
        place: len(each) for place, each in want.items()
    }
    for place, one in rows.items():
        assert one.positions == tuple(sorted(want[place])[:20])
        assert one.of == SIZE
    assert report.rows == len(set().union(*want.values()))
    assert report.verdict is Verdict.failed
    assert report.gaps == ()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", KEEPS_NONE)
def test_models_that_keep_no_rows(name: str) -> None:
    """Nothing is taken for a row, and nothing is left unseen."""
    model, truth = KEEPS_NONE[name]
    fitted(model, truth)
    report = look(model, X if truth is None else (X, truth))
    assert (report.rows, report.targets) == (0, 0)
    assert [one.where for one in report.found if one.kind is Keeping.rows] == []
    assert report.gaps == ()
    assert report.verdict is Verdict.passed


def test_a_cluster_of_one_is_a_row() -> None:
    """The centre of a cluster with one person is that person."""
    outlier = np.vstack([X, X.max(axis=0) * 50])
    model = KMeans(2, n_init=1, random_state=0).fit(outlier)
    [found] = [one for one in look(model, outlier).found if one.kind is Keeping.rows]
    assert (found.where, found.positions) == ("cluster_centers_", (SIZE,))


def test_a_network_with_a_reference_set() -> None:
    """Buffers in single or half precision, and hooks that hold an array."""
    network = torch.nn.Sequential(torch.nn.Linear(X.shape[1], 3))
    assert look(network, X).rows == 0
    network.register_buffer("memory", torch.tensor(X[:20], dtype=torch.float32))
    report = look(network, X)
    assert report.rows == 20
    assert report.found[0].where == "_buffers.memory"
    network.memory = torch.tensor(X[:30]).bfloat16()
    assert look(network, X).rows == 30
    del network.memory
    network.register_forward_hook(lambda *_, kept=X[5:9]: None)
    assert look(network, X).rows == 4


def test_an_optimiser_beside_a_network() -> None:
    """What it remembers of gradients is no row; a batch that somebody left in it is."""
    network = torch.nn.Linear(X.shape[1], 1)
    optimiser = torch.optim.Adam(network.parameters())
    network(torch.tensor(X, dtype=torch.float32)).sum().backward()
    optimiser.step()
    assert look([network, optimiser], X).rows == 0
    optimiser.state[network.weight]["batch"] = torch.tensor(X[:7])
    assert look([network, optimiser], X).rows == 7
