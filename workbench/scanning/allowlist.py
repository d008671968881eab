"""The exact names that are known and harmless, and what may be done with each.

The lists themselves are data, in ``allowlist_*``: role, module, names. They were made by pickling
fitted models of every public estimator and other objects with each library, at protocols 2 to 5,
and reading which names the pickles ask for and how; then, for scikit-learn, by adding every class
of its models, transformers, splitters, losses and metrics by the path that its pickles would have.
Each name was looked at for what making it, filling it and calling it can do. A name that opens
files, runs code, looks up other names or calls what it is given is on no list. Names are compared
as they are: no dots are followed, nothing is normalised.
"""

from __future__ import annotations

from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from sys import stdlib_module_names

from workbench.scanning import (
    allowlist_boosters,
    allowlist_numpy,
    allowlist_pandas,
    allowlist_python,
    allowlist_sklearn,
    allowlist_torch,
)
from workbench.scanning.values import Role

__all__ = ["ALLOWED", "ATTRIBUTES", "ROLES", "mixed_up", "resolved", "role"]

ROLES = {
    # Instances: made empty, then filled.
    "object": Role(new=True),
    "model": Role(new=True, state="attributes"),
    "model-keys": Role(new=True, call="none", state="attributes", items="keys"),
    "own-new": Role(new=True, state="own"),
    "native-model": Role(new=True, state="attributes", native=True),
    "native-new": Role(new=True, state="own", native=True),
    "native": Role(new=True, call="any", state="own", native=True),
    # Values: complete when they are made.
    "value": Role(),
    "plain": Role(new=True, call="any"),
    "native-plain": Role(call="any", native=True),
    "collected": Role(call="collected"),
    "collected-rows": Role(call="collected", items="rows"),
    "collected-members": Role(call="collected", items="members"),
    "collected-keys": Role(call="collected", items="keys"),
    "ordered": Role(new=True, call="collected", state="attributes", items="keys"),
    "factory": Role(call="factory", items="keys"),
    # Functions that make instances of what they are given.
    "encode": Role(call="encode"),
    "texts": Role(call="texts"),
    "attribute": Role(call="attribute", held=False),
    "zone": Role(call="zone", held=False),
    "zone-class": Role(),
    "named-zone": Role(call="named-zone"),
    "reconstructor": Role(call="reconstructor"),
    "first-class": Role(call="first-class"),
    # NumPy.
    "array": Role(call="array"),
    "record": Role(state="record"),
    "array-class": Role(state="array"),
    "masked": Role(call="masked"),
    "masked-class": Role(state="masked"),
    "dtype": Role(call="dtype", state="dtype"),
    "scalar": Role(call="scalar"),
    "buffer": Role(call="buffer"),
    "bit-generator": Role(call="bit-generator", state="own"),
    "generator": Role(call="generator", state="own"),
    "wrapper": Role(new=True, call="wrapper", state="attributes"),
    # pandas.
    "index-class": Role(new=True, call="index", state="attributes"),
    "new-index": Role(call="new-index"),
    "block": Role(new=True, call="any", state="own"),
    "string-dtype": Role(new=True, call="any", state="attributes"),
    # torch.
    "tensor": Role(call="tensor", state="attributes"),
    "sparse": Role(call="sparse"),
    "parameter": Role(call="parameter", state="attributes"),
    "layout": Role(call="layout"),
    "nested": Role(call="nested", held=False),
    **{f"storage-{width}": Role(state="storage", width=width) for width in (1, 2, 4, 8, 16)},
}
LISTS = (
    allowlist_python.NAMES,
    allowlist_numpy.NAMES,
    allowlist_pandas.NAMES,
    allowlist_sklearn.NAMES,
    allowlist_boosters.NAMES,
    allowlist_torch.NAMES,
)


def _roles() -> dict[tuple[str, str], Role]:
    found = {}
    for names in LISTS:
        for word, modules in names.items():
            for paths, listed in modules.items():
                for module in paths.split():
                    found.update({(module, name): ROLES[word] for name in listed.split()})
    return found


ALLOWED = _roles()
# What ``getattr`` may be asked for: exactly these names, and these attributes of them.
ATTRIBUTES = {asked: ROLES[word] for asked, word in allowlist_python.ATTRIBUTES.items()}
# Modules of older versions that have another name now, beyond an underscore.
MOVED = {
    "pandas.core.internals": "pandas.core.internals.managers",
    "pandas.indexes.base": "pandas.core.indexes.base",
    "pandas.indexes.range": "pandas.core.indexes.range",
    "pandas.indexes.multi": "pandas.core.indexes.multi",
    "pandas.tseries.index": "pandas.core.indexes.datetimes",
    "sklearn.cluster.hierarchical": "sklearn.cluster._agglomerative",
    "sklearn.cluster.k_means_": "sklearn.cluster._kmeans",
    "sklearn.decomposition.online_lda": "sklearn.decomposition._lda",
    "sklearn.ensemble.gradient_boosting": "sklearn.ensemble._gb",
    "sklearn.externals.joblib.numpy_pickle": "joblib.numpy_pickle",
    "sklearn.gaussian_process.gpc": "sklearn.gaussian_process._gpc",
    "sklearn.gaussian_process.gpr": "sklearn.gaussian_process._gpr",
    "sklearn.tree.tree": "sklearn.tree._classes",
}
_MOVERS = ("sklearn.", "pandas.")
_MODULES = {module for module, _ in ALLOWED}
_NAMES = {name for _, name in ALLOWED}


def role(module: str, name: str) -> Role | None:
    """Return what may be done with a name; ``None`` if it is not on the list.

    Older versions of the libraries had the same classes in other places.
    """
    known = ALLOWED.get((module, name))
    if known is None and module.startswith(_MOVERS):
        known = ALLOWED.get((_moved(module), name))
    return known


def _moved(module: str) -> str:
    """Return where a module is now; scikit-learn 0.22 put an underscore before most."""
    above, _, last = module.rpartition(".")
    return MOVED.get(module, f"{above}._{last.strip('_')}")


def resolved(module: str, name: str, protocol: int) -> tuple[str, str]:
    """Return the name that Python 3 asks for: those of Python 2 have other names since."""
    if protocol >= 3:
        return module, name
    if (module, name) in NAME_MAPPING:
        return NAME_MAPPING[(module, name)]
    return IMPORT_MAPPING.get(module, module), name


def mixed_up(module: str, name: str) -> bool:
    """Tell whether a name of the list stands with a module, or a plain word, that it is not from.

    Where a pickle within another is read as a part of it, what was remembered gets mixed up, and
    Python finds nothing by such a name.
    """
    word = "." not in module and module not in stdlib_module_names
    return name in _NAMES and (module in _MODULES or word)
