"""Build the corpus for the scanners: ``corpus COUNT FOLDER INDEX``, evenly so many samples of it.

In a process of its own: the libraries that fit the benign models would count as the scanner's.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.corpus.everything import benign, hostile
from tests.corpus.judging import wanted
from tests.corpus.sample import Hostile, built


def build(count: int, folder: Path) -> list[dict[str, object]]:
    """Write samples below a folder; return what is known of each."""
    every = len(hostile()) + len(benign())
    step = max(1, every // count)
    return [
        {
            "name": sample.name,
            "hostile": isinstance(sample, Hostile),
            "wanted": sorted(wanted(sample)),
            "folder": str(folder / sample.name),
            "files": [str(path) for path in built(sample, folder)],
        }
        for samples in (hostile(), benign())
        for sample in samples[::step]
    ]


if __name__ == "__main__":
    Path(sys.argv[3]).write_text(json.dumps(build(int(sys.argv[1]), Path(sys.argv[2]))))
    print("null")
