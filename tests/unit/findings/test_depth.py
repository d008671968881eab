"""How many references are trained if nobody says how many."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.findings.depth import FEW_REFERENCES, MOST_REFERENCES, affordable


@pytest.mark.parametrize(
    ("each", "records", "seconds", "wanted"),
    [
        (0.0, 100, None, 64),
        (0.9, 100, None, 64),
        (1.0, 100, None, 32),
        (5.0, 100, None, 8),
        (1000.0, 100, None, 8),
        (1.0, 100, 20.0, 16),
        (1.0, 100, 3600.0, 64),
        (0.0, 125_000, None, 64),
        (0.0, 300_000, None, 16),
        (0.0, 10_000_000, None, 8),
    ],
)
def test_as_many_as_time_and_memory_allow(
    each: float, records: int, seconds: float | None, wanted: int
) -> None:
    assert affordable(each, records, seconds) == wanted


@given(st.floats(0, 1e6), st.integers(0, 10**9), st.none() | st.floats(0, 1e6))
def test_never_fewer_than_few_nor_more_than_most(
    each: float, records: int, seconds: float | None
) -> None:
    found = affordable(each, records, seconds)
    assert FEW_REFERENCES <= found <= MOST_REFERENCES
    assert found % 2 == 0
