"""A copy marked for one person, from the owner's folder to the one who is named for it."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.place import InProcess
from tests.integration.exchange import Exchange
from tests.integration.owner import Owner, layer, load, save
from workbench.crypto import age
from workbench.crypto.keys import DeviceSecret
from workbench.errors import Denied, InputError, NotFound, TrustError
from workbench.findings.mark import Verdict
from workbench.services import marking
from workbench.services.context import Actor
from workbench.services.marks import MarkedCopy, copies
from workbench.stores.agent import AgentKeystore, serve
from workbench.stores.keystore import DeviceSigner
from workbench.stores.marks import Marks


@pytest.fixture
def owner(memory: Exchange, tmp_path: Path) -> Owner:
    """Ada with a model of one layer and a text beside it."""
    made = Owner(memory, tmp_path, memory.ada.actor)
    save(made.model / "model.safetensors", layer(1))
    (made.model / "config.json").write_text('{"layers": 1}')
    return made


def test_each_gets_a_file_of_their_own_and_is_named_for_it(owner: Owner) -> None:
    """Every weight is off by a hundredth of the spread, the rest is as it was; both are found."""
    original = load(owner.model / "model.safetensors")
    weights, spread = original["layer.weight"], float(original["layer.weight"].std())
    for person in ("noor", "rui"):
        copy = owner.marked(person)
        own = load(copy / "model.safetensors")
        off = np.abs(own["layer.weight"].astype(float) - weights.astype(float))
        assert np.allclose(off, 0.01 * spread, rtol=1e-3)
        assert np.array_equal(own["layer.bias"], original["layer.bias"])
        assert (copy / "config.json").read_bytes() == (owner.model / "config.json").read_bytes()
    for number, person in enumerate(("noor", "rui"), 1):
        (answer,) = owner.whose(owner.place / f"opened-{number}" / "model")
        assert answer.traced.verdict is Verdict.named
        assert [one.person for one in answer.named] == [person]
        assert answer.traced.scores[0].z > 40
        assert answer.traced.false_alarm < 1e-30
        assert answer.traced.tested == 2


def test_what_is_noted(owner: Owner) -> None:
    """For whom, of what, when, how strongly; the root is that of the unmarked model."""
    owner.marked()
    (noted,) = copies(owner.shelf)
    digests = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(owner.model.iterdir())
    }
    root = hashlib.sha256(b"".join(bytes.fromhex(one) for one in digests.values())).hexdigest()
    assert noted.root == f"sha256:{root}"
    assert (noted.person, noted.ref, noted.recipient) == ("noor", "lab/m:1.0", None)
    assert noted.at == owner.exchange.clock.now
    assert noted.devices == (owner.exchange.noor.actor.device.id,)
    assert b'"granted"' not in owner.shelf.lines()[0]  # as it was noted before there were grants
    (file,) = noted.files
    assert file.digest == file.mark.model == f"sha256:{digests['model.safetensors']}"
    assert (file.mark.weights, file.mark.grant) == (64 * 32, noted.id)
    assert file.mark.expected_z == pytest.approx((64 * 32) ** 0.5, rel=0.02)


def test_the_key_is_sealed_and_lies_nowhere_in_plain(owner: Owner) -> None:
    """Opened here with the device's own identity; then every file is searched for it."""
    owner.marked()
    owner.marked("rui")
    sealed = owner.shelf.sealed_key()
    secret: Any = owner.exchange.keys.keystore
    key = age.decrypt_bytes(sealed or b"", [secret._secret("ada").sealing])
    assert len(key) == 32
    assert {one.key for one in copies(owner.shelf)} == {
        "sha256:" + hashlib.sha256(b"sharing-workbench mark key v1\x00" + key).hexdigest()
    }
    spellings = (key, key.hex().encode(), json.dumps(list(key)).encode())
    for path in owner.place.rglob("*"):
        if path.is_file():
            assert not any(one in path.read_bytes() for one in spellings), path


def test_a_kernel_without_keys_marks_and_traces_as_well(owner: Owner, tmp_path: Path) -> None:
    """Over an agent's socket, which opens and signs and shows no key."""
    with serve(owner.exchange.keys.keystore, tmp_path / "agent" / "socket"):
        keystore = AgentKeystore(tmp_path / "agent" / "socket")
        owner.actor = Actor("ada", DeviceSigner(keystore, "ada", owner.actor.device))
        found = owner.marked()
        (answer,) = owner.whose(found)
    assert [one.person for one in answer.named] == ["noor"]


def test_a_changed_copy_is_still_found(owner: Owner) -> None:
    """Renamed, of half the precision and noisy."""
    found = load(owner.marked() / "model.safetensors")
    owner.marked("rui")
    noise = np.random.default_rng(3).normal(size=(64, 32)) * 0.01
    damaged = {"w": (found["layer.weight"] + noise).astype("f2")}
    (answer,) = owner.whose(save(owner.place / "leaked.safetensors", damaged))
    assert [one.person for one in answer.named] == ["noor"]


def test_nobody_is_named_for_what_carries_no_mark(owner: Owner) -> None:
    """The original itself, and one trained on from it."""
    owner.marked()
    (answer,) = owner.whose(owner.model)
    assert (answer.unmarked, answer.traced.verdict) == (True, Verdict.nobody)
    weights = load(owner.model / "model.safetensors")
    trained = weights | {"layer.weight": weights["layer.weight"] * 1.001 + 0.0001}
    answers = owner.whose(save(owner.place / "found.safetensors", trained))
    assert marking.verdict(answers) is Verdict.nobody
    assert (answers[0].named, answers[0].unmarked) == ((), False)


def test_a_model_of_several_files_is_marked_in_each(owner: Owner) -> None:
    """A small file beside them stays as it is; a folder is traced file by file, one alone too."""
    save(owner.model / "second.safetensors", layer(2, (40, 50), "second"))
    save(owner.model / "small.safetensors", layer(4, (5, 5), "small"))
    found = owner.marked()
    (noted,) = copies(owner.shelf)
    assert [one.name for one in noted.files] == ["model.safetensors", "second.safetensors"]
    assert (found / "small.safetensors").read_bytes() == (
        owner.model / "small.safetensors"
    ).read_bytes()
    answers = owner.whose(found)
    assert [one.file for one in answers] == ["model.safetensors", "second.safetensors"]
    assert all([copy.person for copy in one.named] == ["noor"] for one in answers)
    alone = (found / "second.safetensors").rename(owner.place / "leaked.safetensors")
    with pytest.raises(InputError, match="cannot be told"):
        owner.whose(alone)
    (answer,) = owner.whose(alone, owner.model / "second.safetensors")
    assert [copy.person for copy in answer.named] == ["noor"]


def unmarked(owner: Owner, kind: type[Exception], match: str) -> None:
    """Check that no copy is made: nothing is noted, and nothing is left lying about."""
    before = owner.shelf.lines()
    with pytest.raises(kind, match=match):
        owner.marked()
    assert owner.shelf.lines() == before
    assert list((owner.place / "home").iterdir()) == []
    assert owner.made == 0


def quantised(model: Path) -> None:
    numbers = bytes(4000)
    about = {"q": {"dtype": "I8", "shape": [40, 100], "data_offsets": [0, 4000]}}
    text = json.dumps(about).encode()
    (model / "model.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + numbers)


def beside(model: Path) -> None:
    np.save(model / "weights.npy", np.zeros(5))


def quantised_beside(model: Path) -> None:
    kept = (model / "model.safetensors").read_bytes()
    quantised(model)
    (model / "model.safetensors").rename(model / "quantised.safetensors")
    (model / "model.safetensors").write_bytes(kept)


REFUSED = {
    "words": (lambda m: (m / "model.safetensors").write_text("words"), "none of its files"),
    "small": (lambda m: save(m / "model.safetensors", layer(1, (9, 9))), "Only 81 weights"),
    "quantised": (quantised, "integers or quantised"),
    "other form": (beside, r"weights\.npy \(npy\) could hold the same weights"),
    "quantised beside": (quantised_beside, "integers or quantised"),
}


@pytest.mark.parametrize(("spoil", "match"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_carry_a_mark(owner: Owner, spoil: Any, match: str) -> None:
    """Each with what to do instead, and no copy half made."""
    spoil(owner.model)
    unmarked(owner, InputError, match)


def test_a_file_that_runs_code_is_refused_first(owner: Owner) -> None:
    """As without a mark."""
    (owner.model / "extra.pkl").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    unmarked(owner, Denied, "run somebody else's code")


def test_cancelled_in_the_middle_nothing_is_left(owner: Owner) -> None:
    """Whatever was going on."""
    seen: set[str] = set()

    class Cancelled(Exception):
        pass

    def everything(what: str, _done: int, _total: int) -> None:
        seen.add(what)

    owner.marked(report=everything)
    owner.made = 0
    assert seen >= {"Looking for code", "Reading the model", "Marking the weights", "Sealing"}
    for stop in sorted(seen):

        def cancel(what: str, _done: int, _total: int, stop: str = stop) -> None:
            if what == stop:
                raise Cancelled

        before = owner.shelf.lines()
        with pytest.raises(Cancelled):
            owner.marked(report=cancel)
        assert owner.shelf.lines() == before
        assert list((owner.place / "home").iterdir()) == []


def lost(owner: Owner) -> None:
    (owner.place / "ada" / "mark.age").unlink()


def replaced(owner: Owner) -> None:
    """By somebody who wants to know the key of all copies to come."""
    to = age.parse_recipient(owner.actor.device.recipient)
    sealed = age.encrypt_bytes(bytes(32), [to], random=lambda count: bytes(range(count)))
    (owner.place / "ada" / "mark.age").write_bytes(sealed)


def short(owner: Owner) -> None:
    to = age.parse_recipient(owner.actor.device.recipient)
    sealed = age.encrypt_bytes(b"short", [to], random=lambda count: bytes(range(count)))
    (owner.place / "ada" / "mark.age").write_bytes(sealed)


def foreign(owner: Owner) -> None:
    to = DeviceSecret.generate(classical=True).sealing.recipient
    sealed = age.encrypt_bytes(bytes(32), [to], random=lambda count: bytes(range(count)))
    (owner.place / "ada" / "mark.age").write_bytes(sealed)


def garbage(owner: Owner) -> None:
    (owner.place / "ada" / "mark.age").write_bytes(b"garbage")


@pytest.mark.parametrize("spoil", [lost, replaced, short, foreign, garbage])
def test_another_key_is_noticed(owner: Owner, spoil: Any) -> None:
    """Neither is a copy marked with it, nor does it clear anybody."""
    found = owner.marked()
    spoil(owner)
    for use in (owner.marked, lambda: owner.whose(found)):
        with pytest.raises(TrustError) as caught:
            use()
        assert caught.value.step == "marking key"
        assert caught.value.hint
    assert len(owner.shelf.lines()) == 1


def edits() -> Iterator[tuple[str, Any]]:
    yield "person", lambda text: text.replace(b'"person":"noor"', b'"person":')
    yield "field", lambda text: text.replace(b'"person"', b'"porson"')
    yield "spaces", lambda text: text.replace(b":", b": ", 1)
    yield "not json", lambda text: b"x" + text
    yield "cut", lambda text: text[:-1]


@pytest.mark.parametrize("edit", [edit for _, edit in edits()], ids=[name for name, _ in edits()])
def test_damaged_notes_are_not_believed(owner: Owner, edit: Any) -> None:
    """They decide who is named."""
    found = owner.marked()
    path = owner.place / "ada" / "marks.jsonl"
    path.write_bytes(edit(path.read_bytes()))
    with pytest.raises(TrustError) as caught:
        owner.whose(found)
    assert caught.value.step == "marked copies"


def test_only_the_very_original_is_an_original(owner: Owner) -> None:
    """Another version of the model, or the copy itself, has no notes."""
    found = owner.marked()
    with pytest.raises(NotFound, match="No copy of this model"):
        owner.whose(found, found)
    save(owner.model / "model.safetensors", layer(5))
    with pytest.raises(NotFound, match="No copy of this model"):
        owner.whose(found)


def test_a_copy_is_noted_before_it_can_leave(tmp_path: Path) -> None:
    """So there is none that nobody could be named for, even if writing it goes wrong at the end."""
    place = InProcess(tmp_path)
    for name in ("ada", "noor"):
        assert place.run(["init", "--name", name]).code == 0
    save(tmp_path / "m.safetensors", layer(1))
    words = ["--profile", "ada", "pack", "m.safetensors", "--to", "noor", "--name", "lab/m"]
    plain = place.run([*words, "--out", "plain.share", "--json"])
    assert json.loads(plain.out).keys() == {"ref", "file", "manifest"}
    assert copies(Marks(place.home / "profiles" / "ada")) == []
    assert place.run([*words, "--out", "missing/m.share", "--mark"]).code == 4
    (noted,) = copies(Marks(place.home / "profiles" / "ada"))
    done = json.loads(place.run([*words, "--out", "m.share", "--mark", "--json"]).out)
    assert done.keys() == {"ref", "file", "manifest", "marked"}
    (_, second) = copies(Marks(place.home / "profiles" / "ada"))
    assert done["marked"] == second.model_dump(mode="json")
    assert (noted.person, second.manifest) == ("noor", done["manifest"])
    assert noted.id != second.id
    assert sorted(path.name for path in place.home.iterdir()) == ["exchange", "profiles"]


def test_no_key_is_made_by_asking(owner: Owner) -> None:
    """Whoever never marked anything is told so."""
    with pytest.raises(NotFound):
        owner.whose(owner.model)
    assert not (owner.place / "ada").exists()


def test_the_notes_are_one_spelling() -> None:
    """The fields that tracing rests on are all required."""
    required = {name for name, one in MarkedCopy.model_fields.items() if one.is_required()}
    assert required == set(MarkedCopy.model_fields) - {"recipient", "granted"}


def test_no_other_command_loads_numpy() -> None:
    """The command line starts without what only marking needs."""
    code = "import sys, workbench.app; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
