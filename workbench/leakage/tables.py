"""Rows of data in whatever form a model takes them: chosen, put together, recognised.

Arrays of n × anything, tables of pandas and polars, sparse matrices, tensors, and lists.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.training import kinds

__all__ = [
    "coded",
    "column",
    "count",
    "identical",
    "join",
    "labels",
    "names",
    "numbers",
    "replaced",
    "take",
]

MOST_NUMBERS = 50_000_000  # values that are copied into one matrix
Floats = NDArray[np.float64]
Places = NDArray[np.int64]


def count(rows: Any) -> int:
    """Return how many rows there are."""
    shape = getattr(rows, "shape", None)
    return int(shape[0]) if shape is not None else len(rows)


def take(rows: Any, places: Places) -> Any:
    """Return the rows at ``places``, in the form they came in."""
    if _is_pandas(rows):
        return rows.iloc[places]
    if isinstance(rows, list | tuple):
        return [rows[place] for place in places.tolist()]
    if _is_sparse(rows):
        return rows.tocsr()[places]
    return rows[places]


def join(first: Any, second: Any) -> Any:
    """Return the rows of two, one below the other, in the form of the first."""
    if _is_pandas(first):
        return _loaded("pandas").concat([first, second], ignore_index=True)
    if kinds.descends(first, "polars", "DataFrame") or kinds.descends(first, "polars", "Series"):
        return _loaded("polars").concat([first, second])
    if kinds.descends(first, "torch", "Tensor"):
        return _loaded("torch").cat([first, second])
    if isinstance(first, list | tuple):
        return [*first, *second]
    if _is_sparse(first):
        return _loaded("scipy.sparse").vstack([first, second], format="csr")
    return np.concatenate([np.asarray(first), np.asarray(second)])


def labels(truth: Any) -> NDArray[Any]:
    """Return what is true of the rows as an array of n, or of n × something if it is that."""
    if kinds.descends(truth, "torch", "Tensor"):
        truth = truth.detach().cpu().numpy()
    values = np.asarray(getattr(truth, "to_numpy", lambda: truth)())
    return values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values


def names(rows: Any) -> list[str]:
    """Return the names of columns; their numbers where they have none; nothing for other forms."""
    columns = getattr(rows, "columns", None)
    if columns is not None:
        return [str(column) for column in columns]
    shape: tuple[Any, ...] = getattr(rows, "shape", ())
    return [str(number) for number in range(int(shape[1]))] if len(shape) == 2 else []


def column(rows: Any, name: str) -> NDArray[Any]:
    """Return the values of a column that :func:`names` lists."""
    place = names(rows).index(name)
    if kinds.descends(rows, "pandas", "DataFrame"):
        return np.asarray(rows.iloc[:, place])
    if kinds.descends(rows, "polars", "DataFrame"):
        return np.asarray(rows[:, place].to_numpy())
    values = rows[:, place]
    return labels(values.toarray() if _is_sparse(rows) else values)


def replaced(rows: Any, name: str, value: Any) -> Any | None:
    """Return a copy with ``value`` in all of a column; ``None`` for forms other than table, array.

    The column keeps its type, or the model would not take the copy.
    """
    place = names(rows).index(name)
    if kinds.descends(rows, "pandas", "DataFrame"):
        copy = rows.copy()
        same = [value] * len(rows)
        kept = rows.iloc[:, place].dtype
        copy.isetitem(place, _loaded("pandas").Series(same, index=rows.index, dtype=kept))
        return copy
    if isinstance(rows, np.ndarray) and rows.ndim == 2:
        array = rows.copy()
        array[:, place] = value
        return array
    return None


def identical(rows: Any) -> Places:
    """Return a number for each row; rows that are the same have the same number."""
    if kinds.descends(rows, "pandas", "DataFrame") or kinds.descends(rows, "pandas", "Series"):
        try:
            hashed = _loaded("pandas").util.hash_pandas_object(rows, index=False).to_numpy()
        except TypeError:  # a column of lists or other things without a hash
            return np.arange(count(rows))
        return _numbered(hashed)
    if _is_sparse(rows):
        return _first_seen(_sparse_rows(rows))
    if isinstance(rows, list | tuple):
        return _first_seen(rows)
    values = np.asarray(getattr(rows, "to_numpy", lambda: rows)())
    values = values.reshape(len(values), -1)
    if values.dtype.kind not in "biuf":
        return _first_seen(tuple(row) for row in values.tolist())
    whole = np.ascontiguousarray(values + values.dtype.type(0))  # no zero is below zero
    return _numbered(whole.view(np.dtype((np.void, whole.dtype.itemsize * whole.shape[1])))[:, 0])


def numbers(rows: Any) -> Floats | None:
    """Return rows as n × m finite numbers, or ``None`` where they are anything else."""
    if _is_sparse(rows):
        if rows.shape[0] * rows.shape[1] > MOST_NUMBERS:
            return None
        rows = rows.toarray()
    try:
        if _is_pandas(rows) and any(kind.kind not in "biuf" for kind in rows.dtypes):
            return None
        values = np.asarray(getattr(rows, "to_numpy", lambda: rows)())
        if values.dtype.kind not in "biuf" or values.size > MOST_NUMBERS or values.ndim < 2:
            return None
        values = values.reshape(len(values), -1).astype(np.float64)
    except (TypeError, ValueError, AttributeError):
        return None
    return values if bool(np.isfinite(values).all()) else None


def coded(rows: Any, truth: NDArray[Any]) -> Floats:
    """Return all named columns, and the truth last, as numbers that trees can split.

    Texts and categories get the place of their value in the order of all; what is missing gets the
    median.
    """
    parts = [column(rows, name) for name in names(rows)]
    return np.column_stack([_codes(part) for part in [*parts, truth]])


def _codes(values: NDArray[Any]) -> Floats:
    if values.dtype.kind in "biuf":
        known = values.astype(np.float64)
        usual = np.median(known[np.isfinite(known)]) if np.isfinite(known).any() else 0.0
        filled: Floats = np.where(np.isfinite(known), known, usual)
        return filled
    return np.unique(values.astype(str), return_inverse=True)[1].astype(np.float64)


def _numbered(values: NDArray[Any]) -> Places:
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def _first_seen(rows: Iterable[Any]) -> Places:
    seen: dict[Hashable, int] = {}
    found = []
    for place, row in enumerate(rows):
        try:
            found.append(seen.setdefault(row, place))
        except TypeError:  # a row without a hash is like no other
            found.append(place)
    return np.array(found, dtype=np.int64)


def _sparse_rows(rows: Any) -> Iterable[Hashable]:
    whole = rows.tocsr(copy=True)
    whole.sum_duplicates()
    whole.eliminate_zeros()
    for start, end in zip(whole.indptr[:-1], whole.indptr[1:], strict=True):
        yield whole.indices[start:end].tobytes(), whole.data[start:end].tobytes()


def _is_pandas(rows: Any) -> bool:
    return kinds.descends(rows, "pandas", "DataFrame") or kinds.descends(rows, "pandas", "Series")


def _is_sparse(rows: Any) -> bool:
    sparse = kinds.loaded("scipy.sparse")
    return sparse is not None and bool(sparse.issparse(rows))


def _loaded(module: str) -> Any:
    """Return the library that an object in hand is of."""
    return kinds.loaded(module)
