"""safetensors files: a JSON header, and numbers that it accounts for to the last byte.

The format's own rules are kept strictly, see ``tensor_table``. Only the header is read, so size
does not matter.
"""

from __future__ import annotations

import re
from typing import BinaryIO

from workbench.findings.finding import Level
from workbench.scanning.contract import Budget, Scan, finding
from workbench.scanning.streams import Malformed
from workbench.scanning.tensor_table import length, table

__all__ = ["is_safetensors", "scan_safetensors"]

_LARGE = 64 << 10  # characters of metadata; what is usual are a few names
_PACKED = re.compile(r"(?:gA[JQRSU]|H4sI|UEsDB|eJ[wyzx])[A-Za-z0-9+/_-]{12}")


def is_safetensors(start: bytes, total: int) -> bool:
    """Tell whether a stream with these first nine bytes is read as safetensors."""
    return len(start) >= 9 and start[8:9] == b"{" and 0 < length(start) <= total - 8


def scan_safetensors(stream: BinaryIO, place: str, budget: Budget) -> Scan:
    """Return what was found: whether the header is exact, and what else it carries."""
    scan = Scan("safetensors", reason="It holds plain numbers only, and cannot run code.")
    try:
        note = _check_metadata(table(stream, each=budget.spend).metadata)
    except Malformed as error:
        scan.add(
            finding(
                "damaged",
                place,
                "safetensors header",
                f"It is not a proper safetensors file: {error}.",
                remedy="Save the model again.",
            )
        )
        return scan
    if note:
        what, why = note
        remedy = "Look at the metadata, and leave out what need not be there."
        scan.add(finding("metadata", place, what, why, level=Level.concern, remedy=remedy))
    return scan


def _check_metadata(metadata: dict[str, str]) -> tuple[str, str] | None:
    """Return what is odd about the metadata, and why it matters."""
    if any(_PACKED.search(value) for value in metadata.values()):
        return "packed data", "Its metadata hold packed data, where texts are expected."
    size = sum(len(key) + len(value) for key, value in metadata.items())
    if size > _LARGE:
        return f"{size} characters", "Its metadata are unusually large, and go wherever it goes."
    return None
