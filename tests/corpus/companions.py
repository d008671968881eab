"""What travels with models: tables, pictures, notes, settings, weights of other tools."""

from __future__ import annotations

import io
import json
import pickle
import struct
import uuid
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import h5py
import nbformat
import numpy as np
import pandas as pd

from tests.corpus.archives import lz4, member, sevenzip, tar, zstd
from tests.corpus.estimators import rows
from tests.corpus.forms import ALLOWED, EITHER, SAFE
from tests.corpus.keras_files import h5_model, keras_zip, layer, sequential, weights
from tests.corpus.language import PLAIN, gguf
from tests.corpus.sample import Benign, Data, several
from tests.corpus.wire import graph_def, onnx, onnx_tensor, saved_model, tensor_node
from tests.corpus.zipping import plain

__all__ = ["companions"]

TEMPLATE = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] }}"
    "{% if loop.last and add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}{% endfor %}"
)
CONFIG = {"architectures": ["BertModel"], "hidden_size": 8, "model_type": "bert", "dropout": 0.1}
CARD = (
    "---\nlicense: mit\ntags: [tabular]\n---\n# Readmission\n\nRun `import os` first; see `eval`.\n"
)
SETTINGS = (
    "name: readmission\nmodel:\n  layers: [8, 2]\n  rate: 1.0e-3\nnote: |\n  os.system is text\n"
)
SENTENCES = "sentence_transformers.models"
# Of layers or operations: never better than allowed.
PROGRAMS = ("keras", "keras-h5", "savedmodel", "frozen")
CONDA = "name: e\ndependencies:\n  - python=3.11\n  - pip:\n    - scikit-learn==1.9.1\n"


def _table() -> pd.DataFrame:
    return rows("table")[0]


def _written(write: Any) -> bytes:
    target = io.BytesIO()
    write(target)
    return target.getvalue()


def _padded(length: int) -> bytes:
    """Weights whose header has a length that looks like the start of a pickle."""
    named = json.dumps({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}})
    return struct.pack("<Q", length) + named.encode().ljust(length) + bytes(8)


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">2I5B", 2, 2, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0\1\2\0\3\4")
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def _notebook() -> bytes:
    code = nbformat.v4.new_code_cell("import os\nprint(os.getcwd())")
    output = nbformat.v4.new_output("display_data", {"text/html": "<script>1</script>"})
    code.outputs = [output]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Fit"), code])
    return nbformat.writes(book).encode()


def _hdf5_table() -> bytes:
    target = io.BytesIO()
    with h5py.File(target, "w") as file:
        made = file.create_dataset("table", data=np.arange(40.0).reshape(10, 4), compression="gzip")
        made.attrs["columns"] = ["a", "b", "c", "d"]
        file["same"] = h5py.SoftLink("/table")
    return target.getvalue()


def _graph() -> bytes:
    relu, dense = tensor_node("Relu"), tensor_node("MatMul")
    trees = tensor_node("TreeEnsembleClassifier", "ai.onnx.ml")
    return onnx([relu, dense, trees], [onnx_tensor("w")], domains=("", "ai.onnx.ml"))


def _pickles() -> Iterator[tuple[str, str, Any]]:
    frame = _table()
    yield "frame", "table.pkl", lambda: pickle.dumps(frame)
    yield "frame-4", "table.pkl", lambda: pickle.dumps(frame, 4)
    yield "series", "ages.pkl", lambda: pickle.dumps(frame["age"])
    yield "index", "index.pkl", lambda: pickle.dumps(frame.index)
    yield "categories", "ward.pkl", lambda: pickle.dumps(frame["ward"].astype("category"))
    yield "dates", "dates.pkl", lambda: pickle.dumps(pd.date_range("2025-01-01", periods=3))
    yield "array", "array.pkl", lambda: pickle.dumps(np.arange(6.0).reshape(2, 3))
    yield "array-object", "names.pkl", lambda: pickle.dumps(np.array(["a", None, 3], dtype=object))
    yield "generator", "random.pkl", lambda: pickle.dumps(np.random.default_rng(1))
    yield "plain", "settings.pkl", lambda: pickle.dumps({"a": [1, 2.5, None, True], "b": {1, 2}})
    yield "plain-0", "settings.pkl", lambda: pickle.dumps({"a": [1, 2.5, "x\ny"]}, 0)
    yield "scalars", "scores.pkl", lambda: pickle.dumps({"auc": np.float64(0.9), "n": np.int64(3)})
    yield "zone", "dates.pkl", lambda: pickle.dumps(pd.Timestamp("2025-01-01", tz="Europe/Rome"))
    records = np.rec.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")])
    yield "records", "table.pkl", lambda: pickle.dumps(records)
    yield "paths", "run.pkl", lambda: pickle.dumps({uuid.UUID(int=1): PurePosixPath("a/b")})
    yield "keys", "rules.pkl", lambda: pickle.dumps({frozenset({("a", 1), ("b", 2)}): 0.5})
    yield "shared", "shared.pkl", lambda: pickle.dumps([[frame, frame], frame])


def _safe() -> Iterator[tuple[str, dict[str, Data]]]:
    frame = _table()
    yield "csv", {"table.csv": frame.to_csv(index=False).encode()}
    yield "csv-formula", {"table.csv": b"id,note\n1,=SUM(A1)\n2,\xe2\x82\xac\n"}
    yield "tsv", {"table.tsv": frame.to_csv(sep="\t").encode()}
    yield "json", {"config.json": json.dumps(CONFIG).encode()}
    yield "jsonl", {"scores.jsonl": b'{"auc": 0.9}\n{"auc": 0.8}\n'}
    yield "parquet", {"table.parquet": _written(frame.to_parquet)}
    yield "feather", {"table.feather": _written(frame.to_feather)}
    yield "yaml", {"settings.yaml": SETTINGS.encode()}
    yield "conda", {"conda.yaml": CONDA.encode()}
    yield "card", {"README.md": CARD.encode()}
    yield "wide", {"table.csv": "a;b\nüber;2\n".encode("utf-16")}
    yield "safetensors-length", {"model.safetensors": _padded(0x0480)}
    yield "frozen", {"frozen.pb": graph_def(["Placeholder", "MatMul"])}
    yield "text", {"requirements.txt": b"scikit-learn==1.9.1\nnumpy>=2\n"}
    yield "licence", {"LICENSE": b"Permission is hereby granted, free of charge.\n"}
    yield "png", {"plot.png": _png()}
    yield "toml", {"pyproject.toml": b'[project]\nname = "readmission"\n'}
    yield "npy", {"array.npy": _written(lambda target: np.save(target, np.arange(6.0)))}
    records = np.zeros(3, [("a", "<f8"), ("b", "<U4"), ("c", "?", (2,))])
    yield "npy-records", {"array.npy": _written(lambda target: np.save(target, records))}
    yield "npy-empty", {"array.npy": _written(lambda target: np.save(target, np.zeros((0, 4))))}
    yield "hdf5", {"table.h5": _hdf5_table()}
    yield "hdf5-weights", {"model.weights.h5": weights()}
    yield (
        "keras",
        {"model.keras": keras_zip(sequential(layer("Dense", units=2, activation="relu")))},
    )
    yield "keras-h5", {"model.h5": h5_model(sequential(layer("Dense", units=2)))}
    yield "onnx", {"model.onnx": _graph()}
    beside = onnx([tensor_node("Relu")], [onnx_tensor("w", external={
        "location": "weights.bin", "offset": "0", "length": "8"})])  # fmt: skip
    yield "onnx-external", {"model.onnx": beside, "weights.bin": struct.pack("<2f", 1, 2)}
    ops = [
        "Placeholder",
        "VarHandleOp",
        "ReadVariableOp",
        "MatMul",
        "BiasAdd",
        "StatefulPartitionedCall",
    ]
    numbers = struct.pack("<8f", *range(8))
    yield (
        "savedmodel",
        {
            "model/saved_model.pb": saved_model(graph_def(ops)),
            "model/fingerprint.pb": b"\x08\x01",
            "model/variables/variables.data-00000-of-00001": numbers,
        },
    )
    yield "gguf", {"model.gguf": gguf({**PLAIN, "tokenizer.chat_template": TEMPLATE})}
    yield "gguf-plain", {"model.gguf": gguf(dict(PLAIN))}
    yield "tokenizer", {"tokenizer_config.json": json.dumps({"chat_template": TEMPLATE}).encode(),
                        "vocab.txt": b"[PAD]\n[UNK]\nfever\n"}  # fmt: skip
    yield "zip", {"tables.zip": plain({"a.csv": b"a,b\n1,2\n", "notes/b.txt": b"fine\n"})}
    yield "tar", {"tables.tar": tar(member("a.csv", b"a,b\n1,2\n"))}
    yield "gzip", {"table.csv.gz": _written(lambda target: _gzip(frame, target))}
    yield "zstd", {"table.csv.zst": zstd(b"a,b\n1,2\n"), "table.csv.lz4": lz4(b"a,b\n1,2\n")}
    yield "sevenzip", {"table.7z": sevenzip("table.csv", b"a,b\n1,2\n")}
    yield "folder", {"README.md": CARD.encode(), "config.json": json.dumps(CONFIG).encode(),
                     "table.csv": b"a,b\n1,2\n"}  # fmt: skip


def _named() -> Iterator[tuple[str, str, str]]:
    """Settings that name code of libraries, which is what they are for."""
    modules = [{"idx": i, "name": str(i), "path": name, "type": f"{SENTENCES}.{name}"}
               for i, name in enumerate(("Transformer", "Pooling", "Normalize"))]  # fmt: skip
    index = {"_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.30.0",
             "unet": ["diffusers", "UNet2DConditionModel"], "feature_extractor": [None, None],
             "text_encoder": ["transformers", "CLIPTextModel"]}  # fmt: skip
    yield "modules", "modules.json", json.dumps(modules)
    yield "model-index", "model_index.json", json.dumps(index)
    yield "hydra", "config.yaml", "model:\n  _target_: torch.nn.Linear\n  in_features: 3\n"
    yield "lightning", "config.yaml", "trainer:\n  class_path: lightning.pytorch.Trainer\n"
    yield "mlflow", "MLmodel", "flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n"
    yield (
        "spacy",
        "config.cfg",
        '[nlp]\nlang = "en"\n[a.model]\n@architectures = "spacy.Tagger.v2"\n',
    )
    yield "yaml-tags", "mkdocs.yml", "a: !!str 3\nb: !ENV HOME\nc: !!binary aGk=\n"


def _gzip(frame: pd.DataFrame, target: Any) -> None:
    frame.to_csv(target, index=False, compression={"method": "gzip", "mtime": 1})


def companions() -> Iterator[Benign]:
    """Safe forms are safe, pickles of tables are allowed, notebooks are programs, not weapons."""
    for name, file, data in _pickles():
        yield Benign(f"pickle/{name}", ALLOWED | SAFE, several({file: data}))
    for name, files in _safe():
        wanted = EITHER if name in PROGRAMS else SAFE
        yield Benign(f"beside/{name}", wanted, several(files))
    for name, file, text in _named():
        yield Benign(f"settings/{name}", EITHER, several({file: text.encode()}))
    yield Benign("beside/notebook", EITHER, several({"fit.ipynb": _notebook}))
