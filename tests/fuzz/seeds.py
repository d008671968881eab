"""Files of each format to start from: a few of the corpus, the smaller ones."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path

from tests.corpus.everything import benign, hostile
from tests.corpus.sample import Benign, Hostile, built
from tests.fuzz.rules import NAMES

__all__ = ["plant", "seeds"]

LARGEST = 8192  # bytes
FORMS = ("skops/logistic", "skops/tree", "pickle-2/", "pickle-5/tree", "joblib/", "joblib-zlib/",
         "joblib-xz/", "npz/", "torch/", "torch-legacy/", "safetensors/", "xgboost/", "lightgbm/",
         "beside/", "pickle/")  # fmt: skip
EACH = 40  # hostile samples of a family at most
OF_A_FORM = 4


@cache
def seeds() -> tuple[tuple[str, bytes], ...]:
    """Return pairs of a file's name and its bytes, the same each time."""
    chosen: list[Hostile | Benign] = []
    counts: Counter[str] = Counter()
    for sample in hostile():
        family = sample.name.partition("/")[0]
        counts[family] += 1
        if counts[family] <= EACH and "bomb" not in sample.name and "many" not in sample.name:
            chosen.append(sample)
    for form in FORMS:
        found = [sample for sample in benign() if sample.name.startswith(form)]
        chosen += found if form == "beside/" else found[:OF_A_FORM]
    pairs: dict[tuple[str, bytes], None] = {}
    with tempfile.TemporaryDirectory(prefix="seeds-") as folder:
        for sample in chosen:
            for path in built(sample, Path(folder)):
                if path.stat().st_size <= LARGEST:
                    pairs[path.name, path.read_bytes()] = None
    return tuple(pairs)


def plant(folder: Path) -> None:
    """Write inputs to start from: the number of a name, then the file."""
    for name, data in seeds():
        fitting = [number for number, known in enumerate(NAMES) if name.endswith(known[-4:])]
        start = bytes([fitting[0] if fitting else 0]) + data
        (folder / hashlib.sha256(start).hexdigest()[:16]).write_bytes(start)
