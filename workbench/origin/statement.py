"""Lineage as predicates of signed statements, and read back from them.

Each record becomes one in-toto statement of its own kind in a release's evidence, about the model's
root digest, so that each can be shown, checked and left out by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from workbench.errors import TrustError
from workbench.forms import Model, explain
from workbench.origin.graph import Graph
from workbench.origin.record import Environment, Notebook, Training

__all__ = ["TITLES", "Provenance", "predicates", "read"]

TYPES: Mapping[type[Model], str] = {
    Graph: "urn:sharing-workbench:lineage:v1",
    Training: "urn:sharing-workbench:training:v1",
    Environment: "urn:sharing-workbench:environment:v1",
    Notebook: "urn:sharing-workbench:notebook:v1",
}
TITLES: Mapping[str, str] = {
    TYPES[Graph]: "Lineage",
    TYPES[Training]: "Training",
    TYPES[Environment]: "Surroundings",
    TYPES[Notebook]: "Code",
}

Kind = TypeVar("Kind", bound=Model)


@dataclass(frozen=True)
class Provenance:
    """All that is kept of where a model comes from; any part may be missing."""

    graph: Graph | None = None
    training: Training | None = None
    environment: Environment | None = None
    notebook: Notebook | None = None

    def __bool__(self) -> bool:
        return any(part is not None for part in self.parts())

    def parts(self) -> tuple[Model | None, ...]:
        """Return the parts in the order in which they are signed."""
        return self.graph, self.training, self.environment, self.notebook


def predicates(provenance: Provenance) -> list[tuple[str, dict[str, Any]]]:
    """Return a predicate type and a predicate for every part that is there."""
    return [
        (TYPES[type(part)], part.model_dump(mode="json"))
        for part in provenance.parts()
        if part is not None
    ]


def read(statements: Iterable[Mapping[str, Any]]) -> Provenance:
    """Return what verified in-toto statements say of where a model comes from.

    Statements of other kinds are passed over.

    Raises:
        TrustError: one of these kinds twice, or one that cannot be read (step ``"evidence"``).
    """
    found: dict[str, Mapping[str, Any]] = {}
    for statement in statements:
        kind = str(statement.get("predicateType"))
        if kind in TITLES:
            if kind in found:
                raise _unreadable(TITLES[kind], "it is there twice")
            found[kind] = statement
    return Provenance(
        _part(Graph, found),
        _part(Training, found),
        _part(Environment, found),
        _part(Notebook, found),
    )


def _part(kind: type[Kind], found: Mapping[str, Mapping[str, Any]]) -> Kind | None:
    statement = found.get(TYPES[kind])
    if statement is None:
        return None
    try:
        return kind.model_validate(statement.get("predicate"))
    except ValidationError as error:
        raise _unreadable(TITLES[TYPES[kind]], explain(error)) from error


def _unreadable(title: str, reason: str) -> TrustError:
    return TrustError(
        "evidence",
        f"the part called {title} cannot be read: {reason}.",
        unchanged="Nothing was changed.",
        hint="The owner signed it like this; ask them to share the model again.",
    )
