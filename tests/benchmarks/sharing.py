"""Publish and open a model, against ``model_signing`` and ``age`` on the same folder.

Each side is whole processes: what a shell would run. The same on a model of one byte tells how much
of that is the programs' start. Ours runs twice, sealing to X25519 as the peer does and to the
hybrid recipient that is the default.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.measuring import (
    BIN,
    Cost,
    Row,
    durable,
    emit,
    median,
    random_file,
    run,
    seconds,
    size,
)

PART = 16  # of the whole model; its memory shows what does not grow with the size

Costs = dict[str, list[Cost]]


class Bench:
    """A folder with a model, keys for both sides, and room for what they write."""

    def __init__(self, place: Path, count: int) -> None:
        self.place = place / str(count)
        self.model = self.place / "model"
        self.model.mkdir(parents=True)
        random_file(self.model / "model.bin", count)
        self._key, self._identity = self.place / "key.pem", self.place / "identity"
        curve = ("-name", "prime256v1")
        run("openssl", "ecparam", "-genkey", "-noout", *curve, "-out", self._key)
        run("openssl", "ec", "-in", self._key, "-pubout", "-out", self._file("public.pem"))
        run("age-keygen", "-o", self._identity)
        shown = subprocess.run(
            ["age-keygen", "-y", self._identity], capture_output=True, check=True
        )
        self._recipient = shown.stdout.decode().strip()
        self._new = self.place / "new"  # a home with keys and an exchange, before any release
        self._run("init", self._new)

    def round(self, costs: Costs, *kinds: str) -> None:
        """Measure everything once, in turns, so that a busy moment hits both sides."""
        self._peer(costs)
        self.ours(costs, *kinds)

    def ours(self, costs: Costs, *kinds: str) -> None:
        """Measure our side alone, sealing to each kind of recipient."""
        for kind in kinds:
            home = self.place / "home"
            shutil.copytree(self._new, home)
            os.sync()
            costs[f"publish {kind}"].append(self._run("publish", home, self.model, kind))
            os.sync()
            costs[f"open {kind}"].append(self._run("open", home, self._file("opened")))
            shutil.rmtree(home)
            shutil.rmtree(self._file("opened"))

    def _peer(self, costs: Costs) -> None:
        signature, sealed = self._file("model.sig"), self._file("model.age")
        signer = (BIN / "model_signing", "sign", "key", "--signature", signature)
        os.sync()
        publish = run(*signer, "--private_key", self._key, self.model)
        publish += run("age", "-r", self._recipient, "-o", sealed, self.model / "model.bin")
        costs["publish peer"].append(publish)
        costs["publish durable peer"].append(publish + durable(signature, sealed))
        os.sync()
        opened = self._file("opened")
        opened.mkdir()
        into = opened / "model.bin"
        verifier = (BIN / "model_signing", "verify", "key", "--signature", signature)
        unseal = run("age", "-d", "-i", self._identity, "-o", into, sealed)
        unseal += run(*verifier, "--public_key", self._file("public.pem"), opened)
        costs["open peer"].append(unseal)
        costs["open durable peer"].append(unseal + durable(into))
        sealed.unlink()
        shutil.rmtree(opened)

    def _run(self, verb: str, home: Path, *rest: object) -> Cost:
        return run(sys.executable, "-m", "tests.benchmarks.person", verb, home, *rest)

    def _file(self, name: str) -> Path:
        return self.place / name


def measure(count: int, rounds: int, place: Path) -> list[Row]:
    """Return the rows about publishing and opening ``count`` bytes."""
    small, part, large = Bench(place, 1), Bench(place, count // PART), Bench(place, count)
    costs: list[Costs] = [defaultdict(list) for _ in range(3)]
    part.ours(costs[1], "hybrid")
    for _ in range(rounds):
        small.round(costs[0], "hybrid")
        large.round(costs[2], "classical", "hybrid")
    for bench in (small, part, large):
        shutil.rmtree(bench.place)
    return [row for verb in ("publish", "open") for row in _rows(verb, count, costs)]


def _rows(verb: str, count: int, costs: Sequence[Costs]) -> list[Row]:
    small, part, large = costs
    peer = {"publish": "`model_signing sign`, `age`", "open": "`age -d`, `model_signing verify`"}
    what = f"{verb} {size(count)}"
    rows = [
        _row(f"{what}, X25519", large, f"{verb} classical", f"{verb} durable peer", peer[verb]),
        _row(f"{what}, hybrid", large, f"{verb} hybrid", f"{verb} durable peer", "the same"),
        _row(f"{what}, hybrid", large, f"{verb} hybrid", f"{verb} peer", "not durable"),
    ]
    ours = _seconds(large, f"{verb} hybrid") - _seconds(small, f"{verb} hybrid")
    theirs = _seconds(large, f"{verb} durable peer") - _seconds(small, f"{verb} durable peer")
    if min(ours, theirs) <= 0:  # so small a model that starting takes all the time
        return rows
    peak = max(cost.peak for cost in part[f"{verb} hybrid"])
    rows.append(
        Row(
            f"{what}, hybrid, without the programs' start",
            seconds(ours),
            f"{seconds(theirs)} durable",
            theirs / ours,
            f"{peak:.0f} MiB for {size(count // PART)}",
        )
    )
    return rows


def _row(what: str, costs: Costs, ours: str, peer: str, named: str) -> Row:
    mine, theirs = _seconds(costs, ours), _seconds(costs, peer)
    peaks = [max(cost.peak for cost in costs[name]) for name in (ours, peer)]
    memory = f"{peaks[0]:.0f} MiB (peer {peaks[1]:.0f})"
    return Row(what, seconds(mine), f"{seconds(theirs)} {named}", theirs / mine, memory)


def _seconds(costs: Costs, name: str) -> float:
    return median([cost.seconds for cost in costs[name]])


if __name__ == "__main__":
    emit(measure(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
