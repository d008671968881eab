"""Front ends of the widgets that are shown in cells, each bundled into one file."""

from __future__ import annotations

from pathlib import Path

__all__ = ["bundled"]

STATIC = Path(__file__).with_name("static")


def bundled(name: str, what: str) -> Path | str:
    """Return the front end of a widget; a source tree has none until it is built.

    The cell then says that ``what`` is not built.
    """
    bundle = STATIC / f"{name}.js"
    if bundle.is_file():
        return bundle
    return f"""export default {{ render({{ el }}) {{
  el.textContent = "The {what} is not built: run “npm run build” in labextension.";
}} }};
"""
