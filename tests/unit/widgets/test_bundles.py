"""What runs in the browser for a cell: one file each, that loads nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.unit.findings.samples import leaking
from workbench.widgets import bundles
from workbench.widgets.bundles import bundled
from workbench.widgets.roc import RocWidget


@pytest.mark.parametrize("name", ["graph", "roc"])
def test_a_bundle_loads_nothing(name: str) -> None:
    """No import of another file, no address but the name of SVG, which is never fetched."""
    code = Path(bundled(name, "")).read_text("utf-8")
    assert not re.search(r"(?<!!)\bimport\b", code)  # “!important” is CSS
    assert not re.search(r"\b(fetch|XMLHttpRequest|WebSocket|importScripts|eval)\b", code)
    assert set(re.findall(r"https?://[^\s\"'`\\)]+", code)) <= {"http://www.w3.org/2000/svg"}
    assert "@import" not in code
    assert re.search(r"export\{\w+ as default\};?\s*$", code)  # all that anywidget calls


def test_without_a_build_the_cell_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A source tree has no bundles."""
    monkeypatch.setattr(bundles, "STATIC", tmp_path)
    assert "The picture is not built" in str(bundled("roc", "picture"))


def test_the_picture_has_the_whole_report() -> None:
    """It is drawn from what was measured, and no other trait is sent."""
    report = leaking().model_dump(mode="json")
    widget = RocWidget(report)
    assert json.loads(widget.report) == report
    assert str(widget.get_state()["_esm"]) == Path(bundled("roc", "")).read_text("utf-8")
