"""A model in the kernel written in the safest form there is, with proof that it is equal.

What is written is read back from the file, by the loader that recipients use, and asked the same
questions as the model it came from. A model that answers differently is not kept.
"""

from __future__ import annotations

import copy
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from workbench.converting import (
    lightgbm_form,
    networks,
    onnx_form,
    onnx_model,
    skops_form,
    xgboost_form,
)
from workbench.converting.loading import FILES
from workbench.converting.proof import (
    ASKED,
    MAX_ROWS,
    Comparison,
    answers,
    compare,
    made_up,
    rounded,
)
from workbench.converting.searches import without_distributions
from workbench.converting.tensors import Tensor, read
from workbench.converting.tensors import write as write_tensors
from workbench.errors import Conflict, InputError, TrustError, WorkbenchError
from workbench.findings.converted import Compared, ConvertedReport, Form
from workbench.training import kinds

__all__ = ["Converted", "safer"]

Progress = Callable[[str, int, int], None]
STEPS = 3
LOADER = "workbench.converting.loading.load"
BUILD = (
    "The recipient makes the network from its source code ({name}) and calls "
    "load_state_dict with the loaded tensors; architecture.json describes its layers."
)
CLASSES = "The names of the classes are not in it; say in the model card which number is which."


@dataclass(frozen=True)
class Converted:
    """Where a model was written, and the proof."""

    folder: Path
    report: ConvertedReport


@dataclass(frozen=True)
class _Written:
    """What was written into a folder, before it was compared."""

    form: Form
    file: str
    original: Any  # what is asked before; mostly the model itself
    more: tuple[str, ...] = ()
    trust: tuple[str, ...] = ()
    build: str = ""
    left_out: tuple[str, ...] = ()
    numbers: dict[str, Tensor] = field(default_factory=dict)


def _quiet(_: str, __: int, ___: int) -> None:
    return None


def safer(
    model: Any,
    folder: Path,
    *,
    sample: Any = None,
    seed: int = 0,
    form: str | None = None,
    progress: Progress = _quiet,
) -> Converted:
    """Write a model in the safest form there is, load it back, and compare the two.

    That is the form in which least is lost: skops, the boosters' own, or safetensors. A model of
    scikit-learn that has parts which skops does not take is written as ONNX, if it can be.

    Args:
        model: a fitted scikit-learn, XGBoost or LightGBM model, a PyTorch network, or tensors or
            arrays by name. It is not changed.
        folder: where the files go; made if it is not there. Files of the same names are replaced.
        sample: rows as the model takes them, of which the first 2000 are compared. Without them
            64 rows are made up; of a network or tensors, the numbers themselves are compared.
        seed: of the made-up rows.
        form: the form to write, one of :class:`workbench.findings.converted.Form`: ``onnx`` for
            any but tensors, or what would be written anyway.
        progress: told what is happening; may raise to stop, and then nothing is left behind.

    Raises:
        InputError: no safer form is known, it has no such form, or the model that was loaded back
            is not equal, or cannot be loaded.
        Conflict: the folder holds a model in another form.
        Unavailable: a package that is needed is not installed.
    """
    progress("writing the model", 0, STEPS)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".writing-", dir=folder) as name:
        place = Path(name)
        written = _written(model, place, sample, seed, form)
        progress("loading it back", 1, STEPS)
        again = _loaded(model, written, place)
        progress("comparing answers", 2, STEPS)
        report = _proven(model, written, again, sample, seed)
        progress("comparing answers", STEPS, STEPS)
        _refuse_another_form(folder, report.files)
        for file in report.files:
            os.replace(place / file, folder / file)
    return Converted(folder, report)


def _written(model: Any, place: Path, sample: Any, seed: int, form: str | None) -> _Written:
    """Write a model into a folder, in the form that is asked for."""
    if form == Form.onnx:
        return _as_onnx(model, place, sample, seed)
    try:
        written = _in_its_own(model, place)
    except InputError as refused:
        if form is not None or kinds.framework(model) != "scikit-learn":
            raise
        return _as_a_way_out(model, place, sample, seed, refused)
    if form not in (None, written.form):
        raise InputError(
            f"A {kinds.word(model)} cannot be written as {str(form)[:40]!r}.",
            unchanged="Nothing was written.",
            hint=f"It can be written as {written.form.value}; leave form= out for that.",
        )
    return written


def _in_its_own(model: Any, place: Path) -> _Written:
    framework = kinds.framework(model)
    if framework == "xgboost":
        file = xgboost_form.FILE
        _fitted(model)
        xgboost_form.write(model, place / file)
        return _Written(Form.xgboost, file, model)
    if framework == "lightgbm":
        file = lightgbm_form.FILE
        _fitted(model)
        lightgbm_form.write(model, place / file)
        named = (CLASSES,) if hasattr(model, "classes_") else ()
        original = lightgbm_form.booster(model)
        return _Written(Form.lightgbm, file, original, left_out=(*named, lightgbm_form.LEFT_OUT))
    if framework == "torch" or isinstance(model, Mapping):
        return _as_tensors(model, place, is_network=framework == "torch")
    plain, lost = without_distributions(model)
    content, unknown = skops_form.content(plain)
    (place / skops_form.FILE).write_bytes(content)
    return _Written(Form.skops, skops_form.FILE, model, trust=tuple(unknown), left_out=lost)


def _as_onnx(model: Any, place: Path, sample: Any, seed: int) -> _Written:
    if kinds.framework(model) is not None:
        _fitted(model)
    if sample is None and kinds.framework(model) == "torch":
        sample = made_up(model, seed)
    onnx_form.write(model, place / onnx_form.FILE, sample)
    return _Written(Form.onnx, onnx_form.FILE, model, left_out=(onnx_form.LEFT_OUT,))


def _as_a_way_out(model: Any, place: Path, sample: Any, seed: int, refused: InputError) -> _Written:
    """Write a model as ONNX that skops does not take; say why, or that neither takes it."""
    try:
        written = _as_onnx(model, place, sample, seed)
    except WorkbenchError:
        raise refused from None
    why = f"It is not written as skops, which keeps more: {refused.message}"
    return replace(written, left_out=(*written.left_out, why))


def _fitted(model: Any) -> None:
    if not kinds.is_fitted(model):
        raise InputError(
            f"This {kinds.word(model)} has not been fitted.",
            unchanged="Nothing was written.",
            hint="Train it first.",
        )


def _as_tensors(model: Any, place: Path, *, is_network: bool) -> _Written:
    numbers = networks.tensors_of(model)
    with (place / networks.FILE).open("wb") as stream:
        write_tensors(stream, numbers, {"format": "pt" if kinds.loaded("torch") else "np"})
    if not is_network:
        return _Written(Form.safetensors, networks.FILE, model, numbers=numbers)
    (place / networks.ARCHITECTURE).write_text(networks.notes(model), "utf-8")
    return _Written(
        Form.safetensors,
        networks.FILE,
        model,
        more=(networks.ARCHITECTURE,),
        build=BUILD.format(name=kinds.type_name(model)),
        numbers=numbers,
    )


def _loaded(model: Any, written: _Written, place: Path) -> Any:
    """Return what recipients would have, or say that they could not."""
    try:
        return _read(written, place)
    except TrustError as error:
        raise InputError(
            f"Recipients could not load this {kinds.word(model)}: {error.message}",
            unchanged="Nothing was kept.",
            hint='Try form="onnx", or save it in another format and share its path.',
        ) from error


def _refuse_another_form(folder: Path, files: tuple[str, ...]) -> None:
    """Refuse to put a model beside another one: recipients load one of them, whichever that is."""
    others = [name for name in FILES if name not in files and (folder / name).exists()]
    if others:
        raise Conflict(
            f"There is {' and '.join(others)} in {folder} already, which may be another model.",
            unchanged="Nothing was kept.",
            hint="Give a folder of its own, or remove that file first.",
        )


def _read(written: _Written, place: Path) -> Any:
    path = place / written.file
    if written.form is Form.skops:
        return skops_form.load(path, written.trust)
    if written.form is Form.xgboost:
        return xgboost_form.load(path)
    if written.form is Form.lightgbm:
        return lightgbm_form.load(path)
    if written.form is Form.onnx:
        return onnx_model.load(path)
    with path.open("rb") as stream:
        return read(stream)[0]


def _proven(model: Any, written: _Written, again: Any, sample: Any, seed: int) -> ConvertedReport:
    """Return the report, or raise: there is none of a model that is not equal."""
    compared = Compared.given
    rows = sample
    if written.numbers:
        _same_numbers(written.numbers, again)
        if sample is None or kinds.framework(model) != "torch":
            rows, compared = None, Compared.numbers
        else:
            again = _rebuilt(model, again)
    elif sample is None:
        rows, compared = made_up(written.original, seed), Compared.made_up
    common = {
        "source": kinds.type_name(model),
        "form": written.form,
        "loader": LOADER,
        "files": (written.file, *written.more),
        "compared": compared,
        "trust": written.trust,
        "build": written.build,
        "left_out": written.left_out,
    }
    if rows is None:
        count = sum(int(np.prod(one.shape)) for one in written.numbers.values())
        exact = {"rows": 0, "outputs": count, "difference": 0.0, "tolerance": 0.0}
        return ConvertedReport.model_validate({**common, **exact})
    found = _compared(written, again, _first(rows))
    return ConvertedReport.model_validate({**common, **vars(found)})


def _compared(written: _Written, again: Any, rows: Any) -> Comparison:
    after = answers(again, rows)
    if written.form is Form.onnx:  # has fewer ways to be asked, and numbers of 32 bits
        ways = [name for name in ASKED if hasattr(again, name)]
        before = rounded(answers(written.original, rows, ways), after)
    else:
        before = answers(written.original, rows)
    return compare(before, after, _length(rows))


def _same_numbers(before: dict[str, Tensor], after: dict[str, Tensor]) -> None:
    if before.keys() != after.keys() or any(
        (one.dtype, one.shape, bytes(one.data))
        != (after[name].dtype, after[name].shape, bytes(after[name].data))
        for name, one in before.items()
    ):
        raise InputError(
            "The numbers that were loaded back are not the ones that were written.",
            unchanged="Nothing was kept.",
            hint="Check the disk, and try again.",
        )


def _rebuilt(model: Any, numbers: dict[str, Tensor]) -> Any:
    """Return a copy of a network that has the numbers of the file in it, and no others."""
    copied = copy.deepcopy(model)
    copied.load_state_dict({name: networks.to_torch(one) for name, one in numbers.items()})
    return copied


def _first(rows: Any) -> Any:
    return rows.iloc[:MAX_ROWS] if hasattr(rows, "iloc") else rows[:MAX_ROWS]


def _length(rows: Any) -> int:
    return int(rows.shape[0]) if hasattr(rows, "shape") else len(rows)
