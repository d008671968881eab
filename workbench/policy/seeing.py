"""Who may see what happened: the watching roles all of it, others what is public or theirs.

Pure: what a person owns and asked for is given. Verifying the log shows nothing, so everybody can.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from workbench.records import Event, Person
from workbench.vocabulary import Role

__all__ = ["Viewer", "watches"]

_WATCHING = frozenset({Role.reviewer, Role.auditor, Role.steward})
# Who is here, what there is, and by which policies everybody is decided about.
_PUBLIC = frozenset(
    {"enrolled", "published", "deprecated", "retired", "withdrawn", "policy_changed"}
)


def watches(person: Person) -> bool:
    """Return whether other people's dealings are this person's business by role."""
    return bool(_WATCHING & set(person.roles))


@dataclass(frozen=True)
class Viewer:
    """A person, the releases they own (by reference), and the requests they or others made of them.

    ``requests`` are the ids of those that the person made, and of those for the person's releases.
    """

    person: Person
    releases: Set[str]
    requests: Set[str]

    def sees(self, event: Event) -> bool:
        """Return whether an event may be shown, less whom it names besides (:meth:`concerned`)."""
        return event.kind in _PUBLIC or self.concerned(event)

    def sees_whole(self, event: Event) -> bool:
        """Return whether an event may be shown as the log has it, as a receipt does."""
        return self.concerned(event) or (event.kind in _PUBLIC and not event.details.get("holders"))

    def concerned(self, event: Event) -> bool:
        """Return whether an event is this person's business, by role or by their part in it."""
        return (
            watches(self.person)
            or self.person.id in (event.actor, event.subject)
            or event.release in self.releases
            or event.request in self.requests
        )
