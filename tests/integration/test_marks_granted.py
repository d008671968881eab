"""A copy marked when a request is approved, from the owner's release to the one who is named."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.integration.exchange import REF, Exchange, draft, wish
from tests.integration.owner import files, layer, load, save
from workbench.app import Workplace
from workbench.crypto import age
from workbench.errors import Conflict, Denied, InputError, NotFound, TrustError, Unavailable
from workbench.findings.mark import Verdict
from workbench.notebook.functions import Notebook
from workbench.records import Envelope, Grant, Request, Vote
from workbench.release import trust
from workbench.services import marking
from workbench.services.envelopes import sealed_bytes
from workbench.services.marks import copies
from workbench.stores.keystore import MemoryKeystore
from workbench.stores.marks import Marks
from workbench.vocabulary import RequestState, Right, Role, VoteKind

FACTS = {"scan": "passed", "leakage": "low", "retained_rows": "passed"}
RESTRICTED: dict[str, Any] = {"sensitivity": "restricted", "facts": FACTS}


def whose(exchange: Exchange, found: Path, by: str = "rui") -> marking.Answer:
    """Trace a file with the original from the exchange."""
    (answer,) = exchange.session(by).trace(files(found), REF)
    assert isinstance(answer, marking.Answer)
    return answer


def test_each_gets_a_copy_of_their_own_and_is_named_for_it(
    memory: Exchange, shelf: Marks, markable: Path, tmp_path: Path
) -> None:
    """Weights off by a hundredth of their spread; everything else as the owner signed it."""
    memory.join("omar")
    grants = {by: memory.marked(by) for by in ("noor", "omar")}
    original = load(markable / "part" / "model.safetensors")
    seen = set()
    for by, grant in grants.items():
        assert grant.copy_manifest is not None
        seen.add(grant.copy_manifest)
        opened = memory.open(tmp_path / by, by=by)
        assert opened.passed == trust.STEPS
        assert opened.copy is not None
        assert (opened.copy.said.grant, opened.copy.said.person) == (grant.id, by)
        own = load(tmp_path / by / "model" / "part" / "model.safetensors")
        off = np.abs(own["layer.weight"] - original["layer.weight"])
        assert np.allclose(off, 0.01 * original["layer.weight"].std(), rtol=1e-3)
        config = (tmp_path / by / "model" / "config.json").read_bytes()
        assert config == (markable / "config.json").read_bytes()
        found = hashlib.sha256(
            (tmp_path / by / "model" / "part" / "model.safetensors").read_bytes()
        ).hexdigest()
        assert found in {resource.digest for resource in opened.resources}
        seen.add(found)
    assert len(seen) == 4
    for by, grant in grants.items():
        leaked = (tmp_path / by / "model" / "part" / "model.safetensors").rename(
            tmp_path / f"leaked-{by}.safetensors"
        )
        answer = whose(memory, leaked)
        assert answer.traced.verdict is Verdict.named
        assert answer.traced.scores[0].z > 40
        assert answer.traced.false_alarm < 1e-30
        (noted,) = answer.named
        assert (noted.id, noted.person, noted.ref) == (grant.id, by, REF)
        assert (noted.manifest, noted.granted) == (grant.copy_manifest, True)
        assert noted.devices == (grant.device,)
    memory.sam.verify_log()


def test_everything_says_so(memory: Exchange, shelf: Marks) -> None:
    """The log, the vote and the grant; one without a mark says nothing of it."""
    grant = memory.marked()
    (event,) = memory.events("granted")
    assert event.event.details["marked"] is True
    (vote,) = memory.context.records.find(Vote)
    assert vote.mark
    assert [copy.id for copy in memory.rui.marked_copies()] == [grant.id]
    memory.join("omar")
    plain = memory.granted(by="omar")
    assert plain.copy_manifest is None
    assert "marked" not in memory.events("granted")[0].event.details
    assert len(copies(shelf)) == 1


def test_the_recipient_gets_no_key_to_the_original(memory: Exchange, shelf: Marks) -> None:
    """Of the release's own keys only the one to the evidence."""
    memory.marked()
    secret: Any = memory.keys.keystore
    envelopes = {item.person: item for item in memory.context.records.find(Envelope)}
    texts = {}
    for name in ("noor", "rui"):
        sealed = sealed_bytes(envelopes[name])
        texts[name] = age.decrypt_bytes(sealed, [secret._secret(name).sealing]).splitlines()
    noor, rui = texts["noor"], texts["rui"]
    assert noor[4] == rui[4] == b"# weights"
    assert noor[5] != rui[5]
    assert noor[7] == rui[7]


def kept(exchange: Exchange) -> tuple[object, ...]:
    """What must be as it was when a marked copy could not be made."""
    records = exchange.context.records
    return (
        records.find(Request),
        *([len(records.find(kind)) for kind in (Vote, Grant, Envelope)]),
        [entry.event.kind for entry in exchange.events() if entry.event.kind != "refused"],
        sorted(stored(exchange)),
    )


def stored(exchange: Exchange) -> dict[str, bytes]:
    blobs: Any = exchange.context.blobs
    found: dict[str, bytes] = blobs._blobs
    return found


REFUSED = {
    "no safetensors": (lambda m: (m / "part" / "model.safetensors").unlink(), "none of its files"),
    "small": (lambda m: save(m / "part" / "model.safetensors", layer(1, (9, 9))), "Only 81"),
    "another form": (lambda m: np.save(m / "w.npy", np.zeros(5)), "could hold the same weights"),
}


@pytest.mark.parametrize(("spoil", "match"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_carry_a_mark(
    memory: Exchange, markable: Path, tmp_path: Path, spoil: Callable[[Path], object], match: str
) -> None:
    """The request is as it was, and nothing is left: no vote, no blob, no note, no open file."""
    spoil(markable)
    memory.publish(markable)
    shelf = memory.give_room("rui", tmp_path)
    request = memory.ask()
    before = kept(memory)
    with pytest.raises(InputError, match=match) as caught:
        memory.approve(request, mark=True)
    assert caught.value.unchanged == "The request is as it was, and no copy was made."
    assert caught.value.hint
    assert kept(memory) == before
    assert shelf.lines() == []
    assert list((tmp_path / "home").iterdir()) == []
    assert memory.approve(request).state is RequestState.granted  # without a mark it can be


def test_cancelled_in_the_middle(memory: Exchange, shelf: Marks, tmp_path: Path) -> None:
    """Whatever is going on, no vote is cast and nothing readable stays; it can be done again."""
    request = memory.ask()
    seen: set[str] = set()

    class Cancelled(Exception):
        pass

    def approving(stop: str) -> None:
        def progress(what: str, _done: int, _total: int) -> None:
            seen.add(what)
            if what == stop:
                raise Cancelled

        memory.approve(request, mark=True, progress=progress)

    words = ("Opening", "Looking for code", "Reading the model", "Marking the weights", "Sealing")
    for stop in words:
        with pytest.raises(Cancelled):
            approving(stop)
        assert memory.context.records.find(Vote) == []
        assert list((tmp_path / "home").iterdir()) == []
        assert shelf.lines() == []
    approving("nothing")
    assert seen >= set(words)
    assert len(memory.context.records.find(Grant)) == 1


def test_a_request_that_changes_meanwhile(memory: Exchange, shelf: Marks) -> None:
    """Taken back, or answered anew, while the copy is made: the vote was for another request."""
    request = memory.ask()
    taken: list[Request] = []

    def taking_back(what: str, _done: int, _total: int) -> None:
        if what == "Sealing" and not taken:
            taken.append(memory.noor.withdraw_request(request.id))

    with pytest.raises(Denied):
        memory.approve(request, mark=True, progress=taking_back)
    assert memory.context.records.find(Grant) == []
    second, turned = memory.ask(), False

    def turning(what: str, _done: int, _total: int) -> None:
        nonlocal turned
        if what == "Sealing" and not turned:
            turned = True
            memory.vera.decide(second.id, VoteKind.return_, "For how long?")
            memory.noor.resubmit(second.id, wish(days=2), second.terms)

    with pytest.raises(Conflict, match="changed while the copy was made"):
        memory.approve(second, mark=True, progress=turning)
    assert memory.context.records.find(Grant) == []
    assert memory.approve(second, mark=True).state is RequestState.granted


def test_one_of_two_reviewers_is_enough(memory: Exchange, markable: Path, tmp_path: Path) -> None:
    """Whoever votes last marks; whoever asks first is told at once if it cannot be."""
    memory.publish(markable, **RESTRICTED)
    shelves = {name: memory.give_room(name, tmp_path) for name in ("rui", "vera")}
    request = memory.ask(days=3)
    assert memory.approve(request, "rui", mark=True).state is RequestState.in_review
    assert shelves["rui"].lines() == []
    assert memory.approve(request, "vera").state is RequestState.granted
    (noted,) = copies(shelves["vera"])
    grant = memory.noor.grant_of(request)
    assert grant is not None
    assert noted.id == grant.id
    opened = memory.open(tmp_path / "opened")
    assert opened.copy is not None


def test_a_first_vote_asks_for_no_mark_that_cannot_be_made(
    memory: Exchange, markable: Path, tmp_path: Path
) -> None:
    """Or the last one could only reject."""
    save(markable / "part" / "model.safetensors", layer(1, (9, 9)))
    memory.publish(markable, **RESTRICTED)
    memory.give_room("rui", tmp_path)
    request = memory.ask(days=3)
    with pytest.raises(InputError, match="Only 81"):
        memory.approve(request, "rui", mark=True)
    assert memory.context.records.find(Vote) == []


def test_a_vote_that_turns_down_marks_nothing(
    memory: Exchange, markable: Path, tmp_path: Path
) -> None:
    """Though the other reviewer asked for a mark."""
    memory.publish(markable, **RESTRICTED)
    memory.give_room("rui", tmp_path)
    request = memory.ask(days=3)
    memory.approve(request, "rui", mark=True)
    turned = memory.vera.decide(request.id, VoteKind.reject, "No.")
    assert turned.state is RequestState.rejected


def test_what_a_mark_is_for(memory: Exchange, shelf: Marks) -> None:
    """For an approval that hands over weights, from where marks can be made."""
    request = memory.ask()
    before = kept(memory)
    with pytest.raises(InputError, match="Only what is approved"):
        memory.rui.decide(request.id, VoteKind.reject, "No.", mark=True)
    with pytest.raises(InputError, match="Only somebody who gets the weights"):
        memory.approve(request, mark=True, right=Right.infer)
    with pytest.raises(Unavailable, match="cannot be marked from here"):
        memory.approve(request, "vera", mark=True)
    assert kept(memory) == before


def test_quality_before_and_after(memory: Exchange, shelf: Marks) -> None:
    """Measured by the reviewer, where there is something to measure with; the recipient is told."""
    request = memory.ask()
    scores = iter([0.9, 0.5])
    with pytest.raises(InputError, match=r"falls from 0\.9 to 0\.5"):
        memory.approve(request, mark=True, evaluate=lambda _file: next(scores))
    assert memory.context.records.find(Vote) == []
    scores = iter([0.9, 0.897])
    memory.approve(request, mark=True, evaluate=lambda _file: next(scores))
    (noted,) = copies(shelf)
    done = noted.files[0].mark
    assert (done.before, done.after) == (0.9, 0.897)
    assert "Quality was 0.9 before and is 0.897" in done.sentences()[1]


def test_a_copy_is_gone_from_the_store(memory: Exchange, shelf: Marks, tmp_path: Path) -> None:
    """Its recipient is told at which step, and nothing is opened."""
    grant = memory.marked()
    assert grant.copy_manifest is not None
    del stored(memory)[grant.copy_manifest]
    with pytest.raises(TrustError, match="missing from the store") as caught:
        memory.open(tmp_path / "opened")
    assert caught.value.step == "copy"
    assert not (tmp_path / "opened").exists()


def test_tracing_with_the_original_of_the_exchange(
    memory: Exchange, shelf: Marks, tmp_path: Path
) -> None:
    """By whoever holds keys to it; the log says so, and the original is gone again."""
    memory.marked()
    memory.open(tmp_path / "opened")
    leaked = tmp_path / "opened" / "model" / "part" / "model.safetensors"
    before = len(memory.events("opened"))
    assert whose(memory, leaked).named
    (event, *_) = memory.events("opened")
    assert len(memory.events("opened")) == before + 1
    assert (event.event.actor, event.event.reason) == ("rui", "to find whose copy a file is")
    assert list((tmp_path / "home").iterdir()) == []
    memory.sam.verify_log()
    memory.give_room("noor", tmp_path)
    with pytest.raises(NotFound, match=r"No copy of lab/model:1\.0 was marked from here"):
        whose(memory, leaked, "noor")
    memory.rooms["noor"] = memory.rooms["rui"]
    with pytest.raises(NotFound, match="holds no keys"):
        whose(memory, leaked, "noor")
    with pytest.raises(Unavailable, match="neither marked nor traced"):
        memory.vera.trace(files(leaked), REF)
    memory.stella.suspend("rui", "An inquiry.")
    with pytest.raises(Denied, match="suspended"):
        whose(memory, leaked)


def test_from_a_notebook(markable: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over a workplace as people have it: marked in the profile's own room; told; loaded."""
    place = Workplace(tmp_path / "home", MemoryKeystore())
    for name, role in (("ada", Role.researcher), ("noor", Role.researcher), ("rui", Role.reviewer)):
        place.init(name, roles=[role])
    place.session("ada").publish(draft(), place.files(markable / "part"))
    terms = place.session("noor").release(REF).listing.terms
    request = place.session("noor").request(REF, wish(), terms)
    place.session("rui").decide(request.id, "approve", "Fine.", mark=True)
    (noted,) = place.session("rui").marked_copies()
    monkeypatch.setenv("WORKBENCH_PROFILE", "noor")
    opened = Notebook(place).open(REF, tmp_path / "opened")
    assert opened.told == f"Your copy carries a mark that names this grant: {noted.id}."
    assert opened.told in opened._repr_html_()
    loaded = opened.load()
    assert not np.array_equal(loaded["layer.weight"], layer(1)["layer.weight"])
    assert np.array_equal(loaded["layer.bias"], layer(1)["layer.bias"])
    (answer,) = place.session("rui").trace(place.files(opened.path), REF)
    assert [copy.id for copy in answer.named] == [noted.id]
    monkeypatch.setenv("WORKBENCH_PROFILE", "rui")
    mine = Notebook(place)
    traced = mine.trace(opened.path, release=REF)
    assert traced["verdict"] == "named"
    assert f"✓ the copy for noor ({REF}, granted on" in repr(traced)
    assert noted.id in traced._repr_html_()
    same = mine.trace(str(opened.path), original=markable / "part")
    assert same["files"] == traced["files"]
    for wrong in ({}, {"release": REF, "original": markable}):
        with pytest.raises(InputError, match="either a release or files"):
            mine.trace(opened.path, **wrong)
