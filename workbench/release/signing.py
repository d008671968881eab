"""The signed list of a model's files, as OpenSSF Model Signing (OMS) v1.0 writes it.

The statement names each file with its SHA-256; its subject is the *root digest*, one digest for
the whole model that other statements refer to. We write the interoperable form only (SHA-256,
whole files) and read what ``model_signing`` writes in that form.

OMS orders files by name (section 5.2.1, Unicode code points). ``model_signing`` 1.1 orders them by
path part instead, so that ``d/f`` comes before ``d.txt``; both orders are read, ours is written.
Paths that a signer chose to leave out (``ignore_paths``) are never left out here: a file without a
signature is refused, whatever the statement says about it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.crypto import dsse
from workbench.crypto.keys import VerifyingKey
from workbench.errors import InputError, TrustError

__all__ = [
    "PREDICATE_TYPE",
    "Resource",
    "check_files",
    "check_name",
    "root_digest",
    "sign",
    "statement",
    "verify",
]

PREDICATE_TYPE = "https://model_signing/signature/v1.0"
MAX_NAME = 1024  # bytes; file systems stop at 4096 for a whole path, our folder comes before it
MAX_PART = 255  # bytes; the longest file name common file systems keep
MAX_FILES = 10_000  # one layer each; keeps the OCI manifest below the 4 MiB registries accept

_STEP = "model signature"
_FILES = "model files"
_HEX = re.compile(r"[0-9a-f]{64}\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_GLOB = re.compile(r"[*?\[]")
_ASK = "Ask the owner to publish the model again; do not use these files."


@dataclass(frozen=True)
class Resource:
    """One file of a model: its relative name and the hex SHA-256 of its content."""

    name: str
    digest: str


def check_name(name: str) -> str:
    """Return ``name`` if it can name a file of a model (OMS section 6.1.2, and stricter).

    A name is a relative POSIX path in one spelling. ``.git*`` at the top is refused instead of left
    out as OMS tools do: what is left out would travel unsigned.

    Raises:
        InputError: any other name.
    """
    reason = _name_fault(name)
    if reason:
        raise InputError(
            f"A file of the model cannot be called {_shown(name)}: {reason}.",
            unchanged="Nothing was signed or written.",
            hint="Rename or remove the file, then try again.",
        )
    return name


def root_digest(resources: Sequence[Resource]) -> str:
    """Return the hex root digest of a model: SHA-256 over its files' digests in name order.

    Source: OMS section 6.5.1.

    Raises:
        InputError: no files, a name or digest in another spelling, or a name used twice.
    """
    return _root(_ordered(resources))


def statement(model_name: str, resources: Sequence[Resource]) -> bytes:
    """Return the in-toto statement that lists a model's files (OMS sections 5 and 6).

    ``model_name`` is for people only; verifiers do not rely on it.

    Raises:
        InputError: as :func:`root_digest`, or an empty model name.
    """
    if not model_name or _CONTROL.search(model_name):
        raise InputError("A model needs a name without control characters.")
    ordered = _ordered(resources)
    predicate = {
        "serialization": {
            "method": "files",
            "hash_type": "sha256",
            "allow_symlinks": False,
            "ignore_paths": [],
        },
        "resources": [
            {"name": item.name, "algorithm": "sha256", "digest": item.digest} for item in ordered
        ],
    }
    return dsse.statement([(model_name, _root(ordered))], PREDICATE_TYPE, predicate)


def sign(
    model_name: str,
    resources: Sequence[Resource],
    sign: Callable[[bytes], bytes],
    signing_key_pem: str,
) -> str:
    """Return the model's signature as a Sigstore bundle, ready to be written as ``model.sig``.

    ``sign`` signs with ECDSA P-256 and SHA-256 (DER); ``signing_key_pem`` is its public half.

    Raises:
        InputError: as :func:`statement`.
    """
    return dsse.bundle(statement(model_name, resources), sign, signing_key_pem)


def verify(bundle_text: str, key: VerifyingKey) -> tuple[Resource, ...]:
    """Return the files that ``key`` signed, in the order of the statement.

    Bundles in any JSON spelling are read, since other tools do not write canonical JSON.

    Raises:
        TrustError: wrong key or signature, or a statement other than OMS v1.0 over whole files with
            SHA-256 (step ``"model signature"``).
    """
    verified = dsse.verify(
        bundle_text, key, predicate_type=PREDICATE_TYPE, step=_STEP, canonical=False
    )
    predicate = verified.statement["predicate"]
    if not isinstance(predicate, dict):
        raise _refused("its list of files is missing")
    _check_serialization(predicate.get("serialization"))
    resources = _read_resources(predicate.get("resources"))
    _check_subject(verified.statement["subject"], resources)
    return resources


def check_files(signed: Sequence[Resource], found: Sequence[Resource]) -> None:
    """Compare the files that are there with those that were signed.

    Raises:
        TrustError: a file is missing, unsigned or different (step ``"model files"``); it is named.
    """
    expected = {item.name: item.digest for item in signed}
    present = {item.name: item.digest for item in found}
    if len(present) != len(found):
        raise TrustError(_FILES, "a file is there twice under one name.", hint=_ASK)
    complaints = (
        ("is signed but not there", sorted(expected.keys() - present.keys())),
        ("is there but nobody signed it", sorted(present.keys() - expected.keys())),
        (
            "is not the file that was signed",
            sorted(
                name for name in expected.keys() & present.keys() if expected[name] != present[name]
            ),
        ),
    )
    for complaint, names in complaints:
        if names:
            others = f" The same goes for {len(names) - 1} more." if len(names) > 1 else ""
            raise TrustError(
                _FILES,
                f"{_shown(names[0])} {complaint}.{others}",
                hint="Do not load this model; fetch it again, or ask its owner for help.",
            )


def _name_fault(name: str) -> str:
    """Say what is wrong with a name, or nothing."""
    try:
        size = len(name.encode("utf-8"))
    except UnicodeEncodeError:
        return "it is not valid Unicode"
    parts = name.split("/")
    faults = (
        (not name, "it is empty"),
        (size > MAX_NAME, f"it is longer than {MAX_NAME} bytes"),
        (bool(_CONTROL.search(name)), "it holds control or direction-changing characters"),
        ("\\" in name, "it holds a backslash"),
        (name.startswith("/"), "it starts at the root of the disk"),
        (any(part in ("", ".", "..") for part in parts), "it is not a plain relative path"),
        (
            any(len(part.encode("utf-8")) > MAX_PART for part in parts),
            f"a part of it is longer than {MAX_PART} bytes",
        ),
        (parts[0].startswith(".git"), "files of git would travel unsigned"),
    )
    return next((reason for applies, reason in faults if applies), "")


def _shown(name: str) -> str:
    """Show a name from outside to a person: escaped and cut."""
    return ascii(name[:200]) if not name.isprintable() else repr(name[:200])


def _ordered(resources: Sequence[Resource]) -> list[Resource]:
    """Return checked resources in name order."""
    fault = _list_fault(resources)
    if fault:
        raise InputError(f"These files cannot be signed as a model: {fault}.")
    return sorted(resources, key=lambda item: item.name)


def _list_fault(resources: Sequence[Resource]) -> str:
    """Say what is wrong with a list of files, or nothing."""
    if not resources:
        return "there is no file"
    if len(resources) > MAX_FILES:
        return f"there are more than {MAX_FILES} files"
    names = {item.name for item in resources}
    if len(names) != len(resources):
        return "a name is there twice"
    for item in resources:
        if not _HEX.match(item.digest):
            return f"the digest of {_shown(item.name)} is not a hex SHA-256"
        reason = _name_fault(item.name)
        if reason:
            return f"{_shown(item.name)}: {reason}"
        folders = item.name.split("/")[:-1]
        if any("/".join(folders[: depth + 1]) in names for depth in range(len(folders))):
            return f"{_shown(item.name)} lies inside another file"
    return ""


def _root(resources: Sequence[Resource]) -> str:
    return hashlib.sha256(b"".join(bytes.fromhex(item.digest) for item in resources)).hexdigest()


def _refused(reason: str) -> TrustError:
    return TrustError(_STEP, f"the signature over the model cannot be used: {reason}.", hint=_ASK)


def _check_serialization(serialization: Any) -> None:
    """OMS section 5.2.2: only whole files, SHA-256 and no links; see the module on ignore_paths."""
    if not isinstance(serialization, dict):
        raise _refused("it does not say how the files were hashed")
    known = {"method", "hash_type", "allow_symlinks", "ignore_paths"}
    if not known - {"ignore_paths"} <= serialization.keys() <= known:
        raise _refused("it says in an unknown way how the files were hashed")
    if serialization["method"] != "files":
        raise _refused("it signs parts of files; only whole files are supported")
    if serialization["hash_type"] != "sha256":
        raise _refused("the files were hashed with something other than SHA-256")
    if serialization["allow_symlinks"] is not False:
        raise _refused("it allows links in the model folder")
    ignored = serialization.get("ignore_paths", [])
    if not isinstance(ignored, list) or not all(_is_ignorable(path) for path in ignored):
        raise _refused("its list of left-out files is malformed")


def _is_ignorable(path: Any) -> bool:
    """OMS section 6.2.1: exact relative paths, no patterns."""
    if not isinstance(path, str) or not path or len(path) > MAX_NAME:
        return False
    return not (path.startswith("/") or ".." in path.split("/") or _GLOB.search(path))


def _read_resources(entries: Any) -> tuple[Resource, ...]:
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise _refused("its list of files is missing")
    resources = []
    for entry in entries:  # OMS section 5.2.1: further fields of an entry must be ignored
        name, digest = entry.get("name"), entry.get("digest")
        if not isinstance(name, str) or not isinstance(digest, str):
            raise _refused("a file in its list has no name or no digest")
        if entry.get("algorithm") != "sha256":
            raise _refused(f"{_shown(name)} was hashed with something other than SHA-256")
        resources.append(Resource(name, digest))
    fault = _list_fault(resources)
    if fault:
        raise _refused(fault)
    names = [item.name for item in resources]
    if names not in (sorted(names), sorted(names, key=lambda name: name.split("/"))):
        raise _refused("its list of files is not in order")
    return tuple(resources)


def _check_subject(subjects: Any, resources: Sequence[Resource]) -> None:
    """OMS section 6.5: one subject, the root digest over the files in the order listed."""
    if len(subjects) != 1 or subjects[0]["digest"] != {"sha256": _root(resources)}:
        raise _refused("its digest for the whole model does not fit its list of files")
