"""Torch files: archives, the old stream of pickles, the older tar, programs, packages."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Iterator

from tests.corpus.archives import member, tar
from tests.corpus.assembly import CODE, SYSTEM, Code, call, dotted, evil, glob, value, whole
from tests.corpus.sample import Hostile, dropped
from tests.corpus.zipping import plain

__all__ = ["legacy", "state", "torches", "zipped"]


EVIL = evil()
MAGIC = 0x1950A86A20F9469CFC6C
SYSTEM_INFO = {
    "protocol_version": 1001,
    "little_endian": True,
    "type_sizes": {"short": 2, "int": 4, "long": 4},
}


def _tensor(storage: bytes, size: int = 2, offset: int = 0) -> Code:
    return call(
        glob("torch._utils", "_rebuild_tensor_v2"),
        Code(storage),
        offset,
        (size,),
        (1,),
        False,
        call(glob("collections", "OrderedDict")),
    )


def _storage(kind: bytes, key: str = "0", count: int = 2) -> bytes:
    return value(("storage", Code(kind), key, "cpu", count)) + b"Q"


FLOAT = glob("torch", "FloatStorage")


def state(tensor: bytes | None = None, more: bytes = b"") -> bytes:
    """Return the pickle of a state dictionary with one tensor of two float32, or another value."""
    held = _tensor(_storage(FLOAT)) if tensor is None else tensor
    return whole(call(glob("collections", "OrderedDict")) + value("weight") + held + b"s" + more, 2)


def zipped(data: bytes, more: dict[str, bytes] | None = None) -> bytes:
    """Return an archive as ``torch.save`` writes it, and more files in it."""
    files = {
        "data.pkl": data,
        "byteorder": b"little",
        "data/0": struct.pack("<2f", 1, 2),
        "version": b"3\n",
        ".data/serialization_id": b"1",
    }
    return plain({f"archive/{name}": held for name, held in (files | (more or {})).items()})


def legacy(
    *,
    obj: bytes | None = None,
    first: bytes | None = None,
    info: bytes | None = None,
    keys: bytes | None = None,
) -> bytes:
    """Return the stream of pickles that ``torch.save`` wrote before 1.6."""
    return (
        (first or pickle.dumps(MAGIC, 2))
        + pickle.dumps(1001, 2)
        + (info or pickle.dumps(SYSTEM_INFO, 2))
        + (obj or state(_tensor(value(("storage", FLOAT, "0", "cpu", 2, None)) + b"Q")))
        + (keys or pickle.dumps(["0"], 2))
        + struct.pack("<q2f", 2, 1, 2)
    )


def _zips() -> Iterator[tuple[str, str, str, bytes]]:
    fine = state()
    yield (
        "state",
        "model.pt",
        "a call beside the weights",
        zipped(state(more=value("x") + SYSTEM + b"s")),
    )
    yield (
        "weights-name",
        "pytorch_model.bin",
        "torch.load, under the hub's usual name",
        zipped(EVIL),
    )
    yield (
        "storage-type",
        "model.pt",
        "the type of a storage is a dangerous function",
        zipped(state(_tensor(_storage(glob("os", "system"))))),
    )
    yield (
        "storage-dotted",
        "model.pt",
        "dots lead from torch to os",
        zipped(state(_tensor(_storage(dotted("torch", "serialization.os.system"))))),
    )
    yield (
        "persistent-call",
        "model.pt",
        "the persistent name is what a call returns",
        zipped(whole(SYSTEM + b"Q", 2)),
    )
    yield "second", "model.pt", "a second pickle in the archive", zipped(fine, {"extra.pkl": EVIL})
    yield (
        "constants",
        "model.pt",
        "the pickle of a program's constants",
        zipped(fine, {"constants.pkl": EVIL}),
    )
    yield (
        "two-roots",
        "model.pt",
        "two folders with a data.pkl each",
        plain({"archive/data.pkl": fine, "other/data.pkl": EVIL, "archive/version": b"3"}),
    )
    yield (
        "module",
        "model.pt",
        "a network of any class: its methods run",
        zipped(
            whole(
                glob("evil_package.nets", "Net") + b")\x81" + value({"training": False}) + b"b", 2
            )
        ),
    )
    yield (
        "lightning",
        "epoch.ckpt",
        "settings that hold a function",
        zipped(
            whole(value({"state_dict": {}, "hyper_parameters": {"act": glob("os", "system")}}), 2)
        ),
    )
    yield (
        "load-from-bytes",
        "model.pt",
        "a whole file inside of a file",
        zipped(whole(call(glob("torch.storage", "_load_from_bytes"), legacy(obj=EVIL)), 2)),
    )
    yield (
        "script",
        "model.pt",
        "TorchScript: the archive is a program",
        zipped(
            whole(glob("__torch__", "Net") + b")\x81" + value({}) + b"b", 2),
            {
                "code/__torch__.py": (
                    b"class Net(Module):\n  def forward(self, x):\n"
                    b"    return torch.from_file('/etc/hostname')\n"
                ),
                "constants.pkl": whole(b")", 2),
            },
        ),
    )
    yield (
        "package",
        "model.pt",
        "torch.package: Python files that are run",
        plain(
            {
                "m/.data/extern_modules": b"os\n",
                "m/model/model.pkl": fine,
                "m/.data/version": b"6\n",
                "m/net.py": CODE.encode(),
            }
        ),
    )
    yield (
        "compiled",
        "model.pt2",
        "AOTInductor: a native library inside",
        plain(
            {"m/archive_format": b"pt2", "m/data/aotinductor/model/m.so": b"\x7fELF" + bytes(60)}
        ),
    )
    yield (
        "fx",
        "model.pt",
        "torch.fx: the text of a graph is run",
        zipped(
            whole(
                call(glob("torch.fx.graph_module", "reduce_graph_module"), {"_code": CODE}, "x"), 2
            )
        ),
    )


def _streams() -> Iterator[tuple[str, str, str, bytes]]:
    yield "legacy", "model.pt", "the fourth pickle of the old form", legacy(obj=EVIL)
    yield (
        "legacy-first",
        "model.pt",
        "the first pickle, where a number is expected",
        legacy(first=whole(SYSTEM + b"0" + value(MAGIC), 2)),
    )
    yield (
        "legacy-info",
        "model.pt",
        "the third pickle",
        legacy(info=whole(SYSTEM + b"0" + value(SYSTEM_INFO), 2)),
    )
    yield (
        "legacy-keys",
        "model.pt",
        "the fifth pickle, behind the model",
        legacy(keys=whole(SYSTEM + b"0" + value(["0"]), 2)),
    )
    yield (
        "legacy-magic",
        "model.pt",
        "the magic number comes from a call, so a scanner looks no further",
        (legacy(first=whole(call(glob("builtins", "int"), str(MAGIC)), 2), obj=EVIL)),
    )
    yield (
        "legacy-module",
        "model.pt",
        "a persistent name with source code",
        legacy(obj=whole(value(("module", glob("torch.nn", "Linear"), "evil.py", CODE)) + b"Q", 2)),
    )
    tarred = {
        "sys_info": pickle.dumps(SYSTEM_INFO, 2),
        "storages": pickle.dumps(0, 2),
        "tensors": pickle.dumps(0, 2),
        "pickle": EVIL,
    }
    yield (
        "tar",
        "model.pt",
        "CVE-2025-32434: weights_only did not hold for tar",
        tar(*(member(name, data) for name, data in tarred.items())),
    )
    tarred = {**tarred, "pickle": state(), "storages": EVIL}
    yield (
        "tar-storages",
        "model.pt",
        "the pickle of the storages",
        tar(*(member(name, data) for name, data in tarred.items())),
    )
    yield "paddle", "model.pdparams", "Paddle's weights are a pickle", EVIL
    yield (
        "magic-bytes",
        "model.pt",
        "another pickle first",
        (pickle.dumps({"weights": 1}, 2) + EVIL),
    )


def torches() -> Iterator[Hostile]:
    """Torch files that run something."""
    yield from dropped("torch", [*_zips(), *_streams()])
