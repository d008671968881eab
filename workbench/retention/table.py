"""The training data as numbers: one matrix, in which each different text has a number of its own.

Numbers of texts lie far below any measurement, so that a text is never taken for one. Nothing is
copied where the data already is a matrix of 64-bit numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from workbench.errors import InputError
from workbench.retention.keys import Floats
from workbench.training import kinds
from workbench.training.settings import clean

__all__ = ["Book", "Data", "is_sparse", "matrix_of", "texts_of"]

LOWEST = -(2.0**40)  # the number of the first text; each further text is one below
UNKNOWN = -(2.0**39)  # a text or object that the training data does not have
CELLS = 400_000_000  # numbers; more than that is not compared


@dataclass
class Book:
    """The number of each text in the training data; once it is closed, no text is added.

    A text that is not in a closed book is unknown, whichever it is.
    """

    numbers: dict[str, int] = field(default_factory=dict)
    closed: bool = False

    def read(self, cells: Iterable[object]) -> Floats:
        """Return cells as numbers."""
        return np.fromiter((self._number(cell) for cell in cells), dtype=np.float64)

    def _number(self, cell: object) -> float:
        kind = type(cell)
        if kind is float or kind is bool:
            return float(cell)  # type: ignore[arg-type]
        if kind is int:
            return float(cell) if abs(cell) < 2**1000 else UNKNOWN  # type: ignore
        if kind is str or kind is np.str_:
            if not self.closed:
                return LOWEST - self.numbers.setdefault(str(cell), len(self.numbers))
            found = self.numbers.get(str(cell))
            return UNKNOWN if found is None else LOWEST - found
        return _other(cell, kind)


def _other(cell: Any, kind: type) -> float:
    if cell is None or kind.__name__ in ("NAType", "NaTType"):
        return float("nan")
    if issubclass(kind, np.generic) and cell.dtype.kind in "biuf":
        return float(cell)
    if kinds.descends(cell, "datetime", "datetime"):
        return float(np.datetime64(cell.replace(tzinfo=None), "ns").astype(np.int64))
    return UNKNOWN


@dataclass
class Data:
    """Training data as a model was given it, and the same as numbers.

    Attributes:
        rows: what the model was given.
        truth: what it was to predict; ``None`` where nothing was given.
        matrix: of n × columns, dense or CSR; texts are numbers of ``book``.
        names: of its columns.
        targets: of n × 1 or n × several; ``None`` where nothing was given.
        texts: the cells of each column of texts, by the number of the column.
    """

    rows: Any
    truth: Any
    matrix: Any
    names: tuple[str, ...]
    targets: Floats | None
    book: Book
    texts: dict[int, Sequence[object]]

    @property
    def size(self) -> int:
        """How many training rows there are."""
        return int(self.matrix.shape[0])

    @classmethod
    def of(cls, data: Any) -> Data:
        """Return training data, given as ``(X, y)`` or ``X``: table, array, sparse matrix, list.

        Raises:
            InputError: it is none of these, has no row, or rows and targets differ in number.
        """
        rows, truth = data if type(data) is tuple and len(data) == 2 else (data, None)
        book = Book()
        try:
            matrix, names, texts = matrix_of(rows, book)
            targets = None if truth is None else matrix_of(truth, book)[0]
        except Exception as error:  # tables of any library may raise anything
            raise _unusable(f"a {kinds.word(rows)} cannot be read as rows") from error
        if not matrix.shape[0] or not matrix.shape[1]:
            raise _unusable("it has no row or no column")
        if matrix.shape[0] * (1 if is_sparse(matrix) else matrix.shape[1]) > CELLS:
            raise _unusable(f"it has more than {CELLS} numbers")
        if targets is not None and len(targets) != matrix.shape[0]:
            raise _unusable("it has another number of rows than of values to be predicted")
        book.closed = True
        return cls(rows, truth, matrix, names, targets, book, texts)


def _unusable(why: str) -> InputError:
    return InputError(
        f"The training data cannot be compared with the model: {why}.",
        unchanged="Nothing was looked at.",
        hint="Give the table that the model was fitted with, as (X, y) or X.",
    )


def is_sparse(value: object) -> bool:
    """Tell whether a value is a sparse matrix or array of SciPy."""
    return kinds.descends(value, "scipy.sparse._base", "_spbase")


Texts = dict[int, Sequence[object]]


def matrix_of(value: Any, book: Book) -> tuple[Any, tuple[str, ...], Texts]:
    """Return anything table-like as n × columns of numbers, with names and columns of texts.

    Raises:
        Exception: whatever the value raises when it is looked at.
    """
    if is_sparse(value):
        sparse = value.tocsr().copy() if value.format != "csr" else value
        sparse.sum_duplicates()
        return sparse, _numbered(sparse.shape[1]), {}
    if kinds.descends(value, "pandas", "DataFrame"):
        return _of_frame(value, book)
    if kinds.descends(value, "polars", "DataFrame"):
        columns = [value[one].to_numpy() for one in value.columns]
        return _joined(columns, tuple(map(str, value.columns)), book)
    if kinds.descends(value, "pandas", "Series") or kinds.descends(value, "polars", "Series"):
        return _joined([value.to_numpy()], (str(value.name or "column 1"),), book)
    if kinds.descends(value, "torch", "Tensor"):
        value = value.detach().cpu().double().numpy()
    if type(value) is list and value and type(value[0]) is dict:
        return _of_records(value, book)
    return _of_array(_array(value), book)


def _array(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value
    mixed = type(value) in (list, tuple) and any(type(one) is str for one in _cells(value))
    return np.array(value, dtype=object) if mixed else np.asarray(value)


def _cells(value: Any) -> Iterable[object]:
    for one in value[:100]:
        yield from one[:100] if type(one) in (list, tuple) else (one,)


def _numbered(width: int) -> tuple[str, ...]:
    return tuple(f"column {i + 1}" for i in range(width))


def _of_array(array: Any, book: Book) -> tuple[Any, tuple[str, ...], Texts]:
    if array.ndim != 2:
        array = array.reshape(-1, 1) if array.ndim == 1 else array.reshape(len(array), -1)
    names = _numbered(array.shape[1])
    if array.dtype.kind in "biuf":
        return np.asarray(array, dtype=np.float64), names, {}
    return _joined([array[:, i] for i in range(array.shape[1])], names, book)


def _of_frame(frame: Any, book: Book) -> tuple[Any, tuple[str, ...], Texts]:
    names = tuple(clean(str(one)) or "column" for one in frame.columns)
    if all(getattr(one, "kind", "O") in "biuf" for one in frame.dtypes):
        return frame.to_numpy(dtype=np.float64, na_value=np.nan), names, {}
    return _joined([frame.iloc[:, i].to_numpy() for i in range(len(names))], names, book)


def _of_records(records: Any, book: Book) -> tuple[Any, tuple[str, ...], Texts]:
    names = list(dict.fromkeys(str(name) for one in records for name in one))
    columns = [np.array([one.get(name, 0.0) for one in records], object) for name in names]
    return _joined(columns, tuple(clean(name) or "column" for name in names), book)


def _joined(
    columns: list[Any], names: tuple[str, ...], book: Book
) -> tuple[Any, tuple[str, ...], Texts]:
    found = np.empty((len(columns[0]) if columns else 0, len(columns)), dtype=np.float64)
    texts: Texts = {}
    for i, column in enumerate(columns):
        if column.dtype.kind in "biuf":
            found[:, i] = column
        elif column.dtype.kind in "mM":
            found[:, i] = column.astype("datetime64[ns]" if column.dtype.kind == "M" else "int64")
        else:
            cells = texts_of(column)
            found[:, i] = book.read(cells)
            if any(type(one) is str for one in cells):
                texts[i] = cells
    return found, tuple(clean(str(name)) or "column" for name in names), texts


def texts_of(array: Any) -> list[object]:
    """Return the cells of an array of texts or objects; bytes become texts."""
    if array.dtype.kind == "S":
        array = np.char.decode(array, "utf-8", "replace")
    return [str(one) if type(one) is np.str_ else one for one in array.tolist()]
