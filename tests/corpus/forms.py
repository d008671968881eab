"""Every estimator in every form it is kept in."""

from __future__ import annotations

import io
import pickle
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import skops.io

from tests.corpus.estimators import ESTIMATORS, fitted
from tests.corpus.sample import Benign, several

__all__ = ["estimators"]

ALLOWED = frozenset({"allowed"})
SAFE = frozenset({"safe"})
EITHER = SAFE | ALLOWED  # types that skops has its doubts about need a person's yes
COMPRESSED = ("zlib", "gzip", "bz2", "lzma", "xz")


def _joblib(thing: Any, compress: Any = 0, protocol: int | None = None) -> bytes:
    target = io.BytesIO()
    joblib.dump(thing, target, compress=compress, protocol=protocol)
    return target.getvalue()


def _saved(thing: Any, ending: str) -> bytes:
    """What a library writes only into a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"model{ending}"
        thing.save_model(path)
        return path.read_bytes()


def _parameters(thing: Any) -> bytes:
    """The fitted arrays of an estimator, as people keep them without any class."""
    target = io.BytesIO()
    arrays = {
        k: v for k, v in vars(thing).items() if isinstance(v, np.ndarray) and v.dtype != object
    }
    np.savez(target, **(arrays or {"empty": np.zeros(1)}))
    return target.getvalue()


def _pickles(name: str) -> Iterator[tuple[str, str, Callable[[], bytes]]]:
    for protocol in range(2, 6):
        yield f"pickle-{protocol}", "model.pkl", lambda p=protocol: pickle.dumps(fitted(name), p)
    yield "joblib", "model.joblib", lambda: _joblib(fitted(name))
    yield "joblib-2", "model.joblib", lambda: _joblib(fitted(name), 0, 2)
    for way in COMPRESSED:
        yield f"joblib-{way}", "model.joblib", lambda w=way: _joblib(fitted(name), (w, 3))


def estimators() -> Iterator[Benign]:
    """Pickles and joblib files are allowed; skops, arrays and the boosters' own forms are safe."""
    for name in ESTIMATORS:
        for form, file, data in _pickles(name):
            yield Benign(f"{form}/{name}", ALLOWED, several({file: data}))
        skopsed = {"model.skops": lambda n=name: skops.io.dumps(fitted(n))}
        yield Benign(f"skops/{name}", EITHER, several(skopsed))
        arrays = {"parameters.npz": lambda n=name: _parameters(fitted(n))}
        yield Benign(f"npz/{name}", SAFE, several(arrays))
    yield from _boosters()


def _boosters() -> Iterator[Benign]:
    for ending in (".json", ".ubj"):
        data = {f"model{ending}": lambda e=ending: _saved(fitted("xgboost"), e)}
        yield Benign(f"xgboost/{ending[1:]}", SAFE, several(data))
    booster = {"booster.pkl": lambda: pickle.dumps(fitted("xgboost").get_booster())}
    yield Benign("xgboost/booster-pickle", ALLOWED, several(booster))
    text = {"model.txt": lambda: fitted("lightgbm").booster_.model_to_string().encode()}
    yield Benign("lightgbm/text", SAFE, several(text))
    booster = {"booster.pkl": lambda: pickle.dumps(fitted("lightgbm").booster_)}
    yield Benign("lightgbm/booster-pickle", ALLOWED, several(booster))
    held = {"columns": ["age", "stay"], "threshold": 0.5}
    bundle = {"bundle.joblib": lambda: _joblib({**held, "model": fitted("logistic")})}
    yield Benign("joblib/bundle", ALLOWED, several(bundle))
    zeros = {"sparse.joblib": lambda: _joblib(np.zeros(2_500_000), 3)}
    yield Benign("joblib/zeros", ALLOWED | SAFE, several(zeros))
