"""The ledger against pymerkle: the tree alone in memory, then both kept in SQLite.

In SQLite ours keeps whole events with salts and signs a checkpoint per batch; pymerkle keeps bytes
and their hashes. Its proofs from SQLite take longer the larger the tree is, so they are measured on
a smaller one; ours on both.
"""

from __future__ import annotations

import json
import random
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from pymerkle import InmemoryTree, SqliteTree

from tests.benchmarks.measuring import Row, child, emit, median, peak, per_second, rate, seconds
from workbench.crypto.keys import LogSecret
from workbench.ledger import merkle
from workbench.ledger.checkpoint import CheckpointSigner
from workbench.records import Event
from workbench.stores.database import DatabaseRecords

BATCH = 10_000
PROOFS = 21
Found = dict[str, float]


def measure(entries: int, peer_entries: int, place: Path) -> list[Row]:
    """Return the rows; both kinds run in a process of their own."""
    tree = child("ledger", "memory", entries, peer_entries, place)
    kept = child("ledger", "sqlite", entries, peer_entries, place)
    memory = f"{tree['peak']:.0f} MiB (peer {tree['peer peak']:.0f})"
    rows = [_append(f"append {entries:,} leaves, tree in memory", tree, "InmemoryTree", memory)]
    rows += [
        _proof(f"{kind} proof at {entries:,}, tree in memory", tree, kind, "InmemoryTree")
        for kind in ("inclusion", "consistency")
    ]
    memory = f"{kept['peak']:.0f} MiB"
    rows.append(_append(f"append {entries:,} events, SQLite", kept, "SqliteTree, bytes", memory))
    for kind in ("inclusion", "consistency"):
        same = f"{kind} proof at {peer_entries:,}, SQLite"
        rows.append(_proof(same, kept, f"{kind} small", "SqliteTree", kind))
        large = f"{kind} proof at {entries:,}, SQLite"
        rows.append(_proof(large, kept, kind, f"SqliteTree at {peer_entries:,}"))
    return rows


def _append(what: str, found: Found, peer: str, memory: str) -> Row:
    ours, theirs = found["append"], found["peer append"]
    return Row(what, per_second(ours), f"{per_second(theirs)} {peer}", ours / theirs, memory)


def _proof(what: str, found: Found, ours: str, peer: str, theirs: str = "") -> Row:
    mine, other = found[ours], found[f"peer {theirs or ours}"]
    return Row(what, seconds(mine), f"{seconds(other)} {peer}", other / mine)


def in_memory(entries: int) -> Found:
    """Append and prove on bare trees."""
    nodes: dict[merkle.Node, bytes] = {}

    def fetch(wanted: object) -> list[bytes]:
        return [nodes[node] for node in wanted]  # type: ignore[attr-defined]  # a sequence of nodes

    def grow() -> None:
        for start, stop in _batches(entries):
            leaves = [merkle.leaf_hash(_entry(index)) for index in range(start, stop)]
            nodes.update(merkle.append(fetch, start, leaves))

    found = {"append": rate(entries, grow), "peak": peak()}
    peer = InmemoryTree()
    found["peer append"] = rate(
        entries, lambda: [peer.append_entry(_entry(index)) for index in range(entries)]
    )
    found["peer peak"] = peak()
    if peer.get_root() != merkle.root(fetch, entries):
        sys.exit("pymerkle has another root")
    found["inclusion"] = _each(entries, lambda n: merkle.inclusion(fetch, n, entries))
    found["consistency"] = _each(entries, lambda n: merkle.consistency(fetch, n, entries))
    found["peer inclusion"] = _each(entries, lambda n: peer.prove_inclusion(n + 1, entries))
    found["peer consistency"] = _each(entries, lambda n: peer.prove_consistency(n, entries))
    return found


def in_sqlite(entries: int, peer_entries: int, place: Path) -> Found:
    """Append and prove where everything is kept in a database file."""
    log = LogSecret.generate("bench.invalid/log", secrets.token_bytes)
    signer = CheckpointSigner(log.origin, log.verifier, log.sign_raw)
    records = DatabaseRecords(f"sqlite:///{place / 'ledger.db'}", signer, secrets.token_bytes)
    now = datetime.now(UTC).replace(microsecond=0)
    event = Event(kind="opened", at=now, actor="bench", device="0" * 64)

    def grow() -> None:
        for start, stop in _batches(entries):
            with records.writing() as writing:
                for _ in range(start, stop):
                    writing.append(event)

    found = {"append": rate(entries, grow), "peak": peak()}
    for name, size in (("", entries), (" small", peer_entries)):
        found[f"inclusion{name}"] = _each(
            size, lambda n, size=size: merkle.inclusion(records.hashes, n, size)
        )
        found[f"consistency{name}"] = _each(
            size, lambda n, size=size: merkle.consistency(records.hashes, n, size)
        )
    records.close()
    return found | _peer_in_sqlite(entries, peer_entries, place)


def _peer_in_sqlite(entries: int, peer_entries: int, place: Path) -> Found:
    found: Found = {}
    with SqliteTree(str(place / "all.db")) as peer:

        def grow() -> None:
            for start, stop in _batches(entries):
                peer.append_entries([_entry(index) for index in range(start, stop)])

        found["peer append"] = rate(entries, grow)
    with SqliteTree(str(place / "some.db")) as peer:
        peer.append_entries([_entry(index) for index in range(peer_entries)])
        last = peer_entries
        found["peer inclusion"] = _each(last, lambda n: peer.prove_inclusion(n + 1, last))
        found["peer consistency"] = _each(last, lambda n: peer.prove_consistency(n, last))
    return found


def _entry(index: int) -> bytes:
    return index.to_bytes(32, "big")


def _batches(entries: int) -> Iterator[tuple[int, int]]:
    for start in range(0, entries, BATCH):
        yield start, min(start + BATCH, entries)


def _each(size: int, work: Callable[[int], object]) -> float:
    """Return the median seconds of ``work`` at places spread over the tree."""
    chosen = random.Random(2).sample(range(1, size), PROOFS)
    times = []
    for place in chosen:
        started = time.perf_counter()
        work(place)
        times.append(time.perf_counter() - started)
    return median(times)


if __name__ == "__main__":
    sizes, folder = (int(sys.argv[2]), int(sys.argv[3])), Path(sys.argv[4])
    if sys.argv[1] == "memory":
        print(json.dumps(in_memory(sizes[0])))
    elif sys.argv[1] == "sqlite":
        print(json.dumps(in_sqlite(*sizes, folder)))
    else:
        emit(measure(*sizes, folder))
