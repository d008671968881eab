"""What the Lab shows when there is nothing yet, when keys are locked, when something is wrong."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import server as servers
from tests.browser.conftest import SCREENSHOTS
from tests.browser.lab import SLOW, Lab
from workbench.app import Workplace
from workbench.policy import terms
from workbench.services.publish import Draft
from workbench.stores.keystore import FileKeystore
from workbench.vocabulary import Role

PASSPHRASE = "correct horse battery staple"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workplace of one person, Ada, with one release; keys in a file under a passphrase."""
    home = tmp_path_factory.mktemp("personal") / "home"
    keystore = FileKeystore(home / "keystore.age", lambda: PASSPHRASE)
    session = Workplace(home, keystore).init("ada", roles=(Role.researcher, Role.reviewer))
    model = home.parent / "model.bin"
    model.write_bytes(b"weights")
    draft = Draft.of(
        name="cardio-lab/readmission", version="1.0", license="MIT", terms=terms.standard()
    )
    session.publish(draft, Workplace(home, keystore).files(model))
    return home


@pytest.fixture(scope="module")
def workshop(home: Path) -> Iterator[servers.Server]:
    """A normal installation: Ada's own, locked until she types the passphrase."""
    environment = {"WORKBENCH_HOME": str(home), "XDG_DATA_HOME": str(home.parent)}
    with servers.personal(home.parent, environment) as server:
        yield server


def test_keys_are_unlocked_once_in_a_dialog(lab: Lab, page: Page) -> None:
    """Locked says so and how to go on; a wrong passphrase is told; a right one opens the panel.

    Afterwards a kernel of this server acts as Ada without ever being asked.
    """
    lab.open_empty()
    status = page.locator("[data-wb='status']")
    expect(status).to_contain_text("locked")
    status.click()
    locked = page.locator("[data-wb='locked']")
    expect(locked).to_contain_text("Your keys are locked")
    lab.picture(SCREENSHOTS / "state-locked.png")
    locked.locator("[data-wb='unlock']").click()
    dialog = page.locator(".jp-Dialog")
    dialog.locator("input").fill("a wrong one")
    lab.picture(SCREENSHOTS / "state-unlock-dialog.png")
    page.keyboard.press("Enter")
    expect(page.locator(".jp-Dialog")).to_contain_text("does not open the keystore", timeout=SLOW)
    lab.picture(SCREENSHOTS / "state-unlock-wrong.png")
    page.locator(".jp-Dialog button").last.click()
    expect(page.locator(".jp-Dialog")).to_have_count(0)
    locked.locator("[data-wb='unlock']").click()
    dialog.locator("input").fill(PASSPHRASE)
    page.keyboard.press("Enter")
    expect(status).to_contain_text("Ada", timeout=SLOW)
    panel = lab.panel()
    expect(panel.locator("[data-wb='identity']")).to_have_count(0)  # nobody else can be played
    expect(panel.locator("[data-wb='identity-name']")).to_contain_text("Ada")
    expect(panel).to_contain_text("You asked for nothing yet")
    assert lab.complaints() == []
    lab.open("01-share-a-model.ipynb")
    page.keyboard.press("b")  # a new cell below
    page.keyboard.press("Enter")
    page.keyboard.insert_text("import workbench as wb; wb.who()['name']")
    page.keyboard.press("Control+Enter")
    expect(lab.selected().locator(".jp-Cell-outputArea")).to_contain_text("Ada", timeout=SLOW)


def test_a_log_that_was_edited_is_said_everywhere(lab: Lab, page: Page, home: Path) -> None:
    """The status bar turns to an error, the Ledger tab says what to do, and hides nothing."""
    with sqlite3.connect(home / "exchange" / "exchange.db") as database:
        edit = "UPDATE entries SET event = replace(event, '/readmission:1.0', '/readmission:1.1')"
        assert database.execute(edit).rowcount
    database.close()
    lab.open_empty()
    lab.command("Log of Everything Shared")
    page.locator("[data-wb='verify']").click()
    status = page.locator("[data-wb='status']")
    expect(status).to_contain_text("log does not match", timeout=SLOW)
    expect(status).to_have_attribute("data-ok", "false")
    expect(page.locator("[data-wb='ledger-verdict']")).to_have_attribute("data-ok", "false")
    expect(page.locator("[data-wb='ledger-what-to-do']")).to_contain_text("do not share")
    lab.picture(SCREENSHOTS / "state-log-edited.png")
    assert lab.complaints() == []


def test_somebody_new_is_told_how_to_begin(page: Page, tmp_path: Path) -> None:
    """Without an exchange the panel says what to run; the notebook says the same."""
    environment = {
        "WORKBENCH_HOME": str(tmp_path / "nothing"),
        "XDG_DATA_HOME": str(tmp_path),
        "WORKBENCH_PASSPHRASE": PASSPHRASE,
    }
    with servers.personal(tmp_path, environment) as server:
        lab = Lab(page, server)
        lab.open_empty()
        page.locator("[data-wb='status']").click()
        expect(page.locator(".wb-Panel")).to_contain_text("workbench init")
        lab.picture(SCREENSHOTS / "state-nobody.png")
        assert lab.complaints() == []
        assert not (tmp_path / "nothing").exists() or not os.listdir(tmp_path / "nothing")


def test_it_says_when_the_server_is_gone(page: Page, tmp_path: Path) -> None:
    """The panel keeps its words and offers to look again."""
    with servers.workshop(tmp_path) as server:
        lab = Lab(page, server)
        lab.open_empty()
        lab.panel()
    page.add_locator_handler(  # JupyterLab's own word on it, which comes when it notices
        page.locator(".jp-Dialog"), lambda dialog: dialog.locator("button").last.click()
    )
    page.locator("[data-wb='refresh']").click()
    expect(page.locator(".wb-Panel")).to_contain_text("does not answer")
    lab.picture(SCREENSHOTS / "state-server-gone.png")
