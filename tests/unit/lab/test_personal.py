"""A normal installation: one person, and a keystore that has to be unlocked once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tests.unit.lab.conftest import PASSPHRASE
from workbench.app import Workplace
from workbench.stores.agent import AgentKeystore
from workbench.stores.keystore import FileKeystore


async def test_locked_then_unlocked(personal: None, ask: Any) -> None:
    """Nobody acts before the passphrase; a wrong one changes nothing; the right one opens."""
    locked = (await ask("status")).body
    assert (locked["locked"], locked["person"], locked["people"]) == (True, None, [])
    wrong = await ask("unlock", {"passphrase": "not this one"})
    assert (wrong.status, wrong.body["error"]) == (503, "Unavailable")
    assert "not this one" not in wrong.raw.body.decode()
    assert (await ask("status")).body["locked"]
    right = await ask("unlock", {"passphrase": PASSPHRASE})
    assert (right.status, right.body["locked"]) == (200, False)
    assert (right.body["mode"], right.body["person"]["id"]) == ("personal", "ada")
    assert PASSPHRASE not in right.raw.body.decode()


async def test_a_slip_does_not_lock_again(personal: None, ask: Any, place: Path) -> None:
    """A wrong passphrase typed into an open keystore does not take the right one's place."""
    await ask("unlock", {"passphrase": PASSPHRASE})
    await ask("unlock", {"passphrase": "not this one"})
    os.utime(place / "keystore.age", ns=(1, 1))  # makes the keystore read its file again
    assert (await ask("status")).body["locked"] is False


async def test_one_person_plays_nobody_else(personal: None, ask: Any) -> None:
    """There is no switcher, and no way round it."""
    await ask("unlock", {"passphrase": PASSPHRASE})
    assert (await ask("status")).body["people"] == []
    answer = await ask("identity", {"person": "rui"})
    assert (answer.status, answer.body["error"]) == (400, "InputError")


async def test_kernels_sign_through_the_server(personal: None, ask: Any, place: Path) -> None:
    """A kernel finds the server's agent in its environment; once unlocked it can act, keyless."""
    socket = Path(os.environ["WORKBENCH_AGENT"])
    assert socket.parent.stat().st_mode & 0o077 == 0
    await ask("unlock", {"passphrase": PASSPHRASE})
    session = Workplace(place, AgentKeystore(socket)).session()
    assert session.person.id == "ada"


async def test_nobody_set_up_yet(ask: Any, place: Path) -> None:
    """A first start answers, says that there is nobody, and makes nothing."""
    status = (await ask("status")).body
    assert (status["mode"], status["person"]) == ("personal", None)
    assert not (place / "exchange").exists()


def test_the_exchange_gets_its_keys_when_they_are_unlocked(installed: Path) -> None:
    """An exchange looked at while locked can grant open releases as soon as the keys are open."""
    given: list[str] = []
    keystore = FileKeystore(installed / "keystore.age", lambda: given[0] if given else None)
    workplace = Workplace(installed, keystore)
    assert workplace.context().exchange_actor() is None
    given.append(PASSPHRASE)
    assert workplace.context().exchange_actor() is not None
