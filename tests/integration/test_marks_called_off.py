"""A marked copy that is called off, or that nobody is granted, leaves nothing anywhere."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest
import safetensors.numpy

from tests.integration.exchange import REF, Exchange
from tests.integration.owner import layer, save
from workbench.errors import InputError, Unavailable
from workbench.records import Envelope, Grant, Request, Vote
from workbench.services import granting, markable, marks, withheld
from workbench.services.copying import CASTING, UNCHANGED
from workbench.services.marks import copies
from workbench.stores.marks import Marks
from workbench.stores.memory import MemoryBlobs
from workbench.views import request_detail
from workbench.vocabulary import RequestState, VoteKind

WORDS = (
    *("Opening", "Looking for code", "Reading the model", "Marking the weights", "Sealing"),
    CASTING,
)


@pytest.fixture
def rui(embedded: Exchange, markable: Path, tmp_path: Path) -> Marks:
    """A release that can carry a mark, in a folder on disk, and Rui's room beside it."""
    embedded.publish(markable)
    return embedded.give_room("rui", tmp_path)


def left(exchange: Exchange, tmp_path: Path) -> tuple[object, ...]:
    """All that a copy could leave: records, log, blobs, open files, notes."""
    records = exchange.context.records
    return (
        records.find(Request),
        *(len(records.find(kind)) for kind in (Vote, Grant, Envelope)),
        [entry.event.kind for entry in exchange.events()],
        sorted(path for path in (tmp_path / "exchange" / "store").rglob("*") if path.is_file()),
        sorted((tmp_path / "home").iterdir()) if (tmp_path / "home").exists() else [],
        Marks(tmp_path / "rui").lines(),
    )


@pytest.mark.parametrize("stop", WORDS)
def test_ctrl_c_at_any_stage(embedded: Exchange, rui: Marks, tmp_path: Path, stop: str) -> None:
    """No vote, no grant, no blob, no note, no open file; and the same vote can be cast after it."""
    request = embedded.ask()
    before = left(embedded, tmp_path)

    def interrupting(what: str, _done: int, _total: int) -> None:
        if what == stop:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt) as caught:
        embedded.approve(request, mark=True, progress=interrupting)
    assert left(embedded, tmp_path) == before
    if stop != CASTING:
        assert caught.value.__notes__ == [UNCHANGED]
    assert embedded.approve(request, mark=True).state is RequestState.granted
    assert len(copies(rui)) == 1


def test_nothing_stops_it_after_the_vote(embedded: Exchange, rui: Marks) -> None:
    """The last word of progress is the last chance."""
    seen: list[str] = []
    embedded.approve(
        embedded.ask(), mark=True, progress=lambda what, _done, _total: seen.append(what)
    )
    assert "Done" not in seen  # it was the model that was opened
    assert seen[-1] == CASTING
    assert seen.count(CASTING) == 1


def test_a_first_of_two_votes_can_be_called_off(
    embedded: Exchange, markable: Path, tmp_path: Path
) -> None:
    """What is rehearsed is cancelled like what is made."""
    embedded.publish(
        markable,
        sensitivity="restricted",
        facts={"scan": "passed", "leakage": "low", "retained_rows": "passed"},
    )
    embedded.give_room("rui", tmp_path)
    request = embedded.ask(days=3)
    before = left(embedded, tmp_path)

    def stopping(what: str, _done: int, _total: int) -> None:
        if what == CASTING:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        embedded.approve(request, mark=True, progress=stopping)
    assert left(embedded, tmp_path) == before


def test_a_copy_that_is_not_granted(
    embedded: Exchange, rui: Marks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken back meanwhile, or refused at the last step: what was sealed is gone again."""
    request = embedded.ask()

    def turning_down(what: str, _done: int, _total: int) -> None:
        if what == "Sealing" and embedded.rui.waits_for_me(request):
            embedded.vera.decide(request.id, VoteKind.reject, "No.")
            after.append(left(embedded, tmp_path))

    after: list[tuple[object, ...]] = []
    with pytest.raises(Exception, match=r"rejected|changed"):
        embedded.approve(request, mark=True, progress=turning_down)
    assert blobs(left(embedded, tmp_path)) == [
        path for path in blobs(after[0]) if path.parent.name != "incoming"
    ]
    assert rui.lines() == []
    second = embedded.ask()
    before = left(embedded, tmp_path)

    def gone(*_: Any, **__: Any) -> Any:
        raise Unavailable("The keystore was locked meanwhile.")

    monkeypatch.setattr(granting.envelopes, "seal", gone)
    with pytest.raises(Unavailable):
        embedded.approve(second, mark=True)
    assert left(embedded, tmp_path) == before


def blobs(state: tuple[object, ...]) -> list[Path]:
    found = state[5]
    assert isinstance(found, list)
    return found


def test_more_blobs_than_are_withheld(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is beyond is visible at once; digests, sizes and bytes are those of the store."""
    monkeypatch.setattr(withheld, "MOST", 2)
    store = MemoryBlobs()
    waiting = withheld.Withheld(store)
    digests = [put(waiting, bytes([number]) * 5) for number in range(4)]
    assert [one for one in digests if visible(store, one)] == digests[2:]
    assert [waiting.size(one) for one in digests] == [5] * 4
    waiting.drop()
    assert [one for one in digests if visible(store, one)] == digests[2:]
    again = put(waiting, b"again")
    assert not visible(store, again)
    waiting.keep()
    waiting.drop()
    assert waiting.open(again).read() == b"again"
    assert put(store, b"again") == again


def test_a_sink_ends_once() -> None:
    """As every sink: nothing is written after commit, and abort is harmless then."""
    waiting = withheld.Withheld(MemoryBlobs())
    sink = waiting.create()
    sink.write(b"a")
    sink.commit()
    sink.abort()
    for late in (sink.commit, lambda: sink.write(b"b")):
        with pytest.raises(ValueError, match="committed"):
            late()


def put(store: Any, data: bytes) -> str:
    sink = store.create()
    sink.write(data)
    digest: str = sink.commit()
    return digest


def visible(store: MemoryBlobs, digest: str) -> bool:
    return digest in store._blobs


def test_quality_of_weights_in_several_files(memory: Exchange, tmp_path: Path) -> None:
    """All files are measured together, as they are and as they were marked."""
    model = tmp_path / "shards"
    for number in (1, 2):
        save(model / f"model-{number}.safetensors", layer(number))
    (model / "config.json").write_text("{}")
    memory.publish(model)
    shelf = memory.give_room("rui", tmp_path)
    seen: list[dict[str, float]] = []

    def total(given: Mapping[str, BinaryIO]) -> float:
        assert given["config.json"].read() == b"{}"
        weights = {
            name: safetensors.numpy.load(file.read())["layer.weight"]
            for name, file in given.items()
            if name.endswith(".safetensors")
        }
        seen.append({name: float(np.abs(one).sum()) for name, one in weights.items()})
        return len(weights) + 0.9

    memory.approve(memory.ask(), mark=True, evaluate=total)
    before, after = seen
    assert before.keys() == after.keys() == {"model-1.safetensors", "model-2.safetensors"}
    assert all(before[name] != after[name] for name in before)
    (noted,) = copies(shelf)
    assert [(one.mark.before, one.mark.after) for one in noted.files] == [(2.9, 2.9)] * 2


def test_kinds_of_files() -> None:
    """What can carry a mark is told by what the files are."""
    markable.check({"a": "safetensors"})
    markable.check({"a": "safetensors", "b": "json", "c": "text"})
    for found, match in (
        ({"a": "text"}, "none of its files is safetensors"),
        ({}, "none of its files is safetensors"),
        ({"a": "safetensors", "w.npy": "npy"}, r"w\.npy \(npy\) could hold"),
    ):
        with pytest.raises(InputError, match=match):
            markable.check(found)


def test_a_reviewer_knows_before_approving(
    memory: Exchange, markable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From what the owner signed about the files; with the words that approving would say."""
    memory.publish(markable)
    np.save(markable / "w.npy", np.zeros(5))
    memory.publish(markable, "lab/more:1.0")
    shown = [
        request_detail(memory.rui, memory.ask(ref))["unmarkable"] for ref in (REF, "lab/more:1.0")
    ]
    assert shown[0] is None
    assert "w.npy (npy) could hold the same weights" in shown[1]
    own = memory.noor.my_requests()[-1]
    assert request_detail(memory.noor, own)["unmarkable"] is None  # no keys to what was signed

    def missing(_name: str) -> Any:
        raise ModuleNotFoundError(name="numpy")

    monkeypatch.setattr(marks, "import_module", missing)
    there = memory.rui.queue()[0]
    assert request_detail(memory.rui, there)["unmarkable"] == "Marks need the package numpy."
