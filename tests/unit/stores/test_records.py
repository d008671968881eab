"""One suite for every store of records: memory, SQLite, PostgreSQL."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from tests.unit.stores.ledgers import (
    EVENT,
    MANIFEST,
    VERIFIER,
    CountingLog,
    Store,
    ask,
    brute_leaf,
    brute_root,
    check_ledger,
    person,
)
from workbench.errors import InputError, NotFound, TrustError, Unavailable
from workbench.ledger import checkpoint, merkle
from workbench.records import Envelope, Person, Request, Terms
from workbench.vocabulary import RequestState


def test_an_exchange_begins_empty(records: Store) -> None:
    """Before the first event there are no records, no entries, and a checkpoint that says so."""
    assert records.find(Person) == []
    assert records.entries() == []
    assert records.hashes([]) == []
    with pytest.raises(NotFound, match="no person 'anna'"):
        records.get(Person, "anna")
    check_ledger(records, 0)


def test_what_is_appended_can_be_read(records: Store) -> None:
    """Records and the event come back as they went in, after the block and in a new transaction."""
    with records.writing() as writing:
        entry = writing.append(EVENT, person(), ask("r1"))
    assert records.get(Person, "anna") == person()
    assert records.get(Request, "r1") == ask("r1")
    assert records.entries() == [entry]
    with records.writing() as writing:
        assert writing.get(Person, "anna") == person()
    check_ledger(records, 1)


def test_the_event_names_what_it_changed(records: Store) -> None:
    """An event carries the digests of its own records, whatever it carried before."""
    event = EVENT.model_copy(update={"changes": {"person/mallory": MANIFEST}})
    with records.writing() as writing:
        first = writing.append(event, person(), ask("r1"))
        second = writing.append(event)
    expected = {
        f"{record.kind}/{record.key}": "sha256:" + hashlib.sha256(record.to_bytes()).hexdigest()
        for record in (person(), ask("r1"))
    }
    assert first.event.changes == expected
    assert second.event.changes == {}
    assert [entry.event.changes for entry in records.entries()] == [expected, {}]


def test_salts_are_drawn_from_the_given_generator(
    make: Callable[..., Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each entry gets 32 fresh bytes of the injected randomness, and no other bytes."""
    drawn: list[int] = []
    numbers = count()

    def random(size: int) -> bytes:
        drawn.append(size)
        return next(numbers).to_bytes(size)

    monkeypatch.setattr(os, "urandom", random)
    records = make()
    with records.writing() as writing:
        writing.append(EVENT)
        writing.append(EVENT)
    assert drawn == [32, 32]
    salts = [int.from_bytes(base64.b64decode(entry.salt)) for entry in records.entries()]
    assert salts == [0, 1]


def test_a_known_key_is_replaced_and_keeps_its_place(records: Store) -> None:
    """A newer record replaces the older one; creation order is that of the first."""
    with records.writing() as writing:
        writing.append(EVENT, person("anna"), person("ben"))
    with records.writing() as writing:
        writing.append(EVENT, person("cleo"), person("anna", suspended="left"))
        assert [item.id for item in writing.find(Person)] == ["anna", "ben", "cleo"]
    assert records.find(Person) == [person("anna", suspended="left"), person("ben"), person("cleo")]


def test_the_last_of_two_in_one_event_counts(records: Store) -> None:
    """A record written twice by one event ends as the later one, and so does its digest."""
    late = person(suspended="left")
    with records.writing() as writing:
        entry = writing.append(EVENT, person(), late)
    assert records.find(Person) == [late]
    assert list(entry.event.changes.values()) == [
        "sha256:" + hashlib.sha256(late.to_bytes()).hexdigest()
    ]


def test_find_matches_columns(records: Store) -> None:
    """find() looks at person, release and state, alone and together, and at one kind only."""
    asked = [
        ask("1", "anna", "org/a:1"),
        ask("2", "ben", "org/a:1"),
        ask("3", "anna", "org/b:1", state="granted"),
    ]
    with records.writing() as writing:
        writing.append(EVENT, *asked, person("anna"))

    def found(**columns: str) -> list[str]:
        return [item.id for item in records.find(Request, **columns)]

    assert found() == ["1", "2", "3"]
    assert found(person="anna") == ["1", "3"]
    assert found(release="org/a:1") == ["1", "2"]
    assert found(state=RequestState.in_review) == ["1", "2"]
    assert found(person="anna", release="org/a:1", state="in_review") == ["1"]
    assert found(person="nobody") == []
    assert found(person="nul \x00", release="\ud800") == []


def test_a_column_that_a_kind_does_not_have_matches_nothing(records: Store) -> None:
    """An absent column is not equal to anything."""
    envelope = Envelope(
        id="e", release="org/a:1", manifest=MANIFEST, person="anna", device="d", grant=None,
        sealed="",
    )  # fmt: skip
    with records.writing() as writing:
        writing.append(EVENT, envelope)
    assert records.find(Envelope, state="active") == []
    assert records.find(Envelope, person="anna") == [envelope]


def test_own_writes_are_seen_inside_and_only_there(records: Store) -> None:
    """A transaction reads what it wrote; everybody else reads it after the commit."""
    with records.writing() as writing:
        entry = writing.append(EVENT, person())
        assert writing.get(Person, "anna") == person()
        assert writing.find(Person) == [person()]
        assert writing.entries() == [entry]
        assert writing.hashes([(0, 0)]) == [brute_leaf(entry.salt, entry.event.to_bytes())]
        assert checkpoint.verify(writing.checkpoint(), VERIFIER).size == 0
        assert records.find(Person) == []
        assert records.entries() == []
        assert checkpoint.verify(records.checkpoint(), VERIFIER).size == 0
        with pytest.raises(NotFound):
            records.get(Person, "anna")
        with pytest.raises(TrustError, match=r"^ledger tree"):
            records.hashes([(0, 0)])
    assert records.find(Person) == [person()]


def test_an_exception_takes_everything_back(records: Store) -> None:
    """Nothing of an interrupted block stays: no record, entry, node or checkpoint."""
    with records.writing() as writing:
        writing.append(EVENT, person())
    note = records.checkpoint()
    with pytest.raises(ZeroDivisionError), records.writing() as writing:
        writing.append(EVENT, person(suspended="gone"), person("ben"))
        assert len(writing.find(Person)) == 2
        raise ZeroDivisionError
    assert records.find(Person) == [person()]
    assert records.checkpoint() == note
    with pytest.raises(TrustError, match=r"^ledger tree"):
        records.hashes([(0, 1)])
    check_ledger(records, 1)
    with records.writing() as writing:
        writing.append(EVENT, person("ben"))
    check_ledger(records, 2)


def test_a_log_that_cannot_sign_takes_everything_back(records: Store, log: CountingLog) -> None:
    """Without a signed checkpoint nothing is committed."""
    with records.writing() as writing:
        writing.append(EVENT)
    log.locked = True
    with pytest.raises(Unavailable, match="locked"), records.writing() as writing:
        writing.append(EVENT, person())
    log.locked = False
    assert records.find(Person) == []
    check_ledger(records, 1)


def test_one_checkpoint_for_each_transaction(records: Store, log: CountingLog) -> None:
    """Many events of one block share a checkpoint; a block without events signs none."""
    with records.writing() as writing:
        for _ in range(5):
            writing.append(EVENT)
    assert log.signed == 1
    note = records.checkpoint()
    with records.writing() as writing:
        assert len(writing.entries()) == 5
    assert log.signed == 1
    assert records.checkpoint() == note
    check_ledger(records, 5)


def test_many_events_in_one_transaction(records: Store) -> None:
    """A block larger than what is gathered in memory is still one transaction, one checkpoint."""
    with records.writing() as writing:
        writing.append(EVENT)
    with records.writing() as writing:
        for number in range(4500):
            assert writing.append(EVENT).index == number + 1
            if number == 3000:
                assert len(writing.entries(2990, 3001)) == 11
        assert checkpoint.verify(writing.checkpoint(), VERIFIER).size == 1
    note = checkpoint.verify(records.checkpoint(), VERIFIER)
    leaves = records.hashes([(0, index) for index in range(4501)])
    assert (note.size, note.root) == (4501, brute_root(leaves))
    sample = records.entries(2100, 2110)
    assert leaves[2100:2110] == [brute_leaf(item.salt, item.event.to_bytes()) for item in sample]


def test_slices_of_the_ledger(records: Store) -> None:
    """entries() counts like a list does, without negative places."""
    with records.writing() as writing:
        for _ in range(7):
            writing.append(EVENT)

    def indexes(*bounds: int) -> list[int]:
        return [entry.index for entry in records.entries(*bounds)]

    assert indexes(2, 5) == [2, 3, 4]
    assert indexes(5) == [5, 6]
    assert indexes(5, 100) == [5, 6]
    assert indexes(7) == indexes(100, 200) == indexes(5, 2) == indexes(3, 3) == []
    for bounds in ((-1,), (0, -1)):
        with pytest.raises(InputError, match="counted from 0"):
            records.entries(*bounds)


def test_proofs_come_from_the_stored_nodes(records: Store) -> None:
    """Inclusion and consistency of all sizes verify with what hashes() returns."""
    roots = [merkle.EMPTY]
    for _ in range(13):
        with records.writing() as writing:
            writing.append(EVENT)
        roots.append(checkpoint.verify(records.checkpoint(), VERIFIER).root)
    leaves = records.hashes([(0, index) for index in range(13)])
    for size in range(14):
        for index in range(size):
            path = merkle.inclusion(records.hashes, index, size)
            merkle.verify_inclusion(leaves[index], index, size, path, roots[size])
        proof = merkle.consistency(records.hashes, size, 13)
        merkle.verify_consistency(size, 13, proof, roots[size], roots[13])


def test_nodes_come_in_the_order_asked_for(records: Store) -> None:
    """The same node may be asked for twice; a missing one is a trust failure."""
    with records.writing() as writing:
        for _ in range(4):
            writing.append(EVENT)
    low, high = records.hashes([(0, 3)])[0], records.hashes([(2, 0)])[0]
    assert records.hashes([(2, 0), (0, 3), (2, 0)]) == [high, low, high]
    for node in ((0, 4), (3, 0), (1, 2)):
        with pytest.raises(TrustError) as caught:
            records.hashes([(0, 0), node])
        assert caught.value.step == "ledger tree"


def test_any_text_survives(records: Store) -> None:
    """Text of all planes, escapes and quotes comes back as the same bytes."""
    text = "ä 中 🧬 ' \" \\ % $1 ? :x \n\t"
    terms = Terms(title="'; DROP TABLE records; --", text=text)
    asked = ask("r'1\"?", statement="nul \x00 and \x1f, " + text)
    event = EVENT.model_copy(update={"reason": text, "details": {"ключ": [1, 0.5, None, text]}})
    with records.writing() as writing:
        writing.append(event, terms, asked)
    assert records.get(Terms, terms.key).to_bytes() == terms.to_bytes()
    assert records.get(Request, asked.id).to_bytes() == asked.to_bytes()
    assert records.entries()[0].event.reason == text
    check_ledger(records, 1)


@pytest.mark.parametrize("key", ["nul \x00", "x" * 501])
def test_keys_that_no_database_keeps(records: Store, key: str) -> None:
    """Such a key is refused on writing and unknown on reading, in every store alike."""
    with records.writing() as writing:
        writing.append(EVENT, person())
        with pytest.raises(InputError, match="cannot be kept"):
            writing.append(EVENT, person("ben"), ask(key))
    with pytest.raises(NotFound):
        records.get(Request, key)
    assert records.find(Person) == [person()]
    check_ledger(records, 1)


def test_what_could_not_be_read_back_is_not_written(records: Store) -> None:
    """An event or record that the strict parser would refuse never gets in."""
    deep: dict[str, Any] = {}
    for _ in range(80):
        deep = {"deeper": deep}
    unchecked = person().model_copy(update={"name": ""})
    with records.writing() as writing:
        with pytest.raises(InputError, match="nested"):
            writing.append(EVENT.model_copy(update={"details": deep}), person())
        with pytest.raises(InputError, match="Not a Person"):
            writing.append(EVENT, unchecked)
        with pytest.raises(InputError, match="over the limit"):
            writing.append(EVENT.model_copy(update={"details": {"x": "x" * 9_000_000}}))
    assert records.find(Person) == []
    check_ledger(records, 0)
