"""The Share button and the panel work in Notebook 7, which has no status bar and no side bars."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import server as servers
from tests.browser.conftest import SCREENSHOTS
from tests.browser.lab import SLOW, Lab


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    """The workshop, in Notebook 7."""
    with servers.workshop(tmp_path_factory.mktemp("notebook"), "notebook") as server:
        yield server


def test_share_and_panel_work_in_notebook_7(lab: Lab, page: Page) -> None:
    """The form opens at the right; the panel opens from the menu and shows the identity."""
    page.goto(lab.server.address("notebooks/01-share-a-model.ipynb"))
    idle = page.locator(".jp-Notebook-ExecutionIndicator")
    expect(idle.first).to_have_attribute("data-status", "idle", timeout=SLOW)
    form = lab.share()
    expect(form).to_contain_text("No fitted model was found")
    lab.picture(SCREENSHOTS / "notebook7-share.png")
    lab.command("Sharing Panel")
    panel = page.locator(".wb-Panel")
    expect(panel.locator("[data-wb='identity']")).to_be_visible()
    expect(panel).to_contain_text("Nothing is shared here yet")
    lab.picture(SCREENSHOTS / "notebook7-panel.png")
    assert lab.complaints() == []
