"""The columns of training data, sorted so that a printed word finds the rows that have it.

Nothing is copied out of a table but its order; what is looked up are the words of outputs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from workbench.training import kinds
from workbench.training.settings import clean

__all__ = ["SPLIT", "Column", "Words", "columns_of", "key"]

MAX_COLUMNS = 200
MAX_CELLS = 20_000_000
LONGEST = 6  # words of a text that are compared
MISSING = ("NaN", "nan", "None", "NaT", "<NA>", "null")
EXACT = 17  # digits behind the point of values that have no shorter form
SPLIT = re.compile(r"[\s\[\](){},;|=:'\"]+")
PUNCTUATION = str.maketrans(dict.fromkeys("[](){},;|=:'\"", " "))
NUMBER = re.compile(r"[-+]?(\d+\.?(\d*)|\.(\d+))(?:[eE]([-+]?\d{1,3}))?\Z")


def key(text: object) -> str:
    """Return the words of a text as they stand in a line of output, at most six."""
    return " ".join(str(text)[:1000].translate(PUNCTUATION).split()[:LONGEST])


@dataclass
class Words:
    """The different words of all outputs; those that are numbers also by value.

    ``half`` is half a unit of the last digit that is there, ``digits`` how many are behind the
    point: ``61.20`` stands for anything within 61.195 and 61.205, ``61`` for itself.
    """

    texts: set[str] = field(default_factory=set)
    numbers: list[str] = field(default_factory=list)
    value: Any = None
    half: Any = None
    digits: Any = None

    @classmethod
    def of(cls, lines: Iterable[Iterable[str]]) -> Words:
        """Return the words of lines."""
        numpy = kinds.loaded("numpy")
        words = cls({word for line in lines for word in line})
        rows = []
        for word in sorted(words.texts):
            match = NUMBER.match(word)
            if match:
                words.numbers.append(word)
                power = int(match[4] or 0)
                digits = max(len(match[2] or match[3] or "") - power, 0)
                rows.append((float(word), 0.5 * 10.0**-digits if digits else 1e-9, digits))
        held = numpy.array(rows, dtype=float).reshape(-1, 3)
        words.value, words.half, words.digits = held[:, 0], held[:, 1], held[:, 2]
        return words


@dataclass
class Column:
    """One column: ``order[lo:hi]`` are the rows that have a word, ``rank`` is its inverse."""

    name: str
    order: Any
    rank: Any
    found: dict[str, tuple[int, int]]
    is_text: bool
    different: int = 0
    low: float = 0.0
    high: float = 0.0

    def filled(self, digits: int) -> float:
        """Return how many of the numbers there could be between lowest and highest there are."""
        return self.different / ((self.high - self.low) * 10.0**digits + 1)

    @property
    def counts_up(self) -> bool:
        """It numbers the rows, as an index does."""
        return self.different == len(self.order) and self.low in (0, 1) and self.filled(0) == 1


def columns_of(name: str, value: object, words: Words) -> tuple[list[Column], list[str]]:
    """Return the columns of a table or array, and a sentence for what was left out."""
    parts = _arrays(name, value)
    if parts is None:
        return [], [f"Outputs were not compared with {clean(name)}, a {kinds.word(value)}."]
    gaps = []
    if len(parts) > MAX_COLUMNS:
        gaps.append(f"Outputs were compared with the first {MAX_COLUMNS} columns of {clean(name)}.")
        parts = parts[:MAX_COLUMNS]
    fits = MAX_CELLS // max(len(parts), 1)
    if parts and len(parts[0][1]) > fits:
        gaps.append(f"Outputs were compared with the first {fits} rows of {clean(name)}.")
    found = []
    for title, array in parts:
        try:
            found.append(_column(title, array[:fits], words))
        except Exception:  # cells can be anything, and may raise when they are looked at
            gaps.append(f"Outputs were not compared with the column {clean(title)}.")
    return found, gaps


def _arrays(name: str, value: Any) -> list[tuple[str, Any]] | None:
    """Return the columns of anything table-like as arrays by name."""
    numpy = kinds.loaded("numpy")
    try:
        if kinds.descends(value, "pandas", "DataFrame"):
            titles = [str(title) for title in value.columns]
            return [(one, value.iloc[:, i].to_numpy()) for i, one in enumerate(titles)]
        if kinds.descends(value, "pandas", "Series") or kinds.descends(value, "polars", "Series"):
            return [(str(value.name or name), value.to_numpy())]
        if kinds.descends(value, "polars", "DataFrame"):
            return [(one, value[one].to_numpy()) for one in value.columns]
        if kinds.descends(value, "torch", "Tensor"):
            value = value.detach().cpu().numpy()
        if type(value) is list:
            value = numpy.asarray(value)
        if isinstance(value, numpy.ndarray) and value.ndim == 1:
            return [(name, value)]
        if isinstance(value, numpy.ndarray) and value.ndim == 2:
            return [(f"column {i + 1}", value[:, i]) for i in range(value.shape[1])]
    except Exception:  # a user's object may raise anything when it is looked at
        return None
    return None


def _column(name: str, array: Any, words: Words) -> Column:
    if array.dtype.kind in "iuf":
        return _of_numbers(name, array, words)
    if array.dtype.kind == "O" and len(array) and type(array[0]) in (int, float):
        try:
            return _of_numbers(name, array.astype(float), words)
        except (TypeError, ValueError):
            return _of_texts(name, array, words)
    if array.dtype.kind == "M":
        array = array.astype("datetime64[D]").astype(str)
    return _of_texts(name, array, words)


def _of_numbers(name: str, array: Any, words: Words) -> Column:
    numpy = kinds.loaded("numpy")
    values = array.astype(float)
    order = numpy.argsort(values, kind="stable")
    ordered = values[order]
    there = int(numpy.isfinite(ordered).sum())
    ordered = ordered[:there]
    low, high = (float(ordered[0]), float(ordered[-1])) if there else (0.0, 0.0)
    half = words.half
    if array.dtype.itemsize == 4 and array.dtype.kind == "f":  # its shortest form is no shorter
        half = numpy.maximum(half, numpy.abs(words.value) * 1e-7)
    half = half + numpy.abs(words.value) * 1e-12
    start = numpy.searchsorted(ordered, words.value - half, "left")
    end = numpy.searchsorted(ordered, words.value + half, "right")
    # A column of whole numbers is not printed as 18.000000; a table of statistics is.
    real = (end > start) & (words.digits <= max(_digits(ordered), 1))
    found = {
        words.numbers[i]: (int(start[i]), int(end[i])) for i in numpy.flatnonzero(real).tolist()
    }
    if there < len(order):
        found |= dict.fromkeys(MISSING, (there, len(order)))
    different = int((numpy.diff(ordered) > 0).sum()) + 1 if there else 0
    return Column(name, order, _inverse(order), found, False, different, low, high)


def _digits(ordered: Any) -> int:
    """Return how many digits behind the point values have, of up to 2000 of them."""
    numpy = kinds.loaded("numpy")
    sample = ordered[:: max(len(ordered) // 2000, 1)]
    for digits in range(7):
        scaled = sample * 10.0**digits
        if numpy.all(numpy.abs(scaled - numpy.rint(scaled)) <= 1e-6 * numpy.maximum(1, scaled)):
            return digits
    return EXACT


def _of_texts(name: str, array: Any, words: Words) -> Column:
    numpy, pandas = kinds.loaded("numpy"), kinds.loaded("pandas")
    if pandas is not None:
        codes, values = pandas.factorize(array)
    else:
        values, codes = numpy.unique(array.astype(str), return_inverse=True)
    spelled: dict[str, int] = {}
    ids = [spelled.setdefault(key(value), len(spelled)) for value in values]
    codes = numpy.array([*ids, -1], dtype=numpy.int64)[codes]
    order = numpy.argsort(codes, kind="stable")
    ordered = codes[order]
    seen = [(text, number) for text, number in spelled.items() if text in words.texts]
    numbers = numpy.array([number for _, number in seen], dtype=numpy.int64)
    start = numpy.searchsorted(ordered, numbers, "left").tolist()
    end = numpy.searchsorted(ordered, numbers, "right").tolist()
    found = {text: (start[i], end[i]) for i, (text, _) in enumerate(seen)}
    missing = int(numpy.searchsorted(ordered, -1, "right"))
    if missing:
        found |= dict.fromkeys(MISSING, (0, missing))
    return Column(name, order, _inverse(order), found, True, len(spelled))


def _inverse(order: Any) -> Any:
    numpy = kinds.loaded("numpy")
    rank = numpy.empty(len(order), dtype=numpy.int32)
    rank[order] = numpy.arange(len(order), dtype=numpy.int32)
    return rank
