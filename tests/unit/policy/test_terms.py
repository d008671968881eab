"""Terms: the packaged ones, terms of one's own, and the one line that the gateway reads."""

from __future__ import annotations

import pytest

from workbench.errors import InputError
from workbench.policy import terms
from workbench.vocabulary import PurposeKind

LINE = "Allowed purposes: "


def test_the_packaged_terms_come_back_from_their_text() -> None:
    """Pasting them into a file changes nothing: one text, one digest."""
    standard = terms.standard()
    assert terms.of(standard.text) == standard
    assert terms.of(standard.text).key == standard.key
    assert standard.title == "Standard research terms"


def test_the_packaged_terms_do_not_cover_production() -> None:
    """They say so in their line."""
    assert terms.purposes(terms.standard()) == ("research", "evaluation", "teaching", "audit")


@pytest.mark.parametrize(
    "text", ["# Ours\nBe kind.", "\n\n## Ours \r\nBe kind.\r\n", "Ours\nBe kind."]
)
def test_the_first_line_is_the_title(text: str) -> None:
    """In Markdown or plain, with whatever line ends an editor wrote."""
    found = terms.of(text)
    assert found.title == "Ours"
    assert found.text.endswith("Be kind.\n")
    assert "\r" not in found.text


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n  "])
def test_line_ends_make_no_other_terms(end: str) -> None:
    """The same words are the same terms, so nobody is asked to accept them twice."""
    assert (
        terms.of(f"Ours{end}Be kind.{end}").key
        == terms.of("Ours\n" + end.replace("\r\n", "\n")[1:] + "Be kind.").key
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", ["research", "evaluation", "teaching", "audit"]),
        (LINE + "production", ["production"]),
        (LINE + "audit, research.", ["audit", "research"]),
        (LINE + " research ,research,\tteaching", ["research", "teaching"]),
        ("allowed purposes: production", ["research", "evaluation", "teaching", "audit"]),
        ("No " + LINE + "production", ["research", "evaluation", "teaching", "audit"]),
    ],
)
def test_the_purposes_of_terms(line: str, expected: list[str]) -> None:
    """Read from their one line; without it everything but production is covered."""
    found = terms.purposes(terms.of(f"Ours\nBe kind.\n{line}\n"))
    assert list(found) == expected
    assert all(isinstance(kind, PurposeKind) for kind in found)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "cannot be used"),
        (" \n\t\n", "cannot be used"),
        ("#\nno title", "cannot be used"),
        ("T" * 201 + "\nx", "cannot be used"),
        ("T\n" + "x" * 20_001, "cannot be used"),
        ("T\nhidden \u202e text", "cannot be used"),
        (f"T\n{LINE}fun", "a purpose called 'fun', which does not exist"),
        (f"T\n{LINE}", "a purpose called '', which does not exist"),
        (f"T\n{LINE}Research", "a purpose called 'Research', which does not exist"),
        (f"T\n{LINE}audit\n{LINE}production", "more than one line of allowed purposes"),
    ],
)
def test_unusable_terms_are_refused(text: str, says: str) -> None:
    """Found when they are written, not when the first person asks."""
    with pytest.raises(InputError, match=says):
        terms.of(text)
