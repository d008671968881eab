"""Processes and their cost, medians, and the table they end in."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.weights import header

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
MIB = 1024 * 1024
# The peers were installed with their bytecode; ours, run from its source, keeps its own as well.
_ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
_FLAGS = ("sha_ni", "aes", "avx2", "avx512f", "sha2", "asimd")  # what the ciphers and hashes use


@dataclass(frozen=True)
class Row:
    """One line of the table; ``ratio`` is how many times faster ours is."""

    what: str
    ours: str
    peer: str
    ratio: float
    memory: str = ""


@dataclass(frozen=True)
class Cost:
    """What one or several processes in a row took: seconds, and the largest one's peak in MiB.

    The peak includes this process's own size at the time, so whoever calls must be small.
    """

    seconds: float
    peak: float

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.seconds + other.seconds, max(self.peak, other.peak))


def run(*command: object, quiet: bool = True) -> Cost:
    """Run a program to its end."""
    out = subprocess.DEVNULL if quiet else None
    started = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command], stdout=out, stderr=out, cwd=ROOT, env=_ENVIRONMENT
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{Path(str(command[0])).name} ended with {process.returncode}: {command[1:]}")
    return Cost(seconds, usage.ru_maxrss / 1024)


def child(module: str, *arguments: object) -> Any:
    """Run a module of ours in a process of its own; return the JSON it prints."""
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, cwd=ROOT, check=True)
    return json.loads(done.stdout)


def emit(rows: Sequence[Row]) -> None:
    """Print rows for :func:`child`."""
    print(json.dumps([asdict(row) for row in rows]))


def durable(*paths: Path) -> Cost:
    """Bring files to the disk, which the peers leave to the system."""
    started = time.perf_counter()
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    return Cost(time.perf_counter() - started, 0)


def rate(count: int, work: Callable[[], object]) -> float:
    """Return how often per second ``work``, which does ``count`` things, does one."""
    started = time.perf_counter()
    work()
    return count / (time.perf_counter() - started)


def median(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def peak() -> float:
    """Return the largest size this process has had, in MiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("this system does not tell a process's peak memory")


def seconds(value: float) -> str:
    """Write a time."""
    if value >= 1:
        return f"{value:.2f} s"
    return f"{value * 1000:.3g} ms" if value >= 0.001 else f"{value * 1e6:.3g} µs"


def per_second(value: float) -> str:
    """Write a rate."""
    return f"{value:,.0f}/s"


def size(count: int) -> str:
    """Write a number of bytes."""
    for unit, name in ((1024 * MIB, "GiB"), (MIB, "MiB"), (1024, "KiB")):
        if count >= unit:
            return f"{count // unit} {name}"
    return f"{count} B"


def random_file(path: Path, count: int) -> None:
    """Write a tensor of ``count`` random bytes, durably."""
    with path.open("wb") as file:
        file.write(header(count))
        for start in range(0, count, MIB):
            file.write(os.urandom(min(MIB, count - start)))
        file.flush()
        os.fsync(file.fileno())


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = ["| what | ours | peer | ratio | memory |", "|---|---|---|---|---|"]
    for row in rows:
        shown = (row.what, row.ours, row.peer, times(row.ratio), row.memory)
        lines.append(f"| {' | '.join(shown)} |")
    return "\n".join(lines)


def times(ratio: float) -> str:
    """Write a ratio with two digits that mean something."""
    return f"{ratio:,.0f}×" if ratio >= 20 else f"{ratio:.2g}×"


def machine() -> str:
    """Return what matters about the machine and the peers; no names."""
    try:
        found = set(Path("/proc/cpuinfo").read_text().split())
    except OSError:
        found = set()
    flags = ", ".join(flag for flag in _FLAGS if flag in found) or "unknown"
    age = subprocess.run(["age", "--version"], capture_output=True, text=True, check=True)
    peers = [f"{name} {version(name)}" for name in ("model-signing", "pymerkle", "cedarpy")]
    return (
        f"{len(os.sched_getaffinity(0))} cores ({platform.machine()}; {flags}),"
        f" {platform.system()} {platform.release().split('-')[0]},"
        f" Python {platform.python_version()}, age {age.stdout.strip().removeprefix('v')},"
        f" {', '.join(peers)}"
    )
