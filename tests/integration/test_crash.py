"""Killed anywhere: afterwards nothing happened or all of it, and the same command can run again."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.integration.exchange import REF, Exchange, Keys, write_model
from tests.integration.owner import layer, save
from workbench.errors import Conflict, Denied, WorkbenchError
from workbench.records import Envelope, Grant, Release, Request, Vote
from workbench.vocabulary import GrantState, RequestState

MOST = 200  # calls; more than any verb makes
Verb = Callable[[Exchange, Path], object]


class Countdown:
    """Kills this process, as a power cut would, when so many calls have been made."""

    def __init__(self, calls: int) -> None:
        self.left = calls

    def tick(self) -> None:
        self.left -= 1
        if self.left < 0:
            os.kill(os.getpid(), signal.SIGKILL)


class Mortal:
    """A store, sink or transaction; each call to it may be the last."""

    def __init__(self, inner: Any, countdown: Countdown) -> None:
        self._inner = inner
        self._countdown = countdown

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)
        if name == "writing":
            return lambda: self._writing(method())
        if name == "create":
            return lambda: Mortal(self._counted(method), self._countdown)
        return lambda *args, **named: self._counted(method, *args, **named)

    def _counted(self, method: Callable[..., Any], *args: Any, **named: Any) -> Any:
        self._countdown.tick()
        return method(*args, **named)

    @contextmanager
    def _writing(self, inner: AbstractContextManager[Any]) -> Any:
        self._countdown.tick()
        with inner as writing:
            yield Mortal(writing, self._countdown)
            self._countdown.tick()  # everything is written, nothing is committed
        self._countdown.tick()


def run(place: Path, keys: Keys, model: Path, verb: Verb, calls: int) -> bool:
    """Run a verb in a process of its own that dies after so many calls; return whether it lived."""
    child = os.fork()
    if child == 0:
        try:
            exchange = Exchange.on_disk(place, keys, seed=calls + 10)
            countdown = Countdown(calls)
            exchange.context = replace(
                exchange.context,
                records=Mortal(exchange.context.records, countdown),
                blobs=Mortal(exchange.context.blobs, countdown),
            )
            verb(exchange, model)
            os._exit(0)
        except BaseException:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    assert killed or os.waitstatus_to_exitcode(status) == 0
    return not killed


def publish(exchange: Exchange, model: Path) -> object:
    return exchange.publish(model)


def approve(exchange: Exchange, model: Path) -> object:
    (request,) = exchange.noor.my_requests()
    return exchange.approve(request)


def publish_markable(exchange: Exchange, model: Path) -> object:
    save(model.parent / "markable" / "model.safetensors", layer(1))
    return exchange.publish(model.parent / "markable")


def approve_marked(exchange: Exchange, model: Path) -> object:
    exchange.give_room("rui", model.parent)
    (request,) = exchange.noor.my_requests()
    done = exchange.approve(request, mark=True)
    assert list((model.parent / "home").iterdir()) == []  # what a killed one left is gone, too
    return done


def revoke(exchange: Exchange, model: Path) -> object:
    (grant,) = exchange.noor.holders(REF)
    return exchange.rui.revoke(grant.id, "It was passed on.")


def ask(exchange: Exchange, model: Path) -> object:
    return exchange.ask()


def state(exchange: Exchange) -> tuple[object, ...]:
    """Return what there is, as far as the verbs change it."""
    records = exchange.context.records
    return (
        [entry.event.kind for entry in exchange.events()][::-1][7:],
        [item.state for item in records.find(Release)],
        [item.state for item in records.find(Request)],
        [item.state for item in records.find(Grant)],
        len(records.find(Envelope)),
        len(records.find(Vote)),
    )


P, RQ, G = "published", "requested", ["approved", "granted"]
IN_REVIEW, GRANTED = [RequestState.in_review], [RequestState.granted]
BEFORE = ([], [], [], [], 0, 0)
PUBLISHED = ([P], [P], [], [], 3, 0)
ASKED = ([P, RQ], [P], IN_REVIEW, [], 3, 0)
APPROVED = ([P, RQ, *G], [P], GRANTED, [GrantState.active], 4, 1)
REVOKED = (
    [P, RQ, *G, "revoked"], [P], [RequestState.revoked], [GrantState.revoked], 4, 1,
)  # fmt: skip

VERBS: dict[str, tuple[list[Verb], Verb, tuple[object, ...], tuple[object, ...], type]] = {
    "publish": ([], publish, BEFORE, PUBLISHED, Conflict),
    "request": ([publish], ask, PUBLISHED, ASKED, Denied),
    "approve": ([publish, ask], approve, ASKED, APPROVED, Denied),
    "approve with a mark": (
        [publish_markable, ask],
        approve_marked,
        ASKED,
        APPROVED,
        Denied,
    ),
    "revoke": ([publish, ask, approve], revoke, APPROVED, REVOKED, Denied),
}


@pytest.mark.parametrize(("prior", "verb", "before", "after", "again"), VERBS.values(), ids=VERBS)
def test_killed_at_any_call(
    scratch: Path,
    prior: list[Verb],
    verb: Verb,
    before: tuple[object, ...],
    after: tuple[object, ...],
    again: type[WorkbenchError],
) -> None:
    """Nothing or all of it, a log that verifies, and the same command goes on from there."""
    keys = Keys()
    model = write_model(scratch / "model")
    base = scratch / "base"
    exchange = Exchange.on_disk(base, keys).enrol()
    for step in prior:
        step(exchange, model)
    assert state(exchange) == before
    exchange.close()
    found = set()
    for calls in range(MOST):
        place = scratch / f"copy-{calls}"
        shutil.copytree(base, place)
        lived = run(place, keys, model, verb, calls)
        found.add(_examined(place, keys, model, verb, (before, after), again))
        shutil.rmtree(place)
        if lived:
            break
    else:
        pytest.fail(f"more than {MOST} calls")
    assert found == {"nothing", "all"}


def _examined(
    place: Path,
    keys: Keys,
    model: Path,
    verb: Verb,
    states: tuple[tuple[object, ...], tuple[object, ...]],
    again: type[WorkbenchError],
) -> str:
    """Look at what a killed process left, run the verb again, and return what had happened."""
    before, after = states
    exchange = Exchange.on_disk(place, keys, seed=3)
    try:
        assert list((place / "store" / "incoming").glob("*")) == []
        exchange.sam.verify_log()
        now = state(exchange)
        if now == before:
            verb(exchange, model)
            assert state(exchange) == after
            exchange.sam.verify_log()
        else:
            assert now == after
            with pytest.raises(again):
                verb(exchange, model)
        _is_listed(place, exchange)
        return "nothing" if now == before else "all"
    finally:
        exchange.close()


def _is_listed(place: Path, exchange: Exchange) -> None:
    """Check that the image layout's index names every release, after the command ran again."""
    index = (place / "store" / "index.json").read_text()
    for release in exchange.context.records.find(Release):
        assert release.manifest in index
        assert exchange.context.blobs.size(release.manifest) > 0


def test_temporary_files_do_not_accumulate(scratch: Path) -> None:
    """What killed writers leave is gone once anybody opens the store, however many died."""
    keys = Keys()
    model = write_model(scratch / "model")
    place = scratch / "exchange"
    Exchange.on_disk(place, keys).enrol().close()
    for calls in range(0, 30, 3):
        assert not run(place, keys, model, publish, calls)
    left = sorted((place / "store" / "incoming").glob("*"))
    assert len(left) <= 1  # the last one's; each opening removed those before it
    exchange = Exchange.on_disk(place, keys)
    assert list((place / "store" / "incoming").glob("*")) == []
    assert exchange.publish(model).key == REF
    exchange.close()


def test_an_output_folder_of_a_killed_process(scratch: Path) -> None:
    """Whoever is killed while opening leaves no folder of that name; the next opening tidies."""
    keys = Keys()
    model = write_model(scratch / "model")
    place = scratch / "exchange"
    exchange = Exchange.on_disk(place, keys).enrol()
    exchange.publish(model)
    exchange.close()
    outbox = scratch / "outbox"
    outbox.mkdir()

    def opening(exchange: Exchange, _model: Path) -> object:
        return exchange.open(outbox / "out", by="ada")

    calls = 0
    while not run(place, keys, model, opening, calls):
        if (outbox / "out").exists():  # killed after it was shown: then it is whole
            assert (outbox / "out" / "receipt.tlog-proof").exists()
            shutil.rmtree(outbox / "out")
        calls += 2
    assert [path.name for path in outbox.iterdir()] == ["out"]
