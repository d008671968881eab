"""Guided by coverage: ``python -m tests.fuzz`` starts this.

The first byte of an input is the number of the name that the file goes by, the rest is the file.
"""

from __future__ import annotations

import resource
import sys
from importlib import import_module

atheris = import_module("atheris")
with atheris.instrument_imports(include=["workbench.scanning", "workbench.findings"]):
    from tests.fuzz.rules import NAMES, hold

MEMORY = 2 << 30  # bytes of address space
SLOW = 20  # s for one input
LARGEST = 8192  # bytes


def one(data: bytes) -> None:
    """Try one input."""
    if data:
        hold(NAMES[data[0] % len(NAMES)], data[1:])


def main(seconds: str, corpus: str, found: str) -> None:
    """Run until a rule breaks or the time is over."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    arguments = [sys.argv[0], f"-max_total_time={seconds}", f"-timeout={SLOW}", "-rss_limit_mb=0",
                 f"-max_len={LARGEST}", f"-artifact_prefix={found}/", corpus]  # fmt: skip
    atheris.Setup(arguments, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:4])
