"""Answers compared across number formats: the same value is equal, and nothing is made equal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from workbench.converting.proof import compare, rounded
from workbench.errors import InputError

FEW = np.array([1.5, 0.0, np.nan, np.inf])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (FEW, FEW.astype(np.float32)),
        (FEW[:2].reshape(2, 1), FEW[:2].astype(np.float32)),
        (np.array([0.0, 2.0]), np.array([0, 2])),
        (np.array([True, False]), np.array([1, 0])),
        (np.array([3, 4], np.int32), np.array([3, 4])),
        (np.array(["a", "bcd"], object), np.array(["a", "bcd"])),
    ],
    ids=["values", "a column", "floats", "truths", "short", "words"],
)
def test_answers_that_are_the_same_in_another_format(before: Any, after: Any) -> None:
    assert compare(rounded([before], [after]), [after], len(after)).difference == 0


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (np.array([1e300]), np.array([np.inf], np.float32)),
        (np.array([0.5, 2.0]), np.array([0, 2])),
        (np.array([np.nan]), np.array([0])),
        (np.array([2**40]), np.array([0], np.int32)),
        (np.array(["abc"]), np.array(["ab"])),
        (np.array(["abc"]), np.array([1])),
        (np.array([1, 2]), np.array(["1", "2"])),
        (np.array([None, "a"], object), np.array(["None", "a"])),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")
def test_answers_that_are_not(before: Any, after: Any) -> None:
    """Nothing is made equal by being rounded, cut or spelled."""
    with pytest.raises(InputError, match="not equal"):
        compare(rounded([before], [after]), [after], len(after))
    with pytest.raises(InputError, match="not equal"):
        compare(rounded([before, before], [after]), [after], len(after))
