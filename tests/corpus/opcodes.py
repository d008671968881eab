"""Pickles that call something dangerous in ways that scanners have been blind to."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tests.corpus.assembly import (
    CODE,
    SHELL,
    SYSTEM,
    Code,
    call,
    dotted,
    glob,
    short,
    value,
    whole,
)
from tests.corpus.sample import Hostile, dropped

__all__ = ["opcodes"]


ARGS = value((SHELL,))
TEXT = f"(S'{SHELL}'\nt".encode()
OS = glob("os", "system")
FICKLING = "fickling reported LIKELY_SAFE before 0.1.4: what is popped was thought unused"
REGRESSION = glob("sklearn.linear_model._base", "LinearRegression")


def _global() -> list[tuple[str, str, bytes]]:
    return [
        ("global", "GLOBAL and REDUCE, protocol 0", b"cos\nsystem\n" + TEXT + b"R."),
        ("global-2", "GLOBAL and REDUCE, protocol 2", whole(SYSTEM, 2)),
        ("global-posix", "the module behind os", whole(call(glob("posix", "system"), SHELL), 2)),
        ("global-nt", "the module behind os, on Windows", whole(call(glob("nt", "system"), SHELL))),
        (
            "python2-builtin",
            "protocol 2 maps the old name to builtins",
            whole(call(glob("__builtin__", "eval"), CODE), 2),
        ),
        (
            "python2-commands",
            "protocol 2 maps commands.getoutput to subprocess.getoutput",
            whole(call(glob("commands", "getoutput"), SHELL), 2),
        ),
        (
            "python2-urllib",
            "protocol 2 maps urllib.urlopen to urllib.request.urlopen",
            whole(call(glob("urllib", "urlopen"), "file:///dev/null"), 2),
        ),
        (
            "python2-urllib2",
            "protocol 2 maps urllib2 to urllib.request",
            whole(call(glob("urllib2", "urlopen"), "file:///dev/null"), 2),
        ),
        (
            "inst",
            "INST calls with what lies above the mark",
            f"(S'{SHELL}'\nios\nsystem\n.".encode(),
        ),
        ("obj", "OBJ calls what lies on the mark", b"(cos\nsystem\nS': wb'\no."),
        (
            "newobj",
            "NEWOBJ makes an object of a class",
            whole(glob("subprocess", "Popen") + value(()) + b"\x81", 2),
        ),
        (
            "newobj-ex",
            "NEWOBJ_EX takes named arguments",
            whole(glob("tempfile", "TemporaryDirectory") + value(()) + value({}) + b"\x92"),
        ),
        ("ext1", "EXT1: a name from the registry of extensions", b"\x80\x02\x82\x01)R."),
        ("ext2", "EXT2: the same with two bytes", b"\x80\x02\x83\x01\x01)R."),
        ("ext4", "EXT4: the same with four bytes", b"\x80\x02\x84\x01\x01\x01\x01)R."),
        ("persid-of-call", "BINPERSID takes what a call returned", whole(SYSTEM + b"Q", 2)),
        (
            "dotted-global",
            "protocol 4 follows dots in GLOBAL as well",
            whole(call(glob("os.path", "os.system"), SHELL)),
        ),
    ]


def _stack_global() -> list[tuple[str, str, bytes]]:
    wide = b"\x8d" + struct.pack("<Q", 2) + b"os"
    system = short("system")
    end = b"\x93" + ARGS + b"R"
    return [
        ("stack-global", "STACK_GLOBAL from two texts", whole(call(dotted("os", "system"), SHELL))),
        ("binunicode8", "the text has a length of eight bytes", whole(wide + system + end)),
        (
            "unicode-escape",
            "UNICODE hides letters behind escapes",
            whole(b"V\\u006f\\u0073\n" + b"Vsyst\\u0065m\n" + end),
        ),
        (
            "string-escape",
            "STRING hides letters behind escapes",
            whole(b"S'\\x6f\\x73'\nS'\\163ystem'\n" + end),
        ),
        ("string-quotes", "STRING in the other quotes", whole(b'S"os"\nS"system"\n' + end)),
        ("binstring", "BINSTRING is a text in Python 3", whole(b"T\x02\0\0\0osU\x06system" + end)),
        (
            "memo-binget",
            "texts come from the memo",
            whole(short("os") + b"q\x00" + system + b"q\x010" + b"0h\x00h\x01" + end),
        ),
        (
            "memo-long",
            "LONG_BINPUT and LONG_BINGET",
            whole(
                short("os")
                + b"r\x01\x02\0\0"
                + system
                + b"r\x02\x02\0\x0000j\x01\x02\0\0j\x02\x02\0\0"
                + end
            ),
        ),
        (
            "memo-text",
            "PUT and GET with numbers as text",
            whole(short("os") + b"p7\n0" + system + b"p8\n0g7\ng8\n" + end),
        ),
        (
            "memo-underscore",
            "int() reads 1_0 as 10",
            whole(short("os") + b"p1_0\n0g10\n" + system + end),
        ),
        ("memo-sign", "int() reads +7 as 7", whole(short("os") + b"p+7\n0g 7\n" + system + end)),
        (
            "memo-overwritten",
            "a place in the memo is used twice",
            whole(short("json") + b"q\x000" + short("os") + b"q\x000h\x00" + system + end),
        ),
        (
            "memoize-gap",
            "MEMOIZE counts entries, not the largest index",
            whole(short("json") + b"q\x050" + short("os") + b"\x940" + b"h\x01" + system + end),
        ),
        (
            "memo-swapped",
            "two places are exchanged before they are read",
            whole(
                short("system")
                + b"q\x000"
                + short("os")
                + b"q\x01q\x020h\x00q\x010h\x02h\x01"
                + end
            ),
        ),
        (
            "dup",
            "DUP makes timeit.timeit of one text",
            whole(short("timeit") + b"2\x93" + value((CODE,)) + b"R"),
        ),
        (
            "dotted-path",
            "dots lead from a harmless module to os",
            whole(call(dotted("os.path", "os.system"), SHELL)),
        ),
        (
            "dotted-joblib",
            "dots lead from joblib to os",
            whole(call(dotted("joblib.numpy_pickle", "os.system"), SHELL)),
        ),
        (
            "dotted-torch",
            "dots lead from torch to os",
            whole(call(dotted("torch", "os.system"), SHELL)),
        ),
        (
            "dotted-numpy-builtins",
            "modelscan issue 330: numpy.__builtins__",
            whole(call(dotted("numpy", "__builtins__.get"), "eval")),
        ),
        (
            "dotted-estimator",
            "dots lead from a known class to the globals of its module",
            whole(dotted("sklearn.linear_model._base", "LinearRegression.fit.__globals__")),
        ),
        (
            "dotted-tofile",
            "a method of a known class writes a file",
            whole(call(dotted("numpy", "ndarray.tofile"), None, "/dev/null")),
        ),
        (
            "dotted-subclasses",
            "every class there is, from object",
            whole(call(dotted("builtins", "object.__subclasses__"))),
        ),
        (
            "dotted-ordered",
            "a method of a name that is usually allowed",
            whole(call(dotted("collections", "OrderedDict.fromkeys"), [1])),
        ),
        (
            "from-list",
            "the module's name stands in a list before",
            whole(value(["x"]) + short("os") + b"\x94ah\x00" + system + end),
        ),
    ]


def _hidden() -> list[tuple[str, str, bytes]]:
    fine = value({"coef": 1})
    return [
        ("pop", FICKLING, whole(SYSTEM + b"0" + fine)),
        ("pop-mark", "the result goes with the mark", whole(b"(" + SYSTEM + b"1" + fine)),
        (
            "callable-in-memo",
            "put away, popped, fetched and called",
            whole(OS + b"\x940" + fine + b"0h\x00" + ARGS + b"R"),
        ),
        ("callable-dup", "a copy of the name is called", whole(OS + b"2" + ARGS + b"R")),
        (
            "arguments-in-memo",
            "arguments first, name later",
            whole(ARGS + b"\x940" + OS + b"h\x00R"),
        ),
        ("in-key", "called for the key of a dictionary", whole(b"}" + SYSTEM + b"Ns")),
        ("in-set", "called for an entry of a set", whole(b"\x8f(" + SYSTEM + b"\x90")),
        ("in-frozenset", "called for an entry of a frozenset", whole(b"(" + SYSTEM + b"\x91")),
        ("in-list", "called for an entry of a list", whole(b"](" + SYSTEM + b"e")),
        (
            "in-state",
            "called for the state of a known estimator",
            whole(REGRESSION + b")\x81" + value({"coef_": Code(SYSTEM)}) + b"b"),
        ),
        ("in-tuple3", "called inside TUPLE3", whole(value(1) + SYSTEM + value(2) + b"\x87")),
        ("import-only", "a name is imported, nothing is called", whole(OS + b"0" + fine)),
        ("import-this", "importing alone has an effect", whole(glob("this", "s") + b"0" + fine)),
        (
            "import-antigravity",
            "importing opens a browser",
            whole(glob("antigravity", "geohash") + b"0" + fine),
        ),
        (
            "import-main",
            "importing runs a program",
            whole(glob("pip.__main__", "sys") + b"0" + fine),
        ),
        (
            "environ",
            "no call: SETITEM on os.environ",
            whole(glob("os", "environ") + value("WB_CANARY") + value("1") + b"s"),
        ),
        (
            "sys-path",
            "no call: APPEND to sys.path",
            whole(glob("sys", "path") + value("/nowhere") + b"a"),
        ),
        (
            "sys-modules",
            "no call: a module is replaced",
            whole(glob("sys", "modules") + value("wb_canary") + value(None) + b"s"),
        ),
        (
            "builtins-dict",
            "no call: a built-in function is replaced",
            whole(glob("__main__", "__builtins__") + value((None, {"wb": 1})) + b"b"),
        ),
    ]


def _build() -> list[tuple[str, str, bytes]]:
    new = REGRESSION + b")\x81"
    patch = value((None, {"__setstate__": glob("builtins", "eval")}))
    return [
        (
            "build-patched-class",
            "modelscan issue 85: BUILD gives a class its own __setstate__",
            whole(REGRESSION + patch + b"b0" + new + value(CODE) + b"b"),
        ),
        (
            "build-class-allowed",
            "a known class is altered for the whole session",
            whole(REGRESSION + value((None, {"predict": REGRESSION})) + b"b0" + new),
        ),
        (
            "build-class-attribute",
            "an instance changes its class",
            whole(
                new
                + value((None, {"__class__": glob("sklearn.linear_model._ridge", "Ridge")}))
                + b"b"
            ),
        ),
        (
            "build-method",
            "the instance's predict is a dangerous function",
            whole(new + value({"predict": OS}) + b"b"),
        ),
        (
            "build-partial",
            "partial.__setstate__ exchanges the function",
            whole(
                call(glob("functools", "partial"), glob("builtins", "len"))
                + value((glob("builtins", "eval"), (CODE,), {}, None))
                + b"b)R"
            ),
        ),
        (
            "setstate-object",
            "BUILD on what a dangerous class made",
            whole(
                call(glob("threading", "Timer"), 3600, glob("builtins", "len")) + value({}) + b"b"
            ),
        ),
        (
            "defaultdict",
            "a missing key calls what makes default values",
            whole(call(glob("collections", "defaultdict"), glob("os", "getcwd"))),
        ),
        (
            "reconstructor",
            "copyreg makes an object of any class",
            whole(
                call(
                    glob("copyreg", "_reconstructor"),
                    glob("subprocess", "Popen"),
                    glob("builtins", "object"),
                    None,
                )
            ),
        ),
        (
            "add-extension",
            "copyreg learns a number for a dangerous name",
            whole(call(glob("copyreg", "add_extension"), "os", "system", 7) + b"0\x82\x07"),
        ),
        (
            "generator-ctor",
            "numpy's constructor of generators calls its second argument",
            whole(
                call(
                    glob("numpy.random._pickle", "__generator_ctor"), CODE, glob("builtins", "eval")
                )
            ),
        ),
        (
            "reduce-on-result",
            "what a call returned is called",
            whole(call(call(glob("operator", "attrgetter"), "system"), glob("os", "path"))),
        ),
    ]


def opcodes() -> Iterator[Hostile]:
    """Every way for a pickle to call something."""
    rows = [*_global(), *_stack_global(), *_hidden(), *_build()]
    yield from dropped("opcodes", ((trick, "model.pkl", why, data) for trick, why, data in rows))
