"""Fuzz the scanner for so many seconds: ``python -m tests.fuzz SECONDS [FOLDER]``.

What breaks it is kept in ``FOLDER/found`` as the exact bytes and printed; the exit code is then 1.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from tests.fuzz.seeds import plant

ROOT = Path(__file__).parents[2]
LEAST = 30  # s more than was asked for, to start and to stop


def main(duration: str = "60", folder: str = "") -> int:
    """Plant the seeds, run the driver in a process of its own, show what it found."""
    if find_spec("atheris") is None:
        sys.exit("Fuzzing needs atheris: pip install atheris")
    with tempfile.TemporaryDirectory(prefix="fuzz-") as temporary:
        place = Path(folder or temporary)
        corpus, found = place / "corpus", place / "found"
        for path in (corpus, found):
            path.mkdir(parents=True, exist_ok=True)
        plant(corpus)
        driver = [sys.executable, "-m", "tests.fuzz.fuzz_scanning", duration, corpus, found]
        status = subprocess.run(driver, cwd=ROOT, timeout=int(duration) + LEAST, check=False)
        for path in sorted(found.iterdir()):
            data = path.read_bytes()
            print(f"{path.name}: {data[:400]!r}{' …' if len(data) > 400 else ''}")
        return 1 if status.returncode or any(found.iterdir()) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
