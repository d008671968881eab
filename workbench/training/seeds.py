"""What chance was started from: the seeds that code and models name."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from workbench.analysis.syntax import dotted, parse
from workbench.origin.record import Part, Settings
from workbench.training.settings import clean

__all__ = ["seeds_in", "seeds_of"]

# How the calls end that start a generator of chance, from most to least particular.
CALLS = (
    *("random.seed", "manual_seed", "manual_seed_all", "default_rng", "RandomState", "Generator"),
    *("SeedSequence", "PCG64", "MT19937", "Philox", "random.Random", "random.key", "PRNGKey"),
    *("set_seed", "set_random_seed", "seed_everything", "fix_seeds"),
)
KEYWORDS = {"random_state", "seed", "random_seed"}
MAX_SEEDS = 100


def seeds_in(code_cells: Iterable[str], namespace: Mapping[str, object] | None = None) -> Settings:
    """Return the seeds that the code of cells names, by the call as it is written.

    Literals only, and names that stand for a whole number in ``namespace``. Seeds of one call that
    differ are joined with commas, in order.
    """
    found: dict[str, list[int]] = {}
    for code in code_cells:
        if "seed" not in code and "rand" not in code.lower() and "rng" not in code.lower():
            continue
        for call, value in _calls(code, namespace or {}):
            seen = found.setdefault(clean(call), [])
            if value not in seen and len(found) <= MAX_SEEDS:
                seen.append(value)
    return {call: _joined(values) for call, values in found.items() if call and values}


def seeds_of(parts: Iterable[Part]) -> Settings:
    """Return the seeds among the settings of a model's parts, by path and name."""
    found: Settings = {}
    for part in parts:
        for name, value in part.parameters.items():
            last = name.rpartition(".")[2]
            if type(value) is int and (last in KEYWORDS or last.endswith("_seed")):
                found[clean(f"{part.path}.{name}")] = value
    return found


def _calls(code: str, namespace: Mapping[str, object]) -> Iterator[tuple[str, int]]:
    tree = parse(code)
    for node in ast.walk(tree) if tree is not None else ():
        if not isinstance(node, ast.Call):
            continue
        name = dotted(node.func)
        if name and any(name == end or name.endswith(f".{end}") for end in CALLS):
            given = node.args[:1] or [word.value for word in node.keywords[:1]]
            yield from ((name, value) for value in _whole(given, namespace))
            continue
        for word in node.keywords:
            if name and word.arg in KEYWORDS:
                for value in _whole([word.value], namespace):
                    yield f"{name}({word.arg})", value


def _whole(nodes: Iterable[ast.expr], namespace: Mapping[str, object]) -> Iterator[int]:
    for node in nodes:
        value: object = None
        if isinstance(node, ast.Name):
            value = namespace.get(node.id)
        else:
            try:
                value = ast.literal_eval(node)
            except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
                continue
        if type(value) is int:
            yield value


def _joined(values: list[int]) -> int | str:
    if len(values) == 1 and abs(values[0]) < 2**53:
        return values[0]
    return clean(", ".join(map(str, values)))
