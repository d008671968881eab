"""Pictures, variables of MATLAB, databases and papers beside models, and those that act."""

from __future__ import annotations

import io
import json
import sqlite3
import struct
import zlib
from collections.abc import Iterator
from contextlib import closing

import h5py
import numpy as np
import scipy.io

from tests.corpus.assembly import SHELL, evil
from tests.corpus.forms import SAFE
from tests.corpus.sample import Benign, Hostile, dropped, several

__all__ = ["acting", "media"]

EVIL = evil()
OPENED = b"/OpenAction 4 0 R"


def bmp() -> bytes:
    """Return a picture of four pixels (BITMAPINFOHEADER)."""
    info = struct.pack("<IiiHHIIiiII", 40, 2, 2, 1, 32, 0, 16, 2835, 2835, 0, 0)
    return b"BM" + struct.pack("<III", 70, 0, 54) + info + bytes(range(16))


def tiff() -> bytes:
    """Return a picture of one pixel (TIFF 6.0, baseline)."""
    rows = (
        (256, 3, 1),
        (257, 3, 1),
        (258, 3, 8),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 8),
        (279, 4, 1),
    )
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in rows)
    directory = struct.pack("<H", len(rows)) + entries + bytes(4)
    return b"II*\0" + struct.pack("<I", 10) + b"\x7f\0" + directory


def webp() -> bytes:
    """Return a picture of one pixel, packed without losses."""
    pixel = b"\x2f\0\0\0\0\x07\x50\x84\x26\xf4\xa0\xff\x81\x88\xe8\x7f\0"
    chunk = b"VP8L" + struct.pack("<I", len(pixel)) + pixel + b"\0"
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def mat() -> bytes:
    """Return variables as SciPy writes them, without the day."""
    target = io.BytesIO()
    scipy.io.savemat(target, {"x": np.arange(6.0).reshape(2, 3), "names": "age"})
    return target.getvalue()[:20].ljust(116) + target.getvalue()[116:]


def database(note: str | bytes = "") -> bytes:
    """Return a table as SQLite writes it, with a value in its row."""
    with closing(sqlite3.connect(":memory:")) as opened:
        opened.execute("CREATE TABLE ward (age REAL, note)")
        opened.execute("INSERT INTO ward VALUES (61.5, ?)", [note])
        opened.commit()
        return opened.serialize()


def pdf(*objects: bytes, root: bytes = b"") -> bytes:
    """Return a document of an empty page, and these objects from 4 on (ISO 32000-1, 7.5)."""
    every = [
        b"<< /Type /Catalog /Pages 2 0 R %b >>" % root,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] >>",
        *objects,
    ]
    out, places = b"%PDF-1.7\n", []
    for number, one in enumerate(every, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(every) + 1
    return out + (
        b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Size %d /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (size, rows, size, len(out))
    )


def stream(data: bytes, said: bytes) -> bytes:
    """Return an object with a stream."""
    return b"<< %b /Length %d >>\nstream\n%b\nendstream" % (said, len(data), data)


def media() -> Iterator[Benign]:
    """What people put beside a model."""
    text = stream(zlib.compress(b"BT (Readmission) Tj ET"), b"/Filter /FlateDecode")
    held = stream(zlib.compress(b"6 0 << /A 1 >>"),
                  b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode")  # fmt: skip
    shown = b"/OpenAction << /S /GoTo /D [3 0 R /Fit] >>"
    for name, data in (
        ("plot.bmp", bmp()), ("scan.tiff", tiff()), ("plot.webp", webp()), ("table.mat", mat()),
        ("table.sqlite", database()), ("paper.pdf", pdf(text, held, root=shown)),
    ):  # fmt: skip
        yield Benign(f"beside/{name.replace('.', '-')}", SAFE, several({name: data}))


def _scripted() -> Iterator[tuple[str, bytes]]:
    script = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
    start = b"<< /S /Launch /F (%b) >>" % SHELL.encode()
    spelled = script.replace(b"JavaScript", b"J#61v#61Script").replace(b"/JS", b"/#4A#53")
    held, said = b"4 0 " + script, b"/Type /ObjStm /N 1 /First 4 "
    packed = stream(zlib.compress(held), said + b"/Filter /FlateDecode")
    digits = stream(held.hex().encode() + b">", said + b"/Filter /ASCIIHexDecode")
    file = stream(EVIL, b"/Type /EmbeddedFile")
    yield "a script runs when it is opened", pdf(script, root=OPENED)
    yield "a program starts when it is opened", pdf(start, root=OPENED)
    yield "a script, its name written by numbers", pdf(spelled, root=OPENED)
    yield "a script in a stream of objects", pdf(b"null", packed, root=OPENED)
    yield "the same in digits, which no search finds", pdf(b"null", digits, root=OPENED)
    yield "another file is kept in it", pdf(file, b"<< /EF << /F 4 0 R >> >>")


def acting() -> Iterator[Hostile]:
    """Documents with scripts, variables with functions, two kinds in one."""
    rows = [(f"pdf-{n}", "card.pdf", why, data) for n, (why, data) in enumerate(_scripted())]
    called = struct.pack("<2I", 6, 8) + struct.pack("<2I", 16, 0)
    called += struct.pack("<2I2i", 5, 8, 1, 1) + struct.pack("<2I", 1, 1) + b"f" + bytes(7)
    head = b"MATLAB 5.0 MAT-file".ljust(116) + bytes(8) + b"\0\1IM"
    function = head + struct.pack("<2I", 14, len(called)) + called
    rows.append(("mat-function", "table.mat", "a function of MATLAB", function))
    target = io.BytesIO()
    with h5py.File(target, "w", userblock_size=512) as file:
        file.attrs["model_config"] = json.dumps({"class_name": "Lambda"})
    data = tiff() + target.getvalue()[len(tiff()) :]
    rows.append(("sqlite-pickle", "cache.sqlite", "a value of a shelf", database(EVIL)))
    rows.append(("tiff-hdf5", "model.h5", "HDF5 is looked for behind a picture too", data))
    yield from dropped("acting", rows)
