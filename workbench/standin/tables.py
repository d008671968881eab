"""DataFrames, dicts of arrays and structured arrays: taken apart into columns, put together again.

pandas is used where the caller's table is one of pandas, and is not needed otherwise.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workbench.errors import InputError

__all__ = ["MOST_COLUMNS", "Bools", "Raw", "Table", "opened"]

MOST_COLUMNS: Final = 2000

Bools = NDArray[np.bool_]
Column = NDArray[Any]


@dataclass(frozen=True)
class Raw:
    """A column as it came.

    Attributes:
        name: for people; how it is called in the table.
        values: as numpy keeps them: numbers, booleans, dates, or objects; of no meaning where
            ``missing``.
        missing: which rows have no value.
        holds_missing: whether its type could hold a missing value.
        levels: of a categorical column the categories in their order, if that means something.
        restore: makes a column of the original type of new values and of what is missing.
        holds_texts: whether its type could hold made-up texts.
    """

    name: str
    values: Column
    missing: Bools
    holds_missing: bool
    levels: tuple[Any, ...] | None
    restore: Callable[[Column, Bools], Any]
    holds_texts: bool = True


@dataclass(frozen=True)
class Table:
    """A table's columns, and what puts new ones together to a table of the same kind."""

    columns: tuple[Raw, ...]
    rows: int
    build: Callable[[Sequence[Any]], Any]


def opened(table: Any) -> Table:
    """Return the columns of a pandas DataFrame, a dict of arrays or a structured array.

    Raises:
        InputError: another type, columns of different lengths, or too many of them.
    """
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(table, pandas.DataFrame):
        found = _of_pandas(table, pandas)
    elif isinstance(table, Mapping):
        arrays = {str(name): np.asarray(one) for name, one in table.items()}
        names = list(table)
        found = _of_arrays(arrays, lambda made: dict(zip(names, made, strict=True)))
    elif isinstance(table, np.ndarray) and table.dtype.names:
        kept = table.dtype
        arrays = {name: table[name] for name in table.dtype.names}
        found = _of_arrays(arrays, lambda made: _structured(kept, made))
    else:
        raise InputError(
            "Stand-in data can be made for a DataFrame, a dict of arrays or a structured array.",
            hint="Put the columns into a dict: {'age': …, 'sex': …}.",
        )
    if not 0 < len(found.columns) <= MOST_COLUMNS:
        raise InputError(f"A table for a stand-in has 1 to {MOST_COLUMNS} columns.")
    if any(len(one.values) != found.rows for one in found.columns):
        raise InputError("The columns of the table have different lengths.")
    return found


def _structured(dtype: Any, made: Sequence[Any]) -> Any:
    array = np.zeros(len(made[0]), dtype=dtype)
    for name, one in zip(dtype.names, made, strict=True):
        array[name] = one
    return array


def _of_arrays(arrays: Mapping[str, Column], build: Callable[[Sequence[Any]], Any]) -> Table:
    columns = tuple(_of_array(name, one) for name, one in arrays.items())
    return Table(columns, len(columns[0].values) if columns else 0, build)


def _of_array(name: str, array: Column) -> Raw:
    if array.ndim != 1:
        raise InputError(f"The column {name} has more than one dimension.")
    if array.dtype.kind not in "biufcMmOUS":
        raise InputError(f"The column {name} has a type for which nothing can be made up.")
    if array.dtype.kind in "fc":
        missing = np.isnan(array)
    elif array.dtype.kind in "Mm":
        missing = np.isnat(array)
    elif array.dtype.kind == "O":
        missing = np.array([one is None or _is_nan(one) for one in array], bool)
    else:
        missing = np.zeros(len(array), bool)
    dtype = array.dtype
    if dtype.kind in "Mm":  # counted in ones, and by this computer's order of bytes
        unit = np.datetime_data(dtype)[0]
        array = array.astype(f"{dtype.kind}8[{unit}]" if unit != "generic" else dtype.kind + "8")

    def restore(values: Column, gone: Bools) -> Column:
        made = values.astype(dtype.kind if dtype.kind in "US" else dtype)  # of any length
        if gone.any():
            made[gone] = {"f": np.nan, "c": np.nan, "M": np.datetime64("NaT")}.get(dtype.kind)
        return made

    return Raw(name, array, missing, dtype.kind in "fcMmO", None, restore, dtype.kind in "OUS")


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and value != value


def _of_pandas(frame: Any, pandas: Any) -> Table:
    names = frame.columns
    columns = tuple(_of_series(str(names[i]), frame.iloc[:, i], pandas) for i in range(len(names)))

    def build(made: Sequence[Any]) -> Any:
        whole = pandas.DataFrame(dict(enumerate(made)))
        whole.columns = names
        return whole

    return Table(columns, len(frame), build)


def _of_series(name: str, series: Any, pandas: Any) -> Raw:
    dtype = series.dtype
    missing = series.isna().to_numpy(dtype=bool)
    if isinstance(dtype, pandas.CategoricalDtype):
        values = series.astype(object).to_numpy()
        ordered = tuple(dtype.categories) if dtype.ordered else None

        def categorical(made: Column, gone: Bools) -> Any:
            # Only categories that are used, or the rare ones would be in the type.
            used = set(made[~gone].tolist())
            kept = [one for one in ordered or () if one in used] or sorted(used, key=str)
            whole = [None if lost else one for one, lost in zip(made.tolist(), gone, strict=True)]
            return pandas.Series(pandas.Categorical(whole, kept, ordered=ordered is not None))

        return Raw(name, values, missing, True, ordered, categorical)
    if isinstance(dtype, pandas.DatetimeTZDtype):
        zone = dtype.tz
        values = series.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()

        def zoned(made: Column, gone: Bools) -> Any:
            made = made.astype(values.dtype)
            made[gone] = np.datetime64("NaT")
            return pandas.Series(made).dt.tz_localize("UTC").dt.tz_convert(zone)

        return Raw(name, values, missing, True, None, zoned)
    if isinstance(dtype, np.dtype):
        plain = _of_array(name, series.to_numpy())

        def same(made: Column, gone: Bools) -> Any:
            return pandas.Series(plain.restore(made, gone), dtype=dtype)

        texts = plain.holds_texts
        return Raw(name, plain.values, missing, plain.holds_missing, None, same, texts)
    texts = pandas.api.types.is_string_dtype(dtype)
    values = _extension(series, pandas)
    return Raw(name, values, missing, True, None, _restored(dtype, pandas), texts)


def _extension(series: Any, pandas: Any) -> Column:
    """Return the values of one of pandas' own types as numpy would keep them, 0 where missing."""
    types = pandas.api.types
    if types.is_bool_dtype(series.dtype):
        return np.asarray(series.to_numpy(dtype=bool, na_value=False))
    if types.is_integer_dtype(series.dtype):
        whole = np.uint64 if types.is_unsigned_integer_dtype(series.dtype) else np.int64
        return np.asarray(series.to_numpy(dtype=whole, na_value=0))
    if types.is_float_dtype(series.dtype):
        return np.asarray(series.to_numpy(dtype=np.float64, na_value=np.nan))
    if types.is_datetime64_any_dtype(series.dtype):
        return np.asarray(series.to_numpy(dtype="datetime64[ns]"))
    return np.asarray(series.astype(object).to_numpy())


def _restored(dtype: Any, pandas: Any) -> Callable[[Column, Bools], Any]:
    def restore(values: Column, gone: Bools) -> Any:
        whole = values.astype(object)
        whole[gone] = None
        try:
            return pandas.Series(pandas.array(whole.tolist(), dtype=dtype))
        except (TypeError, ValueError):
            if not gone.all():
                raise
            return pandas.Series(whole)  # intervals of whole numbers have no gaps

    return restore
