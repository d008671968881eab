"""Long work that a browser follows and calls off, and files as it names them."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.unit.lab.conftest import MARKED
from tests.unit.lab.test_server import play, requested
from tests.unit.lab.typescript import Contract
from workbench.app import Workplace
from workbench.errors import InputError, NotFound, Unavailable
from workbench.lab import works
from workbench.lab.files import place
from workbench.lab.works import Cancelled, Works
from workbench.services import sealing
from workbench.stores.agent import AgentKeystore

ANSWERS = Contract(Path(__file__).parents[3] / "labextension" / "src" / "answers.ts")
NAME = "0f8fad5b-d9cb-469f-a165-70867728950e"
SAID = ("Cancelled.", "Nothing was done.")


def test_it_is_followed_while_it_lasts() -> None:
    """Before and after there is nothing to tell; nobody can cancel what is not there."""
    all_of_it = Works()
    assert all_of_it.view(NAME) is None
    with all_of_it.doing(NAME, *SAID) as report:
        report("Sealing", 1, 4)
        assert all_of_it.view(NAME) == {
            "what": "Sealing", "done": 1, "total": 4, "stoppable": True,
        }  # fmt: skip
    assert all_of_it.view(NAME) is None
    assert not all_of_it.cancel(NAME)


def test_it_is_cancelled_until_the_last_word() -> None:
    """In time it ends with the sentences; afterwards it goes on, and says that it does."""
    all_of_it = Works()
    with all_of_it.doing(NAME, *SAID, last="Casting") as report:
        report("Sealing", 1, 4)
        assert all_of_it.cancel(NAME)
        assert all_of_it.cancel(NAME)
        view = all_of_it.view(NAME)
        assert view is not None
        assert view["stoppable"] is False
        with pytest.raises(Cancelled) as caught:
            report("Casting", 0, 1)
    assert (caught.value.message, caught.value.unchanged) == SAID
    with all_of_it.doing(NAME, *SAID, last="Casting") as report:
        report("Casting", 0, 1)
        assert not all_of_it.cancel(NAME)
        report("Casting", 1, 1)


def test_names_are_one_works_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is in use or is none begins nothing; without a name nobody follows."""
    all_of_it = Works()
    monkeypatch.setattr(works, "MOST", 1)
    with all_of_it.doing(None, *SAID) as report:
        report("Sealing", 1, 4)
    with all_of_it.doing(NAME, *SAID):
        for other in (NAME, "short", "x" * 65, "../../../etc", NAME[::-1]):
            with pytest.raises(InputError, match="under that name"), all_of_it.doing(other, *SAID):
                raise AssertionError
    with all_of_it.doing(NAME, *SAID):
        assert all_of_it.view(NAME) is not None


def test_files_as_the_file_browser_names_them(tmp_path: Path) -> None:
    """Within its folder, links in it too, and nowhere else."""
    root = tmp_path / "shown"
    (root / "folder").mkdir(parents=True)
    (root / "folder" / "a b.safetensors").touch()
    (tmp_path / "shown-not").touch()
    (root / "link").symlink_to(tmp_path / "shown-not")
    there = root / "folder" / "a b.safetensors"
    assert place(root, "folder/a b.safetensors") == place(root, "/folder/a b.safetensors") == there
    assert place(root, "folder/") == root / "folder"
    assert place(root, "link") == root / "link"
    for outside in ("", "/", ".", "..", "../shown-not", "folder/../../shown-not", "a\0b"):
        with pytest.raises(InputError, match="no file that the file browser shows"):
            place(root, outside)
    with pytest.raises(NotFound, match=r"There is no gone\.safetensors"):
        place(root, "gone.safetensors")
    with pytest.raises(Unavailable, match="not on its server's disk"):
        place(None, "folder")


async def test_an_approval_is_cancelled(
    workshop: Any, markable: str, ask: Any, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the copy is made the server answers; in time nothing is left, and it can be redone."""
    taken = await requested(ask, ref=markable)
    await play(ask, "rui")
    store = place / "exchange" / "store"
    before = sorted(store.rglob("*"))
    begun, go, seal = threading.Event(), threading.Event(), sealing.seal_files

    def waiting(*given: Any) -> Any:
        begun.set()
        assert go.wait(60)
        return seal(*given)

    monkeypatch.setattr(sealing, "seal_files", waiting)
    decide = {"id": taken["id"], "vote": "approve", "rationale": "Fine.", "mark": True}
    deciding = asyncio.ensure_future(ask("decide", {**decide, "work": NAME}))
    assert await asyncio.to_thread(begun.wait, 60)
    work = (await ask("work", id=NAME)).body["work"]
    assert work == {"what": "Marking the weights", "done": work["total"], "stoppable": True} | {
        "total": work["total"]
    }
    assert not ANSWERS.faults(work, "IWork")
    assert (await ask("work/cancel", {"id": NAME})).body == {"cancelled": True}
    assert (await ask("request", id=taken["id"])).body["state"] == "in_review"
    go.set()
    answer = await deciding
    assert (answer.status, answer.body["error"]) == (409, "Cancelled")
    assert answer.body["message"] == "Cancelled: your vote was not cast."
    assert answer.body["unchanged"] == "The request is as it was, and no copy was made."
    assert (await ask("work", id=NAME)).body == {"work": None}
    assert (await ask("work/cancel", {"id": NAME})).body == {"cancelled": False}
    assert sorted(store.rglob("*")) == before
    kinds = [entry["kind"] for entry in (await ask("ledger", release=MARKED)).body["entries"]]
    assert kinds == ["requested", "published"]
    granted = (await ask("decide", {**decide, "work": NAME})).body
    assert granted["grant"]["marked"] is True


async def test_a_found_file_is_traced(
    workshop: Any, markable: str, ask: Any, place: Path, jp_root_dir: Path
) -> None:
    """A recipient's copy, lying in the file browser, names them; with the fields of the contract.

    The owner, who marked none of them, is told whom to ask.
    """
    taken = await requested(ask, ref=markable)
    await play(ask, "rui")
    decide = {"id": taken["id"], "vote": "approve", "rationale": "Fine.", "mark": True}
    grant = (await ask("decide", decide)).body["grant"]["id"]
    theirs = Workplace(place, AgentKeystore(place.parent / "agent.sock"))
    theirs.session("noor").open(markable, theirs.target(jp_root_dir / "opened"))
    found = {"path": "opened/model/m.safetensors", "ref": markable, "work": NAME}
    whose = (await ask("trace", found)).body
    assert whose["verdict"] == "named"
    (file,) = whose["files"]
    (named,) = file["named"]
    assert (named["id"], named["person"], named["name"]) == (grant, "noor", "Noor")
    assert f"the copy for noor ({markable}, granted on" in named["sentence"]
    assert any("statistical evidence" in sentence for sentence in file["sentences"])
    assert not ANSWERS.faults(whose, "IWhose")
    await play(ask, "ada")
    answer = await ask("trace", found)
    assert (answer.status, answer.body["unchanged"]) == (
        404, "Nobody was named, and nothing was opened.",
    )  # fmt: skip
    assert "whoever approved" in answer.body["hint"]


async def test_what_is_no_file_is_not_traced(workshop: Any, markable: str, ask: Any) -> None:
    """A path that leads out of the file browser reads nothing."""
    await play(ask, "rui")
    for path, error in (("../wb/keystore.age", "InputError"), ("gone", "NotFound")):
        answer = await ask("trace", {"path": path, "ref": markable})
        assert answer.body["error"] == error
        assert answer.body["unchanged"] == "Nothing was read."
