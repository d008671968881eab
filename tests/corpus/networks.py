"""Networks of torch: their weights in every form, and the few ways to keep a whole network."""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from tests.corpus.forms import ALLOWED, EITHER, SAFE
from tests.corpus.sample import Benign, several
from tests.corpus.tensors import safetensors

__all__ = ["networks", "tensor_file"]

NETWORKS: dict[str, Any] = {
    "perceptron": lambda: nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.1),
        nn.Linear(8, 2)),
    "convolutions": lambda: nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(16, 2)),
    "recurrent": lambda: nn.LSTM(4, 8, num_layers=2),
    "transformer": lambda: nn.TransformerEncoderLayer(8, 2, 16),
    "embedding": lambda: nn.EmbeddingBag(20, 4),
}  # fmt: skip
DTYPES = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64"}


def _torch(thing: Any, zipped: bool = True) -> bytes:
    target = io.BytesIO()
    torch.save(thing, target, _use_new_zipfile_serialization=zipped)
    return target.getvalue()


def tensor_file(state: dict[str, Any]) -> bytes:
    """Return a safetensors file of tensors; independent of the package of that name."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    data = b""
    for name, tensor in state.items():
        raw = tensor.contiguous().view(torch.uint8).numpy().tobytes() if tensor.ndim else (
            tensor.reshape(1).view(torch.uint8).numpy().tobytes())  # fmt: skip
        header[name] = {"dtype": DTYPES[tensor.dtype], "shape": list(tensor.shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}  # fmt: skip
        data += raw
    return safetensors(header, data)


def _npz(state: dict[str, Any]) -> bytes:
    target = io.BytesIO()
    np.savez_compressed(target, **{name: tensor.numpy() for name, tensor in state.items()})
    return target.getvalue()


def _checkpoint(net: Any) -> dict[str, Any]:
    optimiser = torch.optim.Adam(net.parameters())
    loss = sum(parameter.sum() for parameter in net.parameters())
    loss.backward()
    optimiser.step()
    return {"epoch": 3, "model": net.state_dict(), "optimizer": optimiser.state_dict(), "loss": 0.5}


def networks() -> Iterator[Benign]:
    """Weights are tensors and names; a whole network is classes of torch.nn."""
    for name, make in NETWORKS.items():
        torch.manual_seed(7)
        net = make()
        state = OrderedDict(net.state_dict())
        half = {key: value.to(torch.bfloat16) for key, value in state.items()}
        for form, file, wanted, data in (
            ("torch", "model.pt", EITHER, lambda s=state: _torch(s)),
            ("torch-bin", "pytorch_model.bin", EITHER, lambda s=half: _torch(s)),
            ("torch-legacy", "model.pt", EITHER, lambda s=state: _torch(s, False)),
            ("torch-checkpoint", "epoch.pt", EITHER, lambda n=net: _torch(_checkpoint(n))),
            ("torch-network", "network.pt", ALLOWED, lambda n=net: _torch(n)),
            ("torch-pickle", "network.pkl", ALLOWED, lambda n=net: pickle.dumps(n)),
            ("safetensors", "model.safetensors", SAFE, lambda s=state: tensor_file(s)),
            ("safetensors-half", "model.safetensors", SAFE, lambda s=half: tensor_file(s)),
            ("torch-npz", "weights.npz", SAFE, lambda s=state: _npz(s)),
        ):
            yield Benign(f"{form}/{name}", wanted, several({file: data}))
