"""Settings as plain values: whatever is put in, what comes out can be signed and holds no data."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.forms import no_controls
from workbench.training.settings import clean, setting, settings


class Hostile:
    def __getattribute__(self, name: str) -> NoReturn:
        raise RuntimeError(name)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (0.5, 0.5),
        (np.int32(3), 3),
        (float("-inf"), "-inf"),
        (2**53, str(2**53)),
        ((1, "a", None), "1, a, None"),
        (list(range(9)), "list"),
        (np.arange(3), "ndarray"),
        ({"a": 1}, "dict"),
        (b"bytes", "bytes"),
        (print, "builtin_function_or_method"),
        ("/data/anna.csv", "path"),
        ("a\u202eb\x00c", "abc"),
    ],
)
def test_a_setting_is_a_plain_value_or_a_type(value: object, expected: object) -> None:
    """Numbers, short texts and short lists; all else by its type."""
    assert setting(value) == expected


def test_an_object_that_raises_is_named_by_its_type() -> None:
    """Alone and in a list."""
    assert setting(Hostile()) == "Hostile"
    assert setting([Hostile()]) == "list"


@given(st.text(), st.integers(1, 50))
def test_a_cleaned_text_may_stand_in_a_record(text: str, limit: int) -> None:
    """It is no longer than asked, has nothing that hides or reorders, and cleaning is done once."""
    cleaned = clean(text, limit)
    assert len(cleaned) <= limit
    assert no_controls(cleaned) == cleaned
    assert clean(cleaned, limit) == cleaned
    cleaned.encode()


@given(st.dictionaries(st.text() | st.integers(), st.text() | st.floats()))
def test_names_of_settings_are_words(values: dict[Any, object]) -> None:
    """What has no name that could stand in a record is left out."""
    found = settings(values, "a.")
    assert all(name.startswith("a.") and len(name) <= 200 for name in found)
