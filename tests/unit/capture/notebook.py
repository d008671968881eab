"""A notebook for tests: a real IPython shell whose cells are tracked, and what its graph says."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from tests.unit.capture.eyes import Eyes, Hashed
from workbench.capture.tracker import Tracker
from workbench.origin.graph import Edge, Graph, Kind, upstream

__all__ = ["Notebook", "notebook"]

PATIENTS = "age,bmi,outcome\n61,25.1,1\n47,22.0,0\n70,31.5,1\n33,24.2,0\n52,28.8,1\n41,26.4,0\n"


class Notebook:
    """Runs cells and asks what came of what."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = "nocolor"
        self.shell: Any = InteractiveShell(config=config, user_ns={})
        self.tracker = Tracker(self.shell, Eyes(folder), Hashed(), folder)
        self.tracker.start()

    def run(self, *cells: str, cell_id: str | None = None) -> Any:
        """Run cells; return the last result, errors and all."""
        result = None
        for cell in cells:
            result = self.shell.run_cell(cell, store_history=True, cell_id=cell_id)
        return result

    def ok(self, *cells: str) -> None:
        """Run cells that must not fail."""
        for cell in cells:
            self.run(cell).raise_error()

    def write(self, name: str, text: str = PATIENTS) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def graph(self, name: str | None = None) -> Graph:
        return self.tracker.graph(None if name is None else self.shell.user_ns[name])

    def sources(self, name: str) -> set[str]:
        """The addresses that an object came of."""
        graph = self.graph(name)
        assert graph.target is not None
        reached = upstream(graph.edges, graph.target)
        assert reached == {node.id for node in graph.nodes} | reached
        return {
            str(node.details["address"])
            for node in graph.of_kind(Kind.source)
            if node.id in reached
        }

    def steps(self, name: str) -> list[int]:
        """The numbers of the cells that an object came of."""
        return [int(str(n.details["execution"])) for n in self.graph(name).of_kind(Kind.step)]


def edges_of(graph: Graph, id_: str) -> list[Edge]:
    return [edge for edge in graph.edges if id_ in (edge.source, edge.target)]


@pytest.fixture
def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notebook]:
    """A notebook in a folder of its own, where modules beside it are found."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    book = Notebook(tmp_path)
    known = set(sys.modules)
    yield book
    book.tracker.stop()
    for name in set(sys.modules) - known:
        if name.startswith("ward_"):
            del sys.modules[name]
