"""Work that waits until the kernel has answered."""

from __future__ import annotations

import asyncio
import threading

from tests.unit.capture.notebook import Notebook, notebook
from workbench.capture.pauses import Later

__all__ = ["notebook"]


def test_without_a_loop_it_is_done_at_once() -> None:
    done: list[str] = []
    Later().do(lambda: done.append("work"))
    assert done == ["work"]


def test_in_a_loop_it_waits_for_a_pause() -> None:
    done: list[str] = []

    async def cell() -> None:
        passed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def work() -> None:
            done.append("work")
            passed.set_result(None)

        Later().do(work)
        assert done == []
        await passed

    asyncio.run(cell())
    assert done == ["work"]


def test_whoever_needs_it_has_it_done_once() -> None:
    done: list[str] = []

    async def cell() -> None:
        later = Later()
        later.do(lambda: done.append("first"))
        later.do(lambda: done.append("second"))
        assert done == ["first"]
        thread = threading.Thread(target=later.now)
        thread.start()
        thread.join()
        assert done == ["first", "second"]
        later.now()

    asyncio.run(cell())
    assert done == ["first", "second"]


def test_cells_run_in_a_loop_are_told_in_full_before_any_pause(notebook: Notebook) -> None:
    notebook.write("patients.csv")

    async def kernel() -> None:
        notebook.ok("data = open('patients.csv').read()", "del data; again = 'later'")
        notebook.ok("data = open('patients.csv').read()", "model = data.upper()")
        assert notebook.sources("model") == {"patients.csv"}
        assert notebook.steps("model") == [3, 4]
        notebook.ok("other = model")
        assert notebook.tracker.executions()[-1].number == 5
        assert notebook.tracker.gaps() == ()

    asyncio.run(kernel())
    assert [one.number for one in notebook.tracker.executions()] == [1, 2, 3, 4, 5]


def test_a_cell_is_over_when_it_ends_not_when_it_is_noted(notebook: Notebook) -> None:
    notebook.write("patients.csv")
    other = notebook.write("other.csv")

    async def kernel() -> None:
        notebook.ok("data = open('patients.csv').read()")
        other.read_text()
        assert notebook.sources("data") == {"patients.csv"}

    asyncio.run(kernel())
