"""Other scanners over the corpus; runs in a virtual environment that has them and nothing of ours.

``scanners.py NAME INDEX`` reads a list of samples, each a list of files, and prints for each what
the scanner said: *flagged*, *silent*, or *unsure* where it gave no answer (an error, names it does
not know), and the seconds it took.
"""

from __future__ import annotations

import json
import logging
import resource
import signal
import sys
import time
from collections.abc import Callable
from importlib import import_module

LIMIT = 10  # s for one file
MEMORY = 6 << 30  # bytes of address space


def picklescan() -> Callable[[str], str]:
    """Dangerous names are flagged; names that it only does not know leave it unsure."""
    scanner = import_module("picklescan.scanner")

    def scan(path: str) -> str:
        said = scanner.scan_file_path(path)
        unsure = said.scan_err or said.suspicious_count
        return "flagged" if said.issues_count else "unsure" if unsure else "silent"

    return scan


def modelscan() -> Callable[[str], str]:
    """A file that it skips is a file about which it says nothing."""
    scanner = import_module("modelscan.modelscan").ModelScan()

    def scan(path: str) -> str:
        said = scanner.scan(path)
        return "flagged" if said["issues"] else "unsure" if said["errors"] else "silent"

    return scan


def fickling() -> Callable[[str], str]:
    """Anything above *likely safe* counts, as its own loader has it; archives by their entries."""
    loader = import_module("fickling.loader")

    def scan(path: str) -> str:
        with open(path, "rb") as file:
            zipped = file.read(4) == b"PK\x03\x04"
        said = loader.scan_zip_archive(path).values() if zipped else [loader.scan_file(path)]
        bad = [one for one in said if not one.is_safe]
        return "flagged" if bad else "unsure" if any(one.errors for one in said) else "silent"

    return scan


def judge(scan: Callable[[str], str], files: list[str]) -> tuple[str, float]:
    """Return the worst that is said about several files, and the seconds."""
    started = time.perf_counter()
    said = set()
    for path in files:
        signal.alarm(LIMIT)
        try:
            said.add(scan(path))
        except Exception:
            said.add("unsure")
        finally:
            signal.alarm(0)
    worst = next(word for word in ("flagged", "unsure", "silent") if word in said)
    return worst, time.perf_counter() - started


def _late(*_: object) -> None:
    raise TimeoutError


def main(name: str, index: str) -> None:
    """Print a JSON list of pairs."""
    logging.disable(logging.CRITICAL)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, _late)
    scan = {"picklescan": picklescan, "modelscan": modelscan, "fickling": fickling}[name]()
    with open(index) as file:
        samples = json.load(file)
    out, sys.stdout = sys.stdout, sys.stderr
    json.dump([judge(scan, sample["files"]) for sample in samples], out)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
