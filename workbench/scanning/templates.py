"""Chat templates (Jinja2) that could reach out of the template.

Programs that render the template of a model without a sandbox run what it says (CVE-2024-34359).
What such templates need is found by reading their tokens: names and texts with underscores,
other files, and the few objects and filters that lead to Python's insides.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from workbench.findings.finding import Finding, Level
from workbench.scanning.contract import Budget, finding
from workbench.scanning.streams import Malformed
from workbench.scanning.wording import escaped

__all__ = ["LONGEST", "check_template"]

LONGEST = 1 << 20  # characters; the longest in use have about 20,000

_OPENING = re.compile(r"\{\{|\{%|\{#")
_TOKEN = re.compile(
    r"\s+|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")|(?P<name>[^\W\d]\w*)|"
    r"(?P<number>\d[\w.]*)|(?P<end>[-+]?(?:\}\}|%\}))|(?P<sign>[^\w\s'\"])",
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(?:x5[fF]|u005[fF]|U0000005[fF]|137|N\{)")  # an underscore
ENDLESS = "A number in the template is so large that rendering may never end."
_RAW = re.compile(r"\{%[-+]?\s*endraw\s*[-+]?%\}")

FILES = {"import", "include", "extends", "from"}
OBJECTS = {
    *("lipsum", "cycler", "joiner", "self", "request", "config", "url_for", "get_flashed_messages"),
    *("getattr", "setattr", "eval", "exec", "compile", "globals", "locals", "vars", "open"),
    *("popen", "system", "subprocess", "os", "sys", "builtins", "importlib"),
}
INSIDES = {
    "attr",
    "mro",
    "format_map",
    "subclasses",
    "gi_frame",
    "gi_code",
    "cr_frame",
    "f_globals",
}
_HUGE = 10_000_000  # turns of a loop that no template needs
_LONG = 10_000  # turns of one loop, of which several, one in the other, may be too many


def check_template(text: str, place: str, budget: Budget) -> Iterator[Finding]:
    """Yield what is dangerous in a template, each kind of thing once.

    Raises:
        Exhausted: as the budget says.
    """
    seen: set[str] = set()
    try:
        for what, why, level in _suspects(text, budget):
            if what not in seen and len(seen) < 20:
                seen.add(what)
                yield _found(place, what, why, level)
    except Malformed as error:
        yield _found(place, "chat template", f"The template cannot be checked: {error}.")


def _found(place: str, what: str, why: str, level: Level = Level.unsafe) -> Finding:
    return finding(
        "template",
        place,
        what,
        why,
        level=level,
        remedy="Use the template of the original model, or write it without this.",
    )


def _suspects(text: str, budget: Budget) -> Iterator[tuple[str, str, Level]]:
    before, earlier, turns = "", "", 1.0
    for kind, token in _tokens(text, budget):
        if kind == "name":
            yield from _name(token, before)
        elif kind == "text":
            yield from _text(token)
        elif kind == "number" and (earlier, before) == ("*", "*"):
            yield f"** {escaped(token, 40)}", ENDLESS, Level.unsafe
        elif kind == "number" and _huge(token):
            works = before == "*" or (earlier, before) == ("range", "(")
            yield escaped(token, 40), ENDLESS, Level.unsafe if works else Level.concern
        elif kind == "number" and (earlier, before) == ("range", "(") and float(token) >= _LONG:
            turns *= float(token)
            if turns > _HUGE:
                yield f"range({escaped(token, 40)})", ENDLESS, Level.unsafe
        before, earlier = token, before


def _huge(number: str) -> bool:
    if re.fullmatch(r"\d{1,8}(?:\.\d{1,8})?", number):
        return float(number) > _HUGE
    return True


def _name(name: str, before: str) -> Iterator[tuple[str, str, Level]]:
    inside = "The template reaches into Python's insides, from where it can run any program."
    if (name.startswith("_") and (before == "." or name != "_")) or "__" in name:
        yield escaped(name), inside, Level.unsafe
    elif not name.isascii():
        yield (
            escaped(name),
            "A name in the template uses letters that look like others.",
            Level.unsafe,
        )
    elif (before in (".", "|") and name in INSIDES) or (before != "." and name in OBJECTS):
        yield escaped(name), inside, Level.unsafe
    elif name in FILES and before in ("{%", "%}"):
        yield name, "The template reads another file.", Level.unsafe


def _text(token: str) -> Iterator[tuple[str, str, Level]]:
    inner = token[1:-1]
    try:
        spoken = codecs.decode(inner.encode("ascii", "backslashreplace"), "unicode_escape")
    except ValueError:
        spoken = inner
    bare = spoken.strip()
    hidden = "__" in spoken or (bare and not bare.strip("_"))
    if hidden or ("_" in spoken and _ESCAPED.search(inner)):
        why = "A text in the template spells names of Python's insides."
        yield escaped(spoken), why, Level.unsafe
    elif re.search(r"%\d{0,9}c|\{[^}]{0,40}:[^}]{0,40}c\}|\{\w{0,40}[.\[][^}]{0,200}\}", spoken):
        why = "A text in the template builds others from numbers or from an object's insides."
        yield escaped(spoken), why, Level.unsafe
    elif bare.startswith("_") or bare.endswith("_"):
        why = "A text in the template starts or ends with an underscore, as parts of names do."
        yield escaped(spoken), why, Level.concern


def _tokens(text: str, budget: Budget) -> Iterator[tuple[str, str]]:
    """Yield the tokens of the code in a template: its text outside of braces does nothing."""
    if len(text) > LONGEST:
        raise Malformed(f"it is longer than {LONGEST} characters")
    position = 0
    while (opening := _OPENING.search(text, position)) is not None:
        budget.spend()
        position = opening.end()
        if opening.group() == "{#":
            position = _after(text, position, "#}")
            continue
        yield "start", opening.group()
        position = position + 1 if text[position : position + 1] in ("-", "+") else position
        first, depth = True, 0
        while True:
            match = _TOKEN.match(text, position)
            if match is None:
                raise Malformed("it does not end where it should")
            position = match.end()
            kind, token = match.lastgroup, match.group()
            if kind == "end" and depth <= 0:
                break
            if kind == "end":  # braces of a dictionary, read as an end
                position = match.start() + 1
                kind, token = "sign", token[0]
            depth += (token in ("{", "[", "(")) - (token in ("}", "]", ")"))
            if first and opening.group() == "{%" and match.group("name") == "raw":
                raw = _RAW.search(text, position)
                if raw is None:
                    raise Malformed("it does not end where it should")
                position = raw.end()
                break
            if kind is not None:
                first = False
                yield kind, token


def _after(text: str, position: int, end: str) -> int:
    found = text.find(end, position)
    if found < 0:
        raise Malformed("it does not end where it should")
    return found + len(end)
