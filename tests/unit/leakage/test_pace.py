"""Progress is told while work takes long, and whatever it raises calls the work off."""

from __future__ import annotations

import threading

import pytest

from workbench.leakage.pace import TICK, Pace


class StoppedError(Exception):
    """What somebody's progress raises."""


def test_steps_are_counted() -> None:
    """Before each, with what is happening."""
    told: list[tuple[str, int, int]] = []
    pace = Pace(lambda *said: told.append(said), 2)
    assert pace.run("One", lambda: 1) == 1
    assert pace.run(lambda: "Two", lambda: "b") == "b"
    pace.say("Done")
    assert told == [("One", 0, 2), ("Two", 1, 2), ("Done", 2, 2)]


def test_long_steps_keep_telling() -> None:
    """At least once a second."""
    assert TICK <= 1
    told: list[str] = []
    ready = threading.Event()

    def progress(what: str, done: int, total: int) -> None:
        told.append(what)
        if len(told) == 3:
            ready.set()

    assert Pace(progress, 1).run("Waiting", lambda: ready.wait(30)) is True
    assert told == ["Waiting"] * 3


@pytest.mark.parametrize("own", [True, False])
def test_work_that_is_called_off(own: bool) -> None:
    """Passes through what was raised; work on the caller's things is waited for, its own is not."""
    ended, go = threading.Event(), threading.Event()
    told: list[str] = []

    def work() -> None:
        go.wait(30)
        ended.set()

    def progress(what: str, done: int, total: int) -> None:
        told.append(what)
        if len(told) == 2:
            if not own:
                go.set()
            raise StoppedError

    with pytest.raises(StoppedError):
        Pace(progress, 1).run("Waiting", work, own=own)
    assert ended.is_set() is not own
    go.set()
    assert ended.wait(30)


def test_what_a_step_raises() -> None:
    """Comes out as it is, and the step does not count."""
    pace = Pace(None, 1)
    with pytest.raises(ZeroDivisionError):
        pace.run("One", lambda: 1 / 0)
    assert pace.done == 0
