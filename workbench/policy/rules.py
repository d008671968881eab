"""Reads a catalogue of Cedar policies, once, and refuses a broken one.

Cedar itself ignores annotations; here they carry the words people read and the obligations, so
they are checked as strictly as the policies. An annotation that nobody would honour is refused:
an obligation that is silently dropped is worse than an error at start-up.

Source: Cedar policy language reference, "Policy syntax" (annotations) and "JSON policy format".
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import cedarpy

from workbench.encoding import canonical, digest
from workbench.errors import InputError
from workbench.policy.question import MAX_DAYS

__all__ = ["DEFAULT_DENY", "Rule", "Rules"]

DEFAULT_DENY: Final = "default-deny"

_KNOWN: Final = {"id", "rationale", "alternative", "quorum", "max_days", "mfa"}
_ID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_POSITION: Final = re.compile(r"\bpolicy(\d+)\b")
_MAX_QUORUM: Final = 9
_NO_CHANGE: Final = "No policy was loaded."


@dataclass(frozen=True)
class Rule:
    """One policy and what its annotations say.

    ``reads`` names the attributes its conditions look at; ``None`` means: possibly any.
    """

    id: str
    effect: str
    rationale: str
    alternative: str
    quorum: int | None
    max_days: int | None
    mfa: bool
    topic: str
    text: str
    reads: frozenset[str] | None


class Rules:
    """A checked catalogue: the parsed policies and schema, and each policy by its Cedar id.

    Attributes:
        digest: of the whole text, so that a decision can be traced to the catalogue it came from.
        by_position: Cedar's own id (``policy7``) to the rule.
        policies: parsed once, for Cedar.
        schema: parsed once, for Cedar.
    """

    def __init__(self, files: Mapping[str, str], schema: str) -> None:
        """Parse and check policy texts by file name.

        Raises:
            InputError: a file or policy that is broken, named, with what is wrong.
        """
        self.digest = digest(canonical({"policies": dict(files), "schema": schema}))
        self.schema = _parse_schema(schema)
        parsed = {name: _parse_file(name, text) for name, text in sorted(files.items())}
        # Cedar numbers policies by their place in the text it is given, so the order here counts.
        joined = "\n".join(text for _, text in sorted(files.items()))
        rules = [rule for name in parsed for rule in _rules(name, parsed[name])]
        if not rules:
            raise InputError("The policy catalogue is empty.", unchanged=_NO_CHANGE)
        _check_unique(rules)
        self.by_position = {f"policy{place}": rule for place, rule in enumerate(rules)}
        self.policies = cedarpy.PolicySet.from_str(joined)
        self._validate(joined)

    def rename(self, message: str) -> str:
        """Return one of Cedar's messages with our policy ids in place of its own."""
        return _POSITION.sub(lambda match: self._name(match.group()), message)

    def named_in(self, message: str) -> str:
        """Return the id of the policy that one of Cedar's messages is about, or an empty text."""
        match = _POSITION.search(message)
        return self._name(match.group()) if match else ""

    def _name(self, position: str) -> str:
        rule = self.by_position.get(position)
        return rule.id if rule else position

    def _validate(self, joined: str) -> None:
        result = cedarpy.validate_policies(joined, self.schema)
        for error in result.errors:
            rule = self.by_position.get(error.policy_id)
            where = f"{rule.topic}, policy {rule.id}" if rule else "the catalogue"
            raise InputError(
                f"A policy does not fit the schema ({where}): {self.rename(error.error)}.",
                unchanged=_NO_CHANGE,
            )


def _parse_schema(text: str) -> cedarpy.Schema:
    try:
        return cedarpy.Schema.from_str(text)
    except ValueError as error:
        raise InputError(
            f"The policy schema cannot be read: {error}.", unchanged=_NO_CHANGE
        ) from error


def _parse_file(name: str, text: str) -> list[dict[str, Any]]:
    """Return the policies of one file in Cedar's JSON form, in the order of the text."""
    try:
        document = json.loads(cedarpy.policies_to_json_str(text))
    except ValueError as error:
        raise _broken(name, str(error)) from error
    if document["templates"]:
        raise _broken(name, "policy templates are not supported")
    static: dict[str, dict[str, Any]] = document["staticPolicies"]
    return [static[f"policy{place}"] for place in range(len(static))]


def _rules(topic: str, policies: list[dict[str, Any]]) -> list[Rule]:
    return [_rule(topic, place, policy) for place, policy in enumerate(policies)]


def _rule(topic: str, place: int, policy: dict[str, Any]) -> Rule:
    notes: dict[str, str | None] = policy.get("annotations", {})
    name = notes.get("id")
    if not name:
        raise _broken(topic, f"policy number {place + 1} has no @id")
    if not _ID.match(name) or name == DEFAULT_DENY:
        raise _broken(topic, f"the @id {name[:80]!r} is not a free name in kebab-case")
    where = f"{topic}, policy {name}"
    for note in sorted(notes.keys() - _KNOWN):
        raise _broken(where, f"the annotation @{note} is not one that is honoured")
    if not notes.get("rationale"):
        raise _broken(where, "it has no @rationale")
    rule = Rule(
        id=name,
        effect=policy["effect"],
        rationale=notes["rationale"] or "",
        alternative=notes.get("alternative") or "",
        quorum=_number(where, notes, "quorum", 0, _MAX_QUORUM),
        max_days=_number(where, notes, "max_days", 1, MAX_DAYS),
        mfa=_flag(where, notes, "mfa"),
        topic=topic,
        text=_text(policy),
        reads=_reads(policy["conditions"]),
    )
    if rule.effect == "permit" and _covers_request(policy["action"]):
        # Without these a permit would let a request through with no approval and for ever.
        for note in ("quorum", "max_days"):
            if notes.get(note) is None:
                raise _broken(where, f"a permit for requests needs @{note}")
    return rule


def _number(
    where: str, notes: Mapping[str, str | None], note: str, least: int, most: int
) -> int | None:
    if note not in notes:
        return None
    text = notes[note] or ""
    if not re.fullmatch(r"[0-9]{1,4}", text) or not least <= int(text) <= most:
        raise _broken(where, f"@{note} must be a number from {least} to {most}")
    return int(text)


def _flag(where: str, notes: Mapping[str, str | None], note: str) -> bool:
    if notes.get(note):
        raise _broken(where, f"@{note} takes no value")
    return note in notes


def _covers_request(scope: dict[str, Any]) -> bool:
    if scope["op"] == "All":
        return True
    entities = scope.get("entities") or [scope["entity"]]
    return any(entity["id"] in {"request", "decide"} for entity in entities)


def _reads(tree: Any) -> frozenset[str] | None:
    """Return the attribute names in a condition, or ``None`` if a whole record is used at once."""
    names: set[str] = set()
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack.extend(node)
        elif isinstance(node, dict):
            if node.get("Var") in {"context", "resource"}:
                return None
            attribute = node.get("attr")
            if isinstance(attribute, str):
                names.add(attribute)
                left = node["left"]
                if isinstance(left, dict) and "Var" in left:
                    continue
            stack.extend(node.values())
    return frozenset(names)


def _text(policy: dict[str, Any]) -> str:
    document = {"templates": {}, "staticPolicies": {"policy0": policy}, "templateLinks": []}
    text: str = cedarpy.format_policies(
        cedarpy.policies_from_json_str(json.dumps(document)), 100, 2
    )
    return text


def _check_unique(rules: list[Rule]) -> None:
    for name, count in Counter(rule.id for rule in rules).items():
        if count > 1:
            topics = ", ".join(sorted({rule.topic for rule in rules if rule.id == name}))
            raise _broken(topics, f"the @id {name!r} is used {count} times")


def _broken(where: str, what: str) -> InputError:
    return InputError(f"The policy catalogue is broken ({where}): {what}.", unchanged=_NO_CHANGE)
