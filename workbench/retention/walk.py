"""Every array and text inside a model, with the place where it is.

Containers, attributes, slots, closures, bound methods, tables, tensors and native objects are
followed (:mod:`workbench.retention.opening`), each object once. Numbers that are kept apart, such
as one short list for each person, are put together again. What cannot be looked into, or would
take too long, is a gap and not an error.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from workbench.retention.opening import is_plain, items_of, parts_of
from workbench.retention.shapes import (
    NAME,
    NUMBERS,
    flat_of,
    float_of,
    has_dict,
    is_frame,
    is_inner,
    is_named,
    settings_of,
    simple_of,
)
from workbench.retention.table import Book, is_sparse, matrix_of, texts_of
from workbench.training import kinds
from workbench.training.settings import clean

__all__ = ["Held", "Inside", "Progress", "walk"]

Progress = Callable[[str, int, int], None]

OBJECTS = 1_000_000  # that are looked at
TEXTS = 5_000_000
DEPTH = 200
ARRAY = 400_000_000  # numbers; a larger array is not compared
PLACE = re.compile(r"\[\d+\]")
TICK = 5000  # objects between two words of progress
BYTES = 1024  # that may go unread: settings, not rows


@dataclass(frozen=True)
class Held:
    """An array of one or two dimensions inside a model, dense or CSR.

    Attributes:
        where: the place, outermost first.
        owner: the class of the object around it.
        names: of its columns, where it has any.
        joined: it was put together from vectors, each of which is there as well.
    """

    where: str
    array: Any
    owner: str = ""
    names: tuple[str, ...] = ()
    joined: bool = False


@dataclass
class Said:
    """The texts in one place of a model."""

    owner: str
    texts: set[str] = field(default_factory=set)


@dataclass
class Inside:
    """What a model holds.

    Attributes:
        objects: estimators and native boosters, with their places.
        blobs: bytes, with their places and the class of the object around them.
    """

    arrays: list[Held] = field(default_factory=list)
    texts: dict[str, Said] = field(default_factory=dict)
    objects: list[tuple[str, Any]] = field(default_factory=list)
    blobs: list[tuple[str, bytes, str]] = field(default_factory=list)
    gaps: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True)
class _Step:
    where: str
    value: Any
    owner: str
    depth: int

    def below(self, name: str, value: object) -> _Step:
        where = f"{self.where}.{name}" if self.where and name else self.where + name
        return _Step(where, value, self.owner, self.depth + 1)

    def at(self, number: int, value: object) -> _Step:
        return _Step(f"{self.where}[{number}]", value, self.owner, self.depth + 1)


def walk(model: object, book: Book, progress: Progress) -> Inside:
    """Return everything inside a model that could hold data.

    Args:
        book: the texts of the training data, by which tables of texts become numbers.
    """
    return _Walk(book, progress).of(model)


class _Walk:
    def __init__(self, book: Book, progress: Progress) -> None:
        self.book = book
        self.progress = progress
        self.inside = Inside()
        self.seen: dict[int, object] = {}  # held, so that no other object gets the same id
        self.waiting: deque[_Step] = deque()  # nearest first: a place has its shortest name
        self.vectors: dict[tuple[str, int], list[Held]] = {}
        self.said = 0

    def of(self, model: object) -> Inside:
        self.waiting.append(_Step("", model, "", 0))
        while self.waiting:
            step = self.waiting.popleft()
            if len(self.seen) % TICK == 0:
                self.progress("looking into the model", len(self.seen), len(self.seen) + 1)
            if len(self.seen) > OBJECTS:
                self.gap("The model has more parts than were looked into.")
                break
            self.visit(step)
        self.join()
        return self.inside

    def gap(self, sentence: str) -> None:
        self.inside.gaps[clean(sentence)] = None

    def visit(self, step: _Step) -> None:
        value = step.value
        if issubclass(type(value), str):
            self.say(step, [value])
            return
        if id(value) in self.seen:
            return
        if kinds.framework(value) is not None:
            self.inside.objects.append((step.where, value))
        if is_plain(value):
            return
        self.seen[id(value)] = value
        if step.depth > DEPTH:
            self.gap("The model is nested more deeply than was looked into.")
            return
        try:
            self.enter(step)
        except (KeyboardInterrupt, MemoryError, GeneratorExit):
            raise
        except Exception:  # a user's object may raise anything when it is looked at
            where = step.where or "the model"
            self.gap(f"{where[:120]}, a {kinds.word(value)[:40]}, could not be looked into.")

    def enter(self, step: _Step) -> None:
        value = step.value
        if isinstance(value, np.ndarray):
            self.array(step, np.asarray(value))
        elif isinstance(value, bytes | bytearray | memoryview):
            self.blob(step, bytes(value))
        elif is_sparse(value):
            self.inside.arrays.append(Held(step.where or "model", value.tocsr(), step.owner))
        elif is_frame(value):
            self.table(step)
        elif kinds.descends(value, "torch", "Tensor"):
            self.tensor(step)
        elif isinstance(value, Mapping) and (isinstance(value, dict) or not has_dict(value)):
            self.mapping(step)
        elif isinstance(value, list | tuple | deque):
            self.sequence(step)
        elif isinstance(value, set | frozenset):
            self.sequence(_Step(step.where, list(value), step.owner, step.depth))
        else:
            self.object(step)

    def object(self, step: _Step) -> None:
        owner = step.owner
        if kinds.framework(step.value) or not is_inner(step.value):
            owner = kinds.word(step.value)
        settings = settings_of(step.value)
        for name, one in parts_of(step.value):
            if name in settings and type(one) is str:
                continue
            below = step.below(name, one)
            self.waiting.append(_Step(below.where, one, owner, below.depth))

    def mapping(self, step: _Step) -> None:
        items = items_of(step.value)
        keys = [key for key, _ in items]
        self.say(step, [key for key in keys if isinstance(key, str)])
        self.sequence(_Step(step.where + ".keys", [k for k in keys if not isinstance(k, str)],
                            step.owner, step.depth))  # fmt: skip
        values = [value for _, value in items]
        if self.numbers(step, values) or self.records(step, values):
            return
        for number, (key, value) in enumerate(items):
            shown = type(key) is str and NAME.match(key) and key not in self.book.numbers
            self.waiting.append(step.below(str(key), value) if shown else step.at(number, value))

    def sequence(self, step: _Step) -> None:
        values = list(step.value)
        if not values or self.numbers(step, values) or self.records(step, values):
            return
        if all(type(one) is str for one in values):
            self.say(step, values)
            return
        for number, one in enumerate(values):
            if is_named(one) and one[0] not in self.book.numbers:
                self.waiting += [step.below(one[0], part) for part in one[1:]]
            else:
                self.waiting.append(step.at(number, one))

    def numbers(self, step: _Step, values: list[Any]) -> bool:
        """Take a list of numbers, or of equally long lists of numbers and texts, as an array."""
        if not values:
            return True
        inner = set(map(type, values))
        if inner <= NUMBERS or all(issubclass(one, np.number | np.bool_) for one in inner):
            self.array(step, np.array([float_of(one) for one in values]))
            return True
        if inner <= {list, tuple} and len(values) > 1:
            widths = set(map(len, values))
            cells = {type(cell) for row in values[:1000] for cell in row}
            if len(widths) == 1 and widths != {0} and cells <= NUMBERS | {str, type(None)}:
                flat = [cell for row in values for cell in row]
                self.say(step, [cell for cell in flat if type(cell) is str])
                rows = self.book.read(flat).reshape(len(values), -1)
                self.array(step, rows)
                return True
        return False

    def records(self, step: _Step, values: list[Any]) -> bool:
        """Take a list of records with the same simple fields as a table."""
        if len(values) < 2 or len(set(map(type, values))) != 1:
            return False
        fields = [one if type(one) is dict else simple_of(one) for one in values]
        first = fields[0]
        if not first or not all(type(name) is str for name in first):
            return False
        simple = NUMBERS | {str, type(None)}
        for one in fields:
            if one is None or one.keys() != first.keys():
                return False
            if not all(type(cell) in simple for cell in one.values()):
                return False
        names = tuple(map(str, first))
        flat = [one[name] for one in fields if one is not None for name in first]
        self.say(step, [cell for cell in flat if type(cell) is str])
        self.array(step, self.book.read(flat).reshape(len(values), -1), names)
        return True

    def table(self, step: _Step) -> None:
        if kinds.descends(step.value, "pandas", "Index"):
            matrix, names, texts = matrix_of(step.value.to_numpy(), self.book)
        else:
            matrix, names, texts = matrix_of(step.value, self.book)
            if kinds.descends(step.value, "pandas", "DataFrame"):
                self.waiting.append(step.below("index", step.value.index))
        for cells in texts.values():
            self.say(step, [cell for cell in cells if isinstance(cell, str)])
        self.array(step, matrix, names)

    def tensor(self, step: _Step) -> None:
        value = step.value.detach().cpu()
        value = value.to_dense() if value.layout != kinds.lookup("torch", "strided") else value
        wide = value.float() if str(value.dtype) == "torch.bfloat16" else value
        self.array(step, wide.numpy())
        if step.value.is_leaf and step.value.grad is not None:
            self.waiting.append(step.below("grad", step.value.grad))

    def array(self, step: _Step, array: Any, names: tuple[str, ...] = ()) -> None:
        where = step.where or "model"
        if array.size > ARRAY:
            self.gap(f"{where[:120]} is too large to be compared.")
        elif array.dtype.names:
            for name in array.dtype.names:
                self.array(step.below(name, None), array[name])
            self.fields(step, array)
        elif array.dtype.kind in "OUSV":
            self.cells(step, array)
        elif array.dtype.kind == "c" or array.ndim == 0 or not array.size:
            return
        elif array.dtype.kind in "mM":
            self.array(step, array.astype(f"{array.dtype.kind}8[ns]").astype("int64"), names)
        elif array.ndim == 1:
            place = PLACE.sub("[…]", where)
            self.vectors.setdefault((place, len(array)), []).append(Held(where, array, step.owner))
        else:
            for one in flat_of(array):
                self.inside.arrays.append(Held(where, one, step.owner, names))

    def fields(self, step: _Step, array: Any) -> None:
        """Take the numbers of a structured array as a table besides."""
        names = [n for n in array.dtype.names if array[n].dtype.kind in "biuf" and array.ndim == 1]
        if len(names) > 1:
            table = np.column_stack([array[name].astype(np.float64) for name in names])
            self.array(step, table, tuple(names))

    def cells(self, step: _Step, array: Any) -> None:
        """Take an array of objects as numbers and texts where it has only these."""
        flat = texts_of(array.reshape(-1))
        kinds_of = set(map(type, flat))
        if kinds_of <= NUMBERS | {str, type(None)}:
            self.say(step, [one for one in flat if type(one) is str])
            if kinds_of & NUMBERS or array.ndim == 2:
                self.array(step, self.book.read(flat).reshape(array.shape))
        else:
            self.sequence(_Step(step.where, flat, step.owner, step.depth))

    def blob(self, step: _Step, data: bytes) -> None:
        """Bytes can hold anything; only short ones cannot hold many rows."""
        self.inside.blobs.append((step.where or "model", data, step.owner))
        if len(data) > BYTES:
            where = step.where or "the model"
            self.gap(f"{where[:120]} holds {len(data)} bytes, which were not looked into.")

    def say(self, step: _Step, texts: list[str]) -> None:
        if not texts:
            return
        if self.said > TEXTS:
            self.gap("The model has more texts than were looked at.")
            return
        place = PLACE.sub("[…]", step.where or "model")
        self.inside.texts.setdefault(place, Said(step.owner)).texts.update(map(str, texts))
        self.said += len(texts)

    def join(self) -> None:
        """Put vectors of the same kind and length together, as rows of one array."""
        for (place, length), held in self.vectors.items():
            if len(held) == 1:
                self.inside.arrays += held
                continue
            few = held[: self.few(len(held))]
            if length > 1:
                rows = np.stack([np.asarray(one.array, dtype=np.float64) for one in held])
                self.inside.arrays.append(Held(place, rows, held[0].owner, joined=bool(few)))
            self.inside.arrays += [Held(place, one.array, one.owner) for one in few]

    @staticmethod
    def few(count: int) -> int:
        """How many vectors are looked at one by one: edges of bins, but not one for each person."""
        return count if count <= 500 else 0
