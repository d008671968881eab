"""PyTorch networks and tables of numbers as safetensors, with what is left to build.

A safetensors file holds numbers only: whoever opens it makes the network from its source code and
puts the numbers in. ``architecture.json`` says what to make; it is for people to read, and no part
of this package builds anything from it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from workbench.converting.tensors import Tensor, read
from workbench.errors import InputError
from workbench.training import kinds, networks
from workbench.training.settings import settings

__all__ = ["ARCHITECTURE", "FILE", "load", "notes", "tensors_of", "to_torch"]

FILE = "model.safetensors"
ARCHITECTURE = "architecture.json"
TORCH = {  # what torch calls each type of the format
    "BOOL": "bool",
    "U8": "uint8",
    "I8": "int8",
    "U16": "uint16",
    "I16": "int16",
    "U32": "uint32",
    "I32": "int32",
    "U64": "uint64",
    "I64": "int64",
    "F16": "float16",
    "BF16": "bfloat16",
    "F32": "float32",
    "F64": "float64",
    "C64": "complex64",
    "F8_E4M3": "float8_e4m3fn",
    "F8_E5M2": "float8_e5m2",
}


def tensors_of(model: Any) -> dict[str, Tensor]:
    """Return the numbers of a network, or of a table of them, by name.

    Raises:
        InputError: something among them is no plain tensor, or there are none.
    """
    table = model.state_dict() if kinds.framework(model) == "torch" else model
    if not _is_table(table):
        raise InputError(
            f"A {kinds.word(model)} with something else than tensors in it cannot be written as "
            "safetensors.",
            unchanged="Nothing was written.",
            hint="Give the network or its state_dict() alone, without optimiser and settings.",
        )
    return {name: _tensor(name, value) for name, value in table.items()}


def load(path: Path) -> dict[str, Any]:
    """Return the numbers in a file by name: torch's tensors where torch is loaded, else arrays.

    Raises:
        TrustError: not such a file (step ``"model content"``).
        InputError: 8-bit floats, where torch is not loaded.
    """
    with path.open("rb") as stream:
        found, _ = read(stream)
    if kinds.loaded("torch") is None:
        return {name: one.array() for name, one in found.items()}
    return {name: to_torch(one) for name, one in found.items()}


def notes(model: Any) -> str:
    """Return what a recipient has to build, as JSON: class, settings, layers with their shapes."""
    public = {
        name: value
        for name, value in vars(model).items()
        if not name.startswith("_") and isinstance(value, bool | int | float | str)
    }
    table = {
        "class": kinds.type_name(model),
        "settings": settings(public),
        "layers": [layer.model_dump(mode="json") for layer in networks.layers(model)],
        "note": "For people to read. Nothing is built from this file.",
    }
    return json.dumps(table, indent=2, ensure_ascii=False) + "\n"


def to_torch(tensor: Tensor) -> Any:
    """Return a tensor of the format as one of torch's."""
    torch = kinds.loaded("torch")
    dtype = getattr(torch, TORCH[tensor.dtype])
    if not len(tensor.data):
        return torch.empty(tensor.shape, dtype=dtype)
    return torch.frombuffer(bytearray(tensor.data), dtype=dtype).reshape(tensor.shape)


def _is_table(model: object) -> bool:
    """Tell whether something is numbers by name: what ``state_dict`` returns, or a dictionary."""
    if not isinstance(model, Mapping) or not model:
        return False
    return all(
        isinstance(name, str) and (_is_tensor(value) or isinstance(value, np.ndarray))
        for name, value in model.items()
    )


def _is_tensor(value: object) -> bool:
    return kinds.descends(value, "torch", "Tensor")


def _tensor(name: str, value: Any) -> Tensor:
    if not _is_tensor(value):
        return Tensor.of(value)
    torch = kinds.loaded("torch")
    spelled = {getattr(torch, known, None): code for code, known in TORCH.items()}
    code = spelled.get(value.dtype)
    if code is None or value.layout != torch.strided or value.is_quantized or value.is_meta:
        raise InputError(
            f"The tensor {name[:100]} is of a kind that has no place in a safetensors file.",
            unchanged="Nothing was written.",
            hint="Convert it to a dense tensor of float32 or whole numbers first.",
        )
    solid = value.detach().cpu().resolve_conj().resolve_neg().contiguous()
    content = solid.reshape(-1).view(torch.uint8).numpy().tobytes() if solid.numel() else b""
    return Tensor(code, tuple(value.shape), content)
