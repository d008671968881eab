"""What verified in-toto statements say, read back as the records that were signed.

Each kind of record has one predicate type, and is there once at most.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from workbench.errors import TrustError
from workbench.forms import Model, explain

__all__ = ["Records", "read"]

Kind = TypeVar("Kind", bound=Model)


class Records:
    """Records by their kind, one of each at most."""

    def __init__(self) -> None:
        self._found: dict[type[Model], Model] = {}

    def put(self, record: Model) -> None:
        """Take a record."""
        self._found[type(record)] = record

    def get(self, kind: type[Kind]) -> Kind | None:
        """Return the record of a kind, if there is one."""
        found = self._found.get(kind)
        return found if isinstance(found, kind) else None


def read(
    statements: Iterable[Mapping[str, Any]],
    types: Mapping[type[Model], str],
    titles: Mapping[str, str],
) -> Records:
    """Return the record of each kind that is there; statements of other types are passed over.

    Args:
        statements: whose signatures were verified.
        types: the predicate type of each kind of record.
        titles: what people call each predicate type.

    Raises:
        TrustError: one kind twice, or one that cannot be read (step ``"evidence"``).
    """
    kinds = {type_: kind for kind, type_ in types.items()}
    found = Records()
    for statement in statements:
        kind = kinds.get(str(statement.get("predicateType")))
        if kind is None:
            continue
        if found.get(kind) is not None:
            raise _unreadable(titles[types[kind]], "it is there twice")
        try:
            found.put(kind.model_validate(statement.get("predicate")))
        except ValidationError as error:
            raise _unreadable(titles[types[kind]], explain(error)) from error
    return found


def _unreadable(title: str, reason: str) -> TrustError:
    return TrustError(
        "evidence",
        f"the part called {title} cannot be read: {reason}.",
        unchanged="Nothing was changed.",
        hint="The owner signed it like this; ask them to share the model again.",
    )
