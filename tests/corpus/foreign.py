"""Files of other languages and tools, functions with their code, and pickles that never end."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Iterator

import cloudpickle

from tests.corpus.assembly import SYSTEM, Code, call, evil, glob, short, value, whole
from tests.corpus.sample import Hostile, dropped
from tests.corpus.zipping import plain

__all__ = ["foreign"]


def _closures() -> Iterator[tuple[str, str, bytes]]:
    """What cloudpickle and dill write: functions travel with their code."""
    number = 3

    class Model:
        def predict(self, rows: list[float]) -> list[float]:
            return [row * number for row in rows]

    made = {
        "lambda": lambda rows: rows,
        "closure": lambda rows: rows * number,
        "class": Model,
        "instance": Model(),
    }
    for trick, thing in made.items():
        yield (
            f"cloudpickle-{trick}",
            "a function that travels with its code",
            cloudpickle.dumps(thing),
        )
    code = call(glob("dill._dill", "_create_code"), 0, 0, 0, 1, 64, b"d\0S\0")
    yield (
        "dill-function",
        "dill makes functions from code",
        whole(call(glob("dill._dill", "_create_function"), code, value({}), "f", None, None)),
    )
    yield (
        "dill-type",
        "dill finds any type",
        whole(call(glob("dill._dill", "_load_type"), "CodeType")),
    )
    yield (
        "dill-import",
        "dill imports any module",
        whole(call(glob("dill._dill", "_import_module"), "antigravity")),
    )
    yield (
        "dill-get",
        "dill takes any attribute",
        whole(call(glob("dill._dill", "_get_attr"), glob("os", "path"), "os")),
    )
    yield (
        "main-class",
        "a class of the sender's notebook, which nobody else has",
        whole(glob("__main__", "Model") + b")\x81" + value({"a": 1}) + b"b"),
    )


def _endless() -> Iterator[tuple[str, str, bytes]]:
    """No dangerous name at all: time and memory are the target."""
    yield (
        "hash",
        "a key whose hash takes longer than the universe is old",
        whole(b"})" + b"2\x86" * 60 + b"Ns"),
    )
    yield "memo", "a place in the memo far out", whole(b"Nr\xff\xff\xff\x7f")
    yield "memo-long", "the largest place in the memo", b"\x80\x02Nr\xff\xff\xff\xff."
    yield (
        "bytearray",
        "half a terabyte of zeros",
        whole(call(glob("builtins", "bytearray"), 1 << 39)),
    )
    yield "bytes8", "states a length of an exabyte", b"\x80\x04\x8e" + struct.pack("<Q", 1 << 60)
    yield (
        "bytearray8",
        "states a length of a terabyte",
        b"\x80\x05\x96" + struct.pack("<Q", 1 << 40),
    )
    yield (
        "frame",
        "states a frame of an exabyte",
        b"\x80\x04\x95" + struct.pack("<Q", 1 << 60) + b"N.",
    )
    yield (
        "deep",
        "a key of tuples in tuples: its hash crashes the process",
        whole(b"})" + b"\x85" * 500_000 + b"Ns"),
    )
    yield (
        "range",
        "a list of all numbers",
        whole(call(glob("builtins", "list"), Code(call(glob("builtins", "range"), 1 << 40)))),
    )
    yield (
        "decode",
        "compressed text that unpacks without end",
        whole(call(glob("_codecs", "decode"), b"BZh9", "bz2")),
    )
    yield (
        "pattern",
        "a pattern that never comes to an end",
        whole(call(glob("re", "match"), "(a+)+$", "a" * 40 + "b")),
    )


def rds(promise: bool = True) -> bytes:
    """Return an RDS file in XDR form with a promise (CVE-2024-27322)."""
    head = b"X\n" + struct.pack(">3i", 2, 0x00040300, 0x00020300)
    symbol = struct.pack(">ii", 1, 0x00040009) + struct.pack(">i", 4) + b"quit"
    return head + struct.pack(">i", 5 if promise else 16) + symbol + struct.pack(">i", 254)


def rds_text() -> bytes:
    """Return the same in R's text form (R Internals, 1.8)."""
    return b"A\n2\n263168\n131840\n5\n1\n262153\n4\nquit\n254\n"


def _others() -> Iterator[tuple[str, str, str, bytes]]:
    java = b"\xac\xed\x00\x05sr\x00\x11java.util.HashMap" + bytes(20)
    yield "rds", "model.rds", "CVE-2024-27322: R runs what is promised", gzip.compress(rds())
    yield "rds-plain", "model.rds", "the same without compression", rds()
    yield "rds-text", "model.rds", "the same as text", rds_text()
    yield "rds-text-packed", "model.rds", "the same as packed text", gzip.compress(rds_text())
    yield "rdata-text", "model.RData", "a workspace as text", b"RDA3\n" + rds_text()
    yield "rdata", "model.RData", "a whole workspace of R", gzip.compress(b"RDX3\n" + rds())
    yield "java", "model.ser", "Java objects call methods while they are read", java
    yield "java-in-mojo", "model.zip", "the same in an archive", plain({"model.bin": java})
    yield (
        "jar",
        "model.jar",
        "a Java program",
        plain(
            {
                "META-INF/MANIFEST.MF": b"Manifest-Version: 1.0\n",
                "Evil.class": b"\xca\xfe\xba\xbe" + bytes(30),
            }
        ),
    )
    yield (
        "ruby",
        "model.bin",
        "Ruby's Marshal",
        b"\x04\x08o:\x15Gem::Requirement\x06:\x0a@requirements",
    )
    yield (
        "matlab",
        "model.mat",
        "a function handle in MATLAB's older form",
        (b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM" + struct.pack("<II", 16, 8) + bytes(8)),
    )
    yield "library", "libkernel.so", "a native library", b"\x7fELF\x02\x01\x01" + bytes(57)
    yield (
        "library-zip",
        "model.zip",
        "a native library in an archive",
        plain({"model.json": b"{}", "custom.so": b"\x7fELF\x02\x01\x01" + bytes(57)}),
    )
    yield "tensorrt", "model.engine", "native code for an accelerator", b"ptrt" + bytes(60)
    yield "lua", "model.t7", "Lua's torch holds functions", struct.pack("<iii", 6, 1, 3) + b"V 1"
    yield (
        "msgpack",
        "model.msgpack",
        "a pickle as an extension type",
        b"\xc7" + bytes([len(evil()), 80]) + evil(),
    )
    yield "arrow", "data.feather", "a pickle behind Arrow's mark", b"ARROW1\0\0" + evil()
    yield (
        "sqlite",
        "model.db",
        "a pickle behind the mark of a database",
        (b"SQLite format 3\0" + bytes(84) + evil()),
    )
    yield "shelf", "model.dat", "a shelf of pickles", b"\x13\x57\x9a\xce" + bytes(12) + evil()
    yield (
        "marked",
        "model.pkl",
        "a signature before the pickle",
        b"SIGNED01" + bytes(32) + whole(SYSTEM),
    )
    yield (
        "text-names",
        "model.pkl",
        "names only, nobody calls them",
        whole(short("a") + glob("evil_package.sub", "thing") + b"\x86"),
    )


def foreign() -> Iterator[Hostile]:
    """Closures, endless pickles, other languages."""
    rows = [(trick, "model.pkl", why, data) for trick, why, data in _closures()]
    yield from dropped("closure", rows)
    yield from dropped("endless", [(t, "model.pkl", why, data) for t, why, data in _endless()])
    yield from dropped("foreign", _others())
