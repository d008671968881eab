"""Names of Python itself and of joblib in pickles, by role.

Not here, whatever a pickle wants them for: ``getattr``, ``type``, ``map`` and ``filter``,
``functools``, ``operator``, ``types``, ``copyreg.__newobj__``; all of them reach other names or
call what they are given.
"""

from __future__ import annotations

__all__ = ["NAMES"]

NAMES: dict[str, dict[str, str]] = {
    "value": {"builtins": "int float str bool Ellipsis NotImplemented"},
    "plain": {
        "builtins": "complex slice range",
        "datetime": "date datetime time timedelta timezone",
        "decimal": "Decimal",
        "fractions": "Fraction",
    },
    "object": {"builtins": "object"},
    "collected": {"builtins": "bytes bytearray tuple"},
    "collected-rows": {"builtins": "list", "collections": "deque"},
    "collected-members": {"builtins": "set frozenset"},
    "collected-keys": {"builtins": "dict", "collections": "Counter"},
    "ordered": {"collections": "OrderedDict"},
    "factory": {"collections": "defaultdict"},
    "encode": {"_codecs": "encode"},
    "reconstructor": {"copyreg": "_reconstructor"},
    "wrapper": {"joblib.numpy_pickle": "NumpyArrayWrapper"},
}
