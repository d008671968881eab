"""Stand-ins for what a pickle would make: small, inert, compared by identity only.

Short texts, bytes and whole numbers, ``None``, truth values and short tuples stand for themselves,
since names and arguments are made of them. Everything else is one of these. Nothing here is ever
walked through or compared as a whole, so nesting costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "BYTES",
    "MOST_KEYS",
    "NOTHING",
    "NUMBER",
    "ONLY_TEXTS",
    "TEXT",
    "UNKNOWN",
    "Blob",
    "Listing",
    "Long",
    "Made",
    "Named",
    "Role",
    "Table",
    "Unseen",
    "Value",
    "Weight",
    "described",
]

Value = object
Weight = tuple[int, int]  # parts and levels, as far as they were counted
MOST_KEYS = 4096  # entries of a dictionary that are remembered
MOST_TEXTS = 100_000  # texts of a list that are remembered
ONLY_TEXTS: set[type] = {str}
WORDS = {str: "a text", bytes: "bytes", int: "a number", bool: "a truth value", tuple: "a tuple"}


@dataclass(frozen=True, eq=False, slots=True)
class Unseen:
    """A value of which only the kind is known."""

    word: str


TEXT = Unseen("a long text")
NUMBER = Unseen("a number")
BYTES = Unseen("bytes")  # no longer known, such as an encoded text
UNKNOWN = Unseen("the result of something refused")


@dataclass(frozen=True, eq=False, slots=True)
class Long(Unseen):
    """A tuple that is too long to be kept; how much work it is to hash is all that is known."""

    word: str = "a long tuple"
    weight: Weight = (0, 0)


@dataclass(frozen=True, slots=True)
class Role:
    """What may be done with a name on the list; what is not said may not be done.

    Attributes:
        new: making an instance without arguments, past ``__init__``.
        call: the check on the arguments that it may be called with (a key of
            :data:`workbench.scanning.calls.CALLS`); empty: it may not be called.
        state: the check on the state that an instance may be given (a key of
            :data:`workbench.scanning.states.STATES`).
        items: what may be put into an instance: ``keys``, ``rows`` or ``members``.
        native: its state is read by compiled code that trusts it.
        width: of a torch storage, the bytes of one element.
        held: it may be an argument or part of something else; ``False`` for what may only be
            called right away.
    """

    new: bool = False
    call: str = ""
    state: str = ""
    items: str = ""
    native: bool = False
    width: int = 0
    held: bool = True


NOTHING = Role()  # of a name that is not on the list


@dataclass(frozen=True, eq=False, slots=True)
class Named:
    """What a name stands for: a class or function that would be imported. Never imported here."""

    module: str
    name: str
    role: Role

    @property
    def pair(self) -> tuple[str, str]:
        """Module and name."""
        return self.module, self.name

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


class Made:
    """An instance of an allowed class, or what an allowed function returned.

    Attributes:
        args: what it was made with, where a later check needs that.
        state: what it was given with BUILD; ``None`` before.
        weight: of what was put into it, if it may be a key.
    """

    # On the class where they may be, as of lists: so they cost nothing, and there are many.
    state: Value = None
    weight: Weight = (0, 0)

    def __init__(self, of: Named, args: tuple[Value, ...] = ()) -> None:
        self.of = of
        self.args = args


@dataclass(frozen=True, eq=False, slots=True)
class Blob:
    """Bytes that stay in the stream, from ``offset`` on."""

    offset: int
    size: int


class Listing:
    """A list; the texts in it are remembered while it holds nothing else and is not too long.

    Attributes:
        plain: it holds texts only, or nothing.
        texts: none, once it is no longer plain.
        weight: of all in it that has parts.
        heaviest: of the one that has most.
    """

    # On the class, so that making a list costs nothing: most are small, and there are many.
    plain: bool = True
    texts: list[str] | tuple[()] = ()
    weight: Weight = (0, 0)
    heaviest: Weight = (0, 0)

    def extend(self, values: list[Value], kinds: set[type]) -> None:
        """Put values, which are of these kinds, at its end."""
        if not kinds <= ONLY_TEXTS or len(self.texts) + len(values) > MOST_TEXTS:
            self.plain, self.texts = False, ()
        elif self.plain:
            if not self.texts:
                self.texts = []
            self.texts.extend(values)  # type: ignore[arg-type]  # all are texts


class Table:
    """A dictionary.

    Attributes:
        items: the values by key, for the first keys that are short texts.
        special: a key was a name with two underscores in front.
        odd: a key was something else than a short text, or there are too many to remember.
        weight: of all keys that have parts.
    """

    special: bool = False
    odd: bool = False
    weight: Weight = (0, 0)

    def __init__(self) -> None:
        self.items: dict[str, Value] = {}

    def put(self, keys: list[Value], values: list[Value], kinds: set[type]) -> None:
        """Set entries whose keys are of these kinds; the last value of a key counts."""
        pairs = {key: v for key, v in zip(keys, values, strict=True) if type(key) is str}
        if not kinds <= ONLY_TEXTS:
            self.odd = True
        for key in pairs:
            if key[:2] == "__":
                self.special = True
        if len(self.items) + len(pairs) <= MOST_KEYS:
            self.items.update(pairs)
            return
        for key, value in pairs.items():  # what is there already changes all the same
            if key in self.items or len(self.items) < MOST_KEYS:
                self.items[key] = value
            else:
                self.odd = True


def described(value: Value) -> str:
    """Return what a value is in a few words, without any of its content."""
    if isinstance(value, Named):
        return str(value)
    if isinstance(value, Made):
        return f"an instance of {value.of}"
    if isinstance(value, Unseen):
        return value.word
    if value is None:
        return "None"
    other = {Blob: "bytes", Listing: "a list", Table: "a dictionary"}
    return WORDS.get(type(value)) or other.get(type(value), "a value")
