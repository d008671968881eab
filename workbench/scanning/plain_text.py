"""Plain text of any length: what in it is a program, or makes the program that reads it run one."""

from __future__ import annotations

import codecs
import io
import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import BinaryIO

from workbench.findings.finding import Finding, Level
from workbench.findings.scan import Outcome
from workbench.scanning.contract import Budget, Scan, finding
from workbench.scanning.documents import LONGEST, parsed
from workbench.scanning.json_files import scan_json
from workbench.scanning.recipes import check_recipe
from workbench.scanning.settings import CALLS, KNOWN_CODE, PLAIN_TYPES, check_settings
from workbench.scanning.streams import Malformed, head, size_of
from workbench.scanning.templates import LONGEST as LONGEST_TEMPLATE
from workbench.scanning.templates import check_template
from workbench.scanning.unpacking import IN_MEMORY
from workbench.scanning.wording import escaped

__all__ = ["decoded", "is_text", "is_wide_text", "narrowed", "scan_text"]

_PIECE = 1 << 20
_OVERLAP = 4096  # characters that two pieces share, so that nothing falls between them
_FLAGS = re.IGNORECASE | re.MULTILINE
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_ACCENTED = [bytes([n]) for n in range(128, 256)]
_FENCE = re.compile(r"^ {0,3}(```|~~~).*?(?:^ {0,3}\1|\Z)", re.MULTILINE | re.DOTALL)
_TEMPLATE = re.compile(
    r"\{%[-+]?\s*(?:for|if|set|macro|generation|raw|include|import|extends|from)\b|"
    r"\{\{[^{}]{0,300}(?:__\w|\b(?:cycler|lipsum|joiner)\b|\|\s*attr\b)"
)
_SPACES = b" \t\r\n\v\f"
_LETTERS = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")
_MOST_LETTERS = 16 << 20  # bytes of a text that is unpacked if it is nothing but letters
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_TEMPLATE_NAMES = (".jinja", ".jinja2", ".j2", "…")  # a name that was cut may have been one
_PROGRAM_NAMES = (
    *(".py", ".pyw", ".pyx", ".pth", ".sh", ".bash", ".bat", ".cmd", ".ps1", ".js", ".mjs", ".rb"),
    *(".pl", ".php", ".r", ".jl", ".lua", ".vbs", ".scpt", ".desktop", ".lnk", ".command"),
    *("/makefile", "/gnumakefile", "/dockerfile", "/.envrc", "/.rprofile", "/.bashrc", "/.profile"),
    *("/jenkinsfile", "/vagrantfile", ".mk", "/startup.m"),
)
_PROGRAM = re.compile(
    r"\A#!|\A@echo\b|\A<\?php|"
    r"^import[ \t]+[A-Za-z_][\w.]*(?:[ \t]+as[ \t]+\w+)?[ \t]*(?:#.*|;.*)?$|"
    r"^from[ \t]+[\w.]+[ \t]+import[ \t]+[\w*(]|"
    r"^(?:async[ \t]+)?def[ \t]+\w+[ \t]*\(.*(?::|,|\()[ \t]*$|"
    r"^[ \t]*(?:exec|eval|__import__)[ \t]*\(",
    re.MULTILINE,
)
_PROGRAM_WORDS = ("#!", "@echo", "<?php", "import", "def", "exec", "eval")
_MARKUP = re.compile(r"\A\s*<(?:\?xml|!doctype|html|svg|pmml|!--)", re.IGNORECASE)

# What makes whoever reads the text do more than read: words that it cannot do
# without, in small letters; pattern, rule, level, why, remedy.
_RULES = (
    (
        ("!!python/", "yaml.org,2002:python", "%tag"),
        re.compile(
            rf"!!python/(?!(?:{'|'.join(PLAIN_TYPES)})\b(?![\w.:/]))|"
            r"tag:yaml\.org,2002:python|^%TAG\b",
            re.MULTILINE,
        ),
        *("yaml-objects", Level.unsafe),
        "It makes YAML readers create objects of Python, and so run code.",
        "Keep plain values only.",
    ),
    (
        ("<!entity", "<!doctype"),
        re.compile(r"<!ENTITY|<!DOCTYPE[^<>\[]{0,2000}+\[", re.IGNORECASE),
        *("xml-entities", Level.unsafe),
        "It defines entities, by which XML readers fetch files or run out of memory.",
        "Take the DOCTYPE out.",
    ),
    (
        ("script", "iframe", "object", "embed", "on"),
        re.compile(
            r"<\s{0,20}(?:script|iframe|object|embed)\b|javascript:|"
            r"<[a-z][^<>]{0,400}\son[a-z]{3,20}\s{0,20}=",
            re.IGNORECASE,
        ),
        *("script", Level.concern),
        "It holds a script, which may run when it is shown in a browser.",
        "Take the script out, or do not open it in a browser.",
    ),
    (
        ("trust_remote_code:", "auto_map:"),
        re.compile(r"^[ \t]*(?:trust_remote_code:[ \t]*(?:true|yes|on)|auto_map:)", _FLAGS),
        *("remote-code", Level.unsafe),
        "It asks the program that loads the model to run code that comes with it.",
        "Take this out, and use a model that its library knows.",
    ),
    (
        ("\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069"),
        re.compile(r"[\u202a-\u202e\u2066-\u2069]"),
        *("hidden-order", Level.concern),
        "It has characters that change the order in which text is shown.",
        "Look at it in a program that shows such characters.",
    ),
)  # fmt: skip


def is_text(stream: BinaryIO, budget: Budget) -> bool:
    """Tell whether all of a stream is text without control characters: UTF-8, or Windows-1252.

    Tables that come from older programs are in the latter. What is searched for in texts is ASCII,
    which is the same in both.
    """
    return _is_decoded(stream, budget, "utf-8") or (
        _is_western(head(stream, _PIECE)) and _is_decoded(stream, budget, "cp1252")
    )


def is_wide_text(stream: BinaryIO, budget: Budget) -> bool:
    """Tell whether a stream is text of two bytes a letter, as spreadsheets of Windows write it.

    Such text has a mark at its start. It is looked at as a whole, so it may not be very long.
    """
    start = head(stream, 2)
    fits = size_of(stream) <= IN_MEMORY
    return fits and start in _WIDE and _is_decoded(stream, budget, "utf-16")


def narrowed(stream: BinaryIO, budget: Budget) -> BinaryIO:
    """Return the same text in UTF-8."""
    text = head(stream, IN_MEMORY).decode("utf-16")
    budget.expand(len(text))
    return io.BytesIO(text.encode())


def decoded(stream: BinaryIO, budget: Budget) -> Iterator[bytes]:
    """Yield what a text comes to that is nothing but bytes written as letters: Base64, or hex."""
    start = head(stream, 4096).translate(None, _SPACES).rstrip(b"=")
    if size_of(stream) > _MOST_LETTERS or not _LETTERS.fullmatch(start):
        return
    data = head(stream, _MOST_LETTERS).translate(None, _SPACES)
    if len(data) % 2 or not _LETTERS.fullmatch(data):
        return
    budget.expand(len(data))
    for decode in (bytes.fromhex, _from_base64):
        with suppress(ValueError):
            yield decode(data.decode())


def _from_base64(text: str) -> bytes:
    return b64decode(text, altchars="-_" if "-" in text or "_" in text else None, validate=True)


def _is_western(start: bytes) -> bool:
    """Tell whether bytes are lines of letters of which a few have accents."""
    accents = sum(map(start.count, _ACCENTED))
    return b"\n" in start and 4 * accents <= len(start)


def _is_decoded(stream: BinaryIO, budget: Budget, coding: str) -> bool:
    decoder = codecs.getincrementaldecoder(coding)()
    stream.seek(0)
    try:
        while True:
            piece = stream.read(_PIECE)
            budget.spend(1 + len(piece) // 4096)
            if _CONTROLS.search(decoder.decode(piece, final=not piece)):
                return False
            if not piece:
                return True
    except UnicodeDecodeError:
        return False


def scan_text(stream: BinaryIO, place: str, budget: Budget) -> Scan:
    """Return what was found in text, or in the JSON document that it is."""
    size = size_of(stream)
    start = head(stream, 64).lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] in (b"{", b"[") and not place.lower().endswith(_TEMPLATE_NAMES):
        document = _document(stream, size, place, budget)
        if document is not None:
            return document
    scan = Scan(_kind(stream), reason="It is plain text, and cannot run code.")
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    kept = ""
    stream.seek(0)
    while piece := stream.read(_PIECE):
        budget.spend(1 + len(piece) // 4096)
        text = kept + decoder.decode(piece)
        _check(text, place, scan)
        for check in (check_settings, check_recipe):
            _check_by(check, text, place, scan)
        kept = text[-_OVERLAP:]
    _check_program(head(stream, LONGEST).decode("utf-8", "replace"), place, scan)
    _check_template(stream, size, place, budget, scan)
    return scan


def _level(rule: str, level: Level, kind: str) -> Level:
    """A page or drawing is opened by a browser, which runs its scripts; other text is not."""
    return Level.unsafe if (rule, kind) == ("script", "markup") else level


def _document(stream: BinaryIO, size: int, place: str, budget: Budget) -> Scan | None:
    """Return what was found in a JSON document; none if it is some other text."""
    if size > LONGEST:
        what = f"over {LONGEST >> 20} MiB"
        why = "It is a JSON document that is too long to look into."
        remedy = "Save it in a compact form, such as safetensors or UBJSON."
        scan = Scan("json")
        scan.add(finding("too-large", place, what, why, remedy=remedy))
        return scan
    try:
        return scan_json(parsed(head(stream, size).removeprefix(codecs.BOM_UTF8)), place, budget)
    except Malformed as error:
        if "twice" not in str(error):
            return None
    scan = Scan("json")
    why = "It says something twice, and programs differ in which they take."
    scan.add(finding("said-twice", place, "JSON object", why, remedy="Save it again."))
    return scan


def _kind(stream: BinaryIO) -> str:
    start = head(stream, 4096).decode("utf-8", "ignore")
    if start.startswith("tree\nversion="):
        return "lightgbm"
    return "markup" if _MARKUP.match(start) else "text"


def _check(text: str, place: str, scan: Scan) -> None:
    known = {found.rule for found in scan.findings}
    small = text.lower()
    for words, pattern, rule, level, why, remedy in _RULES:
        if rule in known or not any(word in small for word in words):
            continue
        if (match := pattern.search(text)) is not None:
            what = escaped(match.group().strip(), 60)
            level = _level(rule, level, scan.kind)
            scan.add(finding(rule, place, what, why, level=level, remedy=remedy))


def _check_by(
    check: Callable[[str, str], Iterator[Finding]], text: str, place: str, scan: Scan
) -> None:
    known = {(found.rule, found.what) for found in scan.findings}
    for found in check(text, place):
        if (found.rule, found.what) not in known:
            scan.add(found)
            known.add((found.rule, found.what))
        if found.rule == KNOWN_CODE:
            scan.worsen(Outcome.allowed, CALLS)


def _check_program(text: str, place: str, scan: Scan) -> None:
    match = None
    if any(word in text for word in _PROGRAM_WORDS):
        match = _PROGRAM.search(_FENCE.sub("", text))
    if match is not None or f"/{place.lower()}".endswith(_PROGRAM_NAMES):
        what = escaped(match.group().strip(), 60) if match else "program"
        why = "It is a program, or looks like one."
        remedy = "Share programs as what they are, apart from the model."
        scan.kind = "program"
        scan.add(finding("program", place, what, why, remedy=remedy))


def _check_template(stream: BinaryIO, size: int, place: str, budget: Budget, scan: Scan) -> None:
    text = head(stream, min(size, 4 * LONGEST_TEMPLATE)).decode("utf-8", "replace")
    named = place.lower().endswith(_TEMPLATE_NAMES)
    if named or (size <= 4 * LONGEST_TEMPLATE and _TEMPLATE.search(text)):
        scan.kind = "template"
        for found in check_template(text, place, budget):
            scan.add(found)
