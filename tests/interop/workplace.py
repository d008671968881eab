"""One person's own installation, used as that person would: by the command line."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from random import Random

from tests.interop.peers import PASSPHRASE, run
from tests.weights import weights

__all__ = ["BIN", "FILES", "Installation", "save"]

BIN = Path(sys.executable).parent
FILES: Mapping[str, bytes] = {
    "config.json": b'{"layers": 2}',
    "weights.bin": weights(Random(7).randbytes(200_000)),
    "weights/part.bin": b"",
}


def save(folder: Path, files: Mapping[str, bytes] = FILES) -> Path:
    """Write a model folder."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


class Installation:
    """A home folder whose keys lie in a keystore file, as on a machine without a keyring."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {
            **{name: text for name, text in os.environ.items() if "WORKBENCH" not in name},
            "WORKBENCH_HOME": str(home),
            "WORKBENCH_PASSPHRASE": PASSPHRASE,
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        }

    def workbench(self, *arguments: str | Path) -> bytes:
        """Run one command."""
        return run([BIN / "workbench", *arguments], environment=self.environment)

    @property
    def store(self) -> Path:
        """The exchange's OCI image layout."""
        return self.home / "exchange" / "store"
