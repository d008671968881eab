"""Pickles written instruction by instruction, and unpicklers that only watch."""

from __future__ import annotations

import io
import pickle
import struct
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from contextlib import suppress
from typing import Any

from workbench.findings.finding import Level
from workbench.findings.scan import Outcome
from workbench.scanning.contract import Budget, Limits, Scan
from workbench.scanning.pickles import scan_pickles

START = b"\x80\x04"


def scanned(data: bytes, *, torch: bool = False, limits: Limits | None = None) -> Scan:
    """What is found in a pickle, with a clock that stands still."""
    budget = Budget(lambda: 0.0, limits or Limits())
    return scan_pickles(io.BytesIO(data), "a.pkl", budget, torch=torch)


def text(value: str) -> bytes:
    data = value.encode("utf-8", "surrogatepass")
    return b"\x8c" + bytes([len(data)]) + data


def data(value: bytes) -> bytes:
    return b"B" + struct.pack("<I", len(value)) + value


def named(module: str, name: str) -> bytes:
    """GLOBAL, as up to protocol 3."""
    return b"c" + module.encode() + b"\n" + name.encode() + b"\n"


def stacked(module: str, name: str) -> bytes:
    """STACK_GLOBAL, as from protocol 4 on."""
    return text(module) + text(name) + b"\x93"


def called(target: bytes, *arguments: bytes) -> bytes:
    """REDUCE with a tuple of arguments."""
    return target + b"(" + b"".join(arguments) + b"tR"


def whole(*parts: bytes) -> bytes:
    return START + b"".join(parts) + b"."


def now_named(module: str, name: str, protocol: int) -> tuple[str, str]:
    """The name in Python 3 of what was pickled for Python 2."""
    if protocol >= 3:
        return module, name
    if (module, name) in NAME_MAPPING:
        return NAME_MAPPING[module, name]
    return IMPORT_MAPPING.get(module, module), name


class Inert:
    """Takes the place of everything a pickle asks for; whatever is done with it does nothing."""

    def __new__(cls, *arguments: Any, **named: Any) -> Inert:
        return object.__new__(cls)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        pass

    def __setstate__(self, state: Any) -> None:
        pass

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def append(self, value: Any) -> None:
        pass

    def extend(self, values: Any) -> None:
        pass

    def add(self, value: Any) -> None:
        pass

    def __call__(self, *arguments: Any) -> Inert:
        return self


def requests(content: bytes, python: bool = False) -> set[tuple[str, str]]:
    """What an unpickler asks for until it ends or fails; nothing is imported or called.

    ``python``: with the unpickler that is written in Python, of which joblib's is made.
    """
    found: set[tuple[str, str]] = set()
    base: Any = pickle._Unpickler if python else pickle.Unpickler  # type: ignore[attr-defined]

    class Watching(base):  # type: ignore[misc]
        def find_class(self, module: str, name: str) -> Any:
            found.add((module, name))
            return Inert

        def persistent_load(self, identity: Any) -> Any:
            return Inert()

    with suppress(Exception):  # the pickles are broken on purpose
        Watching(io.BytesIO(content)).load()
    return found


def spy(content: bytes) -> set[tuple[str, str]]:
    """What loading a pickle of our own asks for; it is really loaded."""
    found: set[tuple[str, str]] = set()

    class Spy(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> Any:
            found.add((module, name))
            return super().find_class(module, name)

    Spy(io.BytesIO(content)).load()
    return found


def dotted(pairs: set[tuple[str, str]], protocol: int = 4) -> set[str]:
    return {".".join(now_named(*pair, protocol)) for pair in pairs}


def assert_unsafe(content: bytes, *, torch: bool = False, rule: str | None = None) -> None:
    scan = scanned(content, torch=torch)
    assert scan.outcome is Outcome.unsafe
    unsafe = [found for found in scan.findings if found.level is Level.unsafe]
    assert unsafe
    assert all(found.why and found.remedy for found in unsafe)
    if rule:
        assert rule in {found.rule for found in unsafe}, unsafe
    scan.of_file("a.pkl").to_bytes()  # can be signed, whatever is in it


RUN = text("id")
SYSTEM = named("os", "system")
LIST = named("builtins", "list")
MODEL = named("sklearn.linear_model._logistic", "LogisticRegression")
MADE = MODEL + b")\x81"
ARRAY = called(
    named("numpy.core.multiarray", "_reconstruct"),
    named("numpy", "ndarray"),
    b"K\0\x85",
    data(b"b"),
)
OBJECTS = called(named("numpy", "dtype"), text("O8"), b"\x89", b"\x88")
FLOATS = called(named("numpy", "dtype"), text("f8"), b"\x89", b"\x88")
UNSET = b"J\xff\xff\xff\xff"
VOID = called(named("numpy", "dtype"), text("V8"), b"\x89", b"\x88")
STORED = text("storage") + named("torch", "FloatStorage") + text("0") + text("cpu") + b"K\x02"


def dtype_state(
    *, flags: int, order: str = "|", base: bytes = b"N", fields: bytes = b"NN"
) -> bytes:
    return b"(K\x03" + text(order) + base + fields + UNSET + UNSET + b"K" + bytes([flags]) + b"tb"


def entry(name: str, kind: bytes, offset: int) -> bytes:
    return b"(" + text(name) + b"t" + b"}" + text(name) + kind + b"K" + bytes([offset]) + b"\x86s"


def nested(content: bytes) -> bytes:
    return called(named("torch.storage", "_load_from_bytes"), data(content))
