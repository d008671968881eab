"""Ctrl-C while a copy is marked, and the line that shows how far long work is."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from rich.console import Console

from tests.cli.place import InProcess
from tests.cli.transcript import Outcome
from workbench import app
from workbench.cli import console
from workbench.session import Session

PUBLISH = ["--name", "lab/m", "--version", "1.0", "--license", "MIT"]
ASK = ["--right", "retrieve", "--days", "7", "--purpose", "Compare", "--accept-terms"]


@pytest.fixture
def place(tmp_path: Path) -> InProcess:
    """A release that can carry a mark, and a request for it."""
    here = InProcess(tmp_path)
    (tmp_path / "model").mkdir()
    layer = {"layer": np.random.default_rng(1).normal(size=(64, 32)).astype("f4")}
    safetensors.numpy.save_file(layer, tmp_path / "model" / "m.safetensors")
    for name, role in (("ada", "researcher"), ("noor", "researcher"), ("rui", "reviewer")):
        assert here.run(["init", "--name", name, "--role", role]).code == 0
    assert here.run(["--profile", "ada", "publish", "model", *PUBLISH]).code == 0
    assert here.run(["--profile", "noor", "request", "lab/m:1.0", *ASK]).code == 0
    return here


@pytest.fixture(autouse=True)
def _listening() -> Iterator[None]:
    """Ctrl-C counts, also where the tests were started with it ignored, as in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def approve(place: InProcess) -> Outcome:
    listed = place.run(["--profile", "rui", "review", "list"]).out
    words = ["review", "approve", listed.split()[0], "--rationale", "Fine.", "--mark"]
    return place.run(["--profile", "rui", *words])


def test_ctrl_c_while_a_copy_is_marked(place: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 130, and a sentence that is true: no vote, no copy, nothing in the store."""
    aside = app.Workplace.aside

    def pressing(own: app.Workplace) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        return aside(own)

    before = place.state()
    with monkeypatch.context() as patched:
        patched.setattr(app.Workplace, "aside", pressing)
        outcome = approve(place)
    said = "Stopped: your vote was not cast. The request is as it was, and no copy was made.\n"
    assert outcome == Outcome(130, "", said)
    assert place.state() == before
    assert approve(place).code == 0


def test_ctrl_c_when_the_vote_was_cast(place: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was done is told, and that it was too late."""
    decide = Session.decide

    def pressing(own: Session, *given: Any, **more: Any) -> Any:
        decide(own, *given, **more)
        raise KeyboardInterrupt

    monkeypatch.setattr(Session, "decide", pressing)
    outcome = approve(place)
    assert (outcome.code, outcome.err) == (0, "It was too late to stop: your vote had been cast.\n")
    assert "granted" in outcome.out
    assert "carries a mark for noor" in outcome.out


@pytest.mark.parametrize(("patience", "shown"), [(0.0, True), (1e9, False)])
def test_a_line_of_progress(monkeypatch: pytest.MonkeyPatch, patience: float, shown: bool) -> None:
    """On a terminal it says what is happening now, once that takes long; it is gone at the end."""
    terminal = Console(file=io.StringIO(), force_terminal=True, width=80)
    monkeypatch.setattr(console, "errors", terminal)
    monkeypatch.setattr(console, "PATIENCE", patience)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with console.progress(False) as report:
        report("Marking the weights", 3, 4)
    text = terminal.file.getvalue()  # type: ignore[attr-defined] - a StringIO
    assert ("Marking the weights" in text) is shown
    assert bool(text) is shown
