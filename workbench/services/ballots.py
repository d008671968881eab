"""What reviewers say to a request, and what their votes come to together."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.errors import InputError
from workbench.records import Request, Vote
from workbench.stores.contracts import Reading
from workbench.vocabulary import RequestState, Right, VoteKind

__all__ = [
    "VERB",
    "Ballot",
    "check",
    "check_right",
    "marks",
    "outcome",
    "visible_votes",
    "votes_on",
]

VERB = {VoteKind.approve: "approve", VoteKind.return_: "return", VoteKind.reject: "reject"}


@dataclass(frozen=True)
class Ballot:
    """What a reviewer says: fewer days, another right or a marked copy go with an approval."""

    vote: VoteKind
    rationale: str
    days: int | None
    right: Right | None
    mark: bool


def check(ballot: Ballot) -> None:
    """Check what needs no knowledge of the request.

    Raises:
        InputError: no rationale, less than a day, or a mark on what is not approved.
    """
    if not ballot.rationale.strip():
        raise InputError(
            "A rationale is needed for every decision, either way.",
            unchanged="The request is as it was.",
            hint="One sentence is enough: why yes, why no, or what is missing.",
        )
    if ballot.days is not None and ballot.days < 1:
        raise InputError(
            f"A grant for {ballot.days} days makes no sense.",
            unchanged="The request is as it was.",
            hint="Allow one day or more, or reject the request.",
        )
    if ballot.mark and ballot.vote is not VoteKind.approve:
        raise InputError(
            "Only what is approved can carry a mark.",
            unchanged="The request is as it was.",
            hint="Leave the mark out, or approve.",
        )


def check_right(ballot: Ballot, right: Right) -> None:
    """Check that the right a ballot is about can come with a mark, if it asks for one.

    Raises:
        InputError: it cannot.
    """
    if ballot.mark and right is not Right.retrieve:
        raise InputError(
            "Only somebody who gets the weights gets a copy that can carry a mark.",
            unchanged="The request is as it was.",
            hint="Leave the mark out.",
        )


def outcome(request: Request, votes: list[Vote]) -> tuple[RequestState, Right]:
    """One rejection rejects; one return, or two different rights, returns; else approved."""
    kinds = {vote.vote for vote in votes}
    rights = {vote.right or request.right for vote in votes}
    if VoteKind.reject in kinds:
        return RequestState.rejected, request.right
    if VoteKind.return_ in kinds or len(rights) > 1:
        return RequestState.returned, request.right
    return RequestState.approved, rights.pop()


def marks(request: Request, votes: list[Vote]) -> bool:
    """Return whether these votes lead to a grant of a marked copy."""
    state, right = outcome(request, votes)
    wanted = any(vote.mark for vote in votes)
    return wanted and state is RequestState.approved and right is Right.retrieve


def votes_on(reading: Reading, request: Request) -> list[Vote]:
    """Return the votes of the present turn, in the order they were cast."""
    return [vote for vote in reading.find(Vote, release=request.id) if vote.turn == request.turn]


def visible_votes(reading: Reading, request: Request, viewer: str) -> list[Vote]:
    """Return the votes of the present turn that ``viewer`` may see.

    Votes stay hidden, except one's own, until the request has left review.
    """
    votes = votes_on(reading, request)
    if request.state is RequestState.in_review:
        return [vote for vote in votes if vote.reviewer == viewer]
    return votes
