"""Tables of XGBoost: read as it writes them, and refused where a number leads elsewhere."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import xgboost
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.scanning.building import look_at, rules, unsafe
from workbench.findings.scan import Outcome

ROWS = np.arange(15.0).reshape(5, 3)
AGES = np.arange(5.0)
WARDS = pd.DataFrame({"age": [1, 2, 3], "ward": pd.Categorical(["x", "y", "x"])})
NAMES = {"feature_names": ["age", "sex", "ward"], "feature_types": ["q", "i", "float"]}
MADE: dict[str, Callable[[], xgboost.DMatrix]] = {
    "plain": lambda: xgboost.DMatrix(ROWS),
    "full": lambda: xgboost.DMatrix(
        ROWS, label=AGES, weight=AGES, base_margin=AGES, feature_weights=[1, 2, 3], **NAMES
    ),
    "groups": lambda: xgboost.DMatrix(ROWS, label=AGES, qid=[0, 0, 1, 1, 1]),
    "bounds": lambda: xgboost.DMatrix(ROWS, label_lower_bound=AGES, label_upper_bound=AGES + 1),
    "two labels": lambda: xgboost.DMatrix(ROWS, label=np.stack([AGES, AGES], 1)),
    "categories": lambda: xgboost.DMatrix(WARDS, enable_categorical=True),
    "sparse": lambda: xgboost.DMatrix(scipy.sparse.csr_matrix([[0, 1.0], [2, 0]])),
}


def saved(name: str, folder: Path) -> bytes:
    MADE[name]().save_binary(folder / "table.buffer")
    return (folder / "table.buffer").read_bytes()


@pytest.mark.parametrize("name", MADE)
def test_tables_are_safe_and_nothing_else_is_in_them(name: str, tmp_path: Path) -> None:
    data = saved(name, tmp_path)
    found = look_at(data)
    assert (found.kind, found.outcome, found.findings) == ("xgboost data", Outcome.safe, ())
    for changed in (data[:-1], data + b"x", data[:40], data[:12]):
        assert rules(unsafe(changed, "damaged")) == {"damaged"}


def numbers(*values: int) -> bytes:
    return struct.pack(f"<{len(values)}Q", *values)


def field(name: bytes, value: bytes, kind: int = 4, single: int = 1) -> bytes:
    return numbers(len(name)) + name + bytes([kind, single]) + value


def table(
    *more: bytes,
    rows: int = 2,
    columns: int = 2,
    filled: int = 2,
    starts: tuple[int, ...] = (0, 1, 2),
    places: tuple[int, ...] = (0, 1),
) -> bytes:
    """A table whose sizes may be another than its rows."""
    sizes = ((b"num_row", rows), (b"num_col", columns), (b"num_nonzero", filled))
    fields = [*(field(name, numbers(value)) for name, value in sizes), *more]
    cells = b"".join(struct.pack("<If", place, 1.0) for place in places)
    body = numbers(len(starts), *starts) + numbers(len(places)) + cells
    version = struct.pack("<3i", 3, 2, 0)
    return b"\x01\xab\xff\xffversion:" + version + numbers(len(fields)) + b"".join(fields) + body


WEIGHTS = field(b"weights", numbers(2, 1, 2) + bytes(8), 1, 0)


def test_what_is_written_by_hand_is_read() -> None:
    names = field(b"feature_names", numbers(2, 1, 2) + numbers(1) + b"a" + numbers(0), 5, 0)
    for data in (table(), table(WEIGHTS, names), table(rows=0, filled=0, starts=(0,), places=())):
        assert look_at(data).outcome is Outcome.safe, data


DAMAGED = {
    "more rows": table(rows=3),
    "more numbers": table(filled=3),
    "a column outside": table(columns=1),
    "rows back": table(starts=(0, 2, 1)),
    "rows too far": table(starts=(0, 1, 9)),
    "rows from the middle": table(starts=(1, 1, 2)),
    "no sizes": table().replace(b"num_row", b"num_raw"),
    "a field twice": table(WEIGHTS, WEIGHTS),
    "another shape": table(field(b"weights", numbers(2, 2, 2) + bytes(8), 1, 0)),
    "a large shape": table(field(b"weights", numbers(1 << 40, 1, 1 << 40), 1, 0)),
    "an empty shape": table(field(b"weights", numbers(2, 1, 0), 1, 0)),
    "unknown type": table(field(b"weights", bytes(8), 9)),
    "one text": table(field(b"weights", bytes(8), 5)),
    "a long name": table(field(b"x" * 70_000, bytes(8))),
    "many fields": table(*(field(b"%d" % n, bytes(8)) for n in range(65))),
    "another version": table().replace(struct.pack("<3i", 3, 2, 0), struct.pack("<3i", 0, 9, 0)),
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED.keys())
def test_what_leads_elsewhere_is_refused(data: bytes) -> None:
    unsafe(data, "damaged")


@settings(max_examples=200, deadline=None)
@given(at=st.integers(0, 250), patch=st.binary(min_size=1, max_size=8))
def test_changed_tables_are_handled(at: int, patch: bytes) -> None:
    data = table(WEIGHTS)
    assert look_at(data[:at] + patch + data[at + len(patch) :]).outcome in Outcome
