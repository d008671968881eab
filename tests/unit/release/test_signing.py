"""The signed list of a model's files: names, order, root digest, and nothing left unsigned."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.crypto import dsse
from workbench.crypto.keys import SigningKey
from workbench.encoding import canonical
from workbench.errors import InputError, TrustError
from workbench.release import signing
from workbench.release.signing import Resource

KEY = SigningKey.generate()
FILES = [Resource(name, hashlib.sha256(name.encode()).hexdigest()) for name in ("b/c", "a", "b.d")]
GOOD = json.loads(signing.statement("model", FILES))
PARTS = st.text("abc.", min_size=1, max_size=4).filter(lambda part: part not in (".", ".."))
NAMES = st.lists(PARTS, min_size=1, max_size=3).map("/".join)


def sign(value: object) -> str:
    """Sign any statement, in canonical JSON."""
    return dsse.bundle(canonical(value), KEY.sign, KEY.public.pem)


def refused(value: object) -> str:
    with pytest.raises(TrustError) as caught:
        signing.verify(sign(value), KEY.public)
    assert caught.value.step == "model signature"
    return caught.value.message


def test_the_root_digest_is_that_of_the_specification() -> None:
    """SHA-256 over the files' digests, in the order of their names by code point."""
    ordered = [bytes.fromhex(FILES[number].digest) for number in (1, 2, 0)]
    assert [FILES[number].name for number in (1, 2, 0)] == ["a", "b.d", "b/c"]
    assert signing.root_digest(FILES) == hashlib.sha256(b"".join(ordered)).hexdigest()


def test_what_is_signed_is_read() -> None:
    """In order, whatever order it was given in; the statement says how it was made."""
    bundle = signing.sign("model", FILES, KEY.sign, KEY.public.pem)
    assert signing.verify(bundle, KEY.public) == tuple(sorted(FILES, key=lambda item: item.name))
    assert GOOD["predicateType"] == "https://model_signing/signature/v1.0"
    assert GOOD["predicate"]["serialization"] == {
        "method": "files",
        "hash_type": "sha256",
        "allow_symlinks": False,
        "ignore_paths": [],
    }


@given(st.sets(NAMES, min_size=1, max_size=8))
def test_any_files(names: set[str]) -> None:
    """Any set of names is signed and read back, or refused before it is signed."""
    resources = [Resource(name, hashlib.sha256(name.encode()).hexdigest()) for name in names]
    nested = any(other.startswith(f"{name}/") for name in names for other in names)
    if nested or any(name.startswith(".git") for name in names):
        with pytest.raises(InputError):
            signing.statement("model", resources)
        return
    bundle = signing.sign("model", resources, KEY.sign, KEY.public.pem)
    assert set(signing.verify(bundle, KEY.public)) == set(resources)


BAD_NAMES = {
    "": "empty",
    "/etc/passwd": "root of the disk",
    "../up": "plain relative path",
    "a/../b": "plain relative path",
    "a/./b": "plain relative path",
    "a//b": "plain relative path",
    "a/": "plain relative path",
    ".": "plain relative path",
    "a\\b": "backslash",
    "a\nb": "control",
    "a\x00b": "control",
    "a\u202eb": "direction-changing",
    ".git/config": "git",
    ".gitattributes": "git",
    "\udcff": "valid Unicode",
    "x" * 256: "part of it is longer",
    "é" * 128: "part of it is longer",
    "/".join(["x" * 200] * 6): "longer than",
}


@pytest.mark.parametrize("name", BAD_NAMES, ids=ascii)
def test_names_that_no_file_has(name: str) -> None:
    """Refused before signing with the reason, and refused in what somebody else signed."""
    with pytest.raises(InputError, match=BAD_NAMES[name]) as caught:
        signing.check_name(name)
    assert caught.value.unchanged
    with pytest.raises(InputError):
        signing.root_digest([Resource(name, "ab" * 32)])
    if name.isascii() or name.isprintable():
        refused(with_files([{"name": name, "algorithm": "sha256", "digest": "ab" * 32}]))


@pytest.mark.parametrize("name", ["a", "a b", "ü/ö", ".hidden", "a/.git", "x" * 255, "-", "..."])
def test_names_that_files_have(name: str) -> None:
    """Returned as they are."""
    assert signing.check_name(name) == name


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ([], "no file"),
        ([FILES[0], FILES[0]], "twice"),
        ([Resource("a", "AB" * 32)], "hex SHA-256"),
        ([Resource("a", "ab" * 31)], "hex SHA-256"),
        ([Resource("a", "ab" * 32), Resource("a/b", "ab" * 32)], "inside another"),
        ([Resource(f"{n}", "ab" * 32) for n in range(signing.MAX_FILES + 1)], "more than"),
    ],
)
def test_lists_that_cannot_be_signed(files: list[Resource], reason: str) -> None:
    """Nothing, the same twice, another spelling, a file within a file, too many."""
    with pytest.raises(InputError, match=reason):
        signing.statement("model", files)


@pytest.mark.parametrize("name", ["", "two\nlines"])
def test_a_model_has_a_name(name: str) -> None:
    """One line of text."""
    with pytest.raises(InputError, match="name"):
        signing.statement(name, FILES)


def with_files(entries: object) -> dict[str, Any]:
    """Return the good statement with other files, and the root digest that fits them."""
    value = json.loads(json.dumps(GOOD))
    value["predicate"]["resources"] = entries
    try:
        digests = b"".join(bytes.fromhex(entry["digest"]) for entry in entries)  # type: ignore[attr-defined] - as attackers do
        value["subject"][0]["digest"]["sha256"] = hashlib.sha256(digests).hexdigest()
    except (TypeError, KeyError, ValueError):
        pass
    return value


def with_serialization(**changes: object) -> dict[str, Any]:
    value = json.loads(json.dumps(GOOD))
    value["predicate"]["serialization"].update(changes)
    return value


ENTRIES = GOOD["predicate"]["resources"]
STATEMENTS: dict[str, Callable[[], object]] = {
    "files in another order": lambda: with_files(ENTRIES[::-1]),
    "a file twice": lambda: with_files([ENTRIES[0], *ENTRIES]),
    "no file": lambda: with_files([]),
    "no list": lambda: with_files(None),
    "files that are texts": lambda: with_files(["a"]),
    "a file without a digest": lambda: with_files([{"name": "a", "algorithm": "sha256"}]),
    "a file hashed otherwise": lambda: with_files([{**ENTRIES[0], "algorithm": "blake3"}]),
    "a digest in capitals": lambda: with_files([{**ENTRIES[0], "digest": "AB" * 32}]),
    "another root": lambda: {**GOOD, "subject": [{"name": "m", "digest": {"sha256": "ab" * 32}}]},
    "two roots": lambda: {**GOOD, "subject": GOOD["subject"] * 2},
    "no predicate": lambda: {**GOOD, "predicate": []},
    "another kind": lambda: {**GOOD, "predicateType": "urn:example:x"},
    "shards": lambda: with_serialization(method="shards"),
    "another hash": lambda: with_serialization(hash_type="blake3"),
    "links": lambda: with_serialization(allow_symlinks=True),
    "links, in another spelling": lambda: with_serialization(allow_symlinks=0),
    "more": lambda: with_serialization(shard_size=1),
    "left-out files as a pattern": lambda: with_serialization(ignore_paths=["*.py"]),
    "left-out files outside": lambda: with_serialization(ignore_paths=["../x"]),
    "left-out files that are a text": lambda: with_serialization(ignore_paths="x"),
}


@pytest.mark.parametrize("what", STATEMENTS)
def test_other_statements(what: str) -> None:
    """A good signature over anything else than whole files with SHA-256, in order, is refused."""
    assert refused(STATEMENTS[what]())


def test_left_out_files_are_not_left_out_here() -> None:
    """A signer may name files to ignore; without a signature they are refused all the same."""
    value = with_serialization(ignore_paths=["notes.txt"])
    signed = signing.verify(sign(value), KEY.public)
    with pytest.raises(TrustError, match=r"'notes.txt' is there but nobody signed it"):
        signing.check_files(signed, [*signed, Resource("notes.txt", "ab" * 32)])


def test_the_order_of_the_reference_program_is_read() -> None:
    """``model_signing`` puts ``b/c`` before ``b.d``, with the root digest in that order."""
    entries = [ENTRIES[0], ENTRIES[2], ENTRIES[1]]
    assert [entry["name"] for entry in entries] == ["a", "b/c", "b.d"]
    assert len(signing.verify(sign(with_files(entries)), KEY.public)) == 3


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (FILES[1:], r"'b/c' is signed but not there"),
        ([], r"'a' is signed but not there. The same goes for 2 more"),
        ([*FILES, Resource("new", "ab" * 32)], r"'new' is there but nobody signed it"),
        ([*FILES[:2], Resource("b.d", "ab" * 32)], r"'b.d' is not the file that was signed"),
        ([*FILES, FILES[0]], r"twice"),
        ([*FILES, Resource("a\u202eb", "ab" * 32)], r"'a\\u202eb' is there"),
    ],
)
def test_other_files(found: list[Resource], said: str) -> None:
    """The file is named, so that a person can look at it."""
    signing.check_files(FILES, FILES[::-1])
    with pytest.raises(TrustError, match=said) as caught:
        signing.check_files(FILES, found)
    assert caught.value.step == "model files"
