"""The terms that come with this package, and the purposes that terms cover.

Terms are prose that a person signs. One line of it is also read by the gateway::

    Allowed purposes: research, evaluation, teaching, audit

Terms without that line cover every purpose except production.
"""

from __future__ import annotations

import functools
import re
from importlib import resources
from typing import Final

from pydantic import ValidationError

from workbench.errors import InputError
from workbench.forms import explain
from workbench.records import Terms
from workbench.vocabulary import PurposeKind

__all__ = ["of", "purposes", "standard"]

_LINE: Final = re.compile(r"^Allowed purposes:[ \t]*(.*?)[ \t]*\.?[ \t]*$", re.MULTILINE)
_UNLESS_NAMED: Final = tuple(kind for kind in PurposeKind if kind is not PurposeKind.production)


@functools.cache
def standard() -> Terms:
    """Return the packaged standard research terms."""
    path = resources.files("workbench.policy") / "terms" / "standard.md"
    return of(path.read_text("utf-8"))


def of(text: str) -> Terms:
    """Return terms of one's own: the first line is the title, in Markdown or plain.

    Raises:
        InputError: no words, too many, a title that is too long, or an unknown purpose.
    """
    text = text.replace("\r\n", "\n").strip() + "\n"
    title = text.partition("\n")[0].lstrip("#").strip()
    try:
        terms = Terms(title=title, text=text)
    except ValidationError as error:
        raise InputError(
            f"These terms cannot be used: {explain(error)}.",
            unchanged="Nothing was published.",
            hint="Write a title on the first line and the conditions below it.",
        ) from error
    purposes(terms)  # a line that the gateway could not read is found now, not at a request
    return terms


def purposes(terms: Terms) -> tuple[PurposeKind, ...]:
    """Return the purposes that these terms cover, in the order of their line.

    Raises:
        InputError: the line names a purpose that does not exist, or there are two such lines.
    """
    lines: list[str] = _LINE.findall(terms.text)
    if not lines:
        return _UNLESS_NAMED
    if len(lines) > 1:
        raise InputError("The terms have more than one line of allowed purposes.")
    names = tuple(dict.fromkeys(name.strip() for name in lines[0].split(",")))
    for name in names:
        if name not in set(PurposeKind):
            raise InputError(
                f"The terms allow a purpose called {name[:80]!r}, which does not exist.",
                hint=f"Known are {', '.join(PurposeKind)}.",
            )
    return tuple(PurposeKind(name) for name in names)
