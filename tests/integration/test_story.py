"""Four roles, from publication to the opened model, and every bend of the way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.exchange import FILES, REF, Exchange, draft, wish
from workbench import views
from workbench.crypto import dsse
from workbench.crypto.keys import VerifyingKey
from workbench.errors import Denied, InputError, NotFound
from workbench.policy import terms
from workbench.records import Vote
from workbench.release import acts, trust
from workbench.vocabulary import GrantState, ReleaseState, RequestState, Right, Role, VoteKind


def test_story(any_exchange: Exchange, model: Path, tmp_path: Path) -> None:
    """What Ada shares is what Noor opens, once Rui approved; Sam can prove all of it."""
    release = any_exchange.publish(model)
    request = any_exchange.ask()
    assert request.state is RequestState.in_review
    assert any_exchange.rui.queue() == [request]
    approved = any_exchange.approve(request)
    assert approved.state is RequestState.granted
    assert any_exchange.rui.queue() == []
    opened = any_exchange.open(tmp_path / "out")
    assert opened.listing == release.listing
    assert opened.passed == tuple(step for step in trust.STEPS if step != "copy")
    found = {name: (tmp_path / "out" / "model" / name).read_bytes() for name in FILES}
    assert found == FILES
    proof = (tmp_path / "out" / "receipt.tlog-proof").read_bytes()
    assert any_exchange.sam.check_receipt(proof).event.release == REF
    kinds = [entry.event.kind for entry in any_exchange.events()][::-1]
    assert kinds == ["enrolled"] * 7 + ["published", "requested", "approved", "granted", "opened"]
    assert any_exchange.sam.verify_log().size == len(kinds)


def test_owner_opens_own_release(exchange: Exchange, model: Path, tmp_path: Path) -> None:
    """An owner needs no grant, and opening is recorded all the same."""
    exchange.publish(model)
    exchange.open(tmp_path / "out", by="ada")
    assert exchange.events("opened")[0].event.reason == "as the owner"


def test_terms_must_be_accepted(exchange: Exchange, model: Path) -> None:
    """Without the terms' digest a request is refused by name of the policy."""
    exchange.publish(model)
    with pytest.raises(Denied) as caught:
        exchange.noor.request(REF, wish(), None)
    assert caught.value.decision is not None
    assert "terms-accepted" in caught.value.decision.policies
    assert exchange.noor.my_requests() == []


def test_other_terms_do_not_count(exchange: Exchange, model: Path) -> None:
    """Terms that were accepted are exactly the release's own, or they are asked for again."""
    exchange.publish(model)
    other = terms.of("# Other terms\n\nAnything goes.")
    with pytest.raises(Denied, match="terms have changed"):
        exchange.noor.request(REF, wish(), other.key)


def test_acceptance_is_signed(exchange: Exchange, model: Path) -> None:
    """The request's statement, signed by Noor's device, names the terms that she accepted."""
    exchange.publish(model)
    request = exchange.ask()
    key = VerifyingKey.from_pem(exchange.actor("noor").device.signing_key)
    body = acts.verify_act(request.statement, key, "request")
    assert body["terms"] == terms.standard().key
    assert dsse.hint(request.statement) == exchange.actor("noor").device.id


def test_one_open_request_at_a_time(exchange: Exchange, model: Path) -> None:
    """A second request for the same right waits for the first one's answer."""
    exchange.publish(model)
    first = exchange.ask()
    with pytest.raises(Denied, match=first.id):
        exchange.ask()
    exchange.noor.withdraw_request(first.id)
    assert exchange.ask().state is RequestState.in_review


def test_withdrawn_by_nobody_else(exchange: Exchange, model: Path) -> None:
    """Only the requester takes a request back."""
    exchange.publish(model)
    request = exchange.ask()
    with pytest.raises(Denied, match="Only the person who made a request"):
        exchange.rui.withdraw_request(request.id)


@pytest.mark.parametrize("who", ["ada", "noor", "sam", "stella"])
def test_only_reviewers_decide(exchange: Exchange, model: Path, who: str) -> None:
    """Neither owner nor requester, auditor or steward approves."""
    exchange.publish(model)
    request = exchange.ask()
    with pytest.raises(Denied) as caught:
        exchange.approve(request, by=who)
    assert caught.value.decision is not None
    assert "only-reviewers-decide" in caught.value.decision.policies
    assert exchange.noor.grant_of(request) is None


def test_own_requests_are_not_reviewed(exchange: Exchange, model: Path) -> None:
    """A reviewer who asks is not shown, and cannot decide, the own request."""
    exchange.publish(model)
    request = exchange.ask(by="rui")
    assert exchange.rui.queue() == []
    with pytest.raises(Denied) as caught:
        exchange.approve(request, by="rui")
    assert caught.value.decision is not None
    assert "no-self-review" in caught.value.decision.policies
    assert exchange.approve(request, by="vera").state is RequestState.granted


@pytest.mark.parametrize("vote", list(VoteKind))
def test_rationale_is_mandatory(exchange: Exchange, model: Path, vote: VoteKind) -> None:
    """No vote without a reason, either way."""
    exchange.publish(model)
    request = exchange.ask()
    with pytest.raises(InputError, match="rationale"):
        exchange.rui.decide(request.id, vote, "  ")
    assert exchange.rui.request_by_id(request.id) == request


# Two reviewers -----------------------------------------------------------------------------------


@pytest.fixture
def restricted(exchange: Exchange, model: Path) -> Exchange:
    """An exchange with a restricted release, of which everything was measured."""
    facts = {"scan": "passed", "leakage": "low", "retained_rows": "passed"}
    exchange.publish(model, sensitivity="restricted", facts=facts)
    return exchange


def test_votes_are_hidden_until_both_are_in(restricted: Exchange) -> None:
    """The second reviewer, and everybody else, learns the first vote only after voting."""
    request = restricted.ask(days=7)
    first = restricted.rui.decide(request.id, VoteKind.approve, "Rui says yes.")
    assert first.state is RequestState.in_review
    for who in ("ada", "noor", "vera", "sam", "stella"):
        view = views.request_view(restricted.session(who), first)
        assert view["votes"] == {"given": 1, "needed": 2, "visible": []}
        told = json.dumps(views.request_detail(restricted.session(who), first))
        assert "Rui says yes." not in told
    assert [vote.rationale for vote in restricted.rui.votes(first)] == ["Rui says yes."]
    assert "Rui says yes." not in "".join(e.event.model_dump_json() for e in restricted.events())
    done = restricted.vera.decide(request.id, VoteKind.approve, "Vera too.")
    assert done.state is RequestState.granted
    assert {vote.reviewer for vote in restricted.noor.votes(done)} == {"rui", "vera"}
    assert restricted.sam.verify_log().size == 12


def test_nobody_votes_twice(restricted: Exchange) -> None:
    """The same reviewer cannot make the quorum alone."""
    request = restricted.ask(days=7)
    restricted.approve(request, by="rui")
    with pytest.raises(Denied, match="voted on this turn already"):
        restricted.approve(request, by="rui")
    assert restricted.noor.grant_of(request) is None


@pytest.mark.parametrize("order", [("approve", "reject"), ("reject", "approve")])
def test_one_rejection_rejects(restricted: Exchange, order: tuple[str, str]) -> None:
    """Whoever comes first: one no is a no, and the person may ask again."""
    request = restricted.ask(days=7)
    restricted.rui.decide(request.id, VoteKind(order[0]), "One.")
    done = restricted.vera.decide(request.id, VoteKind(order[1]), "Two.")
    assert done.state is RequestState.rejected
    assert restricted.noor.grant_of(done) is None
    assert restricted.rui.earlier(restricted.ask(days=7)) == [done]


def test_differing_rights_return(restricted: Exchange, model: Path) -> None:
    """Two reviewers who allow different things send the request back."""
    restricted.join("host", Role.evaluator)
    facts = {"scan": "passed", "leakage": "low", "retained_rows": "passed"}
    both = ("infer", "retrieve")
    restricted.publish(model, "lab/both:1", sensitivity="restricted", facts=facts, rights=both)
    request = restricted.ask("lab/both:1", days=7)
    restricted.approve(request, by="rui")
    done = restricted.approve(request, by="vera", right=Right.infer)
    assert done.state is RequestState.returned
    assert restricted.noor.grant_of(done) is None


def test_the_shorter_period_counts(restricted: Exchange) -> None:
    """The grant runs for the fewest days that anybody allowed."""
    request = restricted.ask(days=7)
    restricted.approve(request, by="rui", days=3)
    done = restricted.approve(request, by="vera")
    grant = restricted.noor.grant_of(done)
    assert grant is not None
    assert (grant.not_after - grant.not_before).days == 3


def test_returned_resubmitted_approved(exchange: Exchange, model: Path) -> None:
    """A returned request is answered with a changed one, and votes begin anew."""
    exchange.publish(model)
    request = exchange.ask()
    back = exchange.rui.decide(request.id, VoteKind.return_, "For what exactly?")
    assert back.state is RequestState.returned
    assert views.request_view(exchange.noor, back)["reason"] == "For what exactly?"
    again = exchange.noor.resubmit(back.id, wish(days=3, text="To compare."), back.terms)
    assert (again.turn, again.state) == (2, RequestState.in_review)
    assert exchange.noor.votes(again) == []
    done = exchange.approve(again)
    grant = exchange.noor.grant_of(done)
    assert grant is not None
    assert (grant.not_after - grant.not_before).days == 3
    assert len(exchange.context.records.find(Vote)) == 2
    exchange.sam.verify_log()


def test_a_decided_request_is_decided(exchange: Exchange, model: Path) -> None:
    """Neither a granted nor a rejected request can be voted on again."""
    exchange.publish(model)
    request = exchange.approve(exchange.ask())
    with pytest.raises(Denied, match="granted"):
        exchange.rui.decide(request.id, VoteKind.reject, "On second thoughts.")


# The life of a release ---------------------------------------------------------------------------


def test_renewal_of_a_deprecated_release(exchange: Exchange, model: Path, tmp_path: Path) -> None:
    """Who holds a grant may renew it, be approved and open; a newcomer is refused."""
    exchange.publish(model)
    exchange.granted(days=5)
    exchange.ada.change_state(REF, "deprecate", "Use 2.0.")
    exchange.clock.advance(days=6)
    renewed = exchange.granted(days=5)
    assert renewed.state is GrantState.active
    exchange.open(tmp_path / "out")
    with pytest.raises(Denied) as caught:
        exchange.ask(by="vera")
    assert caught.value.decision is not None
    assert "deprecated-renewals-only" in caught.value.decision.policies
    assert exchange.sam.holders(REF)[0].state is GrantState.expired


def test_retired_release(exchange: Exchange, model: Path, tmp_path: Path) -> None:
    """Running grants end as planned, nobody new gets in, holders are named in the event."""
    exchange.publish(model)
    exchange.granted()
    assert exchange.ada.change_state(REF, "retire", "Too old.").state is ReleaseState.retired
    exchange.open(tmp_path / "out")
    assert exchange.events("retired")[0].event.details == {"holders": ["noor"]}
    with pytest.raises(Denied) as caught:
        exchange.ask(by="vera")
    assert caught.value.decision is not None
    assert "retired-no-new-grants" in caught.value.decision.policies


def test_only_owner_or_steward_ends_a_release(exchange: Exchange, model: Path) -> None:
    """A stranger cannot retire it; a steward can withdraw it; nothing follows a withdrawal."""
    exchange.publish(model)
    with pytest.raises(Denied) as caught:
        exchange.noor.change_state(REF, "retire", "I want to.")
    assert caught.value.decision is not None
    assert "only-owner-or-steward" in caught.value.decision.policies
    exchange.stella.change_state(REF, "withdraw", "An incident.")
    with pytest.raises(Denied, match="withdrawn"):
        exchange.ada.change_state(REF, "deprecate", "Too late.")


# Level open, custodians, evaluators --------------------------------------------------------------


def test_level_open_is_granted_at_once(any_exchange: Exchange, model: Path, tmp_path: Path) -> None:
    """Nobody has to review it: the exchange itself seals the keys, and says so in the log."""
    release = any_exchange.publish(model, sensitivity="open")
    assert release.listing.exchange_is_custodian
    request = any_exchange.ask(days=300)
    assert request.state is RequestState.granted
    assert any_exchange.events("granted")[0].event.actor == "exchange"
    any_exchange.open(tmp_path / "out")
    any_exchange.sam.verify_log()


def test_the_exchange_holds_no_other_keys(exchange: Exchange, model: Path) -> None:
    """From internal on no envelope is for the exchange."""
    exchange.publish(model)
    (entry,) = exchange.events("published")
    assert entry.event.details["custodians"] == ["ada", "rui", "vera"]


def test_a_later_reviewer_is_given_keys(exchange: Exchange, model: Path) -> None:
    """Who became a reviewer after publication can grant once somebody added them."""
    exchange.publish(model)
    exchange.join("olga", Role.reviewer)
    request = exchange.ask()
    with pytest.raises(NotFound, match="holds no keys"):
        exchange.approve(request, by="olga")
    exchange.rui.add_custodian(REF, "olga")
    assert exchange.approve(request, by="olga").state is RequestState.granted
    assert exchange.events("custodian_added")[0].event.subject == "olga"
    exchange.sam.verify_log()


@pytest.mark.parametrize("who", ["noor", "sam", "ada"])
def test_custodians_are_reviewers(exchange: Exchange, model: Path, who: str) -> None:
    """Keys are not handed to somebody who reviews nothing."""
    exchange.publish(model)
    with pytest.raises(InputError, match="not a reviewer"):
        exchange.rui.add_custodian(REF, who)


def test_who_holds_no_keys_gives_none(exchange: Exchange, model: Path) -> None:
    """Sam cannot make anybody a custodian."""
    exchange.publish(model)
    with pytest.raises(NotFound, match="holds no keys"):
        exchange.sam.add_custodian(REF, "rui")


def test_hosted_rights_are_sealed_to_the_evaluator(
    exchange: Exchange, model: Path, tmp_path: Path
) -> None:
    """Who may run a model does not get it: the envelope is for the host."""
    exchange.join("host", Role.evaluator)
    exchange.publish(model, rights=("infer", "retrieve"))
    grant = exchange.granted(right="infer")
    assert grant.device == exchange.keys.signer("host").device.id
    with pytest.raises(Denied, match="not to get the weights"):
        exchange.open(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_draft_without_terms_is_denied(exchange: Exchange, model: Path) -> None:
    """The gateway names the policy and what to do first."""
    decision = exchange.ada.check_publish(draft(terms=None))
    assert not decision.allowed
    assert "terms-present" in decision.policies
    assert decision.advice
    with pytest.raises(Denied):
        exchange.publish(model, terms=None)
    assert exchange.ada.catalogue() == []
