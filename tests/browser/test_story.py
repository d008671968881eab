"""A model trained in a notebook is shared end to end by four people, by mouse and by keyboard."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import SCREENSHOTS
from tests.browser.lab import SLOW, Lab
from workbench.ledger import proof

REF = "cardio-lab/readmission:1.0"
NOTEBOOK = "01-share-a-model.ipynb"


def test_a_model_is_shared_reviewed_used_and_audited(lab: Lab, tmp_path: Path) -> None:
    """Ada publishes, Noor asks, Rui approves, Noor's predictions equal Ada's, Sam proves it."""
    lab.open(NOTEBOOK)
    lab.run_until("4 · Ada shares it")
    drawn = lab.page.locator(".jp-Cell-outputArea .wb-Graph[data-stage='drawn']")
    expect(drawn).to_contain_text("patients.csv")
    _ada_publishes(lab)
    _noor_asks(lab)
    _rui_approves(lab)
    _noor_uses_it(lab)
    _sam_audits(lab, tmp_path)
    assert "\n".join(lab.complaints()) == ""


def _ada_publishes(lab: Lab) -> None:
    """The form knows the model, validates while typing, and ends with what to do next."""
    form = lab.share()
    expect(form.get_by_label("Model", exact=True)).to_contain_text(
        "model · StandardScaler → Logistic"
    )
    publish = form.get_by_role("button", name="Publish")
    expect(publish).to_be_disabled()
    name = form.get_by_label("Name")
    name.fill("Not A Name")
    expect(form.get_by_role("alert")).to_contain_text("cannot be used")
    name.fill("cardio-lab/readmission")
    form.get_by_label("Regions of the data").fill("eu")
    expect(form).to_contain_text("Policy: allowed")
    expect(form).to_contain_text("Stays here: your data")
    expect(form).to_contain_text("✓ patients.csv · internal · eu")
    expect(form).to_contain_text("the code of the cells that led to it")
    lab.picture(SCREENSHOTS / "story-share.png")
    publish.click()
    expect(form.get_by_role("status")).to_contain_text(f"Published {REF}", timeout=SLOW)
    expect(form).to_contain_text(f'wb.request_access("{REF}")')
    form.get_by_role("status").scroll_into_view_if_needed()
    lab.picture(SCREENSHOTS / "story-published.png")


def _noor_asks(lab: Lab) -> None:
    """A denied wish shows the policy and a way; the allowed one is sent with terms accepted."""
    panel = lab.play("Noor")
    panel.locator(f"[data-ref='{REF}'] [data-wb='request']").click()
    form = lab.page.locator("[data-wb='request-form']")
    form.locator("[data-wb='right-retrieve']").click()
    form.locator("[data-wb='purpose-text']").fill("External validation at St. Mary's.")
    form.locator("[data-wb='days']").fill("400")
    answer = form.locator("[data-wb='answer']")
    expect(answer).to_contain_text("longest-grant-internal")
    answer.locator("[data-wb='alternative']").first.click()
    expect(form.locator("[data-wb='days']")).to_have_value("180")
    form.locator("[data-wb='days']").fill("14")
    expect(answer).to_contain_text("You can ask for this")
    send = form.locator("[data-wb='send-request']")
    send.click()
    expect(form.get_by_text("terms", exact=False).last).to_be_visible()
    expect(form.locator("[data-wb='accept-terms']")).to_be_focused()
    form.locator("[data-wb='accept-terms']").check()
    send.click()
    expect(lab.page.locator("[data-wb='request-sent']")).to_contain_text("is sent")
    mine = lab.section("my-requests").locator("[data-state='in_review']")
    expect(mine).to_contain_text("readmission")


def _rui_approves(lab: Lab) -> None:
    """One to review; the decision needs a reason; keyboard only from the panel on."""
    lab.play("Rui")
    expect(lab.page.locator("[data-wb='status']")).to_contain_text("1 to review")
    row = lab.section("to-review").locator("[data-request] button")
    row.focus()
    lab.page.keyboard.press("Enter")
    review = lab.page.locator(".wb-review")
    expect(review).to_contain_text("Noor asks to get the weights")
    expect(review).to_contain_text("External validation at St. Mary's.")
    expect(review.locator(".wb-heading")).to_be_focused()
    _rui_follows_the_lineage(lab)
    review.locator(".wb-heading").focus()
    lab.page.keyboard.press("a")
    expect(review.locator("[data-wb='approve']")).to_be_focused()
    lab.page.keyboard.press("Enter")
    expect(review.locator("[data-wb='rationale']")).to_have_attribute("aria-invalid", "true")
    review.locator("[data-wb='rationale']").fill("A second site is what we hoped for.")
    expect(review.locator("[data-wb='outcome']")).to_contain_text("Approve lets Noor")
    lab.page.keyboard.press("Control+Enter")
    expect(lab.page.locator(".wb-Review")).to_contain_text("Nothing to review", timeout=SLOW)
    expect(lab.section("to-review")).to_contain_text("Nothing to review")


def _rui_follows_the_lineage(lab: Lab) -> None:
    """From the model to the file it came from, then to the very cell that read it, and back."""
    review = lab.page.locator(".wb-review")
    review.locator("[data-wb='tab-provenance']").click()
    view = review.locator("[data-wb='provenance']")
    expect(view.locator(".wb-Graph[data-stage='drawn']")).to_be_visible(timeout=SLOW)
    expect(view).to_contain_text("checks passed")
    lab.picture(SCREENSHOTS / "story-lineage.png")
    view.locator("[data-wb='graph-search']").fill("patients.csv")
    lab.page.keyboard.press("Enter")
    detail = view.locator("[data-wb='graph-detail']")
    expect(detail).to_contain_text("patients.csv")
    expect(detail).to_contain_text("internal")
    expect(detail).to_contain_text("observed")
    detail.get_by_role("button", name="In [").first.click()
    expect(detail.locator("[data-wb='graph-code']")).to_contain_text("pd.read_csv")
    lab.picture(SCREENSHOTS / "story-lineage-cell.png")
    detail.get_by_role("button", name="Open cell").click()
    expect(lab.selected()).to_contain_text('pd.read_csv("data/patients.csv"')
    lab.page.locator(".lm-TabBar-tab", has_text="Review").first.click()
    expect(review).to_be_visible()


def _noor_uses_it(lab: Lab) -> None:
    """The panel inserts the code; the notebook's own cells open it and compare predictions."""
    panel = lab.play("Noor")
    granted = panel.locator("[data-wb='my-requests'] [data-state='granted']")
    expect(granted).to_contain_text("granted")
    granted.locator("[data-wb='use']").click()
    lab.page.locator(".wb-menu").get_by_text("Insert Code").click()
    expect(lab.selected()).to_contain_text(f'open("{REF}")')
    shown = lab.run("wb.open")
    expect(shown).not_to_contain_text("Error")
    lab.run_until("received = wb.open")
    shown = lab.run("received = wb.open")
    expect(shown).to_contain_text("largest difference in predicted risk: 0.0")
    lab.picture(SCREENSHOTS / "story-used.png")


def _sam_audits(lab: Lab, folder: Path) -> None:
    """Every step with its reason; the log verifies; a receipt is kept and is a real one."""
    lab.play("Sam")
    lab.command("Log of Everything Shared")
    ledger = lab.page.locator(".wb-Ledger")
    verdict = ledger.locator("[data-wb='ledger-verdict']")
    ledger.locator("[data-wb='verify']").click()
    expect(verdict).to_contain_text("unbroken")
    approved = ledger.locator("[data-kind='approved']")
    expect(approved).to_contain_text("Rui approved Noor's request for cardio-lab/readmission:1.0")
    approved.locator("[aria-expanded]").first.click()
    expect(approved).to_contain_text("A second site is what we hoped for.")
    for kind in ("published", "requested", "granted", "opened"):
        expect(ledger.locator(f"[data-kind='{kind}']").first).to_be_visible()
    with lab.page.expect_download() as download:
        approved.locator("[data-wb='receipt']").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    assert proof.parse(path.read_bytes()).hashes
