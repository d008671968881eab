"""What else is kept of a training besides its lineage: the model, its surroundings, its code.

Each becomes one signed statement in the evidence; see :mod:`workbench.origin.statement`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from workbench.forms import Digest, Model, Prose, Word, no_controls
from workbench.origin.graph import Code, Mark, Whole

__all__ = [
    "Cell",
    "Environment",
    "Git",
    "Layer",
    "Metric",
    "Notebook",
    "Part",
    "Repeat",
    "Scalar",
    "Training",
]

Text = Annotated[str, StringConstraints(max_length=500), AfterValidator(no_controls)]
Scalar = bool | Whole | float | Text | None
Settings = dict[Word, Scalar]


class Part(Model):
    """One fitted part of a model: a step of a pipeline, or the model itself."""

    path: Word  # where it sits, such as ``pipeline.scale``; ``model`` for the whole
    type: Word  # module and class
    role: Word  # preprocessing, model, search, optimiser, scheduler, loss
    parameters: Settings = Field(default_factory=dict)


class Layer(Model):
    """One layer of a network."""

    path: Word
    type: Word
    shape: Text = ""  # of its parameters, such as ``64×10``
    parameters: int = 0  # how many numbers it has


class Metric(Model):
    """A number that was measured, and on which data."""

    name: Word
    value: float
    on: Word  # the names of the data
    where: Word  # In [7], or "at Share"
    mark: Mark


class Training(Model):
    """How a model was trained."""

    name: Word  # of the variable
    type: Word
    framework: Word  # scikit-learn, xgboost, lightgbm, torch …
    features: int = 0  # columns it expects; 0 where it does not say
    parts: tuple[Part, ...] = ()
    layers: Annotated[tuple[Layer, ...], Field(max_length=1000)] = ()
    seeds: Settings = Field(default_factory=dict)
    metrics: Annotated[tuple[Metric, ...], Field(max_length=200)] = ()
    annotations: dict[Word, Prose] = Field(default_factory=dict)


class Git(Model):
    """The state of the code's repository; no address of it, which may tell who works where."""

    commit: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40,64}$")]
    dirty: bool


class Environment(Model):
    """What has to be alike to train it again; nothing that tells whose machine it was."""

    python: Word
    packages: dict[Word, Word] = Field(default_factory=dict)  # really imported, with versions
    machine: dict[Word, Scalar] = Field(default_factory=dict)  # system, architecture, cores …
    threads: dict[Word, Word] = Field(default_factory=dict)  # OMP_NUM_THREADS …
    git: Git | None = None
    container: Digest | None = None


class Cell(Model):
    """The code of one execution of a cell, with secrets taken out."""

    execution: int
    cell: Text = ""
    digest: Digest  # of the code as it ran
    code: Code
    withheld: Text = ""  # why code was taken out, where it was


class Repeat(Model):
    """An output that shows rows of the training data."""

    where: Word  # In [7]
    rows: int
    columns: tuple[Word, ...] = ()


class Notebook(Model):
    """The code that ran, fit to travel: no outputs, no secrets."""

    name: Text = ""
    digest: Digest | None = None  # of the file as it lay there at Share
    cells: Annotated[tuple[Cell, ...], Field(max_length=2000)] = ()
    secrets: Annotated[tuple[Text, ...], Field(max_length=200)] = ()  # kind and place, never value
    repeats: Annotated[tuple[Repeat, ...], Field(max_length=200)] = ()
