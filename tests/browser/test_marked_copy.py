"""A reviewer marks a copy, calls one off, and finds out whose copy a file is that turned up."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import server as servers
from tests.browser.conftest import SCREENSHOTS
from tests.browser.lab import SLOW, Lab
from workbench.app import Workplace
from workbench.stores.agent import AgentKeystore

SEED = Path(__file__).with_name("seed_markable.py")
TOLD = "Your copy carries a mark that names this grant"
REF = "cardio-lab/readmission:1.0"


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    """A workshop in which Noor waits for two decisions."""
    with servers.workshop(tmp_path_factory.mktemp("marked"), before=SEED) as server:
        yield server


def test_a_reviewer_marks_a_copy(lab: Lab, page: Page) -> None:
    """Offered where it can be; called off it leaves nothing; done, everybody is told.

    What happens while a copy is marked is seen by keeping the server from noting its key.
    """
    lab.open_empty()
    lab.play("Rui")
    review = opened(lab, "words")
    box = review.locator("[data-wb='mark']")
    impossible = review.locator("[data-wb='unmarkable']")
    expect(impossible).to_contain_text("cannot carry a mark: none of its files is safetensors")
    expect(box).to_have_count(0)
    review.locator("[data-wb='decision-right']").select_option("infer")
    expect(impossible).to_have_count(0)
    review.locator("[data-wb='decision-right']").select_option("retrieve")
    review.locator("[data-wb='rationale']").fill("A second site.")
    lab.picture(SCREENSHOTS / "mark-impossible.png")
    assert lab.complaints() == []
    review.locator("[data-wb='approve']").click()
    expect(review).to_contain_text("Readmission", timeout=SLOW)
    review = opened(lab, "readmission")
    label = review.locator("label", has_text="Mark this copy")
    assert "only your key and this grant" in (label.get_attribute("title") or "")
    expect(review.locator("[data-wb='mark']")).not_to_be_checked()
    label.click()
    expect(review.locator("[data-wb='mark']")).to_be_checked()
    expect(review).to_contain_text("The copy will name this grant")
    review.locator("[data-wb='rationale']").fill("A third site.")
    lab.picture(SCREENSHOTS / "mark-ticked.png")
    assert level(label, review.locator(".wb-bar-mark .wb-quiet")) < 0.5
    with kept_waiting(lab):
        review.locator("[data-wb='approve']").click()
        working = review.locator("[data-wb='work']")
        expect(working).to_contain_text("Looking for code …")
        expect(review.locator("[data-wb='approve']")).to_be_disabled()
        lab.picture(SCREENSHOTS / "mark-working.png")
        elsewhere_and_back(lab)
        expect(working).to_contain_text("Looking for code …")
        working.locator("[data-wb='cancel-work']").click()
        expect(working).to_contain_text("Cancelling …")
    said = review.locator("[data-wb='cancelled']")
    expect(said).to_have_text(
        "Cancelled: your vote was not cast. The request is as it was, and no copy was made.",
        timeout=SLOW,
    )
    lab.picture(SCREENSHOTS / "mark-cancelled.png")
    assert lab.complaints() == []
    review.locator("[data-wb='approve']").click()
    expect(page.locator(".wb-Review")).to_contain_text("Nothing to review", timeout=SLOW)
    lab.play("Noor")
    mine = lab.section("my-requests").locator("[data-state='granted']")
    expect(mine.filter(has_text="readmission")).to_contain_text(TOLD)
    expect(mine.filter(has_text="words")).not_to_contain_text(TOLD)
    lab.play("Ada")
    lab.section("my-releases").locator(".wb-section-title").click()
    row = lab.section("my-releases").locator(f"[data-ref='{REF}']")
    row.locator("[aria-expanded]").first.click()
    expect(row.locator("[data-wb='holders']")).to_contain_text("marked copy")
    expect(row.locator("[data-wb='trace']")).to_be_visible()
    lab.picture(SCREENSHOTS / "mark-holders.png")
    assert lab.complaints() == []


def test_a_found_file_is_traced(lab: Lab, page: Page) -> None:
    """The reviewer who marked it chooses the file in Lab, and reads whose copy it is."""
    noors = workplace(lab)
    noors.session("noor").open(REF, noors.target(lab.server.folder / "found"))
    lab.open_empty()
    lab.play("Rui")
    row = lab.section("catalogue").locator(f"[data-ref='{REF}']")
    row.locator("[aria-expanded]").click()
    row.locator("[data-wb='trace']").click()
    dialog = page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("Which file may be a copy of readmission 1.0?")
    choose(dialog)
    lab.picture(SCREENSHOTS / "trace-choose.png")
    dialog.locator(".jp-mod-accept").click()
    answer = page.locator("[data-wb='whose']")
    expect(answer).to_contain_text("Noor: granted on", timeout=SLOW)
    expect(page.locator(".jp-Dialog-header")).to_contain_text("It is Noor’s copy of readmission")
    expect(answer).to_contain_text("proves nothing about intent")
    lab.picture(SCREENSHOTS / "trace-named.png")
    page.keyboard.press("Escape")
    expect(answer).to_have_count(0)
    lab.play("Ada")
    lab.section("my-releases").locator(".wb-section-title").click()
    own = lab.section("my-releases").locator(f"[data-ref='{REF}']")
    own.locator("[data-wb='trace']").click()
    choose(dialog)
    dialog.locator(".jp-mod-accept").click()
    expect(dialog).to_contain_text("No copy of cardio-lab/readmission:1.0 was marked from here")
    expect(dialog).to_contain_text("Nobody was named")
    lab.picture(SCREENSHOTS / "trace-not-here.png")


def opened(lab: Lab, name: str) -> Locator:
    """Open a request that waits for a vote."""
    waiting = lab.section("to-review").locator("[data-request]").filter(has_text=name)
    waiting.get_by_role("button").first.click()
    review = lab.page.locator(".wb-review")
    expect(review.locator("[data-wb='rationale']")).to_be_visible()
    expect(review).to_contain_text(f"({name} 1.0)")
    return review


def choose(dialog: Locator) -> None:
    """Go to Noor's copy in the file browser of a dialog."""
    for folder in ("found", "model"):
        dialog.get_by_text(folder, exact=True).dblclick()
    dialog.get_by_text("model.safetensors", exact=True).click()


def elsewhere_and_back(lab: Lab) -> None:
    """Close the Review tab while something is on its way, and open it again."""
    lab.page.locator(".lm-TabBar-tab", has_text="Review").locator(".lm-TabBar-tabCloseIcon").click()
    expect(lab.page.locator(".wb-Review")).to_have_count(0)
    opened(lab, "readmission")


def level(one: Locator, other: Locator) -> float:
    """Return how far the middle of one thing lies from that of another, in pixels of height."""
    middles = []
    for each in (one, other):
        box = each.bounding_box()
        assert box is not None
        middles.append(box["y"] + box["height"] / 2)
    return abs(middles[0] - middles[1])


def workplace(lab: Lab) -> Workplace:
    """Return the workshop's workplace, as its own programs open it."""
    home, agent = lab.server.folder.with_name("workshop").read_text().splitlines()
    return Workplace(Path(home), AgentKeystore(Path(agent)))


@contextmanager
def kept_waiting(lab: Lab) -> Iterator[None]:
    """Hold the lock of Rui's notes, for which marking waits before the first copy."""
    lock = workplace(lab).home / "profiles" / "rui" / "marks.lock"
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
