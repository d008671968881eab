"""What has to be alike to train a model again: versions, machine, threads, code, container.

Only what reproduces: no name of a machine, person or folder, no address, no serial number. Asked
once, at Share; the one program that is started is git, to read.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from workbench.origin.record import Environment, Git, Settings
from workbench.training import kinds
from workbench.training.settings import clean, settings

__all__ = ["commit", "container", "describe", "machine", "packages", "threads"]

MAX_PACKAGES = 300
GIT_SECONDS = 5
GIT = (
    *("git", "--no-optional-locks", "-c", "core.fsmonitor=false"),
    *("-c", "core.hooksPath=/dev/null", "-c", "color.ui=never"),
)
# They decide how many threads add up a sum, and so its last digits, or what chance starts from.
THREADS = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"),
    *("VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS", "OMP_DYNAMIC"),
    *("POLARS_MAX_THREADS", "RAYON_NUM_THREADS", "LOKY_MAX_CPU_COUNT", "MKL_CBWR"),
    *("PYTHONHASHSEED", "CUBLAS_WORKSPACE_CONFIG", "TF_DETERMINISTIC_OPS", "CUDA_LAUNCH_BLOCKING"),
)
PLAIN = re.compile(r"[A-Za-z0-9,:=._-]{1,50}")  # a setting of threads, never a folder
# Where hubs say which image a notebook runs in.
IMAGES = (
    "JUPYTER_IMAGE",
    "JUPYTER_IMAGE_SPEC",
    "CONTAINER_IMAGE",
    "IMAGE_SPEC",
    "SINGLEUSER_IMAGE",
)
IMAGE = re.compile(r"@(sha256:[0-9a-f]{64})(?![0-9a-f])")
CONTAINER_FILE = Path("/run/.containerenv")  # written by podman
IMAGE_ID = re.compile(r'^imageid="(?:sha256:)?([0-9a-f]{64})"', re.MULTILINE)


def describe(folder: Path | None = None) -> Environment:
    """Return the surroundings as they are now.

    Args:
        folder: where the code lies, for its state in git; the working folder if not given.
    """
    return Environment(
        python=clean(platform.python_version()),
        packages=packages(),
        machine=machine(),
        threads=threads(),
        git=commit(folder or Path()),
        container=container(),
    )


def packages() -> dict[str, str]:
    """Return the versions of the distributions that modules were really imported from."""
    found: dict[str, str] = {}
    for module in sorted({name.partition(".")[0] for name in list(sys.modules)}):
        names = sorted(set(_distributions().get(module, ())))
        for name in names if len(names) == 1 else _imported(names):
            try:
                version = clean(metadata.version(name))
            except metadata.PackageNotFoundError:
                continue
            if version:
                found[clean(name)] = version
    return dict(sorted(found.items())[:MAX_PACKAGES])


@cache
def _distributions() -> dict[str, list[str]]:
    """Return which distributions hold which top modules: all that are installed are read once."""
    return dict(metadata.packages_distributions())


def _imported(names: list[str]) -> Iterator[str]:
    """Return those of several distributions under one top module that have modules loaded."""
    for name in names:
        for file in metadata.files(name) or ():
            module = ".".join(file.with_suffix("").parts).removesuffix(".__init__")
            if file.suffix == ".py" and "." in module and module in sys.modules:
                yield name
                break


def machine() -> Settings:
    """Return what of a machine decides a result, and how much of it there was."""
    found: dict[str, object] = {
        "system": platform.system(),
        "architecture": platform.machine(),
        "implementation": platform.python_implementation(),
        "cores": os.cpu_count(),
    }
    for ask in (_cores, _memory, _blas, _pools, _accelerators):
        try:
            found |= ask()
        except Exception:  # noqa: S112 - a system that does not say; what it said is kept
            continue
    return settings({name: value for name, value in found.items() if value not in (None, "")})


def _cores() -> Settings:
    """Return the cores that this process may use, where the system limits them."""
    return {"cores": len(os.sched_getaffinity(0))}


def _memory() -> Settings:
    size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"memory (GiB)": round(size / 2**30)}


def _blas() -> Settings:
    numpy = kinds.loaded("numpy")
    if numpy is None:
        return {}
    built = numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {"blas": clean(f"{built['name']} {built['version']}")}


def _pools() -> Settings:
    """Return the pools of threads in loaded libraries; their folders are left out."""
    control = kinds.loaded("threadpoolctl")
    found: Settings = {}
    for pool in control.threadpool_info() if control is not None else ():
        version = pool.get("version") or ""
        words = f"{pool['internal_api']} {version}".strip()
        found[clean(f"threads ({words})")] = int(pool["num_threads"])
    return found


def _accelerators() -> Settings:
    torch: Any = kinds.loaded("torch")
    if torch is None:
        return {}
    found: Settings = {
        "torch threads": torch.get_num_threads(),
        "torch deterministic": torch.are_deterministic_algorithms_enabled(),
    }
    if torch.cuda.is_initialized():  # asking for a name would start the driver
        count = torch.cuda.device_count()
        names = [torch.cuda.get_device_name(number) for number in range(count)]
        found["accelerators"] = clean(", ".join(names))
        found["cuda"] = clean(str(torch.version.cuda))
    return found


def threads() -> dict[str, str]:
    """Return the variables that are set of those that decide threads and chance."""
    given = {name: os.environ.get(name, "") for name in THREADS}
    return {name: value for name, value in given.items() if PLAIN.fullmatch(value)}


def commit(folder: Path) -> Git | None:
    """Return the commit a folder is at, and whether anything in it differs from that.

    Without git, a repository or a commit in it: ``None``. A state that cannot be read in time
    counts as different.
    """
    head = _git(folder, "rev-parse", "--verify", "HEAD")
    if head is None or not re.fullmatch(r"[0-9a-f]{40,64}", head.strip()):
        return None
    state = _git(folder, "status", "--porcelain", "--ignore-submodules=dirty")
    return Git(commit=head.strip(), dirty=state is None or bool(state.strip()))


def _git(folder: Path, *words: str) -> str | None:
    """Run git to read; without hooks, watchers, locks and what the surroundings tell it to do."""
    program = shutil.which(GIT[0])
    if program is None:
        return None
    clear = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    clear |= {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            [program, *GIT[1:], *words],
            cwd=folder,
            env=clear,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=GIT_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace")


def container() -> str | None:
    """Return the digest of the image this runs in, where a hub or podman says it."""
    for name in IMAGES:
        found = IMAGE.search(os.environ.get(name, ""))
        if found:
            return found.group(1)
    try:
        stated = CONTAINER_FILE.read_text("utf-8", "replace")[:10_000]
    except OSError:
        return None
    image = IMAGE_ID.search(stated)
    return f"sha256:{image.group(1)}" if image else None
