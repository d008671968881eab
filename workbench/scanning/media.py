"""Pictures and tables, which nothing runs; but for a type of column that is unpickled."""

from __future__ import annotations

from base64 import b64encode
from typing import BinaryIO

from workbench.scanning.contract import Budget, Scan, finding
from workbench.scanning.kinds import MEDIA
from workbench.scanning.streams import head, tail

__all__ = ["scan_media"]

_TABLES = {"parquet", "arrow", "feather"}
_PIECE = 1 << 20
_SPARE = 16  # zeros that programs leave behind a photograph
# A type that pyarrow before 14.0.1 makes by unpickling what stands beside its name, as soon as the
# file is opened (CVE-2023-47248). Parquet keeps the names of types in base64, which three bytes
# at a time come out of: so there are three ways to write it.
_TYPE = b"arrow.py_extension_type"
_WRITTEN = (_TYPE, *(b64encode(bytes(before) + _TYPE)[4:-4] for before in range(3)))


def scan_media(stream: BinaryIO, place: str, budget: Budget) -> Scan:
    """Return what was found: whether it ends as it should, and no column would be unpickled.

    Raises:
        Exhausted: as the budget says.
    """
    start = head(stream, 8)
    kind, end = next((kind, end) for magic, kind, end in MEDIA if start.startswith(magic))
    scan = Scan(kind, reason="It is a picture or a table, and cannot run code.")
    last = tail(stream, len(end) + _SPARE)
    if not (last.rstrip(b"\0") if kind == "jpeg" else last).endswith(end):
        why = "It does not end as it should: there may be something after its end."
        scan.add(finding("damaged", place, kind, why, remedy="Save it again."))
    if kind in _TABLES and _is_pickled(stream, budget):
        why = "A column is of a type that older versions of pyarrow unpickle."
        remedy = "Write the table again with plain columns."
        scan.add(finding("arrow-pickle", place, _TYPE.decode(), why, remedy=remedy))
    return scan


def _is_pickled(stream: BinaryIO, budget: Budget) -> bool:
    stream.seek(0)
    kept = b""
    while piece := stream.read(_PIECE):
        budget.spend(1 + len(piece) // 4096)
        piece = kept + piece
        if any(written in piece for written in _WRITTEN):
            return True
        kept = piece[-64:]
    return False
