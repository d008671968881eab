"""A pickle under another name, or behind the beginning of another format."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tests.corpus.assembly import SHELL, SYSTEM, evil, value, whole
from tests.corpus.sample import Hostile, dropped

__all__ = ["disguises"]


EVIL = evil()
OLD = f"cos\nsystem\n(S'{SHELL}'\ntR.".encode()
RENAMED = "CVE-2025-10155: whoever goes by the name does not look inside"
NAMES = (
    "model",
    "weights.safetensors",
    "config.json",
    "table.csv",
    "notes.txt",
    "README.md",
    "plot.png",
    "weights.h5",
    "model.onnx",
    "array.npy",
    "arrays.npz",
    "model.skops",
    "model.keras",
    "saved_model.pb",
    "model.gguf",
    "model.ubj",
    "model.pkl.txt",
    "MODEL.PKL",
    "data.parquet",
    "analysis.ipynb",
    "settings.yaml",
    "model.tflite",
    ".hidden",
    "model\u202etxt.pkl",
    "model.pkl ",
    "deep/er/model.bin",
    "model.zip",
    "picture.jpg",
    "model.cbm",
    "events.log",
    "vocab.model",
    "model.msgpack",
    "model.dat",
    "model.pt.json",
    "model.lgb",
    "tokenizer.json",
)


def _renamed() -> Iterator[tuple[str, str, str, bytes]]:
    for number, name in enumerate(NAMES):
        safe = "".join(letter if letter.isalnum() else "-" for letter in name.strip())
        yield f"name-{safe}-{number}", name, RENAMED, EVIL if number % 2 else OLD


def _polyglots() -> Iterator[tuple[str, str, str, bytes]]:
    yield (
        "gif",
        "plot.gif",
        "GIF89a is also an opcode with eight bytes",
        b"GIF89a\x01\x00\x010" + OLD,
    )
    yield (
        "gguf",
        "model.gguf",
        "GGUF is also an opcode with eight bytes",
        b"GGUF\x03\0\0\0\x000" + OLD,
    )
    yield (
        "text",
        "README.md",
        "a text that begins with a quoted line",
        b"S'# Model card: a model of readmission'\n0" + OLD,
    )
    yield (
        "html",
        "card.html",
        "a page inside a text opcode",
        b"V<!DOCTYPE html><p>A card\n0" + OLD,
    )
    yield ("number", "table.csv", "a table of one number", b"F1.25\n0" + OLD)
    yield (
        "comment",
        "settings.yaml",
        "settings inside a text opcode",
        b"Vname: readmission # settings\n0" + OLD,
    )
    yield ("json", "model.json", "brackets are opcodes", b"]}00" + OLD)
    yield ("blank", "model.pkl", "a pickle behind an empty line", b"\n" + EVIL)
    yield ("zeros", "model.bin", "a pickle behind a page of zeros", bytes(4096) + EVIL)
    yield (
        "png",
        "plot.png",
        "a pickle behind a picture",
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 0) + b"IEND\xaeB`\x82" + EVIL,
    )
    yield ("json-tail", "config.json", "a pickle behind the last bracket", b'{"a": 1}\n' + EVIL)
    yield ("hdf5", "weights.h5", "a pickle behind a signature", b"\x89HDF\r\n\x1a\n" + EVIL)
    yield (
        "hdf5-block",
        "weights.h5",
        "HDF5 may begin later: a pickle lies before",
        EVIL + bytes(512 - len(EVIL)) + b"\x89HDF\r\n\x1a\n" + bytes(64),
    )
    yield (
        "onnx",
        "model.onnx",
        "the first field of a message holds a pickle",
        b"\x12" + bytes([len(EVIL)]) + EVIL,
    )
    yield ("elf", "weights.bin", "a native program", b"\x7fELF\x02\x01\x01" + bytes(57))
    yield (
        "exe",
        "model.dat",
        "a native program for Windows",
        b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0",
    )
    yield (
        "llamafile",
        "model.llamafile",
        "a program that is also an archive",
        b"MZqFpD='\n" + bytes(64),
    )
    yield (
        "dylib",
        "model.bin",
        "a native program for macOS",
        b"\xcf\xfa\xed\xfe\x07\0\0\x01" + bytes(56),
    )
    yield ("wasm", "kernel.bin", "a WebAssembly program", b"\0asm\x01\0\0\0")
    yield ("class", "model.bin", "a Java class", b"\xca\xfe\xba\xbe\0\0\0\x34" + bytes(16))
    yield ("script", "weights.bin", "a shell script", b"#!/bin/sh\n: wb-canary\n")
    yield ("pyc", "model.bin", "compiled Python", b"\xa7\r\r\n" + bytes(12) + b"\xe3" + bytes(16))
    yield (
        "marshal",
        "model.pkl",
        "pickle.loads of marshal of code",
        whole(value(b"\xe3" + bytes(16)) + b"0" + SYSTEM),
    )


def disguises() -> Iterator[Hostile]:
    """Names and beginnings that say something else."""
    yield from dropped("disguise", [*_renamed(), *_polyglots()])
