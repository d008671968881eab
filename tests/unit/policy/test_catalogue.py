"""A broken catalogue is refused when it is loaded, and the message says where it is broken."""

from __future__ import annotations

from importlib import resources

import pytest

from workbench.errors import InputError
from workbench.policy.gate import Gate

CATALOG = resources.files("workbench.policy") / "catalog"
SCHEMA = (CATALOG / "schema.cedarschema").read_text("utf-8")
GOOD = '@id("good") @rationale("Fine.") forbid (principal, action, resource);\n'
HEAD = '@id("bad") @rationale("R.") '
TAIL = "forbid (principal, action, resource)"


def packaged() -> dict[str, str]:
    """The packaged policies by file name."""
    return {
        entry.name: entry.read_text("utf-8")
        for entry in CATALOG.iterdir()
        if entry.name.endswith(".cedar")
    }


BROKEN = {
    "syntax error": (f"{HEAD}forbid (principal, action resource);", ["b.cedar"]),
    "no @id": ('@rationale("R.") ' + TAIL + ";", ["b.cedar", "policy number 1 has no @id"]),
    "an empty @id": ('@id("") @rationale("R.") ' + TAIL + ";", ["b.cedar", "has no @id"]),
    "an @id that is no name": (
        '@id("Not A Name") @rationale("R.") ' + TAIL + ";",
        ["b.cedar", "'Not A Name' is not a free name"],
    ),
    "an @id that is taken": (
        '@id("default-deny") @rationale("R.") ' + TAIL + ";",
        ["b.cedar", "'default-deny' is not a free name"],
    ),
    "no @rationale": ('@id("bad") ' + TAIL + ";", ["b.cedar, policy bad", "no @rationale"]),
    "an empty @rationale": (
        '@id("bad") @rationale("") ' + TAIL + ";",
        ["b.cedar, policy bad", "no @rationale"],
    ),
    "the same @id twice": (
        '@id("good") @rationale("R.") ' + TAIL + ";",
        ["a.cedar, b.cedar", "'good' is used 2 times"],
    ),
    "an annotation nobody honours": (
        f'{HEAD}@min_isolation("sandbox") {TAIL};',
        ["b.cedar, policy bad", "@min_isolation is not one that is honoured"],
    ),
    "a misspelt annotation": (
        f'{HEAD}@qourum("2") {TAIL};',
        ["b.cedar, policy bad", "@qourum is not one that is honoured"],
    ),
    "a misspelt attribute": (
        f'{HEAD}{TAIL} when {{ resource.sensitivty == Sensitivity::"open" }};',
        ["b.cedar, policy bad", "sensitivty"],
    ),
    "a word outside the schema": (
        f'{HEAD}{TAIL} when {{ resource.state == State::"gone" }};',
        ["b.cedar, policy bad", "gone"],
    ),
    "an unknown action": (
        f'{HEAD}forbid (principal, action == Action::"delete", resource);',
        ["b.cedar, policy bad", "delete"],
    ),
    "values of different types compared": (
        f'{HEAD}{TAIL} when {{ context.days < "14" }};',
        ["b.cedar, policy bad"],
    ),
    "an optional attribute that is not asked for first": (
        f'{HEAD}{TAIL} when {{ context.deviceRegion == "eu" }};',
        ["b.cedar, policy bad", "deviceRegion"],
    ),
    "a template": (
        f"{HEAD}forbid (principal == ?principal, action, resource);",
        ["b.cedar", "templates are not supported"],
    ),
    "a quorum that is no number": (
        f'{HEAD}@quorum("two") {TAIL};',
        ["b.cedar, policy bad", "@quorum must be a number from 0 to 9"],
    ),
    "a quorum nobody can fill": (
        f'{HEAD}@quorum("10") {TAIL};',
        ["b.cedar, policy bad", "@quorum must be a number from 0 to 9"],
    ),
    "a grant of no days": (
        f'{HEAD}@max_days("0") {TAIL};',
        ["b.cedar, policy bad", "@max_days must be a number from 1 to 3650"],
    ),
    "a flag with a value": (
        f'{HEAD}@mfa("no") {TAIL};',
        ["b.cedar, policy bad", "@mfa takes no value"],
    ),
    "a permit for requests without a quorum": (
        f'{HEAD}@max_days("5") permit (principal, action, resource);',
        ["b.cedar, policy bad", "needs @quorum"],
    ),
    "a permit for approvals without a longest grant": (
        f'{HEAD}@quorum("1") permit (principal, action in [Action::"decide"], resource);',
        ["b.cedar, policy bad", "needs @max_days"],
    ),
}


@pytest.mark.parametrize(("text", "says"), BROKEN.values(), ids=BROKEN)
def test_a_broken_policy_is_refused_by_name(text: str, says: list[str]) -> None:
    """The file, the policy where it has a name, and what is wrong with it."""
    with pytest.raises(InputError) as caught:
        Gate({"a.cedar": GOOD, "b.cedar": text}, SCHEMA)
    for part in says:
        assert part in caught.value.message
    assert caught.value.unchanged == "No policy was loaded."


@pytest.mark.parametrize("files", [{}, {"a.cedar": ""}, {"a.cedar": "// nothing yet\n"}])
def test_an_empty_catalogue_is_refused(files: dict[str, str]) -> None:
    """A gate that denies everything for want of policies is a mistake, not a policy."""
    with pytest.raises(InputError, match="catalogue is empty"):
        Gate(files, SCHEMA)


def test_a_broken_schema_is_refused() -> None:
    """Without it nothing could be checked."""
    with pytest.raises(InputError, match="schema cannot be read"):
        Gate({"a.cedar": GOOD}, "entity Person = {")


@pytest.mark.parametrize("topic", sorted(packaged()))
def test_every_packaged_file_is_checked(topic: str) -> None:
    """A slip in any one of them stops the whole catalogue and names that file."""
    files = packaged()
    files[topic] += "permit (principal, action, resource)"
    with pytest.raises(InputError) as caught:
        Gate(files, SCHEMA)
    assert topic in caught.value.message


def test_the_packaged_catalogue_loads_once() -> None:
    """Parsing takes longer than deciding, so a process does it once."""
    assert Gate.default() is Gate.default()
    assert Gate(packaged(), SCHEMA).digest == Gate.default().digest
