"""Other policies: put into force by a steward, logged, and never in force when broken."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.integration.exchange import REF, Exchange, wish
from workbench.errors import Denied, InputError, NotFound, TrustError
from workbench.policy.gate import POLICY_ERROR, packaged
from workbench.records import Catalogue, Decision
from workbench.release import acts
from workbench.services.policies import CURRENT
from workbench.services.signed import texts_digest
from workbench.views import event_view

REASON = "Agreed by the board."
SHORT = """@id("a-week-at-most")
@rationale("A grant runs for at most seven days.")
@alternative("Ask for at most seven days.")
@max_days("7")
forbid (principal, action == Action::"request", resource) when { context.days > 7 };
"""
STRICTER = {**packaged(), "week.cedar": SHORT}
CUT_OFF = {"good.cedar": SHORT, "bad.cedar": '@id("x") @rationale("No.") forbid (principal'}
NO_WORDS = {"bad.cedar": '@id("silent") forbid (principal, action, resource);'}
UNKNOWN = {"bad.cedar": SHORT.replace("context.days", "context.moons")}


def asked(exchange: Exchange, days: int) -> Decision:
    """Return what the gateway says to Noor."""
    return exchange.noor.check_request(REF, wish(days))


def kept(exchange: Exchange) -> Catalogue | None:
    """Return the installed catalogue, if there is one."""
    try:
        return exchange.context.records.get(Catalogue, CURRENT)
    except NotFound:
        return None


def edit(exchange: Exchange, tmp_path: Path, statement: str) -> None:
    """Edit the exchange's database behind its back."""
    with closing(sqlite3.connect(tmp_path / "exchange" / "exchange.db")) as database:
        database.executescript(statement)


def test_a_stricter_catalogue_decides(any_exchange: Exchange, model: Path) -> None:
    """What was allowed is denied by the new policy, which also says what is allowed instead."""
    exchange = any_exchange
    exchange.publish(model)
    assert asked(exchange, 14).allowed
    exchange.stella.install_policies(STRICTER, REASON)
    decision = asked(exchange, 14)
    assert decision.policies == ("a-week-at-most",)
    assert [alternative.change for alternative in decision.alternatives] == [{"days": 7}]
    assert asked(exchange, 7).allowed
    with pytest.raises(Denied, match="at most seven days") as caught:
        exchange.ask(days=14)
    assert caught.value.decision == decision
    exchange.granted(days=7)
    assert exchange.sam.verify_log().size == exchange.sam.log_size()


def test_a_change_holds_for_what_is_under_way(exchange: Exchange, model: Path) -> None:
    """A request made before is decided, and a grant made before is used, by the new policies."""
    exchange.publish(model)
    request = exchange.ask()
    exchange.stella.install_policies({"week.cedar": SHORT}, REASON)
    with pytest.raises(Denied, match="No policy allows this"):
        exchange.approve(request)
    exchange.stella.reset_policies("Too strict.")
    exchange.approve(request)


def test_every_change_is_signed_and_told(exchange: Exchange) -> None:
    """Each leaves an entry with who, why, and the digests of the old and the new texts."""
    exchange.stella.install_policies(STRICTER, REASON)
    exchange.stella.reset_policies("Too strict.")
    back, change = exchange.events("policy_changed")
    old, new = texts_digest(packaged()), texts_digest(STRICTER)
    assert change.event.details == {"old": old, "new": new}
    assert back.event.details == {"old": new, "new": old}
    assert (change.event.actor, change.event.reason) == ("stella", REASON)
    assert event_view(exchange.sam, change)["sentence"] == "Stella changed the policies"
    predicate = acts.dsse.peek(change.event.statement or "")["predicate"]
    assert predicate["body"] == {"old": old, "new": new, "reason": REASON}
    catalogue = kept(exchange)
    assert catalogue is not None
    assert catalogue.files == packaged()
    assert exchange.sam.verify_log().size == exchange.sam.log_size()


@pytest.mark.parametrize("who", ["ada", "noor", "rui", "sam"])
def test_nobody_but_a_steward_changes_policies(exchange: Exchange, who: str) -> None:
    """Another person is refused, the attempt is kept, and nothing else is."""
    for change in (
        lambda: exchange.session(who).install_policies(STRICTER, REASON),
        lambda: exchange.session(who).reset_policies(REASON),
    ):
        with pytest.raises(Denied, match="Only a steward"):
            change()
    assert kept(exchange) is None
    assert exchange.events("policy_changed") == []
    refused = exchange.events("refused")
    assert [entry.event.actor for entry in refused] == [who, who]
    said = event_view(exchange.sam, refused[0])["sentence"]
    assert said == f"{who.title()} was refused to change the policies"


def test_a_suspended_steward_changes_nothing(exchange: Exchange) -> None:
    """A steward is refused while suspended."""
    exchange.stella.suspend("stella", "On leave.")
    with pytest.raises(Denied, match="not suspended"):
        exchange.stella.install_policies(STRICTER, REASON)
    assert kept(exchange) is None


@pytest.mark.parametrize(
    ("files", "named"),
    [
        (CUT_OFF, r"\(bad\.cedar\)"),
        (NO_WORDS, r"\(bad\.cedar, policy silent\)"),
        (UNKNOWN, r"\(bad\.cedar, policy a-week-at-most\)"),
        ({"schema.cedarschema": "entity"}, "schema cannot be read"),
        ({"empty.cedar": ""}, "catalogue is empty"),
        ({}, "cannot be kept: files: it is empty"),
        ({"../up.cedar": SHORT}, "not written as it has to be"),
        ({"long.cedar": SHORT + "// \n" * 60_000}, "longer than 200000 characters"),
        ({"hidden.cedar": SHORT + "// \u202e"}, "direction-changing"),
    ],
    ids=["cut-off", "no-words", "unknown", "schema", "empty", "none", "name", "long", "hidden"],
)
def test_a_broken_catalogue_is_refused(
    exchange: Exchange, files: dict[str, str], named: str
) -> None:
    """It is refused when it comes, by file and policy; what was in force stays, and is told."""
    exchange.stella.install_policies(STRICTER, REASON)
    size = exchange.sam.log_size()
    with pytest.raises(InputError, match=named) as caught:
        exchange.stella.install_policies(files, REASON)
    assert caught.value.unchanged == "The policies in force are as before."
    assert exchange.sam.log_size() == size
    catalogue = kept(exchange)
    assert catalogue is not None
    assert catalogue.files == STRICTER


def test_a_change_needs_a_reason(exchange: Exchange) -> None:
    """Without a rationale nothing is installed."""
    with pytest.raises(InputError, match="A reason is needed"):
        exchange.stella.install_policies(STRICTER, "  ")
    assert kept(exchange) is None


EDITS = {
    "looser": "replace(body, 'context.days > 7', 'context.days > 9')",
    "cut-off": "substr(body, 1, 500)",
    "not-cedar": "replace(body, 'forbid (', 'forbad (')",
    "empty": "''",
    "another-steward": """replace(body, '"steward":"stella"', '"steward":"ada"')""",
    "stranger": """replace(body, '"steward":"stella"', '"steward":"eve"')""",
    "no-signature": "json_set(body, '$.statement', '')",
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_catalogue_denies_everything(
    embedded: Exchange, model: Path, tmp_path: Path, name: str
) -> None:
    """Texts that no steward signed are not used, nor are the packaged ones; verifying tells."""
    embedded.publish(model)
    request = embedded.ask(days=7)
    embedded.stella.install_policies(STRICTER, REASON)
    edit(embedded, tmp_path, f"UPDATE records SET body = {EDITS[name]} WHERE kind = 'catalogue'")
    decision = asked(embedded, 7)
    assert not decision.allowed
    assert decision.policies == (POLICY_ERROR,)
    assert "catalogue of this exchange is broken" in decision.rationale[0]
    with pytest.raises(Denied, match="broken"):
        embedded.approve(request)
    with pytest.raises(Denied, match="broken"):
        embedded.publish(model, "lab/model:2.0")
    assert embedded.events("refused")[0].event.policies == (POLICY_ERROR,)
    with pytest.raises(TrustError) as caught:
        embedded.sam.verify_log()
    assert caught.value.step in ("record", "ledger records")
    with pytest.raises(TrustError):
        embedded.stella.gate()


def test_a_steward_repairs_an_edited_catalogue(
    embedded: Exchange, model: Path, tmp_path: Path
) -> None:
    """A broken catalogue does not stand in the way of the next one."""
    embedded.publish(model)
    embedded.stella.install_policies(STRICTER, REASON)
    edit(embedded, tmp_path, "UPDATE records SET body = '{}' WHERE kind = 'catalogue'")
    embedded.stella.reset_policies("Somebody edited them.")
    assert asked(embedded, 14).allowed
    assert embedded.events("policy_changed")[0].event.details["old"] == "unreadable"
    assert embedded.sam.verify_log().size == embedded.sam.log_size()


def test_a_removed_catalogue_is_noticed(embedded: Exchange, tmp_path: Path) -> None:
    """Removing the row does not go unseen: the log names what is not there."""
    embedded.stella.install_policies(STRICTER, REASON)
    edit(embedded, tmp_path, "DELETE FROM records WHERE kind = 'catalogue'")
    with pytest.raises(TrustError, match="catalogue/current is in the log but not there"):
        embedded.sam.verify_log()


@pytest.mark.parametrize("who", ["stella", "ada"])
def test_what_was_signed_but_cannot_be_used_denies(
    exchange: Exchange, model: Path, who: str
) -> None:
    """A signed text that does not load, or one signed by no steward, denies if it is reached."""
    exchange.publish(model)
    files = CUT_OFF if who == "stella" else packaged()
    actor = exchange.actor(who)
    statement = actor.act("change_policy", {"new": texts_digest(files)})
    with exchange.context.records.writing() as writing:
        writing.append(
            exchange.context.event(actor, "policy_changed", statement=statement),
            Catalogue(files=files, steward=who, statement=statement),
        )
    decision = asked(exchange, 7)
    assert (decision.allowed, decision.policies) == (False, (POLICY_ERROR,))
    assert ("bad.cedar" if who == "stella" else "ada is no steward") in decision.rationale[0]
