"""The README says what is so: every command and snippet runs, every marked block is up to date."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import readme
from tests.weights import floats
from workbench.policy import lifecycle

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PROGRAMS = Path(sys.executable).parent
TRAIN = """
import numpy as np
from sklearn.linear_model import LogisticRegression
X = np.arange(40.0).reshape(20, 2)
y = X[:, 0] > 15
model = LogisticRegression().fit(X, y)
X_new, y_new = X + 1, y
"""


def blocks(language: str) -> list[str]:
    """Return the fenced blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.fixture
def place(tmp_path: Path) -> dict[str, str]:
    """A folder with a model in it, and an environment with a workplace of its own."""
    model = tmp_path / "work" / "model"
    model.mkdir(parents=True)
    (model / "weights.bin").write_bytes(floats(64, 32))
    (model / "config.json").write_text("{}")
    return {
        **os.environ,
        "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}",
        "WORKBENCH_HOME": str(tmp_path / "home"),
        "WORKBENCH_PASSPHRASE": "correct horse battery staple",
    }


def test_every_command_in_the_readme_runs(tmp_path: Path, place: dict[str, str]) -> None:
    """In the order of the page; what is shown below a command is what it prints."""
    seen: dict[str, str] = {}
    steps = [step for block in blocks("console") for step in readme.steps(block)]
    assert len(steps) > 15
    for step in steps:
        command = readme.filled(step.command, seen)
        done = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path / "work", env=place, text=True, check=False,
            capture_output=True, stdin=subprocess.DEVNULL, timeout=120,
        )  # fmt: skip
        assert done.returncode == step.code, f"{command}\n{done.stdout}{done.stderr}"
        seen |= readme.identifiers(done.stdout)
        if step.shown:
            assert readme.filled(step.shown, seen).strip() == done.stdout.strip(), command


def test_every_python_snippet_in_the_readme_runs(tmp_path: Path) -> None:
    """As cells of one kernel, among the people of a workshop, in the order of the page."""
    cells = blocks("python")
    assert len(cells) == 7
    (tmp_path / "cohort.csv").write_text("age\n50\n")
    script = tmp_path / "story.py"
    check = "assert (theirs.predict(X) == model.predict(X)).all()\n"
    script.write_text("\n".join([TRAIN, *cells, check]))
    done = subprocess.run(
        [PROGRAMS / "workbench", "workshop", "--", PROGRAMS / "ipython", script], text=True,
        capture_output=True, stdin=subprocess.DEVNULL, timeout=120, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_two_commands_are_targets_of_the_makefile() -> None:
    """``make lab`` and ``make test`` are all the set-up there is."""
    assert [block.strip() for block in blocks("sh")] == ["make lab", "make test"]
    for target in ("lab", "test"):
        subprocess.run(["make", "-n", target], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


@pytest.mark.parametrize(("name", "text"), readme.generated().items())
def test_marked_blocks_are_up_to_date(name: str, text: str) -> None:
    """What the code prints stands between the markers; ``python -m tests.readme`` renews it."""
    assert readme.between(README, name).strip() == text.strip()


def test_the_diagram_has_every_move() -> None:
    """Nothing in the tables is missing from the picture."""
    for life in lifecycle.LIFECYCLES:
        for state, stage in life.stages.items():
            for verb, move in stage.moves.items():
                line = f"{life.noun}_{state} --> {life.noun}_{move.to}: {verb}"
                assert line in README


def test_links_and_pictures_exist() -> None:
    """Every relative link leads somewhere."""
    targets = re.findall(r"\]\(([^)#:]+)\)", README)
    assert len(targets) > 8
    assert [target for target in targets if not (ROOT / target).exists()] == []
