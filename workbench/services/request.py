"""Somebody asks for a right, asks again, or withdraws."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from workbench.errors import Denied, InputError
from workbench.forms import explain
from workbench.policy import lifecycle
from workbench.records import Decision, Purpose, Release, Request
from workbench.release import acts
from workbench.services import granting, questions
from workbench.services.context import Actor, Context, release_ref
from workbench.stores.contracts import Reading, Writing
from workbench.vocabulary import RequestState, Right

__all__ = ["Asking", "Wish"]


class Wish(Purpose):
    """What a person asks for: a right, for some days, for a purpose (category and text)."""

    right: Right
    days: int

    @classmethod
    def of(cls, **fields: Any) -> Wish:
        """Build a wish from what a person typed.

        Raises:
            InputError: naming each field that cannot be used.
        """
        try:
            return cls.model_validate(fields)
        except ValidationError as error:
            raise InputError(
                f"These fields cannot be used: {explain(error)}.",
                unchanged="No request was made.",
            ) from error

    @property
    def purpose(self) -> Purpose:
        """The purpose alone."""
        return Purpose(category=self.category, text=self.text)


class Asking:
    """Requests, from the requester's side."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def check(self, actor: Actor, ref: str, wish: Wish) -> Decision:
        """Return what the gateway would say to this wish now, with terms taken as accepted."""
        records = self._context.records
        release = release_ref(records, ref)
        return self._decide(records, actor, release, wish, terms_accepted=True)

    def request(self, actor: Actor, ref: str, wish: Wish, accepted_terms: str | None) -> Request:
        """Ask for a right; ``accepted_terms`` is the digest of the terms the person agreed to.

        Releases that need no approval are granted at once by the exchange.

        Raises:
            Denied: the gateway said no, the terms were not accepted, or one is open already
                (recorded).
            NotFound: no such release.
            InputError: fewer than one day.
        """
        context = self._context
        if wish.days < 1:
            raise InputError(
                f"A request for {wish.days} days makes no sense.",
                unchanged="No request was made.",
                hint="Ask for one day or more; every grant ends.",
            )
        with context.changing(actor, "request", release=ref) as writing:
            release = release_ref(writing, ref)
            decision = self._agreed(writing, actor, release, wish, accepted_terms)
            self._not_twice(writing, actor, ref, wish)
            now = context.now()
            bare = Request(
                id=context.new_id("rq"),
                release=ref,
                manifest=release.manifest,
                person=actor.person,
                device=actor.device.id,
                right=wish.right,
                purpose=wish.purpose,
                days=wish.days,
                terms=release.listing.terms,
                state=lifecycle.first_state(decision.quorum),
                created=now,
                updated=now,
                statement="",
            )
            request = bare.evolve(statement=actor.act("request", acts.signed_body(bare)))
            self._log(writing, actor, request, "requested", decision)
            return self._settled(writing, release, request)

    def resubmit(
        self, actor: Actor, request_id: str, wish: Wish, accepted_terms: str | None
    ) -> Request:
        """Answer a returned request with a changed one.

        Raises:
            Denied: not the requester's turn, or the gateway said no (recorded).
            NotFound: no such request.
        """
        context = self._context
        with context.changing(actor, "resubmit", request=request_id) as writing:
            request = self._mine(writing, actor, request_id)
            lifecycle.check_request(request.state, "resubmit", "requester")
            release = release_ref(writing, request.release)
            decision = self._agreed(writing, actor, release, wish, accepted_terms)
            bare = request.evolve(
                right=wish.right,
                purpose=wish.purpose,
                days=wish.days,
                terms=release.listing.terms,
                state=lifecycle.first_state(decision.quorum),
                turn=request.turn + 1,
                updated=context.now(),
            )
            changed = bare.evolve(statement=actor.act("request", acts.signed_body(bare)))
            self._log(writing, actor, changed, "resubmitted", decision)
            return self._settled(writing, release, changed)

    def withdraw(self, actor: Actor, request_id: str) -> Request:
        """Take a request back.

        Raises:
            Denied: not the requester's, or it is past that (recorded).
            NotFound: no such request.
        """
        context = self._context
        with context.changing(actor, "withdraw_request", request=request_id) as writing:
            request = self._mine(writing, actor, request_id)
            lifecycle.check_request(request.state, "withdraw", "requester")
            changed = request.evolve(state=RequestState.withdrawn, updated=context.now())
            writing.append(
                context.event(
                    actor,
                    "request_withdrawn",
                    release=request.release,
                    request=request.id,
                    statement=actor.act("withdraw_request", {"request": request.id}),
                ),
                changed,
            )
            return changed

    def _settled(self, writing: Writing, release: Release, request: Request) -> Request:
        """Return the request as it now stands: one that no reviewer has to see is granted."""
        if request.state is not RequestState.approved:
            return request
        return granting.grant_by_exchange(self._context, writing, release, request)

    def _mine(self, reading: Reading, actor: Actor, request_id: str) -> Request:
        self._context.member(reading, actor)
        request = reading.get(Request, request_id)
        if request.person != actor.person:
            raise Denied(
                "Only the person who made a request can change it.",
                unchanged="The request is as it was.",
            )
        return request

    def _agreed(
        self,
        reading: Reading,
        actor: Actor,
        release: Release,
        wish: Wish,
        accepted_terms: str | None,
    ) -> Decision:
        accepted = accepted_terms == release.listing.terms
        if accepted_terms and not accepted:
            raise Denied(
                "The terms have changed since they were accepted.",
                unchanged="No request was made.",
                hint="Read the present terms and accept them again.",
            )
        return self._context.require(
            self._decide(reading, actor, release, wish, terms_accepted=accepted)
        )

    def _decide(
        self, reading: Reading, actor: Actor, release: Release, wish: Wish, *, terms_accepted: bool
    ) -> Decision:
        person = self._context.member(reading, actor)
        question = questions.about_access(
            reading,
            "request",
            person,
            release,
            requester=person,
            device_region=actor.device.region,
            right=wish.right,
            days=wish.days,
            purpose=wish.purpose,
            terms_accepted=terms_accepted,
        )
        return self._context.decide(reading, question)

    def _not_twice(self, reading: Reading, actor: Actor, ref: str, wish: Wish) -> None:
        for other in reading.find(Request, person=actor.person, release=ref):
            if other.right is wish.right and lifecycle.is_open(other.state):
                raise Denied(
                    f"You already have a request for this right: {other.id} ({other.state}).",
                    unchanged="No second request was made.",
                    hint="Withdraw it first, or wait for its answer.",
                )

    def _log(
        self, writing: Writing, actor: Actor, request: Request, kind: str, decision: Decision
    ) -> None:
        writing.append(
            self._context.event(
                actor,
                kind,
                release=request.release,
                request=request.id,
                reason=request.purpose.text,
                policies=decision.policies,
                details={
                    "right": request.right.value,
                    "days": request.days,
                    "purpose": request.purpose.category.value,
                    "terms": request.terms,
                },
                statement=request.statement,
            ),
            request,
        )
