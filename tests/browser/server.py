"""A real ``jupyter lab`` (or ``notebook``) with token and XSRF on, among workshop people or not."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

PROGRAMS = Path(sys.executable).parent
EXAMPLES = Path(__file__).parents[2] / "examples"
_PATIENCE = 300  # seconds until a server answers, and what is done before it; a busy machine's


@dataclass(frozen=True)
class Server:
    """A running server."""

    url: str
    token: str
    folder: Path  # what the file browser shows
    log: Path

    def address(self, path: str) -> str:
        """Return the address of a page, with the token that logs the browser in."""
        return f"{self.url}/{path}{'&' if '?' in path else '?'}token={self.token}"


@contextmanager
def workshop(folder: Path, program: str = "lab", *, before: Path | None = None) -> Iterator[Server]:
    """Run ``workbench workshop`` with the examples; four people, one browser.

    ``before`` is a script that acts in the workshop before its server starts.
    """
    command = [PROGRAMS / "workbench", "workshop", "--"]
    if before is not None:
        run = f'"{sys.executable}" "{before}" && exec "$0" "$@"'
        command += ["bash", "-c", run]
    command += [PROGRAMS / "jupyter", program]
    with _serve(folder, command, {}) as server:
        yield server


@contextmanager
def personal(folder: Path, environment: dict[str, str], program: str = "lab") -> Iterator[Server]:
    """Run Jupyter as in a normal installation: one person, whose workplace is ``environment``'s."""
    with _serve(folder, [PROGRAMS / "jupyter", program], environment) as server:
        yield server


@contextmanager
def _serve(
    folder: Path, command: list[str | Path], environment: dict[str, str]
) -> Iterator[Server]:
    files = folder / "files"
    shutil.copytree(EXAMPLES, files)
    token, port = secrets.token_hex(16), _free_port()
    options = [
        "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
        "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}",
        f"--ServerApp.root_dir={files}",
    ]  # fmt: skip
    log = folder / "server.log"
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("WORKBENCH_", "JUPYTER_"))}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, *options],
            env={**kept, "JUPYTER_CONFIG_DIR": str(folder / "config"), **environment},
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    server = Server(f"http://127.0.0.1:{port}", token, files, log)
    try:
        _wait(server, process)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    """Ask until the server answers; fail with its log if it ends first."""
    request = urllib.request.Request(  # noqa: S310 - our own address
        f"{server.url}/api/status", headers={"Authorization": f"token {server.token}"}
    )
    for _ in range(_PATIENCE * 2):
        try:
            urllib.request.urlopen(request, timeout=30).close()  # noqa: S310
        except (urllib.error.URLError, OSError):
            try:
                process.wait(0.5)
            except subprocess.TimeoutExpired:
                continue
            break
        return
    pytest.fail("The server did not start:\n" + server.log.read_text()[-3000:], pytrace=False)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
