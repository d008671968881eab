"""Eight processes on one embedded exchange, all at once."""

from __future__ import annotations

import os
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.exchange import Exchange, Keys
from workbench.errors import Conflict, Denied
from workbench.records import Grant, Release, Request, Vote
from workbench.vocabulary import GrantState, RequestState, VoteKind

PROCESSES = 8


def at_once(tmp_path: Path, work: Callable[[int], object]) -> None:
    """Run ``work(n)`` in eight processes that all start at the same moment; all must succeed."""
    ready, go = os.pipe()
    children = []
    for number in range(PROCESSES):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                os.close(go)
                os.read(ready, 1)  # ends for everybody when the parent closes its end
                work(number)
                code = 0
            except BaseException:
                (tmp_path / f"trouble-{number}").write_text(traceback.format_exc())
            finally:
                os._exit(code)
        children.append(child)
    os.close(ready)
    os.close(go)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    trouble = "\n".join(path.read_text() for path in tmp_path.glob("trouble-*"))
    assert codes == [0] * PROCESSES, trouble


@pytest.fixture
def place(tmp_path: Path, model: Path, keys: Keys) -> Path:
    """An exchange in which eight people besides the usual ones are enrolled."""
    exchange = Exchange.on_disk(tmp_path / "exchange", keys).enrol()
    for number in range(PROCESSES):
        exchange.join(f"p{number}")
    exchange.publish(model)
    exchange.close()
    return tmp_path / "exchange"


def test_everybody_does_everything(tmp_path: Path, place: Path, model: Path, keys: Keys) -> None:
    """Each publishes, asks and has Rui vote: every event is there once, and the log verifies."""

    def work(number: int) -> None:
        exchange = Exchange.on_disk(place, keys, seed=100 + number)
        exchange.publish(model, f"lab/model-{number}:1", by=f"p{number}")
        request = exchange.ask(by=f"p{number}")
        exchange.rui.queue()
        assert exchange.approve(request).state is RequestState.granted
        exchange.open(tmp_path / f"out-{number}", by=f"p{number}")
        exchange.close()

    at_once(tmp_path, work)
    exchange = Exchange.on_disk(place, keys)
    kinds = Counter(entry.event.kind for entry in exchange.events())
    assert kinds == {
        "enrolled": 7 + PROCESSES,
        "published": 1 + PROCESSES,
        **dict.fromkeys(("requested", "approved", "granted", "opened"), PROCESSES),
    }
    records = exchange.context.records
    assert len(records.find(Release)) == 1 + PROCESSES
    grants = records.find(Grant, state=GrantState.active)
    assert sorted(grant.request for grant in grants) == sorted(
        request.id for request in records.find(Request, state=RequestState.granted)
    )
    assert len(grants) == PROCESSES
    index = (place / "store" / "index.json").read_text()
    assert all(release.manifest in index for release in records.find(Release))
    assert list((place / "store" / "incoming").iterdir()) == []
    exchange.sam.verify_log()
    exchange.close()


def test_one_name_for_all(tmp_path: Path, place: Path, model: Path, keys: Keys) -> None:
    """Of eight who publish the same name and version one succeeds; the others are told."""

    def work(number: int) -> None:
        exchange = Exchange.on_disk(place, keys, seed=200 + number)
        try:
            exchange.publish(model, "lab/same:1", by=f"p{number}")
            (tmp_path / f"won-{number}").touch()
        except Conflict as conflict:
            (tmp_path / f"told-{number}").write_text(conflict.message)
        exchange.close()

    at_once(tmp_path, work)
    (won,) = tmp_path.glob("won-*")
    told = [path.read_text() for path in tmp_path.glob("told-*")]
    assert told == ["lab/same:1 is already published."] * (PROCESSES - 1)
    exchange = Exchange.on_disk(place, keys)
    owner = exchange.noor.release("lab/same:1").listing.owner
    assert won.name == f"won-{owner[1:]}"
    assert len(exchange.events("published")) == 2
    exchange.sam.verify_log()
    exchange.close()


def test_one_request_for_all(tmp_path: Path, place: Path, keys: Keys) -> None:
    """Of eight votes on one request one counts; the others are refused, each in the log."""
    before = Exchange.on_disk(place, keys)
    request = before.ask()
    before.close()

    def work(number: int) -> None:
        exchange = Exchange.on_disk(place, keys, seed=300 + number)
        vote = VoteKind.approve if number % 2 else VoteKind.reject
        who = exchange.rui if number < 4 else exchange.vera
        try:
            who.decide(request.id, vote, f"Number {number}.")
            (tmp_path / f"won-{number}").touch()
        except Denied as denied:
            (tmp_path / f"told-{number}").write_text(denied.message)
        exchange.close()

    at_once(tmp_path, work)
    assert len(list(tmp_path.glob("won-*"))) == 1
    told = [path.read_text() for path in tmp_path.glob("told-*")]
    assert len(told) == PROCESSES - 1
    assert all("cannot be moved by" in message for message in told)
    exchange = Exchange.on_disk(place, keys)
    assert len(exchange.context.records.find(Vote)) == 1
    assert len(exchange.events("refused")) == PROCESSES - 1
    decided = len(exchange.events("approved")) + len(exchange.events("rejected"))
    assert decided == 1
    exchange.sam.verify_log()
    exchange.close()
