"""Tables come back as what they were, whatever their columns are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from workbench.errors import InputError
from workbench.standin.making import synthetic
from workbench.standin.tables import opened

COUNT = 200
CHANCE = np.random.default_rng(0)
WHOLE = CHANCE.integers(0, 1000, COUNT) // 3
GAPS = CHANCE.random(COUNT) < 0.2


def gapped(values: Any, dtype: Any) -> Any:
    return pd.Series([None if g else v for v, g in zip(values, GAPS, strict=True)], dtype=dtype)


COLUMNS = {
    "int64": pd.Series(WHOLE),
    "int8": pd.Series(WHOLE % 100, dtype="int8"),
    "uint16": pd.Series(WHOLE, dtype="uint16"),
    "Int64": gapped(WHOLE, "Int64"),
    "float64": pd.Series(CHANCE.normal(size=COUNT)),
    "float32 with gaps": gapped(CHANCE.normal(size=COUNT), "float32"),
    "Float64": gapped(CHANCE.normal(size=COUNT), "Float64"),
    "bool": pd.Series(CHANCE.random(COUNT) < 0.5),
    "boolean": gapped(CHANCE.random(COUNT) < 0.5, "boolean"),
    "objects of bool": gapped(CHANCE.random(COUNT) < 0.5, object),
    "objects of numbers": gapped(CHANCE.normal(size=COUNT), object),
    "str": gapped(CHANCE.choice(["x", "y"], COUNT), "str"),
    "string": gapped(CHANCE.choice(["x", "y"], COUNT), "string"),
    "object": gapped(CHANCE.choice(["x", "y"], COUNT), object),
    "category": gapped(CHANCE.choice(["x", "y"], COUNT), "category"),
    "ordered": gapped(
        CHANCE.choice(["x", "y"], COUNT), pd.CategoricalDtype(["y", "x"], ordered=True)
    ),
    "datetime64[s]": pd.Series(np.datetime64("2020-01-01", "s") + WHOLE.astype("timedelta64[D]")),
    "datetime64[ns]": gapped(np.datetime64("2020-01-01", "ns") + WHOLE, "datetime64[ns]"),
    "zoned": gapped(
        pd.to_datetime("2020-01-01") + pd.to_timedelta(WHOLE, "h"), "datetime64[us, Asia/Tokyo]"
    ),
    "timedelta64[ns]": pd.Series(pd.to_timedelta(WHOLE, "h")),
    "nothing": pd.Series([np.nan] * COUNT),
    "nothing at all": pd.Series([None] * COUNT, dtype=object),
    "lists": pd.Series([[1, 2]] * COUNT),
    "identifiers": pd.Series([f"id{i}" for i in range(COUNT)]),
    "complex": pd.Series(CHANCE.normal(size=COUNT) * 1j),
    "UInt64": gapped(np.uint64(2**64 - 1) - WHOLE.astype(np.uint64), "UInt64"),
    "periods": pd.Series(pd.period_range("2020", periods=COUNT, freq="D")),
    "intervals": pd.Series(pd.interval_range(0.0, float(COUNT))),
}


@pytest.mark.parametrize("level", ["schema", "marginals", "copula"])
@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_keeps_its_type(name: str, level: Any) -> None:
    frame = pd.DataFrame({name: COLUMNS[name], "other": CHANCE.normal(size=COUNT)})
    made = synthetic(frame, level, seed=3).frame
    assert isinstance(made, pd.DataFrame)
    assert list(made.columns) == [name, "other"]
    assert made[name].dtype.kind == frame[name].dtype.kind
    if name == "category":
        assert set(made[name].cat.categories) <= ({"a", "b"} if level == "schema" else {"x", "y"})
    elif name == "ordered":
        assert made[name].cat.ordered
        if level != "schema":
            assert list(made[name].cat.categories) == ["y", "x"]
    else:
        assert made[name].dtype == frame[name].dtype
    if name in ("periods", "intervals", "complex"):
        assert made[name].isna().all()  # left empty: nothing can be made up of their type
    elif level != "schema" and "nothing" not in name and name != "lists":
        assert abs(made[name].isna().mean() - frame[name].isna().mean()) < 0.15


def test_names_can_be_anything_and_the_same() -> None:
    frame = pd.DataFrame(CHANCE.normal(size=(50, 3)), columns=["a", "a", 7])
    assert list(synthetic(frame, "copula").frame.columns) == ["a", "a", 7]


def test_a_dict_of_arrays() -> None:
    table = {"age": WHOLE, "sex": np.array(["F", "M"] * 100), 3: [0.5] * COUNT}
    for level in ("schema", "copula"):
        made = synthetic(table, level).frame  # type: ignore[arg-type]
        assert list(made) == ["age", "sex", 3]
        assert made["age"].dtype == WHOLE.dtype
        assert made["sex"].dtype.kind == "U"
    assert set(made["sex"]) == {"F", "M"}
    assert set(made[3]) == {0.5}


def test_a_structured_array() -> None:
    table = np.zeros(COUNT, dtype=[("age", "i2"), ("bmi", "f4"), ("sex", "U1")])
    table["age"], table["bmi"], table["sex"] = WHOLE, CHANCE.normal(25, 3, COUNT), "F"
    table["bmi"][GAPS] = np.nan
    made = synthetic(table, "copula").frame
    assert made.dtype == table.dtype
    assert set(made["sex"]) == {"F"}
    assert 0 < np.isnan(made["bmi"]).sum() < COUNT / 2


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([1, 2, 3], "a DataFrame, a dict of arrays or a structured array"),
        (np.zeros((3, 3)), "a DataFrame, a dict of arrays or a structured array"),
        ({}, "1 to 2000 columns"),
        ({"a": np.zeros(3), "b": np.zeros(4)}, "different lengths"),
        ({"a": np.zeros((3, 3))}, "more than one dimension"),
        ({"a": np.zeros(3, dtype="V4")}, "a type for which nothing can be made up"),
        (pd.DataFrame(np.zeros((2, 2001))), "1 to 2000 columns"),
    ],
)
def test_other_tables_are_refused(table: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        opened(table)


def test_what_has_no_gaps_and_cannot_be_made_up_is_objects() -> None:
    """Intervals of whole numbers: a column of nothing, and no error."""
    table = pd.DataFrame({"a": pd.interval_range(0, COUNT), "b": CHANCE.normal(size=COUNT)})
    for level in ("schema", "marginals"):
        made = synthetic(table, level).frame
        assert made["a"].isna().all()


@pytest.mark.parametrize("kind", ["M8[25s]", ">M8[s]", "m8[7s]", ">m8[ms]"])
@pytest.mark.parametrize("level", ["marginals", "copula", "dp"])
def test_dates_of_any_unit_and_order_of_bytes_stay_in_their_range(kind: str, level: Any) -> None:
    moments = (np.arange(COUNT) * 3607).astype("m8[s]")
    start = np.datetime64("2020-01-01", "s")
    real = (start + moments if kind[-6:].count("M") else moments).astype(kind)
    given: dict[str, Any] = {"seed": 2**200, "bounds": {"a": (real.min(), real.max())}}
    table = {"a": real, "b": np.arange(COUNT) % 3}
    given["bounds"]["b"] = (0, 2)
    made = synthetic(table, level, **(given if level == "dp" else {})).frame["a"]
    assert made.dtype == real.dtype
    assert real.min() <= made.min() <= made.max() <= real.max()


@pytest.mark.parametrize("kind", ["uint64", "int64", "UInt64"])
def test_few_large_whole_numbers_are_not_rounded(kind: str) -> None:
    """They are codes, of which one next to it means something else."""
    codes = np.array([2**60 + 1, 2**60 + 2, 2**62 - 1], dtype=kind.lower())
    table = pd.DataFrame({"a": pd.Series(np.tile(codes, COUNT), dtype=kind)})
    made = synthetic(table, "marginals").frame["a"]
    assert set(made.tolist()) == set(codes.tolist())
