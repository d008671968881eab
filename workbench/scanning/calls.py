"""What each name may be called with: checks on arguments, none of which is ever called.

A check gets the name and the arguments, and returns what stands for the result.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from workbench.scanning.allowlist import ATTRIBUTES
from workbench.scanning.hashing import PARTED, bounded, weight
from workbench.scanning.layouts import bytes_of, from_code, is_record, layout, numbers
from workbench.scanning.refusals import Refused
from workbench.scanning.values import (
    BYTES,
    NOTHING,
    NUMBER,
    TEXT,
    Blob,
    Listing,
    Long,
    Made,
    Named,
    Table,
    Value,
)

__all__ = ["CALLS", "call", "make"]

Arguments = tuple[Value, ...]
STRANGE = "It calls something that is not known to be harmless."
ZONE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,40}(?:/[A-Za-z][A-Za-z0-9_+-]{0,40}){0,3}\Z")
STORAGE = "storage"  # what the state of a torch storage's role is called


def call(target: Value, arguments: Value) -> Value:
    """Return what stands for the result of a call, if it may be called so.

    Raises:
        Refused: what is called is no name on the list, or may not be called with these arguments.
    """
    if not isinstance(target, Named):
        raise Refused("pickle-result", "REDUCE", "It calls something that the pickle itself made.")
    if target.role is NOTHING:
        raise Refused("pickle-call", f"REDUCE {target}", STRANGE)
    if type(arguments) is not tuple:
        raise Refused(
            "pickle-call", f"REDUCE {target}", "It calls something with arguments nobody can see."
        )
    if target.role.call == "nested":
        raise Refused("pickle-load", f"REDUCE {target}", "It loads bytes that nobody can see.")
    check = CALLS.get(target.role.call)
    if check is None:
        raise Refused(
            "pickle-call",
            f"REDUCE {target}",
            "This name is known, but a model that was saved does not call it.",
        )
    return check(target, arguments)


def make(target: Value, arguments: Value, named: Value = None) -> Value:
    """Return what stands for a new instance, past ``__init__``.

    Raises:
        Refused: it is no class that may be made so, or is made with arguments.
    """
    if not isinstance(target, Named):
        raise Refused("pickle-call", "NEWOBJ", "It makes an object of something it made itself.")
    if target.role is NOTHING:
        raise Refused("pickle-call", f"NEWOBJ {target}", STRANGE)
    plain = named is None or (isinstance(named, Table) and not named.items and not named.odd)
    if not target.role.new or not plain:
        raise Refused(
            "pickle-call",
            f"NEWOBJ {target}",
            "This name is known, but a model that was saved does not make it in this way.",
        )
    if arguments != ():
        if target.role.call == "any" and type(arguments) is tuple:
            return _made(target, arguments)
        raise Refused(
            "pickle-call", f"NEWOBJ {target}", "It makes an object with arguments of its own."
        )
    return Made(target)


def _bad(target: Named, why: str) -> Refused:
    return Refused("pickle-call", f"REDUCE {target}", why)


def _instance_of(target: Named, value: Value) -> Named:
    """Return the class that an argument names, which may be made without arguments."""
    if not isinstance(value, Named) or not value.role.new:
        raise _bad(target, "It makes an object of something that is not a known class.")
    return value


def _any(target: Named, arguments: Arguments) -> Value:
    return _made(target, arguments)


def _none(target: Named, arguments: Arguments) -> Value:
    if arguments:
        raise _bad(target, "It makes an object with arguments of its own.")
    return Made(target)


def _texts(target: Named, arguments: Arguments) -> Value:
    """A path, from its parts; nothing is looked up in the file system."""
    return Made(target) if all(map(_is_text, arguments)) else _refuse(target)


def _attribute(target: Named, arguments: Arguments) -> Value:
    """``getattr(class, name)``, for what the list says may be asked of what."""
    holder, name = arguments if len(arguments) == 2 else (None, None)
    known = None
    if isinstance(holder, Named) and type(name) is str:
        known = ATTRIBUTES.get((*holder.pair, name))
    if known is None or not isinstance(holder, Named):
        raise _bad(target, "It takes something from something else by its name.")
    return Named(holder.module, f"{holder.name}.{name}", known)


def _zone(target: Named, arguments: Arguments) -> Value:
    """``ZoneInfo._unpickle("Europe/Berlin", 1)``: read from the system's own list."""
    key = arguments[0] if len(arguments) == 2 and arguments[1] in (0, 1) else None
    if not isinstance(key, str) or ZONE_NAME.match(key) is None:
        raise _bad(target, "It asks for a time zone by something that is no name of one.")
    return Made(target)


def _named_zone(target: Named, arguments: Arguments) -> Value:
    """``pytz._p("Europe/Berlin", …)``, with seconds and a short name of one of its periods."""
    key = arguments[0] if arguments else None
    if not isinstance(key, str) or ZONE_NAME.match(key) is None:
        raise _bad(target, "It asks for a time zone by something that is no name of one.")
    return Made(target)


def _first_class(target: Named, arguments: Arguments) -> Value:
    """``f(class, …)``: a new instance of the class, as compiled extensions write it."""
    if not arguments:
        raise _bad(target, "It makes an object of nothing.")
    return _made(_instance_of(target, arguments[0]), arguments)


def _reconstructor(target: Named, arguments: Arguments) -> Value:
    """``copyreg._reconstructor(class, base, state)``; with a base it would call the base.

    That base may be the dictionary that the class is one of, filled from another.
    """
    made, base, state = arguments if len(arguments) == 3 else (None, None, None)
    plain = state is None and _is(base, "builtins.object")
    filled = isinstance(state, Table) and _is(base, "builtins.dict")
    kind = _instance_of(target, made)
    if not plain and not (filled and kind.role.items == "keys"):
        raise _bad(target, "It makes an object by way of another class.")
    return _made(kind, (state,)) if filled else Made(kind)


def _is(value: Value, *names: str) -> bool:
    return isinstance(value, Named) and str(value) in names


def _factory(target: Named, arguments: Arguments) -> Value:
    """``defaultdict(class)``: what is missing is made by calling the class without arguments."""
    kinds = tuple(f"builtins.{kind}" for kind in ("int", "float", "list", "dict", "set", "str"))
    if arguments and not (
        arguments[0] is None or _is(arguments[0], *kinds, "collections.OrderedDict")
    ):
        raise _bad(target, "It would call something whenever an entry is missing.")
    return Made(target)


def _collected(target: Named, arguments: Arguments) -> Value:
    """A container of what is in another; a number instead would ask for that much memory."""
    fit = (tuple, bytes, Blob, Listing, Long, Table)
    first = arguments[0] if arguments else ()
    bounded = len(arguments) == 2 and (arguments[1] is None or type(arguments[1]) is int)
    if not (isinstance(first, fit) or first is BYTES):
        _refuse(target)
    if len(arguments) > 1 and not (str(target) == "collections.deque" and bounded):
        _refuse(target)
    if target.role.items in ("members", "keys"):
        _check_keys(first)
    return _made(target, arguments)


def _check_keys(first: Value) -> None:
    """Weigh each of the values that become keys or members."""
    if isinstance(first, Listing):
        bounded(first.heaviest)
    elif type(first) is tuple:
        for one in first:
            bounded(weight(one))
    elif isinstance(first, Long):
        bounded(first.weight)


def _made(of: Named, arguments: Arguments) -> Made:
    """Return an instance that remembers what it was made of, if that has parts."""
    parted = not PARTED.isdisjoint(map(type, arguments))
    return Made(of, arguments if parted else ())


def _encode(target: Named, arguments: Arguments) -> Value:
    """``_codecs.encode(text, "latin1")``: how bytes are written for Python 2."""
    if len(arguments) != 2 or arguments[1] not in ("latin1", "latin-1"):
        raise _bad(target, "It converts text in a way that pickles do not need.")
    return BYTES if _is_text(arguments[0]) else _refuse(target)


def _is_text(value: Value) -> bool:
    return value is TEXT or type(value) is str


def _refuse(target: Named) -> Value:
    raise _bad(target, "It is called with something else than a saved model would.")


def _dtype(target: Named, arguments: Arguments) -> Value:
    if len(arguments) not in (1, 3):
        _refuse(target)
    if not is_record(arguments[0]):
        from_code(arguments[0])
    if not all(type(one) in (bool, int) for one in arguments[1:]):
        _refuse(target)
    return Made(target, arguments)


def _array(target: Named, arguments: Arguments) -> Value:
    """``_reconstruct(numpy.ndarray, (0,), b"b")``: an empty array."""
    if len(arguments) != 3 or not isinstance(arguments[0], Named):
        _refuse(target)
    made = arguments[0]
    if not isinstance(made, Named) or made.role.state != "array" or numbers(arguments[1]) != (0,):
        raise _bad(target, "It makes an array of something that is not a known kind of array.")
    return Made(made)


def _masked(target: Named, arguments: Arguments) -> Value:
    """``_mareconstruct(MaskedArray, ndarray, (0,), "b")``."""
    if len(arguments) != 4 or not isinstance(arguments[0], Named):
        _refuse(target)
    made, base = arguments[:2]
    if not isinstance(made, Named) or made.role.state != "masked":
        raise _bad(target, "It makes an array of something that is not a known kind of array.")
    if not _is(base, "numpy.ndarray") or numbers(arguments[2]) != (0,):
        _refuse(target)
    return Made(made)


def _scalar(target: Named, arguments: Arguments) -> Value:
    """``scalar(dtype, bytes)``: one number."""
    if len(arguments) != 2:
        _refuse(target)
    inner = layout(arguments[0])
    size = bytes_of(arguments[1])
    known = size == inner.size or arguments[1] is BYTES or _is_text(arguments[1])
    if inner.objects or not known:
        raise _bad(target, "A single number is not made of the bytes that it needs.")
    return NUMBER


def _buffer(target: Named, arguments: Arguments) -> Value:
    """``_frombuffer(bytes, dtype, shape, order)``: an array over bytes, never of objects."""
    if len(arguments) not in (4, 5) or layout(arguments[1]).objects:
        _refuse(target)
    if type(arguments[2]) is tuple:
        numbers(arguments[2])
    if arguments[3] not in ("C", "F", "K", "A"):
        _refuse(target)
    return Made(target)


def _bit_generator(target: Named, arguments: Arguments) -> Value:
    """``__bit_generator_ctor("MT19937")``, or with the class; the name is looked up in a table."""
    if len(arguments) != 1:
        _refuse(target)
    named = arguments[0]
    known = isinstance(named, Named) and named.module.startswith("numpy.random.")
    if not (type(named) is str or (known and isinstance(named, Named) and named.role.new)):
        raise _bad(target, "It would call something that is not a random number generator.")
    return Made(target)


def _generator(target: Named, arguments: Arguments) -> Value:
    """``__generator_ctor(bit generator)``; a second argument is called with the first."""
    maker = "numpy.random._pickle.__bit_generator_ctor"
    first = arguments[0] if arguments else "MT19937"
    if len(arguments) > 2 or not (type(first) is str or isinstance(first, Made)):
        _refuse(target)
    if len(arguments) == 2 and not _is(arguments[1], maker):
        raise _bad(target, "It would call something that is not a random number generator.")
    return Made(target)


def _index(target: Named, arguments: Arguments) -> Value:
    """``_new_Index(class, {…})``: calls the class with the entries as named arguments."""
    if len(arguments) != 2 or not isinstance(arguments[0], Named):
        _refuse(target)
    made, named = arguments
    if not isinstance(made, Named) or made.role.call != "index" or not isinstance(named, Table):
        raise _bad(target, "It makes an index of something that is not a known kind of index.")
    return Made(made)


def _tensor(target: Named, arguments: Arguments) -> Value:
    """``_rebuild_tensor_v2(storage, …)``: a view on a storage, whose bounds torch checks."""
    if len(arguments) < 4 or not isinstance(arguments[0], Made):
        _refuse(target)
    if isinstance(arguments[0], Made) and arguments[0].of.role.state != STORAGE:
        _refuse(target)
    if any(isinstance(one, Named) for one in arguments[:6]):
        _refuse(target)
    return Made(target)


def _parameter(target: Named, arguments: Arguments) -> Value:
    """``_rebuild_parameter(tensor, requires_grad, hooks)``."""
    if not arguments or not isinstance(arguments[0], Made):
        _refuse(target)
    if any(isinstance(one, Named) for one in arguments):
        _refuse(target)
    return Made(target)


def _layout_of(target: Named, arguments: Arguments) -> Value:
    """``torch.serialization._get_layout("torch.strided")``: looked up in a table of layouts."""
    return Made(target) if len(arguments) == 1 and type(arguments[0]) is str else _refuse(target)


def _sparse(target: Named, arguments: Arguments) -> Value:
    """``_rebuild_sparse_tensor(layout, (indices, values, …))``."""
    parts = arguments[1] if len(arguments) == 2 else None
    if type(parts) is not tuple or any(isinstance(one, Named) for one in parts):
        _refuse(target)
    return Made(target)


CALLS: dict[str, Callable[[Named, Arguments], Value]] = {
    "any": _any,
    "none": _none,
    "first-class": _first_class,
    "reconstructor": _reconstructor,
    "collected": _collected,
    "factory": _factory,
    "encode": _encode,
    "texts": _texts,
    "attribute": _attribute,
    "zone": _zone,
    "named-zone": _named_zone,
    "dtype": _dtype,
    "array": _array,
    "masked": _masked,
    "scalar": _scalar,
    "buffer": _buffer,
    "bit-generator": _bit_generator,
    "generator": _generator,
    "new-index": _index,
    "tensor": _tensor,
    "parameter": _parameter,
    "sparse": _sparse,
    "layout": _layout_of,
}
