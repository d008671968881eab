"""A person or a device joins an exchange; somebody is suspended, or let back in."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError

from workbench.errors import Conflict, Denied, InputError, NotFound
from workbench.forms import explain
from workbench.records import Person
from workbench.services.context import Actor, Context
from workbench.vocabulary import Role

__all__ = ["Enrol"]


class Enrol:
    """Who belongs to an exchange."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def enrol(self, actor: Actor, name: str, roles: Sequence[Role]) -> Person:
        """Add this person, or one more device of a person whose device signs for it.

        Raises:
            Conflict: the name belongs to somebody with other devices.
            InputError: the name cannot be used.
        """
        context = self._context
        try:
            person = Person(id=actor.person, name=name, roles=tuple(roles), devices=(actor.device,))
        except ValidationError as error:
            raise InputError(
                f"This person cannot be enrolled: {explain(error)}.",
                unchanged="Nobody was enrolled.",
                hint="A name is small letters, digits, dots, dashes and underscores.",
            ) from error
        with context.records.writing() as writing:
            try:
                present = writing.get(Person, person.id)
            except NotFound:
                writing.append(
                    context.event(
                        actor,
                        "enrolled",
                        subject=person.id,
                        details={"roles": [role.value for role in roles]},
                        statement=actor.act("enrol", person.model_dump(mode="json")),
                    ),
                    person,
                )
                return person
        if present == person:
            return present
        raise Conflict(
            f"{person.id} is enrolled already, with other keys or roles.",
            unchanged="The enrolled person is as before.",
            hint="Choose another name, or use the device that was enrolled.",
        )

    def suspend(self, actor: Actor, who: str, reason: str, *, lift: bool = False) -> Person:
        """Suspend a person, or lift it; stewards only. The reason is kept either way.

        Raises:
            Denied: the actor is no steward (recorded).
            InputError: no reason.
            NotFound: no such person.
        """
        context = self._context
        if not reason.strip():
            raise InputError("A reason is needed.", unchanged=f"{who} is as before.")
        with context.changing(actor, "suspend") as writing:
            if Role.steward not in context.member(writing, actor).roles:
                raise Denied(
                    "Only a steward can suspend a person or lift it.",
                    unchanged=f"{who} is as before.",
                )
            person = writing.get(Person, who)
            changed = person.evolve(suspended=None if lift else reason)
            writing.append(
                context.event(
                    actor,
                    "reinstated" if lift else "suspended",
                    subject=who,
                    reason=reason,
                    statement=actor.act("suspend", {"person": who, "reason": reason, "lift": lift}),
                ),
                changed,
            )
            return changed
