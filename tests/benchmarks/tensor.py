"""The first tensor of a sealed safetensors file, against decrypting all of it with ``age``.

The file is written here: eight bytes with the header's length, the header in JSON, the tensors.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from pathlib import Path

from tests.benchmarks.measuring import Row, child, emit, median, peak, run, seconds, size
from workbench.crypto import age

TENSORS = 64


def measure(count: int, rounds: int, place: Path) -> list[Row]:
    """Return the rows about a file of about ``count`` bytes."""
    sealed, identity, opened = place / "tensors.age", place / "tensors.key", place / "tensors.out"
    child("tensor", "make", sealed, identity, count)
    ours, inside, peaks, theirs = [], [], [], []
    for _ in range(rounds):
        theirs.append(run("age", "-d", "-i", identity, "-o", opened, sealed).seconds)
        opened.unlink()
        started = time.perf_counter()
        found = child("tensor", "first", sealed, identity)
        ours.append(time.perf_counter() - started)
        inside.append(found["seconds"])
        peaks.append(found["peak"])
    sealed.unlink()
    what = f"first tensor ({count // TENSORS // 1024:,} KiB) of {size(count)}"
    peer = median(theirs)
    memory = f"{max(peaks):.0f} MiB"
    return [
        Row(f"{what}, whole process", seconds(median(ours)), f"{seconds(peer)} `age -d`",
            peer / median(ours), memory),
        Row(f"{what}, in a running kernel", seconds(median(inside)), "the same",
            peer / median(inside), memory),
    ]  # fmt: skip


def make(sealed: Path, identity: Path, count: int) -> None:
    """Write a sealed safetensors file of 64 equal tensors, and the identity that opens it."""
    each = count // TENSORS // 4 * 4
    header = json.dumps(
        {
            f"layer.{number}": {
                "dtype": "F32",
                "shape": [each // 4],
                "data_offsets": [number * each, (number + 1) * each],
            }
            for number in range(TENSORS)
        }
    ).encode()
    key = age.X25519Identity.generate(secrets.token_bytes)
    identity.write_text(f"{key}\n")
    plain = sealed.with_suffix(".safetensors")
    with plain.open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        for _ in range(TENSORS):
            file.write(os.urandom(each))
    with plain.open("rb") as source, sealed.open("wb") as target:
        age.encrypt(source, target, [key.recipient], random=secrets.token_bytes)
    plain.unlink()
    print("null")


def first(sealed: Path, identity: Path) -> None:
    """Read the first tensor and print what it took."""
    key = age.parse_identity(identity.read_text().strip())
    started = time.perf_counter()
    with sealed.open("rb") as file:
        reader = age.AgeReader(file, [key])
        header = json.loads(reader.read(int.from_bytes(reader.read(8), "little")))
        begin, end = header["layer.0"]["data_offsets"]
        tensor = reader.read(end - begin)
    took = time.perf_counter() - started
    if len(tensor) != end - begin:
        sys.exit("the tensor is not whole")
    print(json.dumps({"seconds": took, "peak": peak()}))


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
    elif sys.argv[1] == "first":
        first(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        emit(measure(int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])))
