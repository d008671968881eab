"""What programs and people can rely on: JSON, help, errors without colour, being stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import typer

from tests.cli.place import Executable, InProcess, executable
from tests.cli.transcript import Outcome
from tests.weights import weights
from workbench import app, cli
from workbench.stores.folder import ModelFile

PUBLISH = ["--name", "lab/m", "--version", "1.0", "--license", "MIT"]
ASK = ["--right", "retrieve", "--days", "7", "--purpose", "Compare", "--accept-terms"]
RELEASE = {"ref", "owner", "state", "terms", "holders", "sensitivity", "rights", "manifest"}
REQUEST = {"id", "state", "ref", "person", "right", "days", "purpose", "votes", "grant", "reason"}
EVENT = {"index", "kind", "at", "actor", "sentence", "reason", "policies", "details"}
DECISION = {"allowed", "action", "policies", "rationale", "advice", "alternatives", "quorum"}
GRANT = {"id", "release", "person", "right", "state", "not_before", "not_after"}


@pytest.fixture
def place(tmp_path: Path) -> InProcess:
    """Four people and a model folder."""
    here = InProcess(tmp_path)
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "weights.txt").write_text("0.25 0.5")
    for name, role in (("ada", "researcher"), ("noor", "researcher"), ("rui", "reviewer")):
        assert here.run(["init", "--name", name, "--role", role]).code == 0
    return here


def ask(place: InProcess, person: str, *words: str) -> Any:
    """Run a command with ``--json`` and return what it printed, parsed."""
    outcome = place.run(["--profile", person, *words, "--json"])
    assert (outcome.code, outcome.err) == (0, "")
    return json.loads(outcome.out)


def test_every_result_is_json_of_a_stable_shape(place: InProcess) -> None:
    """Each command's ``--json`` holds at least the fields that programs are promised."""
    published = ask(place, "ada", "publish", "model", *PUBLISH)
    assert published.keys() >= RELEASE
    assert [item.keys() >= RELEASE for item in ask(place, "noor", "catalog")] == [True]
    assert ask(place, "noor", "show", "lab/m:1.0").keys() >= RELEASE
    assert (
        ask(
            place, "noor", *["policy", "explain", "lab/m:1.0", "--right", "retrieve", "--days", "7"]
        ).keys()
        >= DECISION
    )
    request = ask(place, "noor", "request", "lab/m:1.0", *ASK)
    assert request.keys() >= REQUEST
    assert ask(place, "rui", "review", "list")[0].keys() >= REQUEST
    assert (
        REQUEST | {"evidence", "checks", "history"}
        <= ask(place, "rui", "review", "show", request["id"]).keys()
    )
    done = ask(place, "rui", "review", "approve", request["id"], "--rationale", "Good.")
    assert done["grant"].keys() >= GRANT
    assert ask(place, "noor", "requests", "list")[0].keys() >= REQUEST
    opened = ask(place, "noor", "open", "lab/m:1.0", "--to", "mine")
    assert opened.keys() == {"ref", "folder", "steps"}
    for step in [*opened["steps"], *ask(place, "noor", "verify", "mine")["steps"]]:
        assert step.keys() == {"step", "outcome", "meaning"}
    assert ask(place, "ada", "ledger", "list")[0].keys() >= EVENT
    assert ask(place, "ada", "ledger", "verify").keys() == {"size", "root"}
    proof = ask(place, "ada", "ledger", "prove", "4", "--out", "p.tlog-proof")
    assert proof.keys() == {"index", "file", "receipt"}
    assert ask(place, "ada", "ledger", "check", "p.tlog-proof").keys() >= EVENT
    assert ask(place, "rui", "revoke", done["grant"]["id"], "--rationale", "Over.").keys() >= GRANT
    assert {"id", "effect", "rationale"} <= ask(place, "ada", "policy", "check")[0].keys()
    assert {"id", "name", "roles", "devices"} <= ask(place, "ada", "people")[0].keys()
    assert ask(place, "ada", "identity", "--out", "ada.pem").keys() == {
        "file",
        "fingerprint",
        "recipient",
    }
    packed = ask(
        place, "ada", *["pack", "model", "--to", "noor", "--out", "m.share", "--name", "lab/m"]
    )
    assert packed.keys() == {"ref", "file", "manifest"}
    assert ask(place, "ada", *["retire", "lab/m:1.0", "--rationale", "Old."])["state"] == "retired"


def test_a_failed_verification_is_json_too(place: InProcess) -> None:
    """The steps that passed and the one that failed are on standard output, the words apart."""
    ask(place, "ada", *["pack", "model", "--to", "noor", "--out", "m.share", "--name", "lab/m"])
    ask(place, "noor", "open", "m.share", "--to", "mine")
    (place.folder / "mine" / "model" / "weights.txt").write_text("9")
    outcome = place.run(["--profile", "noor", "verify", "mine", "--json"])
    assert outcome.code == 3
    outcomes = {step["step"]: step["outcome"] for step in json.loads(outcome.out)["steps"]}
    assert outcomes["model signature"] == "passed"
    assert outcomes["model files"] == "failed"
    assert "'weights.txt' is not the file that was signed" in outcome.err


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Walk all commands of a command line."""
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*path, name))


TREE = dict(commands(typer.main.get_command(cli.assemble(app.open_workplace, lambda _n, _c: 0))))


@pytest.mark.parametrize("path", TREE, ids=" ".join)
def test_every_command_and_option_has_help(path: tuple[str, ...]) -> None:
    """No command, argument or option is left without words."""
    command = TREE[path]
    assert command.help
    for parameter in command.params:
        assert getattr(parameter, "help", None), parameter.name


@pytest.mark.parametrize(
    "path", [path for path, c in TREE.items() if path and not hasattr(c, "commands")], ids=" ".join
)
def test_every_command_that_prints_a_result_has_json(path: tuple[str, ...]) -> None:
    """All but the one that starts another program offer ``--json``."""
    options = {option for parameter in TREE[path].params for option in parameter.opts}
    assert ("--json" in options) is (path != ("workshop",))


class Interrupted(InProcess):
    """A place where Ctrl-C is pressed while the second model file is being read."""

    def open(self, passphrase: Any) -> app.Workplace:
        workplace = super().open(passphrase)
        files = workplace.files

        def pressing(path: Path) -> Sequence[ModelFile]:
            first, *rest = files(path)
            return [first, *(_Pressed(file) for file in rest)]

        workplace.files = pressing
        return workplace


class _Pressed:
    def __init__(self, file: ModelFile) -> None:
        self._file = file

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def open(self) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        return self._file.open()


@pytest.fixture
def listening() -> Iterator[None]:
    """Ctrl-C counts, also where the tests were started with it ignored, as in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("listening")
def test_ctrl_c_ends_with_a_sentence_and_leaves_nothing(place: InProcess) -> None:
    """Stopped in the middle of sealing: exit 130, no release, no entry in the log, no traceback."""
    (place.folder / "model" / "zz.bin").write_bytes(weights(bytes(200_000)))
    before = place.state()
    stopped = Interrupted(place.folder)
    stopped.keystores = place.keystores
    outcome = stopped.run(["--profile", "ada", "publish", "model", *PUBLISH])
    assert outcome == Outcome(
        130, "", "Stopped before it was done. What was not finished was taken back.\n"
    )
    kinds, after = place.state()
    del before[1]["store"], after["store"]  # sealed parts that nobody holds a key for may remain
    assert (kinds, after) == before
    assert place.run(["--profile", "ada", "publish", "model", *PUBLISH]).code == 0


def test_errors_have_no_colour_and_no_traceback_in_a_pipe(tmp_path: Path) -> None:
    """A program that reads the errors gets plain words; ``--version`` needs no command."""
    here = Executable(tmp_path)
    outcome = here.workbench(["catalog"])
    assert outcome.code == 2
    assert outcome.err == (
        "Cannot be done: Nobody has been set up here yet.\nRun `workbench init --name NAME`.\n"
    )
    assert here.workbench(["--version"]).code == 0
    usage = here.workbench(["request", "lab/m:1.0", "--right", "steal"])
    assert usage.code == 2
    assert "Traceback" not in usage.err + outcome.err
    assert "\x1b" not in usage.err + outcome.err


def test_a_reader_that_stops_reading_is_no_error(tmp_path: Path) -> None:
    """``workbench … | head`` ends quietly when the pipe is closed."""
    reading, writing = os.pipe()
    os.close(reading)
    policy = tmp_path / "mine.cedar"
    policy.write_text('@id("none")@rationale("No.")forbid(principal, action, resource);')
    done = subprocess.run(
        [executable(), "policy", "check", policy],
        env=Executable(tmp_path).environment,
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert done.stderr == b""
    assert done.returncode == 141
