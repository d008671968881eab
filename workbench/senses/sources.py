"""Which files count as data: everything but what belongs to the machine and its programs.

A notebook opens thousands of files that no model came of: modules, fonts, certificates, caches.
What passes here may be shown to a reviewer as a source, so in doubt inside a program's own folders
the answer is no, and in doubt inside a person's folders it is yes.
"""

from __future__ import annotations

import os
import re
import sys
from enum import Enum, auto
from functools import lru_cache
from itertools import pairwise

__all__ = ["PROGRAM", "is_source"]

# Endings that no data has. The first test of every file that is opened, so one `endswith`.
PROGRAM = (
    *(".py", ".pyc", ".pyo", ".pyi", ".pyx", ".pxd", ".so", ".pyd", ".dll", ".dylib", ".ipynb"),
    *(".pth", ".egg-link", ".c", ".cc", ".cpp", ".cu", ".h", ".hpp", ".o", ".a", ".js", ".ts"),
    *(".mo", ".ttf", ".otf", ".ttc", ".pfb", ".afm", ".woff", ".woff2", ".mplstyle", ".nbi"),
    *(".nbc", ".pem", ".crt", ".cer", ".key", ".lock", ".pid", ".sock", ".tmpl", ".whl"),
    *("-journal", "-wal", "-shm"),  # companions of an SQLite file
)
_LIBRARY = re.compile(r"\.so(\.\d+)+$")
# What is still data inside an installed package, if it lies in a folder of data sets there.
_DATA = (
    *(".csv", ".tsv", ".parquet", ".feather", ".arrow", ".orc", ".npy", ".npz", ".h5", ".hdf5"),
    *(".arff", ".mat", ".xls", ".xlsx", ".sav", ".dta", ".sas7bdat", ".svmlight", ".libsvm"),
    *(".jpg", ".jpeg", ".png", ".tif", ".tiff", ".nii", ".dcm", ".sqlite", ".db", ".rds"),
)
_PACKED = (".gz", ".bz2", ".xz", ".zst")
_DATA_FOLDERS = {"data", "datasets", "sample_data", "_data"}
_INSTALLED = ("site-packages", "dist-packages")
# Below the prefix of an interpreter; the prefix itself may be a project's folder.
_PREFIX_FOLDERS = ("lib", "lib64", "Lib", "bin", "Scripts", "include", "share", "etc", "ssl")
_MACHINE = (
    *("/proc/", "/sys/", "/dev/", "/etc/", "/run/", "/boot/", "/bin/", "/sbin/", "/lib/"),
    *("/lib64/", "/usr/", "/var/cache/", "/var/lib/dpkg/", "/var/log/"),
)
_RAM_DISK = "/dev/shm/"  # noqa: S108 - it is only compared
_FOLDERS = {  # anywhere on the way: caches, settings, internals of tools
    *("__pycache__", ".git", ".hg", ".svn", ".ipynb_checkpoints", ".ipython", ".jupyter"),
    *(".virtual_documents", ".config", ".conda", ".mamba", ".vscode", ".idea", ".ssh", ".gnupg"),
    *(".aws", ".azure", ".kube", ".docker", ".kaggle"),
    *(".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", "node_modules"),
    *("conda-meta", "zoneinfo", "fontconfig", "mpl-data"),
}
_CACHES = {
    "matplotlib",
    "fontconfig",
    "fonts",
    "pip",
    "uv",
    "ipython",
    "jupyter",
    "mesa_shader_cache",
}
_SHARES = {"jupyter", "fonts", "applications", "mime", "locale", "icons"}
_NAMES = {
    *("history.sqlite", "nbsignatures.db", "pyvenv.cfg", "pyproject.toml", "setup.cfg", "tox.ini"),
    *("matplotlibrc", "requirements.txt", "environment.yml", "environment.yaml", "Makefile"),
    *("Dockerfile", "METADATA", "RECORD", "entry_points.txt", "top_level.txt", "direct_url.json"),
    *("token", "stored_tokens", "credentials"),
}
_SCRATCH = re.compile(
    r"^(ipykernel_\d+|joblib_memmapping_folder_.*|loky-\d.*|pymp-.*|torchinductor_.*|"
    r"kernel-[0-9a-f-]{30,}\.json|matplotlib-\w{8}|mplcache.*)$"
)


def is_source(path: str) -> bool:
    """Tell whether a file can be data that a result came of, by its absolute path alone.

    Not data: code and compiled code, notebooks, files of the system, of the interpreter and of
    installed packages, settings, certificates, fonts, caches of the tools around a notebook, and
    scratch files of the kernel. Data sets that travel inside a package are data.
    """
    if path.endswith(PROGRAM):
        return False
    folder, _, name = path.rpartition(os.sep)
    if not name or name in _NAMES or (name[0] == "." and not _has_data_ending(name)):
        return False  # a hidden file is settings or secrets, unless it is a table after all
    kind = _kind(folder + os.sep)
    if kind is _Kind.mixed:
        return _has_data_ending(name)
    return kind is _Kind.data and not (_LIBRARY.search(name) or _SCRATCH.match(name))


class _Kind(Enum):
    data = auto()  # a person's
    program = auto()  # the machine's
    mixed = auto()  # the machine's, with data sets among it


@lru_cache(maxsize=4096)
def _kind(folder: str) -> _Kind:
    """What a folder holds, by its path, which ends in a separator."""
    parts = folder.split(os.sep)
    if any(part in _INSTALLED for part in parts):
        return _Kind.mixed if _has_data_sets(parts) else _Kind.program
    if folder.startswith(_own_folders()):
        return _Kind.program
    if folder.startswith(_MACHINE):
        return _Kind.mixed if folder.startswith(_RAM_DISK) else _Kind.program
    if any(part in _FOLDERS or _SCRATCH.match(part) for part in parts) or _is_cache(parts):
        return _Kind.program
    return _Kind.data


def _has_data_ending(name: str) -> bool:
    lowered = name.lower()
    for ending in _PACKED:
        lowered = lowered.removesuffix(ending)
    return lowered.endswith(_DATA)


def _has_data_sets(parts: list[str]) -> bool:
    """Below the package's own folder there must be one that is called as data sets are.

    A package may itself be called ``datasets``, so its first folder says nothing.
    """
    installed = max(index for index, part in enumerate(parts) if part in _INSTALLED)
    below = parts[installed + 2 :]
    tested = any(part in ("tests", "testing", "__pycache__") for part in below)
    return not tested and any(part in _DATA_FOLDERS for part in below)


def _is_cache(parts: list[str]) -> bool:
    """``~/.cache/matplotlib``, ``~/.local/share/jupyter`` … but not every cache: some hold data."""
    pairs = pairwise(parts)
    return any(
        (above == ".cache" and below in _CACHES) or (above == "share" and below in _SHARES)
        for above, below in pairs
    )


@lru_cache(maxsize=1)
def _own_folders() -> tuple[str, ...]:
    """Where the interpreter lies, its library and what is installed; each ends in ``/``."""
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}
    standard = os.path.dirname(os.__file__)
    found = {os.path.join(prefix, part) for prefix in prefixes for part in _PREFIX_FOLDERS}
    found |= {standard, os.path.realpath(standard)}
    return tuple(sorted(folder.rstrip(os.sep) + os.sep for folder in found))
