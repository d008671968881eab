"""NumPy and joblib: arrays of objects are pickles, and headers are text."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Iterator

from tests.corpus.assembly import CODE, SYSTEM, Code, call, evil, glob, value, whole
from tests.corpus.sample import Hostile, dropped
from tests.corpus.zipping import plain

__all__ = ["arrays", "npy"]


EVIL = evil()
NUMBERS = struct.pack("<2d", 1, 2)


def npy(descr: str, data: bytes, shape: str = "(2,)", version: int = 1, more: str = "") -> bytes:
    """Return a .npy file; ``descr`` and ``shape`` are Python text (NEP 1)."""
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, {more}}}"
    length, wide = (2, "<H") if version == 1 else (4, "<I")
    head = text.encode().ljust(-(8 + length + len(text) + 1) % 64 + len(text)) + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack(wide, len(head)) + head + data


def _numpy() -> Iterator[tuple[str, str, str, bytes]]:
    objects = npy("'|O'", EVIL)
    yield "object", "array.npy", "CVE-2019-6446: an array of objects is a pickle", objects
    yield "object-2", "array.npy", "the same in version 2", npy("'|O'", EVIL, version=2)
    yield "object-3", "array.npy", "the same in version 3", npy("'|O'", EVIL, version=3)
    yield "object-short", "array.npy", "the type is written O", npy("'O'", EVIL)
    yield "object-word", "array.npy", "the type is written object", npy("'object'", EVIL)
    yield (
        "object-field",
        "array.npy",
        "one field of a record is an object",
        npy("[('a', '<f8'), ('b', '|O')]", EVIL),
    )
    yield (
        "object-deep",
        "array.npy",
        "a field of a field is an object",
        npy("[('a', [('b', '|O')])]", EVIL),
    )
    yield (
        "object-shaped",
        "array.npy",
        "a field of several objects",
        npy("[('a', '|O', (2,))]", EVIL),
    )
    yield (
        "object-npz",
        "arrays.npz",
        "the second array is a pickle",
        plain({"a.npy": npy("'<f8'", NUMBERS), "b.npy": objects}),
    )
    yield (
        "pickle-npz",
        "arrays.npz",
        "a pickle in an archive of arrays",
        plain({"a.npy": npy("'<f8'", NUMBERS), "b.pkl": EVIL}),
    )
    yield "bare-npz", "arrays.npz", "an entry without an ending", plain({"a": objects})
    yield (
        "pickle-as-npy",
        "arrays.npz",
        "a pickle under the name of an array",
        plain({"a.npy": EVIL}),
    )
    yield "tail", "array.npy", "a pickle behind the numbers", npy("'<f8'", NUMBERS) + EVIL
    yield "call", "array.npy", "the header is a call", npy(CODE, NUMBERS)
    yield "shape-call", "array.npy", "the shape is a call", npy("'<f8'", NUMBERS, shape=CODE)
    yield "shape-huge", "array.npy", "a shape of exabytes", npy("'<f8'", NUMBERS, "(1 << 60,)")
    yield (
        "shape-large",
        "array.npy",
        "a shape of petabytes",
        npy("'<f8'", NUMBERS, "(1000000000000000,)"),
    )
    yield "shape-negative", "array.npy", "a negative shape", npy("'<f8'", NUMBERS, "(-1, -2)")
    yield (
        "shape-power",
        "array.npy",
        "a number that takes forever",
        npy("'<f8'", NUMBERS, "(9**9**9,)"),
    )
    yield (
        "header-deep",
        "array.npy",
        "brackets until the parser crashes",
        npy("'<f8'", NUMBERS, "(" * 9000 + ")" * 9000),
    )
    yield (
        "header-length",
        "array.npy",
        "a header of 4 GiB",
        (b"\x93NUMPY\x02\0" + b"\xff" * 4 + b"{" + EVIL),
    )
    yield "short", "array.npy", "fewer numbers than stated", npy("'<f8'", NUMBERS, "(999,)")
    yield "version-9", "array.npy", "a version nobody knows", npy("'|O'", EVIL, version=9)


def _wrapper(**state: object) -> bytes:
    kept = {
        "subclass": glob("numpy", "ndarray"),
        "shape": (1,),
        "order": "C",
        "dtype": call(glob("numpy", "dtype"), "f8", False, True),
        "allow_mmap": False,
        "numpy_array_alignment_bytes": None,
    }
    made = glob("joblib.numpy_pickle", "NumpyArrayWrapper") + b")\x81"
    return made + value({**kept, **state}) + b"b"


def _joblib() -> Iterator[tuple[str, str, str, bytes]]:
    objects = call(glob("numpy", "dtype"), "O8", False, True)
    yield (
        "joblib-object",
        "model.joblib",
        "an array of objects is a pickle in the pickle",
        (b"\x80\x04" + _wrapper(dtype=objects) + EVIL + b"."),
    )
    yield (
        "joblib-after-array",
        "model.joblib",
        "a call behind the bytes of an array",
        (b"\x80\x04](" + _wrapper() + struct.pack("<d", 1) + SYSTEM + b"e."),
    )
    yield (
        "joblib-shape",
        "model.joblib",
        "the shape swallows what follows, or not",
        (b"\x80\x04](" + _wrapper(shape=(0,)) + SYSTEM + b"e" + bytes(8) + b"."),
    )
    yield (
        "joblib-aligned",
        "model.joblib",
        "padding as long as a pickle",
        (
            b"\x80\x04]("
            + _wrapper(numpy_array_alignment_bytes=16)
            + b"\x01\xff"
            + struct.pack("<d", 1)
            + SYSTEM
            + b"e."
        ),
    )
    yield (
        "joblib-subclass",
        "model.joblib",
        "the class of the array is a dangerous function",
        (b"\x80\x04" + _wrapper(subclass=glob("os", "system")) + struct.pack("<d", 1) + b"."),
    )
    yield (
        "joblib-dtype",
        "model.joblib",
        "the type of the array comes from a call",
        (b"\x80\x04" + _wrapper(dtype=Code(SYSTEM)) + struct.pack("<d", 1) + b"."),
    )
    old = glob("joblib.numpy_pickle_compat", "NDArrayWrapper") + b")\x81"
    yield (
        "joblib-old",
        "model.pkl",
        "the old form opens any file beside it",
        whole(
            old
            + value({"filename": "../../secret.npy", "subclass": glob("numpy", "ndarray")})
            + b"b"
        ),
    )


def _pickled() -> Iterator[tuple[str, str, str, bytes]]:
    rebuilt = call(
        glob("numpy._core.multiarray", "_reconstruct"), glob("numpy", "ndarray"), (0,), b"b"
    )
    objects = call(glob("numpy", "dtype"), "O8", False, True)
    yield (
        "in-object-array",
        "model.pkl",
        "a call inside an array of objects",
        whole(rebuilt + value((1, (1,), objects, False, [Code(SYSTEM)])) + b"b"),
    )
    yield (
        "reconstruct-type",
        "model.pkl",
        "numpy makes an array of a dangerous class",
        whole(
            call(
                glob("numpy._core.multiarray", "_reconstruct"),
                glob("subprocess", "Popen"),
                (0,),
                b"b",
            )
        ),
    )
    yield (
        "reconstruct-huge",
        "model.pkl",
        "numpy is asked for terabytes",
        whole(
            call(
                glob("numpy._core.multiarray", "_reconstruct"),
                glob("numpy", "ndarray"),
                (1 << 42,),
                b"d",
            )
        ),
    )
    yield (
        "frombuffer",
        "model.pkl",
        "numpy's buffers from a call",
        whole(call(glob("numpy._core.numeric", "_frombuffer"), Code(SYSTEM), "f8", (1,), "C")),
    )
    yield (
        "pandas",
        "table.pkl",
        "a table whose block manager is a call",
        whole(
            glob("pandas.core.frame", "DataFrame") + b")\x81" + value({"_mgr": Code(SYSTEM)}) + b"b"
        ),
    )
    yield (
        "protocol-5",
        "model.pkl",
        "behind a harmless dictionary",
        pickle.dumps({"a": 1}, 5)[:-1] + (b"0" + SYSTEM + b"."),
    )


def arrays() -> Iterator[Hostile]:
    """Arrays that are pickles, and headers that lie."""
    yield from dropped("array", [*_numpy(), *_joblib(), *_pickled()])
