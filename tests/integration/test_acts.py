"""Who did what: every event of the log is signed by its actor, and can be proved and found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.integration.exchange import REF, START, Exchange
from workbench.crypto.keys import VerifyingKey
from workbench.errors import TrustError
from workbench.records import Event, Grant, Person
from workbench.release import acts

# Who signed --------------------------------------------------------------------------------------


def forged(exchange: Exchange, kind: str, *records: Any, **fields: Any) -> None:
    """Write an event as an operator could who holds the log's key."""
    given = {"actor": "rui", "device": exchange.actor("rui").device.id, **fields}
    event = Event(kind=kind, at=exchange.clock(), **given)
    with exchange.context.records.writing() as writing:
        writing.append(event, *records)
    with pytest.raises(TrustError) as caught:
        exchange.sam.verify_log()
    assert caught.value.step == "signed act"


def test_act_without_signature(memory: Exchange, model: Path) -> None:
    """A grant that nobody signed for is no grant."""
    memory.publish(model)
    forged(memory, "granted", release=REF, subject="sam")


def test_act_of_an_unknown_kind(memory: Exchange) -> None:
    """The log holds no events but those that the program knows, signed or not."""
    statement = memory.actor("rui").act("miracle", {})
    forged(memory, "miracle", statement=statement)


def test_act_signed_by_somebody_else(memory: Exchange) -> None:
    """Ada's signature does not make Rui the actor."""
    statement = memory.actor("ada").act("suspend", {"person": "noor", "reason": "-"})
    forged(memory, "suspended", subject="noor", statement=statement)


def test_act_on_a_device_never_enrolled(memory: Exchange) -> None:
    """A key that was never enrolled signs nothing here."""
    device = memory.actor("rui", "new").device.id
    statement = memory.actor("rui", "new").act("suspend", {"person": "noor", "reason": "-"})
    forged(memory, "suspended", device=device, statement=statement)


def test_another_act_s_signature(memory: Exchange, model: Path) -> None:
    """What Rui signed about one thing is not taken for another."""
    memory.publish(model)
    memory.granted()
    (approved,) = memory.events("approved")
    forged(memory, "revoked", release=REF, statement=approved.event.statement)


def test_signature_about_another_release(memory: Exchange, model: Path) -> None:
    """An act names the release, and the event must be about the same."""
    memory.publish(model)
    statement = memory.actor("ada").act("retire", {"release": REF, "rationale": "-"})
    device = memory.actor("ada").device.id
    forged(memory, "retired", release="lab/other:1", actor="ada", device=device,
           statement=statement)  # fmt: skip


def test_enrolment_of_somebody_else(memory: Exchange) -> None:
    """Nobody enrols a device under another person's name."""
    person = memory.rui.person.evolve(id="noor")
    statement = memory.actor("rui").act("enrol", memory.rui.person.model_dump(mode="json"))
    forged(memory, "enrolled", person, actor="noor", statement=statement)


def test_signature_without_its_record(memory: Exchange, model: Path) -> None:
    """A publication's statement is over the manifest and listing that the event names."""
    release = memory.publish(model)
    (entry,) = memory.events("published")
    details = {**entry.event.details, "manifest": "sha256:" + "0" * 64}
    fields = {"release": REF, "details": details, "statement": release.statement}
    device = memory.actor("ada").device.id
    forged(memory, "published", actor="ada", device=device, **fields)


def test_every_kind_of_event_is_signed_or_known_not_to_be(memory: Exchange, model: Path) -> None:
    """What the services write verifies, whatever happened."""
    memory.publish(model)
    grant = memory.granted()
    memory.rui.revoke(grant.id, "Over.")
    memory.stella.suspend("noor", "A question.")
    memory.stella.suspend("noor", "Answered.", lift=True)
    memory.granted(days=1)
    memory.clock.advance(days=2)
    memory.ada.change_state(REF, "deprecate", "Old.")
    memory.ada.change_state(REF, "retire", "Older.")
    memory.ada.change_state(REF, "withdraw", "An incident.")
    memory.sam.verify_log()
    unsigned = {e.event.kind for e in memory.events() if e.event.statement is None}
    assert unsigned == {"expired"}


# Receipts and finding things ---------------------------------------------------------------------


def test_receipts_prove_each_entry(exchange: Exchange, model: Path) -> None:
    """Every entry's receipt verifies and shows that entry; an altered event does not."""
    exchange.publish(model)
    for entry in exchange.events():
        data = exchange.sam.receipt(entry.index)
        assert exchange.sam.check_receipt(data) == entry


def test_publication_is_found_without_reading_the_log(
    memory: Exchange, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening reads the same few entries, however long the log has become."""
    memory.publish(model)
    memory.granted()
    for _ in range(50):
        memory.stella.suspend("vera", "Again.")
    read: list[int] = []
    records = memory.context.records
    entries = type(records).entries

    def counting(self: Any, start: int = 0, stop: int | None = None) -> Any:
        found = entries(self, start, stop)
        read.append(len(found))
        return found

    monkeypatch.setattr(type(records), "entries", counting)
    memory.open(tmp_path / "out")
    assert sum(read) <= 4


def test_release_knows_its_place_in_the_log(exchange: Exchange, model: Path) -> None:
    """Also when the same transaction first let a grant end."""
    first = exchange.publish(model)
    exchange.granted(days=1)
    exchange.clock.advance(days=2)
    second = exchange.publish(model, "lab/model:2.0")
    kinds = [entry.event.kind for entry in exchange.events()][::-1]
    assert [kinds[first.entry], kinds[second.entry]] == ["published", "published"]
    assert kinds[second.entry - 1] == "expired"
    assert exchange.context.records.find(Grant, state="active") == []


def test_release_with_another_place_is_not_opened(
    memory: Exchange, model: Path, tmp_path: Path
) -> None:
    """A record that points elsewhere in the log is refused."""
    release = memory.publish(model)
    event = Event(kind="expired", at=START, actor="exchange", device="")
    with memory.context.records.writing() as writing:
        writing.append(event, release.evolve(entry=0))
    with pytest.raises(TrustError) as caught:
        memory.open(tmp_path / "out", by="ada")
    assert caught.value.step == "receipt"
    assert not (tmp_path / "out").exists()


def test_people_in_the_log(memory: Exchange) -> None:
    """The enrolment that the log holds is the person that the directory shows."""
    for person in memory.context.records.find(Person):
        (entry,) = [e for e in memory.events("enrolled") if e.event.subject == person.id]
        assert entry.event.statement is not None
        key = VerifyingKey.from_pem(person.devices[0].signing_key)
        body = acts.verify_act(entry.event.statement, key, "enrol")
        assert body == person.model_dump(mode="json")
