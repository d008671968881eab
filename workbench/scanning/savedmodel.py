"""TensorFlow SavedModels: programs made of TensorFlow's operations, some of which touch files.

The messages are those of ``saved_model.proto``, ``meta_graph.proto``, ``graph.proto`` and
``function.proto``. TensorFlow's own advice is to treat a model as code (SECURITY.md there).
"""

from __future__ import annotations

from itertools import islice
from typing import BinaryIO

from workbench.findings.finding import Level
from workbench.findings.scan import Outcome
from workbench.scanning.contract import Budget, Scan, finding
from workbench.scanning.documents import parsed
from workbench.scanning.keras_config import check_config
from workbench.scanning.protobuf import BYTES, Schema, fields, text, walk
from workbench.scanning.recipes import leads_outside
from workbench.scanning.streams import Malformed, size_of
from workbench.scanning.wording import escaped

__all__ = ["is_graph", "is_savedmodel", "scan_graph", "scan_savedmodel"]

_SCHEMA: Schema = {
    "saved": {2: "meta"},
    "meta": {2: "graph", 6: "asset", 7: "objects"},
    "graph": {1: "node", 2: "library"},
    "library": {1: "function"},
    "function": {3: "node"},
    "objects": {1: "object"},
    "object": {4: "user"},
}
_MOST = 1000  # fields that are looked at to tell what a stream is
_NODE_OPERATION = 2
_USER_METADATA = 3
_ASSET_FILE = 2

# Operations that run Python, or read, write or send something beyond the model's own variables.
OPERATIONS = {
    **dict.fromkeys(
        ("PyFunc", "PyFuncStateless", "EagerPyFunc"), "It calls a function of Python."
    ),
    **dict.fromkeys(
        (
            *("ReadFile", "MatchingFiles", "WholeFileReader", "WholeFileReaderV2", "LMDBReader"),
            *("TextLineReader", "TextLineReaderV2", "TFRecordReader", "TFRecordReaderV2"),
            *("FixedLengthRecordReader", "FixedLengthRecordReaderV2", "IdentityReader"),
            *("TextLineDataset", "TFRecordDataset", "TFRecordDatasetV2", "CSVDataset"),
            *("CSVDatasetV2", "FixedLengthRecordDataset", "FixedLengthRecordDatasetV2"),
            *("LoadDataset", "LoadDatasetV2", "MatchingFilesDataset", "SqlDataset", "LMDBDataset"),
            *("ExperimentalMatchingFilesDataset", "ExperimentalSqlDataset"),
            *("ExperimentalCSVDataset", "ExperimentalLMDBDataset", "ImmutableConst"),
        ),
        "It reads files of whoever runs it.",
    ),
    **dict.fromkeys(
        (
            *("WriteFile", "PrintV2", "SaveDataset", "SaveDatasetV2", "DatasetToTFRecord"),
            *("ExperimentalDatasetToTFRecord", "CacheDataset", "CacheDatasetV2"),
            *("SnapshotDataset", "SnapshotDatasetV2", "CreateSummaryFileWriter"),
            *("CreateSummaryDbWriter", "DebugIdentity", "DebugIdentityV2", "DebugIdentityV3"),
            *("DebugNanCount", "DebugNumericSummary", "DebugNumericSummaryV2"),
            *("WriteRawProtoSummary", "SnapshotNestedDatasetReader", "SnapshotDatasetReader"),
            *("DistributedSave", "Save", "SaveSlices"),
        ),
        "It writes files of whoever runs it.",
    ),
    **dict.fromkeys(
        (
            *("DataServiceDataset", "DataServiceDatasetV2", "DataServiceDatasetV3"),
            *("DataServiceDatasetV4", "RegisterDataset", "RegisterDatasetV2", "RpcServer"),
            *("RpcClient", "RpcCall", "RpcServerStart", "BigQueryReader", "GcsConfigureBlockCache"),
            *("GcsConfigureCredentials", "KafkaDataset", "Rpc", "TryRpc", "CloudBigtableClient"),
            "RemoteCall",
        ),
        "It sends to, or fetches from, other machines.",
    ),
    "TRTEngineOp": "It runs a compiled program for a graphics card.",
}  # fmt: skip
_SUSPECT = ("pyfunc", "shell", "execute", "loadlibrary", "subprocess", "system")


def is_savedmodel(stream: BinaryIO, budget: Budget) -> bool:
    """Tell whether a stream is a saved model: its version, and graphs that have a graph."""
    total = size_of(stream)
    try:
        graphs = [f for f in islice(fields(stream, 0, total, budget), _MOST) if f.number != 1]
        if not graphs or any((f.number, f.wire) != (2, BYTES) for f in graphs):
            return False
        inner = list(islice(fields(stream, graphs[0].start, graphs[0].size, budget), _MOST))
    except Malformed:
        return False
    return all(1 <= f.number <= 7 and f.wire == BYTES for f in inner) and bool(inner)


def is_graph(stream: BinaryIO, budget: Budget) -> bool:
    """Tell whether a stream is a graph by itself: nodes that name themselves and an operation."""
    total = size_of(stream)
    try:
        parts = list(islice(fields(stream, 0, total, budget), _MOST))
        nodes = [f for f in parts if (f.number, f.wire) == (1, BYTES)]
        if not nodes or any(f.number not in (1, 2, 3, 4) for f in parts):
            return False
        for node in nodes:
            inner = list(fields(stream, node.start, node.size, budget))
            if [(f.number, f.wire) for f in inner[:2]] != [(1, BYTES), (2, BYTES)]:
                return False
            if not all(1 <= f.number <= 7 and f.wire == BYTES for f in inner):
                return False
            if not text(stream, inner[1]).isidentifier():
                return False
    except Malformed:
        return False
    return True


def scan_graph(stream: BinaryIO, place: str, budget: Budget) -> Scan:
    """Return what was found in a graph by itself, as older programs of TensorFlow write it."""
    return _scanned(stream, "graph", Scan("tensorflow graph"), place, budget)


def scan_savedmodel(stream: BinaryIO, place: str, budget: Budget) -> Scan:
    """Return what was found: the operations that touch more than the model."""
    return _scanned(stream, "saved", Scan("savedmodel"), place, budget)


def _scanned(stream: BinaryIO, root: str, scan: Scan, place: str, budget: Budget) -> Scan:
    scan.worsen(
        Outcome.allowed,
        "It is a program of TensorFlow, and uses no operation known to reach beyond the model.",
    )
    used: set[str] = set()
    try:
        for message, plain in walk(stream, _SCHEMA, root, size_of(stream), budget):
            for field in plain:
                if message.kind == "node" and field.number == _NODE_OPERATION:
                    used.add(text(stream, field))
                elif message.kind == "asset" and field.number == _ASSET_FILE:
                    _check_asset(text(stream, field), place, scan)
                elif message.kind == "user" and field.number == _USER_METADATA and field.size:
                    _check_layer(text(stream, field), place, budget, scan)
    except Malformed as error:
        why = f"It is not a proper model of TensorFlow: {error}."
        scan.add(finding("damaged", place, "SavedModel", why, remedy="Export the model again."))
        return scan
    for name in sorted(used):
        why = OPERATIONS.get(name, "")
        if not why and any(word in name.lower() for word in _SUSPECT):
            why = "It may run a program."
        if why:
            remedy = "Export the model without this operation."
            scan.add(finding("tensorflow-operation", place, escaped(name), why, remedy=remedy))
        elif ">" in name:
            why = "It needs an operation that is not part of TensorFlow."
            scan.add(finding("own-operation", place, escaped(name), why, level=Level.concern))
    return scan


def _check_asset(name: str, place: str, scan: Scan) -> None:
    if leads_outside(name):
        why = "It reads a file from outside of the model's folder."
        remedy = "Export the model again, with its files beside it."
        scan.add(finding("outside-data", place, escaped(name, 60), why, remedy=remedy))


def _check_layer(said: str, place: str, budget: Budget, scan: Scan) -> None:
    """Check what Keras notes about a layer, which it reads to build it again."""
    if not said.strip().startswith("{"):
        return
    for found in check_config(parsed(said.encode()), place, budget):
        scan.add(found)
