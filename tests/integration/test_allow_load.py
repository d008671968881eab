"""Whether an opened program may be loaded: decided by what was found just now, and recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.exchange import REF, Exchange
from workbench.errors import Denied, NotFound
from workbench.findings.scan import FileScan, Outcome, ScanReport
from workbench.vocabulary import Role


def report(outcome: Outcome, kind: str = "pickle") -> ScanReport:
    found = FileScan(path="model.pkl", kind=kind, outcome=outcome, reason="It is so.")
    return ScanReport(rules="2026-11", files=(found,))


def test_only_the_fresh_report_counts(exchange: Exchange, model: Path) -> None:
    """What was measured when it was published says nothing about what lies there now."""
    exchange.publish(model, sensitivity="internal")
    exchange.noor.allow_load(REF, report(Outcome.allowed), True)
    with pytest.raises(Denied, match="could run somebody else's code") as caught:
        exchange.noor.allow_load(REF, report(Outcome.unsafe), True)
    assert caught.value.found == "model.pkl: It is so."
    assert len(exchange.events("loaded")) == 1
    exchange.sam.verify_log()


def test_nothing_looked_into_is_not_fine(exchange: Exchange, model: Path) -> None:
    exchange.publish(model, sensitivity="internal")
    with pytest.raises(Denied):
        exchange.noor.allow_load(REF, ScanReport(rules="2026-11", files=()), True)


def test_a_suspended_person_loads_nothing(exchange: Exchange, model: Path) -> None:
    exchange.publish(model, sensitivity="internal")
    exchange.stella.suspend("noor", "A lost laptop.")
    with pytest.raises(Denied) as caught:
        exchange.noor.allow_load(REF, report(Outcome.allowed), True)
    decision = caught.value.decision
    assert decision is not None
    assert "suspended-gets-nothing" in decision.policies


def test_no_such_release(exchange: Exchange) -> None:
    with pytest.raises(NotFound):
        exchange.noor.allow_load("lab/none:1.0", report(Outcome.allowed), True)


def test_who_sees_it(exchange: Exchange, model: Path) -> None:
    """The person, the owner and those who watch; it is nobody else's business."""
    exchange.publish(model, sensitivity="internal")
    exchange.noor.allow_load(REF, report(Outcome.allowed), True)
    exchange.join("otto", Role.researcher)
    seen = {
        name: len(exchange.session(name).timeline(kind="loaded"))
        for name in ("noor", "ada", "rui", "sam", "otto")
    }
    assert seen == {"noor": 1, "ada": 1, "rui": 1, "sam": 1, "otto": 0}
