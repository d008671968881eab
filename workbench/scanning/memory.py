"""What a pickle's machine has in mind: stack, marks, memo, and what was found so far."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from workbench.findings.finding import Level
from workbench.scanning.allowlist import mixed_up, resolved, role
from workbench.scanning.contract import Exhausted, Scan, finding
from workbench.scanning.reader import Broken, Reader
from workbench.scanning.refusals import PLAINER, Refused
from workbench.scanning.values import NOTHING, TEXT, Made, Named, Table, Value, described
from workbench.scanning.wording import escaped

__all__ = ["CROSSED", "FEW_PARTS", "MOST_COMPARED", "Memo", "Memory", "Surroundings"]

MOST_HELD = 6_000_000  # stack and memo entries, and parts of tuples and dictionaries
MOST_NAMES = 20_000
FEW_PARTS = 64  # of a key that costs nothing worth counting
MOST_COMPARED = 20_000_000  # parts of all other keys together
CROSSED = "FRAME"  # what is reported of an instruction that goes beyond its frame
FARTHEST = 4096  # places of the memo that picklers may leave out
IMPORTABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*\Z")
UNKNOWN_NAME = "A name that is not known to be harmless: what it stands for would be imported."


class Memo(list[Value]):
    """The memo while every place below its end is filled; the next place is its length."""

    gapped = False

    def copied(self) -> Memo:
        """Return a memo of its own with the same in it."""
        return Memo(self)


class Gapped(Memo):
    """A memo with empty places: what is in it by its place, as Python itself keeps it."""

    gapped = True

    def __init__(self, before: Memo) -> None:
        super().__init__()
        self.places: dict[int, Value] = dict(
            before.places if isinstance(before, Gapped) else enumerate(before)
        )

    def copied(self) -> Memo:
        return Gapped(self)

    def __len__(self) -> int:
        return len(self.places)


@dataclass(frozen=True)
class Surroundings:
    """What a pickle is part of.

    Attributes:
        torch: persistent ids name torch storages, as in files of torch.
        legacy: those have a sixth part, as in files of torch before 1.6.
        doubtful: what is read may be raw numbers that were never meant as instructions.
        after_wrapper: called when a joblib wrapper was filled, with its state; passes over the
            array that follows. ``None``: the array would be read as instructions.
        nested: called with bytes that would be loaded as a file of torch.
    """

    torch: bool = False
    legacy: bool = False
    doubtful: bool = False
    after_wrapper: Callable[[Memory, Value], Value] | None = None
    nested: Callable[[Memory, Value], Value] | None = None


class Memory:
    """The state of one interpretation.

    Attributes:
        stack: since the last mark; ``marks`` are the stacks below it.
        watch: a name was seen that may only be called at once.
        frame: where the last frame ends; ``framed`` while that is still to come.
        storages: of torch, by key: the bytes of one element.
        listed: parts of what is in lists, as far as they are worth counting.
        endless: a key was refused, so that further ones need not be looked at.
        started: offset of the instruction that is being interpreted.
    """

    VERSION: ClassVar[int] = 5

    def __init__(self, reader: Reader, place: str, scan: Scan, around: Surroundings) -> None:
        self.reader = reader
        self.place = place
        self.scan = scan
        self.around = around
        self.stack: list[Value] = []
        self.marks: list[list[Value]] = []
        self.memo = Memo()
        self.protocol = 0
        self.frame = 0
        self.framed = False
        self.held = 0
        self.watch = False
        self.endless = False
        self.compared = 0
        self.listed = 0
        self.storages: dict[str, int] = {}
        self.started = reader.offset
        self.named: dict[tuple[str, str], Named] = {}
        self.reported: set[tuple[str, str]] = set()

    def fork(self, reader: Reader, scan: Scan) -> Memory:
        """Return a copy that goes on by itself, without anything around it."""
        self.reader.budget.spend(len(self.memo) + len(self.stack))
        other = Memory(reader, self.place, scan, Surroundings(doubtful=True))
        other.stack = self.stack[:]
        other.marks = [below[:] for below in self.marks]
        other.memo = self.memo.copied()
        other.protocol, other.watch = self.protocol, self.watch
        return other

    def pop_mark(self) -> list[Value]:
        """Return what is above the last mark, and go back to what is below it."""
        above = self.stack
        if not self.marks:
            raise Broken("a missing mark", "It uses a mark that it did not set.")
        self.stack = self.marks.pop()
        return above

    def within(self, edge: int) -> int:
        """Return how far the window may be read before the frame ends, at most ``edge``.

        The unpickler that is written in C forgets the rest of a frame when an instruction goes
        beyond its end, so it may read other instructions than are here: that is reported.
        """
        end = self.frame - self.reader.start
        if self.reader.at <= end:
            return min(edge, end)
        self.odd(CROSSED)
        self.frame, self.framed = 0, False
        return edge

    def keep(self, count: int) -> None:
        """Count parts that are remembered."""
        self.held += count

    def hashed(self, parts: int) -> None:
        """Count the parts of a key that has many; raises :class:`Exhausted` for too many such."""
        if parts > FEW_PARTS:
            self.compared += parts
            if self.compared > MOST_COMPARED:
                raise Exhausted("steps")

    def check_size(self) -> None:
        """Raise :class:`Exhausted` when more is remembered than memory is given to."""
        held = self.held + len(self.memo) + len(self.stack) + 8 * len(self.marks)
        if held + sum(map(len, self.marks)) > MOST_HELD:
            raise Exhausted("steps")

    def put(self, index: int) -> None:
        """Remember the top of the stack at a place of the memo."""
        memo, value = self.memo, self.stack[-1]
        if index < 0:
            raise Broken("PUT", "It remembers something at a place below the first.")
        if index > len(memo) + FARTHEST:
            self.odd("PUT")
        if index > len(memo) and not memo.gapped:
            self.memo = memo = Gapped(memo)
        if isinstance(memo, Gapped):
            memo.places[index] = value
        elif index < len(memo):
            memo[index] = value
        else:
            memo.append(value)

    def memoize(self) -> None:
        """Remember the top of the stack at the place after the last, counted by what is in it."""
        if self.memo.gapped:
            self.odd("MEMOIZE")
        self.put(len(self.memo))

    def get(self, index: int) -> None:
        """Push what the memo has at a place."""
        memo = self.memo
        try:
            value = memo.places[index] if isinstance(memo, Gapped) else memo[index]
        except (KeyError, IndexError):
            raise Broken("GET", "It asks for something that it never remembered.") from None
        self.stack.append(value)

    def hold(self, values: list[Value]) -> None:
        """Refuse to put into anything what may only be called at once."""
        if self.watch:
            for value in values:
                if isinstance(value, Named) and not value.role.held:
                    self.refuse(
                        Refused(
                            "pickle-call",
                            str(value),
                            "It keeps for later what may only be called at once.",
                        )
                    )

    def name(self, module: str, name: str) -> Named:
        """Return what a name stands for; reports one that is not on the list."""
        pair = resolved(module, name, self.protocol)
        known = self.named.get(pair)
        if known is None:
            given = role(*pair)
            known = Named(*pair, given or NOTHING)
            if len(self.named) < MOST_NAMES:
                self.named[pair] = known
                self.scan.names.add(".".join(pair))
            if given is None:
                self.refuse_name(pair)
            elif not given.held:
                self.watch = True
            if given is not None and given.native:
                self._native(known)
        return known

    def refuse_name(self, pair: tuple[str, str]) -> None:
        """Report a name that is not on the list.

        Raises:
            Broken: it cannot be one, where numbers are read as instructions.
        """
        if self.around.doubtful and (mixed_up(*pair) or not IMPORTABLE.match(pair[0])):
            raise Broken("a name", "There is no such name.")
        what = f"{escaped(pair[0], 90)} {escaped(pair[1], 90)}"
        self.refuse(Refused("pickle-global", what, UNKNOWN_NAME))

    def odd(self, what: str) -> None:
        """Report what no pickler writes, where readers go on, not all of them in the same way."""
        why = (
            "It is written in a way that no pickler writes, and that readers may take differently."
        )
        self.refuse(Refused("pickle-odd", what, why))

    def refuse(self, error: Refused) -> None:
        """Report what is refused, the same thing once."""
        key = (error.rule, error.what)
        if key in self.reported:
            return
        if len(self.reported) >= MOST_NAMES:
            self.scan.dropped += 1
            return
        self.reported.add(key)
        self.scan.add(
            finding(
                error.rule,
                self.place,
                error.what,
                error.why,
                offset=self.started,
                remedy=error.remedy,
            )
        )

    def weigh(self, target: Value, state: Value) -> None:
        """Report settings of a model that a person has to weigh before fitting it."""
        folder = state.items.get("memory") if isinstance(state, Table) else None
        path = isinstance(folder, Made) and folder.of.role.call == "texts"
        if type(folder) is str or folder is TEXT or path:
            self.scan.add(
                finding(
                    "pickle-memory",
                    self.place,
                    f"memory of {described(target)}",
                    "Fitting it would keep its results in a folder that this file names, and load "
                    "from there what it finds.",
                    level=Level.concern,
                    offset=self.started,
                    remedy="Set memory to None before you fit it.",
                )
            )

    def _native(self, known: Named) -> None:
        self.scan.add(
            finding(
                "pickle-native",
                self.place,
                str(known),
                "Compiled code reads its numbers and trusts them: a crafted file could make the "
                "program that predicts with it crash.",
                level=Level.note,
                offset=self.started,
                remedy=PLAINER,
            )
        )
