"""Workshop mode: four people in one browser, on keys that live in memory and end with it.

This process holds the keys and answers for them on a private socket; the Lab it starts, its kernels
and its terminals sign and open through that socket. Everything is made afresh at each start and
thrown away at the end, and the screens say so.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, Protocol

from workbench.errors import InputError
from workbench.stores import agent
from workbench.stores.contracts import Keystore
from workbench.stores.keystore import MemoryKeystore
from workbench.vocabulary import Role

__all__ = ["PEOPLE", "run"]

PEOPLE: tuple[tuple[str, str, tuple[Role, ...]], ...] = (
    ("ada", "Ada", (Role.researcher,)),
    ("noor", "Noor", (Role.researcher,)),
    ("rui", "Rui", (Role.reviewer,)),
    ("sam", "Sam", (Role.auditor,)),
)
REGION = "eu"
_ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
_SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
}


class Workplace(Protocol):
    """What a workshop uses of a workplace."""

    def init(
        self, name: str, *, display: str | None, roles: Sequence[Role], region: str
    ) -> object: ...


def run(
    make: Callable[[Path, Keystore], Workplace], notebook: str | None, arguments: Sequence[str]
) -> int:
    """Set up four people and run a program among them; return its exit code.

    The program is JupyterLab on ``notebook``, with ``arguments`` as its options; or, without a
    notebook, the command ``arguments``; or, without either, JupyterLab in the current folder.

    Raises:
        InputError: there is no such notebook, or the program cannot be started.
        Unavailable: the private folder or socket cannot be made.
    """
    if notebook is not None and not Path(notebook).is_file():
        raise InputError(f"There is no notebook {notebook}.", unchanged="Nothing was started.")
    with _until_told(), tempfile.TemporaryDirectory(prefix="workbench-workshop-") as name:
        folder = Path(name)
        keystore = MemoryKeystore()
        home = folder / "home"
        workplace = make(home, keystore)
        _say("Workshop: setting up Ada, Noor, Rui (reviewer) and Sam (auditor).")
        for person, display, roles in PEOPLE:
            workplace.init(person, display=display, roles=roles, region=REGION)
        with agent.serve(keystore, folder / "agent.sock") as server:
            server.current = PEOPLE[0][0]
            _say("Their keys are kept in memory; keys and shared models vanish when this ends.")
            return _child(_command(notebook, arguments), _environment(folder, home))


def _command(notebook: str | None, arguments: Sequence[str]) -> list[str]:
    if notebook is None and arguments:
        return list(arguments)
    command = [sys.executable, "-m", "jupyterlab", *([notebook] if notebook else []), *arguments]
    _say(f"Opening JupyterLab{f' on {notebook}' if notebook else ''}. Ctrl-C ends the workshop.")
    if os.geteuid() == 0 and "--allow-root" not in command:
        _say("You are root, so code in notebooks will be too (--allow-root); fine in a container.")
        command.append("--allow-root")
    return command


def _environment(folder: Path, home: Path) -> dict[str, str]:
    """Name the socket and the home, and keep Lab's news prompt out of a lesson.

    Nothing of the user's own workplace reaches a workshop: its throw-away keys have no business at
    a team's exchange.
    """
    config = folder / "config" / "labconfig"
    config.mkdir(parents=True)
    (config / "default_setting_overrides.json").write_text(json.dumps(_SETTINGS))
    paths = [str(config.parent), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WORKBENCH_")}
    return {
        **kept,
        "WORKBENCH_HOME": str(home),
        "WORKBENCH_AGENT": str(folder / "agent.sock"),
        "JUPYTER_CONFIG_PATH": os.pathsep.join(path for path in paths if path),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
    }


@contextmanager
def _until_told() -> Iterator[None]:
    """Clean up when told to end, at any moment; Python's own answer to SIGTERM would not."""

    def end(number: int, _frame: object) -> NoReturn:
        raise SystemExit(128 + number)

    with _answering(dict.fromkeys(_ENDING, end)):
        yield


def _child(command: list[str], environment: dict[str, str]) -> int:
    """Run a program and pass on the signals that are meant to end it; return its exit code."""
    child: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def pass_on(number: int, _frame: object) -> None:
        if number == signal.SIGINT and _in_foreground():
            return  # the terminal gave the child its own; a second one means "do not ask me"
        number = signal.SIGTERM if number == signal.SIGHUP else number
        if child is None:
            early.append(number)
        else:
            child.send_signal(number)

    with _answering(dict.fromkeys(_ENDING, pass_on)):
        try:
            child = subprocess.Popen(command, env=environment)
        except OSError as error:
            raise InputError(
                f"{command[0]} cannot be started: {(error.strerror or 'unknown reason').lower()}.",
                unchanged="The workshop was closed again.",
                hint="Give a notebook (*.ipynb), or -- and a command.",
            ) from error
        for number in early:
            child.send_signal(number)
        code = child.wait()
    return code if code >= 0 else 128 - code  # as a shell says that a signal ended a program


@contextmanager
def _answering(handlers: dict[signal.Signals, Callable[[int, object], None]]) -> Iterator[None]:
    """Answer signals in a way of our own for a while."""
    previous = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _in_foreground() -> bool:
    """Whether a terminal sends its Ctrl-C to this process and its children alike."""
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except OSError:
        return False


def _say(sentence: str) -> None:
    print(sentence, flush=True)
