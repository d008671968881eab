"""Lineage as predicates of signed statements, and read back from them.

Each record becomes one in-toto statement of its own kind in a release's evidence, about the model's
root digest, so that each can be shown, checked and left out by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.forms import Model
from workbench.origin.graph import Graph
from workbench.origin.record import Environment, Notebook, Training
from workbench.predicates import read as parts

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
    found = parts(statements, TYPES, TITLES)
    return Provenance(
        graph=found.get(Graph),
        training=found.get(Training),
        environment=found.get(Environment),
        notebook=found.get(Notebook),
    )
