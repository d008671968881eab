"""The lesson on what a model gives away, in a real JupyterLab: words first, then the picture."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import server as servers
from tests.browser.conftest import SCREENSHOTS
from tests.browser.lab import SLOW, Lab


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    """The workshop in JupyterLab."""
    with servers.workshop(tmp_path_factory.mktemp("lesson")) as server:
        yield server


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_a_cell_shows_what_was_measured(lab: Lab, page: Page, theme: str) -> None:
    """What failed is open, what is well is folded, and the reviewer's picture stands below."""
    lab.open("02-what-a-model-gives-away.ipynb")
    lab.theme(theme)
    page.locator(".jp-NotebookPanel .jp-Cell").first.click()
    shown = lab.run("forest = RandomForestClassifier(50")
    expect(shown).to_contain_text("It can often be told who was in the training data")
    expect(shown.get_by_text("An attacker who has a person")).to_be_visible()
    expect(shown.get_by_text("were searched for hidden content")).to_be_hidden()
    picture = shown.locator("svg.wb-roc-cell")
    expect(picture).to_be_visible(timeout=SLOW)
    assert "attack" in (picture.get_attribute("aria-label") or "")
    picture.scroll_into_view_if_needed()
    lab.picture(SCREENSHOTS / f"lesson-{theme.rpartition(' ')[2].lower()}.png")
    assert lab.complaints() == []
