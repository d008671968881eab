"""Rows in every form: chosen, joined and recognised alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse
import torch

from workbench.leakage.tables import (
    coded,
    column,
    count,
    identical,
    join,
    labels,
    names,
    numbers,
    replaced,
    take,
)

VALUES = np.array([[1.0, 2.0], [3.0, 4.0], [1.0, 2.0], [0.0, 5.0]])
FORMS: dict[str, Any] = {
    "array": VALUES,
    "table": pd.DataFrame(VALUES, columns=["a", "b"], index=[9, 7, 5, 3]),
    "polars": pl.DataFrame(VALUES, schema=["a", "b"]),
    "sparse": scipy.sparse.csr_matrix(VALUES),
    "columns": scipy.sparse.csc_array(VALUES),
    "tensor": torch.as_tensor(VALUES),
    "objects": VALUES.astype(object),
    "list": [tuple(row) for row in VALUES.tolist()],
}


def plain(rows: Any) -> list[list[float]]:
    if scipy.sparse.issparse(rows):
        rows = rows.toarray()
    return np.asarray(rows, dtype=float).tolist()


@pytest.mark.parametrize("form", FORMS)
def test_rows_are_taken_and_joined(form: str) -> None:
    """In the order asked for; what comes out can be asked the same again."""
    rows = FORMS[form]
    both = join(rows, take(rows, np.array([3, 0])))
    assert count(rows) == 4
    assert count(both) == 6
    assert plain(take(both, np.array([5, 4, 1]))) == [[1, 2], [0, 5], [3, 4]]


@pytest.mark.parametrize("form", FORMS)
def test_the_same_row_is_recognised(form: str) -> None:
    """And no other; also when it comes from another table of the same form."""
    rows = FORMS[form]
    found = identical(join(rows, rows)).tolist()
    assert found[0] == found[2] == found[4] == found[6]
    assert found[1] == found[5]
    assert len(set(found)) == 3


@pytest.mark.parametrize("form", ["array", "table", "polars", "sparse", "tensor"])
def test_columns(form: str) -> None:
    """By name, or by number where they have none."""
    rows = FORMS[form]
    assert names(rows) == (["a", "b"] if form in ("table", "polars") else ["0", "1"])
    assert column(rows, names(rows)[1]).tolist() == [2, 4, 2, 5]


@pytest.mark.parametrize("form", ["array", "table"])
def test_a_column_is_replaced_in_a_copy(form: str) -> None:
    """What was given stays as it is."""
    rows = FORMS[form]
    changed = replaced(rows, names(rows)[1], 7.0)
    assert plain(changed) == [[1, 7], [3, 7], [1, 7], [0, 7]]
    assert plain(rows) == VALUES.tolist()
    assert replaced(FORMS["sparse"], "1", 7.0) is None


def test_a_replaced_column_keeps_its_type() -> None:
    """Categories have to stay, or an encoder that learned them would refuse the copy."""
    table = pd.DataFrame({"sex": pd.Categorical(["f", "m", "f"]), "n": [1, 2, 3]}, index=[5, 6, 7])
    changed = replaced(table, "sex", "m")
    assert changed.dtypes.to_dict() == table.dtypes.to_dict()
    assert changed.sex.tolist() == ["m", "m", "m"]
    assert changed.index.tolist() == [5, 6, 7]


def test_numbers() -> None:
    """Only where all is finite: neighbours mean nothing otherwise."""
    for form in ("array", "table", "sparse", "tensor"):
        assert numbers(FORMS[form]).tolist() == VALUES.tolist()
    assert numbers(np.zeros((3, 2, 2))).shape == (3, 4)
    assert numbers(["a", "b"]) is None
    assert numbers(pd.DataFrame({"a": ["x", "y"]})) is None
    assert numbers(np.array([[1.0], [np.nan]])) is None
    assert numbers(FORMS["objects"]) is None


def test_truths() -> None:
    """As an array, whatever they came as; one column is one value for each row."""
    for truth in (
        [1, 2],
        np.array([[1], [2]]),
        pd.Series([1, 2]),
        pl.Series([1, 2]),
        torch.tensor([1, 2]),
    ):
        assert labels(truth).tolist() == [1, 2]
    assert labels(np.zeros((2, 2))).shape == (2, 2)


def test_zero_has_one_sign() -> None:
    """Minus zero is zero, and missing values are alike."""
    assert len(set(identical(np.array([[0.0], [-0.0]])).tolist())) == 1
    assert len(set(identical(np.array([[np.nan], [np.nan]])).tolist())) == 1


def test_rows_without_a_hash_are_like_no_other() -> None:
    """Rather than an error."""
    assert identical([["a"], ["a"]]).tolist() == [0, 1]
    assert identical(pd.DataFrame({"a": [["x"], ["x"]]})).tolist() == [0, 1]


def test_codes() -> None:
    """Texts by their order, missing numbers by the median, the truth last."""
    table = pd.DataFrame({"sex": ["m", "f", "m"], "age": [30.0, np.nan, 50.0]})
    found = coded(table, np.array(["no", "yes", "no"]))
    assert found.tolist() == [[1, 30, 0], [0, 40, 1], [1, 50, 0]]
