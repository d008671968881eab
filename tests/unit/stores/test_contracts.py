"""The contracts stay small, no change goes without an event, and twins have the same faces."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import get_type_hints

import pytest

from workbench.records import Event
from workbench.stores import contracts, database, memory

CONTRACTS = {
    name: value
    for name, value in vars(contracts).items()
    if inspect.isclass(value) and getattr(value, "_is_protocol", False)
    if value.__module__ == contracts.__name__
}
READS = {"get", "find", "entries", "hashes", "checkpoint"}
TWINS = [
    (contracts.Records, memory.MemoryRecords),
    (contracts.Records, database.DatabaseRecords),
    (contracts.Writing, memory.MemoryWriting),
    (contracts.Writing, database.DatabaseWriting),
    (contracts.Blobs, memory.MemoryBlobs),
    (contracts.Sink, memory.MemorySink),
]


def methods(contract: type) -> dict[str, Callable[..., object]]:
    """The public methods of a contract, with those of the contracts that it extends."""
    found = inspect.getmembers(contract, inspect.isfunction)
    return {name: method for name, method in found if not name.startswith("_")}


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)
def test_at_most_six_methods(contract: type) -> None:
    """A contract that needs more has more than one job."""
    assert 1 <= len(methods(contract)) <= 6


def test_every_change_takes_an_event() -> None:
    """Whatever a transaction offers beyond reading asks first for the event that explains it."""
    changing = methods(contracts.Writing).keys() - READS
    assert changing == {"append"}
    for name in changing:
        method = methods(contracts.Writing)[name]
        parameters = list(inspect.signature(method).parameters.values())
        assert parameters[1].default is inspect.Parameter.empty
        assert get_type_hints(method)[parameters[1].name] is Event


def test_records_change_only_through_a_transaction() -> None:
    """Outside of writing() an exchange can only be read."""
    assert methods(contracts.Records).keys() - READS == {"writing"}
    for twin in (memory.MemoryRecords, database.DatabaseRecords):
        assert methods(twin).keys() - READS - {"writing", "close"} == set()


@pytest.mark.parametrize(("contract", "twin"), TWINS, ids=lambda item: item.__name__)
def test_twins_have_the_contract_s_signatures(contract: type, twin: type) -> None:
    """Every implementation takes the same arguments by the same names."""
    for name, method in methods(contract).items():
        ours = inspect.signature(getattr(twin, name)).parameters
        expected = inspect.signature(method).parameters
        assert [(item.name, item.kind, item.default) for item in ours.values()] == [
            (item.name, item.kind, item.default) for item in expected.values()
        ]
        assert getattr(twin, name).__doc__, f"{twin.__name__}.{name} says nothing"


@pytest.mark.parametrize("twin", [memory, database], ids=["memory", "database"])
def test_transactions_have_no_other_way_to_write(twin: object) -> None:
    """A transaction shows the contract's methods, and close() for the store that opened it."""
    writing = memory.MemoryWriting if twin is memory else database.DatabaseWriting
    assert methods(writing).keys() == methods(contracts.Writing).keys() | {"close"}
