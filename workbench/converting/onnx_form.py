"""Models written as ONNX, where a converter for them is installed.

scikit-learn's by sklearn-onnx, networks by torch itself, boosted trees by what is written here,
also as the last step of a pipeline. What comes out answers in numbers of 32 bits and can do no
more: whether it answers as the model did is what the proof is for. Nothing that a converter does
not know is worked around; it is refused with the converter's reason.
"""

from __future__ import annotations

import json
import re
import warnings
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from workbench.converting import boosted, boosted_onnx, onnx_gaps
from workbench.converting.onnx_model import COLUMNS, FILE
from workbench.converting.sound import parts
from workbench.errors import InputError, Unavailable, WorkbenchError
from workbench.training import kinds
from workbench.training.measuring import at_rest
from workbench.training.settings import MAX_TEXT

__all__ = ["FILE", "LEFT_OUT", "write"]

LEFT_OUT = (
    "Only its answers are in it: it answers in numbers of 32 bits, has no settings, and cannot be "
    "trained further."
)
# Operators that any onnxruntime since 1.14 knows; the newest of those for trees are not written by
# every converter.
OPERATORS = {"": 18, "ai.onnx.ml": 3}
DOUBLE = 11  # numbers of 64 bits, among the types of ONNX
TRACED = 2  # rows that a network is followed with
PIPELINE = ("sklearn.pipeline", "Pipeline")
# Two letters, digits or underscores and more: how scikit-learn tells words, and the same in RE2,
# whose \w knows no letters but those of English.
WORDS = r"(?u)\b\w\w+\b"
SAME_WORDS = r"[\p{L}\p{N}_][\p{L}\p{N}_]+"


def write(model: Any, path: Path, sample: Any) -> None:
    """Write a fitted model of scikit-learn, XGBoost or LightGBM, or a network, as ONNX.

    Args:
        sample: rows as the model takes them, which say what its columns are; ``None`` for a
            model that is no network and takes numbers only.

    Raises:
        InputError: no converter knows the model, or one of its parts.
        Unavailable: the converter is not installed.
    """
    framework = kinds.framework(model)
    if framework == "torch":
        _network(model, path, sample)
    elif framework in ("scikit-learn", "xgboost", "lightgbm"):
        path.write_bytes(_of_estimator(model, sample))
    else:
        raise InputError(
            f"There is no way to ONNX for a {kinds.word(model)} here.",
            unchanged="Nothing was written.",
            hint="Leave form= out: the form that is then written runs no code either.",
        )


def _of_estimator(model: Any, sample: Any) -> bytes:
    inner = getattr(model, "best_estimator_", model)  # of a search, which only passes rows on
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            names, converted = _converted(inner, sample)
    except WorkbenchError:
        raise
    except Exception as error:  # a converter raises whatever comes to its mind
        raise _unknown(model, error) from error
    if names:
        entry = converted.metadata_props.add()
        entry.key, entry.value = COLUMNS, json.dumps(names, ensure_ascii=False)
    content: bytes = converted.SerializeToString()
    return content


def _converted(model: Any, sample: Any) -> tuple[list[str], Any]:
    """Return the names of the columns, as far as there are any, and the graph."""
    if boosted.is_boosted(model):
        if find_spec("onnx") is None:
            raise _missing("onnx")
        if kinds.framework(model) == "xgboost" and hasattr(sample, "toarray"):
            raise ValueError("it takes what a sparse table does not hold to be missing")
        return _columns_of_numbers(sample), boosted_onnx.graph(boosted.read(model))
    last = model.steps[-1][1] if kinds.descends(model, *PIPELINE) else None
    if not boosted.is_boosted(last):
        return _of_scikit_learn(model, sample)
    if len(model.steps) == 1:
        return _converted(last, sample)
    steps, trees = model[:-1], boosted.read(last)
    # Trees ask on which side of a number another one is, so those of 32 bits are too rough.
    names, converted = _of_scikit_learn(steps, sample, exact=True)
    # What XGBoost is given as a sparse table has no zeros in it: it takes them to be missing.
    sparse = kinds.framework(last) == "xgboost" and _gives_sparse(steps, sample)
    given = converted.graph.output[0].name
    boosted_onnx.append(converted, trees, given, zero_is_missing=sparse)
    return names, converted


def _of_scikit_learn(model: Any, sample: Any, *, exact: bool = False) -> tuple[list[str], Any]:
    skl2onnx, types, graphs = _converter()
    chances = hasattr(model, "predict_proba")
    tabled = chances and hasattr(model, "classes_")  # or else each row comes as a dictionary
    number = types.DoubleTensorType if exact else types.FloatTensorType
    names, inputs = _inputs(model, sample, number, types.StringTensorType)
    options: dict[int, dict[str, Any]] = {id(model): {"zipmap": False}} if tabled else {}
    converted = skl2onnx.convert_sklearn(
        model,
        name=type(model).__name__,
        initial_types=inputs,
        options=options | _of_texts(model),
        target_opset=OPERATORS,
        custom_conversion_functions=onnx_gaps.converters(DOUBLE) if exact else None,
    )
    outputs = converted.graph.output[: 1 + chances]
    converted = graphs.select_model_inputs_outputs(converted, [one.name for one in outputs])
    del converted.graph.output[:]  # their types were lost on the way
    converted.graph.output.extend(outputs)
    return names, converted


def _of_texts(model: Any) -> dict[int, dict[str, Any]]:
    """Return how the converter is to treat each part that takes texts apart.

    Capital letters are made small by the rules of a language, and no computer knows all. Those of
    C, which all know, change A to Z only. That is enough where no known word has other letters: a
    word that has is unknown in capitals and in small letters.
    """
    found: dict[int, dict[str, Any]] = {}
    known = kinds.lookup("sklearn.feature_extraction.text", "CountVectorizer")
    for one in parts(model) if known is not None else ():
        if not isinstance(one, known):
            continue
        plain = all(str(word).isascii() for word in getattr(one, "vocabulary_", ()))
        found[id(one)] = {"locale": "C" if plain else "C.UTF-8"}
        if one.analyzer == "word" and one.token_pattern == WORDS:
            found[id(one)]["tokenexp"] = SAME_WORDS
    return found


def _gives_sparse(steps: Any, sample: Any) -> bool:
    return sample is not None and hasattr(steps.transform(sample[:TRACED]), "toarray")


def _columns_of_numbers(sample: Any) -> list[str]:
    if not hasattr(sample, "columns") or not hasattr(sample, "iloc"):
        return []
    names = [str(one) for one in sample.columns]
    others = zip(names, sample.dtypes, strict=True)
    if named := [name for name, kind in others if not _is_number(kind)]:
        raise ValueError(f"its column {named[0][:60]} holds no numbers")
    return names


def _inputs(
    model: Any, sample: Any, number: Any, text: Any
) -> tuple[list[str], list[tuple[str, Any]]]:
    """Return the names of the columns, as far as there are any, and what the graph takes.

    A table whose columns are not all numbers, or are asked for by name, goes in column by column;
    all else in one piece.
    """
    if hasattr(sample, "columns") and hasattr(sample, "iloc"):
        names = [str(one) for one in sample.columns]
        texts = [not _is_number(kind) for kind in sample.dtypes]
        if any(texts) or _names_columns(model):
            pairs = zip(names, texts, strict=True)
            return names, [(name, (text if one else number)([None, 1])) for name, one in pairs]
        return names, [("rows", number([None, len(names)]))]
    if _is_text(sample):
        return [], [("texts", text([None, 1]))]
    columns = getattr(model, "n_features_in_", None)
    if columns is None:
        raise InputError(
            f"It is not known which columns a {kinds.word(model)} takes.",
            unchanged="Nothing was written.",
            hint="Give a few rows that it can predict: sample=X.",
        )
    return [], [("rows", number([None, int(columns)]))]


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
