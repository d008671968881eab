"""Models in forms that are programs: pickles, joblib's files and torch's, made by exact names.

Only for bytes that were looked into before and found to ask for nothing but known names, and only
for a person who insists. This is the second lock behind that look: whatever a file asks for, the
names given here are all that is ever imported. Nothing is left to the libraries that would open
more than that: joblib's arrays are read here (its older versions read arrays of objects without
any restriction), bytes that a tensor holds are read by torch with ``weights_only`` set, and so are
torch's own files. What compiled code would trust in a model is checked once it is made.

Source: the Python documentation of ``pickle``, "Restricting Globals";
``joblib.numpy_pickle.NumpyArrayWrapper``.
"""

from __future__ import annotations

import io
import pickle
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from collections.abc import Collection
from importlib import import_module
from math import prod
from typing import Any, BinaryIO, ClassVar

import numpy as np

from workbench.converting import sound
from workbench.errors import TrustError, Unavailable, WorkbenchError
from workbench.scanning.allowlist import ATTRIBUTES
from workbench.scanning.compressed import COMPRESSED
from workbench.scanning.streams import Malformed, size_of
from workbench.scanning.unpacking import pieces_of
from workbench.training import kinds

__all__ = ["PROGRAMS", "Name", "load", "unpacked"]

Name = tuple[str, str]  # a module, and what is asked of it

PICKLES = ("pickle", "joblib pickle")
TORCH = ("torch pickle", "torch zip")
PROGRAMS = (*PICKLES, *TORCH)  # kinds, as a scan calls them, that can be made an object of
MOST = 4096 << 20  # bytes that a packed file may come to, as when it is looked into
STEP = "model content"
NOTHING = "Nothing was loaded."
WRAPPER = ("joblib.numpy_pickle", "NumpyArrayWrapper")
STORAGE = ("torch.storage", "_load_from_bytes")  # would read bytes without any restriction
GETATTR = ("builtins", "getattr")


def load(stream: BinaryIO, kind: str, names: Collection[Name], asked: Collection[str] = ()) -> Any:
    """Make the object in a stream, from its start; only ``names`` are ever imported for it.

    Args:
        stream: seekable; the same bytes that were looked into, which nobody can change meanwhile.
        kind: what the look said it is, one of :data:`PROGRAMS`.
        names: all that may be asked for, as exact pairs of module and name.
        asked: what the look said the stream asks for, as ``module.name``; of these torch is told
            which are known, since it knows few of them by itself.

    Raises:
        TrustError: it asks for another name, or is not what it seems (step ``"model content"``).
        Unavailable: a package that it needs is missing, or is of another version.
    """
    stream.seek(0)
    try:
        if kind in TORCH:
            return _of_torch(stream, names, asked)
        if kind in PICKLES:
            model = _Unpickler(stream, names).load()
            sound.check(model)
            return model
    except WorkbenchError:
        raise
    except ModuleNotFoundError as error:
        raise _missing(error) from error
    except Exception as error:  # whatever a made-up file makes the libraries raise
        raise _refused(f"its contents cannot be made a model ({type(error).__name__}).") from error
    raise _refused(f"nobody makes a model of this kind of file ({kind[:60]}).")


def unpacked(stream: BinaryIO, kind: str, into: BinaryIO) -> str:
    """Write what a packed stream comes to into another; return what kind that should be.

    Args:
        kind: what a look said it is, such as ``gzip of joblib pickle``.

    Raises:
        TrustError: it is damaged, or comes to more than :data:`MOST` bytes.
    """
    form, _, inner = kind.partition(" of ")
    if form not in COMPRESSED:
        raise _refused(f"nobody unpacks this kind of file ({kind[:60]}).")
    begin, again = COMPRESSED[form]
    total = 0
    try:
        for piece in pieces_of(stream, 0, size_of(stream), begin, again):
            total += len(piece)
            if total > MOST:
                raise _refused("it unpacks to more data than can be looked through.")
            into.write(piece)
    except Malformed as error:
        raise _refused("it cannot be unpacked.") from error
    into.seek(0)
    return inner


class _Array:
    """What joblib writes before the raw numbers of an array; it stands for its own class."""

    subclass: Any
    shape: Any
    order: Any
    dtype: Any
    allow_mmap: Any
    numpy_array_alignment_bytes: Any = None  # joblib before 1.2 did not pad


class _Unpickler(pickle._Unpickler):
    """Python's own reader, which imports known names only and reads joblib's arrays.

    The one in Python rather than the one in C, because its instructions can be extended and
    because it knows by which protocol names have to be understood.
    """

    dispatch: ClassVar[dict[int, Any]] = dict(pickle._Unpickler.dispatch)
    proto: int
    stack: list[Any]

    def __init__(self, stream: BinaryIO, names: Collection[Name]) -> None:
        super().__init__(stream)
        self.proto = 0
        self._stream = stream
        self._names = names

    def find_class(self, module: str, name: str, /) -> Any:
        """Return what a known name stands for; nothing is imported for any other."""
        asked = (module, name) if self.proto >= 3 else _today(module, name)
        if asked not in self._names:
            raise _refused(f"it asks for {f'{module}.{name}'[:80]!a}, which is not known.")
        if asked == WRAPPER:
            return _Array
        if asked == STORAGE:
            return _storage
        if asked == GETATTR:
            return _attribute
        try:
            return super().find_class(*asked)
        except AttributeError as error:
            raise Unavailable(
                f"The model needs {asked[1]} of {asked[0]}, which is not there.",
                unchanged=NOTHING,
                hint="It was saved with another version of that package; ask the owner which.",
            ) from error

    def load_build(self) -> None:
        """Fill an object; in place of what describes an array comes the array itself."""
        pickle._Unpickler.load_build(self)  # type: ignore[attr-defined]
        described = self.stack[-1]
        if type(described) is _Array:
            self.stack[-1] = self._array(described)

    dispatch[pickle.BUILD[0]] = load_build

    def _array(self, described: _Array) -> Any:
        kind, shape = described.dtype, described.shape
        whole = type(shape) is tuple and all(type(one) is int and one >= 0 for one in shape)
        if not isinstance(kind, np.dtype) or not whole or described.order not in ("C", "F"):
            raise _refused("it describes an array in a way that joblib does not write.")
        if kind.hasobject:
            return _Unpickler(self._stream, self._names).load()
        if described.numpy_array_alignment_bytes is not None:
            self._exactly(self._exactly(1)[0])
        data = self._exactly(prod(shape) * kind.itemsize)
        made: Any = np.ndarray(shape, kind, buffer=data, order=described.order)
        return made if kind.isnative else made.astype(kind.newbyteorder("="))

    def _exactly(self, size: int) -> bytearray:
        """Return that many bytes, asking for no more memory than there are bytes."""
        here = self._stream.tell()
        left = self._stream.seek(0, io.SEEK_END) - here
        self._stream.seek(here)
        if size > left:
            raise EOFError
        data = bytearray(size)
        view = memoryview(data)
        while view and (got := self._stream.readinto(view)):  # type: ignore[attr-defined]
            view = view[got:]
        if view:
            raise EOFError
        return data


def _today(module: str, name: str) -> Name:
    """Return the name that Python 3 has for one of Python 2, as protocols before 3 need it."""
    found: Name | None = NAME_MAPPING.get((module, name))
    return found or (IMPORT_MAPPING.get(module, module), name)


def _of_torch(stream: BinaryIO, names: Collection[Name], asked: Collection[str]) -> Any:
    """Read a file of torch, which makes tensors by itself and known classes when it is told so."""
    torch = import_module("torch")
    finder = _Unpickler(stream, names)
    finder.proto = pickle.HIGHEST_PROTOCOL
    known = [
        finder.find_class(*one)
        for one in sorted(names)
        if f"{one[0]}.{one[1]}" in asked and one != STORAGE
    ]
    with torch.serialization.safe_globals(known):
        return torch.load(stream, map_location="cpu", weights_only=True, mmap=False)


def _storage(data: bytes) -> Any:
    """Return the storage in bytes that a tensor holds within a plain pickle."""
    torch = import_module("torch")
    return torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)


def _attribute(holder: object, name: object) -> Any:
    """Return a part of something, where the list says that it may be asked for."""
    for module, owner, attribute in ATTRIBUTES:
        if name == attribute and holder is kinds.lookup(module, owner):
            return getattr(holder, attribute)
    raise _refused("it asks for a part of something, which is not known.")


def _missing(error: ModuleNotFoundError) -> Unavailable:
    package = (error.name or "").partition(".")[0]
    return Unavailable(
        f"The model needs the package {ascii(package)[1:-1]}, or a part of it that is not there.",
        unchanged=NOTHING,
        hint="Install it, or the version of it that the owner has, and load the model again.",
    )


def _refused(message: str) -> TrustError:
    return TrustError(
        STEP,
        message,
        unchanged=NOTHING,
        hint="Ask the owner for a version in a safe form (skops, safetensors, JSON).",
    )
