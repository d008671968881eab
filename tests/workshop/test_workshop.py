"""A workshop: four people, keys in memory only, nothing left at the end."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.workshop.running import PROGRAMS, Running, environment, running
from workbench import workshop
from workbench.app import Workplace
from workbench.errors import InputError
from workbench.stores.contracts import Keystore

EXAMPLES = Path(__file__).parents[2] / "examples"
# Played inside the workshop: shares a file, looks around, and keeps a copy of the whole folder.
PLAY = """
import json, os, shutil, sys
from pathlib import Path
import workbench as wb
home, agent = os.environ["WORKBENCH_HOME"], os.environ["WORKBENCH_AGENT"]
folder = Path(agent).parent
model = Path(sys.argv[1], "model.bin")
model.write_bytes(b"the weights, as they are" * 99)
wb.share(model, name="lab/model", license="CC-BY-NC-4.0", regions=["eu"], publish=True)
shutil.copytree(folder, Path(sys.argv[1], "copy"), ignore=lambda _, names: ["agent.sock"])
modes = {str(path.relative_to(folder)): path.stat().st_mode for path in folder.rglob("*")}
seen = {"folder": str(folder), "modes": {**modes, ".": folder.stat().st_mode},
        "environment": dict(os.environ), "who": wb.who()}
Path(sys.argv[1], "seen.json").write_text(json.dumps(seen))
sys.exit(7)
"""


@pytest.fixture(autouse=True)
def shelf(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder in which temporary folders are made; short, since a socket's path must be."""
    with tempfile.TemporaryDirectory(prefix="shelf-") as name:
        monkeypatch.setenv("TMPDIR", name)
        monkeypatch.setattr(tempfile, "tempdir", None)
        yield Path(name)


@dataclass
class Played:
    """What a workshop was and left."""

    code: int
    secrets: dict[str, bytes]
    workplace: Workplace
    seen: dict
    copy: Path
    left: list[Path]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """One workshop, played in this process so that its keys are known to the test."""
    place = tmp_path_factory.mktemp("played")
    secrets: dict[str, bytes] = {}
    made: list[Workplace] = []

    def make(home: Path, keystore: Keystore) -> Workplace:
        create = keystore.create
        keystore.create = lambda name, secret: (
            secrets.update({name: secret}),
            create(name, secret),
        )
        made.append(Workplace(home, keystore))
        return made[0]

    with tempfile.TemporaryDirectory(prefix="shelf-") as shelf, pytest.MonkeyPatch.context() as to:
        to.setattr(tempfile, "tempdir", shelf)
        for name, value in {
            "EXCHANGE": "postgresql://team.invalid/real", "PASSPHRASE": "of-my-own", "PROFILE": "me"
        }.items():  # fmt: skip
            to.setenv(f"WORKBENCH_{name}", value)
        code = workshop.run(make, None, [sys.executable, "-c", PLAY, str(place)])
        left = list(Path(shelf).iterdir())
    seen = json.loads((place / "seen.json").read_text())
    yield Played(code, secrets, made[0], seen, place / "copy", left)
    shutil.rmtree(place)


def test_the_exit_code_is_passed_on(played: Played) -> None:
    """What ran in the workshop says how it went."""
    assert played.code == 7


def test_four_people_have_their_roles(tmp_path: Path) -> None:
    """Ada and Noor research, Rui reviews, Sam audits; Ada is played first."""
    command = [PROGRAMS / "workbench", "workshop", "--", "workbench", "people", "--json"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True
    )
    people = json.loads(done.stdout[done.stdout.index("\n[") :])
    roles = {person["name"]: person["roles"] for person in people}
    assert roles.pop("The exchange") == []
    assert roles == {
        "Ada": ["researcher"], "Noor": ["researcher"], "Rui": ["reviewer"], "Sam": ["auditor"],
    }  # fmt: skip


def test_ada_is_played_first(played: Played) -> None:
    """The story begins with the owner."""
    assert played.seen["who"]["id"] == "ada"


def test_no_secret_is_written(played: Played) -> None:
    """In no file of the folder is any private key, in any of the forms a key has."""
    assert sorted(played.secrets) == ["ada", "exchange", "log", "noor", "rui", "sam"]
    files = [path for path in played.copy.rglob("*") if path.is_file()]
    written = b"\0".join(path.read_bytes() for path in files)
    assert b"lab/model" in written  # the copy is of a workshop in which something was shared
    assert b"BEGIN PUBLIC KEY" in written  # public keys are there
    for name, secret in played.secrets.items():
        for form in forms(secret):
            assert form not in written, f"a secret of {name} was written"
    for mark in (b"PRIVATE KEY", b"PRIVATE+KEY", b"AGE-SECRET-KEY", b"the weights, as they are"):
        assert mark not in written


def forms(secret: bytes) -> Iterator[bytes]:
    """Return each long field of a secret, as it is and as bytes, base64 and hex of its inside."""
    fields = [value for value in json.loads(secret).values() if len(value) > 40]
    assert fields
    for value in fields:
        lines = [line for line in value.split("\n") if line and not line.startswith("-----")]
        body = "".join(lines)
        if body.startswith("PRIVATE+KEY+"):
            body = body.split("+", 4)[-1]
        yield body.encode()
        yield body[8:48].encode()
        if value.startswith("AGE-"):
            continue
        inside = base64.b64decode(body)
        yield from (inside, inside.hex().encode(), base64.urlsafe_b64encode(inside).rstrip(b"="))


def test_the_folder_is_private(played: Played) -> None:
    """Nobody else may enter it or use its socket, and the exchange in it is nobody else's."""
    modes = {name: stat.S_IMODE(mode) for name, mode in played.seen["modes"].items()}
    assert modes["."] == modes["home"] == 0o700
    assert modes["agent.sock"] == 0o600


def test_nothing_is_left(played: Played) -> None:
    """The folder vanishes with the workshop."""
    assert played.left == []
    assert not Path(played.seen["folder"]).exists()


def test_the_users_own_workplace_stays_out(played: Played) -> None:
    """Neither a team's exchange nor a passphrase of the user's reaches a workshop."""
    ours = {k: v for k, v in played.seen["environment"].items() if k.startswith("WORKBENCH_")}
    folder = played.seen["folder"]
    assert ours == {"WORKBENCH_HOME": f"{folder}/home", "WORKBENCH_AGENT": f"{folder}/agent.sock"}


def test_the_command_is_found_where_the_workbench_is(played: Played) -> None:
    """``workbench`` and ``jupyter`` in a terminal are those of this installation."""
    assert played.seen["environment"]["PATH"].split(os.pathsep)[0] == str(PROGRAMS)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_the_program_and_the_folder(number: int, shelf: Path, tmp_path: Path) -> None:
    """Told to end, it ends what it started, removes its folder, and says by which signal."""
    command = [
        PROGRAMS / "workbench",
        "workshop",
        "--",
        "sh",
        "-c",
        "echo ready $$; exec sleep 300",
    ]
    with running(command, tmp_path, environment(TMPDIR=str(shelf))) as program:
        child = int(program.hear(r"ready (\d+)")[1])
        assert len(list(shelf.iterdir())) == 1
        code = program.end(number)
    # a program that is told by SIGHUP that its terminal is gone tells its child to terminate
    assert code == 128 + (signal.SIGTERM if number == signal.SIGHUP else number)
    assert list(shelf.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_a_signal_while_people_are_set_up(shelf: Path, tmp_path: Path) -> None:
    """Told to end before anything was started, it removes its folder too."""
    command = [PROGRAMS / "workbench", "workshop", "--", "true"]
    with running(command, tmp_path, environment(TMPDIR=str(shelf))) as program:
        program.hear("setting up")
        assert program.end() in (0, 128 + signal.SIGTERM)  # 0 if it was faster than the signal
    assert list(shelf.iterdir()) == []


def test_a_program_that_is_not_there(shelf: Path) -> None:
    """It says so, and nothing is left."""
    with pytest.raises(InputError, match="nowhere cannot be started: no such file"):
        workshop.run(Workplace, None, ["nowhere"])
    assert list(shelf.iterdir()) == []


def test_a_notebook_that_is_not_there(shelf: Path, tmp_path: Path) -> None:
    """It says so before anything is set up."""
    with pytest.raises(InputError, match=r"no notebook .*missing\.ipynb"):
        workshop.run(Workplace, str(tmp_path / "missing.ipynb"), [])
    assert list(shelf.iterdir()) == []


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """What ``make lab`` starts, beside somebody else's kernel of the same name."""
    place = tmp_path_factory.mktemp("lab")
    shutil.copytree(EXAMPLES, place / "examples")
    decoy = place / "data" / "kernels" / "python3"
    decoy.mkdir(parents=True)
    spec = {"argv": ["/bin/false", "{connection_file}"], "display_name": "Another", "language": "c"}
    (decoy / "kernel.json").write_text(json.dumps(spec))
    command = [
        PROGRAMS / "workbench", "workshop", "examples/01-share-a-model.ipynb",
        "--no-browser", "--port=0", "--ServerApp.port_retries=0",
    ]  # fmt: skip
    env = environment(
        JUPYTER_DATA_DIR=str(place / "data"), JUPYTER_CONFIG_DIR=str(place / "settings")
    )
    with running(command, place, env) as program:
        yield program
        assert program.end() == 0


def test_lab_says_what_it_does_and_where(lab: Running) -> None:
    """What is set up, what becomes of the keys, how to end it, and the address with its token."""
    status = lab.ask("workbench/api/status")
    assert status["mode"] == "workshop"
    assert [person["id"] for person in status["people"]] == ["ada", "noor", "rui", "sam"]
    assert "in memory only" in status["keystore"]
    for words in ("setting up Ada, Noor, Rui", "kept in memory", "Ctrl-C ends the workshop"):
        assert words in lab.said
    assert ("You are root" in lab.said) == (os.geteuid() == 0)


def test_lab_opens_the_notebook_beside_its_data(lab: Running) -> None:
    """The page that opens is the notebook; the file browser shows the examples."""
    assert [e["name"] for e in lab.ask("api/contents/data")["content"]] == [
        "make_patients.py", "patients.csv",
    ]  # fmt: skip
    assert lab.ask("api/contents/01-share-a-model.ipynb?content=0")["type"] == "notebook"


def test_lab_uses_the_kernel_of_this_environment(lab: Running) -> None:
    """A kernel that the user once installed under the same name does not take its place."""
    spec = lab.ask("api/kernelspecs")["kernelspecs"]["python3"]["spec"]
    assert spec["display_name"] == "Python 3 (ipykernel)"


def test_lab_keeps_news_out_of_a_lesson(lab: Running) -> None:
    """Nobody is asked about news while they play."""
    settings = lab.ask("lab/api/settings/@jupyterlab/apputils-extension:notification")
    assert settings["schema"]["properties"]["fetchNews"]["default"] == "false"
