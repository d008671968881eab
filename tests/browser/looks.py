"""Pictures for people, and what is wrong in them for a test to fail on."""

from __future__ import annotations

from tests.browser.conftest import SCREENSHOTS
from tests.browser.lab import OURS, Lab

__all__ = ["Looks"]


class Looks:
    """Pictures with a name, and what was found wrong in them."""

    def __init__(self, lab: Lab, prefix: str) -> None:
        self.lab, self.prefix = lab, prefix
        self.faults: list[str] = []

    def at(self, name: str) -> None:
        """Take a picture and look for faults."""
        self.lab.picture(SCREENSHOTS / f"{self.prefix}-{name}.png")
        self.faults += [f"{self.prefix} {name}: {fault}" for fault in self.lab.complaints()]
        self.faults += [f"{self.prefix} {name}: {fault} sticks out" for fault in self._wide()]

    def _wide(self) -> list[str]:
        """Return what is wider than the view it is in."""
        return self.lab.page.evaluate(
            """selectors => selectors.flatMap(selector =>
                 [...document.querySelectorAll(selector)]
                   .filter(view => view.scrollWidth > view.clientWidth + 1)
                   .map(view => `${selector} ${view.scrollWidth} > ${view.clientWidth}`))""",
            list(OURS),
        )
