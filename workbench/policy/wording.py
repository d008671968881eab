"""The sentence in which an alternative is offered to a person.

The words are those of the screens: run hosted, get the weights, fine-tune, terms, purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from workbench.policy.question import Question

__all__ = ["sentence"]

_TO: Final = {
    "infer": "to run it hosted",
    "retrieve": "to get the weights",
    "fine_tune": "to fine-tune it hosted",
}
_DOING: Final = {
    "infer": "running it hosted",
    "retrieve": "getting the weights",
    "fine_tune": "fine-tuning it hosted",
    "redistribute": "passing it on",
}


def sentence(question: Question, change: Mapping[str, Any]) -> str:
    """Return what to do instead, as one sentence addressed to the person who asked."""
    return _SENTENCES[question.action](question, change)


def _request(question: Question, change: Mapping[str, Any]) -> str:
    if set(change) == {"terms_accepted"}:
        return "Read and accept the terms, then send the same request."
    parts = ["Accept the terms and ask" if "terms_accepted" in change else "Ask"]
    if "right" in change:
        parts.append(_TO[change["right"]])
    if "days" in change or "right" in change:
        parts.append(_period(question, change))
    if "purpose" in change:
        again = "" if len(parts) > 1 else "again "
        parts.append(f"{again}with {change['purpose']} as the purpose, if that is what you plan")
    return " ".join(parts) + _comfort(change) + "."


def _decide(question: Question, change: Mapping[str, Any]) -> str:
    if "right" not in change:
        return f"Approve it {_period(question, change)}."
    doing = _DOING[change["right"]]
    return f"Approve {doing} instead, {_period(question, change)}{_stay(change)}."


def _publish(_question: Question, change: Mapping[str, Any]) -> str:
    parts = []
    if "rights" in change:
        parts.append(f"offer only {_and([_DOING[right] for right in change['rights']])}")
    if "terms_present" in change:
        parts.append("attach terms (the standard research terms fit most releases)")
    if "license" in change:
        parts.append(f"choose the licence {change['license']}")
    text = _and(parts)
    return text[0].upper() + text[1:] + "."


def _load(_question: Question, _change: Mapping[str, Any]) -> str:
    return "Load it all the same, as you would run its owner's program: .load(insist=True)."


_SENTENCES: Final[dict[str, Callable[[Question, Mapping[str, Any]], str]]] = {
    "request": _request,
    "decide": _decide,
    "publish": _publish,
    "load": _load,
}


def _period(question: Question, change: Mapping[str, Any]) -> str:
    if "days" not in change:
        return f"for {_days(question.days)}"
    return f"for {_days(change['days'])} instead of {question.days}"


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def _comfort(change: Mapping[str, Any]) -> str:
    """Say what makes the smaller thing acceptable."""
    if "days" in change and "right" not in change:
        return "; you can renew before they end"
    return _stay(change)


def _stay(change: Mapping[str, Any]) -> str:
    return "; the weights stay where they are" if change.get("right") == "infer" else ""


def _and(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return ", ".join(parts[:-1]) + " and " + parts[-1]
