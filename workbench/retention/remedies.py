"""What to do about what a model keeps, for each kind of model, in plain words."""

from __future__ import annotations

from workbench.findings.retained import Keeping

__all__ = ["remedy", "why"]

NEIGHBOURS = (
    "Offer hosted use only, or train a model that keeps no rows, such as logistic regression or "
    "gradient boosting with min_samples_leaf of at least 20."
)
VECTORS = (
    "A support vector machine needs its support vectors: offer hosted use only, or train a linear "
    "one (LinearSVC, or SGDClassifier after Nystroem on stand-in data), which keeps weights alone."
)
PROCESS = (
    "A Gaussian process needs its training rows: offer hosted use only, or train a ridge "
    "regression on spline or random Fourier features, which keeps weights alone."
)
KERNEL = (
    "A kernel method needs rows to compare with: offer hosted use only, or use RBFSampler, which "
    "draws its features at random, with a linear model."
)
CLUSTERS = "Share the centres of a KMeans with at least {k} people in each cluster instead."
OUTLIERS = (
    "Offer hosted use only, or use an isolation forest with few samples and shallow trees, and "
    "look at its leaves."
)
IMPUTER = "Use IterativeImputer, or SimpleImputer with the median: they keep no rows."
OWN = "Remove it from the model before sharing, then look again."
ROWS = (
    (("KNeighbors", "RadiusNeighbors", "NearestNeighbors", "NeighborsTransformer"), NEIGHBOURS),
    (("KDTree", "BallTree"), NEIGHBOURS),
    (("OneClassSVM", "LocalOutlierFactor", "EllipticEnvelope"), OUTLIERS),
    (("SVC", "SVR"), VECTORS),
    (("GaussianProcess",), PROCESS),
    (("KernelRidge", "KernelPCA", "Nystroem"), KERNEL),
    (("KernelDensity",), "Share a Gaussian mixture with few components instead."),
    (("KNNImputer",), IMPUTER),
    (("DBSCAN", "OPTICS", "AffinityPropagation", "MeanShift", "Birch"), CLUSTERS),
    (("CFSub", "CFNode", "_CF"), CLUSTERS),
    (("LabelPropagation", "LabelSpreading"), "Train a classifier on its labels; share that one."),
    (("Isomap", "TSNE", "MDS", "SpectralEmbedding"), "Share a PCA instead, which keeps no rows."),
    (("PLS", "CCA"), "Delete x_scores_ and y_scores_; predictions do not need them."),
)  # fmt: skip
VALUES = (
    (("QuantileTransformer",), "Use n_quantiles of at most one for every {k} people, or scale."),
    (("KBinsDiscretizer",), "Use fewer bins, with at least {k} people in each."),
    (("_BinMapper", "HistGradient"), "Use max_bins of at most one for every {k} people."),
    (("Isotonic",), "Use a logistic (sigmoid) calibration, which keeps two numbers."),
    (("Spline",), "Use fewer knots, or give knots that are round numbers."),
    (("XGB", "Booster"), "Use max_bin of at most one for every {k} people, and shallow trees."),
)
CATEGORIES = (
    (("OneHot", "Ordinal", "TargetEncoder"), "Replace texts that fewer than {k} people have by one "
     "word such as 'other' before the encoder is fitted; min_frequency={k} groups them in the "
     "output but keeps their names."),
    (("LabelBinarizer", "LabelEncoder"), "Put classes with fewer than {k} people together."),
)  # fmt: skip
WORDS = (
    (("TfidfVectorizer", "CountVectorizer"), "Fit it with min_df={k}, or use HashingVectorizer."),
    (("DictVectorizer",), "Replace texts that fewer than {k} people have before it is fitted, or "
     "use FeatureHasher."),
)  # fmt: skip
TARGETS = (
    (("GaussianProcess",), PROCESS),
    (("Neighbors",), NEIGHBOURS),
    (("PLS", "CCA"), "Delete y_scores_; predictions do not need them."),
)
LEAVES = (
    (("XGB",), "Train with min_child_weight={k}."),
    (("LGBM", "Booster"), "Train with min_data_in_leaf={k}."),
    (("IsolationForest",), "Train with fewer samples for each tree (max_samples)."),
    (("",), "Train with min_samples_leaf={k}."),
)
EXTREMES = (
    (("",), "Cut the data at percentiles that hold at least {k} people before it is fitted, or use "
     "RobustScaler."),
)  # fmt: skip
TABLES: dict[Keeping, tuple[tuple[tuple[str, ...], str], ...]] = {
    Keeping.rows: ROWS,
    Keeping.targets: TARGETS,
    Keeping.values: VALUES,
    Keeping.categories: CATEGORIES,
    Keeping.vocabulary: WORDS,
    Keeping.leaves: LEAVES,
    Keeping.extremes: EXTREMES,
    Keeping.labels: (),
    Keeping.aligned: (),
}
WHY = {
    Keeping.rows: "Whoever gets the model can read these people's records.",
    Keeping.targets: "Whoever gets the model can read what was to be predicted for these people.",
    Keeping.values: "They are real values that fewer than {k} people share.",
    Keeping.categories: "Fewer than {k} people share each of them, so they can name a person.",
    Keeping.vocabulary: "Fewer than {k} people used each of them, so they can name a person.",
    Keeping.leaves: "A prediction from such a leaf rests on fewer than {k} people.",
    Keeping.extremes: "The smallest and the largest value of a column are those of real people.",
    Keeping.labels: "Whoever knows the order of the data can read the class of each person.",
    Keeping.aligned: "If they stand in the order of the data, each can be read for one person.",
}


def remedy(kind: Keeping, owner: str, k: int) -> str:
    """Return what to do about something kept, by the class of the object that keeps it."""
    for names, text in TABLES[kind]:
        if any(name in owner for name in names):
            return text.format(k=k)
    return "" if kind in (Keeping.labels, Keeping.aligned) else OWN


def why(kind: Keeping, k: int) -> str:
    """Return why it matters."""
    return WHY[kind].format(k=k)
