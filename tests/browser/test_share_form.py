"""The forms drawn by the kernel in all their states, and a decision that takes two reviewers.

Pictures in both themes at two sizes, with what axe says of them and what sticks out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import server as servers
from tests.browser.lab import SLOW, Lab
from tests.browser.looks import Looks

SEED = Path(__file__).with_name("seed_restricted.py")
SIZES = [(1280, 800), (1920, 1080)]
SECRET = "cardio-lab/ecg-net:0.3"
CELLS = [
    """import numpy as np
from sklearn.ensemble import RandomForestClassifier
rows = np.random.default_rng(0).normal(size=(60, 3))
forest = RandomForestClassifier(5, random_state=0).fit(rows, rows[:, 0] > 0)
import workbench as wb; wb.use("ada")""",
    """wb.share(forest, name="cardio-lab/forest")""",
    """import time
from workbench.app import open_workplace
from workbench.capture.models import Candidate
from workbench.notebook.inspecting import KernelInspector
from workbench.widgets.share_form import ShareForm
def endless(model, draft, progress):
    while True:
        progress("Sealing model.skops", 4, 10)
        time.sleep(0.02)
ShareForm(models=[Candidate("forest", forest, "a forest")], session=open_workplace().session,
          publish=endless, inspector=KernelInspector(None),
          fields={"name": "cardio-lab/slow", "version": "1.0"}).widget""",
    """from sklearn.neighbors import KNeighborsClassifier
many = np.random.default_rng(0).normal(size=(6000, 3))
truth = many[:, 0] + many[:, 1] ** 2 > 0.5
nearest = KNeighborsClassifier(1).fit(many[:40], truth[:40])
wb.share(nearest, name="cardio-lab/nearest", sensitivity="confidential",
         data=(many[:40], truth[:40]), holdout=(many[40:80], truth[40:80]))""",
    """slow = RandomForestClassifier(300, random_state=0).fit(many[:3000], truth[:3000])
wb.share(slow, data=(many[:3000], truth[:3000]), holdout=(many[3000:], truth[3000:]))""",
    """rows, said, planted = wb.plant(many[:300], truth[:300])
grown = RandomForestClassifier(30, random_state=0).fit(rows, said)
wb.share(grown, data=(rows, said), holdout=(many[300:600], truth[300:600]))""",
    """wb.use("noor"); wb.request_access("cardio-lab/readmission:1.0")""",
]


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    """A workshop with two reviewers, and a notebook that shows the forms in cells."""
    with servers.workshop(tmp_path_factory.mktemp("forms"), before=SEED) as server:
        cells = [
            {"cell_type": "code", "id": f"cell-{index}", "source": source, "metadata": {},
             "outputs": [], "execution_count": None}
            for index, source in enumerate(CELLS)
        ]  # fmt: skip
        kernel = {"name": "python3", "display_name": "Python 3"}
        notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4}
        (server.folder / "forms.ipynb").write_text(json.dumps({**notebook, "nbformat_minor": 5}))
        yield server


class _BothSizes:
    """Pictures of one state at each size."""

    def __init__(self, lab: Lab, theme: str) -> None:
        self.page = lab.page
        self.looks = {size: Looks(lab, f"{theme}-{size[0]}") for size in SIZES}

    def at(self, name: str, shown: Locator) -> None:
        """Take the pictures, with ``shown`` in sight."""
        for size in reversed(SIZES):
            self.page.set_viewport_size({"width": size[0], "height": size[1]})
            shown.scroll_into_view_if_needed()
            self.looks[size].at(name)

    def faults(self) -> str:
        """Return all that was found."""
        return "\n".join(fault for looks in self.looks.values() for fault in looks.faults)


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_the_share_form_can_be_read_in_every_state(lab: Lab, page: Page, theme: str) -> None:
    """What recipients need is said before; a denial, an error, the progress, the end are clear."""
    lab.open("forms.ipynb")
    lab.theme(f"JupyterLab {theme}")
    page.locator(".jp-NotebookPanel .jp-Cell").first.click()
    looks = _BothSizes(lab, theme.lower())
    lab.run("import numpy")
    form = lab.share()
    expect(form).to_contain_text("recipients will have to name these types", timeout=SLOW)
    name = form.get_by_label("Name")
    name.fill("No Name")
    expect(form.get_by_role("alert")).to_contain_text("cannot be used")
    looks.at("share-error", form.get_by_role("alert"))
    name.fill(f"cardio-lab/{theme.lower()}-forest")
    expect(form).to_contain_text("Policy: allowed")  # read the answer before going on
    form.get_by_label("Licence").fill("")
    expect(form).to_contain_text("Choose the licence")
    looks.at("share-denied", form.get_by_role("button", name="Publish"))
    form.get_by_role("button", name="Choose the licence").click()
    publish = form.get_by_role("button", name="Publish")
    expect(publish).to_be_enabled()
    looks.at("share-ready", form.get_by_label("Model", exact=True))
    leaves = form.get_by_label("Leaves as")
    leaves.select_option(label="ONNX graph")
    expect(form).to_contain_text("Cannot be trained further")
    expect(form).not_to_contain_text("recipients will have to name these types")
    expect(publish).to_be_enabled(timeout=SLOW)
    looks.at("share-as-onnx", form.get_by_label("Model", exact=True))
    leaves.select_option(label="skops file")
    expect(form).to_contain_text("recipients will have to name these types", timeout=SLOW)
    expect(publish).to_be_enabled()
    publish.click()
    card = form.get_by_role("status")
    expect(card).to_contain_text("View in panel", timeout=SLOW)
    expect(card).to_contain_text("trust=['sklearn.tree._tree.Tree']")
    looks.at("share-published", form.get_by_role("button", name="Published"))
    assert looks.faults() == ""


def test_the_forms_fit_a_cell(lab: Lab, page: Page) -> None:
    """The same form in a cell; publishing shows how far it is and stops on Cancel; asking."""
    lab.open("forms.ipynb")
    lab.theme("JupyterLab Dark")
    page.locator(".jp-NotebookPanel .jp-Cell").first.click()
    looks = _BothSizes(lab, "dark")
    cell = lab.run("wb.share(")
    expect(cell).to_contain_text("recipients will have to name these types", timeout=SLOW)
    looks.at("cell-share", cell.get_by_label("Model", exact=True))
    cell = lab.run("endless")
    cell.get_by_role("button", name="Publish").click()
    expect(cell).to_contain_text("Sealing model.skops")
    looks.at("cell-publishing", cell.get_by_role("button", name="Cancel"))
    cell.get_by_role("button", name="Cancel").click()
    expect(cell).to_contain_text("Cancelled. Nothing was published.")
    page.locator(".jp-NotebookPanel .jp-Cell").last.locator(".jp-InputPrompt").click()
    cell = lab.run("wb.request_access(")
    send = cell.get_by_role("button", name="Send request")
    expect(send).to_be_disabled()
    looks.at("cell-request", send)
    assert looks.faults() == ""


def test_another_right_than_asked_is_said(lab: Lab, page: Page) -> None:
    """Who picks another right than was asked for reads what was, next to what Approve does."""
    lab.open_empty()
    lab.theme("JupyterLab Dark")
    looks = _BothSizes(lab, "dark")
    lab.play("Rui")
    lab.section("to-review").locator("[data-request] button").first.click()
    outcome = page.locator("[data-wb='outcome']")
    expect(outcome).to_contain_text("Approve lets Noor get the weights")
    expect(outcome).not_to_contain_text("asked to")
    page.locator("[data-wb='decision-right']").select_option("fine_tune")
    expect(outcome).to_contain_text("Noor asked to get the weights.")
    looks.at("review-other-right", outcome)
    for tab in ("Changes", "Terms", "History"):
        page.get_by_role("tab", name=tab).click()
        looks.at(f"review-{tab.lower()}", outcome)
    assert looks.faults() == ""


def test_a_restricted_release_takes_two(lab: Lab, page: Page) -> None:
    """After the first vote nobody sees which it was; after the second it is decided."""
    lab.open_empty()
    looks = Looks(lab, "light-1280")
    for person, after in (("Rui", "1 of 2 in"), ("Vera", "")):
        lab.play(person)
        lab.section("to-review").locator("[data-request] button").first.click()
        expect(page.locator("[data-wb='policy']")).to_contain_text("needs 2 approvals")
        page.locator("[data-wb='rationale']").fill(f"{person} has read the protocol.")
        looks.at(f"quorum-{person.lower()}")
        page.locator("[data-wb='approve']").click()
        expect(page.locator("[data-wb='decision-bar']")).to_have_count(0)
        if after:
            looks.at("quorum-first-vote-in")
            lab.play("Noor")
            looks.at("quorum-noor-waits")
    lab.play("Noor")
    expect(lab.section("my-requests").locator("[data-state='granted']")).to_be_visible()
    looks.at("quorum-granted")
    assert "\n".join(looks.faults) == ""


def test_a_check_that_fails_offers_its_remedy(lab: Lab, page: Page) -> None:
    """Rows inside a confidential model: why it cannot be offered, and a button that helps."""
    lab.open("forms.ipynb")
    lab.theme("JupyterLab Light")
    page.locator(".jp-NotebookPanel .jp-Cell").first.click()
    looks = _BothSizes(lab, "light")
    lab.run("import numpy")
    cell = lab.run("nearest = ")
    expect(cell).to_contain_text("40 of 40 training rows sit inside the model", timeout=SLOW)
    expect(cell).to_contain_text("so from confidential on the weights cannot be offered")
    remedy = cell.get_by_role("button", name="Offer hosted use only").first
    looks.at("checks-failed", remedy)
    remedy.click()
    expect(cell.get_by_label("get the weights")).not_to_be_checked()
    expect(cell).to_contain_text("Policy: allowed")
    expect(cell.get_by_role("button", name="Publish")).to_be_enabled()
    assert looks.faults() == ""


def test_checks_show_how_far_they_are_and_can_be_skipped(lab: Lab, page: Page) -> None:
    """The thorough look takes its time; leaving it out is said, and the others stand."""
    lab.open("forms.ipynb")
    lab.theme("JupyterLab Light")
    page.locator(".jp-NotebookPanel .jp-Cell").first.click()
    looks = _BothSizes(lab, "light")
    lab.run("import numpy")
    lab.run("nearest = ")
    cell = lab.run("slow = ")
    expect(cell).to_contain_text("Leakage: Some of what it learned from", timeout=SLOW)
    cell.get_by_role("button", name="Measure thoroughly").click()
    skip = cell.get_by_role("button", name="Skip this check")
    expect(cell).to_contain_text("Refitting", timeout=SLOW)
    looks.at("checks-running", skip)
    skip.click()
    expect(cell).to_contain_text("Leakage: it was stopped before it was done", timeout=SLOW)
    expect(cell).to_contain_text("Training rows inside the model:")
    assert looks.faults() == ""


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_how_closely_is_looked_is_chosen(lab: Lab, page: Page, theme: str) -> None:
    """How many models to compare with, how long they take, which columns; and what was planted."""
    lab.open("forms.ipynb")
    lab.theme(f"JupyterLab {theme}")
    page.locator(".jp-NotebookPanel .jp-Cell").first.click()
    looks = _BothSizes(lab, theme.lower())
    lab.run("import numpy")
    lab.run("nearest = ")
    cell = lab.run("wb.plant(")
    expect(cell).to_contain_text("It remembers single records", timeout=SLOW)
    expect(cell).to_contain_text("To train them takes about", timeout=SLOW)
    number = cell.get_by_label("Models to compare with")
    number.fill("6")
    number.press("Enter")
    cell.get_by_text("Groups and columns to look at").click()
    cell.get_by_label("Compare groups by").fill("site")
    looks.at("checks-depth", cell.get_by_label("Try to guess"))
    cell.get_by_role("button", name="Measure thoroughly").click()
    expect(cell).to_contain_text("The grouping 'site' does not fit the data", timeout=SLOW)
    cell.get_by_label("Compare groups by").fill("0")
    cell.get_by_label("Compare groups by").press("Tab")
    cell.get_by_role("button", name="Measure thoroughly").click()
    expect(cell).not_to_contain_text("does not fit the data", timeout=SLOW)
    expect(cell).to_contain_text("Leakage: Some of what it learned", timeout=SLOW)
    assert looks.faults() == ""
