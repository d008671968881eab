"""Names that do harm when they are called, of the standard library and of the libraries around it.

One pickle each, in four ways of writing by turns. A list of forbidden names never ends; these are
there because each was once missing from somebody's, or is an odd way to the same end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.corpus.assembly import CODE, SHELL, Code, call, dotted, glob, value, whole
from tests.corpus.sample import Hostile, dropped

__all__ = ["names"]

FILE = "/nowhere/wb-canary"
PICK = b"\x80\x02cos\ngetcwd\n)R."  # what nested loaders get
RUNS = "runs code that it is given as text"
STARTS = "starts a program"
OPENS = "loads a file that can run code"
TOUCHES = "reads, writes or removes files"
CALLS = "calls what it is given"
TALKS = "talks to the network"
FINDS = "finds any object by its name, to be called next"

ROWS: dict[str, tuple[tuple[Any, ...], str]] = {
    "builtins exec": ((CODE,), RUNS),
    "builtins compile": ((CODE, "x", "eval"), RUNS),
    "builtins __import__": (("os",), FINDS),
    "builtins getattr": ((1, "real"), FINDS),
    "builtins open": ((FILE, "w"), TOUCHES),
    "builtins breakpoint": ((), "stops in a debugger, which the environment chooses"),
    "builtins help": (("modules",), "imports everything there is"),
    "io open": ((FILE, "w"), TOUCHES),
    "_io open_code": ((FILE,), TOUCHES),
    "io FileIO": ((FILE, "w"), TOUCHES),
    "os popen": ((SHELL,), STARTS),
    "os execv": (("/bin/true", ["true"]), STARTS),
    "os posix_spawn": (("/bin/true", ["true"], {}), STARTS),
    "os spawnlp": ((0, "true", "true"), STARTS),
    "os remove": ((FILE,), TOUCHES),
    "os putenv": (("WB_CANARY", "1"), "changes the environment of programs to come"),
    "posixpath os.popen": ((SHELL,), STARTS),
    "subprocess Popen": ((["true"],), STARTS),
    "subprocess getoutput": ((SHELL,), STARTS),
    "subprocess check_output": ((["true"],), STARTS),
    "_posixsubprocess fork_exec": ((), STARTS),
    "pty spawn": ((["true"],), STARTS),
    "asyncio create_subprocess_shell": ((SHELL,), STARTS),
    "asyncio.unix_events _UnixSubprocessTransport._start": (
        ((), SHELL, True, None, None, None, 0), "CVE-2025-10157: a subclass not on the list"),
    "multiprocessing.util spawnv_passfds": ((b"/bin/true", [b"true"], []), STARTS),
    "_osx_support _read_output": ((SHELL,), STARTS),
    "_aix_support _read_cmd_output": ((SHELL,), STARTS),
    "_pyrepl.pager pipe_pager": (("", "true"), STARTS),
    "pydoc pipepager": (("", "true"), STARTS),
    "uuid _get_command_stdout": (("true",), STARTS),
    "ctypes.util _findLib_gcc": (("c",), STARTS),
    "distutils.spawn spawn": ((["true"],), STARTS),
    "webbrowser open": (("about:blank",), STARTS),
    "venv create": ((FILE,), STARTS),
    "ensurepip _run_pip": ((["--version"],), STARTS),
    "pip main": ((["--version"],), "CVE-2025-1716: installs a package"),
    "pip._internal main": ((["--version"],), "installs a package"),
    "runpy run_path": ((FILE,), OPENS),
    "runpy _run_code": ((CODE, {}), RUNS),
    "importlib import_module": (("this",), FINDS),
    "importlib.util spec_from_file_location": (("x", FILE), OPENS),
    "importlib.machinery SourceFileLoader": (("x", FILE), OPENS),
    "imp load_source": (("x", FILE), OPENS),
    "zipimport zipimporter": ((FILE,), OPENS),
    "pkgutil resolve_name": (("os:system",), "passed every list of names: any name from a text"),
    "pydoc locate": (("os.system",), FINDS),
    "unittest.mock _dot_lookup": ((1, "os", "os"), FINDS),
    "unittest.mock _importer": (("os.system",), FINDS),
    "logging.config _resolve": (("os.system",), FINDS),
    "logging.config dictConfig": (({"version": 1},), CALLS),
    "logging FileHandler": ((FILE,), TOUCHES),
    "code InteractiveInterpreter.runcode": ((1, CODE), RUNS),
    "codeop compile_command": ((CODE,), RUNS),
    "timeit timeit": ((CODE, "pass", glob("time", "time"), 1), RUNS),
    "timeit main": ((["-n1", CODE],), RUNS),
    "cProfile run": ((CODE,), RUNS),
    "cProfile runctx": ((CODE, {}, {}), RUNS),
    "profile Profile.run": ((1, CODE), RUNS),
    "trace Trace.run": ((1, CODE), RUNS),
    "bdb Bdb.run": ((1, CODE), RUNS),
    "pdb run": ((CODE,), RUNS),
    "doctest debug_script": ((CODE,), RUNS),
    "idlelib.pyshell ModifiedInterpreter.runcode": ((1, CODE), RUNS),
    "idlelib.calltip get_entity": ((CODE,), RUNS),
    "idlelib.autocomplete AutoComplete.get_entity": ((1, CODE), RUNS),
    "idlelib.run Executive.runcode": ((1, CODE), RUNS),
    "lib2to3.pgen2.grammar Grammar.loads": ((1, PICK), OPENS),
    "lib2to3.pgen2.pgen ParserGenerator.make_label": ((1, 2, CODE), RUNS),
    "gettext c2py": (("n",), RUNS),
    "typing ForwardRef._evaluate": ((1, {}, {}), RUNS),
    "dataclasses make_dataclass": (("X", ["a"]), RUNS),
    "types FunctionType": ((1, {}), RUNS),
    "types CodeType": ((), RUNS),
    "marshal loads": ((b"N",), RUNS),
    "ctypes CDLL": ((None,), "loads a native library"),
    "ctypes string_at": ((0, 1), "reads any address"),
    "_ctypes dlopen": ((FILE, 0), "loads a native library"),
    "shutil rmtree": ((FILE,), TOUCHES),
    "shutil move": ((FILE, FILE), TOUCHES),
    "pathlib Path.write_text": ((1, "x"), TOUCHES),
    "distutils.file_util write_file": ((FILE, []), TOUCHES),
    "linecache getlines": ((FILE,), TOUCHES),
    "fileinput input": ((FILE,), TOUCHES),
    "sqlite3 connect": ((":memory:",), TOUCHES),
    "shelve open": ((FILE,), OPENS),
    "socket create_connection": ((("127.0.0.1", 9),), TALKS),
    "ssl get_server_certificate": ((("127.0.0.1", 9),), TALKS),
    "urllib.request urlopen": (("file:///dev/null",), TALKS),
    "smtplib SMTP": (("127.0.0.1", 9), TALKS),
    "ftplib FTP": ((), TALKS),
    "atexit register": ((glob("os", "getcwd"),), CALLS),
    "signal signal": ((14, glob("os", "getcwd")), CALLS),
    "threading Thread": ((None, glob("os", "getcwd")), CALLS),
    "weakref finalize": ((1, glob("os", "getcwd")), CALLS),
    "sys settrace": ((glob("os", "getcwd"),), CALLS),
    "sys setrecursionlimit": ((1 << 30,), "lets a deep structure crash the process"),
    "functools partial": ((glob("builtins", "eval"), CODE), CALLS),
    "functools reduce": ((glob("builtins", "eval"), [CODE, {}]), CALLS),
    "operator methodcaller": (("system", SHELL), CALLS),
    "operator call": ((glob("builtins", "eval"), CODE), CALLS),
    "contextlib ExitStack.callback": ((1, glob("os", "getcwd")), CALLS),
    "concurrent.futures ThreadPoolExecutor.submit": ((1, glob("os", "getcwd")), CALLS),
    "types MethodType": ((glob("builtins", "eval"), CODE), CALLS),
    "test.support.script_helper assert_python_ok": (("-c", "pass"), STARTS),
    "_xxsubinterpreters run_string": ((0, CODE), RUNS),
    "_testcapi run_in_subinterp": ((CODE,), RUNS),
    "site addsitedir": ((FILE,), RUNS),
    "email.utils os.system": ((SHELL,), STARTS),
}  # fmt: skip

NESTED: dict[str, str] = {
    "pickle loads": OPENS,
    "_pickle loads": OPENS,
    "pickle _loads": OPENS,
    "multiprocessing.reduction ForkingPickler.loads": OPENS,
    "torch.storage _load_from_bytes": "allowed by many lists, and loads a whole pickle",
    "dill loads": OPENS,
    "dill._dill loads": OPENS,
    "cloudpickle loads": OPENS,
    "cloudpickle.cloudpickle loads": OPENS,
    "joblib.externals.cloudpickle loads": OPENS,
    "srsly.cloudpickle loads": OPENS,
    "pandas.compat.pickle_compat loads": OPENS,
}
MAPS = ("map", "filter", "itertools.starmap", "itertools.accumulate")
DRAINS = ("builtins list", "builtins tuple", "builtins set", "builtins sum", "builtins any",
          "builtins sorted", "builtins dict", "collections deque", "collections Counter",
          "collections OrderedDict", "builtins bytearray")  # fmt: skip


def written(name: str, turn: int, *arguments: Any) -> bytes:
    """Write a call in one of four ways."""
    module, _, called = name.partition(" ")
    if turn % 4 == 0 and "." not in called:
        return whole(call(glob(module, called), *arguments), 2)
    if turn % 4 == 1 and "." not in called:
        head = value(()) if not arguments else b"(" + b"".join(map(value, arguments))
        return (head if arguments else b"(") + f"i{module}\n{called}\n.".encode()
    if turn % 4 == 2:
        return whole(b"(" + dotted(module, called) + b"".join(map(value, arguments)) + b"o")
    return whole(call(dotted(module, called), *arguments) + b"0N")


def _containers() -> Iterator[tuple[str, str, str, bytes]]:
    """A lazy call is made when a harmless container takes it up."""
    for number, drain in enumerate(DRAINS):
        lazy = MAPS[number % len(MAPS)]
        module, _, name = lazy.rpartition(".")
        function, items = glob("builtins", "eval"), [CODE]
        ready: Any = [(CODE,)] if name == "starmap" else items
        order = (ready, function) if name == "accumulate" else (function, ready)
        made = call(glob(module or "builtins", name), *order)
        data = whole(call(glob(*drain.split()), Code(made)))
        yield f"{name}-in-{drain.split()[1]}", "model.pkl", f"{drain} makes {name} call", data


def names() -> Iterator[Hostile]:
    """One pickle for each name."""
    rows = [
        (name.replace(" ", "."), "model.pkl", why, written(name, turn, *arguments))
        for turn, (name, (arguments, why)) in enumerate(ROWS.items())
    ]
    yield from dropped("names", rows)
    nested = (
        (name.replace(" ", "."), "model.pkl", why, written(name, turn, PICK))
        for turn, (name, why) in enumerate(NESTED.items())
    )
    yield from dropped("nested", nested)
    yield from dropped("containers", _containers())
