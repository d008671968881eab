"""How long something takes, as people say it."""

from __future__ import annotations

import pytest

from workbench.findings.depth import duration


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.1, "about 1 s"),
        (40, "about 40 s"),
        (89.4, "about 89 s"),
        (90, "about 2 min"),
        (600, "about 10 min"),
        (9000, "about 2.5 h"),
    ],
)
def test_in_the_unit_that_people_would_use(seconds: float, words: str) -> None:
    assert duration(seconds) == words
