"""Rows of training data in outputs: found as they are shown, and nothing else taken for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import nbformat
import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from nbformat.v4 import new_code_cell, new_notebook, new_output
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report, confusion_matrix
from sklearn.neighbors import KNeighborsRegressor

from workbench.hygiene.outputs import Output, outputs_of, repeats

CHANCE = np.random.default_rng(0)


def patients(count: int) -> pd.DataFrame:
    chance = np.random.default_rng(count)
    days = pd.to_timedelta(chance.integers(0, 1000, count), "D")
    return pd.DataFrame(
        {
            "patient": [f"P-{i:06d}" for i in chance.permutation(count)],
            "age": chance.integers(18, 95, count),
            "sex": chance.choice(["F", "M"], count),
            "bmi": chance.normal(26, 4, count).round(1),
            "hba1c": chance.normal(6, 1, count).round(2),
            "crp": chance.exponential(5, count),
            "visits": chance.integers(0, 12, count),
            "smoker": chance.integers(0, 2, count),
            "site": chance.choice(["Kiel", "Bonn", "Bad Homburg"], count),
            "seen": pd.to_datetime("2020-01-01") + days,
            "outcome": chance.integers(0, 2, count),
        }
    )


TABLES = {count: patients(count) for count in (200, 5000)}
NUMERIC = ["age", "bmi", "hba1c", "crp", "visits", "smoker"]
each_table = pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)


def found(text: str, table: Any) -> tuple[int, tuple[str, ...]]:
    """How many rows of a table an output shows, and which columns."""
    shown, gaps = repeats([Output("In [1]", text)], {"data": table})
    assert gaps == []
    return (shown[0].rows, shown[0].columns) if shown else (0, ())


SHOWN = {
    "head": (lambda t: repr(t.head()), 5),
    "wide": (lambda t: t.head(5).to_string(), 5),
    "wrapped": (lambda t: t.head(5).to_string(line_width=40), 5),
    "a sample": (lambda t: t.sample(30, random_state=1).to_string(), 30),
    "chosen columns": (lambda t: repr(t[["age", "bmi", "hba1c"]].head(4)), 4),
    "other order": (lambda t: t[["outcome", "bmi", "crp", "age"]].head(6).to_string(), 6),
    "filtered": (lambda t: t[t.age > 60].head(7).to_string(), 7),
    "rounded": (lambda t: t[NUMERIC].head(5).round(1).to_string(), 5),
    "an array": (lambda t: str(t[NUMERIC].to_numpy()[:5]), 5),
    "an array as it is typed": (lambda t: repr(t[NUMERIC].to_numpy()[:5]), 5),
    "comma separated": (lambda t: t.head(5).to_csv(index=False), 5),
    "records": (lambda t: "\n".join(map(str, t.head(3).to_dict("records"))), 3),
    "one row upright": (lambda t: repr(t.iloc[3]), 1),
    "rows upright": (lambda t: t.head(3).T.to_string(), 3),
    "a list of patients": (lambda t: str(list(t.patient[:10])), 10),
    "a column of patients": (lambda t: repr(t.patient.head(10)), 10),
    "a column of values": (lambda t: repr(t.crp.head(8)), 8),
}
NOT_SHOWN = {
    "statistics": lambda t: t.describe().to_string(),
    "statistics of everything": lambda t: t.describe(include="all").to_string(),
    "statistics upright": lambda t: t.describe().T.to_string(),
    "statistics of one": lambda t: repr(t.age.describe()),
    "correlations": lambda t: t[NUMERIC].corr().to_string(),
    "means by group": lambda t: t.groupby("site")[NUMERIC].mean().to_string(),
    "greatest by group": lambda t: t.groupby("site")[NUMERIC].max().to_string(),
    "medians by group": lambda t: t.groupby("site")[NUMERIC].median().to_string(),
    "greatest": lambda t: repr(t.max()),
    "least": lambda t: repr(t[NUMERIC].min()),
    "counts": lambda t: repr(t.site.value_counts()),
    "counts of ages": lambda t: repr(t.age.value_counts()),
    "a cross table": lambda t: pd.crosstab(t.sex, t.site).to_string(),
    "types": lambda t: repr(t.dtypes),
    "missing": lambda t: repr(t.isna().sum()),
    "different": lambda t: repr(t.nunique()),
    "confusion": lambda t: str(confusion_matrix(t.outcome, t.smoker)),
    "confusion of many": lambda t: str(confusion_matrix(t.visits, t.visits[::-1])),
    "a report": lambda t: classification_report(t.outcome, t.smoker),
    "predictions": lambda t: str(t.smoker.to_numpy()[:60]),
    "probabilities": lambda _: str(CHANCE.random((8, 2))),
    "coefficients": lambda t: repr(LogisticRegression().fit(t[["age", "bmi"]], t.smoker).coef_),
    "importances": lambda t: "\n".join(
        f"{c} {v:.3f}" for c, v in zip(t, CHANCE.random(11), strict=True)
    ),
    "epochs": lambda _: "\n".join(f"epoch {i} loss {1 / (i + 1):.4f}" for i in range(20)),
    "scores": lambda _: str(np.array([0.91, 0.92, 0.9, 0.89, 0.93])),
    "shape": lambda t: f"{t.shape} {len(t)} {list(t.columns)}",
    "numbers": lambda _: str(list(range(20, 60))),
    "nothing": lambda _: "",
}


@each_table
@pytest.mark.parametrize("name", SHOWN)
def test_rows_are_found_as_they_are_shown(table: pd.DataFrame, name: str) -> None:
    """In every form that notebooks print a table in, and as many as there are."""
    show, rows = SHOWN[name]
    assert found(show(table), table)[0] == rows


@each_table
@pytest.mark.parametrize("name", NOT_SHOWN)
def test_what_is_computed_from_rows_is_no_row(table: pd.DataFrame, name: str) -> None:
    """Statistics, counts, scores and parameters tell on many rows together."""
    assert found(NOT_SHOWN[name](table), table) == (0, ())


@each_table
def test_the_columns_are_named(table: pd.DataFrame) -> None:
    """Those whose values are shown, in the order of the data; never a value."""
    text = table[["hba1c", "age", "bmi"]].head().to_string()
    shown, _ = repeats([Output("In [1]", text)], {"data": table})
    assert shown[0].columns == ("age", "bmi", "hba1c")
    assert str(table.hba1c[0]) not in shown[0].to_bytes().decode()


@pytest.mark.parametrize("load", [load_iris, load_breast_cancer])
def test_well_known_tables(load: Any) -> None:
    """Their first rows are rows; their statistics are not."""
    frame = load(as_frame=True).frame
    assert found(frame.head(8).to_string(), frame)[0] == 8
    assert found(frame.describe().to_string(), frame) == (0, ())
    assert found(str(load().data[:3]), load().data[:, :4])[0] <= 3


def test_other_rows_are_not_these() -> None:
    """Rows of people who are not in the training data do not count."""
    others, these = (patients(n).drop(columns="patient") for n in (300, 301))
    assert found(others.head(20).to_string(), these) == (0, ())


def test_what_many_share_tells_on_nobody() -> None:
    """A row that five others have as well is not repeated from anyone."""
    table = pd.DataFrame(
        {"sex": ["F", "M"] * 50, "old": [0, 0, 1, 1] * 25, "ill": [1, 1, 1, 0] * 25}
    )
    assert found(table.head(10).to_string(), table) == (0, ())


def test_a_column_of_rare_numbers() -> None:
    """A frame that has only the patients' numbers; row numbers do not count."""
    numbers = pd.DataFrame({"id": CHANCE.permutation(500) + 1000})
    assert found(str(list(numbers.id[:10])), numbers) == (10, ("id",))
    assert found(repr(numbers.head()), numbers)[0] == 5
    assert found(str(list(range(1000))), pd.DataFrame({"row": range(500)})) == (0, ())


def test_predictions_that_are_training_values() -> None:
    """A nearest neighbour answers with what it learned by heart."""
    table = TABLES[200]
    model = KNeighborsRegressor(1).fit(table[["age", "bmi"]], table.crp)
    assert found(str(model.predict(table[["age", "bmi"]][:9])), table.crp) == (9, ("crp",))


@pytest.mark.parametrize("form", ["pandas", "polars", "numpy", "torch", "list", "float32"])
def test_data_of_any_kind(form: str) -> None:
    """However the training data is held, the same rows are found."""
    table = TABLES[200][NUMERIC]
    held: dict[str, Any] = {
        "pandas": table,
        "polars": pl.from_pandas(table),
        "numpy": table.to_numpy(),
        "torch": torch.tensor(table.to_numpy()),
        "list": table.to_numpy().tolist(),
        "float32": table.to_numpy().astype("float32"),
    }
    text = str(held["float32"][:6]) if form == "float32" else table.head(6).to_string()
    assert found(text, held[form])[0] == 6


def test_polars_prints_its_own_way() -> None:
    """With lines around the cells."""
    table = pl.from_pandas(TABLES[200][["patient", "age", "bmi", "hba1c"]])
    with pl.Config(tbl_formatting="ASCII_MARKDOWN"):
        assert found(str(table.head(5)), table)[0] == 5
    assert found(str(table.head(5)), table)[0] == 5


class TestNotebooks:
    def notebook(self, folder: Path, *outputs: Any) -> Path:
        cells = [
            new_code_cell("x", execution_count=4 + i, outputs=[o]) for i, o in enumerate(outputs)
        ]
        file = folder / "a.ipynb"
        nbformat.write(new_notebook(cells=cells), file)
        return file

    def test_every_form_of_output_is_read(self, tmp_path: Path) -> None:
        """Printed text, tables as HTML, styled tables, errors; by the cell they belong to."""
        table = TABLES[200]
        html = {"text/html": table.head(3).to_html(), "text/plain": repr(table.head(3))}
        file = self.notebook(
            tmp_path,
            new_output("stream", text=table.head(2).to_string()),
            new_output("execute_result", html),
            new_output("display_data", {"text/html": table.head(4).style.to_html()}),
            new_output("error", ename="E", evalue=str(table.iloc[0].to_dict()), traceback=[]),
            new_output("display_data", {"image/png": "aaaa", "text/plain": "<Figure>"}),
        )
        shown, gaps = repeats(file, {"data": table, "y": table.outcome.to_numpy()})
        assert gaps == []
        assert [(one.where, one.rows) for one in shown] == [
            ("In [4]", 2),
            ("In [5]", 3),
            ("In [6]", 4),
            ("In [7]", 1),
        ]

    def test_a_table_as_text_and_as_html_counts_once(self, tmp_path: Path) -> None:
        """They are the same rows."""
        table = TABLES[5000]
        html = {"text/html": table.head(3).to_html(), "text/plain": table.head(3).to_string()}
        [shown] = repeats(self.notebook(tmp_path, new_output("display_data", html)), {"d": table})[
            0
        ]
        assert shown.rows == 3

    @pytest.mark.parametrize(
        "content", ["", "[]", "{", '{"cells": 3}', '{"cells": [1, {}]}', "\xff"]
    )
    def test_what_is_no_notebook_shows_nothing(self, tmp_path: Path, content: str) -> None:
        """And raises nothing; where it cannot be read, that is said."""
        file = tmp_path / "a.ipynb"
        file.write_bytes(content.encode("latin-1"))
        shown, gaps = repeats(file, {"data": TABLES[200]})
        assert shown == ()
        assert gaps == [] or gaps[0].startswith("The notebook's file could not be read")

    def test_a_file_that_is_not_there_is_said(self, tmp_path: Path) -> None:
        """One sentence."""
        assert outputs_of(tmp_path / "a.ipynb")[1] == [
            "The notebook's file could not be read to look for rows in its outputs."
        ]


class TestLimits:
    def test_long_outputs_are_searched_from_the_beginning(self) -> None:
        """What was left out is said."""
        table = TABLES[200]
        text = table.head(3).to_string() + "\nnothing here" * 10_000
        shown, gaps = repeats([Output("In [9]", text)], {"data": table})
        assert [one.rows for one in shown] == [3]
        assert gaps == ["Only the beginning of the output of In [9] was searched."]

    def test_data_that_cannot_be_compared_is_said(self) -> None:
        """Objects of other kinds, and those that raise when they are looked at."""

        class Thrower:
            def __getattribute__(self, name: str) -> NoReturn:
                raise RuntimeError

        for value, kind in (
            (Thrower(), "Thrower"),
            ({"a": 1}, "dict"),
            (np.ones((2, 2, 2)), "ndarray"),
        ):
            shown, gaps = repeats([Output("In [1]", "1 2 3")], {"X": value})
            assert shown == ()
            assert gaps == [f"Outputs were not compared with X, a {kind}."]

    def test_a_column_that_raises_does_not_hide_the_others(self) -> None:
        """It is named."""

        class Cell:
            def __str__(self) -> NoReturn:
                raise RuntimeError

        table = TABLES[200].assign(odd=[Cell() for _ in range(200)])
        text = TABLES[200].head(4).to_string()
        shown, gaps = repeats([Output("In [1]", text)], {"data": table})
        assert shown[0].rows == 4
        assert gaps == ["Outputs were not compared with the column odd."]

    def test_a_very_wide_table_is_compared_in_part(self) -> None:
        """The first 200 columns, which is said."""
        table = pd.DataFrame(CHANCE.normal(size=(50, 300))).add_prefix("g")
        shown, gaps = repeats([Output("In [1]", table.iloc[:3, :8].to_string())], {"genes": table})
        assert shown[0].rows == 3
        assert gaps == ["Outputs were compared with the first 200 columns of genes."]

    def test_missing_values_are_no_obstacle(self) -> None:
        """They are printed as NaN, and a row of them is nobody's."""
        table = TABLES[200].copy()
        table.loc[:4, ["bmi", "site", "seen"]] = None
        table["none"] = np.nan
        assert found(table.head(5).to_string(), table)[0] == 5
        assert found("NaN NaN NaN NaN", table) == (0, ())

    def test_an_empty_table_has_no_rows(self) -> None:
        """Nor has one without columns."""
        for table in (TABLES[200].head(0), pd.DataFrame(index=range(5)), np.empty((0, 3))):
            assert found("1 2 3 4 5\nage bmi", table) == (0, ())
