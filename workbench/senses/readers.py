"""The second sense: the arguments of readers that open files natively, past the audit hook.

Each reader of the table is replaced, where it is looked up, by a plain function that notes what its
arguments name and calls through. It returns what the reader returns and raises what it raises. What
was imported by name before is not replaced; the file system's word is left for that.
"""

from __future__ import annotations

import builtins
import functools
import inspect
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType, GetSetDescriptorType, ModuleType
from typing import Any

from wrapt import register_post_import_hook

from workbench.origin.graph import Mark
from workbench.senses.observing import Cell, place, running, seen_as, stat_of
from workbench.senses.reader_table import READERS, Reader
from workbench.senses.readings import Address, Reading, Sink
from workbench.senses.urls import server

__all__ = ["unwrap", "wrap"]

# Warnings are laid to the caller of whoever warns, and frames of a file called so are passed over
# when it is looked for (PEP 565, ``warnings._is_internal_frame``): a reader's warning stays the
# notebook's, as it is without us.
_PASSED_OVER = "<workbench, as importlib._bootstrap>"
_STORES = {"http", "https", "ftp", "sql"}  # seen by their host; others hide behind one


@dataclass(frozen=True)
class _Replaced:
    owner: Any
    name: str
    original: Any
    wrapper: Any
    own: bool  # the owner had it itself, rather than from a base class


@dataclass(frozen=True)
class _Told:
    """To whom the wrappers tell."""

    sink: Sink
    say: Callable[[str], None]


_told: _Told | None = None
_replaced: list[_Replaced] = []
_hooked: set[str] = set()
_inside = threading.local()
_traceback: GetSetDescriptorType = BaseException.__dict__["__traceback__"]


def wrap(sink: Sink, say: Callable[[str], None] = lambda _: None) -> None:
    """Wrap the readers of every package that is imported, now or later.

    ``sink`` is told what is read while a cell runs; ``say`` what could not be.
    """
    global _told
    _told = _Told(sink, say)
    for module in dict.fromkeys(reader.module for reader in READERS):
        if module in _hooked:
            if module in sys.modules:
                _imported(sys.modules[module])
        else:
            _hooked.add(module)
            register_post_import_hook(_imported, module)


def unwrap() -> None:
    """Put every reader back as it was."""
    global _told
    _told = None
    while _replaced:
        one = _replaced.pop()
        if _member(one.owner, one.name) is not one.wrapper:
            continue  # somebody wrapped it after us; ours does nothing by now
        if one.own:
            setattr(one.owner, one.name, one.original)
        else:
            delattr(one.owner, one.name)


def _imported(module: ModuleType) -> None:
    """Replace the readers of one module; what is made in an unknown way stays as it is."""
    if _told is None:
        return
    done = {(id(one.owner), one.name) for one in _replaced}
    for reader in READERS:
        if reader.module == module.__name__:
            try:
                _replace(module, reader, done)
            except Exception:
                _told.say(f"What {reader.module}.{reader.name} reads is not noticed.")


def _replace(module: ModuleType, reader: Reader, done: set[tuple[int, str]]) -> None:
    holder, _, name = reader.name.rpartition(".")
    owner: Any = getattr(module, holder, None) if holder else module
    original = getattr(owner, name, None)
    is_class = isinstance(original, type)
    if is_class:
        owner, name = original, "__init__"
        original = getattr(owner, name)
        if not inspect.isfunction(original):
            return  # a class in native code; its instances are made past any __init__ of ours
    if original is None or (id(owner), name) in done or not _is_safe(module, reader):
        return
    own = name in vars(owner)
    shown = f"{module.__name__}.{reader.name}"
    is_method = is_class or bool(holder)
    wrapper = _wrapped(original, reader, shown, skip=1 if is_method else 0)
    # By these two it is pickled, as what it stands for: whoever loads it gets the reader itself.
    wrapper.__module__ = owner.__module__ if is_method else module.__name__
    wrapper.__qualname__ = f"{owner.__qualname__}.{name}" if is_method else name
    kept = vars(owner)[name] if own else original
    setattr(owner, name, wrapper)
    _replaced.append(_Replaced(owner, name, kept, wrapper, own))


def _is_safe(module: ModuleType, reader: Reader) -> bool:
    """Whether a function between it and its caller goes unnoticed by a reader.

    DuckDB looks for the variables that a query names in the frame that called it. Since it has
    functions in Python it passes over frames of its own name, and so over the wrapper, which has
    it; before, it does not.
    """
    if not reader.asks_its_caller:
        return True
    front = inspect.unwrap(module.sql)
    return inspect.isfunction(front) and front.__module__.startswith(f"{module.__name__}.")


def _wrapped(original: Any, reader: Reader, shown: str, skip: int) -> Any:
    """Return a function that notes its arguments and calls ``original``."""
    find, package = reader.find, reader.module.partition(".")[0]

    def call(*args: Any, **kwargs: Any) -> Any:
        noted = before(find, shown, args[skip:], kwargs)
        try:
            result = original(*args, **kwargs)
        except BaseException as error:
            gone(error)
            raise
        finally:
            if noted is not None:
                leave()
        if noted is not None:
            after(noted)
        return result

    before, after, leave, gone = _before, _after, _leave, _leave_out
    code = call.__code__.replace(
        co_filename=_PASSED_OVER, co_name=original.__name__, co_qualname=reader.name
    )
    # As if it were the package's own: by its frame's ``__name__`` it is told from a user's.
    # Native code imports by way of the builtins of the frame that it was called from.
    own: dict[str, Any] = {"__name__": package, "__builtins__": builtins}
    plain = FunctionType(code, own, original.__name__, None, call.__closure__)
    return functools.wraps(original)(plain)


@dataclass(frozen=True)
class _Noted:
    cell: Cell
    told: _Told
    readings: tuple[Reading, ...]
    notes: tuple[str, ...]


def _before(find: Callable[..., Any], shown: str, args: Any, options: Any) -> _Noted | None:
    """Note what a call names, before it runs; ``None`` if that is nothing, or another call's part.

    Size and time are taken now: they are those of what is about to be read.
    """
    told, cell = _told, running()
    if told is None or cell is None or getattr(_inside, "cell", None) is cell:
        return None
    try:
        named = find(args, options)
        if not (named.read or named.wrote):
            return None
        where = place(cell, sys._getframe(2))
        if where is None:
            return None
        mark = seen_as(where, Mark.resolved)
        readings = [_reading(one, mark, shown, where.line) for one in named.read]
        readings += [_reading(one, mark, shown, where.line, wrote=True) for one in named.wrote]
    except Exception:  # a user's object may raise anything when it is looked at
        cell.unseen += 1
        return None
    _inside.cell = cell  # not only True: an interrupt may come before it is taken back
    return _Noted(cell, told, tuple(readings), named.notes)


def _after(noted: _Noted) -> None:
    """The call has returned: tell what it read."""
    if running() is not noted.cell:
        return
    try:
        for reading in noted.readings:
            noted.told.sink(reading)
            _remember_host(noted.cell, reading.address)
        for note in noted.notes:
            noted.told.say(note)
    except Exception:
        noted.cell.unseen += 1


def _leave() -> None:
    _inside.cell = None


def _leave_out(error: BaseException) -> None:
    """Take the frame of a wrapper out of a traceback, where it stands first.

    Raising again what was caught adds no frame, so the error looks as it does without the wrapper.
    """
    trace = _traceback.__get__(error)
    if trace is not None and trace.tb_frame is sys._getframe(1):
        _traceback.__set__(error, trace.tb_next)


def _reading(
    address: Address, mark: Mark, how: str, line: int | None, *, wrote: bool = False
) -> Reading:
    size, changed = stat_of(address.text) if address.scheme == "file" else (-1, -1)
    return Reading(address, mark, how, line, wrote, size, changed)


def _remember_host(cell: Cell, address: Address) -> None:
    host = server(address)
    if host is not None:
        cell.spoken_to.add(host)
    elif address.scheme != "file" and address.scheme not in _STORES:
        cell.elsewhere = True


def _member(owner: Any, name: str) -> Any:
    return vars(owner).get(name)
