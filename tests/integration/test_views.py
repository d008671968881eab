"""What people are shown: enough for their part, nothing that is not their business."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.exchange import FILES, REF, Exchange
from workbench import views
from workbench.errors import Denied, NotFound
from workbench.records import Listing
from workbench.vocabulary import RequestState, Right, Role, VoteKind

LISTING = {
    "attribution", "commitment", "exchange_is_custodian", "facts", "license", "name", "owner",
    "parents", "regions", "rights", "schema_version", "sensitivity", "summary", "task", "terms",
    "title", "version",
}  # fmt: skip
WATCHERS = ("rui", "vera", "sam", "stella")


def test_a_listing_holds_these_fields_and_no_others(exchange: Exchange, model: Path) -> None:
    """File names, sizes, paths and host names stay out of what the catalogue shows."""
    release = exchange.publish(model)
    assert Listing.model_fields.keys() == LISTING
    with exchange.context.blobs.open(release.manifest) as source:
        manifest = source.read().decode()
    shown = release.to_bytes().decode() + manifest
    shown += json.dumps(views.release_view(exchange.noor, release))
    for name in FILES:
        for part in name.split("/"):
            assert part not in shown
    assert str(model) not in shown
    assert "commitment" not in views.release_view(exchange.noor, release)


@pytest.mark.parametrize(
    ("who", "sees"),
    [("ada", True), ("rui", True), ("sam", True), ("stella", True), ("noor", True), ("zoe", False)],
)
def test_who_may_see_a_request(exchange: Exchange, model: Path, who: str, sees: bool) -> None:
    """Requester, owner, reviewers, auditor and steward; nobody else learns that it exists."""
    exchange.join("zoe", Role.researcher)
    exchange.publish(model)
    request = exchange.ask()
    if sees:
        assert exchange.session(who).request_by_id(request.id) == request
        return
    with pytest.raises(NotFound) as other:
        exchange.session(who).request_by_id(request.id)
    with pytest.raises(NotFound):
        exchange.session(who).request_by_id("rq-none")
    assert request.id in other.value.message
    assert "noor" not in str(other.value)


def test_holders_are_shown_to_those_concerned(exchange: Exchange, model: Path) -> None:
    """The owner, reviewers, auditors and stewards see who holds a release; others see nobody."""
    exchange.join("zoe", Role.researcher)
    release = exchange.publish(model)
    grant = exchange.granted()
    for who in ("ada", "rui", "sam", "stella"):
        (holder,) = views.release_view(exchange.session(who), release)["holders"]
        assert (holder["id"], holder["person"]["id"]) == (grant.id, "noor")
    for who in ("noor", "zoe"):
        assert views.release_view(exchange.session(who), release)["holders"] == []


@pytest.mark.parametrize(
    ("who", "revocable"),
    [("ada", True), ("rui", True), ("stella", True), ("sam", False), ("noor", False)],
)
def test_who_is_offered_to_revoke(
    exchange: Exchange, model: Path, who: str, revocable: bool
) -> None:
    """The button is there for those whom the gateway would let through."""
    exchange.publish(model)
    grant = exchange.granted()
    assert views.grant_view(exchange.session(who), grant)["revocable"] is revocable


def test_an_ended_grant_is_shown_as_ended(exchange: Exchange, model: Path) -> None:
    """Also before any event has recorded the end."""
    exchange.publish(model)
    grant = exchange.granted(days=2)
    exchange.clock.advance(days=3)
    view = views.grant_view(exchange.ada, grant)
    assert (view["state"], view["revocable"]) == ("expired", False)
    (mine,) = exchange.noor.my_requests()
    assert views.request_view(exchange.noor, mine)["state"] == "expired"


def test_a_requester_s_history_is_about_that_requester(exchange: Exchange, model: Path) -> None:
    """Others' requests, refusals, grants, and the names of holders, are not part of it."""
    exchange.join("zoe", Role.researcher)
    exchange.publish(model)
    exchange.granted(by="zoe")
    request = exchange.ask()
    with pytest.raises(NotFound):
        exchange.open(model.parent / "none", "lab/none:1", by="zoe")
    exchange.ada.change_state(REF, "retire", "Too old.")
    told = views.request_detail(exchange.noor, request)
    assert "zoe" not in json.dumps(told).lower()
    assert {item["kind"] for item in told["history"]} == {"published", "requested", "retired"}
    watched = views.request_detail(exchange.sam, request)
    (retired,) = [item for item in watched["history"] if item["kind"] == "retired"]
    assert retired["details"] == {"holders": ["zoe"]}


PUBLIC = ["enrolled"] * 8 + ["published", "retired"]


def story(exchange: Exchange, model: Path) -> None:
    """Noor gets a release of Ada's and Zoe is refused; the release retires."""
    exchange.join("zoe", Role.researcher)
    exchange.publish(model)
    exchange.granted()
    with pytest.raises(NotFound):
        exchange.open(model.parent / "none", "lab/none:1", by="zoe")
    with pytest.raises(Denied):
        exchange.open(model.parent / "none", by="zoe")
    exchange.ada.change_state(REF, "retire", "Too old.")


@pytest.mark.parametrize(
    ("who", "more"),
    [
        *((who, ["requested", "approved", "granted", "refused"]) for who in WATCHERS),
        ("ada", ["requested", "approved", "granted", "refused"]),
        ("noor", ["requested", "approved", "granted"]),
        ("zoe", ["refused"]),
        ("kim", []),
    ],
)
def test_who_sees_what_in_the_log(
    exchange: Exchange, model: Path, who: str, more: list[str]
) -> None:
    """Some roles see all of it; others what is public, and what they have a part in."""
    story(exchange, model)
    exchange.join("kim", Role.researcher)
    session = exchange.session(who)
    kinds = sorted([*PUBLIC, "enrolled", *more])
    assert sorted(entry.event.kind for entry in session.timeline()) == kinds
    assert session.verify_log().size == session.log_size() == len(PUBLIC) + 5


def test_pages_of_the_log_are_full(exchange: Exchange, model: Path) -> None:
    """What somebody may not see takes no place in a page, and paging comes to the end."""
    story(exchange, model)
    zoe = exchange.session("zoe")
    whole = [entry.index for entry in zoe.timeline()]
    pages: list[list[int]] = []
    while not pages or pages[-1]:
        before = pages[-1][-1] if pages else None
        pages.append([entry.index for entry in zoe.timeline(before=before, limit=4)])
    assert [len(page) for page in pages] == [4, 4, 3, 0]
    assert [index for page in pages for index in page] == whole


def test_a_receipt_shows_no_more_than_the_log(exchange: Exchange, model: Path) -> None:
    """Of what one may not see there is no receipt, nor where it would name the holders."""
    story(exchange, model)
    index = {entry.event.kind: entry.index for entry in exchange.events()}
    everything = set(index)
    allowed = {
        "zoe": {"enrolled", "published", "refused"},
        "noor": {"enrolled", "published", "requested", "approved", "granted"},
        "ada": everything,
        "sam": everything,
    }
    for who, kinds in allowed.items():
        session = exchange.session(who)
        for kind in kinds:
            assert session.check_receipt(session.receipt(index[kind])).event.kind == kind
        for kind in everything - kinds:
            with pytest.raises(NotFound, match="no entry"):
                session.receipt(index[kind])


def test_the_log_names_holders_to_those_concerned(exchange: Exchange, model: Path) -> None:
    """That a release retired is public; who holds it is not."""
    story(exchange, model)
    for who, shown in (("zoe", {}), ("noor", {}), ("ada", {"holders": ["noor"]})):
        session = exchange.session(who)
        (entry,) = session.timeline(kind="retired")
        assert views.event_view(session, entry)["details"] == shown


def test_evidence_is_for_key_holders(exchange: Exchange, model: Path) -> None:
    """A reviewer reads the evidence; the requester is told why it is not shown."""
    exchange.publish(model)
    request = exchange.ask()
    read = views.request_detail(exchange.rui, request)["evidence"]
    assert read["available"]
    assert [row[0] for row in read["statements"][0]["rows"]] == sorted(FILES)
    kept = views.request_detail(exchange.noor, request)["evidence"]
    assert not kept["available"]
    assert "holds no keys" in kept["why"]
    assert kept["statements"] == []


@pytest.mark.parametrize(("level", "needed"), [("internal", 1), ("confidential", 1)])
def test_votes_needed_come_from_the_gateway(
    exchange: Exchange, model: Path, level: str, needed: int
) -> None:
    """The same number for everybody, whatever they may do themselves."""
    facts = {"scan": "passed", "leakage": "low", "retained_rows": "passed"}
    exchange.publish(model, sensitivity=level, facts=facts)
    request = exchange.ask(days=7)
    for who in ("ada", "noor", "rui", "sam"):
        assert views.request_view(exchange.session(who), request)["votes"]["needed"] == needed


def test_votes_needed_for_what_can_only_be_turned_down(exchange: Exchange, model: Path) -> None:
    """A request for a release that retired meanwhile still shows the votes it takes."""
    exchange.publish(model)
    request = exchange.ask()
    exchange.ada.change_state(REF, "retire", "Too old.")
    view = views.request_view(exchange.rui, request)
    assert view["votes"]["needed"] == 1
    assert view["verbs"] == ["decide"]
    done = exchange.rui.decide(request.id, VoteKind.reject, "It is retired.")
    assert done.state is RequestState.rejected


def test_verbs_follow_the_person_and_the_state(exchange: Exchange, model: Path) -> None:
    """Each is offered what they can do now, and nothing else."""
    exchange.publish(model)
    request = exchange.ask()

    def verbs(who: str) -> list[str]:
        session = exchange.session(who)
        return views.request_view(session, session.request_by_id(request.id))["verbs"]

    assert verbs("noor") == ["withdraw"]
    assert verbs("rui") == ["decide"]
    assert verbs("ada") == verbs("sam") == []
    exchange.rui.decide(request.id, VoteKind.return_, "Why?")
    assert set(verbs("noor")) == {"withdraw", "resubmit"}
    assert verbs("rui") == []


def test_every_right_has_words() -> None:
    """A right without words would show as a code."""
    assert views.RIGHT_WORDS.keys() == set(Right)
