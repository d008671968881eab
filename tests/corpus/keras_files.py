"""Keras models: settings that name functions, layers that hold code, links out of HDF5."""

from __future__ import annotations

import base64
import io
import json
import marshal
from collections.abc import Iterator
from typing import Any

import h5py
import numpy as np

from tests.corpus.assembly import evil
from tests.corpus.sample import Hostile, dropped
from tests.corpus.zipping import plain

__all__ = ["keras_files", "keras_zip", "layer", "sequential", "weights"]


CODE = base64.b64encode(marshal.dumps(compile("lambda x: x", "corpus", "eval"))).decode()
LAMBDA = {"class_name": "__lambda__", "config": {"code": CODE, "defaults": None, "closure": None}}


def layer(name: str, module: str = "keras.layers", **config: Any) -> dict[str, Any]:
    """Return the settings of one layer as Keras 3 writes them."""
    return {
        "module": module,
        "class_name": name,
        "config": {"name": "a", **config},
        "registered_name": None,
    }


def sequential(*layers: Any, **more: Any) -> dict[str, Any]:
    """Return the settings of a model of these layers."""
    shape = layer("InputLayer", batch_shape=[None, 4], dtype="float32", sparse=False)
    return {
        "module": "keras",
        "class_name": "Sequential",
        "registered_name": None,
        "config": {"name": "m", "layers": [shape, *layers]},
        **more,
    }


def weights(link: str = "", attribute: bytes = b"", dtype: Any = "f4") -> bytes:
    """Return an HDF5 file of weights: one array, and a link or an attribute if given."""
    target = io.BytesIO()
    with h5py.File(target, "w") as file:
        file.create_dataset("layers/dense/vars/0", data=np.ones((4, 2), dtype))
        if link:
            file["layers/dense/vars/1"] = h5py.ExternalLink(link, "/x")
        if attribute:
            file.attrs["state"] = np.void(attribute)
    return target.getvalue()


def keras_zip(config: Any, more: dict[str, bytes] | None = None) -> bytes:
    """Return a .keras archive."""
    text = config if isinstance(config, bytes) else json.dumps(config).encode()
    files = {
        "metadata.json": b'{"keras_version": "3.9.0"}',
        "config.json": text,
        "model.weights.h5": weights(),
    }
    return plain(files | (more or {}))


def h5_model(config: Any, **attributes: str) -> bytes:
    """Return an HDF5 model of the older kind, whose settings are an attribute."""
    target = io.BytesIO()
    with h5py.File(target, "w") as file:
        file.attrs["model_config"] = json.dumps(config)
        file.attrs["keras_version"] = "2.15.0"
        for name, text in attributes.items():
            file.attrs[name] = text
        file.create_dataset("model_weights/dense/kernel", data=np.ones((4, 2), "f4"))
    return target.getvalue()


def _function(module: str, name: str) -> dict[str, Any]:
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


def _settings() -> Iterator[tuple[str, str, Any]]:
    """Trick, why, the settings."""
    yield (
        "lambda",
        "CVE-2024-3660: marshalled code in a layer",
        sequential(layer("Lambda", function=LAMBDA)),
    )
    yield (
        "lambda-wrapped",
        "the same inside of a wrapper",
        sequential(layer("TimeDistributed", layer=layer("Lambda", function=LAMBDA))),
    )
    yield (
        "lambda-shape",
        "the code stands in another setting",
        sequential(layer("Lambda", function=_function("builtins", "abs"), output_shape=LAMBDA)),
    )
    yield (
        "lambda-activation",
        "the code is an activation",
        sequential(layer("Dense", units=2, activation=LAMBDA)),
    )
    yield (
        "function",
        "CVE-2025-1550: any function of any module",
        sequential(layer("Lambda", function=_function("os", "system"), arguments={"command": ":"})),
    )
    yield (
        "module",
        "CVE-2025-1550: any class of any module",
        sequential(layer("Popen", module="subprocess", args=["true"])),
    )
    yield (
        "module-deep",
        "CVE-2025-1550, deep inside",
        sequential(
            layer("Dense", units=2, kernel_initializer=layer("system", module="os", command=":"))
        ),
    )
    yield (
        "get-file",
        "CVE-2025-8747: keras's own function fetches and unpacks a file",
        sequential(
            layer(
                "Lambda",
                function=_function("keras.utils", "get_file"),
                arguments={"origin": "https://example.org/x"},
            )
        ),
    )
    yield (
        "unsafe-switch",
        "CVE-2025-9906: settings switch the protection off",
        sequential(
            layer("Lambda", function=_function("keras.config", "enable_unsafe_deserialization"))
        ),
    )
    yield (
        "torch-wrapper",
        "CVE-2025-49655: a torch pickle inside",
        sequential(
            layer(
                "TorchModuleWrapper",
                module="keras.utils.torch_utils",
                module_bytes=base64.b64encode(evil()).decode(),
            )
        ),
    )
    yield (
        "vocabulary",
        "CVE-2025-12058: reads any file or address",
        sequential(layer("StringLookup", vocabulary="/etc/passwd")),
    )
    yield (
        "vocabulary-address",
        "CVE-2025-12058: the same by address",
        sequential(layer("TextVectorization", vocabulary="https://example.org/words")),
    )
    yield (
        "saved-model-layer",
        "TFSMLayer loads another model",
        sequential(layer("TFSMLayer", filepath="../evil")),
    )
    yield (
        "custom",
        "a class that the archive cannot hold",
        sequential({**layer("Net", module="evil_package.nets"), "registered_name": "evil>Net"}),
    )
    yield (
        "tensorflow-op",
        "an operation of TensorFlow by its name",
        sequential(layer("TFOpLambda", function="io.write_file")),
    )
    yield (
        "compile",
        "the loss is a dangerous function",
        sequential(layer("Dense", units=1), compile_config={"loss": _function("os", "system")}),
    )
    yield (
        "numpy-function",
        "numpy.load as an activation",
        sequential(layer("Dense", units=1, activation=_function("numpy", "load"))),
    )


def _rows() -> Iterator[tuple[str, str, str, Any]]:
    for trick, why, config in _settings():
        yield f"zip-{trick}", "model.keras", why, keras_zip(config)
    fine = sequential(layer("Dense", units=2))
    for trick, why, config in (
        (
            "lambda",
            "CVE-2025-9905: safe mode did not hold for HDF5",
            sequential(
                layer("Lambda", module="keras", function=[CODE, None, None], function_type="lambda")
            ),
        ),
        ("module", "a class of any module", sequential(layer("Popen", module="subprocess"))),
        (
            "vocabulary",
            "reads any file",
            sequential(layer("StringLookup", vocabulary="/etc/hosts")),
        ),
    ):
        yield f"h5-{trick}", "model.h5", why, h5_model(config)
    yield (
        "h5-training",
        "model.h5",
        "the settings of training hold code",
        h5_model(fine, training_config=json.dumps({"loss": LAMBDA})),
    )
    yield "h5-link", "weights.h5", "a link to a file outside", weights("/etc/secret.h5")
    yield "h5-link-up", "weights.h5", "a link to a file outside", weights("../../secret.h5")
    yield "h5-attribute", "weights.h5", "a pickle in an attribute", weights(attribute=evil())
    yield "h5-external", "weights.h5", "the numbers lie in another file", external()
    yield (
        "zip-pickle",
        "model.keras",
        "a pickle beside the settings",
        keras_zip(fine, {"assets/tokenizer.pkl": evil()}),
    )
    yield (
        "zip-weights",
        "model.keras",
        "the weights are a pickle",
        keras_zip(fine, {"model.weights.h5": evil()}),
    )
    yield (
        "zip-weights-link",
        "model.keras",
        "CVE-2025-12060 family: weights lead outside",
        keras_zip(fine, {"model.weights.h5": weights("/etc/secret.h5")}),
    )
    yield (
        "zip-twice",
        "model.keras",
        "settings say one thing twice",
        keras_zip(
            json.dumps(fine)[:-1].encode()
            + b', "config": '
            + json.dumps(sequential(layer("Lambda", function=LAMBDA))["config"]).encode()
            + b"}"
        ),
    )
    yield (
        "json-lambda",
        "model.json",
        "the settings by themselves",
        json.dumps(sequential(layer("Lambda", function=LAMBDA))).encode(),
    )


def external() -> bytes:
    """Return an HDF5 file whose numbers are read from any other file."""
    target = io.BytesIO()
    with h5py.File(target, "w") as file:
        file.create_dataset("w", (16,), "u1", external=[("/etc/hostname", 0, 16)])
    return target.getvalue()


def keras_files() -> Iterator[Hostile]:
    """Keras archives and HDF5 files."""
    yield from dropped("keras", _rows())
