"""``binder/``: the workshop without an install, as far as that can be tried without containers."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.workshop.running import PROGRAMS, Running, environment, running

ROOT = Path(__file__).parents[2]
BINDER = ROOT / "binder"
NAME = "@sharing-workbench/labextension"
SCRIPTS = ("postBuild", "start")
# postBuild downloads what pip and npm have not kept, and builds: three minutes on two busy cores
BUILD = 900


def test_the_environment_is_small_and_sufficient() -> None:
    """conda brings Python, pip and node; versions of everything else live in pyproject.toml."""
    given = yaml.safe_load((BINDER / "environment.yml").read_text())
    assert given["channels"] == ["conda-forge"]
    names = {re.split(r"[=<>]", item)[0]: item for item in given["dependencies"]}
    assert sorted(names) == ["nodejs", "pip", "python"]
    python = tuple(int(part) for part in names["python"].partition("=")[2].split("."))
    assert python >= (3, 11)
    assert int(names["nodejs"].partition("=")[2]) >= 20


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_can_be_run(name: str) -> None:
    """Executable, with a shebang, and bash has no objection."""
    script = BINDER / name
    assert os.access(script, os.X_OK)
    assert script.read_text().startswith("#!/usr/bin/env bash\n")
    subprocess.run(["bash", "-n", script], check=True)


def test_repo2docker_uses_both_scripts(tmp_path: Path) -> None:
    """The Dockerfile that repo2docker would build runs postBuild, and start before everything."""
    clone = copy(tmp_path / "clone")
    done = subprocess.run(
        [PROGRAMS / "repo2docker", "--no-build", "--debug", clone],
        capture_output=True, text=True, check=True, env=environment(),
    )  # fmt: skip
    dockerfile = done.stdout + done.stderr
    assert re.search(r"^COPY .*src/binder/environment\.yml", dockerfile, re.MULTILINE)
    assert re.search(r"^RUN \./binder/postBuild$", dockerfile, re.MULTILINE)
    assert re.search(
        r'^ENV R2D_ENTRYPOINT="\$\{REPO_DIR\}/binder/start"$', dockerfile, re.MULTILINE
    )


def copy(target: Path) -> Path:
    """Copy what a clone of the working tree would have: no ignored file, nothing that was built."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    for name in listed.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """What an image would hold: a clone on which postBuild ran, in an environment of its own."""
    place = tmp_path_factory.mktemp("image")
    clone = copy(place / "clone")
    assert not (clone / "workbench" / "labextension").exists()
    assert not (clone / "labextension" / "node_modules").exists()
    venv.create(place / "env", with_pip=True, symlinks=True)
    env = environment(
        PATH=f"{place / 'env' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        VIRTUAL_ENV=str(place / "env"),
        PIP_NO_COMPILE="1", PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_PROGRESS_BAR="off",
        npm_config_prefer_offline="true", npm_config_audit="false",
        JUPYTER_CONFIG_DIR=str(place / "settings"), JUPYTER_DATA_DIR=str(place / "data"),
    )  # fmt: skip
    with running(["binder/postBuild"], clone, env) as build:
        build.finish()
    yield clone, env
    shutil.rmtree(place)


@pytest.fixture(scope="module")
def session(image: tuple[Path, dict[str, str]]) -> Iterator[Running]:
    """A session as Binder begins one: ``start`` in front of the server's command."""
    clone, env = image
    command = ["binder/start", "jupyter", "lab", "--no-browser", "--allow-root", "--port=0"]
    with running(command, clone, env) as program:
        yield program
        assert program.end() == 0


@pytest.mark.timeout(BUILD)
def test_post_build_leaves_no_baggage(image: tuple[Path, dict[str, str]]) -> None:
    """The half gigabyte that only the build needs is gone; so is everything that looks secret."""
    clone, _ = image
    assert not (clone / "labextension" / "node_modules").exists()
    secrets = [p for p in clone.rglob("*") if p.suffix in {".age", ".pem", ".key"} and p.is_file()]
    tests = [p for p in secrets if "tests" in p.relative_to(clone).parts]
    assert secrets == tests


@pytest.mark.timeout(BUILD)
@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("labextension", r"@sharing-workbench/labextension v\S+ enabled OK"),
        ("server extension", r"workbench \S+ OK"),
    ],
)
def test_both_extensions_are_installed(
    image: tuple[Path, dict[str, str]], kind: str, line: str
) -> None:
    """Jupyter lists the front end and the server part as working."""
    clone, env = image
    command = ["jupyter", *kind.split(), "list"]
    done = subprocess.run(command, cwd=clone, env=env, capture_output=True, text=True, check=True)
    assert re.search(line, re.sub(r"\x1b\[\d+m", "", done.stdout + done.stderr))


@pytest.mark.timeout(BUILD)
def test_the_session_is_a_workshop(session: Running) -> None:
    """Four people, keys in memory, the examples in sight."""
    status = session.ask("workbench/api/status")
    assert status["mode"] == "workshop"
    assert [person["id"] for person in status["people"]] == ["ada", "noor", "rui", "sam"]
    assert "in memory only" in status["keystore"]
    shown = session.ask("api/contents/examples?content=1")["content"]
    assert "01-share-a-model.ipynb" in [entry["name"] for entry in shown]


@pytest.mark.timeout(BUILD)
def test_the_page_brings_our_extension(session: Running) -> None:
    """The served page is told to load the extension, and its code can be fetched."""
    page = session.fetch("lab").decode()
    config = json.loads(re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', page, re.S)[1])
    (ours,) = [e for e in config["federated_extensions"] if e["name"] == NAME]
    assert b"sharing-workbench" in session.fetch(f"lab/extensions/{NAME}/{ours['load']}")
