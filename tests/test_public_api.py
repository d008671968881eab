"""The public face: what is exported, what is documented, and what importing it costs."""

from __future__ import annotations

import inspect
import json
import pkgutil
import re
import subprocess
import sys
from importlib import import_module
from types import ModuleType

import pytest

import workbench

HEAVY = {
    *("jupyterlab", "notebook", "jupyter_server", "ipywidgets", "IPython"),
    *("sklearn", "skops", "pandas", "numpy", "torch"),
    *("sqlalchemy", "alembic", "cedarpy", "cryptography", "pydantic", "typer", "keyring"),
}
# Files that a tool runs, not modules that anybody imports.
SCRIPTS = {"workbench.stores.migrations.env", "workbench.stores.migrations.versions.0001_tables"}


def names() -> list[str]:
    """Every module of the package."""
    found = pkgutil.walk_packages(workbench.__path__, "workbench.")
    return ["workbench", *(one.name for one in found if one.name not in SCRIPTS)]


NAMES = [name for name in names() if not name.startswith("workbench.stores.migrations")]
each_module = pytest.mark.parametrize("name", NAMES)


def is_package(module: ModuleType) -> bool:
    return hasattr(module, "__path__")


def test_what_a_notebook_gets() -> None:
    """These names, each with words for ``help``, and nothing else."""
    assert workbench.__all__ == [
        "__version__", "changes", "dataset", "export", "inspect", "lineage", "me", "open",
        "plant", "provenance", "recall", "request_access", "sanitise", "scan", "share", "synthetic",
        "trace", "track", "use", "who",
    ]  # fmt: skip
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", workbench.__version__)
    with pytest.raises(AttributeError, match="no attribute 'shore'"):
        _ = workbench.shore  # type: ignore[attr-defined] - the point of the test


def test_no_part_stands_in_front_of_a_function() -> None:
    """A part of the package that was imported would be found in place of a function of its name."""
    assert {one.name for one in pkgutil.iter_modules(workbench.__path__)} & set(
        workbench.__all__
    ) == set()


def test_the_notebook_functions_are_documented(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each says what it does and what it raises, without a workplace being made for that."""
    monkeypatch.setenv("WORKBENCH_HOME", f"{tmp_path}/nowhere")
    notebook = import_module("workbench.notebook.functions").Notebook
    for name in workbench.__all__[1:]:
        assert inspect.getdoc(getattr(notebook, name)), name


def test_the_docstring_lists_every_part() -> None:
    """In reading order, each with one line: this is the map of the package."""
    listed = re.findall(r"^``(\w+)`` +\S", workbench.__doc__ or "", re.MULTILINE)
    parts = [one.name for one in pkgutil.iter_modules(workbench.__path__)]
    assert sorted(listed) == sorted(name for name in parts if not name.startswith("_"))
    assert len(listed) == len(set(listed))


@each_module
def test_a_package_lists_its_modules(name: str) -> None:
    """A reader of a folder finds each file in the package's docstring."""
    module = import_module(name)
    if name == "workbench" or not is_package(module):
        return
    for one in pkgutil.iter_modules(module.__path__):
        if not one.ispkg:
            assert re.search(rf"\b{one.name}\b", module.__doc__ or ""), f"{name}.{one.name}"


@each_module
def test_every_module_says_what_it_is(name: str) -> None:
    """A docstring, and a sorted ``__all__`` of names that exist."""
    module = import_module(name)
    assert module.__doc__
    if is_package(module) and not hasattr(module, "__all__"):
        own = [one for one in vars(module).values() if getattr(one, "__module__", "") == name]
        assert own == [], "a package without __all__ holds nothing of its own"
        return
    exported = module.__all__
    assert len(exported) == len(set(exported))
    assert exported == sorted(exported, key=in_order)
    if name != "workbench":  # its functions are made when they are first used
        assert [one for one in exported if not hasattr(module, one)] == []


def in_order(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions, as ruff sorts them."""
    kind = 0 if name.isupper() else 1 if name[:1].isupper() else 2
    return kind, name


@each_module
def test_everything_exported_is_documented(name: str) -> None:
    """Functions, classes and their public methods: said there, or in the contract they fulfil."""
    module = import_module(name)
    if name == "workbench":
        return
    for exported in getattr(module, "__all__", ()):
        thing = getattr(module, exported)
        if not (inspect.isclass(thing) or inspect.isfunction(thing)):
            continue
        assert inspect.getdoc(thing), f"{name}.{exported}"
        assert not (thing.__doc__ or "").startswith(f"{exported}("), f"{name}.{exported}"
        hints = inspect.get_annotations(thing)
        if inspect.isfunction(thing):
            assert "return" in hints, f"{name}.{exported}"


def loaded(program: str) -> list[str]:
    """Run a program in a fresh interpreter; return what it prints as JSON."""
    ended = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    found: list[str] = json.loads(ended.stdout)
    return found


def test_importing_is_light() -> None:
    """No framework, no database, no cryptography: ``import workbench`` is for everybody."""
    program = "import json, sys, workbench; print(json.dumps(sorted(sys.modules)))"
    tops = {name.partition(".")[0] for name in loaded(program)}
    assert not tops & HEAVY


def test_importing_opens_nothing_and_asks_nothing() -> None:
    """Only the package's own code is read: no file, no socket, no program."""
    program = """
import json, os, sys
seen = []
def hook(event, arguments):
    if event == "open":
        seen.append(str(arguments[0]))
    elif event.startswith(("socket.", "subprocess.", "os.mkdir", "sqlite3.", "os.system")):
        seen.append(event)
sys.addaudithook(hook)
import workbench
print(json.dumps([path for path in seen if not path.endswith((".py", ".pyc"))
                  and ".pyc." not in path]))
"""
    assert loaded(program) == []


def test_a_missing_name_does_not_start_anything() -> None:
    """Looking for a name that is not there loads no part of the package."""
    program = (
        "import json, sys, workbench\n"
        "hasattr(workbench, 'nothing')\n"
        "print(json.dumps([name for name in sys.modules if name.startswith('workbench.')]))\n"
    )
    assert loaded(program) == ["workbench._version"]
