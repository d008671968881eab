"""A model written in a safer form, and the proof that it still says the same."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from workbench.forms import Model, Prose, Word

__all__ = ["Compared", "ConvertedReport", "Form"]

Size = Annotated[float, Field(ge=0)]
MAX_NAMED = 100
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]


class Form(StrEnum):
    """A form that a model is written in, none of which runs code when it is opened."""

    skops = "skops"
    safetensors = "safetensors"
    xgboost = "xgboost-json"
    lightgbm = "lightgbm-text"
    onnx = "onnx"


class Compared(StrEnum):
    """What was compared before and after."""

    given = "predictions on given rows"
    made_up = "predictions on made-up rows"
    numbers = "every number in the model"


class ConvertedReport(Model):
    """A model in its safer form, loaded back from the file and found to be equal.

    There is no report of a model that was not equal: such a conversion is an error.

    Attributes:
        source: module and class of the model that was written.
        form: the form it was written in.
        loader: the function that read it back, which is also the one to open it with.
        files: names of the files, the model's first.
        compared: what was compared.
        rows: of the sample; 0 where the numbers themselves were compared.
        outputs: how many single answers or numbers were compared.
        difference: the largest between an answer before and after, in units of the answer.
        tolerance: up to which difference answers count as equal, in the same units.
        equal: always true; said so that it is signed.
        trust: types that whoever opens it has to name, because they are not known to be safe.
        build: what the recipient has to build before the file is of use; empty if nothing.
        left_out: what the safer form does not hold.
    """

    source: Word
    form: Form
    loader: Word
    files: Annotated[tuple[FileName, ...], Field(min_length=1, max_length=20)]
    compared: Compared
    rows: Annotated[int, Field(ge=0)]
    outputs: Annotated[int, Field(ge=1)]
    difference: Size
    tolerance: Size
    equal: Literal[True] = True
    trust: Annotated[tuple[Word, ...], Field(max_length=MAX_NAMED)] = ()
    build: Prose = ""
    left_out: Annotated[tuple[Prose, ...], Field(max_length=20)] = ()

    @model_validator(mode="after")
    def _is_a_proof(self) -> ConvertedReport:
        if self.difference > self.tolerance:
            raise ValueError("the difference is larger than what counts as equal")
        if (self.rows == 0) != (self.compared is Compared.numbers):
            raise ValueError("rows belong to predictions, and predictions to rows")
        return self

    def sentences(self) -> tuple[str, ...]:
        """Return what the record says, in words."""
        said = [f"The model was written as {self.form.value} and loaded back from the file."]
        what = f"{self.outputs} {'answer' if self.rows else 'number'}{'s'[: self.outputs != 1]}"
        on = f" on {self.rows} row{'s'[: self.rows != 1]}" if self.rows else ""
        if self.compared is Compared.made_up:
            on += " of made-up numbers, as no rows were given"
        if self.difference == 0:
            said.append(f"Compared {what}{on}: all are equal to the last bit.")
        else:
            said.append(
                f"Compared {what}{on}: the largest difference is {self.difference:.2g}, "
                f"where up to {self.tolerance:.2g} counts as equal."
            )
        if self.trust:
            said.append(f"Whoever opens it has to name {', '.join(self.trust)}.")
        if self.build:
            said.append(self.build)
        return (*said, *self.left_out)
