"""What people see, in both themes and at two sizes: pictures to look at, and what axe says of them.

Every picture is also checked for what a picture hides: content that sticks out of its view.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import server as servers
from tests.browser.lab import Lab
from tests.browser.looks import Looks

SEED = Path(__file__).with_name("seed.py")
SIZES = [(1280, 800), (1920, 1080)]
THEMES = ["JupyterLab Light", "JupyterLab Dark"]
CASES = [
    *((size, theme) for theme in THEMES for size in SIZES),
    (SIZES[0], "JupyterLab Dark High Contrast"),
]
NEW = "cardio-lab/readmission:1.0"


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    """A workshop in which a lot has happened already."""
    with servers.workshop(tmp_path_factory.mktemp("busy"), before=SEED) as server:
        yield server


@pytest.mark.parametrize(
    ("size", "theme"), CASES, ids=lambda case: case if isinstance(case, str) else f"{case[0]}"
)
def test_every_view_can_be_read(lab: Lab, page: Page, size: tuple[int, int], theme: str) -> None:
    """Nothing sticks out or is faint, axe finds nothing; the pictures are for people."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    lab.open_empty()
    lab.theme(theme)
    looks = Looks(lab, f"{'-'.join(theme.split()[1:]).lower()}-{size[0]}")
    lab.play("Ada")
    lab.section("my-releases").locator(".wb-section-title").click()
    lab.section("my-releases").locator("[aria-expanded]").nth(2).click()
    looks.at("owner-panel")
    lab.play("Noor")
    looks.at("recipient-panel")
    _ask_too_much(lab)
    looks.at("request-denied")
    lab.play("Rui")
    _review(lab, "readmission")
    page.locator("[data-wb='rationale']").fill("A second site is what we hoped for.")
    looks.at("review")
    page.get_by_role("tab", name="Checks").click()
    expect(page.locator("[data-check='leakage']")).to_be_visible()
    looks.at("review-checks")
    _look_into(page, "leakage")
    expect(page.get_by_role("img", name="members")).to_be_visible()
    looks.at("review-checks-leakage")
    page.get_by_role("tab", name="Changes").click()
    expect(page.locator("[data-wb='since']")).to_contain_text("max_iter=500")
    looks.at("review-since")
    page.get_by_role("tab", name="Technical details").click()
    looks.at("review-technical")
    page.get_by_role("tab", name="Provenance").click()
    expect(page.locator(".wb-Graph[data-stage='drawn']")).to_be_visible()
    looks.at("review-provenance")
    page.locator("[data-wb='open-provenance']").click()
    graph = page.locator(".wb-Provenance .wb-Graph[data-stage='drawn']")
    expect(graph).to_be_visible()
    graph.locator("[data-wb='graph-search']").fill("patients.csv")
    page.keyboard.press("Enter")
    expect(graph.locator("[data-wb='graph-detail']")).to_contain_text("confidential")
    looks.at("provenance")
    _review(lab, "nearest")
    page.get_by_role("tab", name="Checks").click()
    _look_into(page, "retained")
    expect(page.locator("[data-check='retained']")).to_contain_text("284")
    looks.at("review-checks-retained")
    _look_into(page, "canaries")
    expect(page.locator("[data-check='canaries']")).to_contain_text("50 made-up records")
    looks.at("review-checks-planted")
    lab.play("Sam")
    lab.command("Log of Everything Shared")
    page.locator(".wb-Ledger [data-kind='approved'] [aria-expanded]").first.click()
    looks.at("ledger")
    assert "\n".join(looks.faults) == ""


def _review(lab: Lab, name: str) -> None:
    """Open a request that waits for a vote."""
    waiting = lab.section("to-review").locator("[data-request]").filter(has_text=name)
    waiting.get_by_role("button").first.click()


def _look_into(page: Page, check: str) -> None:
    """Open what is behind one check."""
    page.locator(f"[data-check='{check}'] [aria-expanded='false']").first.click()


def _ask_too_much(lab: Lab) -> None:
    """Open the request form and ask for more days than allowed."""
    row = lab.section("catalogue").locator(f"[data-ref='{NEW}']")
    row.locator("[aria-expanded]").click()
    row.locator("[data-wb='request']").click()
    form = lab.page.locator("[data-wb='request-form']")
    form.locator("[data-wb='right-retrieve']").click()
    form.locator("[data-wb='days']").fill("400")
    expect(form.locator("[data-wb='alternative']").first).to_be_visible()
