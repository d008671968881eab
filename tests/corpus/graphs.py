"""Graphs that name operations with side effects, files outside, or more memory than there is."""

from __future__ import annotations

from collections.abc import Iterator

from tests.corpus.assembly import evil
from tests.corpus.sample import Hostile, dropped, several
from tests.corpus.wire import field, graph_def, onnx, onnx_tensor, saved_model, tensor_node

__all__ = ["graphs"]


ADD = [tensor_node("Relu")]
OPS = {
    "ReadFile": "reads any file",
    "WriteFile": "writes any file",
    "PyFunc": "calls Python",
    "PyFuncStateless": "calls Python",
    "EagerPyFunc": "calls Python",
    "PrintV2": "can write to a file",
    "DebugIdentity": "writes to any address",
    "MatchingFiles": "lists folders",
    "WholeFileReaderV2": "reads any file",
    "ShardedFilename": "builds names of files",
    "Save": "writes any file",
    "LookupTableExportV2": "hands out tables",
    "XlaHostCompute": "runs outside of the graph",
}
NORMAL = ["Placeholder", "VarHandleOp", "MatMul", "BiasAdd", "Softmax"]


def _tensorflow() -> Iterator[tuple[str, str, str, bytes]]:
    for op in (
        "ReadFile",
        "WriteFile",
        "PyFunc",
        "PyFuncStateless",
        "EagerPyFunc",
        "DebugIdentity",
        "MatchingFiles",
        "WholeFileReaderV2",
    ):
        graph = graph_def([*NORMAL, op])
        yield f"savedmodel-{op}", "model/saved_model.pb", OPS[op], saved_model(graph)
    hidden = graph_def(NORMAL, inside="WriteFile")
    yield "savedmodel-function", "m/saved_model.pb", "in a function's body", saved_model(hidden)
    yield "frozen", "frozen.pb", "a graph by itself", graph_def([*NORMAL, "WriteFile"])
    yield (
        "savedmodel-second",
        "m/saved_model.pb",
        "in the second graph",
        saved_model(graph_def(NORMAL)) + field(2, field(2, graph_def(["ReadFile"]))),
    )
    yield ("savedmodel-pickle", "m/saved_model.pb", "a pickle as a whole file", evil())
    yield (
        "tflite-flex",
        "model.tflite",
        "an operation of full TensorFlow inside TFLite",
        b"\x1c\0\0\0TFL3" + bytes(20) + b"\x0d\0\0\0FlexWriteFile\0\0\0" + bytes(16),
    )


def _onnx() -> Iterator[tuple[str, str, str, bytes]]:
    def outside(location: str, **more: str) -> bytes:
        return onnx(ADD, [onnx_tensor("w", external={"location": location, **more})])

    up = "../../../../etc/passwd"
    why = "CVE-2022-25882, CVE-2024-27318, CVE-2024-5187: data from a file outside"
    yield "external-up", "model.onnx", why, outside(up)
    yield "external-inside-up", "model.onnx", why, outside(f"data/{up}")
    yield "external-absolute", "model.onnx", why, outside("/etc/passwd")
    yield "external-backslash", "model.onnx", why, outside("..\\..\\secret.bin")
    yield "external-drive", "model.onnx", why, outside("C:\\secret.bin")
    yield "external-address", "model.onnx", "data from an address", outside("https://example.org/w")
    yield "external-device", "model.onnx", "data from a device", outside("/dev/stdin")
    yield "external-null", "model.onnx", "a zero byte cuts the name", outside("/etc/passwd\0.bin")
    yield "external-missing", "model.onnx", "data from a file that is not there", outside("w.bin")
    twice = onnx_tensor("w", external={"location": "w.bin"})
    twice = twice[:-2] + field(13, field(1, "location") + field(2, up)) + twice[-2:]
    yield "external-twice", "model.onnx", "two places; the last one counts", onnx(ADD, [twice])
    inner = onnx_tensor("v", external={"location": up})
    held = field(5, field(1, "value") + field(5, inner) + field(20, 4))
    constant = field(2, "y") + field(4, "Constant") + held
    yield "external-constant", "model.onnx", "in an attribute of a node", onnx([constant], [])
    branch = field(5, field(1, "then_branch") + field(6, field(5, inner)) + field(20, 5))
    yield (
        "external-branch",
        "model.onnx",
        "in a graph inside of a node",
        onnx([tensor_node("If", attributes=branch)], []),
    )
    body = field(1, "f") + field(7, constant) + field(10, "local")
    yield "external-function", "model.onnx", "in a function", onnx(ADD, [], more=field(25, body))
    sparse = field(7, field(15, field(1, inner)))
    yield "external-sparse", "model.onnx", "in a sparse tensor", onnx(ADD, []) + sparse
    custom = "an operation from a library that comes with the file"
    for trick, domain, op in (
        ("python", "ai.onnx.contrib", "PyOp"),
        ("extension", "com.microsoft.extensions", "PythonOp"),
        ("custom", "evil.example", "Run"),
    ):
        yield (
            f"domain-{trick}",
            "model.onnx",
            custom,
            onnx([tensor_node(op, domain)], [], domains=("", domain)),
        )
    yield "domain-undeclared", "model.onnx", custom, onnx([tensor_node("PyOp", "evil")], [])
    yield (
        "context",
        "model.onnx",
        "loads a native cache beside the file",
        onnx(
            [
                tensor_node(
                    "EPContext",
                    "com.microsoft",
                    field(5, field(1, "ep_cache_context") + field(4, "../evil.bin") + field(20, 3)),
                )
            ],
            [],
            domains=("", "com.microsoft"),
        ),
    )
    yield (
        "dims",
        "model.onnx",
        "a tensor of exabytes",
        onnx(ADD, [onnx_tensor("w", (1 << 31, 1 << 31))]),
    )
    yield "dims-negative", "model.onnx", "a negative size", onnx(ADD, [onnx_tensor("w", (-4,))])
    deep = tensor_node("Relu")
    for _ in range(400):
        deep = tensor_node("If", attributes=field(5, field(1, "b") + field(6, field(1, deep))))
    yield "deep", "model.onnx", "graphs in graphs until the parser crashes", onnx([deep], [])
    yield "cut", "model.onnx", "ends in the middle", onnx(ADD, [onnx_tensor("w")])[:-9]
    yield "tail", "model.onnx", "a pickle behind the message", onnx(ADD, []) + evil()
    yield (
        "unknown-field",
        "model.onnx",
        "a pickle in a field nobody knows",
        onnx(ADD, [], more=field(999, evil())),
    )
    yield (
        "pickle-tensor",
        "model.onnx",
        "the weights are shorter than stated",
        onnx(ADD, [onnx_tensor("w", (99,))]),
    )


def graphs() -> Iterator[Hostile]:
    """TensorFlow and ONNX."""
    yield from dropped("tensorflow", _tensorflow())
    yield from dropped("onnx", _onnx())
    beside = {"model.onnx": onnx(ADD, [onnx_tensor("w", external={"location": "w.pkl"})])}
    yield Hostile(
        "onnx/external-pickle",
        "the data beside it are a pickle",
        several({**beside, "w.pkl": evil()}),
    )
