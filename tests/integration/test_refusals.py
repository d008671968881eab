"""Time, devices and people: who gets no key, why, and that the refusal stands in the log."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.exchange import REF, Exchange
from workbench.errors import Denied, NotFound, TrustError, WorkbenchError
from workbench.records import Envelope, Event, Grant, Request
from workbench.vocabulary import GrantState, RequestState, Sensitivity


def refused(exchange: Exchange, tmp_path: Path, match: str, **how: str) -> Denied:
    """Check that opening is denied with this reason, leaves nothing, and is in the log."""
    target = tmp_path / "out"
    beside = sorted(tmp_path.iterdir())
    with pytest.raises(Denied, match=match) as caught:
        exchange.open(target, **how)
    assert sorted(tmp_path.iterdir()) == beside
    event = exchange.events()[0].event
    assert (event.kind, event.actor, event.release) == ("refused", how.get("by", "noor"), REF)
    assert event.reason == caught.value.message
    assert event.details == {"verb": "open"}
    assert caught.value.exit_code == 1
    exchange.sam.verify_log()
    return caught.value


@pytest.fixture
def holding(exchange: Exchange, model: Path) -> Exchange:
    """An exchange in which Noor holds a grant for five days."""
    exchange.publish(model)
    exchange.granted(days=5)
    return exchange


def test_no_grant(exchange: Exchange, model: Path, tmp_path: Path) -> None:
    """Who never asked gets nothing."""
    exchange.publish(model)
    refused(exchange, tmp_path, "You hold no grant")


def test_expired_grant(holding: Exchange, tmp_path: Path) -> None:
    """A grant ends at its second, is then said to have ended, and the end is in the log first."""
    holding.clock.advance(days=5, seconds=-1)
    holding.open(tmp_path / "before")
    holding.clock.advance(seconds=1)
    refused(holding, tmp_path, "ended at 2026-03-06 12:00 UTC")
    assert [entry.event.kind for entry in holding.events()[:2]] == ["refused", "expired"]
    (grant,) = holding.ada.holders(REF)
    assert grant.state is GrantState.expired
    assert holding.noor.my_requests()[0].state is RequestState.expired


def test_revoked_grant(holding: Exchange, tmp_path: Path) -> None:
    """A revocation counts at once and needs its reason."""
    (grant,) = holding.ada.holders(REF)
    holding.rui.revoke(grant.id, "It was passed on.")
    refused(holding, tmp_path, "was revoked")
    assert holding.events("revoked")[0].event.reason == "It was passed on."
    with pytest.raises(Denied, match="revoked"):
        holding.rui.revoke(grant.id, "Once more.")


@pytest.mark.parametrize("who", ["noor", "sam"])
def test_who_may_not_revoke(holding: Exchange, who: str) -> None:
    """Neither the holder nor an auditor ends a grant; the attempt is recorded."""
    (grant,) = holding.ada.holders(REF)
    with pytest.raises(Denied) as caught:
        holding.session(who).revoke(grant.id, "I say so.")
    assert caught.value.decision is not None
    assert "only-owner-reviewer-or-steward" in caught.value.decision.policies
    assert holding.events()[0].event.kind == "refused"
    assert holding.ada.holders(REF) == [grant]


def test_somebody_else(holding: Exchange, tmp_path: Path) -> None:
    """Rui reviewed it and holds keys to grant with, yet opens nothing for himself."""
    refused(holding, tmp_path, "You hold no grant", by="rui")


def test_a_device_that_is_not_enrolled(holding: Exchange, tmp_path: Path) -> None:
    """Noor's name on another device is not Noor."""
    refused(holding, tmp_path, "not one of Noor's enrolled devices", device="other")


def test_another_person_s_device(holding: Exchange, tmp_path: Path) -> None:
    """Sam's device does not speak for Noor."""
    refused(holding, tmp_path, "not one of Noor's enrolled devices", device="sam")


def test_another_device_of_the_same_person(holding: Exchange, tmp_path: Path) -> None:
    """A grant is for the device it was asked from."""
    other = holding.keys.signer("noor-tablet").device
    noor = holding.noor.person
    edited(holding, noor.evolve(devices=(*noor.devices, other)))
    target = tmp_path / "out"
    with pytest.raises(Denied, match="another of your devices"):
        holding.open(target, device="noor-tablet")
    assert holding.events()[0].event.reason.startswith("This release was granted to another")


def test_suspended_person(holding: Exchange, tmp_path: Path) -> None:
    """A suspension stops an active grant; lifting it lets the grant work again."""
    holding.stella.suspend("noor", "An open question.")
    denied = refused(holding, tmp_path, "suspended")
    assert denied.decision is not None
    assert "suspended-gets-nothing" in denied.decision.policies
    holding.stella.suspend("noor", "It was answered.", lift=True)
    holding.open(tmp_path / "out")
    kinds = [entry.event.kind for entry in holding.events()[:4]]
    assert kinds == ["opened", "reinstated", "refused", "suspended"]


def test_only_stewards_suspend(holding: Exchange) -> None:
    """An auditor cannot; that is recorded too."""
    with pytest.raises(Denied, match="Only a steward"):
        holding.sam.suspend("noor", "Because.")
    assert holding.events()[0].event.details == {"verb": "suspend"}


def test_release_withdrawn_after_the_grant(holding: Exchange, tmp_path: Path) -> None:
    """The gateway is asked again at the moment of opening."""
    holding.ada.change_state(REF, "withdraw", "A person was recognised.")
    denied = refused(holding, tmp_path, "withdrawn after an incident")
    assert denied.decision is not None
    assert denied.decision.policies == ("withdrawn-no-keys",)


def test_device_out_of_region(exchange: Exchange, model: Path) -> None:
    """Weights of data bound to a region go to no device elsewhere."""
    exchange.publish(model, regions=("us",))
    with pytest.raises(Denied) as caught:
        exchange.ask()
    assert caught.value.decision is not None
    assert "data-stays-in-region" in caught.value.decision.policies


# Rows that somebody edited in the store ----------------------------------------------------------


def edited(exchange: Exchange, *records: object) -> None:
    """Put records into the store as somebody with write access to it could."""
    event = Event(kind="expired", at=exchange.clock(), actor="exchange", device="")
    with exchange.context.records.writing() as writing:
        writing.append(event, *records)


def doubted(exchange: Exchange, tmp_path: Path, step: str, **how: str) -> None:
    """Check that opening fails at this step and leaves nothing."""
    beside = sorted(tmp_path.iterdir())
    with pytest.raises(TrustError) as caught:
        exchange.open(tmp_path / "out", **how)
    assert caught.value.step == step
    assert sorted(tmp_path.iterdir()) == beside


def of_noor(exchange: Exchange) -> tuple[Grant, Envelope]:
    """Return Noor's grant and envelope."""
    (grant,) = exchange.context.records.find(Grant, person="noor")
    return grant, exchange.context.records.get(Envelope, grant.envelope)


def test_envelope_copied_to_another_person(holding: Exchange, tmp_path: Path) -> None:
    """Noor's grant and envelope under Sam's name and device fail the reviewer's signature."""
    grant, envelope = of_noor(holding)
    device = holding.actor("sam").device.id
    copy = envelope.evolve(id="ev-copy", person="sam", device=device, grant="gr-copy")
    made = grant.evolve(id="gr-copy", person="sam", device=device, envelope=copy.id)
    edited(holding, copy, made)
    doubted(holding, tmp_path, "grant", by="sam")


def test_envelope_copied_under_a_grant_of_one_s_own(holding: Exchange, tmp_path: Path) -> None:
    """A grant that is Sam's own does not open with an envelope copied from Noor."""
    own = holding.granted(by="sam")
    _, envelope = of_noor(holding)
    device = holding.actor("sam").device.id
    copy = envelope.evolve(id=own.envelope, person="sam", device=device, grant=own.id)
    edited(holding, copy)
    doubted(holding, tmp_path, "grant", by="sam")


def test_envelope_of_another_release(holding: Exchange, model: Path, tmp_path: Path) -> None:
    """Keys of one release, put in the place of another's, are refused."""
    holding.publish(model, "lab/other:1")
    other = holding.granted("lab/other:1")
    envelope = holding.context.records.get(Envelope, other.envelope)
    grant = next(item for item in holding.ada.holders(REF))
    edited(holding, envelope.evolve(id=grant.envelope, grant=grant.id, release=REF))
    doubted(holding, tmp_path, "grant")


@pytest.mark.parametrize(
    "changes",
    [
        {"not_after": "2027-01-01T00:00:00Z"},
        {"not_before": "2026-01-01T00:00:00Z"},
        {"id": "gr-new"},
        {"request": "rq-new"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_grant_made_longer_or_other(
    holding: Exchange, tmp_path: Path, changes: dict[str, str]
) -> None:
    """Every field of a grant is under the reviewer's signature."""
    grant, envelope = of_noor(holding)
    new = grant.evolve(**changes)
    ended = [grant.evolve(state=GrantState.expired)] if new.id != grant.id else []
    edited(holding, *ended, new, envelope.evolve(grant=new.id))
    doubted(holding, tmp_path, "grant")


def test_revoked_grant_made_active_again(holding: Exchange, tmp_path: Path) -> None:
    """A state edited back is not under any signature, but the log says otherwise."""
    grant, _ = of_noor(holding)
    holding.rui.revoke(grant.id, "It was passed on.")
    with holding.context.records.writing() as writing:
        event = Event(kind="granted", at=holding.clock(), actor="rui", device=grant.device)
        writing.append(event, grant)
    with pytest.raises(TrustError) as caught:
        holding.sam.verify_log()
    assert caught.value.step == "signed act"


@pytest.mark.parametrize(
    "changes",
    [{"days": 180}, {"right": "infer"}, {"person": "sam"}, {"id": "rq-new"}],
    ids=lambda changes: next(iter(changes)),
)
def test_edited_request_is_not_approved(
    exchange: Exchange, model: Path, changes: dict[str, object]
) -> None:
    """A reviewer's side seals no key for a request that the requester did not sign."""
    exchange.publish(model, rights=("retrieve", "infer"))
    request = exchange.ask().evolve(**changes)
    edited(exchange, request)
    with pytest.raises(TrustError) as caught:
        exchange.approve(request)
    assert caught.value.step == "request"
    assert exchange.ada.holders(REF) == []


def test_edited_vote_does_not_count(exchange: Exchange, model: Path) -> None:
    """A hidden no that somebody turned into a yes stops the decision."""
    facts = {"scan": "passed", "leakage": "low", "retained_rows": "passed"}
    exchange.publish(model, sensitivity="restricted", facts=facts)
    request = exchange.ask(days=7)
    exchange.rui.decide(request.id, "reject", "No.")
    (vote,) = exchange.rui.votes(request)
    edited(exchange, vote.evolve(vote="approve"))
    with pytest.raises(TrustError) as caught:
        exchange.approve(request, by="vera")
    assert caught.value.step == "vote"
    assert exchange.ada.holders(REF) == []


def test_edited_listing_changes_no_policy(exchange: Exchange, model: Path) -> None:
    """A level lowered in the database is refused before the gateway is asked."""
    release = exchange.publish(model)
    lowered = release.listing.model_copy(update={"sensitivity": Sensitivity.open})
    edited(exchange, release.evolve(listing=lowered.model_dump()))
    with pytest.raises(TrustError) as caught:
        exchange.noor.release(REF)
    assert caught.value.step == "release statement"


def test_a_lost_request_does_not_stop_the_exchange(holding: Exchange) -> None:
    """A grant whose request is gone still ends, and everybody can go on writing."""
    grant, _ = of_noor(holding)
    edited(holding, grant.evolve(request="rq-lost"))
    holding.clock.advance(days=6)
    holding.stella.suspend("noor", "To write something.")
    assert holding.ada.holders(REF)[0].state is GrantState.expired
    with pytest.raises(NotFound):
        holding.context.records.get(Request, "rq-lost")


def test_nothing_is_undone_by_a_refusal(holding: Exchange) -> None:
    """A refusal writes one entry and no record."""
    before = holding.events()
    with pytest.raises(WorkbenchError):
        holding.noor.change_state(REF, "retire", "I want to.")
    after = holding.events()
    assert len(after) == len(before) + 1
    assert after[0].event.changes == {}
