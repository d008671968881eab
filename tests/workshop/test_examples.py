"""The examples: invented data, and a notebook that runs, and explains itself when it cannot."""

from __future__ import annotations

import csv
import re
import runpy
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.workshop.running import PROGRAMS, environment, running

EXAMPLES = Path(__file__).parents[2] / "examples"
NOTEBOOK = EXAMPLES / "01-share-a-model.ipynb"
LESSON = EXAMPLES / "02-what-a-model-gives-away.ipynb"
DATA = EXAMPLES / "data"
REF = "cardio-lab/readmission:1.0"
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# What stands in for the mouse: the same cells, with the forms' work done by code.
BY_CODE = {
    "share": f"""
import workbench as wb
wb.share(model, name="{REF[:-4]}", license="CC-BY-NC-4.0", regions=["eu"], publish=True)
""",
    "request": f"""
request = wb.request_access("{REF}", right="retrieve", purpose="A second site.", days=14,
                            accept_terms=True)
""",
    "play-rui": """
!workbench --profile rui review approve {request["id"]} --rationale "A sound plan."
""",
}


def said(cell: nbformat.NotebookNode) -> str:
    """Return what a cell printed, showed or raised, without colours."""
    parts = []
    for output in cell.outputs:
        parts.append(output.get("text", "") or "\n".join(output.get("traceback", [])))
        parts.append(output.get("data", {}).get("text/plain", ""))
    return COLOURS.sub("", "".join(parts))


def failed(cell: nbformat.NotebookNode) -> bool:
    return any(output.output_type == "error" for output in cell.outputs)


def test_the_data_is_made_byte_for_byte() -> None:
    """The generator writes exactly the file that ships."""
    made = runpy.run_path(str(DATA / "make_patients.py"))["table"]()
    assert made == (DATA / "patients.csv").read_bytes()


def test_the_data_says_that_it_is_made_up() -> None:
    """Every patient is called synthetic; there are enough of both outcomes to learn from."""
    rows = list(csv.DictReader((DATA / "patients.csv").open()))
    assert len({row["patient"] for row in rows}) == len(rows) == 400
    assert all(row["patient"].startswith("SYN-") for row in rows)
    assert 60 < sum(int(row["readmitted"]) for row in rows) < 200
    assert "synthetic" in (EXAMPLES / "README.md").read_text()


def test_every_column_is_explained() -> None:
    """The page beside the data has a line for each column."""
    page = (EXAMPLES / "README.md").read_text()
    header = (DATA / "patients.csv").read_text().partition("\n")[0]
    assert [name for name in header.split(",") if f"`{name}`" not in page] == []


@pytest.mark.parametrize("path", [NOTEBOOK, LESSON], ids=lambda path: path.stem)
def test_a_notebook_ships_clean(path: Path) -> None:
    """Valid, for the ordinary kernel, never run, nothing of anybody's machine in it."""
    notebook = nbformat.read(path, 4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.id for cell in code if cell.outputs or cell.execution_count] == []
    assert re.search(r"/(home|root|tmp|work|Users)/", path.read_text()) is None


@pytest.fixture(scope="module")
def alone(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[dict[str, nbformat.NotebookNode], Path]:
    """The notebook run through where nobody was ever set up, as "Run All" would not stop."""
    home = tmp_path_factory.mktemp("alone") / "home"
    notebook = nbformat.read(NOTEBOOK, 4)
    client = NotebookClient(
        notebook, timeout=200, allow_errors=True, resources={"metadata": {"path": str(EXAMPLES)}}
    )
    path = f"{PROGRAMS}:/usr/bin:/bin"
    client.execute(env=environment(WORKBENCH_HOME=str(home), PATH=path))
    return {cell.id: cell for cell in notebook.cells}, home


def test_training_needs_no_exchange(alone: tuple[dict, Path]) -> None:
    """Up to the evaluation nothing is shared and nothing can fail for want of an exchange."""
    ran, _ = alone
    order = list(ran)
    until = [ran[name] for name in order[: order.index("share-title")]]
    assert [cell.id for cell in until if cell.cell_type == "code" and failed(cell)] == []
    assert "AUROC" in said(ran["evaluate"])


def test_looking_makes_nothing(alone: tuple[dict, Path]) -> None:
    """Even with every cell run, no exchange and no key came to be."""
    _, home = alone
    assert not home.exists()


def test_errors_are_sentences(alone: tuple[dict, Path]) -> None:
    """In the wrong place, each later cell says in a few lines what is the matter; no traceback."""
    ran, _ = alone
    fails = {cell.id: said(cell) for cell in ran.values() if cell.get("outputs") and failed(cell)}
    assert {"play-noor", "request", "open"} <= set(fails)
    assert "Only a workshop lets one browser play several people." in fails["play-noor"]
    assert "workbench init --name" in fails["request"]
    for name in ("play-noor", "request", "open", "compare"):
        assert "Traceback" not in fails[name]
        assert len(fails[name].strip().splitlines()) <= 4


def test_the_lesson_says_what_it_promises(tmp_path: Path) -> None:
    """Every cell runs where nobody was set up, and each part finds what it is about."""
    shutil.copytree(DATA, tmp_path / "data")
    notebook = nbformat.read(LESSON, 4)
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}})
    client.execute(env=environment(WORKBENCH_HOME=str(tmp_path / "home"), PATH="/usr/bin:/bin"))
    ran = {cell.id: said(cell) for cell in notebook.cells if cell.cell_type == "code"}
    assert "200 of 200 training rows sit inside the model" in ran["rows"]
    assert "It can often be told who was in the training data" in ran["forest"]
    assert "lives_alone" in ran["groups"]
    assert "It can often be told" not in ran["remedy"]
    assert "No training row was found in the model." in ran["remedy"]
    assert "50 made-up records were planted before training" in ran["planted"]
    assert "I am running on your computer" in ran["file"]
    assert "could run code  greeting.pkl (pickle)" in ran["scan"]
    assert "creatinine" in ran["standin"]
    assert not (tmp_path / "home").exists()


def test_the_story_in_the_workshop(tmp_path: Path) -> None:
    """Cell after cell, with code for the mouse: Noor's copy predicts what Ada's model predicts."""
    notebook = nbformat.read(NOTEBOOK, 4)
    at = next(i for i, cell in enumerate(notebook.cells) if cell.id == "rui-title")
    notebook.cells.insert(at + 1, nbformat.v4.new_code_cell(id="play-rui"))
    for cell in notebook.cells:
        cell.source = BY_CODE.get(cell.id, cell.source)
    nbformat.write(notebook, tmp_path / "story.ipynb")
    run = (
        "import nbformat, nbclient;"
        "book = nbformat.read('story.ipynb', 4);"
        f"place = {{'metadata': {{'path': {str(EXAMPLES)!r}}}}};"
        "nbclient.NotebookClient(book, timeout=200, resources=place).execute();"
        "nbformat.write(book, 'played.ipynb')"
    )
    command = [PROGRAMS / "workbench", "workshop", "--", PROGRAMS / "python", "-c", run]
    with running(command, tmp_path, environment()) as program:
        program.finish()
    played = {cell.id: cell for cell in nbformat.read(tmp_path / "played.ipynb", 4).cells}
    assert f"You hold no grant for {REF}" in said(played["too-early"])
    assert "largest difference in predicted risk: 0.0\n" in said(played["compare"])
    log = said(played["audit"])
    for words in ("Ada published", "Noor was refused to open", "Rui approved", "Noor opened"):
        assert f"{words} " in log
    assert "unbroken" in log
