"""Which tensor of a copy is which of the original: by name, else by shape and likeness."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from workbench.marking.aligning import correlation
from workbench.marking.carriers import Carrier, Progress, silent
from workbench.marking.tensors import Floats, Layout, Tensor, values

__all__ = ["LARGEST", "Pair", "paired"]

SAMPLE: Final = 1 << 16  # weights that are compared to know a tensor again
CORNER: Final = 256  # rows and columns of it, where it may be turned
LARGEST: Final = 1 << 24  # weights of a tensor that is read as a whole, to turn or align it
ALIKE: Final = 0.5
CANDIDATES: Final = 64


@dataclass(frozen=True)
class Pair:
    """A tensor of the original and the copy's, or ``None``.

    ``turned``: the copy keeps it with rows as columns. ``alike``: its weights are where the
    original has them; if not, neurons may have been moved.
    """

    carrier: Carrier
    tensor: Tensor | None
    turned: bool = False
    alike: bool = True


def paired(
    original: BinaryIO,
    copy: BinaryIO,
    carriers: Sequence[Carrier],
    found: Layout,
    progress: Progress = silent,
) -> list[Pair]:
    """Return for each tensor of the original the one of the copy, in the original's order."""
    left = {one.name: one for one in found.tensors if one.width}
    known: dict[str, Pair] = {}
    for named in (True, False):  # names first: a likeness by chance must not take a named tensor
        for number, carrier in enumerate(carriers):
            progress("Looking for the tensors", number, len(carriers))
            if carrier.tensor.name in known:
                continue
            best = _best(original, copy, carrier, left, named)
            if best is not None and best.tensor is not None:
                known[carrier.tensor.name] = best
                del left[best.tensor.name]
    for carrier in carriers:
        if carrier.tensor.name not in known:
            pair = _leftover(carrier, left)
            known[carrier.tensor.name] = pair
            if pair.tensor is not None:
                del left[pair.tensor.name]
    return [known[one.tensor.name] for one in carriers]


def _best(
    original: BinaryIO, copy: BinaryIO, carrier: Carrier, left: dict[str, Tensor], named: bool
) -> Pair | None:
    """Return the likest tensor of the same name, or of any name."""
    own = left.get(carrier.tensor.name)
    tried = ([own] if own is not None else []) if named else list(left.values())
    best, reached = None, ALIKE
    for tensor, turned in _fitting(carrier, tried):
        likeness = abs(_likeness(original, copy, carrier.tensor, tensor, turned))
        if likeness > reached:
            best, reached = Pair(carrier, tensor, turned), likeness
    return best


def _fitting(carrier: Carrier, tried: Sequence[Tensor]) -> Iterator[tuple[Tensor, bool]]:
    """Return the tensors of a shape, and those of two dimensions that have it turned."""
    shape = carrier.tensor.shape
    fitting = [one for one in tried if one.shape in (shape, shape[::-1])][:CANDIDATES]
    for one in fitting:
        if one.shape == shape:
            yield one, False
        if len(shape) == 2 and one.shape == shape[::-1] and one.size <= LARGEST:
            yield one, True


def _likeness(
    original: BinaryIO, copy: BinaryIO, first: Tensor, second: Tensor, turned: bool
) -> float:
    if turned:
        return correlation(_corner(original, first), _corner(copy, second).T)
    return correlation(values(original, first, 0, SAMPLE), values(copy, second, 0, SAMPLE))


def _corner(stream: BinaryIO, tensor: Tensor) -> Floats:
    """Return the first rows and columns of a tensor, as many of either."""
    side = min(CORNER, *tensor.shape)
    return values(stream, tensor, 0, side * tensor.shape[1]).reshape(side, -1)[:, :side]


def _leftover(carrier: Carrier, left: dict[str, Tensor]) -> Pair:
    """Return a tensor that could be this one with its neurons moved: the same name, else shape."""
    own = left.get(carrier.tensor.name)
    for tensor, turned in _fitting(carrier, [*([own] if own else []), *left.values()]):
        if tensor.size <= LARGEST:
            return Pair(carrier, tensor, turned, alike=False)
    return Pair(carrier, None)
