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
from workbench.scanning.streams import Malformed, size_of
from workbench.scanning.wording import escaped

__all__ = ["is_savedmodel", "scan_savedmodel"]

_SCHEMA: Schema = {
    "saved": {2: "meta"},
    "meta": {2: "graph", 7: "objects"},
    "graph": {1: "node", 2: "library"},
    "library": {1: "function"},
    "function": {3: "node"},
    "objects": {1: "object"},
    "object": {4: "user"},
}
_MOST = 1000  # fields that are looked at to tell what a stream is
_NODE_OPERATION = 2
_USER_METADATA = 3

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


def scan_savedmodel(stream: BinaryIO, place: str, budget: Budget) -> Scan:
    """Return what was found: the operations that touch more than the model."""
    scan = Scan("savedmodel")
    scan.worsen(
        Outcome.allowed,
        "It is a program of TensorFlow, and uses no operation known to reach beyond the model.",
    )
    used: set[str] = set()
    try:
        for message, plain in walk(stream, _SCHEMA, "saved", size_of(stream), budget):
            for field in plain:
                if message.kind == "node" and field.number == _NODE_OPERATION:
                    used.add(text(stream, field))
                elif message.kind == "user" and field.number == _USER_METADATA and field.size:
                    _check_layer(text(stream, field), place, budget, scan)
    except Malformed as error:
        why = f"It is not a proper SavedModel: {error}."
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


def _check_layer(said: str, place: str, budget: Budget, scan: Scan) -> None:
    """Check what Keras notes about a layer, which it reads to build it again."""
    if not said.strip().startswith("{"):
        return
    for found in check_config(parsed(said.encode()), place, budget):
        scan.add(found)
