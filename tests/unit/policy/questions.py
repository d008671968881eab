"""Questions for the gateway: one base question as data, and how tests differ from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from hypothesis import strategies as st

from workbench.policy.question import ACTIONS, PERIOD_ACTIONS, RIGHTS, Question
from workbench.vocabulary import (
    Band,
    Labelling,
    PurposeKind,
    ReleaseState,
    Role,
    Sensitivity,
    Verdict,
)

__all__ = ["BASE", "DECISIONS", "ask", "questions"]

HERE: Final = Path(__file__).parent
DECISIONS: Final = sorted((HERE / "decisions").glob("*.json"))
BASE: Final[dict[str, Any]] = json.loads((HERE / "base.json").read_text("utf-8"))


def ask(**change: Any) -> Question:
    """Return the base question (a request that is allowed) with some fields changed."""
    return Question(**{**BASE, **change})


def _some(words: Any) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from([str(word) for word in words]), unique=True).map(tuple)


def _one(words: Any) -> st.SearchStrategy[str]:
    return st.sampled_from([str(word) for word in words])


@st.composite
def questions(draw: st.DrawFn, actions: tuple[str, ...] = ACTIONS) -> Question:
    """Return any question, more often one that is nearly allowed than one that is not."""
    action = draw(st.sampled_from(actions))
    shortest = 1 if action in PERIOD_ACTIONS else 0
    regions = _some(["eu", "ch", "us"])
    fields: dict[str, st.SearchStrategy[Any]] = {
        "roles": _some(Role),
        "suspended": st.booleans(),
        "person_is_owner": st.booleans(),
        "person_is_requester": st.booleans(),
        "sensitivity": _one(Sensitivity),
        "regions": regions,
        "rights": _some(RIGHTS),
        "license": st.sampled_from(["CC-BY-4.0", "CC-BY-NC-4.0", "Apache 2", "own words"]),
        "license_known": st.booleans(),
        "license_allows_redistribution": st.booleans(),
        "terms_present": st.booleans(),
        "state": _one(["draft", *ReleaseState]),
        "scan": _one(Verdict),
        "leakage": _one(Band),
        "retained_rows": _one(Verdict),
        "exchange_is_custodian": st.booleans(),
        "purposes_allowed": _some(PurposeKind),
        "right": st.none() | _one(RIGHTS),
        "days": st.sampled_from([1, 14, 15, 30, 31, 180, 181, 365, 366, 3650])
        | st.integers(shortest, 3650),
        "purpose": st.none() | _one(PurposeKind),
        "terms_accepted": st.booleans(),
        "device_region": st.none() | st.sampled_from(["eu", "ch", "us"]),
        "evaluator_regions": regions,
        "reviewers_available": st.integers(0, 3),
        "is_renewal": st.booleans(),
        "mfa_available": st.booleans(),
        "mfa_done": st.booleans(),
        "signed": st.booleans(),
        "evidence_present": st.booleans(),
        "labels": _one(Labelling),
        "derived": st.booleans(),
        "parents_held": st.booleans(),
        "parent_terms_kept": st.booleans(),
        "parent_level_kept": st.booleans(),
        "parent_withdrawn": st.booleans(),
    }
    # Changing everything at once is denied for ten reasons; a few fields find the edges.
    changed = draw(st.sets(st.sampled_from(sorted(fields)), max_size=8))
    return ask(action=action, **{name: draw(fields[name]) for name in sorted(changed)})
