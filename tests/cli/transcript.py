"""Transcripts: what is typed and what must appear, with the input files in the same file.

A transcript is read line by line::

    # words for the reader; the first ones say what the transcript shows
    $ workbench --profile ada publish model …    a command, in shell quoting
    Published lab/m:1.0 …                        its standard output, line by line
    ! Denied: Nothing was changed.               its standard error
    ? 1                                          its exit code, where it is not 0
    -- model/weights.bin --                      from here on: the files it works with

In expected lines ``{name}`` stands for any word the first time and for the same word ever after,
in commands too; ``{_}`` stands for anything, a line ``...`` for any lines. Runs of spaces count as
one. Besides ``workbench`` there are a few commands that change files (see ``tests.cli.place``).
"""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Outcome", "Step", "Transcript", "compare", "fill"]

_FILE = re.compile(r"-- (\S+) --\Z")
_NAME = re.compile(r"\{(_|[a-z]+)\}")


@dataclass(frozen=True)
class Outcome:
    """What a command did."""

    code: int
    out: str = ""
    err: str = ""


@dataclass
class Step:
    """One command with what must come of it."""

    line: int
    command: str
    out: list[str] = field(default_factory=list)
    err: list[str] = field(default_factory=list)
    code: int = 0


@dataclass(frozen=True)
class Transcript:
    """The steps of a transcript and the files it brings."""

    path: Path
    steps: list[Step]
    files: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> Transcript:
        """Parse a transcript; a line that cannot be meant is an error."""
        lines = path.read_text("utf-8").splitlines()
        starts = [number for number, line in enumerate(lines) if _FILE.match(line)]
        script = lines[: starts[0]] if starts else lines
        files = {}
        for start, stop in itertools.pairwise([*starts, len(lines)]):
            match = _FILE.match(lines[start])
            assert match
            files[match.group(1)] = "".join(line + "\n" for line in lines[start + 1 : stop])
        return cls(path, list(_steps(path, script)), files)


def _steps(path: Path, lines: list[str]) -> Iterator[Step]:
    step: Step | None = None
    for number, line in enumerate(lines, 1):
        if line.startswith("$ "):
            if step:
                yield step
            step = Step(number, line[2:])
        elif not line.strip() or line.startswith("#"):
            continue
        elif step is None:
            raise AssertionError(f"{path.name}:{number}: output before any command")
        elif line.startswith("? "):
            step.code = int(line[2:])
        elif line.startswith("! "):
            step.err.append(line[2:])
        else:
            step.out.append(line)
    if step:
        yield step


def fill(command: str, known: dict[str, str]) -> list[str]:
    """Return a command's words with the names it uses put in."""
    return [_NAME.sub(lambda match: known[match.group(1)], word) for word in shlex.split(command)]


def compare(step: Step, outcome: Outcome, known: dict[str, str], where: str) -> None:
    """Check a command's outcome; learn the names that appear for the first time."""
    seen = f"\n--- output\n{outcome.out}--- errors\n{outcome.err}--- exit {outcome.code}"
    assert outcome.code == step.code, f"{where}: exit {step.code} was expected{seen}"
    for what, expected, actual in (
        ("errors", step.err, outcome.err),
        ("output", step.out, outcome.out),
    ):
        match = _pattern(expected, known).fullmatch(_plain(actual))
        assert match, f"{where}: the {what} should be\n" + "\n".join(expected) + seen
        known.update(match.groupdict())


def _plain(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "".join(line + "\n" for line in lines if line)


def _pattern(lines: list[str], known: dict[str, str]) -> re.Pattern[str]:
    named: set[str] = set()

    def place(match: re.Match[str]) -> str:
        name = match.group(1)
        if name == "_":
            return ".*?"
        if name in known:
            return re.escape(known[name])
        if name in named:
            return f"(?P={name})"
        named.add(name)
        return rf"(?P<{name}>\S+?)"

    def one(line: str) -> str:
        if line.strip() == "...":
            return r"(?:.*\n)*?"
        line = " ".join(line.split())
        parts, last = [], 0
        for match in _NAME.finditer(line):
            parts += [re.escape(line[last : match.start()]), place(match)]
            last = match.end()
        return "".join(parts) + re.escape(line[last:]) + r"\n"

    return re.compile("".join(one(line) for line in lines))
