"""One writer at a time, all or nothing, whatever the order: the same for every store."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.properties import SHARED
from tests.unit.stores.ledgers import (
    EVENT,
    IMPATIENT,
    Store,
    check_ledger,
    person,
)
from workbench.errors import Unavailable
from workbench.records import Person


def test_no_transaction_inside_another(records: Store) -> None:
    """Nesting would wait for itself; it is refused as the programming error it is."""
    with records.writing() as outer:
        with pytest.raises(RuntimeError, match="inside another"), records.writing():
            raise AssertionError("not reached")
        outer.append(EVENT)
    check_ledger(records, 1)


def test_a_closed_transaction_is_closed(records: Store) -> None:
    """After its block a transaction neither reads nor writes."""
    with records.writing() as writing:
        writing.append(EVENT)
    uses: list[Callable[[], object]] = [
        lambda: writing.append(EVENT),
        lambda: writing.get(Person, "anna"),
        lambda: writing.find(Person),
        lambda: writing.entries(),
        lambda: writing.hashes([(0, 0)]),
        lambda: writing.checkpoint(),
    ]
    for use in uses:
        with pytest.raises(RuntimeError, match="is over"):
            use()


def test_a_writer_waits_for_its_place_and_then_says_so(make: Callable[..., Store]) -> None:
    """While somebody writes, another writer gives up after its patience; nothing is changed."""
    records = make(patience=IMPATIENT)
    errors: list[Exception] = []

    def intrude() -> None:
        try:
            with records.writing() as writing:
                writing.append(EVENT, person("ben"))
        except Unavailable as error:
            errors.append(error)

    with records.writing() as writing:
        writing.append(EVENT, person())
        thread = threading.Thread(target=intrude)
        thread.start()
        thread.join()
    assert [str(error) for error in errors] == [
        "Somebody else has been writing to the exchange for too long. "
        "Nothing was changed. Try again in a moment."
    ]
    assert records.find(Person) == [person()]
    check_ledger(records, 1)


def test_threads_take_turns(records: Store) -> None:
    """Writers of one process neither lose nor double an event."""

    def write(name: str) -> None:
        for number in range(10):
            with records.writing() as writing:
                writing.append(EVENT.model_copy(update={"subject": f"{name} {number}"}))

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check_ledger(records, 40)
    subjects = [entry.event.subject for entry in records.entries()]
    assert sorted(filter(None, subjects)) == [f"{name} {i}" for name in "abcd" for i in range(10)]


BATCHES = st.lists(
    st.tuples(st.lists(st.lists(st.sampled_from("abcde"), max_size=3), max_size=5), st.booleans()),
    max_size=4,
)


@settings(SHARED, max_examples=25)
@given(BATCHES)
def test_a_store_is_a_list_and_a_dict(
    records: Store, batches: list[tuple[list[list[str]], bool]]
) -> None:
    """Whatever is written or taken back, the store is a list of events and a dict of records."""
    events = [entry.event for entry in records.entries()]
    people = {item.id: item for item in records.find(Person)}
    for batch, keep in batches:
        new, changed = list(events), dict(people)
        with suppress(_TakenBackError), records.writing() as writing:
            for names in batch:
                made = [person(name, suspended=f"after {len(new)}") for name in names]
                new.append(writing.append(EVENT, *made).event)
                changed |= {item.id: item for item in made}
            assert writing.find(Person) == list(changed.values())
            assert [entry.event for entry in writing.entries()] == new
            if not keep:
                raise _TakenBackError
        if keep:
            events, people = new, changed
        assert records.find(Person) == list(people.values())
    assert [entry.event for entry in records.entries()] == events
    check_ledger(records, len(events))


class _TakenBackError(Exception):
    """Ends a batch that is to leave nothing behind."""


def test_an_entry_is_its_own_canonical_record(records: Store) -> None:
    """What append() returns is, byte for byte, what reading gives, so receipts can carry it."""
    with records.writing() as writing:
        written = writing.append(EVENT, person())
    read = records.entries()[0]
    assert written.to_bytes() == read.to_bytes()
    assert json.loads(read.to_bytes())["index"] == 0
