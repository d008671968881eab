"""Models written as ONNX, where a converter for them is installed.

scikit-learn's by sklearn-onnx, networks by torch itself. What comes out computes in numbers of 32
bits and can answer, no more: whether it answers as the model did is what the proof is for. Nothing
that a converter does not know is worked around; it is refused with the converter's reason.
"""

from __future__ import annotations

import json
import re
import warnings
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from workbench.converting.onnx_model import COLUMNS, FILE
from workbench.errors import InputError, Unavailable
from workbench.training import kinds
from workbench.training.measuring import at_rest
from workbench.training.settings import MAX_TEXT

__all__ = ["FILE", "LEFT_OUT", "write"]

LEFT_OUT = (
    "Only its answers are in it: it computes in numbers of 32 bits, has no settings, and cannot be "
    "trained further."
)
# Operators that any onnxruntime since 1.14 knows; the newest of those for trees are not written by
# every converter.
OPERATORS = {"": 18, "ai.onnx.ml": 3}
TRACED = 2  # rows that a network is followed with


def write(model: Any, path: Path, sample: Any) -> None:
    """Write a fitted model of scikit-learn, or a network, as ONNX.

    Args:
        sample: rows as the model takes them, which say what its columns are; ``None`` for a
            model of scikit-learn that takes numbers only.

    Raises:
        InputError: no converter knows the model, or one of its parts.
        Unavailable: the converter is not installed.
    """
    framework = kinds.framework(model)
    if framework == "torch":
        _network(model, path, sample)
    elif framework == "scikit-learn":
        path.write_bytes(_of_scikit_learn(model, sample))
    else:
        raise InputError(
            f"There is no way to ONNX for a {kinds.word(model)} here.",
            unchanged="Nothing was written.",
            hint="Leave form= out: the form that is then written runs no code either.",
        )


def _of_scikit_learn(model: Any, sample: Any) -> bytes:
    skl2onnx, types, graphs = _converter()
    inner = getattr(model, "best_estimator_", model)  # of a search, which only passes rows on
    chances = hasattr(model, "predict_proba")
    tabled = chances and hasattr(model, "classes_")  # or else each row comes as a dictionary
    names, inputs = _inputs(inner, sample, types)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            converted = skl2onnx.convert_sklearn(
                inner,
                name=type(inner).__name__,
                initial_types=inputs,
                options={id(inner): {"zipmap": False}} if tabled else None,
                target_opset=OPERATORS,
            )
        outputs = converted.graph.output[: 1 + chances]
        converted = graphs.select_model_inputs_outputs(converted, [one.name for one in outputs])
        del converted.graph.output[:]  # their types were lost on the way
        converted.graph.output.extend(outputs)
    except Exception as error:  # a converter raises whatever comes to its mind
        raise _unknown(model, error) from error
    if names:
        entry = converted.metadata_props.add()
        entry.key, entry.value = COLUMNS, json.dumps(names, ensure_ascii=False)
    content: bytes = converted.SerializeToString()
    return content


def _inputs(model: Any, sample: Any, types: Any) -> tuple[list[str], list[tuple[str, Any]]]:
    """Return the names of the columns, as far as there are any, and what the graph takes.

    A table whose columns are not all numbers, or are asked for by name, goes in column by column;
    all else in one piece.
    """
    if hasattr(sample, "columns") and hasattr(sample, "iloc"):
        names = [str(one) for one in sample.columns]
        texts = [not _is_number(kind) for kind in sample.dtypes]
        if any(texts) or _names_columns(model):
            kind_of = {True: types.StringTensorType, False: types.FloatTensorType}
            pairs = zip(names, texts, strict=True)
            return names, [(name, kind_of[text]([None, 1])) for name, text in pairs]
        return names, [("rows", types.FloatTensorType([None, len(names)]))]
    if _is_text(sample):
        return [], [("texts", types.StringTensorType([None, 1]))]
    columns = getattr(model, "n_features_in_", None)
    if columns is None:
        raise InputError(
            f"It is not known which columns a {kinds.word(model)} takes.",
            unchanged="Nothing was written.",
            hint="Give a few rows that it can predict: sample=X.",
        )
    return [], [("rows", types.FloatTensorType([None, int(columns)]))]


def _is_number(kind: Any) -> bool:
    return getattr(kind, "kind", "O") in "biuf"


def _names_columns(model: Any) -> bool:
    parts = model.get_params(deep=True).values()
    compose = ("sklearn.compose._column_transformer", "ColumnTransformer")
    return any(kinds.descends(one, *compose) for one in (model, *parts))


def _is_text(sample: Any) -> bool:
    """Tell whether a sample is a list or a column of texts."""
    if sample is None or len(getattr(sample, "shape", (1,))) != 1:
        return False
    return isinstance(next(iter(sample), None), str)


def _network(model: Any, path: Path, sample: Any) -> None:
    torch = kinds.loaded("torch")
    if find_spec("onnx") is None:
        raise _missing("onnx")
    first = next(iter(model.parameters()), None)
    rows = torch.as_tensor(getattr(sample, "to_numpy", lambda: sample)())[:TRACED]
    if first is not None:
        rows = rows.to(first.device)
        rows = rows.to(first.dtype) if rows.is_floating_point() else rows
    try:
        with warnings.catch_warnings(), at_rest(torch, model):
            warnings.simplefilter("ignore")
            if not isinstance(model(rows), torch.Tensor):
                raise ValueError("it gives several answers")
            # The way that follows a call: the newer one needs a package that is no part of torch.
            torch.onnx.export(
                model,
                (rows,),
                str(path),
                dynamo=False,
                input_names=["rows"],
                output_names=["values"],
                dynamic_axes={"rows": {0: "n"}, "values": {0: "n"}},
                opset_version=OPERATORS[""],
            )
    except Exception as error:  # a network may raise anything, and so may the exporter
        raise _unknown(model, error) from error


def _converter() -> tuple[Any, Any, Any]:
    """Return sklearn-onnx, its types of inputs, and its tools for graphs."""
    try:
        skl2onnx = import_module("skl2onnx")
    except ImportError as error:
        raise _missing("skl2onnx") from error
    return skl2onnx, skl2onnx.common.data_types, skl2onnx.helpers.onnx_helper


def _missing(name: str) -> Unavailable:
    return Unavailable(
        f"Writing a model as ONNX needs {name}.", hint="pip install 'sharing-workbench[onnx]'"
    )


def _unknown(model: Any, error: Exception) -> InputError:
    return InputError(
        f"This {kinds.word(model)} cannot be written as ONNX: {_reason(error)}.",
        unchanged="Nothing was written.",
        hint="Leave form= out to have it written in its own safe form.",
    )


def _reason(error: Exception) -> str:
    """Return what a converter says, up to where it may go on to repeat numbers of the model."""
    said = str(error).strip()
    if named := re.search(r"<class '([\w.]+)'>", said):
        return f"the converter does not know {named[1]}"
    first = re.split(r"[\n{\[(]", said)[0]
    return first[:MAX_TEXT].rstrip(" .,=:") or type(error).__name__
