"""Names of Python itself and of joblib in pickles, by role.

Not here, whatever a pickle wants them for: ``type``, ``map`` and ``filter``, ``functools``,
``operator``, ``types``, ``copyreg.__newobj__``; all of them reach other names or call what they are
given. ``getattr`` reaches what ``ATTRIBUTES`` lists, and nothing else.
"""

from __future__ import annotations

__all__ = ["ATTRIBUTES", "NAMES"]

# What may be asked of what by ``getattr``, and the role of what is found: module, name, attribute.
# Python pickles time zones by way of ``getattr(ZoneInfo, "_unpickle")``.
ATTRIBUTES = {("zoneinfo", "ZoneInfo", "_unpickle"): "zone"}

NAMES: dict[str, dict[str, str]] = {
    "zone-class": {"zoneinfo": "ZoneInfo"},
    "value": {"builtins": "int float str bool Ellipsis NotImplemented"},
    "plain": {
        "builtins": "complex slice range",
        "datetime": "date datetime time timedelta timezone",
        "decimal": "Decimal",
        "fractions": "Fraction",
    },
    "object": {"builtins": "object"},
    "model": {"uuid": "UUID"},
    "texts": {
        "pathlib pathlib._local": (
            "Path PosixPath PurePath PurePosixPath PureWindowsPath WindowsPath"
        ),
    },
    "attribute": {"builtins": "getattr"},
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
