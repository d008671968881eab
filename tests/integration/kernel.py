"""A real kernel: cells sent as JupyterLab sends them, with their ids, and what came of each."""

from __future__ import annotations

import os
import queue
import re
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

__all__ = ["Kernel", "Ran", "running_kernel"]

PATIENCE = 120  # seconds; what a busy machine may need for one cell
AGAIN = 10  # seconds after which a person presses stop again
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
Message = dict[str, Any]


@dataclass(frozen=True)
class Ran:
    """One execution of a cell: its number, what it put out, how long the kernel took (s)."""

    execution: int
    outputs: tuple[Message, ...]
    seconds: float

    @property
    def printed(self) -> str:
        """What it wrote to standard output."""
        return "".join(output["text"] for output in self.outputs if output.get("name") == "stdout")

    @property
    def warned(self) -> str:
        """What it wrote to standard error."""
        return "".join(output["text"] for output in self.outputs if output.get("name") == "stderr")

    @property
    def shown(self) -> list[str]:
        """The plain text of what it displayed or evaluated to."""
        return [output["data"]["text/plain"] for output in self.outputs if "data" in output]

    @property
    def error(self) -> Message | None:
        """``ename``, ``evalue`` and ``traceback``, where it raised."""
        return next((output for output in self.outputs if "ename" in output), None)

    @property
    def traceback(self) -> str:
        """What is shown of the error, without colours; empty where there was none."""
        return COLOURS.sub("", "\n".join(self.error["traceback"])) if self.error else ""


class Kernel:
    """A started kernel; :meth:`run` waits, :meth:`send` and :meth:`wait` do it in two steps."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self._manager, self._client = manager, client

    def run(self, code: str, cell: str = "", *, store: bool = True) -> Ran:
        """Run one cell to its end.

        Raises:
            AssertionError: it said nothing for two minutes.
        """
        return self.wait(self.send(code, cell, store=store))

    def good(self, code: str, cell: str = "") -> Ran:
        """Run one cell that must not fail.

        Raises:
            AssertionError: it raised; with the traceback.
        """
        ran = self.run(code, cell)
        assert ran.error is None, ran.traceback
        return ran

    def send(self, code: str, cell: str = "", *, store: bool = True) -> str:
        """Send one cell; return the message's id."""
        content = {
            "code": code, "silent": False, "store_history": store, "user_expressions": {},
            "allow_stdin": False, "stop_on_error": False,
        }  # fmt: skip
        session = self._client.session
        message = session.msg("execute_request", content, metadata={"cellId": cell})
        self._client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def all(self, cells: Sequence[tuple[str, str]]) -> float:
        """Send cells at once, as Run All does; return the seconds until the last has run.

        Raises:
            AssertionError: one of them raised; with the traceback.
        """
        began = time.perf_counter()
        for message in [self.send(code, cell) for code, cell in cells]:
            ran = self.wait(message)
            assert ran.error is None, ran.traceback
        return time.perf_counter() - began

    def hear(self, message: str, words: str) -> None:
        """Wait until a running cell has printed ``words``."""
        while words not in self._next(message)["content"].get("text", ""):
            pass

    def wait(self, message: str) -> Ran:
        """Collect what a cell puts out until the kernel is idle again."""
        outputs = []
        while (heard := self._next(message))["content"].get("execution_state") != "idle":
            if heard["msg_type"] in ("stream", "error", "execute_result", "display_data"):
                outputs.append(heard["content"])
        reply = self._client.get_shell_msg(timeout=PATIENCE)
        while reply["parent_header"].get("msg_id") != message:
            reply = self._client.get_shell_msg(timeout=PATIENCE)
        took = reply["header"]["date"] - datetime.fromisoformat(reply["metadata"]["started"])
        number = reply["content"].get("execution_count") or 0
        return Ran(number, tuple(outputs), took.total_seconds())

    def interrupt(self, message: str) -> Ran:
        """Press the stop button until a running cell ends, as a person would; return what it did.

        Once is not always enough: Python drops an interrupt that falls into a callback from C code
        (a weak reference's, a destructor's), where nobody could catch it.
        """
        ended = threading.Event()

        def press() -> None:
            self._manager.interrupt_kernel()
            while not ended.wait(AGAIN):
                self._manager.interrupt_kernel()

        thread = threading.Thread(target=press)
        thread.start()
        try:
            return self.wait(message)
        finally:
            ended.set()
            thread.join()

    def memory(self) -> int:
        """Return the bytes that the kernel holds in memory just now (resident set)."""
        return _resident(self._manager.provisioner.process.pid)  # type: ignore[union-attr]

    def _next(self, message: str) -> Message:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                heard: Message = self._client.get_iopub_msg(timeout=PATIENCE)
            except queue.Empty:
                break
            if heard["parent_header"].get("msg_id") == message:
                return heard
        raise AssertionError("the kernel said nothing for two minutes")


@contextmanager
def running_kernel(folder: Path, env: Mapping[str, str] | None = None) -> Iterator[Kernel]:
    """Start a kernel in ``folder``, with no one's IPython profile and no workbench settings."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("WORKBENCH_")
    }
    own = {"IPYTHONDIR": str(folder / ".ipython"), "WORKBENCH_HOME": str(folder / ".home")}
    with tempfile.TemporaryDirectory(prefix="k-") as sockets:  # a socket's path must be short
        manager = KernelManager(kernel_name="python3", transport="ipc", ip=f"{sockets}/k")
        manager.start_kernel(cwd=str(folder), env={**inherited, **own, **(env or {})})
        client = manager.blocking_client()
        try:
            client.start_channels()
            client.wait_for_ready(timeout=PATIENCE)
            yield Kernel(manager, client)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


def _resident(process: int) -> int:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("this system does not say what a process holds in memory")
