"""A reviewer decides; the last approval makes the grant; a grant can be revoked."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace

from workbench.errors import Conflict, Denied, InputError, NotFound, Unavailable
from workbench.policy import lifecycle
from workbench.policy.gate import Question
from workbench.records import Decision, Device, Grant, Person, Release, Request, Vote
from workbench.release import acts
from workbench.services import ballots, copying, envelopes, granting, questions, signed
from workbench.services.context import Actor, Context, release_ref
from workbench.stores.contracts import Reading, Writing
from workbench.vocabulary import GrantState, RequestState, Right, Role, VoteKind

__all__ = ["Review"]


@dataclass(frozen=True)
class _Due:
    """A marked copy that has to be made before a vote can be recorded.

    ``copy`` is what was made; of a vote that does not conclude it is thrown away at once.
    """

    request: Request
    release: Release
    device: Device
    concludes: bool
    copy: copying.Made | None = None


class Review:
    """Deciding requests and ending grants."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def queue(self, actor: Actor) -> list[Request]:
        """Return the requests waiting for this person's vote, oldest first."""
        records = self._context.records
        person = self._context.member(records, actor)
        if Role.reviewer not in person.roles:
            return []
        return [
            request
            for request in records.find(Request, state=RequestState.in_review)
            if self._concerns(records, actor, request)
        ]

    def waits_for(self, actor: Actor, request: Request) -> bool:
        """Return whether this request waits for this person's vote."""
        records = self._context.records
        return (
            request.state is RequestState.in_review
            and Role.reviewer in self._context.member(records, actor).roles
            and self._concerns(records, actor, request)
        )

    def votes_needed(self, request: Request) -> int:
        """Return how many votes the gateway asks for, whoever casts them."""
        context = self._context
        release = release_ref(context.records, request.release)
        question = self._question(
            context.records, None, release, request, request.right, request.days, "decide"
        )
        decision = context.decide(context.records, question)
        if not decision.allowed:  # it can still be turned down
            turning_down = replace(question, action="turn_down")
            decision = context.decide(context.records, turning_down)
        return decision.quorum

    def check(self, actor: Actor, request: Request) -> Decision:
        """Return what the gateway says to this person deciding this request now."""
        records = self._context.records
        release = release_ref(records, request.release)
        return self._decide(records, actor, release, request, request.right, request.days)

    def decide(
        self,
        actor: Actor,
        request_id: str,
        vote: VoteKind,
        rationale: str,
        *,
        days: int | None = None,
        right: Right | None = None,
        mark: bool = False,
        marking: copying.Marking | None = None,
    ) -> Request:
        """Vote on a request; the vote that completes the quorum also makes the grant.

        With ``mark`` the grant is for a marked copy of the weights; one vote that asks for it is
        enough. ``marking`` is how the copy is made, by whoever casts the last vote. That takes as
        long as the model is large, and happens between two transactions, of which the second looks
        at everything again. Whatever stops it, Ctrl-C too, no vote is cast and no copy is left.

        Raises:
            Conflict: the request changed while a copy was made.
            Denied: a policy or the request's state does not allow it (recorded).
            InputError: no rationale, more days than asked, or a mark that cannot be made.
            NotFound: no such request, or the actor's device holds no keys to grant with.
            TrustError: the actor's envelope does not open, or the request, the release or an
                earlier vote is not what was signed.
            Unavailable: a mark is needed, and there is no ``marking``.
        """
        ballot = ballots.Ballot(vote, rationale, days, right, mark)
        ballots.check(ballot)
        settled = self._vote(actor, request_id, ballot)
        with ExitStack() as stack:
            while isinstance(settled, _Due):
                made = self._marked(actor, settled, marking)
                if made.copy is not None:
                    stack.callback(made.copy.drop)
                settled = self._vote(actor, request_id, ballot, made, marking)
        return settled

    def _marked(self, actor: Actor, due: _Due, marking: copying.Marking | None) -> _Due:
        """Make the copy that is due, outside of any transaction."""
        if marking is None:
            raise Unavailable(
                "A copy cannot be marked from here.",
                unchanged="The request is as it was.",
                hint="Approve it in a notebook, on the command line, or in the Lab.",
            )
        if not due.concludes:
            copying.rehearse(self._context, actor, due.release, marking)
            return due
        copy = copying.make(self._context, actor, due.release, due.request, due.device, marking)
        return replace(due, copy=copy)

    def _vote(
        self,
        actor: Actor,
        request_id: str,
        ballot: ballots.Ballot,
        made: _Due | None = None,
        marking: copying.Marking | None = None,
    ) -> Request | _Due:
        """Record a vote and what follows from it; or return what has to be made before.

        Raises:
            Conflict, Denied, InputError, NotFound, TrustError: as :meth:`decide`.
        """
        context, vote = self._context, ballot.vote
        with context.changing(actor, "decide", request=request_id) as writing:
            request = signed.check_request(writing, writing.get(Request, request_id))
            release = release_ref(writing, request.release)
            lifecycle.check_request(request.state, ballots.VERB[vote], "reviewers")
            allowed_days, allowed_right = ballot.days or request.days, ballot.right or request.right
            ballots.check_right(ballot, allowed_right)
            if allowed_days > request.days:
                raise InputError(
                    f"{request.days} days were asked for; a reviewer can allow fewer, not more.",
                    unchanged="The request is as it was.",
                )
            action = "decide" if vote is VoteKind.approve else "turn_down"
            decision = self._decide(
                writing, actor, release, request, allowed_right, allowed_days, action
            )
            context.require(decision)
            self._once(writing, actor, request)
            if vote is VoteKind.approve:
                envelopes.own(writing, actor, release)
            cast = self._cast(actor, request, ballot)
            earlier = [
                signed.check_vote(writing, vote) for vote in ballots.votes_on(writing, request)
            ]
            votes = [*earlier, cast]
            concludes = len(votes) >= decision.quorum
            due = _due(writing, request, release, votes, concludes, made)
            if due is not None:
                return due
            if marking is not None:
                marking.progress(copying.CASTING, 0, 1)  # the last chance to cancel
            if not concludes:
                # Which way it went stays out of the log until all votes are in.
                writing.append(
                    context.event(
                        actor,
                        "voted",
                        release=release.key,
                        request=request.id,
                        subject=request.person,
                        details={"turn": request.turn, "of": decision.quorum},
                    ),
                    cast,
                )
                return request
            copy = made.copy if made and ballots.marks(request, votes) else None
            return self._conclude(writing, actor, release, request, votes, decision, copy)

    def revoke(self, actor: Actor, grant_id: str, rationale: str) -> Grant:
        """End a grant before its time, with the reason.

        Raises:
            Denied: a policy does not allow it, or it has ended already (recorded).
            InputError: no rationale.
            NotFound: no such grant.
        """
        context = self._context
        if not rationale.strip():
            raise InputError("A reason is needed.", unchanged="The grant is as it was.")
        with context.changing(actor, "revoke") as writing:
            person = context.member(writing, actor)
            grant = writing.get(Grant, grant_id)
            release = release_ref(writing, grant.release)
            lifecycle.check_grant(grant.state, "revoke", "reviewers")
            decision = context.require(
                context.decide(writing, questions.about_release(writing, "revoke", person, release))
            )
            ended = grant.evolve(state=GrantState.revoked)
            request = writing.get(Request, grant.request)
            writing.append(
                context.event(
                    actor,
                    "revoked",
                    release=grant.release,
                    request=grant.request,
                    subject=grant.person,
                    reason=rationale,
                    policies=decision.policies,
                    details={"grant": grant.id},
                    statement=actor.act("revoke", {"grant": grant.id, "rationale": rationale}),
                ),
                ended,
                request.evolve(state=RequestState.revoked, updated=context.now()),
            )
            return ended

    def _conclude(
        self,
        writing: Writing,
        actor: Actor,
        release: Release,
        request: Request,
        votes: list[Vote],
        decision: Decision,
        copy: copying.Made | None,
    ) -> Request:
        context = self._context
        state, right = ballots.outcome(request, votes)
        closed = request.evolve(state=state, updated=context.now())
        reason = " · ".join(vote.rationale for vote in votes)
        writing.append(
            context.event(
                actor,
                state.value,
                release=request.release,
                request=request.id,
                subject=request.person,
                reason=reason,
                policies=decision.policies,
                details={"turn": request.turn, "votes": len(votes)},
                statement=votes[-1].statement,
            ),
            closed,
            votes[-1],
        )
        if state is not RequestState.approved:
            return closed
        return granting.grant(
            context,
            writing,
            actor,
            release,
            closed,
            right=right,
            days=min(vote.days or request.days for vote in votes),
            reason=reason,
            policies=decision.policies,
            copy=copy,
        )

    def _cast(self, actor: Actor, request: Request, ballot: ballots.Ballot) -> Vote:
        bare = Vote(
            request=request.id,
            turn=request.turn,
            reviewer=actor.person,
            vote=ballot.vote,
            rationale=ballot.rationale,
            days=ballot.days,
            right=ballot.right,
            mark=ballot.mark,
            at=self._context.now(),
            statement="",
        )
        return bare.evolve(statement=actor.act("vote", acts.signed_body(bare)))

    def _decide(
        self,
        reading: Reading,
        actor: Actor,
        release: Release,
        request: Request,
        right: Right,
        days: int,
        action: str = "decide",
    ) -> Decision:
        member = self._context.member(reading, actor)
        question = self._question(reading, member, release, request, right, days, action)
        return self._context.decide(reading, question)

    def _question(
        self,
        reading: Reading,
        person: Person | None,
        release: Release,
        request: Request,
        right: Right,
        days: int,
        action: str,
    ) -> Question:
        """Return what the gateway is asked about a vote of ``person``, or of some reviewer."""
        requester = reading.get(Person, request.person)
        device = requester.device(request.device)
        question = questions.about_access(
            reading,
            action,
            person or requester,
            release,
            requester=requester,
            device_region=device.region if device else None,
            right=right,
            days=days,
            purpose=request.purpose,
            terms_accepted=request.terms == release.listing.terms,
        )
        if person is not None:
            return question
        return replace(
            question,
            roles=(Role.reviewer.value,),
            suspended=False,
            person_is_owner=False,
            person_is_requester=False,
        )

    def _once(self, reading: Reading, actor: Actor, request: Request) -> None:
        if any(vote.reviewer == actor.person for vote in ballots.votes_on(reading, request)):
            raise Denied(
                "You have voted on this turn already.",
                unchanged="Your first vote stands.",
                hint="The others are shown when all votes are in.",
            )

    def _concerns(self, reading: Reading, actor: Actor, request: Request) -> bool:
        if request.person == actor.person:
            return False
        try:
            if reading.get(Release, request.release).listing.owner == actor.person:
                return False
        except NotFound:
            return False
        return all(vote.reviewer != actor.person for vote in ballots.votes_on(reading, request))


def _due(
    reading: Reading,
    request: Request,
    release: Release,
    votes: list[Vote],
    concludes: bool,
    made: _Due | None,
) -> _Due | None:
    """Return what is to be made before the last of ``votes`` counts, unless it is ``made``."""
    if made is not None:
        _check_unchanged(made, request, release)
    needed = ballots.marks(request, votes) if concludes else votes[-1].mark
    if not needed or (made is not None and made.concludes is concludes):
        return None
    _, device = granting.holder(reading, request, Right.retrieve)
    return _Due(request, release, device, concludes)


def _check_unchanged(made: _Due, request: Request, release: Release) -> None:
    if (made.request, made.release.manifest) != (request, release.manifest):
        raise Conflict(
            "The request changed while the copy was made.",
            unchanged="Your vote was not cast.",
            hint="Look at the request again, then decide.",
        )
