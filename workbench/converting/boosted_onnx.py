"""Boosted trees as operations of ONNX, which compare and add up in numbers of 64 bits.

No converter is asked: sklearn-onnx (1.20) passes over splits by category in HistGradientBoosting
and writes none of its trees with NumPy 2; onnxmltools (1.16) knows no dropped trees and takes
seconds for thirty of LightGBM's. What they share, trees of numbers, is one operation of ONNX.

Source: the operator TreeEnsembleRegressor of ai.onnx.ml, version 3.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from workbench.converting.boosted import Ensemble, Link, Tree
from workbench.converting.trees import follow

__all__ = ["OPERATORS", "append", "graph"]

OPERATORS = {"": 13, "ai.onnx.ml": 3}  # the oldest versions that have all that is used here
PREFIX = "boosted_"  # so that no name is that of another part of a graph
ROWS = "rows"
NO_TREE = Tree(
    output=0,
    column=np.zeros(1, int),
    threshold=np.zeros(1),
    left=np.full(1, -1),
    right=np.full(1, -1),
    missing_left=np.zeros(1, bool),
    value=np.zeros(1),
)


def graph(ensemble: Ensemble) -> Any:
    """Return a model of ONNX that takes rows as one table of numbers.

    Raises:
        ImportError: the package onnx is not installed.
    """
    onnx = import_module("onnx")
    helper, types = onnx.helper, onnx.TensorProto
    kind = types.FLOAT if ensemble.single else types.DOUBLE
    rows = helper.make_tensor_value_info(ROWS, kind, [None, ensemble.columns])
    made = helper.make_model(helper.make_graph([], "boosted", [rows], []), opset_imports=[])
    append(made, ensemble, ROWS)
    made.ir_version = helper.find_min_ir_version_for(made.opset_import)
    return made


def append(made: Any, ensemble: Ensemble, rows: str, *, zero_is_missing: bool = False) -> None:
    """Add trees to a graph, and make what they answer its outputs.

    Args:
        made: a model of ONNX whose outputs are replaced.
        rows: the name in it of the table of numbers that the trees take.
        zero_is_missing: whether zeros are values that a table of XGBoost's would not hold.

    Raises:
        ImportError: the package onnx is not installed.
    """
    onnx = import_module("onnx")
    known = {one.domain: one.version for one in made.opset_import}
    del made.opset_import[:]
    for name in {**OPERATORS, **known}:
        version = max(OPERATORS.get(name, 1), known.get(name, 1))
        made.opset_import.append(onnx.helper.make_opsetid(name, version))
    _Writer(onnx, made, ensemble).write(rows, zero_is_missing)


class _Writer:
    """Adds one operation after the other to a graph."""

    def __init__(self, onnx: Any, made: Any, ensemble: Ensemble) -> None:
        self._onnx, self._graph, self._ensemble = onnx, made.graph, ensemble

    def write(self, rows: str, zero_is_missing: bool) -> None:
        types, ensemble = self._onnx.TensorProto, self._ensemble
        if ensemble.single:
            rows = self._then("Cast", "rounded", rows, to=types.FLOAT)
        if zero_is_missing:
            none = self._constant("none", np.array(np.nan, np.float32))
            zero = self._constant("zero", np.array(0, np.float32))
            absent = self._then("Equal", "absent", rows, zero)
            rows = self._then("Where", "filled", absent, none, rows)
        exact = self._then("Cast", "exact", rows, to=types.DOUBLE)
        total = self._then(
            "TreeEnsembleRegressor", "sum", exact, domain="ai.onnx.ml", **self._attributes()
        )
        answer = self._linked(total)
        del self._graph.output[:]
        if ensemble.classes is None:
            self._output("values", answer, types.FLOAT, [None, len(ensemble.start)])
            return
        answer = self._of_both(answer)
        labels = ensemble.classes
        kept = labels.astype(np.int64 if labels.dtype.kind in "biu" else labels.dtype)
        if kept.dtype.kind in "OU":
            kept = kept.astype(str).astype(object)
        names = self._constant("classes", kept)
        label = self._then("Gather", "chosen", names, self._best(total, answer), axis=0)
        kind = self._onnx.helper.np_dtype_to_tensor_dtype(kept.dtype)
        self._output("label", label, kind, [None])
        self._output("probabilities", answer, types.FLOAT, [None, len(labels)])

    def _linked(self, total: str) -> str:
        link = self._ensemble.link
        if link is Link.logistic:
            return self._then("Sigmoid", "share", total)
        if link is Link.softmax:
            return self._then("Softmax", "share", total, axis=1)
        return self._then("Exp", "power", total) if link is Link.exponential else total

    def _of_both(self, answer: str) -> str:
        """Return the probabilities of both classes where the trees give that of one."""
        if len(self._ensemble.start) > 1:
            return answer
        one = self._constant("one", np.array(1, np.float32))
        other = self._then("Sub", "other", one, answer)
        return self._then("Concat", "both", other, answer, axis=1)

    def _best(self, total: str, answer: str) -> str:
        """Return the number of the likeliest class, told as the library tells it."""
        if len(self._ensemble.start) > 1 or self._ensemble.single:
            asked = total if len(self._ensemble.start) > 1 else answer
            return self._then("ArgMax", "best", asked, axis=1, keepdims=0)
        zero = self._constant("even", np.array(0, np.float32))
        axis = self._constant("flat", np.array([-1]))
        above = self._then("Greater", "above", total, zero)
        flat = self._then("Reshape", "each", above, axis)
        return self._then("Cast", "best", flat, to=self._onnx.TensorProto.INT64)

    def _attributes(self) -> dict[str, Any]:
        """Return the trees as the operator takes them: each node, then each leaf."""
        trees = self._ensemble.trees or (NO_TREE,)
        kept = [np.array(sorted(follow(one.left.tolist(), one.right.tolist()))) for one in trees]
        pairs = list(zip(trees, kept, strict=True))
        leaves = [nodes[tree.left[nodes] < 0] for tree, nodes in pairs]
        ends = list(zip(trees, leaves, strict=True))
        is_leaf = np.concatenate([tree.left[nodes] < 0 for tree, nodes in pairs])

        def of_nodes(name: str) -> np.ndarray[Any, Any]:
            return np.concatenate([getattr(tree, name)[nodes] for tree, nodes in pairs])

        branch = "BRANCH_LT" if self._ensemble.strict else "BRANCH_LEQ"
        outputs = [np.full(len(nodes), tree.output) for tree, nodes in ends]
        values = [tree.value[nodes] for tree, nodes in ends]
        thresholds = np.where(is_leaf, 0.0, of_nodes("threshold"))
        return {
            "n_targets": len(self._ensemble.start),
            "aggregate_function": "SUM",
            "post_transform": "NONE",
            "base_values_as_tensor": self._tensor("base", np.array(self._ensemble.start)),
            "nodes_treeids": _numbered(kept),
            "nodes_nodeids": np.concatenate(kept).tolist(),
            "nodes_modes": np.where(is_leaf, "LEAF", branch).tolist(),
            "nodes_featureids": np.where(is_leaf, 0, of_nodes("column")).tolist(),
            "nodes_values_as_tensor": self._tensor("thresholds", thresholds),
            "nodes_truenodeids": np.where(is_leaf, 0, of_nodes("left")).tolist(),
            "nodes_falsenodeids": np.where(is_leaf, 0, of_nodes("right")).tolist(),
            "nodes_missing_value_tracks_true": np.where(is_leaf, 0, of_nodes("missing_left"))
            .astype(int)
            .tolist(),
            "target_treeids": _numbered(leaves),
            "target_nodeids": np.concatenate(leaves).tolist(),
            "target_ids": np.concatenate(outputs).tolist(),
            "target_weights_as_tensor": self._tensor("leaves", np.concatenate(values)),
        }

    def _then(self, operation: str, name: str, *given: str, domain: str = "", **more: Any) -> str:
        """Add an operation, and return the name of what it gives."""
        named = PREFIX + name
        node = self._onnx.helper.make_node(
            operation, list(given), [named], name=named, domain=domain, **more
        )
        self._graph.node.append(node)
        return named

    def _constant(self, name: str, values: np.ndarray[Any, Any]) -> str:
        self._graph.initializer.append(self._tensor(name, values))
        return PREFIX + name

    def _tensor(self, name: str, values: np.ndarray[Any, Any]) -> Any:
        return self._onnx.numpy_helper.from_array(values, PREFIX + name)

    def _output(self, name: str, of: str, kind: int, shape: list[int | None]) -> None:
        self._graph.node.append(self._onnx.helper.make_node("Identity", [of], [name], name=name))
        self._graph.output.append(self._onnx.helper.make_tensor_value_info(name, kind, shape))


def _numbered(parts: list[np.ndarray[Any, Any]]) -> list[int]:
    """Return of each node the number of its tree."""
    found: list[int] = np.repeat(np.arange(len(parts)), [len(one) for one in parts]).tolist()
    return found
