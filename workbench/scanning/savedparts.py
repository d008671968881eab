"""Small companions of models: parts of a TensorFlow SavedModel, and SentencePiece vocabularies."""

from __future__ import annotations

from itertools import islice
from typing import BinaryIO

from workbench.findings.scan import Outcome
from workbench.scanning.contract import Budget, Scan
from workbench.scanning.documents import parsed
from workbench.scanning.keras_config import check_config
from workbench.scanning.protobuf import (
    BYTES,
    FIXED32,
    FIXED64,
    MAX_FIELDS,
    VARINT,
    Field,
    fields,
    text,
)
from workbench.scanning.streams import Malformed, size_of, tail

__all__ = ["scan_saved_part"]

_TABLE_END = bytes.fromhex("57fb808b247547db")  # of a table of LevelDB, which the index is
_FINGERPRINT = 512  # bytes; six numbers and a version


def scan_saved_part(stream: BinaryIO, budget: Budget, place: str) -> Scan | None:
    """Return what was found in such a file; none if it is something else."""
    if tail(stream, 8) == _TABLE_END and size_of(stream) >= 48:
        return Scan("tensorflow index", reason="It lists names and places of numbers only.")
    try:
        outer = list(islice(fields(stream, 0, size_of(stream), budget), MAX_FIELDS))
        if len(outer) == MAX_FIELDS:
            return None
        if _is_fingerprint(outer, size_of(stream)):
            return Scan("tensorflow fingerprint", reason="It holds a few numbers only.")
        if _is_vocabulary(stream, outer, budget):
            return Scan("sentencepiece", reason="It lists words and their weights only.")
        if outer and all((f.number, f.wire) == (1, BYTES) for f in outer):
            return _layers(stream, outer, place, budget)
    except Malformed:
        return None
    return None


def _is_fingerprint(outer: list[Field], size: int) -> bool:
    kinds = {(f.number, f.wire) for f in outer}
    numbers = {(n, wire) for n in range(1, 6) for wire in (VARINT, FIXED64)}
    return (
        0 < size <= _FINGERPRINT and len(kinds) >= 3 and kinds <= numbers | {(6, BYTES), (7, BYTES)}
    )


def _is_vocabulary(stream: BinaryIO, outer: list[Field], budget: Budget) -> bool:
    """Tell whether it is a tokeniser of SentencePiece (sentencepiece_model.proto): pieces first."""
    pieces = [f for f in outer if f.number == 1]
    settings = {f.number for f in outer} - {1}
    if not pieces or not settings or not settings <= {2, 3, 4, 5}:
        return False
    known = {(1, BYTES), (2, FIXED32), (3, VARINT)}
    return all(f.wire == BYTES for f in outer) and all(
        {(one.number, one.wire) for one in fields(stream, f.start, f.size, budget)} <= known
        for f in pieces
    )


def _layers(stream: BinaryIO, outer: list[Field], place: str, budget: Budget) -> Scan | None:
    """Check the layers that Keras describes in ``keras_metadata.pb`` (saved_metadata.proto)."""
    scan = Scan("keras metadata")
    scan.worsen(Outcome.allowed, "It names only layers that come with Keras.")
    seen = False
    for node in outer:
        for field in fields(stream, node.start, node.size, budget):
            if (field.number, field.wire) != (5, BYTES):
                continue
            said = text(stream, field)
            if not said.startswith("{"):
                return None
            seen = True
            for found in check_config(parsed(said.encode()), place, budget):
                scan.add(found)
    return scan if seen else None
