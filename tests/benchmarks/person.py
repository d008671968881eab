"""One person in a process of their own, as the measured side: set up, publish or open.

Keys lie in plain files, as those of the peers do: unlocking a keystore is slow on purpose.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from tests.benchmarks.measuring import peak
from workbench.app import Workplace
from workbench.records import Terms
from workbench.services.publish import Draft
from workbench.stores.holding import MemoryKeystore

REF = "bench/model:1.0"
DRAFT = Draft.of(
    name="bench/model",
    version="1.0",
    license="Apache-2.0",
    terms=Terms(title="Terms", text="Cite us."),
)


class PlainKeys(MemoryKeystore):
    """Keys in plain files."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        for path in folder.iterdir():
            super().create(path.name, path.read_bytes())

    def create(self, name: str, secret: bytes) -> None:
        super().create(name, secret)
        (self._folder / name).write_bytes(secret)


def main(verb: str, home: Path, *rest: str) -> None:
    """Do one thing and print what it took, without the program's start, and the peak memory."""
    workplace = Workplace(home, PlainKeys(home / "keys"))
    if verb == "init":
        workplace.init("owner")
        return
    path, classical = Path(rest[0]), rest[1:] == ("classical",)
    session = workplace.session("owner")
    started = time.perf_counter()
    if verb == "publish":
        session.publish(DRAFT, workplace.files(path), classical=classical)
    else:
        session.open(REF, workplace.target(path))
    print(json.dumps({"seconds": time.perf_counter() - started, "peak": peak()}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
