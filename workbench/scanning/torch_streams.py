"""Files of torch before 1.6, and storages within plain pickles: five pickles, then raw numbers.

The first is a magic number, the second a version, the third about the machine, the fourth the
object, whose persistent ids name storages, the fifth the keys of those in the order in which
their numbers follow. Source: ``torch.serialization._legacy_load``.
"""

from __future__ import annotations

from typing import BinaryIO

from workbench.scanning.reader import Broken, Reader
from workbench.scanning.values import Listing, Value

__all__ = ["BEFORE_KEYS", "MAGIC", "OBJECT", "looks_like_tar", "pass_numbers"]

MAGIC = 0x1950A86A20F9469CFC6C
OBJECT = 3  # which of the pickles is the object
BEFORE_KEYS = 4  # pickles before the keys
BLOCK = 512
CHECKSUM = slice(148, 156)
UNCLEAR = "The numbers of its tensors are not where its keys say."


def pass_numbers(reader: Reader, keys: Value, widths: dict[str, int]) -> None:
    """Pass over the raw numbers behind the fifth pickle.

    Raises:
        Broken: they are not what the keys say.
    """
    if not isinstance(keys, Listing) or not keys.plain or not set(keys.texts) <= widths.keys():
        raise Broken("the keys of the storages", UNCLEAR)
    if len(keys.texts) != len(set(keys.texts)):
        raise Broken("the keys of the storages", UNCLEAR)
    for key in keys.texts:
        reader.skip(reader.number(8) * widths[key])


def looks_like_tar(stream: BinaryIO, offset: int) -> bool:
    """Tell whether torch would rather open a stream as the tar archive of its very first form."""
    stream.seek(offset)
    block = stream.read(BLOCK)
    stream.seek(offset)
    try:
        said = int(block[CHECKSUM].strip(b" \0") or b"-", 8)
    except ValueError:
        return False
    there = block[: CHECKSUM.start] + b" " * 8 + block[CHECKSUM.stop :]
    return len(block) == BLOCK and said in (sum(there), sum(there) - 256 * _negative(there))


def _negative(block: bytes) -> int:
    """How many bytes count as negative where they have a sign, as some programs sum them up."""
    return sum(byte > 127 for byte in block)
