"""A program that goes on running while a test looks at it: started, listened to, told to end."""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["ADDRESS", "PROGRAMS", "Running", "environment", "running"]

PROGRAMS = Path(sys.executable).parent
ADDRESS = re.compile(r"(http://127\.0\.0\.1:\d+)/lab\S*token=(\w+)")
PATIENCE = 400  # seconds of silence; a server takes three on an idle machine, a build longer


def environment(**changes: str) -> dict[str, str]:
    """Return an environment in which nobody configured Jupyter or the workbench."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("WORKBENCH_", "JUPYTER_"))
    }
    return {**inherited, **changes}


class Running:
    """A started program; its output is read as it comes."""

    def __init__(self, command: Sequence[str | Path], cwd: Path, env: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            command, cwd=cwd, env=env, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.said = ""
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def hear(self, pattern: re.Pattern[str] | str) -> re.Match[str]:
        """Wait for a line with ``pattern``.

        Raises:
            AssertionError: the program ended without one; with what it said.
        """
        while (line := self._lines.get(timeout=PATIENCE)) is not None:
            self.said += line
            if found := re.search(pattern, line):
                return found
        raise AssertionError(f"{pattern} was never said, but:\n{self.said[-3000:]}")

    def ask(self, path: str) -> Any:
        """Ask the Jupyter server that this program announced; return its JSON."""
        return json.loads(self.fetch(path))

    def fetch(self, path: str) -> bytes:
        """Fetch a page of the Jupyter server that this program announced."""
        if not (found := ADDRESS.search(self.said)):
            found = self.hear(ADDRESS)
        request = urllib.request.Request(  # noqa: S310 - our own server on this machine
            f"{found[1]}/{path}", headers={"Authorization": f"token {found[2]}"}
        )
        while True:
            try:
                with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
                    return bytes(answer.read())
            except urllib.error.URLError as error:
                if not isinstance(error.reason, ConnectionRefusedError):
                    raise
                self._go_on(error)  # a server says where it is a moment before it is there

    def _go_on(self, error: urllib.error.URLError) -> None:
        try:
            self.process.wait(0.1)
        except subprocess.TimeoutExpired:
            return
        raise AssertionError(f"It ended:\n{self.said[-3000:]}") from error

    def finish(self) -> None:
        """Wait until the program ends by itself.

        Raises:
            AssertionError: it failed; with what it said.
        """
        while (line := self._lines.get(timeout=PATIENCE)) is not None:
            self.said += line
        assert self.process.wait(PATIENCE) == 0, self.said[-3000:]

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal; return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@contextmanager
def running(command: Sequence[str | Path], cwd: Path, env: Mapping[str, str]) -> Iterator[Running]:
    """Run a program for a while; whatever happens, it has ended afterwards."""
    program = Running(command, cwd, env)
    try:
        yield program
    finally:
        if program.process.poll() is None:
            program.process.terminate()
            program.process.wait(PATIENCE)
