"""A steward puts other policies into force, or the packaged ones again."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from workbench.errors import Denied, InputError, NotFound, TrustError
from workbench.forms import explain
from workbench.policy.gate import Gate, packaged
from workbench.records import Catalogue
from workbench.services.context import Actor, Context
from workbench.services.policies import CURRENT
from workbench.services.signed import texts_digest
from workbench.stores.contracts import Reading
from workbench.vocabulary import Role

__all__ = ["Steer"]

_AS_BEFORE = "The policies in force are as before."


class Steer:
    """Which policies an exchange decides by."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def install(self, actor: Actor, files: Mapping[str, str], reason: str) -> Catalogue:
        """Replace the whole catalogue by these Cedar texts, by file name; stewards only.

        The policies in force are not asked: whoever repairs a broken catalogue must not need it.

        Raises:
            Denied: the actor is no steward, or is suspended (recorded).
            InputError: no reason, or a broken catalogue; the file and the policy are named.
        """
        context = self._context
        if not reason.strip():
            raise InputError("A reason is needed.", unchanged=_AS_BEFORE)
        with context.changing(actor, "change_policy") as writing:
            person = context.member(writing, actor)
            if Role.steward not in person.roles or person.suspended:
                raise Denied(
                    "Only a steward who is not suspended can change the policies.",
                    unchanged=_AS_BEFORE,
                )
            digests = {"old": _present(writing), "new": texts_digest(files)}
            statement = actor.act("change_policy", {**digests, "reason": reason})
            catalogue = _checked(files, person.id, statement)
            event = context.event(
                actor, "policy_changed", reason=reason, details=digests, statement=statement
            )
            writing.append(event, catalogue)
            return catalogue

    def reset(self, actor: Actor, reason: str) -> Catalogue:
        """Put the packaged catalogue into force again; as :meth:`install`."""
        return self.install(actor, packaged(), reason)


def _checked(files: Mapping[str, str], steward: str, statement: str) -> Catalogue:
    try:
        catalogue = Catalogue(files=dict(files), steward=steward, statement=statement)
        Gate.of(catalogue.files)
    except ValidationError as error:
        raise InputError(
            f"These policies cannot be kept: {explain(error)}.", unchanged=_AS_BEFORE
        ) from error
    except InputError as error:
        raise InputError(
            error.message,
            unchanged=_AS_BEFORE,
            hint="Mend the file; `workbench policy check PATH` checks it without installing it.",
        ) from error
    return catalogue


def _present(reading: Reading) -> str:
    """Return the digest of the texts that are replaced, if they can still be read."""
    try:
        return texts_digest(reading.get(Catalogue, CURRENT).files)
    except NotFound:
        return texts_digest(packaged())
    except TrustError:
        return "unreadable"
