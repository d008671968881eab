"""Texts by which a tool fetches, installs or runs what whoever wrote them chose.

Requirements of pip and conda that name a source of their own, commands of MLflow projects and
editors, files that MLflow or Hugging Face libraries look for outside of the folder, formulas that
spreadsheets run, YAML that grows without end. Known sources are those that people use for models;
what is fetched there is still not looked at here, which is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from workbench.findings.finding import Finding, Level
from workbench.scanning.contract import finding
from workbench.scanning.wording import escaped

__all__ = ["check_recipe", "check_references", "is_known_source", "leads_outside"]

_KNOWN_HOSTS = {
    *("pypi.org", "files.pythonhosted.org", "download.pytorch.org", "data.pyg.org"),
    *("pypi.nvidia.com", "storage.googleapis.com", "conda.anaconda.org", "repo.anaconda.com"),
    *("github.com", "gitlab.com", "huggingface.co"),
}
_SOURCE = re.compile(
    r"^[ \t]*(?:-[ \t]+)?[\"']?(?:"
    r"--(?:extra-)?index-url(?:[ \t]+|=)|--find-links(?:[ \t]+|=)|-[if][ \t]*(?=\w+://)|"
    r"(?:-e[ \t]+|--editable(?:[ \t]+|=))?(?:[\w.-]+(?:\[[\w., -]*\])?[ \t]*@[ \t]*)?"
    r"(?:git|hg|svn|bzr)\+(?=\w+:)|[\w.-]+(?:\[[\w., -]*\])?[ \t]*@[ \t]*(?=(?:https?|ftp|file):)"
    r")([^\s\"']+)",
    re.MULTILINE,
)
_CHANNELS = re.compile(
    r"^channels:[ \t]*(\[[^\]]{0,2000}|(?:\r?\n[ \t]*-[^\n]{0,300}){1,50})", re.MULTILINE
)
_ADDRESS = re.compile(r"(?:[a-z]{2,6}:)?//[^\s,\"'\]]+")
_SECURE = re.compile(r"(?:https|ssh)://(?:\w+@)?([\w.-]+)(?::\d+)?(?:[/:]|\Z)")

_PROJECT = re.compile(r"^entry_points:[ \t]*(?:#.*)?$", re.MULTILINE)
_COMMAND = re.compile(r"^[ \t]+command:[ \t]*([^\n]+)", re.MULTILINE)
_FLOW = re.compile(r"^flavors:", re.MULTILINE)
_FLOW_PATH = re.compile(
    r"^[ \t]+(?:\w*_path|\w*_dir|pickled_model|data|env|conda|virtualenv|model_binary|uri|path)"
    r":[ \t]*[\"']?([^\s\"'#][^\n\"']*)",
    re.MULTILINE,
)
_PART = re.compile(r"[^\s{}\[\],\"']+(?=[\s{}\[\],\"']|\Z)(?<!:)")
_ALIASES = re.compile(r"&\w+[ \t]*\[[ \t]*(?:\*\w+[ \t]*,[ \t]*){3,}\*\w+[ \t]*,?[ \t]*\]")
_MOST_ALIASES = 4  # levels of ten parts each come to ten thousand; nobody writes that by hand
_DOCTYPE = re.compile(
    r"<!DOCTYPE\s+[^\s>\[]{1,100}\s+(?:SYSTEM|PUBLIC)\b[^<>\[]{0,600}", re.IGNORECASE
)
_FETCHED = re.compile(
    r"[\"'](?!https?://(?:www\.)?(?:w3\.org|dmg\.org|apple\.com)/)"
    r"(?:\w+:)?(?://|\\\\)[^\"']{1,200}[\"']"
)
_RELATION = re.compile(r"<Relationship\b[^<>]{0,1000}>")
_LOADED = re.compile(r"/(attachedTemplate|oleObject|frame|subDocument|externalLinkPath)[\"']")
_REPOSITORY = re.compile(r"^[ \t]*\[core\]", re.MULTILINE)
_HOOK = re.compile(
    r"^[ \t]*(?:fsmonitor|sshCommand|hooksPath|pager|editor|gitProxy|askPass)[ \t]*=[ \t]*+"
    r"(?!(?:true|false)[ \t]*$)[^\n]*",
    re.MULTILINE | re.IGNORECASE,
)
_FORMULA = re.compile(
    r"(?:^|[,;\t\"])[ \t]*[=+@-][\w!.()]{0,40}"
    r"(?:cmd|powershell|mshta|rundll32|regsvr32|wscript|cscript|msexcel|msaccess)(?:\.exe)?"
    r"[ \t]*\|",
    re.IGNORECASE | re.MULTILINE,
)
_FETCHING = re.compile(
    r"(?:^|[,;\t\"])[ \t]*[=+@-][ \t]*"
    r"(?:WEBSERVICE|IMPORT(?:XML|DATA|HTML|FEED|RANGE)|HYPERLINK)\(",
    re.IGNORECASE | re.MULTILINE,
)


def check_recipe(text: str, place: str) -> Iterator[Finding]:
    """Yield what in a piece of text makes a tool fetch, install or run something."""
    if "//" in text or "+" in text:
        yield from _sources(text, place)
    if "command:" in text and _PROJECT.search(text) and (match := _COMMAND.search(text)):
        why = "It holds a command, which MLflow runs as a program."
        remedy = "Share programs as what they are, apart from the model."
        yield finding("program", place, escaped(match[1].strip(), 60), why, remedy=remedy)
    if "flavors:" in text and _FLOW.search(text):
        for match in _FLOW_PATH.finditer(text):
            for name in _PART.findall(match[1]):
                if leads_outside(name):
                    yield _outside(name, place)
    if text.count("*") > 4 * _MOST_ALIASES:
        found = _ALIASES.findall(text)
        if len(found) > _MOST_ALIASES:
            why = "It repeats parts of parts, and grows without end when it is written out."
            yield finding(
                "alias-bomb", place, escaped(found[0], 40), why, remedy="Write it plainly."
            )
    if "<!" in text:
        for match in _DOCTYPE.finditer(text):
            if fetched := _FETCHED.search(match[0]):
                why = "It makes XML readers fetch a part of it from somewhere else."
                what = escaped(fetched[0], 60)
                yield finding("xml-entities", place, what, why, remedy="Take the DOCTYPE out.")
    yield from _reached(text, place)
    yield from _formulas(text, place)


def _reached(text: str, place: str) -> Iterator[Finding]:
    """Yield what a program reads or starts that is told to by a file beside the model."""
    if "<Relationship" in text:
        for one in _RELATION.findall(text):
            if "External" in one and (kind := _LOADED.search(one)):
                why = "It makes an office program load a part of it from somewhere else."
                remedy = "Save the document without links to other files."
                yield finding("outside-data", place, kind[1], why, remedy=remedy)
    if "core" in text and _REPOSITORY.search(text) and (match := _HOOK.search(text)):
        why = "It is a setting of git by which it starts a program."
        remedy = "Leave out the folder of the repository."
        yield finding("program", place, escaped(match[0].strip(), 60), why, remedy=remedy)


def _sources(text: str, place: str) -> Iterator[Finding]:
    addresses = [match[1] for match in _SOURCE.finditer(text)]
    for match in _CHANNELS.finditer(text):
        addresses += _ADDRESS.findall(match[1])
    for address in addresses:
        if "//" not in address and not address.startswith(("git@", "file:")):
            continue
        yield finding(
            "install-source",
            place,
            escaped(address, 60),
            "Whoever installs what it asks for gets, and runs, code from a place of its own.",
            level=Level.concern if is_known_source(address) else Level.unsafe,
            remedy="Name packages by name and version only.",
        )


def is_known_source(address: str) -> bool:
    """Tell whether an address is, over a secure line, one that people get packages from."""
    host = _SECURE.match(address)
    return host is not None and host[1].lower() in _KNOWN_HOSTS


def _formulas(text: str, place: str) -> Iterator[Finding]:
    remedy = "Take the formula out; a table needs values only."
    if "|" in text and (match := _FORMULA.search(text)):
        why = "It holds a formula by which spreadsheets start a program."
        yield finding("formula", place, escaped(match[0].strip(), 40), why, remedy=remedy)
    if "(" in text and (match := _FETCHING.search(text)):
        why = "It holds a formula by which spreadsheets send to, or fetch from, other machines."
        what = escaped(match[0].strip(), 40)
        yield finding("formula", place, what, why, level=Level.concern, remedy=remedy)


def check_references(one: dict[str, Any], place: str) -> Iterator[Finding]:
    """Yield what an object of a JSON document makes a tool load from outside, or run."""
    shards = one.get("weight_map")
    if isinstance(shards, dict):
        for name in shards.values():
            if not isinstance(name, str) or leads_outside(name):
                yield _outside(str(name)[:200], place)
                break
    if one.get("runOn") == "folderOpen":
        why = "It holds a command, which the editor runs as soon as the folder is opened."
        remedy = "Share programs as what they are, apart from the model."
        yield finding("program", place, "runOn: folderOpen", why, remedy=remedy)


def leads_outside(name: str) -> bool:
    """Tell whether a path leads out of the folder that it is read in."""
    parts = name.replace("\\", "/").split("/")
    return ".." in parts or not parts[0] or ":" in name or parts[0] == "~"


def _outside(name: str, place: str) -> Finding:
    why = "It makes a program load a file from outside of the model's folder."
    remedy = "Name files of this folder only."
    return finding("outside-data", place, escaped(name, 60), why, remedy=remedy)
