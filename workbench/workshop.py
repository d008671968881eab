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
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from workbench.records import Role
from workbench.stores import agent
from workbench.stores.contracts import Keystore
from workbench.stores.keystore import MemoryKeystore

__all__ = ["PEOPLE", "run"]

PEOPLE: tuple[tuple[str, str, tuple[Role, ...]], ...] = (
    ("ada", "Ada", (Role.researcher,)),
    ("noor", "Noor", (Role.researcher,)),
    ("rui", "Rui", (Role.reviewer,)),
    ("sam", "Sam", (Role.auditor,)),
)
REGION = "eu"
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
    make: Callable[[Path, Keystore], Workplace], notebook: str | None, command: Sequence[str]
) -> int:
    """Set up four people and run ``command`` (by default JupyterLab on ``notebook``) among them.

    Returns the command's exit code.

    Raises:
        Unavailable: the private folder or socket cannot be made.
    """
    with tempfile.TemporaryDirectory(prefix="workbench-workshop-") as name:
        folder = Path(name)
        keystore = MemoryKeystore()
        home = folder / "home"
        workplace = make(home, keystore)
        print("Workshop: setting up Ada, Noor, Rui (reviewer) and Sam (auditor).", flush=True)
        for person, display, roles in PEOPLE:
            workplace.init(person, display=display, roles=roles, region=REGION)
        with agent.serve(keystore, folder / "agent.sock") as server:
            server.current = PEOPLE[0][0]
            print("Keys are kept in memory and vanish when this ends.", flush=True)
            return _child(_command(notebook, command), _environment(folder, home))


def _command(notebook: str | None, command: Sequence[str]) -> list[str]:
    if command:
        return list(command)
    return [sys.executable, "-m", "jupyterlab", *([notebook] if notebook else [])]


def _environment(folder: Path, home: Path) -> dict[str, str]:
    """Name the socket and the home, and keep Lab's news prompt out of a lesson."""
    config = folder / "config" / "labconfig"
    config.mkdir(parents=True)
    (config / "default_setting_overrides.json").write_text(json.dumps(_SETTINGS))
    paths = [str(config.parent), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    return {
        **os.environ,
        "WORKBENCH_HOME": str(home),
        "WORKBENCH_AGENT": str(folder / "agent.sock"),
        "JUPYTER_CONFIG_PATH": os.pathsep.join(path for path in paths if path),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
    }


def _child(command: list[str], environment: dict[str, str]) -> int:
    """Run a program and pass on the signals that are meant to end it."""
    child = subprocess.Popen(command, env=environment)

    def pass_on(number: int, _frame: object) -> None:
        child.send_signal(number)

    previous = {
        number: signal.signal(number, pass_on) for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        return child.wait()
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
