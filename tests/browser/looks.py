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
        self.faults += [f"{self.prefix} {name}: {fault} is faint" for fault in self._faint()]

    def _wide(self) -> list[str]:
        """Return what is wider than the view it is in."""
        return self.lab.page.evaluate(
            """selectors => selectors.flatMap(selector =>
                 [...document.querySelectorAll(selector)]
                   .filter(view => view.scrollWidth > view.clientWidth + 1)
                   .map(view => `${selector} ${view.scrollWidth} > ${view.clientWidth}`))""",
            list(OURS),
        )

    def _faint(self) -> list[str]:
        """Return the buttons whose words have less contrast than 4.5 (WCAG 2.2, 1.4.3).

        Looked at beside what axe finds, which passed over a red one on dark ground.
        """
        return self.lab.page.evaluate(_FAINT, list(OURS))


_FAINT = """selectors => {
  const numbers = text => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const light = text => {
    const [r, g, b] = numbers(text).map(part =>
      part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = node => {
    for (let at = node; at; at = at.parentElement) {
      const text = getComputedStyle(at).backgroundColor;
      if ((numbers(text)[3] ?? 1) === 1) return text;
    }
    return 'rgb(255, 255, 255)';
  };
  const buttons = selectors.flatMap(selector =>
    [...document.querySelectorAll(`${selector} button.wb-button:not(:disabled)`)]);
  return buttons.filter(node => {
    const pair = [light(getComputedStyle(node).color), light(ground(node))].sort((a, b) => b - a);
    return node.offsetParent !== null && (pair[0] + 0.05) / (pair[1] + 0.05) < 4.5;
  }).map(node => `${node.textContent} (${getComputedStyle(node).color} on ${ground(node)})`);
}"""
