"""What each state of a request, a release or a grant allows, and whose turn it is: as tables.

Who *may* is a matter of policy (:mod:`workbench.policy.gate`); this module only knows whether the
state allows a move and which side makes it. Every ``check_`` raises, and its twin ``may_`` says
the same as yes or no, so that a button and the action behind it cannot disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from workbench.errors import Denied, InputError
from workbench.policy.question import DRAFT
from workbench.vocabulary import GrantState, ReleaseState, RequestState

__all__ = [
    "ACTORS",
    "GRANT",
    "LIFECYCLES",
    "RELEASE",
    "REQUEST",
    "Lifecycle",
    "Move",
    "Stage",
    "check_grant",
    "check_release",
    "check_request",
    "diagram",
    "first_state",
    "is_open",
    "may_grant",
    "may_release",
    "may_request",
    "release_verbs",
    "request_owner",
]

ACTORS: Final = ("requester", "reviewers", "owner", "steward", "system")


@dataclass(frozen=True)
class Move:
    """Where a verb leads, and which sides may say it."""

    to: str
    by: tuple[str, ...]


@dataclass(frozen=True)
class Stage:
    """One state: whose turn it is, and the moves out of it (none: it is an end)."""

    turn: str
    moves: Mapping[str, Move]


@dataclass(frozen=True)
class Lifecycle:
    """All states of one kind of thing; ``start`` is where it begins."""

    noun: str
    start: str
    stages: Mapping[str, Stage]


_ENDERS: Final = ("owner", "steward")
_REVOKERS: Final = ("owner", "reviewers", "steward")
_WITHDRAW: Final = Move(RequestState.withdrawn, ("requester",))
_RELEASE_WITHDRAW: Final = Move(ReleaseState.withdrawn, _ENDERS)

REQUEST: Final = Lifecycle(
    "request",
    RequestState.submitted,
    {
        RequestState.submitted: Stage(
            "system",
            {
                "review": Move(RequestState.in_review, ("system",)),
                # Where the policy asks for no approvals there is nobody to wait for.
                "approve": Move(RequestState.approved, ("system",)),
                "withdraw": _WITHDRAW,
            },
        ),
        RequestState.in_review: Stage(
            "reviewers",
            {
                "approve": Move(RequestState.approved, ("reviewers",)),
                "return": Move(RequestState.returned, ("reviewers",)),
                "reject": Move(RequestState.rejected, ("reviewers",)),
                "withdraw": _WITHDRAW,
            },
        ),
        RequestState.returned: Stage(
            "requester",
            {
                "resubmit": Move(RequestState.submitted, ("requester",)),
                "withdraw": _WITHDRAW,
            },
        ),
        # The approval is complete; somebody who holds an envelope still has to seal the grantee's.
        RequestState.approved: Stage(
            "system",
            {
                "grant": Move(RequestState.granted, ("reviewers", "owner", "system")),
                "withdraw": _WITHDRAW,
            },
        ),
        RequestState.granted: Stage(
            "system",
            {
                "expire": Move(RequestState.expired, ("system",)),
                "revoke": Move(RequestState.revoked, _REVOKERS),
            },
        ),
        RequestState.rejected: Stage("requester", {}),
        RequestState.withdrawn: Stage("requester", {}),
        RequestState.expired: Stage("requester", {}),
        RequestState.revoked: Stage("requester", {}),
    },
)

RELEASE: Final = Lifecycle(
    "release",
    DRAFT,
    {
        DRAFT: Stage("owner", {"publish": Move(ReleaseState.published, ("owner",))}),
        ReleaseState.published: Stage(
            "owner",
            {
                "deprecate": Move(ReleaseState.deprecated, _ENDERS),
                "retire": Move(ReleaseState.retired, _ENDERS),
                "withdraw": _RELEASE_WITHDRAW,
            },
        ),
        ReleaseState.deprecated: Stage(
            "owner",
            {
                "retire": Move(ReleaseState.retired, _ENDERS),
                "withdraw": _RELEASE_WITHDRAW,
            },
        ),
        ReleaseState.retired: Stage("owner", {"withdraw": _RELEASE_WITHDRAW}),
        ReleaseState.withdrawn: Stage("owner", {}),
    },
)

GRANT: Final = Lifecycle(
    "grant",
    GrantState.active,
    {
        GrantState.active: Stage(
            "system",
            {
                "expire": Move(GrantState.expired, ("system",)),
                "revoke": Move(GrantState.revoked, _REVOKERS),
            },
        ),
        GrantState.expired: Stage("requester", {}),
        GrantState.revoked: Stage("requester", {}),
    },
)

LIFECYCLES: Final = (REQUEST, RELEASE, GRANT)


def first_state(quorum: int) -> RequestState:
    """Return the state a request is in once the system has taken it: in review, or approved."""
    verb = "review" if quorum else "approve"
    return RequestState(check_request(RequestState.submitted, verb, "system"))


def check_request(state: str, verb: str, who: str) -> str:
    """Return the state that ``verb`` moves a request to.

    Raises:
        Denied: this state does not allow it, or not this side; the hint has what is possible.
        InputError: no such state or side.
    """
    return _check(REQUEST, state, verb, who)


def may_request(state: str, verb: str, who: str) -> bool:
    """Return whether :func:`check_request` would let this pass."""
    return _may(REQUEST, state, verb, who)


def is_open(state: str) -> bool:
    """Return whether a request still waits for its answer, so that it can be taken back."""
    return may_request(state, "withdraw", "requester")


def request_owner(state: str) -> str:
    """Return whose turn a request is: a side, or ``"nobody"`` when nothing more can happen."""
    stage = REQUEST.stages[state]
    return stage.turn if stage.moves else "nobody"


def release_verbs(state: str) -> list[str]:
    """Return what its owner or a steward can do with a release in this state."""
    return [verb for verb, move in RELEASE.stages[state].moves.items() if "steward" in move.by]


def check_release(state: str, verb: str, who: str) -> str:
    """Return the state that ``verb`` moves a release to.

    Raises:
        Denied: this state does not allow it, or not this side; the hint has what is possible.
        InputError: no such state or side.
    """
    return _check(RELEASE, state, verb, who)


def may_release(state: str, verb: str, who: str) -> bool:
    """Return whether :func:`check_release` would let this pass."""
    return _may(RELEASE, state, verb, who)


def check_grant(state: str, verb: str, who: str) -> str:
    """Return the state that ``verb`` moves a grant to.

    Raises:
        Denied: this state does not allow it, or not this side; the hint has what is possible.
        InputError: no such state or side.
    """
    return _check(GRANT, state, verb, who)


def may_grant(state: str, verb: str, who: str) -> bool:
    """Return whether :func:`check_grant` would let this pass."""
    return _may(GRANT, state, verb, who)


def diagram() -> str:
    """Return the three tables as one Mermaid state diagram (names are prefixed: ids are global)."""
    lines = ["stateDiagram-v2"]
    for life in LIFECYCLES:
        lines.append(f"    state {life.noun.capitalize()} {{")
        lines.append(f"        [*] --> {life.noun}_{life.start}")
        for state, stage in life.stages.items():
            name = f"{life.noun}_{state}"
            turn = f"<br/>turn of {stage.turn}" if stage.moves else ""
            lines.append(f"        {name}: {_words(state)}{turn}")
            lines.extend(
                f"        {name} --> {life.noun}_{move.to}: {verb} ({', '.join(move.by)})"
                for verb, move in stage.moves.items()
            )
            if not stage.moves:
                lines.append(f"        {name} --> [*]")
        lines.append("    }")
    return "\n".join(lines) + "\n"


def _check(life: Lifecycle, state: str, verb: str, who: str) -> str:
    stage = life.stages.get(state)
    if stage is None:
        raise InputError(f"A {life.noun} has no state called {state[:80]!r}.")
    if who not in ACTORS:
        raise InputError(f"Nobody is called {who[:80]!r} in a lifecycle.")
    move = stage.moves.get(verb)
    unchanged = f"The {life.noun} is still {_words(state)}."
    if move is None:
        raise Denied(
            f"A {life.noun} that is {_words(state)} cannot be moved by {verb[:80]!r}.",
            unchanged=unchanged,
            hint=_possible(life, stage),
        )
    if who not in move.by:
        raise Denied(
            f"To {verb} a {life.noun} that is {_words(state)} is up to {' or '.join(move.by)},"
            f" not {who}.",
            unchanged=unchanged,
            hint=_possible(life, stage),
        )
    return str(move.to)


def _may(life: Lifecycle, state: str, verb: str, who: str) -> bool:
    try:
        _check(life, state, verb, who)
    except Denied:
        return False
    return True


def _possible(life: Lifecycle, stage: Stage) -> str:
    if not stage.moves and life.noun == "release":
        return "Nothing more can happen to it; publish a new version."
    if not stage.moves:
        return "Nothing more can happen to it; a new request is always possible."
    moves = (f"{verb} ({' or '.join(move.by)})" for verb, move in stage.moves.items())
    return f"Possible now: {', '.join(moves)}."


def _words(state: str) -> str:
    return str(state).replace("_", " ")
