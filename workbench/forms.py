"""What every noun is made of: the frozen base with its one byte form, and the typed strings.

Identifiers are opaque strings, times are UTC to the second (RFC 3339 with ``Z``), digests are
``sha256:<hex>``. The nouns themselves are in :mod:`workbench.records`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    StringConstraints,
    ValidationError,
    model_serializer,
)
from pydantic_core import ErrorDetails

from workbench.encoding import canonical, parse_canonical
from workbench.errors import InputError

__all__ = [
    "PERSON_NAME",
    "RELEASE_NAME",
    "VERSION",
    "Digest",
    "Grown",
    "Model",
    "PersonId",
    "Prose",
    "Record",
    "Region",
    "Time",
    "Word",
    "explain",
    "no_controls",
    "to_second",
]

PERSON_NAME = r"[a-z0-9][a-z0-9._-]{0,62}"
RELEASE_NAME = r"[a-z0-9][a-z0-9._-]{0,62}/[a-z0-9][a-z0-9._-]{0,62}"
VERSION = r"[A-Za-z0-9][A-Za-z0-9._+-]{0,62}"


def to_second(moment: datetime) -> datetime:
    """Return ``moment`` in UTC, cut to the second: the precision everything is signed with."""
    return moment.astimezone(UTC).replace(microsecond=0)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time needs its zone")
    return to_second(moment)


def no_controls(text: str) -> str:
    """Return ``text``, refusing what could hide or reorder it on a screen."""
    if re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", text):
        raise ValueError("control or direction-changing characters are not allowed")
    return text


Time = Annotated[
    datetime,
    AfterValidator(_aware),
    PlainSerializer(lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ"), return_type=str),
]
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Word = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(no_controls)]
Prose = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(no_controls)]
PersonId = Annotated[str, StringConstraints(pattern=rf"^{PERSON_NAME}$")]
Region = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]


class Model(BaseModel):
    """A frozen value with one byte form."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def to_bytes(self) -> bytes:
        """Return the canonical JSON bytes, the only form that is stored, hashed or signed."""
        return canonical(self.model_dump(mode="json"))

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Parse what :meth:`to_bytes` printed, and nothing else.

        Raises:
            InputError: other bytes, unknown or missing fields, values out of range.
        """
        value = parse_canonical(data)
        try:
            record = cls.model_validate(value)
        except ValidationError as error:
            raise InputError(f"Not a {cls.__name__}: {explain(error)}.") from error
        if record.to_bytes() != data:
            raise InputError(f"Not a {cls.__name__} in its one spelling.")
        return record


class Grown(Model):
    """A value that gained fields after its kind was first signed.

    ``LATER`` names them. They are left out of the bytes while they say nothing new, so that what
    was signed before has the same bytes still.
    """

    LATER: ClassVar[frozenset[str]] = frozenset()

    @model_serializer(mode="wrap")
    def _as_before(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields: dict[str, Any] = write(self)
        for name in self.LATER & fields.keys():
            if getattr(self, name) == type(self).model_fields[name].default:
                del fields[name]
        return fields


def explain(error: ValidationError) -> str:
    """Return a pydantic error as one plain phrase, without echoing the input."""
    parts = (
        ".".join(str(step) for step in item["loc"]) + ": " + _phrase(item)
        for item in error.errors(include_input=False, include_url=False)[:5]
    )
    return "; ".join(parts)


_PHRASES = {
    "missing": "it is missing",
    "string_pattern_mismatch": "it is not written as it has to be",
    "string_too_short": "it is empty",
    "too_short": "it is empty",
}


def _phrase(item: ErrorDetails) -> str:
    if item["type"] == "value_error":
        return str(item["ctx"]["error"])
    message = item["msg"]
    return _PHRASES.get(item["type"], message[:1].lower() + message[1:])


class Record(Model):
    """Something an exchange keeps under ``(kind, id)`` and can look up by three columns."""

    kind: ClassVar[str]

    @property
    def key(self) -> str:
        """The identifier within the kind."""
        raise TypeError(f"{type(self).__name__} has no key")

    @property
    def columns(self) -> dict[str, str | None]:
        """What ``find`` can ask for: ``person``, ``release``, ``state``."""
        return {}

    def evolve(self, **changes: Any) -> Self:
        """Return a validated copy with ``changes``."""
        return type(self).model_validate({**self.model_dump(), **changes})
