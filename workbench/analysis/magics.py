"""What IPython's magics run: the Python inside them, and what they hide.

IPython turns a magic into a call, such as ``get_ipython().run_line_magic('time', 'x = 1')``; see
``IPython.core.inputtransformer2``. Only the shape of that call is looked at here.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

__all__ = ["Magic", "found"]

RUNS_HERE = frozenset({"time", "prun", "capture", "memit", "mprun", "lprun", "debug"})
RUNS_APART = frozenset({"timeit"})  # what it assigns stays in a function of its own
SHELL = frozenset({"system", "getoutput"})
OPTIONS = re.compile(r"\A(?:\s*-[a-zA-Z]+(?:\s+[\d.]+|\d+)?(?=\s|\Z))*\s*")
FILLED_IN = re.compile(r"\{\s*([^\W\d]\w*)|\$([^\W\d]\w*)")


@dataclass(frozen=True)
class Magic:
    """One magic.

    Attributes:
        name: ``time``, ``run``, ``system`` …
        code: the Python it runs, as written; empty if it runs none that can be seen.
        apart: what that code assigns does not reach the notebook.
        opaque: it may do anything to the notebook's names.
        used: names that are filled into it.
        defined: names it binds.
    """

    name: str
    code: str = ""
    apart: bool = False
    opaque: bool = False
    used: frozenset[str] = frozenset()
    defined: frozenset[str] = frozenset()


def found(call: ast.Call) -> Magic | None:
    """Return the magic that a call is, if it is one."""
    function = call.func
    if not (isinstance(function, ast.Attribute) and _is_shell(function.value)):
        return None
    texts = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
    words = [text for text in texts if isinstance(text, str)]
    if function.attr in SHELL:
        return Magic(function.attr, opaque=False, used=_filled_in(" ".join(words)))
    if function.attr == "run_line_magic" and len(words) >= 2:
        return _line(words[0], words[1])
    if function.attr == "run_cell_magic" and len(words) >= 3:
        return _cell(words[0], words[1], words[2])
    return None


def _is_shell(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "get_ipython"
    )


def _line(name: str, line: str) -> Magic:
    if name in RUNS_APART:
        return Magic(name, OPTIONS.sub("", line), apart=True)
    if name in RUNS_HERE:
        return Magic(name, OPTIONS.sub("", line))
    return Magic(name, opaque=True, used=_filled_in(line))


def _cell(name: str, line: str, body: str) -> Magic:
    if name in RUNS_APART:
        return Magic(name, f"{OPTIONS.sub('', line)}\n{body}", apart=True)
    if name == "capture":
        outputs = [word for word in line.split() if word.isidentifier()]
        return Magic(name, body, defined=frozenset(outputs))
    if name in RUNS_HERE:
        return Magic(name, body)
    return Magic(name, opaque=True, used=_filled_in(line))


def _filled_in(text: str) -> frozenset[str]:
    return frozenset(a or b for a, b in FILLED_IN.findall(text))
