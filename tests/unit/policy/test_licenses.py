"""Licences: SPDX expressions in one spelling, and which of them let a model be passed on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import InputError
from workbench.policy import licenses


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("MIT", "MIT"),
        ("mit", "MIT"),
        ("apache-2.0", "Apache-2.0"),
        ("MIT or Apache-2.0", "MIT OR Apache-2.0"),
        ("(MIT AND CC-BY-4.0)", "MIT AND CC-BY-4.0"),
        ("GPL-2.0-only WITH Classpath-exception-2.0",) * 2,
        ("LicenseRef-our-lab",) * 2,
        ("MIT OR LicenseRef-our-lab",) * 2,
    ],
)
def test_an_expression_has_one_spelling(written: str, normal: str) -> None:
    """The listing holds the spelling of the SPDX list, whatever was typed."""
    assert licenses.check(written) == normal
    assert licenses.check(normal) == normal


@pytest.mark.parametrize(
    ("written", "nearest"),
    [
        ("Apache 2.0", "Apache-2.0"),
        ("CC-BY-NC 4.0", "CC-BY-NC-4.0"),
        ("BSD-3", "BSD-3-Clause"),
        ("MITT", "MIT"),
    ],
)
def test_an_unknown_licence_names_the_nearest(written: str, nearest: str) -> None:
    """A slip of the pen is found at once, with what was probably meant."""
    with pytest.raises(InputError, match="not a licence on the SPDX list") as caught:
        licenses.check(written)
    assert nearest in caught.value.hint
    assert nearest in licenses.nearest(written)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "   ",
        "MIT AND",
        "AND MIT",
        "MIT Apache-2.0",
        "(MIT",
        "LicenseRef-",
        "LicenseRef-our lab",
        "LicenseRef-a/b",
        "Classpath-exception-2.0",
        "MIT WITH Apache-2.0",
        "GPL-3.0-only WITH nothing-exception",
        "x" * 201,
        "(" * 17 + "MIT" + ")" * 17,
        "MIT\nAND\x00",
    ],
)
def test_what_is_no_expression_is_refused(written: str) -> None:
    """Half an expression, an exception alone, brackets without end: refused, with a hint."""
    with pytest.raises(InputError) as caught:
        licenses.check(written)
    assert caught.value.hint


@given(written=st.text(max_size=220))
def test_any_text_is_checked_or_refused(written: str) -> None:
    """Nothing that somebody types is worse than an error of ours."""
    try:
        normal = licenses.check(written)
    except InputError:
        return
    assert licenses.check(normal) == normal


@pytest.mark.parametrize(
    ("expression", "allows"),
    [
        ("CC0-1.0", True),
        ("MIT", True),
        ("CC-BY-NC-ND-4.0", True),
        ("LicenseRef-our-lab", False),
        ("JSON", False),  # on the list, but not one that we vouch for
        ("MIT OR LicenseRef-our-lab", True),
        ("MIT AND LicenseRef-our-lab", False),
        ("MIT AND Apache-2.0", True),
        ("LicenseRef-a OR LicenseRef-b", False),
        ("(MIT OR LicenseRef-a) AND (Apache-2.0 OR LicenseRef-b)", True),
        ("(MIT OR LicenseRef-a) AND LicenseRef-b", False),
        ("GPL-2.0-only WITH Classpath-exception-2.0", True),
    ],
)
def test_passing_on(expression: str, allows: bool) -> None:
    """A choice needs one that allows it, a combination each of them; the unknown does not."""
    assert licenses.allows_redistribution(expression) is allows


def test_passing_on_needs_a_known_licence() -> None:
    """No guess is made from a name."""
    with pytest.raises(InputError, match="not a licence"):
        licenses.allows_redistribution("Apache 2.0")


def test_nothing_alike_is_offered_for_nonsense() -> None:
    """A far-fetched suggestion would be worse than none."""
    assert licenses.nearest("our own words about this model") == ()
    assert licenses.nearest("") == ()


def test_what_forms_offer_is_in_order() -> None:
    """Every licence in the list of the form is known in that spelling."""
    assert len(set(licenses.COMMON)) == len(licenses.COMMON)
    for name in licenses.COMMON:
        assert licenses.check(name) == name
        assert licenses.allows_redistribution(name)
