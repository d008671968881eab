"""The shape of the package as data: who may import whom, who may touch the world, file sizes.

Imports go downwards only. The table below is the whole rule; an arrow that is not in it is a
question about the design, not about this test.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "workbench"

WORDS = {
    *("errors", "encoding", "vocabulary", "forms", "listing", "predicates", "records", "seeking"),
}
CORE = {"crypto", "findings", "ledger", "origin", "policy", "release", "scanning"}
INSIDE = WORDS | CORE | {"stores.contracts", "services", "session"}
SHOWN = INSIDE | {"views", "tracing"}

# What each part may import besides itself. A module belongs to the longest name it starts with.
ALLOWED: dict[str, set[str]] = {
    "_version": set(),
    "errors": set(),
    "vocabulary": {"errors"},
    "seeking": set(),
    "encoding": {"errors"},
    "forms": {"errors", "encoding"},
    "listing": {"errors", "encoding", "forms", "vocabulary"},
    "predicates": {"errors", "encoding", "forms"},
    "records": WORDS,
    "crypto": WORDS,
    "ledger": WORDS | {"crypto"},
    "policy": WORDS,
    "findings": WORDS,
    "origin": WORDS,
    "release": WORDS | {"crypto", "ledger"},
    "scanning": WORDS | {"findings"},
    "stores.contracts": WORDS,
    "stores": WORDS | {"crypto", "ledger", "release", "stores.contracts"},
    "services": WORDS | CORE | {"marking", "stores.contracts"},
    "session": WORDS | CORE | {"stores.contracts", "services"},
    "views": INSIDE,
    "tracing": INSIDE | {"views", "_version"},
    "analysis": set(),
    "senses": WORDS | {"origin"},
    "training": WORDS | {"origin", "analysis"},
    "hygiene": WORDS | {"origin", "analysis", "training"},
    "converting": WORDS | {"findings", "scanning", "training"},
    "hidden": WORDS | {"findings", "training"},
    "leakage": WORDS | {"findings", "training"},
    "marking": WORDS | {"findings", "scanning"},
    "retention": WORDS | {"findings", "training"},
    "standin": WORDS | {"findings"},
    "inspection": WORDS | {"findings", "scanning", "converting", "hidden", "leakage", "retention"},
    "capture": WORDS | {"origin", "analysis", "senses", "training", "hygiene"},
    "widgets": SHOWN | {"capture"},
    "notebook": SHOWN
    | {"capture", "widgets", "inspection", "converting", "hidden", "leakage", "standin"},
    "lab": SHOWN,
    "cli": SHOWN | {"_version"},
    "workshop": WORDS | {"stores.contracts"},
    "app": {"cli", "lab", "notebook", "workshop", "stores"} | INSIDE,
    "": {"_version"},
}
# Single arrows beyond the table, each with its reason.
EXCEPTIONS = {
    ("errors", "records"): "for type checkers only: a denial carries a decision",
    ("lab.desk", "stores.agent"): "a Lab server is what runs the agent for its kernels",
    ("workshop", "stores.agent"): "a workshop runs the agent that four people share",
    ("workshop", "stores.keystore"): "a workshop's keys live in memory, and nowhere else",
}
VERBS = {"publish", "request", "review", "retrieve", "load", "audit", "enrol", "pack"}

# Words and core: bytes and numbers in, bytes and numbers out.
WORLD = {
    *("os", "pathlib", "shutil", "tempfile", "glob", "fcntl", "mmap"),
    *("time", "random", "secrets", "uuid"),
    *("socket", "ssl", "http", "urllib", "subprocess", "logging", "sqlite3", "sqlalchemy"),
}
WORLD_CALLS = {"open", "print", "input", "now", "utcnow", "today"}
WORLD_EXCEPTIONS = {
    (
        "crypto.primitives",
        "os",
    ): "os.urandom, for nonces and keys that no caller may pick",
}
# Imports that happen when something is first used.
LAZY = {
    ("", "workbench.app"): "importing the package must stay light",
    ("", "workbench.capture.tracker"): "tracking starts without what sharing needs",
    (
        "app",
        "workbench.notebook.functions",
    ): "IPython and widgets, which the command line does not need",
    ("app", "workbench.lab.extension"): "the Jupyter server, which only it needs itself",
    (
        "stores.migrate",
        "workbench.stores.upgrade",
    ): "Alembic, which is seldom needed",
    ("services.marks", "workbench.services.marking"): "NumPy, which nothing else there needs",
    ("notebook.measured", "workbench.notebook.measuring"): "NumPy, which not everybody needs",
    ("notebook.showing", "workbench.notebook.measuring"): "NumPy, which not everybody needs",
    ("converting.skops_form", "skops.io"): "an optional package",
    ("converting.pickled", "torch"): "an optional package",
    ("converting.onnx_form", "skl2onnx"): "an optional package",
    ("converting.boosted_onnx", "onnx"): "an optional package",
    ("converting.onnx_model", "onnxruntime"): "an optional package",
    ("converting.xgboost_form", "xgboost"): "an optional package",
    ("converting.lightgbm_form", "lightgbm"): "an optional package",
    ("inspection.identity", "joblib"): "comes with scikit-learn",
    ("leakage.intervals", "scipy.special"): "comes with scikit-learn",
    ("leakage.attributes", "sklearn.ensemble"): "only where a column is guessed",
    ("training.measuring", "sklearn.metrics"): "only where the notebook has loaded scikit-learn",
    ("hygiene.redaction", "detect_secrets.core.plugins.util"): "an optional package, at Share",
    ("senses.watching", "inotify_simple"): "a package for Linux only",
}
TYPE_CHECKING = {("errors", "records")}

LONGEST = 400
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}


def modules() -> dict[str, Path]:
    """Every module by its name below ``workbench``; the package itself is the empty name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = path
    return found


MODULES = modules()
each_module = pytest.mark.parametrize("name", MODULES, ids=lambda name: name or "workbench")


@cache
def tree(name: str) -> ast.Module:
    return ast.parse(MODULES[name].read_text("utf-8"))


def nearest(dotted: str) -> str:
    """The module that a dotted name below ``workbench`` is in."""
    parts = dotted.split(".") if dotted else []
    while parts and ".".join(parts) not in MODULES:
        parts.pop()
    return ".".join(parts)


def named(node: ast.AST) -> Iterator[str]:
    """The absolute dotted names that an import statement asks for."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute"
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports(name: str) -> Iterator[str]:
    """The modules of this package that a module imports."""
    for node in ast.walk(tree(name)):
        for dotted in named(node):
            if dotted.partition(".")[0] == "workbench":
                yield nearest(dotted.partition(".")[2])


def outside(name: str) -> set[str]:
    """The top names of everything else that a module imports."""
    found = {dotted.partition(".")[0] for node in ast.walk(tree(name)) for dotted in named(node)}
    return found - {"workbench", "__future__"}


def part(name: str) -> str:
    """The row of the table that a module belongs to."""
    parts = name.split(".")
    while parts and ".".join(parts) not in ALLOWED:
        parts.pop()
    return ".".join(parts)


def test_every_module_has_a_row() -> None:
    """A new part is placed before it is used; a row that is left over is taken out."""
    assert {part(name) for name in MODULES if name} | {""} == set(ALLOWED)
    assert [name for name in MODULES if name and not part(name)] == []


@each_module
def test_imports_go_downwards(name: str) -> None:
    """Only what the table allows, or an arrow named with its reason."""
    for other in imports(name):
        target = part(other)
        fine = target == part(name) or target in ALLOWED[part(name)]
        assert fine or (name, other) in EXCEPTIONS, f"{name or 'workbench'} imports {other}"


def test_every_exception_is_still_needed() -> None:
    """The lists do not outlive their reasons."""
    arrows = {(name, other) for name in MODULES for other in imports(name)}
    assert set(EXCEPTIONS) <= arrows
    assert all(name in MODULES and top in outside(name) for name, top in WORLD_EXCEPTIONS)


def test_the_table_itself_has_no_way_up() -> None:
    """Following the allowed arrows never leads back."""
    done: set[str] = set()

    def visit(row: str, path: tuple[str, ...]) -> None:
        assert row not in path, " → ".join([*path, row])
        if row not in done:
            for target in ALLOWED[row] - {row}:
                visit(target, (*path, row))
            done.add(row)

    for row in ALLOWED:
        visit(row, ())


def test_no_cycles() -> None:
    """No module reaches itself, not even within its own part."""
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " → ".join([*path, name])
        if name not in done:
            for other in imports(name):
                if other != name and (name, other) not in TYPE_CHECKING:
                    visit(other, (*path, name))
            done.add(name)

    for name in MODULES:
        visit(name, ())


@each_module
def test_no_imports_inside_functions(name: str) -> None:
    """What a module needs is said at its top; ``TYPE_CHECKING`` is no way round a cycle."""
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = [one for one in ast.walk(node) if isinstance(one, ast.Import | ast.ImportFrom)]
            assert not inner, f"{name}:{node.lineno}"
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for statement in node.body:
                for dotted in named(statement):
                    assert (name, nearest(dotted.partition(".")[2])) in TYPE_CHECKING


def test_lazy_imports_are_named() -> None:
    """``import_module`` is for an optional package or a light start, and each use is listed."""
    found = set()
    for name in MODULES:
        for node in ast.walk(tree(name)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
                ("import_module", "__import__")
            ):
                assert isinstance(node.args[0], ast.Constant), f"{name}:{node.lineno}"
                found.add((name, node.args[0].value))
    assert found == set(LAZY)


def test_one_file_calls_cryptography() -> None:
    """Every use of a primitive is in one place, with its reason."""
    assert [name for name in MODULES if "cryptography" in outside(name)] == ["crypto.primitives"]


def test_one_contract_with_the_stores() -> None:
    """Services know contracts, so an exchange can be kept anywhere."""
    for name in MODULES:
        if part(name) == "services":
            stores = {other for other in imports(name) if other.startswith("stores")}
            assert stores <= {"stores.contracts"}, name


def test_verbs_do_not_lean_on_each_other() -> None:
    """What two verbs share has a module of its own; the verbs meet in a session."""
    for verb in VERBS:
        assert f"services.{verb}" in MODULES
        others = {f"services.{other}" for other in VERBS - {verb}}
        assert not others & set(imports(f"services.{verb}")), verb


@pytest.mark.parametrize(
    "name", [name for name in MODULES if part(name) in WORDS | CORE or name == "stores.contracts"]
)
def test_words_and_core_touch_nothing(name: str) -> None:
    """No files, no clock, no chance, no network: time and randomness are arguments."""
    for top in outside(name) & WORLD:
        assert (name, top) in WORLD_EXCEPTIONS, f"{name} imports {top}"
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Call):
            called = node.func
            plain = isinstance(called, ast.Name) and called.id in WORLD_CALLS
            dated = isinstance(called, ast.Attribute) and called.attr in WORLD_CALLS - {"open"}
            assert not plain, f"{name}:{node.lineno}"
            assert not dated, f"{name}:{node.lineno}"


def sources() -> list[Path]:
    """Every source file that people wrote: the package, the tests, the Lab front end."""
    folders = {"workbench": ("py",), "tests": ("py", "mjs"), "labextension": ("ts", "tsx")}
    left_out = {"node_modules", "lib", "labextension/labextension", "__pycache__"}
    return sorted(
        path
        for folder, kinds in folders.items()
        for kind in kinds
        for path in (ROOT / folder).rglob(f"*.{kind}")
        if not left_out & set(path.relative_to(ROOT).parts)
        and not path.is_relative_to(PACKAGE / "labextension")
    )


def test_no_file_is_too_long() -> None:
    """What does not fit is about two things."""
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in sources()
    }
    assert len(lengths) > 150
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST} == {}


def test_no_drawers() -> None:
    """A name that fits everything says nothing."""
    for path in sources():
        assert not {part.partition(".")[0] for part in path.relative_to(ROOT).parts} & DRAWERS


def test_no_deep_folders() -> None:
    """Two levels are enough, but for what other tools lay out for themselves."""
    for name in MODULES:
        if not name.startswith("stores.migrations"):
            assert name.count(".") <= 1, name
