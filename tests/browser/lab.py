"""What a person does in JupyterLab, as a person would say it."""

from __future__ import annotations

import re
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.browser.server import Server

__all__ = ["OURS", "Lab"]

OURS = (
    ".wb-Panel", ".wb-Review", ".wb-Request", ".wb-Ledger", ".wb-Share", ".wb-Form", ".wb-Status",
    ".wb-Provenance", ".wb-Graph", ".wb-roc-cell",
)  # fmt: skip
SLOW = 60_000  # milliseconds for what a kernel computes


class Lab:
    """One browser page with JupyterLab, or Notebook 7."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page = page
        self.server = server

    # The notebook ----------------------------------------------------------------------------

    def open(self, notebook: str) -> None:
        """Open a notebook in a fresh workspace and wait until its kernel is idle."""
        self.page.goto(self.server.address(f"lab/tree/{notebook}?reset"))
        self.idle()

    def open_empty(self) -> None:
        """Open JupyterLab without a notebook."""
        self.page.goto(self.server.address("lab?reset"))
        expect(self.page.locator(".jp-Launcher").first).to_be_visible(timeout=SLOW)

    def idle(self) -> None:
        """Wait until the notebook's kernel is connected and has nothing to do."""
        bar = self.page.locator("#jp-main-statusbar")
        expect(bar).to_contain_text("| Idle", timeout=SLOW)

    def run_until(self, words: str) -> None:
        """Run cells from the selected one on, until the selected one has ``words`` in it."""
        for _ in range(100):
            if words in self.selected().inner_text():
                self.idle()
                return
            self._step()
        raise AssertionError(f"no cell says {words!r}")

    def run(self, words: str) -> Locator:
        """Go on to the code cell with ``words``, run it, and return what it shows."""
        self.run_until(words)
        prompt = self.selected().locator(".jp-InputPrompt")
        before = prompt.inner_text()
        self.page.keyboard.press("Control+Enter")
        expect(prompt).not_to_have_text(before)
        expect(prompt).to_have_text(re.compile(r"\[\d+\]:"), timeout=SLOW)
        return self.selected().locator(".jp-Cell-outputArea")

    def _step(self) -> None:
        """Run the selected cell and go to the next, as a reader would: after seeing its result."""
        cell = self.selected().element_handle()
        self.page.keyboard.press("Shift+Enter")
        prompt = cell.query_selector(".jp-InputPrompt") if cell else None
        if prompt and cell.query_selector(".jp-CodeMirrorEditor") and prompt.inner_text():
            self.page.wait_for_function(
                "prompt => /\\[\\d+\\]:/.test(prompt.textContent)", arg=prompt, timeout=SLOW
            )

    def selected(self) -> Locator:
        """Return the selected cell."""
        return self.page.locator(".jp-NotebookPanel .jp-Cell.jp-mod-active")

    def share(self) -> Locator:
        """Press Share in the notebook's toolbar; return the form."""
        self.page.locator("[data-jp-item-name='workbench-share']").get_by_role("button").click()
        form = self.page.locator("[data-wb='share']")
        expect(form.get_by_role("button", name="Publish")).to_be_visible(timeout=SLOW)
        return form

    # The panel -------------------------------------------------------------------------------

    def panel(self) -> Locator:
        """Open the Sharing panel by the status bar, where there is one; return it."""
        panel = self.page.locator(".wb-Panel")
        if not panel.is_visible():
            self.page.locator("[data-wb='status']").click()
        expect(panel.locator(".wb-sections")).to_be_visible()
        return panel

    def play(self, name: str) -> Locator:
        """Act as somebody else of the workshop; return the panel, which shows their view."""
        panel = self.panel()
        if f"{name} (workshop)" in self.page.locator("[data-wb='status']").inner_text():
            return panel
        option = panel.locator("[data-wb='identity'] option", has_text=name)
        panel.locator("[data-wb='identity']").select_option(option.get_attribute("value"))
        expect(self.page.locator("[data-wb='status']")).to_contain_text(name)
        panel.locator("[data-wb='refresh']").click()
        return panel

    def section(self, name: str) -> Locator:
        """Return a section of the panel."""
        return self.panel().locator(f"[data-wb='{name}']")

    def command(self, name: str) -> None:
        """Run a command by its name in the command palette."""
        self.page.keyboard.press("Control+Shift+C")
        self.page.locator(".lm-CommandPalette-input").fill(name)
        self.page.locator(".lm-CommandPalette-item", has_text=name).first.click()

    # Looking ---------------------------------------------------------------------------------

    def theme(self, name: str) -> None:
        """Change Lab's theme."""
        self.command(f"Use Theme: {name}")
        expect(self.page.locator("body")).to_have_attribute(
            "data-jp-theme-name", name, timeout=SLOW
        )

    def complaints(self) -> list[str]:
        """Return what axe finds in our own elements."""
        found = []
        for selector in OURS:
            if self.page.locator(selector).count():
                results = Axe().run(self.page, context={"include": [[selector]]})
                found += [
                    f"{selector} {item['id']}: {item['nodes'][0]['html']}"
                    for item in results.response["violations"]
                ]
        return found

    def picture(self, path: Path) -> None:
        """Keep what is on screen."""
        path.parent.mkdir(exist_ok=True)
        self.page.screenshot(path=path)
