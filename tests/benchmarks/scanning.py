"""Scanning the corpus, against picklescan, modelscan and fickling; large files, against reading.

The peers get a virtual environment in the benchmark's own folder, so what they need cannot disturb
what we need. *Missed* are hostile samples that a scanner finished without a word, of those that are
pickles, which all peers are for, and of all. A *false alarm* is a benign sample that it flagged;
ours counts a benign sample whose outcome is not the one that it should have. *Unsure* are samples
of both kinds without an answer: an error, ten seconds without an end, names it does not know.
"""

from __future__ import annotations

import json
import os
import pickle
import pickletools
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.measuring import MIB, Row, child, emit, median, peak, seconds, size
from tests.corpus.judging import report

PEERS = {"picklescan": "picklescan>=1.0.5,<2", "fickling": "fickling>=0.1.12,<0.2"}
if sys.version_info < (3, 13):
    PEERS["modelscan"] = "modelscan>=0.8.8,<0.9"
UNDECLARED = "typing_extensions"  # fickling imports it
PIECE = 16 * MIB
PARTS = 100_000
PICKLES = {
    *("opcodes", "frames", "quiet", "names", "nested", "containers", "science", "learning"),
    *("held", "closure", "endless"),
}  # families of plain pickles; those that are wrapped are left out
SCANNERS = Path(__file__).with_name("scanners.py")


def measure(count: int, pickled: int, tensors: int, rounds: int, place: Path) -> list[Row]:
    """Return the rows: ``count`` samples at most, and large files of so many bytes."""
    index = place / "index.json"
    child("corpus", count, place / "corpus", index)
    samples = json.loads(index.read_text())
    ours = _counted(samples, child("scanning", "ours", index))
    rows = []
    python = _environment(place / "peers")
    for name in PEERS:
        print(f"  {name}", file=sys.stderr, flush=True)
        done = subprocess.run([python, SCANNERS, name, index], stdout=subprocess.PIPE, check=True)
        rows.append(_against(name, ours, _counted(samples, json.loads(done.stdout))))
    for what, kind, length in (("pickle", "model.pkl", pickled),
                               ("safetensors file", "model.safetensors", tensors)):  # fmt: skip
        child("scanning", f"write-{what.split()[0]}", place / kind, length)
        rows.append(_large(f"{what} of {size(length)}", place / kind, rounds))
        (place / kind).unlink()
    rows.append(_parts(place / "parts.pkl", rounds))
    return rows


def _environment(folder: Path) -> Path:
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", UNDECLARED, *PEERS.values()]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"The peers cannot be installed: {done.stderr}")
    return python


def _counted(samples: Sequence[Any], verdicts: Sequence[Any]) -> dict[str, Any]:
    """Count what was said of hostile and of benign samples; milliseconds are medians."""
    said = [(sample["hostile"], _pickled(sample["name"]), word)
            for sample, (word, _) in zip(samples, verdicts, strict=True)]  # fmt: skip
    return {
        "hostile": sum(hostile for hostile, _, _ in said),
        "pickles": sum(hostile and pickled for hostile, pickled, _ in said),
        "benign": sum(not hostile for hostile, _, _ in said),
        "missed": said.count((True, True, "silent")) + said.count((True, False, "silent")),
        "missed pickles": said.count((True, True, "silent")),
        "false": sum(not hostile and word == "flagged" for hostile, _, word in said),
        "unsure": sum(word == "unsure" for *_, word in said),
        "seconds": median([took for _, took in verdicts]),
    }


def _pickled(name: str) -> bool:
    return name.partition("/")[0] in PICKLES


def _against(name: str, ours: dict[str, Any], theirs: dict[str, Any]) -> Row:
    def said(counts: dict[str, Any]) -> str:
        return (
            f"missed {counts['missed pickles']} pickles, {counts['missed']} in all,"
            f" false alarms {counts['false']}, unsure {counts['unsure']}"
        )

    what = (
        f"scan {ours['hostile']} hostile ({ours['pickles']} pickles) and {ours['benign']} benign"
        " models, each"
    )
    return Row(
        what,
        f"{seconds(ours['seconds'])}; {said(ours)}",
        f"{seconds(theirs['seconds'])} {name}; {said(theirs)}",
        theirs["seconds"] / ours["seconds"],
    )


def _large(what: str, path: Path, rounds: int) -> Row:
    scans, reads, peaks = [], [], []
    for _ in range(rounds):
        reads.append(child("scanning", "read", path)["seconds"])
        found = child("scanning", "scan", path)
        scans.append(found["seconds"])
        peaks.append(found["peak"])
    ours, theirs = median(scans), median(reads)
    return Row(f"scan a {what}", seconds(ours), f"{seconds(theirs)} reading it", theirs / ours,
               f"{max(peaks):.0f} MiB")  # fmt: skip


def _parts(path: Path, rounds: int) -> Row:
    """Return the row for a pickle of many small parts, which is where the work is."""
    child("scanning", "write-parts", path, PARTS)
    scans = [child("scanning", "scan", path) for _ in range(rounds)]
    listed = median([child("scanning", "list", path)["seconds"] for _ in range(rounds)])
    took = median([one["seconds"] for one in scans])
    what = f"scan a pickle of {PARTS:,} records, {size(path.stat().st_size)}"
    return Row(what, seconds(took), f"{seconds(listed)} pickletools.genops", listed / took,
               f"{max(one['peak'] for one in scans):.0f} MiB")  # fmt: skip


# In processes of their own --------------------------------------------------------------------


def ours(index: Path) -> list[tuple[str, float]]:
    """Scan each sample; say it as the peers do."""
    verdicts = []
    for sample in json.loads(index.read_text()):
        started = time.perf_counter()
        said = str(report([Path(path) for path in sample["files"]], Path(sample["folder"])).outcome)
        took = time.perf_counter() - started
        flagged = said == "unsafe" if sample["hostile"] else said not in sample["wanted"]
        verdicts.append(("flagged" if flagged else "silent", took))
    return verdicts


def write_pickle(path: Path, length: int) -> None:
    """Write a pickle of random bytes in pieces, as models with large arrays are."""
    with path.open("wb") as file:
        pickler = pickle.Pickler(file, 4)
        pickler.fast = True
        pickler.dump(_Pieces(length))


class _Pieces(list[bytes]):
    """A list that is made while it is written, so that it need not fit into memory."""

    def __init__(self, length: int) -> None:
        super().__init__()
        self.length = length

    def __reduce__(self) -> Any:
        return list, (), None, self._pieces()

    def _pieces(self) -> Iterator[bytes]:
        for start in range(0, self.length, PIECE):
            yield os.urandom(min(PIECE, self.length - start))


def write_parts(path: Path, count: int) -> None:
    """Write a pickle of many small lists, tuples, dictionaries and texts."""
    rows = [[f"p{n}", (n, n / 7), {"age": n % 90, "ok": n % 2 == 0}, [n]] for n in range(count)]
    path.write_bytes(pickle.dumps(rows, 4))


def list_parts(path: Path) -> dict[str, float]:
    """List the instructions of a pickle, without any meaning."""
    content = path.read_bytes()
    started = time.perf_counter()
    for _ in pickletools.genops(content):
        pass
    return {"seconds": time.perf_counter() - started}


def write_safetensors(path: Path, length: int) -> None:
    """Write a safetensors file of one tensor; its numbers are a hole in the file."""
    header = json.dumps({"w": {"dtype": "U8", "shape": [length], "data_offsets": [0, length]}})
    with path.open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header.encode())
        file.truncate(8 + len(header) + length)


def read(path: Path) -> dict[str, float]:
    """Read a file from its beginning to its end."""
    started = time.perf_counter()
    with path.open("rb", buffering=0) as file:
        while file.read(MIB):
            pass
    return {"seconds": time.perf_counter() - started, "peak": peak()}


def scan(path: Path) -> dict[str, float]:
    """Scan one file."""
    started = time.perf_counter()
    found = report([path], path.parent)
    if str(found.outcome) == "unsafe":
        sys.exit(f"{path.name} was found unsafe: {found.files[0].reason}")
    return {"seconds": time.perf_counter() - started, "peak": peak()}


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "measure":
        emit(measure(*map(int, rest[:4]), Path(rest[4])))
    elif what.startswith("write-"):
        writers = {"pickle": write_pickle, "safetensors": write_safetensors, "parts": write_parts}
        writers[what.removeprefix("write-")](Path(rest[0]), int(rest[1]))
        print("null")
    else:
        print(
            json.dumps(
                {"ours": ours, "read": read, "list": list_parts, "scan": scan}[what](Path(rest[0]))
            )
        )
