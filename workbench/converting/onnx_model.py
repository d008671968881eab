"""ONNX models opened: looked into first, then computed by onnxruntime on this processor.

An ONNX file is a graph of named operations and the numbers they use. It is only opened if the look
into it finds operations of ONNX alone: none of somebody's own library, and no numbers that lie in
another file.

Source: the Open Neural Network Exchange specification (onnx 1.17); the names and order of outputs
are those of sklearn-onnx: labels or values first, probabilities second.
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from workbench.converting.unloadable import unloadable
from workbench.encoding import parse
from workbench.errors import InputError, Unavailable
from workbench.findings.scan import Outcome
from workbench.scanning.scan import scan

__all__ = ["COLUMNS", "FILE", "OnnxClassifier", "OnnxModel", "load"]

FILE = "model.onnx"
MAX_FILE = 2**31 - 1  # bytes; more does not fit into a message of protocol buffers
COLUMNS = "columns"  # the entry of the metadata that names the columns of a table, as JSON
PROBABILITIES = ("probabilities", "output_probability")
TEXT = "tensor(string)"
TYPES: dict[str, np.dtype[Any]] = {
    "tensor(float16)": np.dtype("float16"),
    "tensor(float)": np.dtype("float32"),
    "tensor(double)": np.dtype("float64"),
    "tensor(bool)": np.dtype("bool"),
    **{f"tensor(int{bits})": np.dtype(f"int{bits}") for bits in (8, 16, 32, 64)},
    **{f"tensor(uint{bits})": np.dtype(f"uint{bits}") for bits in (8, 16, 32, 64)},
}
AGAIN = "Ask the owner to publish the model again, with operations of ONNX only."
# What onnxruntime says where the computer does not know the letters of a language, or how it
# writes them; group 1 is the language.
LANGUAGE = re.compile(r"locale with name:([A-Za-z0-9_.@-]{1,40})")
QUIET = 4  # onnxruntime's level for what is fatal; errors are raised anyway


class OnnxModel:
    """A model that onnxruntime computes; all that it can do is answer.

    Attributes:
        columns: the names of the columns that it takes, in order; empty if the file does not say.
    """

    def __init__(self, session: Any, columns: Sequence[str] = ()) -> None:
        self._session = session
        self.columns = tuple(columns)

    def predict(self, rows: Any) -> Any:
        """Return the model's first answer for each row: its labels or values.

        Args:
            rows: n × columns, a table or an array. Numbers are rounded to the precision that the
                model takes, mostly 32 bits. Columns of a table are found by name.

        Raises:
            InputError: rows that the model does not take.
        """
        return self._answer(0, rows)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._takes()}>"

    def _answer(self, number: int, rows: Any) -> Any:
        name = self._session.get_outputs()[number].name
        fed = self._fed(rows)
        try:
            (said,) = self._session.run([name], fed)
        except Exception as error:  # onnxruntime has a class of its own for each kind of failure
            raise self._refused(type(error).__name__) from error
        return _plain(said, len(next(iter(fed.values()))))

    def _fed(self, rows: Any) -> dict[str, Any]:
        """Return what each input of the graph is given."""
        inputs = self._session.get_inputs()
        names = self.columns or tuple(one.name for one in inputs)
        if hasattr(rows, "columns") and (self.columns or len(inputs) > 1):
            there = {str(one): one for one in rows.columns}  # some are numbers
            if missing := [name for name in names if name not in there]:
                raise self._refused(f"there is no column {', '.join(missing)[:200]}")
            rows = rows[[there[name] for name in names]]
        try:
            if len(inputs) == 1:
                return {inputs[0].name: _given(rows, inputs[0])}
            table = np.asarray(rows, object)
            if table.ndim != 2 or table.shape[1] != len(inputs):
                raise self._refused("there are more or fewer columns")
            columns = zip(inputs, table.T, strict=True)
            return {one.name: _given(column, one) for one, column in columns}
        except (ValueError, TypeError, LookupError) as error:
            raise self._refused(type(error).__name__) from error

    def _takes(self) -> str:
        found = [f"{one.name[:60]} {one.shape} {one.type}" for one in self._session.get_inputs()]
        return ", ".join(found[:8]) + (" …" if len(found) > 8 else "")

    def _refused(self, why: str) -> InputError:
        return InputError(
            f"The model does not take these rows: {why}.",
            unchanged="Nothing was predicted.",
            hint=f"It takes {self._takes()}.",
        )


class OnnxClassifier(OnnxModel):
    """One whose second answer are probabilities."""

    def predict_proba(self, rows: Any) -> Any:
        """Return the probability of each class; a list of such tables where labels are several.

        Raises:
            InputError: rows that the model does not take.
        """
        return self._answer(1, rows)


def load(path: Path) -> OnnxModel:
    """Return the model in a file, after looking into it.

    Raises:
        TrustError: it needs code or files from elsewhere, or is no model (step
            ``"model content"``).
        Unavailable: onnxruntime is not installed, or the computer does not know a language that
            the model tells capital letters by.
    """
    runtime = _runtime()
    if path.stat().st_size > MAX_FILE:
        raise unloadable(path.name, "it is larger than such a file can be", AGAIN)
    content = path.read_bytes()
    _look(path.name, content)
    options = runtime.SessionOptions()
    options.log_severity_level = QUIET
    try:
        session = runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        known = session.get_modelmeta().custom_metadata_map
        columns = _columns(known.get(COLUMNS, "[]"))
        outputs = [one.name for one in session.get_outputs()]
        if not session.get_inputs() or not outputs:
            raise ValueError("takes or gives nothing")
    except Exception as error:  # a made-up file can make onnxruntime raise anything
        if language := LANGUAGE.search(str(error)):
            raise _unspoken(path.name, language[1].rstrip(".:")) from error
        raise unloadable(path.name, type(error).__name__, AGAIN) from error
    kind = OnnxClassifier if len(outputs) > 1 and outputs[1] in PROBABILITIES else OnnxModel
    return kind(session, columns)


def _unspoken(name: str, language: str) -> Unavailable:
    return Unavailable(
        f"{name} makes capital letters small by the rules of {language}, which this computer does "
        "not know.",
        unchanged="Nothing was loaded.",
        hint="Have that locale installed, or ask the owner for the model in another form.",
    )


def _look(name: str, content: bytes) -> None:
    """Refuse what could run other code; no file beside it exists for what looks into it."""
    (found,) = scan([(name, io.BytesIO(content))], clock=time.monotonic).files
    if found.kind != "onnx" or found.outcome is not Outcome.safe:
        why = found.findings[0].why if found.findings else "it is no model of ONNX"
        raise unloadable(name, why.rstrip("."), AGAIN)


def _columns(text: str) -> list[str]:
    found = parse(text.encode())
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise ValueError("no names")
    return found


def _runtime() -> Any:
    try:
        runtime = import_module("onnxruntime")
    except ImportError as error:
        raise Unavailable(
            "Opening this model needs onnxruntime.", hint="pip install 'sharing-workbench[onnx]'"
        ) from error
    runtime.disable_telemetry_events()
    return runtime


def _given(values: Any, one: Any) -> np.ndarray[Any, Any]:
    """Return values in the type and with as many dimensions as an input of the graph has."""
    values = getattr(values, "toarray", lambda: values)()
    if one.type == TEXT:
        array = np.asarray(values, str).astype(object)
    else:
        array = np.asarray(values, TYPES[one.type])
    return array.reshape(-1, 1) if array.ndim == 1 and len(one.shape) == 2 else array


def _plain(said: Any, rows: int) -> Any:
    """Return an answer as scikit-learn would give it: one value a row without a second dimension.

    Args:
        said: an array, or one for each label where there are several.
    """
    if isinstance(said, list) or said.ndim == 3:
        return [np.asarray(one) for one in said]
    said = said.astype(str) if said.dtype == object else said
    return said.reshape(rows) if said.size == rows else said
