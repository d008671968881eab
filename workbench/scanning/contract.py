"""What all scanners share: how much work one report may cost, and what a look inside gives.

A scanner is called with a seekable binary stream, the place it stands for (to be shown, outermost
first) and the budget of the whole report; it returns a :class:`Scan`. It never raises for what is
in the stream, except :class:`Exhausted`, which whoever called the first scanner turns into an
unsafe finding with :func:`exhausted`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

from workbench.findings.finding import Finding, Level
from workbench.findings.scan import MOST, FileScan, Outcome
from workbench.scanning.wording import escaped, label

__all__ = ["Budget", "Exhausted", "Limits", "Scan", "Scanner", "exhausted", "finding"]

MEBI = 1 << 20


@dataclass(frozen=True)
class Limits:
    """How much work looking into files may cost, all files of a report together.

    Attributes:
        depth: containers inside containers.
        expanded: bytes that come out of compressed data.
        steps: instructions of pickles, members of containers, nodes of documents.
        seconds: of the caller's clock.
    """

    depth: int = 8
    expanded: int = 1024 * MEBI
    steps: int = 400_000_000
    seconds: float = 1800.0


class Exhausted(Exception):
    """Looking further would cost more than the limits allow; ``limit`` names which."""

    def __init__(self, limit: str) -> None:
        super().__init__(limit)
        self.limit = limit


@dataclass
class Budget:
    """What is left of the limits of one report.

    Attributes:
        clock: seconds, from any start; nothing here reads a clock of its own.
        tick: called whenever something is spent, at least about once a second; may raise to
            cancel.
    """

    clock: Callable[[], float]
    limits: Limits = field(default_factory=Limits)
    tick: Callable[[], None] = lambda: None
    depth: int = 0
    expanded: int = 0
    steps: int = 0
    started: float = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.clock()

    def check(self) -> None:
        """Raise :class:`Exhausted` when the time is over; call it between pieces of long work."""
        self.tick()
        if self.clock() - self.started > self.limits.seconds:
            raise Exhausted("seconds")

    def spend(self, steps: int = 1) -> None:
        """Count ``steps`` of work, and look at the clock.

        Raises:
            Exhausted: too many, or too late.
        """
        self.steps += steps
        if self.steps > self.limits.steps:
            raise Exhausted("steps")
        self.check()

    def expand(self, size: int) -> None:
        """Count ``size`` bytes that come out of compressed data, before or after they do.

        Raises:
            Exhausted: too many, or too late.
        """
        self.expanded += size
        if self.expanded > self.limits.expanded:
            raise Exhausted("expanded")
        self.check()

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """Go one container further in for as long as the block runs.

        Raises:
            Exhausted: too deep.
        """
        if self.depth >= self.limits.depth:
            raise Exhausted("depth")
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1


@dataclass
class Scan:
    """What looking into one stream gave, so far.

    Attributes:
        kind: what the content is, such as ``pickle``.
        outcome: never better than the findings; :meth:`add` keeps it so.
        reason: why, one sentence.
        findings: at most 200; more are counted in ``dropped``, and the worst are kept.
        names: what it asks Python for, as ``module.name``.
    """

    kind: str
    outcome: Outcome = Outcome.safe
    reason: str = ""
    findings: list[Finding] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    dropped: int = 0

    def add(self, found: Finding) -> None:
        """Keep a finding; an unsafe one makes the outcome unsafe, and its ``why`` the reason."""
        if found.level is Level.unsafe:
            self.worsen(Outcome.unsafe, found.why)
        if len(self.findings) < MOST:
            self.findings.append(found)
            return
        self.dropped += 1
        if found.level is Level.unsafe:
            for i in range(len(self.findings) - 1, -1, -1):
                if self.findings[i].level is not Level.unsafe:
                    self.findings[i] = found
                    break

    def worsen(self, outcome: Outcome, reason: str) -> None:
        """Take an outcome and its reason if it is worse than the one so far."""
        if outcome.rank > self.outcome.rank:
            self.outcome, self.reason = outcome, reason

    def absorb(self, inner: Scan) -> None:
        """Take over what was found in a member or nested stream, and its outcome if it is worse."""
        self.worsen(inner.outcome, inner.reason)
        for found in inner.findings:
            self.add(found)
        self.dropped += inner.dropped
        self.names |= inner.names

    def of_file(self, path: str) -> FileScan:
        """Return what is signed about a file."""
        names = sorted({escaped(name, 200) for name in self.names})
        return FileScan(
            path=label(path, 200),
            kind=self.kind,
            outcome=self.outcome,
            reason=self.reason,
            findings=tuple(self.findings),
            dropped=self.dropped,
            names=tuple(names[:MOST]),
            more_names=max(len(names) - MOST, 0),
        )


Scanner = Callable[[BinaryIO, str, Budget], Scan]

_TOO_MUCH = {
    "depth": ("too-deep", "Containers are nested too deeply to look into all of them."),
    "expanded": ("too-large", "It unpacks to more data than can be looked through."),
    "steps": ("too-many-steps", "It has more parts than can be looked through."),
    "seconds": ("too-long", "Looking through it took too long."),
}


def exhausted(error: Exhausted, place: str) -> Finding:
    """Return the unsafe finding that says which limit was met: what was not seen is not safe."""
    rule, why = _TOO_MUCH[error.limit]
    return finding(
        rule, place, f"limit on {error.limit}", why, remedy="Save the model in a plainer form."
    )


def finding(
    rule: str,
    place: str,
    what: str,
    why: str,
    *,
    level: Level = Level.unsafe,
    offset: int | None = None,
    remedy: str = "",
) -> Finding:
    """Return a finding, with the place and what is there made fit to be shown."""
    return Finding(
        rule=rule,
        level=level,
        where=label(place, 200),
        offset=offset,
        what=label(what, 200),
        why=why,
        remedy=remedy,
    )
