"""Crafted: models of known parts, whose numbers were made up to crash whoever predicts with them.

Compiled code believes what a file says about fields, children and indices, so wrong ones read
memory that is not theirs. No name and no form tells such a file from an honest one: a scanner that
looks at names can only say that it might be one. What loads a model has to look at the numbers.
"""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from collections.abc import Iterator

import numpy as np
import scipy.sparse
import skops.io
from sklearn.neighbors import KDTree

from tests.corpus.estimators import fitted
from tests.corpus.sample import Crafted, several

__all__ = ["crafted"]

FAR = 1 << 40


def _patched(data: bytes, old: bytes, new: bytes) -> bytes:
    if data.count(old) < 1 or len(old) != len(new):
        raise ValueError("there is nothing to replace")
    return data.replace(old, new)


def _tree() -> tuple[bytes, bytes]:
    """The nodes of a fitted tree as they lie in a file, and the same with children far away."""
    nodes = fitted("tree").tree_.__getstate__()["nodes"]
    wrong = nodes.copy()
    wrong["left_child"][0] = FAR
    return nodes.tobytes(), wrong.tobytes()


def _repacked(data: bytes, old: bytes, new: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w") as packed:
        for name in source.namelist():
            packed.writestr(zipfile.ZipInfo(name), source.read(name).replace(old, new))
    return target.getvalue()


def _sparse() -> bytes:
    matrix = scipy.sparse.csr_matrix(np.eye(4))
    indices = matrix.indices.tobytes()
    return _patched(pickle.dumps(matrix), indices, struct.pack("<4i", 0, 1 << 30, 2, 3))


def _ball() -> bytes:
    tree = KDTree(np.arange(8.0).reshape(4, 2))
    index = np.asarray(tree.get_arrays()[1]).tobytes()
    return _patched(pickle.dumps(tree), index, struct.pack("<4q", 0, FAR, 2, 3))


def _histogram() -> bytes:
    model = fitted("histograms")
    nodes = model._predictors[0][0].nodes
    wrong = nodes.copy()
    wrong["left"][0] = 1 << 30
    return _patched(pickle.dumps(model), nodes.tobytes(), wrong.tobytes())


def _histogram_skops() -> bytes:
    nodes = fitted("histograms")._predictors[0][0].nodes
    wrong = nodes.copy()
    wrong["left"][0] = 1 << 30
    return _repacked(skops.io.dumps(fitted("histograms")), nodes.tobytes(), wrong.tobytes())


def crafted() -> Iterator[Crafted]:
    """Wrong children, columns, indices: in pickles, and in files of skops."""
    pickles = {
        "tree": lambda: _patched(pickle.dumps(fitted("tree")), *_tree()),
        "sparse": _sparse,
        "neighbours": _ball,
        "histogram": _histogram,
    }
    for name, data in pickles.items():
        yield Crafted(f"crafted/{name}", "model.pkl", several({"model.pkl": data}))
    files = {
        "tree": lambda: _repacked(skops.io.dumps(fitted("tree")), *_tree()),
        "histogram": _histogram_skops,
    }
    for name, data in files.items():
        yield Crafted(f"crafted/{name}-skops", "model.skops", several({"model.skops": data}))
