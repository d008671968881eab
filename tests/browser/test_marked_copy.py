"""A reviewer ticks "Mark this copy"; the recipient is told, and what cannot be marked says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import server as servers
from tests.browser.conftest import SCREENSHOTS
from tests.browser.lab import SLOW, Lab

SEED = Path(__file__).with_name("seed_markable.py")
TOLD = "Your copy carries a mark that names this grant"


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    """A workshop in which Noor waits for two decisions."""
    with servers.workshop(tmp_path_factory.mktemp("marked"), before=SEED) as server:
        yield server


def test_a_reviewer_marks_a_copy(lab: Lab, page: Page) -> None:
    """Offered for weights only; what cannot be says so; the recipient and the owner are told."""
    lab.open_empty()
    lab.play("Rui")
    review = opened(lab, "words")
    box = review.locator("[data-wb='mark']")
    review.locator("[data-wb='decision-right']").select_option("infer")
    expect(box).to_have_count(0)
    review.locator("[data-wb='decision-right']").select_option("retrieve")
    expect(box).not_to_be_checked()
    box.check()
    review.locator("[data-wb='rationale']").fill("A second site.")
    review.locator("[data-wb='approve']").click()
    expect(review).to_contain_text("none of its files is safetensors", timeout=SLOW)
    expect(review).to_contain_text("The request is as it was")
    lab.picture(SCREENSHOTS / "mark-refused.png")
    assert lab.complaints() == []
    box.uncheck()
    review.locator("[data-wb='approve']").click()
    expect(review).to_contain_text("Readmission", timeout=SLOW)
    review = opened(lab, "readmission")
    label = review.locator("label", has_text="Mark this copy")
    assert "only your key and this grant" in (label.get_attribute("title") or "")
    label.click()
    expect(review.locator("[data-wb='mark']")).to_be_checked()
    expect(review).to_contain_text("The copy will name this grant")
    review.locator("[data-wb='rationale']").fill("A third site.")
    lab.picture(SCREENSHOTS / "mark-ticked.png")
    review.locator("[data-wb='approve']").click()
    expect(page.locator(".wb-Review")).to_contain_text("Nothing to review", timeout=SLOW)
    lab.play("Noor")
    mine = lab.section("my-requests").locator("[data-state='granted']")
    expect(mine.filter(has_text="readmission")).to_contain_text(TOLD)
    expect(mine.filter(has_text="words")).not_to_contain_text(TOLD)
    lab.play("Ada")
    lab.section("my-releases").locator(".wb-section-title").click()
    row = lab.section("my-releases").locator("[data-ref='cardio-lab/readmission:1.0']")
    row.locator("[aria-expanded]").first.click()
    expect(row.locator("[data-wb='holders']")).to_contain_text("marked copy")
    lab.picture(SCREENSHOTS / "mark-holders.png")
    assert lab.complaints() == []


def opened(lab: Lab, name: str) -> Locator:
    """Open a request that waits for a vote."""
    waiting = lab.section("to-review").locator("[data-request]").filter(has_text=name)
    waiting.get_by_role("button").first.click()
    review = lab.page.locator(".wb-review")
    expect(review.locator("[data-wb='rationale']")).to_be_visible()
    expect(review).to_contain_text(f"({name} 1.0)")
    return review
