"""Settings in text form that name code: YAML, and the configuration files of Hydra, MLflow, spaCy.

They are not parsed, since programs differ in how they read YAML. Each place where such a name can
stand is looked at by itself, and one that is written in an unusual way counts against the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.findings.finding import Finding, Level
from workbench.scanning.contract import finding
from workbench.scanning.targets import LOADERS, is_dotted, is_known
from workbench.scanning.wording import escaped

__all__ = ["CALLS", "KNOWN_CODE", "PLAIN_TYPES", "check_settings", "named_code"]

CALLS = "It names code that a program calls when it reads this."
KNOWN_CODE = "settings-known-code"
_OBJECTS = "It makes YAML readers create objects of the program, and so run code."
_HIDDEN = "A name in it is written in a way that hides it from people."
_PLAIN = "Keep plain values only."

_KEYS = ("_target_", "class_path", "loader_module")
_KEY = re.compile(
    r"(?<![\w.])[\"']?(_target_|class_path|loader_module)[\"']?"
    r"[ \t]*+(?:#[^\n]*+)?+\n?+[ \t]*+:(?=[\s\"'])[ \t]*([^\n]*)"
)
_VALUE = re.compile(r"(?:\"([\w.]*)\"|'([\w.]*)'|([\w.]+))[ \t]*(?:[,}\]].*|#.*)?\r?\Z")
_ALIAS = re.compile(
    r"&\S{1,100}[ \t]{1,100}[\"']?(?:_target_|class_path|loader_module)\b[\"']?"
    r"[ \t]*+(?=[,}\]\s]|\Z)"
)
_LONG_KEY = re.compile(r"^[ \t]*(?:- +)*\?[ \t]", re.MULTILINE)
_ESCAPED_KEY = re.compile(r"\"[^\"\n]{0,200}\\(?:x|u|U)[0-9A-Fa-f]{2}[^\"\n]{0,200}\"[ \t]*:")
_LATENT = re.compile(
    r"^([ \t]*)(?:- )?target:[ \t]*([\w.]{1,300})[ \t]*\n\1[ \t]*params:[ \t]*(?:[\n{&*]|\Z)",
    re.MULTILINE,
)

# Tags of YAML at the start of a value: a whole name, one of the standard ones, one with a colon.
_TAG = re.compile(
    r"(?:^[ \t]*|[:?-][ \t]+|[\[{,][ \t]*)(?:&\S{1,100}[ \t]{1,100})?"
    r"(!<[^>\n]*>?|!![\w%][^\s,\[\]{}]*|!(?![!<\[])[^\s,\[\]{}!:%]*[:%][^\s,\[\]{}]*)",
    re.MULTILINE,
)
_MAYBE = re.compile(r"!!|!<|![^\s,\[\]{}!:%]{0,100}[:%]")
_WORD = re.compile(r"(?:^[ \t]*(?:- +)*|:[ \t]+)\Z", re.MULTILINE)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_CORE = "tag:yaml.org,2002:"
# Tags of PyYAML for values that Python has and YAML has not; they make nothing else.
PLAIN_TYPES = (
    "tuple",
    "complex",
    "bytes",
    "str",
    "unicode",
    "int",
    "long",
    "float",
    "none",
    "bool",
)
_STANDARD = {
    *(f"python/{kind}" for kind in PLAIN_TYPES),
    *("map", "omap", "pairs", "set", "seq", "binary", "bool", "float", "int", "merge", "null"),
    *("str", "timestamp", "value", "yaml"),
}

_FLOW = re.compile(r"^(?:flavors|\s*python_function):", re.MULTILINE)
_FLOW_CODE = re.compile(
    r"^[ \t]+code:[ \t]*+(?!(?:null|~|''|\"\")?[ \t]*\r?$)([^\n]*)", re.MULTILINE
)
_REGISTERED = re.compile(r"^[ \t]*@\w+[ \t]*=[ \t]*[\"']?([^\"'\n]*)", re.MULTILINE)
_OWN = re.compile(r"(?:spacy(?:-legacy|-transformers|-curated-transformers)?\.)?[\w-]+\.v\d+\Z")
_PATH_CODE = re.compile(r"^code[ \t]*=[ \t]*+(?!null\b|\"\"|\s*$)([^\n]*)", re.MULTILINE)


def named_code(key: str, target: str, place: str) -> Finding:
    """Return what it means that settings name code under this key."""
    known = target in LOADERS if key == "loader_module" else is_known(target)
    return finding(
        KNOWN_CODE if known else "settings-code",
        place,
        escaped(f"{key}: {target}", 120),
        CALLS if known else "It names code to be called that is not known to be harmless.",
        level=Level.concern if known else Level.unsafe,
        remedy="Use these settings only with the program that they were made for."
        if known
        else "Take the name out, or use a class of a known library.",
    )


def check_settings(text: str, place: str) -> Iterator[Finding]:
    """Yield what in a piece of text makes programs that read it as settings run code."""
    if "!" in text and _MAYBE.search(text):
        yield from _tags(text, place)
    if any(key in text for key in _KEYS):
        yield from _targets(text, place)
    if "\\" in text and (match := _ESCAPED_KEY.search(text)):
        yield finding("settings-hidden", place, escaped(match[0], 60), _HIDDEN, remedy=_PLAIN)
    if "params:" in text:
        for match in _LATENT.finditer(text):
            if is_dotted(match[2]):
                yield named_code("target", match[2], place)
    if "python_function" in text and _FLOW.search(text) and (match := _FLOW_CODE.search(text)):
        yield named_code("code", match[1].strip(), place)
    if "@" in text:
        yield from _registered(text, place)


def _targets(text: str, place: str) -> Iterator[Finding]:
    for match in _KEY.finditer(text):
        value = _VALUE.match(match[2])
        target = next(filter(None, value.groups()), "") if value else match[2].strip()[:100]
        if match[1] == "class_path" and value and "." not in target:
            continue  # a path of something else
        yield named_code(match[1], target, place)
    odd = _ALIAS.search(text) or _LONG_KEY.search(text)
    if odd:
        yield finding("settings-hidden", place, escaped(odd[0].strip(), 60), _HIDDEN, remedy=_PLAIN)


def _tags(text: str, place: str) -> Iterator[Finding]:
    for match in _TAG.finditer(text):
        tag = match[1]
        if tag.startswith("!<"):
            name = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), tag[2:].rstrip(">"))
            fine = name.removeprefix(_CORE) in _STANDARD or _is_local(name)
        elif tag.startswith("!!"):
            word = tag[2:].isidentifier()
            lead = text[max(match.start(1) - 200, 0) : match.start(1)]
            fine = tag[2:] in _STANDARD or (word and _WORD.search(lead) is None)
        else:
            fine = False  # names a function of the program: HyperPyYAML and others
        if not fine:
            yield finding("yaml-objects", place, escaped(tag, 60), _OBJECTS, remedy=_PLAIN)
            return


def _is_local(name: str) -> bool:
    return name.startswith("!") and name[1:].replace("-", "_").isidentifier()


def _registered(text: str, place: str) -> Iterator[Finding]:
    names = [match[1].strip() for match in _REGISTERED.finditer(text)]
    for name in names:
        if not _OWN.match(name.removeprefix("spacy.")) and not _OWN.match(name):
            yield named_code("@", name, place)
    if names and (match := _PATH_CODE.search(text)):
        yield named_code("code", match[1].strip(), place)
