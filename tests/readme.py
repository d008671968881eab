"""The parts of the README that come out of the code, and how its commands are read.

``python -m tests.readme`` writes the marked blocks anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from workbench.cli import assemble
from workbench.policy import lifecycle

README = Path(__file__).parents[1] / "README.md"
ALONE = Path(__file__).parent / "interop" / "open_with_age.sh"  # run by a test there
_ID = re.compile(r"\b(rq|gr)-[a-z2-7]{16}\b")


@dataclass(frozen=True)
class Step:
    """A command, what is shown below it, and its exit code."""

    command: str
    shown: str
    code: int


def steps(block: str) -> Iterator[Step]:
    """Read a console block: ``$ command``, then what it prints, then ``? code`` if it is not 0."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, rest = part.partition("\n")
        code = re.search(r"^\? (\d)$", rest, re.MULTILINE)
        shown = re.sub(r"^\? \d$\n?", "", rest, flags=re.MULTILINE)
        yield Step(command, shown, int(code.group(1)) if code else 0)


def identifiers(output: str) -> dict[str, str]:
    """Return the newest identifier of each kind in an output, by its prefix."""
    return {match.group(1): match.group() for match in _ID.finditer(output)}


def filled(text: str, seen: dict[str, str]) -> str:
    """Put identifiers in the place of ``rq-…``."""
    return re.sub(r"\b(rq|gr)-…", lambda match: seen[match.group(1)], text)


def between(text: str, name: str) -> str:
    """Return what stands between the markers."""
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", text, re.DOTALL)
    if found is None:
        raise ValueError(f"there is no block {name}")
    return found.group(1)


def generated() -> dict[str, str]:
    """Return the text of each generated block by its name."""
    return {
        "commands": commands(),
        "age-alone": f"```bash\n{ALONE.read_text()}```\n",
        "lifecycles": f"```mermaid\n{lifecycle.diagram()}```\n",
    }


def commands() -> str:
    """Return a table of all commands with their one-line help."""
    root: Any = typer.main.get_command(assemble(lambda _: None, lambda *_: 0))  # type: ignore[arg-type]  # nothing is opened
    rows = [f"| `workbench {name}` | {text} |" for name, text in _walk(root, "")]
    return "\n".join(["| command | |", "|---|---|", *rows]) + "\n"


def _walk(group: Any, prefix: str) -> Iterator[tuple[str, str]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _walk(command, f"{prefix}{name} ")
            continue
        words = [
            (item.metavar or item.name.rstrip("_").upper()) + ("…" if item.nargs == -1 else "")
            for item in command.params
            if item.param_type_name == "argument"
        ]
        text = (command.help or "").strip().split("\n\n")[0].replace("\n", " ")
        yield " ".join([f"{prefix}{name}", *words]), text


def write() -> None:
    """Write every generated block anew."""
    text = README.read_text()
    for name, block in generated().items():
        text = text.replace(f"<!-- {name} -->\n{between(text, name)}", f"<!-- {name} -->\n{block}")
    README.write_text(text)


if __name__ == "__main__":
    write()
