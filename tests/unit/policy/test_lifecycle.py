"""The lifecycle tables: complete, connected, and the same for a button and the act behind it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

import pytest

from workbench.errors import Denied, InputError
from workbench.policy import lifecycle
from workbench.policy.lifecycle import ACTORS, GRANT, LIFECYCLES, RELEASE, REQUEST, Lifecycle
from workbench.vocabulary import GrantState, ReleaseState, RequestState

Check = Callable[[str, str, str], str]
May = Callable[[str, str, str], bool]
TWINS: list[tuple[Lifecycle, Check, May]] = [
    (REQUEST, lifecycle.check_request, lifecycle.may_request),
    (RELEASE, lifecycle.check_release, lifecycle.may_release),
    (GRANT, lifecycle.check_grant, lifecycle.may_grant),
]
each_life = pytest.mark.parametrize("life", LIFECYCLES, ids=lambda life: life.noun)
each_twin = pytest.mark.parametrize(
    ("life", "check", "may"), TWINS, ids=["request", "release", "grant"]
)


@each_life
def test_every_state_has_an_owner(life: Lifecycle) -> None:
    """Nothing waits for nobody: each state says whose turn it is, and each move who makes it."""
    for stage in life.stages.values():
        assert stage.turn in ACTORS
        for move in stage.moves.values():
            assert move.by
            assert set(move.by) <= set(ACTORS)


@each_life
def test_every_move_leads_to_a_known_state(life: Lifecycle) -> None:
    """No verb moves a thing out of its table, and none leaves it where it is."""
    for state, stage in life.stages.items():
        for move in stage.moves.values():
            assert move.to in life.stages
            assert move.to != state


@each_life
def test_every_state_can_be_reached_and_left_or_is_an_end(life: Lifecycle) -> None:
    """From the start every state is reached, and from every state an end."""

    def reached(state: str) -> set[str]:
        found, waiting = {state}, [state]
        while waiting:
            for move in life.stages[waiting.pop()].moves.values():
                if move.to not in found:
                    found.add(move.to)
                    waiting.append(move.to)
        return found

    assert reached(life.start) == set(life.stages)
    ends = {state for state, stage in life.stages.items() if not stage.moves}
    for state in life.stages:
        assert reached(state) & ends


def test_the_tables_cover_every_state_a_record_can_have() -> None:
    """A state that a record may hold has its row; only a draft has no record yet."""
    assert set(REQUEST.stages) == set(RequestState)
    assert set(GRANT.stages) == set(GrantState)
    assert set(RELEASE.stages) == {"draft", *ReleaseState}


@each_twin
def test_check_and_may_agree_on_everything(life: Lifecycle, check: Check, may: May) -> None:
    """Every state, every verb of any table, every side: yes exactly where the table has it."""
    verbs = {verb for each in LIFECYCLES for stage in each.stages.values() for verb in stage.moves}
    for state, verb, who in itertools.product(life.stages, [*verbs, "fly"], ACTORS):
        move = life.stages[state].moves.get(verb)
        if move is not None and who in move.by:
            assert check(state, verb, who) == move.to
            assert may(state, verb, who)
        else:
            with pytest.raises(Denied) as caught:
                check(state, verb, who)
            assert not may(state, verb, who)
            assert caught.value.unchanged == f"The {life.noun} is still {state.replace('_', ' ')}."
            assert caught.value.hint


@each_twin
def test_unknown_states_and_sides_are_mistakes_not_refusals(
    life: Lifecycle, check: Check, may: May
) -> None:
    """A typing error must not look like a policy."""
    for ask in (check, may):
        with pytest.raises(InputError, match=f"A {life.noun} has no state called 'lost'"):
            ask("lost", "withdraw", "owner")
        with pytest.raises(InputError, match="Nobody is called 'king'"):
            ask(life.start, "withdraw", "king")


@pytest.mark.parametrize(
    ("attempt", "message", "hint"),
    [
        (
            ("rejected", "approve", "reviewers"),
            "A request that is rejected cannot be moved by 'approve'.",
            "Nothing more can happen to it; a new request is always possible.",
        ),
        (
            ("in_review", "approve", "requester"),
            "To approve a request that is in review is up to reviewers, not requester.",
            "Possible now: approve (reviewers), return (reviewers), reject (reviewers),"
            " withdraw (requester).",
        ),
    ],
)
def test_a_refusal_says_what_is_possible(
    attempt: tuple[str, str, str], message: str, hint: str
) -> None:
    """Nobody is left guessing what to do instead."""
    with pytest.raises(Denied) as caught:
        lifecycle.check_request(*attempt)
    assert (caught.value.message, caught.value.hint) == (message, hint)


def parse(
    text: str,
) -> dict[str, tuple[str, dict[str, tuple[str, dict[str, tuple[str, tuple[str, ...]]]]]]]:
    """Read a diagram back: noun to start and states, each with its turn and moves."""
    lives: dict[str, tuple[str, dict[str, tuple[str, dict[str, tuple[str, tuple[str, ...]]]]]]] = {}
    noun = ""
    for line in text.splitlines()[1:]:
        words = line.strip()
        if opened := re.fullmatch(r"state (\w+) \{", words):
            noun = opened[1].lower()
        elif start := re.fullmatch(rf"\[\*\] --> {noun}_(\w+)", words):
            lives[noun] = (start[1], {})
        elif state := re.fullmatch(rf"{noun}_(\w+): ([^<]+)(?:<br/>turn of (\w+))?", words):
            assert state[2] == state[1].replace("_", " ")
            lives[noun][1][state[1]] = (state[3] or "", {})
        elif move := re.fullmatch(rf"{noun}_(\w+) --> {noun}_(\w+): (\w+) \((.+)\)", words):
            lives[noun][1][move[1]][1][move[3]] = (move[2], tuple(move[4].split(", ")))
        else:
            end = re.fullmatch(rf"{noun}_(\w+) --> \[\*\]|\}}", words)
            assert end, line
            assert end[1] is None or lives[noun][1][end[1]] == ("", {})
    return lives


def test_the_diagram_reads_back_as_the_tables() -> None:
    """What the README draws is what the code does, move by move."""
    text = lifecycle.diagram()
    assert text.startswith("stateDiagram-v2\n")
    assert parse(text) == {
        life.noun: (
            life.start,
            {
                str(state): (
                    stage.turn if stage.moves else "",
                    {verb: (str(move.to), move.by) for verb, move in stage.moves.items()},
                )
                for state, stage in life.stages.items()
            },
        )
        for life in LIFECYCLES
    }


def test_a_request_starts_in_review_or_approved() -> None:
    """Where no approvals are asked for there is nobody to wait for."""
    assert lifecycle.first_state(0) == RequestState.approved
    assert lifecycle.first_state(1) == lifecycle.first_state(2) == RequestState.in_review


def test_a_request_is_open_until_it_is_answered() -> None:
    """Then it cannot be taken back any more."""
    open_states = {state for state in RequestState if lifecycle.is_open(state)}
    assert open_states == {"submitted", "in_review", "returned", "approved"}


def test_whose_turn_a_request_is() -> None:
    """At an end it is nobody's."""
    assert {state: lifecycle.request_owner(state) for state in RequestState} == {
        "submitted": "system",
        "in_review": "reviewers",
        "returned": "requester",
        "approved": "system",
        "granted": "system",
        "rejected": "nobody",
        "withdrawn": "nobody",
        "expired": "nobody",
        "revoked": "nobody",
    }


def test_what_can_be_done_with_a_release() -> None:
    """Each stage offers less than the one before; publishing is not among the buttons."""
    assert {state: lifecycle.release_verbs(state) for state in RELEASE.stages} == {
        "draft": [],
        "published": ["deprecate", "retire", "withdraw"],
        "deprecated": ["retire", "withdraw"],
        "retired": ["withdraw"],
        "withdrawn": [],
    }
